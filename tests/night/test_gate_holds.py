"""One site's rows that break a rule are held and the others go on; what is nobody's rows closes the gate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from unittest import mock

import duckdb
import pytest

from tfc_platform import pipeline
from tfc_platform.disclosure.audit import TableAudit
from tfc_platform.disclosure.protect import Prepared
from tfc_platform.orchestration import publishing_assets
from tfc_platform.release.manage import verify_release

from .nights import SECOND, Home, Ran, tree

HEADER = "Date of session,Programme,Outcome,Post code,Attendance (actual),Duration hrs,Partner(s),Comments"
APRIL = "grimsby/activity/activity_2026-04{}.csv"


def april(home: Home, version: str, largest: int) -> None:
    """A month's return of 20 sessions, one of them with `largest` attendances."""
    rows = [
        f"{day:02d}/04/2026,Baby Steps,Delivered,,{largest if day == 9 else 12},1,,day {day}" for day in range(1, 21)
    ]
    (home.landing / APRIL.format(version)).write_text("\r\n".join([HEADER, *rows, ""]), encoding="cp1252")


def months(home: Home, site: str) -> set[str]:
    query = f"select distinct strftime(month, '%Y-%m') from marts.mart_delivery where site = '{site}'"
    return {month for (month,) in home.rows(query)}


def held(home: Home) -> list[tuple[Any, ...]]:
    return home.rows(
        "select site, source, held_since, held_file, held_reason from marts.mart_source_state where is_held"
    )


@pytest.fixture(scope="module")
def home(first_night: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return first_night.copied(tmp_path_factory.mktemp("holds") / "home")


@pytest.fixture(scope="module")
def bad_april(home: Home) -> Ran:
    """A night with a month of Grimsby's that breaks a rule of the marts, and a new learning item of Plymouth's."""
    april(home, "", largest=60000)
    log = home.landing / "plymouth" / "learning" / "learning_log.csv"
    log.write_bytes(log.read_bytes() + b"L-PL-99,02/05/2026,survey,,More chairs are wanted,Ask the hall\r\n")
    return home.good_night(SECOND)


def test_a_site_whose_rows_break_a_rule_of_the_marts_is_held_and_the_others_are_published(
    home: Home, bad_april: Ran
) -> None:
    assert bad_april.outcome.release == home.release_id
    assert "building the marts again, without what is held" in bad_april.said
    ((site, source, since, file, reason),) = held(home)
    assert (site, source, since, file) == ("grimsby", "activity", SECOND, APRIL.format(""))
    assert "No activity has more than 20,000 attendances in a month" in reason
    assert "Correct them and send it again" in reason
    assert "60" not in reason
    assert "2026-04" not in months(home, "grimsby")
    assert "2026-03" in months(home, "grimsby")
    assert home.rows("select site from marts.mart_learning_action where learning_id = 'L-PL-99'") == [("plymouth",)]
    query = f"select status, received, accepted from marts.mart_submission_status where file = '{APRIL.format('')}'"
    assert home.rows(query) == [("held", 20, 20)]
    (entry,) = home.manifest()["held"]
    assert (entry["site"], entry["source"], entry["since"]) == ("grimsby", "activity", SECOND.isoformat())


def test_the_held_return_is_not_built_and_judged_again_each_night(home: Home, bad_april: Ran) -> None:
    with mock.patch.object(pipeline.dbt, "build", side_effect=AssertionError("dbt was invoked")):
        assert home.good_night(SECOND).outcome.nothing_new


@contextmanager
def failing_audit() -> Iterator[None]:
    """Figures about people of which some can be worked out."""
    original = publishing_assets.prepare

    def spoiled(*arguments: Any) -> Prepared:
        prepared = original(*arguments)
        table = TableAudit("reach", cells=9, atoms=27, failing=2, narrowest=None, pinned_by=("reach",))
        report = replace(prepared.report, passed=False, failing=2, tables=(table,), reasons=("2 can be worked out.",))
        return replace(prepared, report=report)

    with mock.patch.object(publishing_assets, "prepare", spoiled):
        yield


def test_figures_that_could_be_worked_out_are_not_released_and_the_last_release_stays(
    home: Home, bad_april: Ran
) -> None:
    before = tree(home.places.releases)
    with failing_audit():
        ran = home.steps("release", as_of=SECOND)
    assert not ran.success
    assert ran.outcome.reasons == (
        "2 can be worked out.",
        "Check joint_audit (release) of reach for all sites failed.",
    )
    assert ran.outcome.release is None
    assert tree(home.places.releases) == before
    assert verify_release(home.places) == []


@contextmanager
def failing_reconciliation() -> Iterator[None]:
    """A sum of the receipts that does not come out in the facts."""
    rules = {rule.id: rule for rule in pipeline.RECONCILIATIONS}
    rule = rules["delivery_counts_every_session"]
    wrong = replace(rule, actual=replace(rule.actual, measure=f"{rule.actual.measure} + 1"))
    with mock.patch.object(pipeline, "RECONCILIATIONS", tuple({**rules, rule.id: wrong}.values())):
        yield


@contextmanager
def failing_checks() -> Iterator[None]:
    with failing_reconciliation(), failing_dbt_test(), tampered_warehouse():
        yield


@contextmanager
def failing_dbt_test() -> Iterator[None]:
    original = pipeline.dbt.build

    def build(*arguments: Any, **named: Any) -> Any:
        result = original(*arguments, **named)
        first = next(node for node in result.nodes if node.resource_type == "test" and node.severity == "error")
        nodes = tuple(replace(n, status="fail", failures=3) if n is first else n for n in result.nodes)
        return replace(result, nodes=nodes, success=False)

    with mock.patch.object(pipeline.dbt, "build", build):
        yield


def test_what_is_no_sites_fault_closes_the_gate_and_the_last_release_stays(home: Home, bad_april: Ran) -> None:
    april(home, " v2", largest=60)
    log = home.landing / "stoke" / "learning" / "learning_log.csv"
    log.write_bytes(log.read_bytes() + b"L-ST-99,02/05/2026,survey,,a,b\r\n")
    before = tree(home.places.releases), tree(home.places.research)
    with failing_checks():
        ran = home.night(SECOND)
    assert not ran.success
    assert ran.outcome.reasons
    for word in (
        "delivery_counts_every_session (reconciliation) of mart_delivery",
        "(dbt)",
        " failed.",
        "of mart_delivery for stoke judged other data than what is to be published",
    ):
        assert any(word in reason for reason in ran.outcome.reasons), ran.outcome.reasons[:5]
    assert (tree(home.places.releases), tree(home.places.research)) == before
    assert verify_release(home.places) == []


@contextmanager
def tampered_warehouse() -> Iterator[None]:
    """Someone changes a figure after it was judged and before it is published."""
    original = publishing_assets.read_build

    def tamper(places: Any) -> Any:
        with duckdb.connect(str(places.warehouse_file)) as con:
            con.execute("update marts.mart_delivery set hours = hours + 1 where site = 'stoke'")
        return original(places)

    with mock.patch.object(publishing_assets, "read_build", tamper):
        yield


def test_the_next_good_night_publishes_what_the_closed_gate_kept_back_and_clears_the_hold(home: Home) -> None:
    before = home.release_id
    ran = home.good_night(SECOND)
    assert ran.outcome.release == home.release_id != before
    assert home.rows("select site from marts.mart_learning_action where learning_id = 'L-ST-99'") == [("stoke",)]
    assert held(home) == []
    assert "2026-04" in months(home, "grimsby")
    assert home.manifest()["held"] == []
