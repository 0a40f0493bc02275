"""Questions with several choices from a made-up survey to the outcome marts, by a codebook of their own, with figures by hand.

Twelve people in each of two waves. The first wave has one cell of choices (Microsoft Forms), the second a column an option
(KoboToolbox): what was chosen and who was shown the question is the same in both but for one person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
import yaml

from tfc_platform.admission.admission_tables import write_tables
from tfc_platform.admission.admit import admit
from tfc_platform.build import dbt
from tfc_platform.build.lake_views import make_views
from tfc_platform.check.gx_runner import run_suites
from tfc_platform.check.suites import load_suites
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import PROJECT, Settings

AS_OF = date(2026, 5, 1)
NAMES = {
    "S1": "Family hub",
    "S2": "Library",
    "S3": "Food bank",
    "S4": "Sports club",
    "S5": "Choir",
    "S6": "Advice line",
}
SHOWN = 10  # the last two never used a service and were not shown the question
CHOSEN = [{"S1", "S2"}, {"S1"}, {"S2", "S3"}, set(), {"S1", "S6"}, set(NAMES), {"S2"}, set(), {"S3"}, {"S1"}]
LATER = [*CHOSEN[:-1], {"S1", "S3"}]
CODEBOOK = {
    "instrument": "services_1",
    "name": "Services used",
    "version": "1",
    "informant": "self",
    "licence": "Free to use.",
    "source": "Written for this test; not a validated scale.",
    "wording": "own",
    "responses": {"chosen": {"minimum": 0, "maximum": 1, "labels": {0: "Not chosen", 1: "Chosen"}, "positive_from": 1}},
    "items": {item: {"response": "chosen", "wording": name} for item, name in NAMES.items()},
}
CELL = {
    "column": "Which services have you used?",
    "separator": ";",
    "options": NAMES,
    "codes": {"None of these": "not_chosen"},
    "blank": "not_asked",
    "when": {"wave": "w1"},
}
COLUMNS = {
    "columns": {item: f"services/{item}" for item in NAMES},
    "blank": "not_asked",
    "when": {"wave": "w2"},
}
CONTRACT = {
    "source": "surveys",
    "sites": ["elsewhere"],
    "record": "survey_respondent",
    "owner": "team",
    "description": "Surveys.",
    "files": "surveys/*",
    "name": r"(?P<population>\w+) (?P<wave>w\d)\.\w+",
    "return": {"key": "{population} {wave}"},
    "read": {"format": "workbook"},
    "columns": {"respondent_id": {"header": "ID", "type": "token", "required": True}},
    "key": ["respondent_id"],
    "ignored": ["services"],
    "survey": {"tool": "forms", "instrument": "services_1", "choices": [CELL, COLUMNS]},
    "expects": {"returns": {"community w1": "2025-06-30", "community w2": "2026-04-30"}},
}
Ask = Callable[[str], list[tuple[Any, ...]]]


def write(folder: Path) -> tuple[Path, Path]:
    contracts, landing = folder / "contracts", folder / "landing"
    texts = {
        "sites.yaml": [{"site": "elsewhere", "name": "Elsewhere", "nation": "Wales"}],
        "sources/elsewhere/surveys.yaml": CONTRACT,
        "codebooks/services.yaml": CODEBOOK,
    }
    for name, what in texts.items():
        (contracts / name).parent.mkdir(parents=True, exist_ok=True)
        (contracts / name).write_text(yaml.safe_dump(what), encoding="utf-8")
    surveys = landing / "elsewhere" / "surveys"
    surveys.mkdir(parents=True)
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["ID", "Which services have you used?"])
    for number in range(12):
        chosen = [NAMES[item] for item in sorted(CHOSEN[number])] if number < SHOWN else []
        written = ";".join(chosen or ["None of these"]) + ";" if number < SHOWN else None
        sheet.append([number, written])
    book.save(surveys / "community w1.xlsx")
    lines = ["ID,services," + ",".join(f"services/{item}" for item in NAMES)]
    for number in range(12):
        marks = ["1" if item in LATER[number] else "0" for item in NAMES] if number < SHOWN else [""] * 6
        lines.append(f"{number},{' '.join(sorted(LATER[number])) if number < SHOWN else ''},{','.join(marks)}")
    (surveys / "community w2.csv").write_text("\n".join(lines), encoding="utf-8")
    return contracts, landing


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    home = tmp_path_factory.mktemp("choices")
    contracts, landing = write(home)
    settings = Settings(str(landing), home / "var", (contracts,), "duckdb", AS_OF, None)
    catalogue = load_catalogue(settings.contracts)
    intake = Intake.load(settings, catalogue)
    take_in(intake, "elsewhere")
    night = admit(intake)
    assert [(item.status, item.arrival.accepted) for item in night.submissions] == [("accepted", 12)] * 2
    make_views(
        settings.places.warehouse_file, night.files(settings.places) | write_tables(night, catalogue, settings.places)
    )
    select = ["+mart_outcome_indicator", "+mart_outcome_change", "+mart_outcome_cell", "+int_item_quality"]
    result = dbt.build(settings.places, PROJECT / "dbt_project", select=select)
    assert result.success, [(node.name, node.status, node.error) for node in result.failed]
    with duckdb.connect(str(settings.places.warehouse_file), read_only=True) as connection:
        yield connection


@pytest.fixture
def ask(warehouse: duckdb.DuckDBPyConnection) -> Ask:
    return lambda sql: warehouse.execute(sql).fetchall()


def by_hand(people: list[set[str]], item: str) -> float:
    return 100 * sum(item in chosen for chosen in people) / SHOWN


def test_each_option_is_the_share_of_those_who_were_shown_the_question(ask: Ask) -> None:
    found = ask(
        "select wave, indicator, measure, n, estimate from marts.mart_outcome_indicator"
        " where breakdown = 'all' order by wave, indicator"
    )
    wanted = [
        (wave, item, "percent_positive", SHOWN, pytest.approx(by_hand(people, item)))
        for wave, people in (("w1", CHOSEN), ("w2", LATER))
        for item in NAMES
    ]
    assert found == wanted
    assert [row[4] for row in found[:6]] == [50, 40, 30, 10, 10, 20], "and adds up to more than 100"


def test_two_encodings_can_be_compared(ask: Ask) -> None:
    found = ask("select indicator, comparable, difference from marts.mart_outcome_change order by indicator")
    apart = {item: by_hand(LATER, item) - by_hand(CHOSEN, item) for item in NAMES}
    assert found == [(item, True, pytest.approx(apart[item])) for item in NAMES]
    assert apart["S3"] == 10


def test_cells_that_releases_are_cut_from(ask: Ask) -> None:
    found = ask(
        "select indicator, cast(sum(n) as bigint), cast(sum(positive) as bigint) from marts.mart_outcome_cell"
        " where wave = 'w1' group by indicator order by indicator"
    )
    assert found == [(item, SHOWN, sum(item in chosen for chosen in CHOSEN)) for item in NAMES]


def test_nobody_counts_as_not_answering(ask: Ask) -> None:
    assert ask("select distinct asked, answered, nonresponse_share from intermediate.int_item_quality") == [
        (10, 10, 0.0)
    ]


def test_every_rule_for_answers_holds(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Ten people who chose nothing or everything ticked no column all the way down: a choice has no other side."""
    suites = [suite for suite in load_suites() if suite.name == "source_survey_answer"]
    found = list(run_suites(warehouse, suites, {("elsewhere", "survey_answer"): 144}, AS_OF))
    assert "answer_not_straight_lined" in {item.check_id for item in found}
    assert [(item.check_id, item.rows_failed) for item in found if item.verdict != "passed"] == []
