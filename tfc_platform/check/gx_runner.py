"""Running suites: each rule, on each site's rows, with Great Expectations; out come counts.

Belongs here: fetching the columns that a suite needs, the run, and the allow-list of what is copied from a result.
Does not belong: a rule, or what a result does to the night (`gate`).

What a rule finds is copied by name: `element_count` and `unexpected_count`. Observed values, lists of cells and the
texts of exceptions are never looked at. A rule that could not be judged (a missing column, an exception within) is
`broken`, which is another thing than `failed`.

Each validation costs some milliseconds a rule whatever the number of rows, so the rows of all sites are judged
together first. A rule judges row by row: where nothing is unexpected among all rows, nothing is among those of one
site. Every other rule is judged again, site by site.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import duckdb

from tfc_platform.check.digest import TableStates
from tfc_platform.check.evidence import Evidence, Verdict, effect_of
from tfc_platform.check.expected_rows import Holdings, sites_of
from tfc_platform.check.gx import frame_definition, great_expectations, quiet
from tfc_platform.check.suites import Check, Suite
from tfc_platform.sql_text import quote_identifier

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["run_suites"]

log = logging.getLogger(__name__)
# BASIC with no list of unexpected values: counts, and nothing of the cells that were counted.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}


@dataclass(frozen=True)
class Outcome:
    """What one rule found in one frame. `failed_rows` is none where it broke."""

    verdict: Verdict
    failed_rows: int | None

    @property
    def clean(self) -> bool:
        return self.verdict == "passed" and self.failed_rows == 0


BROKEN = Outcome("broken", None)


def run_suites(
    con: duckdb.DuckDBPyConnection,
    suites: Iterable[Suite],
    held: Holdings,
    as_of: date,
    states: TableStates | None = None,
) -> tuple[Evidence, ...]:
    """Judge every suite for every site that has its record: one piece of evidence for each check and site.

    `states` are those of the same connection's tables, where the caller has them already. Nothing that goes wrong with
    a suite raises: it becomes evidence of a broken check.
    """
    known = states if states is not None else TableStates(con)
    with quiet():
        runner = _Runner(con, as_of, known)
        return tuple(item for suite in suites for item in runner.run(suite, sites_of(held, suite.record)))


@dataclass
class _Runner:
    con: duckdb.DuckDBPyConnection
    as_of: date
    states: TableStates

    @cached_property
    def definition(self) -> Any:
        return frame_definition()

    def run(self, suite: Suite, sites: Sequence[str]) -> list[Evidence]:
        found: list[Evidence] = []
        chosen = tuple(sites)
        for where, group in _by_condition(suite.checks).items():
            frame = self._frame(suite, where, group, chosen)
            if frame is None:
                outcomes = {site: (0, dict.fromkeys((check.id for check in group), BROKEN)) for site in chosen}
            else:
                outcomes = self._judge(group, frame, chosen)
            for site, check in itertools.product(chosen, group):
                rows, by_check = outcomes[site]
                found.append(self._evidence(suite, check, site, rows, by_check[check.id]))
        return found

    def _evidence(self, suite: Suite, check: Check, site: str, rows: int, outcome: Outcome) -> Evidence:
        digest = self.states.digest((suite.relation,), site)
        if not digest:  # what cannot be named cannot have been judged
            outcome = BROKEN
        if outcome.verdict == "broken":
            log.warning("Check %s of %s could not be judged for %s.", check.id, suite.subject, site)
        return Evidence(
            check_id=check.id,
            place=suite.place,
            site=site,
            source=suite.subject,
            dimension=check.dimension,
            severity=check.severity,
            content_hash=digest,
            rows_checked=rows,
            rows_failed=outcome.failed_rows,
            verdict=outcome.verdict,
            gate_effect=effect_of(outcome.verdict, check.severity, suite.place, site),
        )

    def _frame(
        self, suite: Suite, where: str | None, checks: Sequence[Check], sites: Sequence[str]
    ) -> pd.DataFrame | None:
        """The columns that `checks` need, of the rows of `sites`; a column that cannot be had is left out."""
        try:
            present = self.states.columns(suite.relation)
            wanted = dict.fromkeys(column for check in checks for column in check.columns)
            selected = [f'site as "{_SITE}"']
            for column in wanted:
                if column in suite.derived:
                    if self._works(suite.relation, suite.derived[column]):
                        selected.append(f"({suite.derived[column]}) as {quote_identifier(column)}")
                elif column in present:
                    selected.append(quote_identifier(column))
            condition = f" and ({where})" if where else ""
            sql = f"select {', '.join(selected)} from {suite.relation} where site in (select unnest($sites)){condition}"
            frame: pd.DataFrame = self._execute(sql, {"sites": list(sites)}).df()
            return frame
        except duckdb.Error:  # its text may quote a cell
            return None

    def _works(self, relation: str, expression: str) -> bool:
        try:
            self._execute(f"select ({expression}) from {relation} limit 0", {})
        except duckdb.Error:
            return False
        return True

    def _execute(self, sql: str, parameters: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        named = {**parameters, "as_of": self.as_of} if "$as_of" in sql else parameters
        return self.con.execute(sql, named) if named else self.con.execute(sql)

    def _judge(
        self, checks: Sequence[Check], frame: pd.DataFrame, sites: Sequence[str]
    ) -> dict[str, tuple[int, dict[str, Outcome]]]:
        together = self._validate(checks, frame)
        unclear = [check for check in checks if not together[check.id].clean]
        parts = {str(site): part for site, part in frame.groupby(_SITE)} if len(frame) else {}
        outcomes = {}
        for site in sites:
            part = parts.get(site, frame.iloc[:0])
            alone = together if len(part) == len(frame) else self._validate(unclear, part)
            outcomes[site] = (len(part), {**together, **alone})
        return outcomes

    def _validate(self, checks: Sequence[Check], frame: pd.DataFrame) -> dict[str, Outcome]:
        """One batch, one validation. A check without a result is broken."""
        broken = dict.fromkeys((check.id for check in checks), BROKEN)
        able = [check for check in checks if all(column in frame.columns for column in check.columns)]
        if not able:
            return broken
        if not len(frame):  # nothing is unexpected among no rows; whether there should be rows is the gate's question
            return {**broken, **{check.id: Outcome("passed", 0) for check in able}}
        try:
            suite = great_expectations().ExpectationSuite(
                name="suite",
                expectations=[
                    {"type": check.expectation, "kwargs": dict(check.kwargs), "meta": {"id": check.id}}
                    for check in able
                ],
            )
            batch = self.definition.get_batch(batch_parameters={"dataframe": frame})
            results = batch.validate(suite, result_format=RESULT_FORMAT).results
            judged = {str(item.expectation_config.meta["id"]): _outcome(item, len(frame)) for item in results}
        except Exception:  # whatever it is, nothing was judged; its text may quote a cell
            return broken
        return {**broken, **judged}


_SITE = "site of the row"  # no rule can name it by accident


def _by_condition(checks: Iterable[Check]) -> dict[str | None, list[Check]]:
    """The checks that can be judged in one frame: those about the same rows."""
    groups: dict[str | None, list[Check]] = {}
    for check in checks:
        groups.setdefault(check.where, []).append(check)
    return groups


def _outcome(item: Any, rows: int) -> Outcome:
    """The verdict and the count of one result: by name, and only if the rule saw every row that it was given."""
    counts: Mapping[str, Any] = item.result or {}
    seen, unexpected = counts.get("element_count"), counts.get("unexpected_count")
    if _raised(item.exception_info) or seen is None or unexpected is None or int(seen) != rows:
        return BROKEN
    return Outcome("passed" if bool(item.success) else "failed", int(unexpected))


def _raised(info: Any) -> bool:
    """Whether an exception is within: said at the top, or for one of the figures that the rule needed."""
    if not info:
        return False
    if "raised_exception" in info:
        return bool(info["raised_exception"])
    return any(_raised(part) for part in info.values() if isinstance(part, Mapping))
