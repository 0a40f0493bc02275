"""Each tool is told by its structure: under any name, in any language, and with its columns in another order."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.profiling import export_files, exports
from tests.profiling.exports import Export
from tfc_platform.profiling.profile_file import profile_file
from tfc_platform.profiling.tools import load_tools

VARIANTS: list[tuple[str, Callable[[], Export]]] = [
    *exports.ALL.items(),
    ("qualtrics", lambda: exports.qualtrics(broken_ids=True, labels="Question")),
    ("msforms", lambda: exports.msforms("es")),
    ("msforms", lambda: exports.msforms("fi")),
    ("msforms", lambda: exports.msforms("fi", anonymous=True)),
    ("surveymonkey", lambda: exports.surveymonkey("RespondentID", "Open-Ended Response")),
    ("surveymonkey", lambda: exports.surveymonkey("Identifiant", "Réponse")),
    ("smartsurvey", exports.smartsurvey_json),
    ("jisc", exports.jisc_csv),
    ("jisc", lambda: exports.jisc(["Nummer"])),
    ("kobo", exports.kobo_repeats),
    ("googleforms", lambda: exports.googleforms(direct=False)),
    ("spreadsheet", exports.month_sheets),
]


@pytest.mark.parametrize(("tool", "make"), VARIANTS, ids=[f"{n}-{tool}" for n, (tool, _) in enumerate(VARIANTS)])
def test_a_tool_is_known_and_its_responses_are_counted(tool: str, make: Callable[[], Export]) -> None:
    export = make()
    found = profile_file(export.content, export.name)
    assert (found.tool, found.what) == (tool, "data")
    assert found.rows == export.rows
    assert found.excluded == export.excluded
    assert found.header_rows == export.header_rows


@pytest.mark.parametrize("tool", exports.ALL)
def test_the_name_of_the_file_says_nothing(tool: str) -> None:
    export = exports.ALL[tool]()
    ending = export.name.rpartition(".")[2]
    for name in (f"qualtrics survey monkey kobo.{ending}", f"Final FINAL (2).{ending}", "x"):
        assert profile_file(export.content, name).tool == tool


@pytest.mark.parametrize("seed", range(4))
def test_columns_in_another_order_are_the_same_tools(seed: int) -> None:
    def tool(rows: list[list[object]], **options: str) -> tuple[str, int]:
        found = profile_file(export_files.as_csv(export_files.shuffled(rows, seed), **options), "x.csv")
        return found.tool, found.rows

    assert tool(exports.qualtrics_rows()) == ("qualtrics", 12)
    assert tool(exports.kobo_rows(), delimiter=";") == ("kobo", 12)
    assert tool(exports.redcap_rows()) == ("redcap", 12)
    assert tool(exports.log_rows()) == ("spreadsheet", 12)
    forms = export_files.as_workbook({"Form1": export_files.shuffled(exports.msforms_rows(), seed)})
    found = profile_file(forms, "x.xlsx")
    assert (found.tool, found.rows) == ("msforms", 12)
    personal = {column.name: column.personal for column in found.columns}
    assert (personal["Email"], personal["Name"], personal["Which day?"]) == ("email", "name", None)


def test_header_rows_that_were_taken_away_are_not_missed() -> None:
    rows = exports.qualtrics_rows()
    found = profile_file(export_files.as_csv([rows[0], *rows[3:]]), "x.csv")
    assert (found.tool, found.header_rows, found.rows) == ("qualtrics", 1, 12)


def test_a_plain_log_with_a_few_words_of_a_tool_is_none() -> None:
    rows = [["ID", "Name", "Email", "Status", "Finished"], ["1", "a", "b@example.org", "0", "1"]]
    assert profile_file(export_files.as_csv(rows), "x.csv").tool == "spreadsheet"
    rows = [["id", "is_complete", "town"], ["1", "1", "x"], ["2", "0", "y"]]
    assert profile_file(export_files.as_csv(rows), "x.csv").tool == "spreadsheet"


def test_without_a_header_nothing_is_claimed() -> None:
    rows = [["2026-05-01", "12", "3"], ["2026-05-02", "14", "3"]]
    found = profile_file(export_files.as_csv(rows), "x.csv")
    assert (found.tool, found.rows, found.header_rows) == ("unknown", 0, 0)
    assert "No header row was found" in found.warnings[0]


def test_a_definition_is_no_data_and_fills_in_what_an_export_leaves_out() -> None:
    definition = profile_file(exports.REDCAP_DICTIONARY, "d.csv")
    assert (definition.tool, definition.what, definition.rows) == ("redcap", "dictionary", 0)
    assert definition.excluded == {"dictionary_field": 5}
    found = profile_file(exports.redcap().content, "x.csv", exports.REDCAP_DICTIONARY)
    columns = {column.name: column for column in found.columns}
    assert columns["colour"].label == "Which colour?"
    assert columns["colour"].choice_labels == {"1": "Red", "2": "Green, or nearly", "3": "Blue"}
    assert columns["used___a"].label == "Which did you use?: Library"
    assert columns["town"].kind == "personal"
    assert (columns["thoughts"].kind, columns["thoughts"].personal) == ("free_text", "free_text")
    other = profile_file(exports.redcap().content, "x.csv", exports.spreadsheet().content)
    assert any("neither a REDCap data dictionary nor an XLSForm" in warning for warning in other.warnings)


def test_an_xlsform_gives_labels() -> None:
    form = export_files.as_workbook(
        {
            "survey": [["type", "name", "label::English (en)"], ["select_one scale", "k1", "I know the signs"]],
            "choices": [["list_name", "name", "label"], ["scale", "agree", "Agree"], ["scale", "disagree", "Disagree"]],
        }
    )
    assert profile_file(form, "x.xlsx").what == "form"
    columns = {column.name: column for column in profile_file(exports.kobo().content, "x.csv", form).columns}
    assert columns["core/k1"].label == "I know the signs"


def test_every_tool_of_the_fixed_list_is_there_and_has_a_test() -> None:
    assert {tool.tool for tool in load_tools()} | {"spss", "spreadsheet"} == set(exports.ALL)
