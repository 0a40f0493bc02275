"""Comparing the returns that are used tonight with each other, and what follows: a return is held, or a row is used once.

A held return may let an earlier version be used, which is then compared as well. Each round holds a content more, or ends.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from tfc_platform.admission.arrivals import Arrival, ContentHold, Submission
from tfc_platform.admission.period_contradictions import contradicted_periods
from tfc_platform.admission.repeated_rows import RepeatedRow, repeated_rows
from tfc_platform.admission.return_rows import ReturnRows, sentence_of_rows
from tfc_platform.admission.rows_used_once import amended_receipt
from tfc_platform.admission.shared_ids import shared_ids
from tfc_platform.admission.survey_copies import copied_surveys
from tfc_platform.admission.survey_drift import drifted_surveys
from tfc_platform.admission.survey_fieldwork import outside_fieldwork
from tfc_platform.admission.version_holds import VERSION_CAUSES
from tfc_platform.admission.version_verdicts import counts_sentence
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.lake import Receipt
from tfc_platform.settings import Places

__all__ = ["ComparedReturns", "compare_returns"]

HeldContent = tuple[str, str | None, str]  # site, source and SHA-256 of a content
Decide = Callable[[Sequence[Arrival], Mapping[str, ContentHold]], list[Submission]]
COPIED_FILE = 0.5  # of a return's rows that another return has too, above which it is held and not only corrected


@dataclass
class ComparedReturns:
    """The verdicts on all arrivals, and the receipts as they are now that rows are used once."""

    submissions: list[Submission]
    receipts: dict[Arrival, Receipt] = field(default_factory=dict)


@dataclass
class _Findings:
    """What one round of comparisons found: holds of contents, issues for the sites, and rows that are used elsewhere."""

    known: Collection[
        HeldContent
    ] = ()  # contents that are held by now, or used all the same since somebody has accepted them
    holds: dict[HeldContent, ContentHold] = field(default_factory=dict)
    issues: dict[ReturnRows, list[RowIssue]] = field(default_factory=dict)
    repeated: dict[ReturnRows, list[RepeatedRow]] = field(default_factory=dict)


def compare_returns(
    arrivals: Sequence[Arrival],
    receipts: Mapping[Arrival, Receipt],
    catalogue: Catalogue,
    places: Places,
    decide: Decide,
) -> ComparedReturns:
    """Decide on all arrivals, with what shows only beside other returns.

    :param receipts: of every arrival that was read.
    :param decide: the verdicts on the versions of each return, given contents that are held (by SHA-256). What somebody has
        accepted it lets count all the same.
    """
    holds: dict[HeldContent, ContentHold] = {}
    returns = _returns_read(arrivals, receipts, catalogue, places)
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        while True:
            submissions = _decide_by_source(arrivals, holds, decide)
            findings = _find(con, _in_use(submissions, returns), catalogue, holds)
            fresh = findings.holds
            if not fresh:
                break
            # A version that is used since the next one lost too much against it is judged first: what it shares with other
            # returns may hold only itself, and the next one is then compared with what came before.
            before = _used_instead(submissions)
            holds |= {held: hold for held, hold in fresh.items() if held in before} or fresh
    return _with_rows_used_once(submissions, receipts, findings, places)


def _used_instead(submissions: Sequence[Submission]) -> set[HeldContent]:
    """The contents that are used in place of a later version, which is held for what it lost against them."""
    asked = {
        (item.arrival.site, item.arrival.source, item.arrival.return_key)
        for item in submissions
        if item.hold is not None and item.hold.cause in VERSION_CAUSES
    }
    return {
        (item.arrival.site, item.arrival.source, item.arrival.sha256)
        for item in submissions
        if item.is_counted and (item.arrival.site, item.arrival.source, item.arrival.return_key) in asked
    }


def _decide_by_source(
    arrivals: Sequence[Arrival], holds: Mapping[HeldContent, ContentHold], decide: Decide
) -> list[Submission]:
    """A content may be held as one source's and be right as another's: the same bytes at two sites."""
    of_source: dict[tuple[str, str | None], list[Arrival]] = {}
    for arrival in arrivals:
        of_source.setdefault((arrival.site, arrival.source), []).append(arrival)
    submissions = []
    for source, own in of_source.items():
        submissions += decide(own, {held[2]: hold for held, hold in holds.items() if held[:2] == source})
    return sorted(submissions, key=lambda item: (item.arrival.path, item.arrival.number))


def _returns_read(
    arrivals: Sequence[Arrival], receipts: Mapping[Arrival, Receipt], catalogue: Catalogue, places: Places
) -> dict[Arrival, ReturnRows]:
    """Every version whose rows are in the lake."""
    first: dict[tuple[str, str | None, str | None], tuple[object, ...]] = {}
    for arrival in arrivals:
        key = (arrival.site, arrival.source, arrival.return_key)
        first[key] = min(first.get(key, arrival.order), arrival.order)
    return {
        arrival: ReturnRows(
            arrival,
            receipts[arrival],
            catalogue.contract(arrival.site, arrival.source),
            {
                record: places.lake / table["path"]
                for record, table in receipts[arrival].records.items()
                if table["rows"]
            },
            first[(arrival.site, arrival.source, arrival.return_key)],
        )
        for arrival in arrivals
        if arrival.status == "read" and arrival.source is not None and arrival in receipts
    }


def _in_use(submissions: Sequence[Submission], returns: Mapping[Arrival, ReturnRows]) -> dict[ReturnRows, bool]:
    """The versions that were read, and whether each is used; the same content under another name is left out."""
    return {
        returns[item.arrival]: item.is_counted
        for item in submissions
        if item.arrival in returns and item.status != "duplicate_file"
    }


def _find(
    con: duckdb.DuckDBPyConnection,
    read: Mapping[ReturnRows, bool],
    catalogue: Catalogue,
    known: Collection[HeldContent],
) -> _Findings:
    findings = _Findings(known)
    used = [item for item, is_used in read.items() if is_used]
    of_source: dict[tuple[str, str], list[ReturnRows]] = {}
    for item in used:
        of_source.setdefault(item.source, []).append(item)
        for judge in (contradicted_periods, outside_fieldwork):
            hold, issues = judge(item)
            if hold is not None:
                _hold(findings, item, hold)
            findings.issues.setdefault(item, []).extend(issues)
    for item, hold in shared_ids(con, list(read), set(used)):
        _hold(findings, item, hold)
    if findings.holds:
        return findings  # what is compared next is what is used without them
    for source in of_source.values():
        if source[0].contract.survey is None:
            _find_repeated(con, source, findings)
    for item, hold in (*copied_surveys(con, used), *drifted_surveys(con, used, catalogue)):
        _hold(findings, item, hold)
    return findings


def _hold(findings: _Findings, item: ReturnRows, hold: ContentHold) -> None:
    held = (item.arrival.site, item.arrival.source, item.arrival.sha256)
    if held not in findings.known:
        findings.holds.setdefault(held, hold)


def _find_repeated(con: duckdb.DuckDBPyConnection, source: Sequence[ReturnRows], findings: _Findings) -> None:
    """Rows that come twice are used once; a return that is mostly such rows is held, since its own are missing."""
    for item, rows in repeated_rows(con, source).items():
        findings.repeated[item] = rows
        elsewhere = [row for row in rows if row.owner is not item]
        if len(elsewhere) > COPIED_FILE * item.receipt.accepted:
            _hold(findings, item, _copy_hold(item, elsewhere))


def _copy_hold(item: ReturnRows, rows: Sequence[RepeatedRow]) -> ContentHold:
    owners = sorted({row.owner.arrival.path for row in rows})
    what = f"{sentence_of_rows(len(rows), item.receipt.accepted)} of this file {'is' if len(rows) == 1 else 'are'} in"
    return ContentHold(
        f"{what} {' and '.join(owners[:3])} too: it seems to be a copy. Send this return's own rows under this name.",
        "copied_rows",
    )


def _with_rows_used_once(
    submissions: Sequence[Submission], receipts: Mapping[Arrival, Receipt], findings: _Findings, places: Places
) -> ComparedReturns:
    """Put the findings into the receipts of the returns that are used; all other receipts stay as they are."""
    amended = {
        item.arrival: amended_receipt(item, findings.repeated.get(item, ()), findings.issues.get(item, ()), places)
        for item in {**findings.repeated, **findings.issues}
        if findings.repeated.get(item) or findings.issues.get(item)
    }
    compared = ComparedReturns([], {})
    for item in submissions:
        arrival, receipt = item.arrival, receipts.get(item.arrival)
        if item.is_counted and arrival in amended:
            receipt = amended[arrival]
            arrival = replace(arrival, accepted=receipt.accepted, duplicate=receipt.duplicate)
            message = (item.message or "").replace(counts_sentence(item.arrival), counts_sentence(arrival))
            item = replace(item, arrival=arrival, message=message)
        compared.submissions.append(item)
        if receipt is not None:
            compared.receipts[arrival] = receipt
    return compared
