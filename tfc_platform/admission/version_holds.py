"""Which versions of a return are held for what they lost against the last good one, until somebody says that they are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tfc_platform.admission.arrivals import Acceptance, Arrival, ContentHold, VersionChange
from tfc_platform.admission.content_identity import Version
from tfc_platform.admission.version_changes import count_change
from tfc_platform.contracts.model import Hold
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.ingest.file_ending import CUT, LINE, OPEN

__all__ = ["UNACCEPTABLE", "VERSION_CAUSES", "JudgedVersions", "VersionEvidence", "is_good", "judge_versions"]

UNACCEPTABLE = frozenset({"failed_check"})  # no word of a person makes rows keep a rule that every figure keeps
VERSION_CAUSES = frozenset({"cut_short", "sheet_lost", "shrunk", "ids_lost", "period_lost"})
FEW_ROWS = 2  # as many last rows as somebody takes out by hand
MOST_NAMED = 3  # months or sheets in one sentence
ASK = " Send the whole return. If it is right, send the same file again under another name."


@dataclass(frozen=True)
class VersionEvidence:
    """What is known of versions beside their counts.

    `change` compares a version with the one before it, `hold` gives a contract's limits, `begins` says whether the second
    version's bytes are the beginning of the first's, and `accepted` has what people accepted, by site, source and SHA-256.
    """

    change: Callable[[Arrival, Arrival], VersionChange] = count_change
    hold: Callable[[Arrival], Hold] = lambda _: Hold()
    begins: Callable[[Arrival, Arrival], bool] = lambda _, __: False
    accepted: Mapping[tuple[str, str | None, str], Acceptance] = field(default_factory=dict)

    def acceptance(self, arrival: Arrival) -> Acceptance | None:
        """Somebody's word that a content is right."""
        return self.accepted.get((arrival.site, arrival.source, arrival.sha256))


@dataclass
class JudgedVersions:
    """What comparing the versions of one return gave."""

    holds: dict[Arrival, ContentHold] = field(default_factory=dict)
    changes: dict[Arrival, VersionChange] = field(default_factory=dict)
    accepted: dict[Arrival, Acceptance] = field(default_factory=dict)  # those that would be held without it


def is_good(arrival: Arrival, holds: Mapping[str, ContentHold], evidence: VersionEvidence) -> bool:
    """Whether a version can count for itself: it reads well, or was read and is accepted, and no check holds it.

    :param holds: contents, by SHA-256, that are held for another reason than the version before.
    """
    is_accepted = evidence.acceptance(arrival) is not None
    hold = holds.get(arrival.sha256)
    if hold is not None and (hold.cause in UNACCEPTABLE or not is_accepted):
        return False
    return arrival.status == "read" or (arrival.status == "held" and is_accepted and arrival.accepted > 0)


def judge_versions(
    versions: Sequence[Version], holds: Mapping[str, ContentHold], evidence: VersionEvidence
) -> JudgedVersions:
    """Compare each good version of one return with the last good one before it.

    :param versions: the highest last.
    """
    judged = JudgedVersions()
    last: Arrival | None = None
    for version in versions:
        arrival = version.arrival
        if not is_good(arrival, holds, evidence):
            continue
        hold = _cut(arrival)
        if last is not None:
            change = judged.changes[arrival] = evidence.change(last, arrival)
            begins = change.gone > 0 and evidence.begins(last, arrival)
            hold = hold or _hold(arrival, last, change, begins, evidence.hold(arrival))
        acceptance = evidence.acceptance(arrival)
        if acceptance is not None and (hold is not None or arrival.status == "held" or arrival.sha256 in holds):
            judged.accepted[arrival] = acceptance
        elif hold is not None and not version.is_sent_again:
            judged.holds[arrival] = hold
            continue
        last = arrival
    return judged


def _cut(arrival: Arrival) -> ContentHold | None:
    if arrival.ending != CUT:
        return None
    return ContentHold(f"The file ends in the middle of a row, as where an upload stopped.{ASK}", "cut_short")


def _hold(arrival: Arrival, last: Arrival, change: VersionChange, begins: bool, limits: Hold) -> ContentHold | None:
    """Why a version is asked about, or None: the first that holds of what is worth a question."""
    is_open = arrival.ending == OPEN and (begins or (last.ending == LINE and change.gone > 0))
    if is_open or (begins and change.gone > FEW_ROWS):
        what = f"The file ends early: {change.gone} rows that {change.path} has are gone, as where an upload stopped."
        return ContentHold(what + ASK, "cut_short")
    if change.sheets:
        named = [f"“{name}” with {rows} rows" if name else f"one with {rows} rows" for name, rows in change.sheets]
        what = f"It lacks sheets that {change.path} has: {_listed(named)}."
        return ContentHold(what + ASK, "sheet_lost")
    if is_too_much(max(change.before - change.now, 0), change.before, limits.rows_lost):
        what = (
            f"It has {change.now} rows that count, and {change.path} before it has {change.before}: was a filter left on, or the"
            " file cut short?"
        )
        return ContentHold(what + ASK, "shrunk")
    if change.by_id and is_too_much(change.gone, change.before, limits.ids_lost):
        what = (
            f"{change.gone} of the {change.before} records that {change.path} has are not in it: was a filter left on, or is it"
            " another form's export?"
        )
        return ContentHold(what + ASK, "ids_lost")
    lost = [item for item in change.periods if is_too_much(item[2], item[1], limits.period_lost)]
    if lost:
        named = [f"{date.fromisoformat(f'{month}-01'):%B %Y} lost {gone} of {rows} rows" for month, rows, gone in lost]
        what = f"Months that {change.path} has are gone, or nearly: {_listed(named)}."
        return ContentHold(what + ASK, "period_lost")
    return None


def _listed(parts: Sequence[str]) -> str:
    more = len(parts) - MOST_NAMED
    return "; ".join(parts[:MOST_NAMED]) + (f"; and {more} more" if more > 0 else "")
