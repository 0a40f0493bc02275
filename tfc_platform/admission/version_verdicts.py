"""The verdict on every file that ever came: what it is tonight, and whether its rows count.

Versions of one return are ranked by the version in the name, then by arrival. The highest good one counts. A bad one that ranks
above it leaves it counting and holds the source until a good one comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tfc_platform.admission.arrivals import (
    BAD,
    CONTRACT_CHANGE,
    UNREAD,
    Acceptance,
    Arrival,
    ContentHold,
    SourceState,
    Submission,
    VersionChange,
)
from tfc_platform.admission.content_identity import (
    Version,
    contents_of,
    owners_of,
    versions_of,
    without_returns_to_a_content,
)
from tfc_platform.admission.usual_rows import with_usual_rows
from tfc_platform.admission.version_holds import JudgedVersions, VersionEvidence, is_good, judge_versions

__all__ = ["counts_sentence", "decide", "is_corrected", "source_states"]


def counts_sentence(arrival: Arrival) -> str:
    """How many rows of a file are used, refused, or there twice."""
    parts = [f"Rows that count: {arrival.accepted} of {arrival.received}"]
    if arrival.rejected:
        parts.append(f"rejected: {arrival.rejected}")
    if arrival.duplicate:
        parts.append(f"came twice: {arrival.duplicate}")
    return "; ".join(parts) + "."


def _copy(arrival: Arrival, original: Arrival) -> Submission:
    same = "bytes" if original.sha256 == arrival.sha256 else "content"
    message = f"The same {same} came as {original.path}: {'they are' if same == 'bytes' else 'it is'} used once."
    return Submission(arrival, "duplicate_file", False, message)


def _judge_return(
    versions: Sequence[Version], holds: Mapping[str, ContentHold], evidence: VersionEvidence, judged: JudgedVersions
) -> list[Submission]:
    """All versions of one return, the highest last, with their copies."""
    arrivals = [version.arrival for version in versions]
    good = [item for item in arrivals if is_good(item, holds, evidence) and item not in judged.holds]
    counted = good[-1] if good else None
    submissions = []
    for arrival in arrivals:
        change, acceptance = judged.changes.get(arrival), judged.accepted.get(arrival)
        if arrival in good:
            if arrival is counted:
                said = f" It was accepted on {acceptance.on:%d/%m/%Y}." if acceptance else ""
                one = Submission(arrival, "accepted", True, f"{counts_sentence(arrival)}{said}")
            else:
                assert counted is not None
                message = f"A later version of this return, {counted.path}, has taken its place."
                one = Submission(arrival, "superseded", False, message, counted.path)
            submissions.append(_with(one, change, acceptance))
            continue
        hold = judged.holds.get(arrival) or (holds.get(arrival.sha256) if arrival.status in ("read", "held") else None)
        status = "held" if hold is not None else arrival.status or "unrecognised"
        reason = hold.reason if hold is not None else arrival.message or ""
        submissions.append(
            Submission(arrival, status, False, f"{reason}{_instead(arrival, counted)}", hold=hold, change=change)
        )
    copies = [_copy(item, version.arrival) for version in versions for item in version.copies]
    return submissions + copies


def _with(one: Submission, change: VersionChange | None, acceptance: Acceptance | None) -> Submission:
    return replace(one, change=change, acceptance=acceptance)


def _instead(bad: Arrival, counted: Arrival | None) -> str:
    """What counts in place of a version that does not, as a further sentence."""
    if counted is None:
        return ""
    if counted.path == bad.path:
        return f" What was received under this name on {counted.seen_on:%d/%m/%Y} is used instead."
    if counted.standing < bad.standing:
        return f" {counted.path} is used instead."
    return f" {counted.path} has come since and is used."


def decide(
    arrivals: Iterable[Arrival],
    holds: Mapping[str, ContentHold] | None = None,
    evidence: VersionEvidence | None = None,
) -> list[Submission]:
    """What every arrival is tonight, in the order of their paths and numbers.

    :param holds: contents (by SHA-256) that are held whatever the versions before them say, with the reason.
    :param evidence: what is known of versions beside their counts.
    """
    everything = list(arrivals)
    holds, evidence = holds or {}, evidence or VersionEvidence()
    contents = contents_of(everything)
    owners = owners_of(everything, contents)
    submissions: list[Submission] = []
    returns: dict[tuple[str, str | None, str], list[Arrival]] = {}
    for arrival in without_returns_to_a_content(everything, contents):
        owner = owners[contents[arrival]]
        is_nameless = arrival.return_key is None  # its name says no return: each file is for itself, and cannot count
        if arrival.source is None:
            submissions.append(Submission(arrival, "unrecognised", False, arrival.message))
        elif arrival.status not in UNREAD and (
            owner.return_key != arrival.return_key or (is_nameless and owner.path != arrival.path)
        ):
            submissions.append(_copy(arrival, owner))
        elif arrival.return_key is None:
            submissions += _judge_return([Version(arrival)], holds, evidence, JudgedVersions())
        else:
            returns.setdefault((arrival.site, arrival.source, arrival.return_key), []).append(arrival)
    for of_return in returns.values():
        versions = versions_of(of_return, contents)
        submissions += _judge_return(versions, holds, evidence, judge_versions(versions, holds, evidence))
    return with_usual_rows(sorted(submissions, key=lambda item: (item.arrival.path, item.arrival.number)))


def source_states(sources: Iterable[tuple[str, str]], submissions: Sequence[Submission]) -> list[SourceState]:
    """For each [site, source]: held where a return's highest version is bad, since the first bad one above the good.

    A source whose contract refuses today what it read before is held as well: that is the centre's to correct.
    """
    states = []
    for site, source in sources:
        of_source = [item for item in submissions if (item.arrival.site, item.arrival.source) == (site, source)]
        bad = [item for item in of_source if item.status in BAD and not is_corrected(item, of_source)]
        of_contract = _contract_state(site, source, of_source)
        if not bad:
            states.append(of_contract)
            continue
        latest = max(bad, key=lambda item: item.arrival.order)
        states.append(
            SourceState(
                site,
                source,
                True,
                held_since=min(item.arrival.seen_on for item in bad),
                held_reason=latest.message,
                held_cause=latest.cause,
                held_file=latest.arrival.path,
                contract_reason=of_contract.contract_reason,
            )
        )
    return states


def _contract_state(site: str, source: str, of_source: Sequence[Submission]) -> SourceState:
    """Held for the contract where files that count would not be read by it, or not as many of their rows."""
    refused = [item.arrival for item in of_source if item.is_counted and item.arrival.contract_fault]
    if not refused:
        return SourceState(site, source, False)
    causes = sorted({(arrival.contract_fault or "").replace("_", " ") for arrival in refused})
    files = f"{len(refused)} file{'s' if len(refused) != 1 else ''}"
    reason = (
        f"The contract or the program as it is now does not take {files} that it took before"
        f" ({', '.join(causes)}): they are used as they were read before. The central team has to correct it, or accept"
        " the files by tfc accept."
    )
    since = max(arrival.contract_fault_on or arrival.seen_on for arrival in refused)
    file = max(item.path for item in refused)
    return SourceState(site, source, True, since, reason, CONTRACT_CHANGE, file, reason)


def is_corrected(item: Submission, others: Sequence[Submission]) -> bool:
    """Whether a good version of the same return ranks above a bad one.

    A file whose name says no return is corrected by any good file of its source that comes after it.
    """
    arrival = item.arrival
    good = [other.arrival for other in others if other.is_counted]
    if arrival.return_key is None:
        return any(other.order > arrival.order for other in good)
    return any(other.return_key == arrival.return_key and other.standing > arrival.standing for other in good)
