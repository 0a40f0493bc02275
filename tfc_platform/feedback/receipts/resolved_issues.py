"""What earlier versions of a return had wrong and the newest has not: so that who mended it sees that it was noticed.

Belongs here: comparing the versions of one return, by rule and number of rows. Does not belong: reading them.

Rows move between versions, so that none can be followed from one to the next: what is compared is how many broke a rule.
Only versions whose rows were read are compared: one without its header row breaks no rule of rows, and has mended none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from tfc_platform.admission.version_verdicts import BAD, Arrival, Submission
from tfc_platform.feedback.receipts.schema import Cleared, Issue, Level
from tfc_platform.feedback.receipts.wording import cause_words, rule_words

__all__ = ["broken_rules", "cleared_of"]

Broken = Mapping[str, tuple[int, str]]  # rule → how many, and of what


def broken_rules(issues: Iterable[Issue], level_of: Callable[[Issue], Level]) -> dict[str, tuple[int, str]]:
    """For each rule that asks something of the sender: how many rows break it, or places where it is of no row."""
    rows: dict[str, set[tuple[str | None, int]]] = {}
    others: Counter[str] = Counter()
    for issue in issues:
        if level_of(issue) not in (Level.MEND, Level.CHECK):
            continue
        if issue.row_number is None:
            others[issue.reason] += 1
        else:
            rows.setdefault(issue.reason, set()).add((issue.sheet, issue.row_number))
    found = {rule: (count, "places") for rule, count in others.items()}
    return found | {rule: (len(places), "rows") for rule, places in rows.items()}


def cleared_of(versions: Sequence[Submission], broken: Mapping[Arrival, Broken]) -> list[Cleared]:
    """What the newest version of a return has mended.

    :param versions: of one return, in their standing.
    :param broken: the rules that each one breaks.
    """
    return [*_files(versions), *_rows(versions, broken)]


def _files(versions: Sequence[Submission]) -> list[Cleared]:
    """A file that did not count, and one after it that does."""
    last = next((place for place, item in reversed(list(enumerate(versions))) if _is_bad(item)), None)
    if last is None:
        return []
    mended = next((item.arrival for item in versions[last + 1 :] if item.status in ("accepted", "superseded")), None)
    if mended is None:
        return []
    bad = versions[last]
    cause = bad.cause or bad.status
    title, _ = cause_words(cause)
    both = f"{_name(mended)} could be used, where {_name(bad.arrival)} could not: {_low(title)}"
    sentence = f"Mended since {mended.seen_on:%d/%m/%Y}: {both}."
    return [_cleared(mended, cause, title, (1, 0), "file", sentence)]


def _is_bad(item: Submission) -> bool:
    return item.status in (*BAD, "unreadable")


def _rows(versions: Sequence[Submission], broken: Mapping[Arrival, Broken]) -> list[Cleared]:
    read = [item.arrival for item in versions if item.arrival.received]
    if not read:
        return []
    newest = broken.get(read[-1], {})
    found = []
    for rule in sorted({rule for arrival in read[:-1] for rule in broken.get(arrival, {})}):
        last = max(place for place, arrival in enumerate(read[:-1]) if rule in broken.get(arrival, {}))
        was, unit = broken[read[last]][rule]
        now = newest.get(rule, (0, unit))[0]
        if now >= was:
            continue
        mended, (title, _) = read[last + 1], rule_words(rule)
        left = f" {now} {'is' if now == 1 else 'are'} left." if now else ""
        sentence = (
            f"Mended since {mended.seen_on:%d/%m/%Y}: {was - now} of {was} {_plural(unit, was)} of “{title}”.{left}"
        )
        found.append(_cleared(mended, rule, title, (was, now), unit, sentence))
    return found


def _low(title: str) -> str:
    return title[:1].lower() + title[1:]


def _plural(unit: str, count: int) -> str:
    return unit if count != 1 else unit[:-1]


def _name(arrival: Arrival) -> str:
    return arrival.path.rsplit("/", 1)[-1]


def _cleared(by: Arrival, rule: str, title: str, counts: tuple[int, int], unit: str, sentence: str) -> Cleared:
    return Cleared(
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
