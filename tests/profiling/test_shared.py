"""The tools' real exports, the sites' sample returns and the bad ones, against what their READMEs and answers say."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from tests.conftest import SHARED
from tfc_platform.profiling.profile_file import profile_file
from tfc_platform.profiling.profile_report import as_data, column_rows, draft_contract, facts

pytestmark = pytest.mark.shared
REAL = {  # file: tool, responses; from real_exports/README.md
    "qualtrics/qualtrics_3header_ropensci_sample.csv": ("qualtrics", 1),
    "qualtrics/qualtrics_legacy_2header_ropensci.csv": ("qualtrics_legacy", 1),
    "surveymonkey/star_wars_survey.csv": ("surveymonkey", 1186),
    "surveymonkey/steak_survey.csv": ("surveymonkey", 550),
    "jisc/bossier_example.sav": ("jisc", 13),
    "spss/pyreadstat_sample.sav": ("spss", 5),
    "spss/haven_datetime.sav": ("spss", 2),
    "kobo_odk/ona_transportation_export.csv": ("kobo", 4),
    "kobo_odk/SAFI_clean.csv": ("kobo", 131),
    "redcap/simple/data.csv": ("redcap", 5),
    "redcap/checkboxes-1/data.csv": ("redcap", 4),
    "messy_xlsx/janitor_dirty_data.xlsx": ("spreadsheet", 12),
    "uk_children/ssda903_uasc.csv": ("spreadsheet", 132),
}
TOOL_OF = {
    "glasgow/surveys": "qualtrics",
    "grimsby/surveys": "smartsurvey",
    "plymouth/surveys": "spss",
    "stoke/surveys": "kobo",
}
TOOL_OF |= {"glasgow/activity": "spreadsheet", "grimsby/activity": "spreadsheet", "plymouth/activity": "msforms"}
TOOL_OF |= {"stoke/activity": "kobo"}


@cache
def answers() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((SHARED / "returns" / "answers.json").read_text(encoding="utf-8"))
    return read


@pytest.mark.parametrize("file", REAL)
def test_real_exports(file: str) -> None:
    path = SHARED / "real_exports" / file
    found = profile_file(path.read_bytes(), "renamed" + path.suffix)
    assert (found.tool, found.rows) == REAL[file]


def test_identifiers_of_a_real_dictionary_are_personal() -> None:
    folder = SHARED / "real_exports" / "redcap" / "simple"
    found = profile_file((folder / "data.csv").read_bytes(), "x.csv", (folder / "dictionary.csv").read_bytes())
    columns = {column.name: column for column in found.columns}
    for name in ("name_first", "name_last", "address", "telephone", "email", "dob"):
        assert columns[name].kind == "personal"
    assert columns["race___2"].label.endswith("Asian")
    assert columns["comments"].personal == "free_text"


def test_the_sites_returns_are_counted_as_their_answers_say() -> None:
    seen = 0
    for file, answer in answers()["files"].items():
        path = SHARED / "returns" / "night1" / file
        expected = next((tool for place, tool in TOOL_OF.items() if file.startswith(place)), None)
        if expected is None or not path.is_file() or "received" not in answer:
            continue
        found = profile_file(path.read_bytes(), path.name)
        assert found.tool == expected, file
        assert found.rows + sum(found.excluded.values()) == answer["received"], file
        for reason in ("preview", "incomplete", "not_approved"):
            assert found.excluded.get(reason, 0) == answer.get(reason, 0), (file, reason)
        seen += 1
    assert seen > 30


def test_no_canary_comes_out_of_any_sample() -> None:
    """Names, numbers and addresses that stand in the samples' personal and free-text columns."""
    said = []
    for path in sorted((SHARED / "returns").rglob("*")):
        if path.is_file() and path.suffix in {".csv", ".xlsx", ".sav"}:
            found = profile_file(path.read_bytes(), path.name)
            said += [json.dumps(as_data(found), ensure_ascii=False), str(column_rows(found)), str(facts(found))]
            said += [draft_contract(found, path.name)] if found.columns and found.what == "data" else []
    text = "\n".join(said)
    assert len(text) > 100_000
    assert [canary for canary in answers()["canaries"] if canary in text] == []


def test_bad_returns_say_their_word() -> None:
    folder = SHARED / "bad_returns"
    unreadable = {
        "01_zero_byte.xlsx": "empty",
        "02_zero_byte.csv": "empty",
        "03_truncated.xlsx": "damaged or incomplete",
    }
    unreadable |= {"09_password.xlsx": "password", "12_path_traversal.zip": "unsafe path"}
    for name, word in unreadable.items():
        found = profile_file((folder / name).read_bytes(), name)
        assert not found.readable
        assert word in found.warnings[0]
    for case in json.loads((folder / "manifest.json").read_text(encoding="utf-8")):
        found = profile_file((folder / case["file"]).read_bytes(), case["file"])
        if case["expect"] in {"accept", "accept_with_warning"} and case["rows"]:
            assert (found.readable, found.tool) == (True, "spreadsheet"), case["file"]
            repeated = {"58_duplicate_rows.csv": 1}.get(case["file"], 0)  # told apart by taking in alone
            assert found.rows == case["rows"] + repeated, case["file"]
