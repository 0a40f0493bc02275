"""Judge suites with Great Expectations, site by site; the results are counts.

Only `element_count` and `unexpected_count` are copied from a result. Observed values, lists of cells and the texts of
exceptions are never read. A rule that could not be judged (a missing column, an exception within) is `broken`, which is
not `failed`.

A validation costs some milliseconds a rule, however many rows there are. So the rows of all sites are judged together
first: where nothing is unexpected among all rows, nothing is among those of one site. Every other rule is judged again,
site by site. Data frames hold only the columns that the rules of the suite need.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

from tfc_platform.check.digest import TableStates
from tfc_platform.check.evidence import Evidence, Verdict, effect_of
from tfc_platform.check.expected_rows import AdmittedRows, sites_of
from tfc_platform.check.gx import frame_definition, great_expectations, quiet
from tfc_platform.check.suites import Suite, SuiteExpectation
from tfc_platform.sql_text import quote_identifier

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["run_suite", "run_suites"]

log = logging.getLogger(__name__)
# BASIC with no list of unexpected values: counts, and nothing of the cells that were counted.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class ExpectationCount:
    """The result of one rule for one data frame. `failed_rows` is None where the rule broke."""

    verdict: Verdict
    failed_rows: int | None

    @property
    def is_clean(self) -> bool:
        return self.verdict == "passed" and self.failed_rows == 0


BROKEN = ExpectationCount("broken", None)
CountsOfSuite = dict[str, ExpectationCount]  # by the id of the rule


def run_suites(
    con: duckdb.DuckDBPyConnection,
    suites: Iterable[Suite],
    admitted: AdmittedRows,
    as_of: date,
    states: TableStates | None = None,
) -> tuple[Evidence, ...]:
    """Judge every suite for every site that has its record: one piece of evidence for each rule and site.

    :param states: those of the same connection's tables, where the caller has them already.
    """
    known = states if states is not None else TableStates(con)
    return tuple(
        item for suite in suites for item in run_suite(con, suite, sites_of(admitted, suite.record), as_of, known)
    )


def run_suite(
    con: duckdb.DuckDBPyConnection,
    suite: Suite,
    sites: Sequence[str],
    as_of: date,
    states: TableStates | None = None,
) -> tuple[Evidence, ...]:
    """Judge one suite for the rows of `sites`: one piece of evidence for each rule and site.

    Nothing that goes wrong with a suite raises: it becomes evidence of a broken check. `rows_checked` are the site's
    rows that the suite judges; a rule with a `row_condition` looks at some of them.

    :param as_of: the date that the night works for.
    """
    known = states if states is not None else TableStates(con)
    with quiet():
        frame = _frame(con, suite, sites, as_of)
        if frame is None:
            counts = {site: (0, _all_broken(suite.expectations)) for site in sites}
        else:
            counts = _count_by_site(suite, frame, sites)
    return tuple(
        _evidence(suite, rule, site, counts[site][0], counts[site][1][rule.id], known.digest((suite.relation,), site))
        for site in sites
        for rule in suite.expectations
    )


def _evidence(
    suite: Suite, rule: SuiteExpectation, site: str, rows: int, count: ExpectationCount, digest: str
) -> Evidence:
    if not digest:  # what has no digest cannot have been judged
        count = BROKEN
    if count.verdict == "broken":
        log.warning("Check %s of %s could not be judged for %s.", rule.id, suite.subject, site)
    return Evidence(
        check_id=rule.id,
        place=suite.place,
        site=site,
        source=suite.subject,
        dimension=rule.meta.dimension,
        severity=rule.severity,
        content_hash=digest,
        rows_checked=rows,
        rows_failed=count.failed_rows,
        verdict=count.verdict,
        gate_effect=effect_of(count.verdict, rule.severity, suite.place, site),
    )


def _frame(con: duckdb.DuckDBPyConnection, suite: Suite, sites: Sequence[str], as_of: date) -> pd.DataFrame | None:
    """The columns that the suite needs, of the rows of `sites`, without those that the query does not give.

    None where the query cannot be run.
    """
    dated = {"as_of": as_of} if "$as_of" in suite.query else {}
    wanted = dict.fromkeys(["site", *(column for rule in suite.expectations for column in rule.columns)])
    try:
        described = con.execute(f"select * from ({suite.query}) limit 0", dated).description or []
        present = {str(column[0]) for column in described}
        columns = ", ".join(quote_identifier(column) for column in wanted if column in present)
        sql = f"select {columns} from ({suite.query}) where site in (select unnest($sites))"
        frame: pd.DataFrame = con.execute(sql, {**dated, "sites": list(sites)}).df()
        return frame
    except duckdb.Error:  # its text may quote a cell
        return None


def _count_by_site(suite: Suite, frame: pd.DataFrame, sites: Sequence[str]) -> dict[str, tuple[int, CountsOfSuite]]:
    """For each site its number of rows and the result of each rule."""
    together = _validate(suite.name, suite.expectations, frame)
    unclear = [rule for rule in suite.expectations if not together[rule.id].is_clean]
    parts = {str(site): part for site, part in frame.groupby("site")} if len(frame) else {}
    counts = {}
    for site in sites:
        part = parts.get(site, frame.iloc[:0])
        of_site = together if len(part) == len(frame) else _validate(suite.name, unclear, part)
        counts[site] = (len(part), {**together, **of_site})
    return counts


def _validate(name: str, rules: Sequence[SuiteExpectation], frame: pd.DataFrame) -> CountsOfSuite:
    """One batch, one validation. A rule without a result is broken."""
    broken = _all_broken(rules)
    able = [rule for rule in rules if all(column in frame.columns for column in rule.columns)]
    if not able:
        return broken
    if not len(frame):  # nothing is unexpected among no rows; whether there should be rows is the gate's question
        return {**broken, **{rule.id: ExpectationCount("passed", 0) for rule in able}}
    try:
        suite = great_expectations().ExpectationSuite(name=name, expectations=[rule.configuration for rule in able])
        batch = frame_definition().get_batch(batch_parameters={"dataframe": frame})
        results = batch.validate(suite, result_format=RESULT_FORMAT).results
        by_id = {str(item.expectation_config.meta["id"]): item for item in results}
        return {**broken, **{rule.id: _count(by_id[rule.id], rule, len(frame)) for rule in able}}
    except Exception:  # whatever it is, nothing was judged; its text may quote a cell
        return broken


def _all_broken(rules: Iterable[SuiteExpectation]) -> CountsOfSuite:
    return {rule.id: BROKEN for rule in rules}


def _count(item: Any, rule: SuiteExpectation, rows: int) -> ExpectationCount:
    """The verdict and the count of one result, if the rule saw every row that it was given."""
    counts: Mapping[str, Any] = item.result or {}
    seen, unexpected = counts.get("element_count"), counts.get("unexpected_count")
    if _raised(item.exception_info) or seen is None or unexpected is None:
        return BROKEN
    if int(seen) > rows or (int(seen) < rows and not rule.is_about_some_rows):
        return BROKEN
    return ExpectationCount("passed" if bool(item.success) else "failed", int(unexpected))


def _raised(info: Any) -> bool:
    """Whether an exception is within: at the top, or for one of the figures that the rule needed."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(_raised(part) for part in info.values() if isinstance(part, Mapping))
