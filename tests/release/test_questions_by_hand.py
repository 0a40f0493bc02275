"""The questions on comparing sites and on contact between waves, on a release of a few rows worked out by hand."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tfc_platform.release.questions import load_questions

ALIKE = {"instrument": "core_1", "made_of": None, "tools": "kobo", "mode": "online", "asked_in": "2025-05"}


def sql(name: str) -> str:
    return next(question.sql for question in load_questions() if question.name == name)


def outcome_indicator(con: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    con.execute(
        "create or replace table outcome_indicator (site varchar, population varchar, wave varchar, indicator varchar, "
        "breakdown varchar, breakdown_value varchar, instrument varchar, made_of varchar, tools varchar, mode varchar, "
        "asked_in varchar, measure varchar, value double, status varchar, note varchar)"
    )
    common = {"population": "p", "wave": "w1", "indicator": "know", "breakdown": "all", "breakdown_value": "all"}
    for row in rows:
        whole = {**common, **ALIKE, "measure": "estimate", "status": "rounded", "note": None, **row}
        names = ", ".join(whole)
        con.execute(
            f"insert into outcome_indicator ({names}) values ({', '.join('?' * len(whole))})", [*whole.values()]
        )


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({}, None),
        ({"mode": None}, None),  # what a site does not say is no difference
        ({"asked_in": "2025-08"}, None),
        ({"value": None, "status": "suppressed"}, "Withheld or not available at south."),
        ({"instrument": None}, "It was not kept how one of the two was asked."),
        ({"instrument": "core_2"}, "The two have different versions of the instrument."),
        ({"made_of": "K1, K2"}, "The scale was made of other items at one of the two."),
        ({"tools": "qualtrics"}, "The two were asked with different tools."),
        ({"tools": "kobo, qualtrics"}, "The two were asked with different tools."),
        ({"mode": "paper"}, "The two were asked in different modes."),
        ({"asked_in": "2025-09"}, "The two were asked at different times."),
        ({"asked_in": "2026-05"}, "The two were asked at different times."),
        ({"note": "Weighted."}, "One is weighted and the other is not."),
        ({"note": "Base below 100: indicative."}, "The base of one of the two is small."),
    ],
)
def test_two_sites_are_compared_by_the_rules_for_two_waves(other: dict[str, Any], reason: str | None) -> None:
    con = duckdb.connect()
    made_of = {"made_of": "K1, K2, K3"}
    outcome_indicator(
        con, [{"site": "north", "value": 40, **made_of}, {"site": "south", "value": 50, **made_of, **other}]
    )
    ((site, other_site, why, comparable),) = con.sql(
        f"select site, other_site, reason, comparable from ({sql('q1_comparable_indicators')})"
    ).fetchall()
    assert (site, other_site, why, comparable) == ("north", "south", reason, reason is None)


def contact_release(status: str = "rounded", note: str | None = None) -> duckdb.DuckDBPyConnection:
    """Waves in May 2025 and March 2026: the third and fourth quarter of 2025 lie between them, no other does."""
    con = duckdb.connect()
    area = {"site": "north", "breakdown": "area", "breakdown_value": "Hill"}
    outcome_indicator(
        con,
        [
            {**area, "wave": wave, "asked_in": month, "measure": measure, "value": value}
            for wave, month, n, estimate in (("w1", "2025-05", 60, 40), ("w2", "2026-03", 80, 52))
            for measure, value in (("n", n), ("estimate", estimate))
        ],
    )
    con.execute(
        "create table outcome_change as select 'north' as site, 'p' as population, 'know' as indicator, "
        "'repeated_cross_section' as design, 'w1' as wave_from, 'w2' as wave_to, 'difference' as measure, 12.0 as value, "
        f"'{status}' as status, {'null' if note is None else repr(note)}::varchar as note"
    )
    con.execute(
        """
        create table reach_area as select * from (values
            ('north', '2025-Q2', 'a1', 'Hill', 'sessions_delivered', 100.0, 'shown'),
            ('north', '2025-Q3', 'a1', 'Hill', 'sessions_delivered', 7.0, 'shown'),
            ('north', '2025-Q3', 'a2', 'Hill', 'sessions_delivered', 5.0, 'shown'),
            ('north', '2025-Q4', 'a1', 'Hill', 'sessions_delivered', 3.0, 'shown'),
            ('north', '2025-Q4', 'a1', 'Hill', 'attendances_low', 90.0, 'rounded'),
            ('north', '2026-Q1', 'a1', 'Hill', 'sessions_delivered', 100.0, 'shown'),
            ('north', '2025-Q3', 'b1', 'Dale', 'sessions_delivered', 50.0, 'shown')
        ) as given (site, quarter, small_area_code, area, measure, value, status);
        create table code_area as select * from (values
            ('north', 'a1', 'Hill', 1000), ('north', 'a2', 'Hill', 2000), ('north', 'b1', 'Dale', null)
        ) as given (site, small_area_code, area, population)
        """
    )
    return con


def asked(con: duckdb.DuckDBPyConnection) -> list[Any]:
    columns = "area, estimate_from, estimate_to, difference, n_from, n_to, reason, sessions, quarters, residents"
    return con.sql(f"select {columns}, sessions_per_1000 from ({sql('q2_contact_and_outcomes')})").fetchall()


def test_contact_is_that_between_the_waves_and_the_outcome_is_a_change() -> None:
    """15 sessions of 7 + 5 + 3 over 3,000 residents are 5 in 1,000; those of the fieldwork's own quarters are not between."""
    assert asked(contact_release()) == [("Hill", 40, 52, 12, 60, 80, None, 15, 2, 3000, 5)]


def test_where_the_waves_may_not_be_compared_an_area_has_no_change_and_the_reason() -> None:
    why = "The two waves were asked in different clusters."
    ((_, *levels, difference, _, _, reason, _, _, _, _),) = asked(contact_release("not_comparable", why))
    assert (levels, difference, reason) == ([40, 52], None, why)
