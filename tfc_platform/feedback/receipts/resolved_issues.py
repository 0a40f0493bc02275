"""What earlier versions of a return had wrong and the latest has not, so that who corrected it sees that it was noticed.

Rows that were refused have no id, so none can be followed: what is compared is how many rows broke a rule, less the rows that are
gone, which nobody has corrected. Only versions whose rows were read are compared: one without its header row breaks no rule of
rows, and has corrected none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from tfc_platform.admission.arrivals import BAD, Arrival, Submission, VersionChange
from tfc_platform.feedback.receipts.schema import IssueLevel, ReceiptIssue, ResolvedIssue
from tfc_platform.feedback.receipts.wording import cause_words, rule_words

__all__ = ["broken_rules", "resolved_issues"]

Broken = Mapping[str, tuple[int, str]]  # rule → how many, and of what


def broken_rules(
    issues: Iterable[ReceiptIssue], level_of: Callable[[ReceiptIssue], IssueLevel]
) -> dict[str, tuple[int, str]]:
    """For each rule that asks something of the sender: how many rows break it, or places where it is of no row."""
    rows: dict[str, set[tuple[str | None, int]]] = {}
    others: Counter[str] = Counter()
    for issue in issues:
        if level_of(issue) not in (IssueLevel.CORRECT, IssueLevel.CHECK):
            continue
        if issue.row_number is None:
            others[issue.reason] += 1
        else:
            rows.setdefault(issue.reason, set()).add((issue.sheet, issue.row_number))
    counts = {rule: (count, "places") for rule, count in others.items()}
    return counts | {rule: (len(places), "rows") for rule, places in rows.items()}


def resolved_issues(versions: Sequence[Submission], broken: Mapping[Arrival, Broken]) -> list[ResolvedIssue]:
    """What the latest version of a return has corrected.

    :param versions: of one return, the latest last.
    :param broken: the rules that each one breaks.
    """
    return [*_files(versions), *_rows(versions, broken)]


def _files(versions: Sequence[Submission]) -> list[ResolvedIssue]:
    """A file that did not count, and one after it that does."""
    last = next((place for place, item in reversed(list(enumerate(versions))) if _is_bad(item)), None)
    if last is None:
        return []
    corrected = next((item.arrival for item in versions[last + 1 :] if item.status in ("accepted", "superseded")), None)
    if corrected is None:
        return []
    bad = versions[last]
    cause = bad.cause or bad.status
    title, _ = cause_words(cause)
    both = f"{_name(corrected)} could be used, where {_name(bad.arrival)} could not: {_low(title)}"
    sentence = f"Corrected since {corrected.seen_on:%d/%m/%Y}: {both}."
    return [_resolved(corrected, cause, title, (1, 0), "file", sentence)]


def _is_bad(item: Submission) -> bool:
    return item.status in (*BAD, "unreadable")


def _rows(versions: Sequence[Submission], broken: Mapping[Arrival, Broken]) -> list[ResolvedIssue]:
    read = [item.arrival for item in versions if item.arrival.received]
    if not read:
        return []
    change_of = {item.arrival: item.change for item in versions}
    latest = broken.get(read[-1], {})
    resolved = []
    for rule in sorted({rule for arrival in read[:-1] for rule in broken.get(arrival, {})}):
        last = max(place for place, arrival in enumerate(read[:-1]) if rule in broken.get(arrival, {}))
        was, unit = broken[read[last]][rule]
        now = latest.get(rule, (0, unit))[0]
        corrected, (title, _) = read[last + 1], rule_words(rule)
        count = was - now - (_rows_gone(read[last:], change_of) if unit == "rows" else 0)
        if count <= 0:
            continue
        left = f" {now} {'is' if now == 1 else 'are'} left." if now else ""
        sentence = (
            f"Corrected since {corrected.seen_on:%d/%m/%Y}: {count} of {was} {_plural(unit, was)} of “{title}”.{left}"
        )
        resolved.append(_resolved(corrected, rule, title, (was, now), unit, sentence))
    return resolved


def _rows_gone(read: Sequence[Arrival], change_of: Mapping[Arrival, VersionChange | None]) -> int:
    """How many rows of the first of these versions the later ones may lack: a row that is not there has not been corrected."""
    pairs = pairwise(read)
    return sum(
        max(before.received - now.received, change.gone if (change := change_of.get(now)) is not None else 0, 0)
        for before, now in pairs
    )


def _low(title: str) -> str:
    return title[:1].lower() + title[1:]


def _plural(unit: str, count: int) -> str:
    return unit if count != 1 else unit[:-1]


def _name(arrival: Arrival) -> str:
    return arrival.path.rsplit("/", 1)[-1]


def _resolved(by: Arrival, rule: str, title: str, counts: tuple[int, int], unit: str, sentence: str) -> ResolvedIssue:
    return ResolvedIssue(
        source=by.source or "",
        return_key=by.return_key or "",
        rule=rule,
        title=title,
        since=by.seen_on,
        was=counts[0],
        now=counts[1],
        unit=unit,
        file=by.path,
        sentence=sentence,
    )
