"""What practitioners write means what the README of the returns says it means."""

from __future__ import annotations

import re
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.demo.config import DemoAlias, load, months
from tfc_platform.demo.data_entry_errors import UNKNOWN, WrittenAttendance, uk_date, write_count
from tfc_platform.demo.scenario import make

FORMS = load().wording["attendance"]["forms"]


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("{d}/{m}/{yy}", "3/4/25"),
        ("{dd}/{mm}/{yyyy}", "03/04/2025"),
        ("{d}.{m}.{yy}", "3.4.25"),
        ("{d} {month} {yyyy}", "3 April 2025"),
        ("{yyyy}-{mm}-{dd}", "2025-04-03"),
    ],
)
def test_dates_are_written_the_uk_way(form: str, written: str) -> None:
    assert uk_date(date(2025, 4, 3), form) == written


@pytest.mark.parametrize(
    ("text", "cell", "meaning"),
    [
        ("approx {n}", "approx 20", WrittenAttendance(20, 20)),
        ("~{n}", "~20", WrittenAttendance(20, 20)),
        ("c.{n}", "c.20", WrittenAttendance(20, 20)),
        ("{n}+", "20+", WrittenAttendance(20, None)),
        ("{n}-{m}", "20-25", WrittenAttendance(20, 25)),
        ("<5", "<5", WrittenAttendance(1, 4)),
        ("{k} adults {r} kids", "6 adults 14 kids", WrittenAttendance(20, 20, exact=True)),
        ("", "", UNKNOWN),
        ("full class", "full class", UNKNOWN),
        ("TBC", "TBC", UNKNOWN),
    ],
)
def test_a_count_of_twenty(text: str, cell: str, meaning: WrittenAttendance) -> None:
    (form,) = [form for form in FORMS if form["text"] == text]
    assert write_count(20, [form], 1.0, Random(1)) == (cell, meaning)


@given(count=st.integers(5, 400), seed=st.integers(0, 2**32))
def test_what_is_written_and_what_is_meant_agree(count: int, seed: int) -> None:
    """Read back with the README's table, not with the generator's: numbers in the cell give low and high."""
    cell, meaning = write_count(count, FORMS, 0.7, Random(seed))
    numbers = [int(found) for found in re.findall(r"\d+", str(cell))]
    if not numbers:
        assert meaning == UNKNOWN
    elif str(cell) == "<5":
        assert (meaning.low, meaning.high) == (1, 4)
    elif "adults" in str(cell):
        assert meaning == WrittenAttendance(sum(numbers), sum(numbers), exact=True)
    elif str(cell).endswith("+"):
        assert (meaning.low, meaning.high) == (numbers[0], None)
    else:
        assert (meaning.low, meaning.high, meaning.exact) == (numbers[0], numbers[-1], isinstance(cell, int))


def test_an_alias_holds_from_and_to_its_days() -> None:
    alias = DemoAlias("New name", "x", date(2025, 9, 1), None)
    assert not alias.holds_on(date(2025, 8, 31))
    assert alias.holds_on(date(2025, 9, 1))
    old = DemoAlias("Old name", "x", None, date(2025, 8, 31))
    assert old.holds_on(date(2025, 8, 31))
    assert not old.holds_on(date(2025, 9, 1))


def test_an_activity_without_a_name_is_refused_by_site_and_day() -> None:
    site = load().sites[0]
    with pytest.raises(ValueError, match=f"{site.key} has no name for knitting on 2025-05-01"):
        site.names_of("knitting", date(2025, 5, 1))


def test_sessions_are_called_by_names_that_hold_on_their_day() -> None:
    plan = load()
    world = make(plan, 5)
    checked = 0
    for site in plan.sites:
        for entry in (entry for rows in world.entries[site.key].values() for entry in rows):
            session = entry.session
            if session.activity == "unmapped":
                assert session.called in site.settings["unmapped"]
                continue
            assert session.called in site.names_of(session.activity, session.held_on)
            # Case, spaces and the apostrophe may differ, and nothing else.
            written = " ".join(entry.activity_cell.replace("'", "’").split()).casefold()
            assert written == session.called.casefold()
            checked += 1
    assert checked > 1000


def test_months_count_across_a_year_end() -> None:
    assert list(months("2025-11", "2026-02")) == [
        date(2025, 11, 1), date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    ]  # fmt: skip
    assert list(months("2026-02", "2026-01")) == []


def test_a_panel_comes_back_as_part_of_itself() -> None:
    plan = load()
    world = make(plan, 6)
    panels = {
        (s.site.key, s.wave): [r.panel for r in s.respondents]
        for s in world.surveys
        if s.respondents[0].panel is not None
    }
    assert {site for site, _ in panels} == {"plymouth", "stoke"}
    for site in ("plymouth", "stoke"):
        first, second = panels[site, "w1"], panels[site, "w2"]
        assert len(set(first)) == len(first)
        assert len(set(second)) == len(second)
        assert set(second) <= set(first)


def test_answers_improve_on_the_reversed_items_by_falling() -> None:
    """Agreeing with a reversed item is the worse answer, so better waves agree less with it."""
    plan = load()
    world = make(plan, 8)
    items = plan.settings["surveys"]["items"]
    for site in ("glasgow", "grimsby"):
        means: dict[str, list[float]] = {}
        for survey in (s for s in world.surveys if s.site.key == site and s.population == "community"):
            columns = zip(*(r.items for r in survey.respondents), strict=True)
            given_ = [[a for a in column if isinstance(a, int)] for column in columns]
            means[survey.wave] = [sum(column) / len(column) for column in given_]
        for n, item in enumerate(items):
            rose = means["w2"][n] > means["w1"][n]
            assert rose is (item not in ("T2", "D3")), (site, item)
