"""Build a site's receipt as data, from the night's admission and the lake."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import pyarrow.parquet as pq

from tfc_platform.admission.admit import Night
from tfc_platform.admission.arrivals import (
    BAD,
    CONTRACT_CHANGE,
    Acceptance,
    Arrival,
    Submission,
    VersionChange,
    latest_of_each_path,
)
from tfc_platform.admission.version_verdicts import is_corrected
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.feedback.flags import disclosures, list_flags
from tfc_platform.feedback.receipts.resolved_issues import broken_rules, resolved_issues
from tfc_platform.feedback.receipts.schema import (
    AcceptedReturn,
    BrokenRule,
    FlagCount,
    HeldSource,
    IssueLevel,
    IssuePlace,
    IssueSentence,
    ReceiptFile,
    ReceiptIssue,
    ResolvedIssue,
    ReturnDue,
    RowTally,
    SiteReceipt,
    VersionComparison,
)
from tfc_platform.feedback.receipts.todo import to_do_of
from tfc_platform.feedback.receipts.wording import cause_words, change_sentence, rule_words
from tfc_platform.ingest.lake import Receipt
from tfc_platform.ingest.look_faults import CONTRACT_ERROR, refused_unread
from tfc_platform.ingest.waiting_files import waiting_files
from tfc_platform.parquet import read_parquet
from tfc_platform.settings import Places

__all__ = ["flags_of", "late", "receipt_of"]

LEVELS = {"error": IssueLevel.CORRECT, "warn": IssueLevel.CHECK, "info": IssueLevel.NOTE}
LevelOf = Callable[[ReceiptIssue], IssueLevel]


def receipt_of(night: Night, catalogue: Catalogue, places: Places, as_of: date, site: str) -> SiteReceipt:
    """Every file of a site with its status and its issues; what is held, due, corrected, and to be done."""
    of_site = [item for item in night.submissions if item.arrival.site == site]
    shown = latest_of_each_path(of_site)
    asking = _asking(shown, of_site)
    files = tuple(_file(item, of_site, night, places, catalogue, item in asking) for item in shown)
    held = tuple(_held(night, site))
    due = tuple(_due(night, site, as_of))
    waiting = waiting_files(places, site)
    return SiteReceipt(
        site=site,
        name=next((item.name for item in catalogue.sites if item.site == site), site),
        as_of=as_of,
        to_do=tuple(to_do_of(files, held, due, waiting, refused_unread(places, site))),
        files=files,
        held=held,
        due=due,
        cleared=tuple(_cleared(of_site, night, places, catalogue)),
        waiting=waiting,
        flags=flags_of(places, site),
    )


def flags_of(places: Places, site: str) -> FlagCount:
    waiting = sum(item["acknowledged_at"] is None for item in disclosures(list_flags(places, site)))
    return FlagCount(waiting=waiting, where=f"The site's safeguarding lead sees them by: tfc flags --site {site}")


def late(item: ReturnDue, as_of: date) -> ReturnDue:
    """What is due, with how late it is on a day."""
    return item.model_copy(update={"days_late": max((as_of - item.due_on).days, 0)})


def _left_out(catalogue: Catalogue, arrival: Arrival) -> frozenset[str]:
    """The reasons for which a row does not count and nobody is at fault."""
    contracts = [item for item in catalogue.of(arrival.site) if item.source == arrival.source]
    return frozenset(rule.reason for contract in contracts for rule in contract.reject if not rule.fault)


def _level_of(left_out: frozenset[str]) -> LevelOf:
    return lambda issue: (
        IssueLevel.LEFT_OUT if issue.reason in left_out else LEVELS.get(issue.severity, IssueLevel.CHECK)
    )


def _issues(receipt: Receipt | None, places: Places) -> list[ReceiptIssue]:
    if receipt is None or receipt.issues is None:
        return []
    wanted = set(ReceiptIssue.model_fields)
    file = places.lake / receipt.issues
    columns = [name for name in pq.read_schema(file).names if name in wanted]  # an older lake lacks the newer ones
    return [ReceiptIssue(**row) for row in read_parquet(file, columns=columns).to_pylist()]


def _file(
    item: Submission,
    of_site: Sequence[Submission],
    night: Night,
    places: Places,
    catalogue: Catalogue,
    asks: bool,
) -> ReceiptFile:
    arrival, receipt = item.arrival, night.receipts.get(item.arrival)
    left_out = _left_out(catalogue, arrival)
    issues = _issues(receipt, places) if item.status != "duplicate_file" else []
    months = receipt.months if receipt else ()
    read_as = _extra(receipt, "read_as")
    return ReceiptFile(
        file=arrival.path,
        source=arrival.source,
        sha256=arrival.sha256,
        return_key=arrival.return_key,
        period=(min(months), max(months)) if months else None,
        received_on=arrival.seen_on,
        status=item.status,
        cause=None if item.is_counted else item.cause,
        counts=item.is_counted,
        is_open=_is_open(item, of_site),
        asks=asks,
        message=item.message,
        received=arrival.received,
        accepted=arrival.accepted,
        rejected=arrival.rejected,
        duplicate=arrival.duplicate,
        not_data=arrival.not_data,
        tally=_tally(item, receipt, left_out),
        superseded_by=item.superseded_by,
        compared=_compared(item.change),
        accepted_by=_accepted_by(item.acceptance),
        read_as=read_as,
        mappings=tuple(tuple(mapping) for mapping in (getattr(receipt, "mappings", None) or ())),
        issues=tuple(issues),
        rules=tuple(_rules(issues, _level_of(left_out))),
    )


def _compared(change: VersionChange | None) -> VersionComparison | None:
    if change is None:
        return None
    return VersionComparison(
        compared_with=change.path,
        received_on=change.seen_on,
        rows_before=change.before,
        rows_now=change.now,
        added=change.added,
        gone=change.gone,
        changed=change.changed,
        by="id" if change.by_id else "content",
        sentence=change_sentence(change),
    )


def _accepted_by(acceptance: Acceptance | None) -> AcceptedReturn | None:
    if acceptance is None:
        return None
    return AcceptedReturn(by=acceptance.by, on=acceptance.on, because=acceptance.because)


def _is_open(item: Submission, of_site: Sequence[Submission]) -> bool:
    """Whether a file does not count for a fault, and no later one of its return does."""
    of_source = [other for other in of_site if other.arrival.source == item.arrival.source]
    return item.status in (*BAD, "unreadable") and not is_corrected(item, of_source)


def _asking(shown: Sequence[Submission], of_site: Sequence[Submission]) -> list[Submission]:
    """The files whose issues are to be corrected: of each return the latest whose rows were read.

    Where a held version comes after the one that counts, only the held one: it is the one that will be sent again.
    """
    latest: dict[object, Submission] = {}
    for item in shown:
        arrival = item.arrival
        if not item.is_counted and not _is_open(item, of_site):
            continue
        key = (arrival.source, arrival.return_key) if arrival.return_key and arrival.received else arrival.path
        if key not in latest or latest[key].arrival.standing < arrival.standing:
            latest[key] = item
    return list(latest.values())


def _extra(receipt: Receipt | None, name: str) -> dict[str, Any]:
    """A part of a receipt that earlier nights did not note; counts of nothing are left out."""
    values: dict[str, Any] = getattr(receipt, name, None) or {}
    return {key: value for key, value in sorted(values.items()) if value not in (0, None)}


def _tally(item: Submission, receipt: Receipt | None, left_out: frozenset[str]) -> RowTally:
    arrival = item.arrival
    reasons = receipt.reasons if receipt else {}
    apart = {reason: count for reason, count in sorted(reasons.items()) if reason in left_out}
    return RowTally(
        received=arrival.received,
        used=arrival.accepted if item.is_counted else 0,
        waiting=0 if item.is_counted else arrival.accepted,
        refused=arrival.rejected - sum(apart.values()),
        left_out=apart,
        duplicate=arrival.duplicate,
        not_data=arrival.not_data,
        hidden=_extra(receipt, "hidden"),
        changed=_extra(receipt, "changed"),
    )


def _rules(issues: Iterable[ReceiptIssue], level_of: LevelOf) -> list[BrokenRule]:
    """The issues of a file by rule, the most urgent first, then in the order of the file."""
    of_rule: dict[tuple[IssueLevel, str], list[ReceiptIssue]] = {}
    for issue in issues:
        of_rule.setdefault((level_of(issue), issue.reason), []).append(issue)
    order = list(IssueLevel)
    return [
        _rule(level, reason, of_rule[(level, reason)])
        for level, reason in sorted(of_rule, key=lambda key: order.index(key[0]))
    ]


def _rule(level: IssueLevel, reason: str, issues: Sequence[ReceiptIssue]) -> BrokenRule:
    said: dict[str, list[IssuePlace]] = {}
    for issue in issues:
        place = IssuePlace(sheet=issue.sheet, row=issue.row_number, column=issue.column_name, cell=issue.cell)
        said.setdefault(issue.message, []).append(place)
    title, do = rule_words(reason)
    return BrokenRule(
        rule=reason,
        title=title,
        level=level,
        severity=issues[0].severity,
        what_to_do=do,
        refused=sum(issue.disposition == "rejected" for issue in issues),
        said=tuple(IssueSentence(sentence=sentence, places=tuple(places)) for sentence, places in said.items()),
    )


def _held(night: Night, site: str) -> Iterable[HeldSource]:
    for state in night.held:
        # These causes are the centre's to correct, and reported to it.
        if state.site == site and state.held_cause not in (CONTRACT_CHANGE, CONTRACT_ERROR):
            cause = state.held_cause
            yield HeldSource(
                source=state.source,
                since=state.held_since,
                cause=cause,
                reason=state.held_reason,
                file=state.held_file,
                what_to_do=cause_words(cause)[1] if cause else "",
            )


def _due(night: Night, site: str, as_of: date) -> Iterable[ReturnDue]:
    for item in night.expected:
        if item.site == site and item.status != "received":
            due = {"source": item.source, "return": item.return_key, "due_on": item.due_on, "status": item.status}
            yield late(ReturnDue.model_validate(due), as_of)


def _cleared(of_site: Sequence[Submission], night: Night, places: Places, catalogue: Catalogue) -> list[ResolvedIssue]:
    """What was corrected in each return that has several versions, the latest first."""
    returns: dict[tuple[str, str], list[Submission]] = {}
    for item in of_site:
        source, key = item.arrival.source, item.arrival.return_key
        if source is not None and key is not None and item.status not in ("duplicate_file", "erased"):
            returns.setdefault((source, key), []).append(item)
    resolved = []
    for versions in returns.values():
        if len(versions) > 1:
            ranked = sorted(versions, key=lambda item: item.arrival.standing)
            resolved += resolved_issues(
                ranked, {item.arrival: _broken(item, night, places, catalogue) for item in ranked}
            )
    resolved.sort(key=lambda item: (item.source, item.return_key, item.rule))
    return sorted(resolved, key=lambda item: item.since, reverse=True)


def _broken(item: Submission, night: Night, places: Places, catalogue: Catalogue) -> dict[str, tuple[int, str]]:
    issues = _issues(night.receipts.get(item.arrival), places)
    return broken_rules(issues, _level_of(_left_out(catalogue, item.arrival)))
