"""The annual report from a small release that was counted by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.publication.publication_register import load_register
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.report.document import Report, as_csv, as_html
from tfc_platform.report.plan import FILE, ReportPlan, load_plan
from tfc_platform.report.report_figures import check_year, in_year, section_figures
from tfc_platform.report.write_report import report_of, write_report
from tfc_platform.settings import ConfigurationError

from .conftest import a_table, months

REGISTER = load_register()
PLAN = load_plan(REGISTER)
MANIFEST = {
    "id": "2026-05-01-abc",
    "as_of": "2026-05-01",
    "held": [],
    "labels": {"sites": [{"site": "north", "name": "North & Co"}]},
}


def reported(tables: tuple[ReleaseTable, ...], year: str = "2025-26") -> Report:
    return report_of(MANIFEST, tables, PLAN, REGISTER, year)


def the_part(report: Report, title: str):
    return next(part for part in report.parts if part.title == title)


@pytest.mark.parametrize(
    ("value", "year", "is_in"),
    [
        (date(2025, 4, 1), "2025-26", True),
        (date(2026, 3, 1), "2025-26", True),
        (date(2026, 4, 1), "2025-26", False),
        ("2025-Q1", "2025-26", False),
        ("2026-Q1", "2025-26", True),
        ("2025-05", "2025-26", True),
        ("2025-03", "2025-26", False),
        ("2025-26", "2025-26", True),
        ("2009-10", "2009-10", True),  # also October 2009, but a year's key is meant
        ("community w1", "2025-26", False),
        (None, "2025-26", False),
    ],
)
def test_which_periods_are_of_a_year(value: object, year: str, is_in: bool):
    assert in_year(value, year) is is_in


@pytest.mark.parametrize("year", ["2025", "2025-27", "25-26", "2025-2026", "2025-26 "])
def test_what_is_no_reporting_year_is_said(year: str):
    with pytest.raises(ValueError, match="write it as 2025-26, for April 2025 to March 2026"):
        check_year(year)


def test_the_turn_of_a_century_is_a_year():
    assert check_year("1999-00") == "1999-00"


def test_a_sum_says_of_how_many_periods_it_is_and_stands_beside_the_year_before_only_where_both_are_whole(tables):
    figures = {(f.site, f.measure): f for f in the_part(reported(tables), "What was delivered").figures}
    north, south = figures["north", "sessions_delivered"], figures["south", "sessions_delivered"]
    assert (north.value, north.periods, north.of, north.before) == (12.0, 12, 12, 36.0)
    assert (south.value, south.periods, south.of, south.before) == (22.0, 11, 12, None)
    together = figures["all", "sessions_delivered"]
    assert (together.value, together.periods, together.before) == (34.0, 11, None)


def test_there_is_no_total_without_a_site_and_no_sum_with_a_hidden_figure():
    rows = months("north", 2025, [1.0] * 12)
    rows[3] = (*rows[3][:4], None, "suppressed", None)
    rows += months("south", 2025, [2.0] * 12)
    section = next(section for section in PLAN.sections if section.table == "delivery")
    table = a_table("delivery", ["site", "month", "activity"], rows)
    found = {
        f.site: f
        for f in section_figures(section, table, (), "2025-26", ("north", "south"))
        if f.measure == "sessions_delivered"
    }
    assert (found["north"].value, found["north"].note) == (
        None,
        "One of the figures is suppressed, so that no sum is given.",
    )
    assert found["south"].value == 24.0
    assert (found["all"].value, found["all"].note) == (None, "There is no figure of north.")


@given(st.lists(st.lists(st.integers(0, 50), min_size=12, max_size=12), min_size=1, max_size=4))
def test_sums_are_those_by_hand(by_site: list[list[int]]):
    sites = [f"site{n}" for n in range(len(by_site))]
    rows = [
        row
        for site, values in zip(sites, by_site, strict=True)
        for row in months(site, 2025, [float(v) for v in values])
    ]
    section = next(section for section in PLAN.sections if section.table == "delivery")
    found = section_figures(section, a_table("delivery", ["site", "month", "activity"], rows), (), "2025-26", sites)
    of_measure = {f.site: f.value for f in found if f.measure == "sessions_delivered"}
    assert [of_measure[site] for site in sites] == [sum(values) for values in by_site]
    assert of_measure.get("all", of_measure[sites[0]]) == sum(map(sum, by_site))


def test_figures_about_persons_stand_as_they_were_released(tables):
    found = [(f.site, f.value, f.status, f.before) for f in the_part(reported(tables), "Who was reached").figures]
    assert found == [("north", 120.0, "rounded", 100.0), ("south", None, "suppressed", None)]


def test_the_worst_that_is_true_decides_the_grade_and_the_reasons_are_all_said(tables):
    graded = {g.site: g for g in the_part(reported(tables), "What was delivered").grades}
    assert (graded["north"].letter, graded["north"].reasons) == ("A", ())  # what is overdue is of the next year
    assert graded["south"].letter == "C"
    assert graded["south"].reasons == (
        "The latest file of activity cannot be used; figures are from the previous file.",
        "1 return is overdue.",
        "1 of 12 periods of the year have no figure.",
    )


def test_many_missing_periods_and_a_failed_check_have_grades_of_their_own():
    failed = a_table(
        "data_quality",
        ["site", "source", "check_id"],
        [("south", "mart_delivery", "delivery_hours", "passed", 0.0, "shown", None)],
    )
    rows = [*months("north", 2025, [1.0] * 8), *months("south", 2025, [1.0] * 12)]
    part = the_part(reported((a_table("delivery", ["site", "month", "activity"], rows), failed)), "What was delivered")
    assert [(g.site, g.letter, g.reasons) for g in part.grades] == [
        ("north", "D", ("4 of 12 periods of the year have no figure.",)),
        ("south", "B", ("Not passed: delivery_hours.",)),
    ]


def test_a_learning_item_counts_once_however_many_sites_it_was_sent_to(tables):
    (items,) = the_part(reported(tables), "What was learnt and passed on").items
    assert (items.site, items.noted, items.sent, items.received, items.adopted) == ("north", 2, 1, 1, 0)


def test_the_document_gives_each_figure_with_unit_definition_and_grade_and_leaves_the_words_to_a_person(tables):
    page = as_html(reported(tables), PLAN)
    assert "North &amp; Co" in page
    assert '<data value="34">34</data>' in page
    assert "Of 11 of 12 periods." in page
    assert "[too few to show]" in page
    assert "Sessions with groups that took place" in page
    assert "A, complete" in page
    assert "C, incomplete" in page
    assert page.count('contenteditable="true"') >= len(PLAN.sections)
    assert "http" not in page.replace("http-equiv", "")
    assert page == as_html(reported(tables), PLAN)


def test_hostile_names_are_text():
    hostile = "<script>alert(1)</script>"
    rows = [(hostile, *row[1:]) for row in months("north", 2025, [1.0] * 12)]
    page = as_html(reported((a_table("delivery", ["site", "month", "activity"], rows),)), PLAN)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_figures_as_csv_are_those_of_the_document(tables):
    rows = list(csv.DictReader(io.StringIO(as_csv(reported(tables)))))
    south = next(row for row in rows if row["site"] == "south" and row["measure"] == "sessions_delivered")
    assert (south["value"], south["unit"], south["periods"], south["of"], south["grade"]) == (
        "22",
        "sessions",
        "11",
        "12",
        "C",
    )


def test_what_a_person_has_written_is_never_lost(tables, tmp_path: Path):
    target = tmp_path / "report.html"
    report = reported(tables)
    first = write_report(report, target)
    assert first.document.read_text() == as_html(report, PLAN)
    assert write_report(report, target) == first  # the same again is no loss
    target.write_text("We have written this.")
    with pytest.raises(ConfigurationError, match="somebody may have written in it"):
        write_report(report, target)
    assert target.read_text() == "We have written this."
    write_report(report, target, overwrite=True)
    assert target.read_text() == as_html(report, PLAN)


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("table: reach_year", "table: reach_never", "the table 'reach_never' is not released"),
        (
            "      - name: attendances_low\n",
            "      - name: attendances_low\n        adds_over: [site]\n",
            "reach_year.attendances_low: figures about people",
        ),
        ("adds_over: [month, activity]", "add_over: [month]", "add_over"),
    ],
)
def test_a_plan_that_would_add_up_persons_or_asks_for_what_is_not_released_is_refused(
    old: str, new: str, message: str, tmp_path: Path
):
    changed = tmp_path / FILE.name
    changed.write_text(FILE.read_text().replace(old, new, 1))
    with pytest.raises(ConfigurationError, match=message):
        load_plan(REGISTER, changed)


def test_a_unit_that_is_declared_to_be_about_persons_is_never_added_up():
    unit = REGISTER.units["sessions"].model_copy(update={"about_persons": True})
    register = REGISTER.model_copy(update={"units": {**REGISTER.units, "sessions": unit}})
    with pytest.raises(ConfigurationError, match="its unit is about people"):
        load_plan(register)


def test_every_table_and_measure_of_the_plan_is_one_that_is_released():
    assert isinstance(PLAN, ReportPlan)
    assert replace(reported(()), names={}).parts  # a release without a table still makes a document
    assert "The release has no figure of this year." in as_html(reported(()), PLAN)


def a_change(reading: str, value: float | None, status: str, wave_to: str = "w2", family: str = "headline"):
    row = ("north", "community", "know", "repeated_cross_section", "w1", wave_to, "previous", family, reading)
    figures = {
        "difference": value,
        "ci_low": value and value - 3,
        "ci_high": value and value + 3,
        "smallest_change": 5.0,
    }
    return [(*row, measure, figure, status, None) for measure, figure in figures.items()]


def changes_of(rows) -> ReleaseTable:
    keys = ["site", "population", "indicator", "design", "wave_from", "wave_to"]
    return a_table("outcome_change", keys, rows, ("comparison", "family", "reading"))


@pytest.mark.parametrize(
    ("reading", "value", "status", "finding"),
    [
        ("change", 8.0, "rounded", "Rise"),
        ("change", -8.0, "rounded", "Fall"),
        ("no_clear_change", 8.0, "rounded", "No clear change"),
        ("not_comparable", None, "not_comparable", "Cannot be compared"),
        ("indicative", 8.0, "rounded", "Too few people for a finding"),
        ("change", None, "suppressed", "Not shown"),  # a label without its figure claims nothing
    ],
)
def test_the_report_tells_each_headline_change_as_the_release_reads_it(
    reading: str, value: float | None, status: str, finding: str, tables
):
    rows = [*a_change(reading, value, status), *a_change("change", 9.0, "rounded", family="exploratory")]
    report = reported((*tables, changes_of(rows)))
    (change,) = the_part(report, "What changed").changes
    assert (change.value, change.smallest) == (value, 5.0)
    page = as_html(report, PLAN)
    assert f"<td>{finding}</td>" in page


def test_the_report_tells_the_latest_wave_and_its_trend(tables):
    rows = [*a_change("change", 8.0, "rounded"), *a_change("no_clear_change", 1.0, "rounded", "w3")]
    keys = ["site", "population", "indicator", "wave_from", "wave_to"]
    trend = [
        ("north", "community", "know", "w1", "w3", "headline", "change", measure, value, "rounded", None)
        for measure, value in (("rise", 9.0), ("rise_low", 2.0), ("rise_high", 16.0), ("smallest_rise", 6.0))
    ]
    report = reported((*tables, changes_of(rows), a_table("outcome_trend", keys, trend, ("family", "reading"))))
    found = the_part(report, "What changed").changes
    assert [(c.kind, c.wave_to, c.value, c.reading) for c in found] == [
        ("change", "w3", 1.0, "no_clear_change"),
        ("trend", "w3", 9.0, "change"),
    ]
    assert "w1 to w3, trend" in as_html(report, PLAN)
