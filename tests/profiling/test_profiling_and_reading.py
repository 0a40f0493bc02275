"""Profiling and reading see the same table: a drafted contract, its blanks filled, has the rows that the profile counts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import SHARED
from tests.profiling import export_files, exports
from tests.profiling.filling import fill_draft, read_by_draft
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.profile_file import profile_file
from tfc_platform.settings import ConfigurationError


def profile_and_reading(folder: Path, content: bytes, name: str) -> tuple[FileProfile, FileReading | None]:
    """The profile of a file, and its reading by its own draft; None where nobody could fill the draft from the file."""
    found = profile_file(content, name)
    if not found.columns or found.what != "data":
        return found, None
    named = [column for column in found.columns if column.name]
    identity = next((column.name for column in named if column.distinct == found.rows), named[0].name)
    text = fill_draft(found, content, name, identity)
    if "  answers: FILL_IN" in text:
        return found, None  # one or two responses show no scale
    return found, read_by_draft(folder, content, name, text)[1]


@pytest.mark.parametrize("tool", exports.ALL)
def test_the_rows_of_every_tools_export(tool: str, tmp_path: Path) -> None:
    export = exports.ALL[tool]()
    found, read = profile_and_reading(tmp_path, export.content, export.name)
    if read is not None:
        assert read.result.received == found.rows + sum(found.excluded.values())
        assert (read.status, read.result.accepted) == ("read", export.rows)


SCALE = ("Strongly disagree", "Disagree", "Neither", "Agree", "Strongly agree")


def plain_survey(codes: Sequence[str]) -> list[list[str]]:
    """A survey that somebody copied out of an unknown tool: 40 responses, seeded."""
    pick = random.Random(11)
    questions = [f"I know {what}" for what in ("whom to ask", "where to go", "what to do", "how it works")]
    services = [f"Services used_{what}" for what in ("Library", "Choir", "Toy library")]
    rows = [["Response", "Started", "Finished", "Age group", *questions, *services, "Weight", "Anything else?"]]
    for number in range(40):
        times = [f"{number % 28 + 1:02}/05/2026 10:{minute}" for minute in ("00", "12")]
        answers = [pick.choice(codes) for _ in questions]
        used = [pick.choice("01") for _ in services]
        age = pick.choice(("16-24", "25-44", "45+"))
        rows.append(
            [f"R-{number:04}", *times, age, *answers, *used, f"{0.5 + number / 40:.2f}", "A lovely day for all"]
        )
    return rows


@pytest.mark.parametrize("codes", [SCALE, ("1", "2", "3", "4", "5")], ids=["words", "numbers"])
@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_survey_of_no_known_tool_is_drafted_as_one(codes: Sequence[str], ending: str, tmp_path: Path) -> None:
    rows = plain_survey(codes)
    content = export_files.as_csv(rows) if ending == "csv" else export_files.as_workbook({"Data": rows})
    name = f"survey.{ending}"
    found = profile_file(content, name)
    text = fill_draft(found, content, name, "Response")
    for line in (
        "record: survey_respondent",
        "answered_on: {header: 'Finished'",
        "weight: {header: 'Weight'",
        "S4: 'I know how it works'",
        "O3: 'Services used_Toy library'",
    ):
        assert line in text
    _, read = read_by_draft(tmp_path, content, name, text)
    assert (read.status, read.result.accepted, read.result.unknown_columns) == ("read", 40, [])
    answers = read.result.columns["survey_answer"]
    assert answers["item"].count("S1") == answers["item"].count("O1") == 40
    assert not any(answers["missing_reason"])


def test_a_log_with_a_closed_column_or_two_stays_a_log(tmp_path: Path) -> None:
    rows = [["Date", "Activity", "Children attended", "Wet?", "Full?", "Late?"]]
    rows += [[f"{day:02}/05/2026", ("Choir", "Art")[day % 2], str(day), *("yes", "no", "yes")] for day in range(1, 20)]
    found, read = profile_and_reading(tmp_path, export_files.as_csv(rows), "log.csv")
    assert read is not None
    assert set(read.result.columns) == {"activity"}
    assert (read.status, read.result.accepted, found.rows) == ("read", 19, 19)


def test_the_day_of_an_export_in_a_files_name_is_no_month(tmp_path: Path) -> None:
    rows = [["Date", "Activity", "Children attended"]]
    rows += [[f"{day:02}/03/2026", ("Choir", "Art")[day % 2], str(day)] for day in range(1, 20)]
    _, read = profile_and_reading(tmp_path, export_files.as_csv(rows), "Session form - 2026-04-01.csv")
    assert read is not None
    assert (read.status, read.result.accepted) == ("read", 19)


# A second table under the first, whose rows a contract's reader refuses one by one, with their numbers.
SECOND_TABLES = {"SAFI_messy.xlsx"}
REFUSED = {"doubled_column"}  # whole files, before a row is read


@pytest.mark.shared
@pytest.mark.parametrize("folder", ["real_exports", "bad_returns", "faults"])
def test_the_rows_of_every_file_there_is(folder: str, tmp_path: Path) -> None:
    compared = 0
    for number, path in enumerate(sorted((SHARED / folder).rglob("*.*"))):
        if not path.is_file() or path.suffix in {".md", ".json"} or path.name in SECOND_TABLES:
            continue
        try:
            found, read = profile_and_reading(tmp_path / str(number), path.read_bytes(), path.name)
        except ConfigurationError as error:
            if "is in both" in str(error):
                continue  # two questions with the same choices need items of their own
            raise
        if read is not None and read.cause not in REFUSED:
            assert read.result.received == found.rows + sum(found.excluded.values()), path.name
            compared += 1
    assert compared > 10
