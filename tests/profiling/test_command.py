"""`tfc inspect` as people and programs use it: exit codes, JSON, sentences; and that no cell of a person comes out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.profiling import exports
from tfc_platform.cli.app import app
from tfc_platform.settings import ConfigurationError

KEYS = {"tool", "format", "encoding", "header_rows", "rows", "excluded", "columns", "sheets", "warnings", "readable"}
COLUMN_KEYS = {"name", "label", "kind", "missing_codes", "personal"}


def tfc(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["inspect", *map(str, arguments)])


def put(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("tool", exports.ALL)
def test_nobody_is_named_in_any_output(tool: str, tmp_path: Path) -> None:
    export = exports.ALL[tool]()
    path = put(tmp_path, export.name, export.content)
    for options in ([], ["--json"], ["--draft-contract"]):
        done = tfc(path, *options)
        assert done.exit_code == 0
        for word in (*exports.PERSON, "203.0.113.9", "lovely afternoon", "near to home"):
            assert word not in done.output


def test_the_json_has_the_promised_keys(tmp_path: Path) -> None:
    found: dict[str, Any] = json.loads(tfc(put(tmp_path, "x.csv", exports.qualtrics().content), "--json").stdout)
    assert set(found) >= KEYS
    assert found["tool"] == "qualtrics"
    assert (found["format"], found["encoding"], found["header_rows"], found["rows"]) == ("csv", "utf-8", 3, 12)
    assert (found["excluded"], found["readable"], found["sheets"]) == ({"incomplete": 1, "preview": 1}, True, [])
    columns = {column["name"]: column for column in found["columns"]}
    assert all(set(column) >= COLUMN_KEYS for column in found["columns"])
    assert columns["RecipientEmail"]["personal"] == "email"
    assert (columns["Q5_1"]["personal"], columns["Q5_1"]["label"]) == (False, "Frage Q5_1")


def test_the_report_says_what_to_do_next(tmp_path: Path) -> None:
    done = tfc(put(tmp_path, "log.xlsx", exports.month_sheets().content))
    assert done.exit_code == 0
    assert "Tool: spreadsheet" in done.stdout
    assert "Rows: 12" in done.stdout
    assert "Sheet Apr 26: data, 6 rows, header in row 4" in done.stdout
    assert "4 rows are no data" in done.stdout
    assert "--draft-contract" in done.stdout.splitlines()[-1]


BAD = {
    "nothing.csv": (b"", "empty"),
    "cut.xlsx": (exports.month_sheets().content[:3000], "damaged or incomplete"),
    "page.csv": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
    "paper.csv": (b"%PDF-1.4 etc", "PDF"),
    "~$log.xlsx": (b"\x06someone", "holds no data"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_ends_with_one_and_its_sentence(name: str, tmp_path: Path) -> None:
    content, word = BAD[name]
    path = put(tmp_path, name, content)
    for options in ([], ["--draft-contract"]):
        done = tfc(path, *options)
        assert done.exit_code == 1
        assert word in done.output
        assert "Traceback" not in done.output
    as_json = tfc(path, "--json")
    found = json.loads(as_json.stdout)
    assert (as_json.exit_code, found["readable"], found["tool"], found["rows"]) == (1, False, "unknown", 0)
    assert word in found["warnings"][0]


def test_wrong_use_is_told(tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", exports.spreadsheet().content)
    for arguments, words in (
        ([tmp_path], "is a folder. Name one file"),
        ([path, "--out", tmp_path / "c.yaml"], "--out: it goes with --draft-contract"),
        ([path, "--draft-contract", "--json"], "it writes YAML"),
        ([path, "--draft-contract", "--out", path], "is there already"),
    ):
        done = tfc(*arguments)
        assert isinstance(done.exception, ConfigurationError)  # which `run` ends with 2
        assert words in str(done.exception)
    assert tfc(path, path).exit_code == 2
    gone = tfc(tmp_path / "gone.csv")
    assert gone.exit_code == 1
    assert "gone.csv cannot be read" in gone.output


def test_a_draft_goes_into_a_file_and_says_so(tmp_path: Path) -> None:
    path = put(tmp_path, "sessions 2026-05.csv", exports.spreadsheet().content)
    out = tmp_path / "activity.yaml"
    done = tfc(path, "--draft-contract", "--out", out)
    assert done.exit_code == 0
    assert "Replace each FILL_IN" in done.stdout.replace("\n", " ")
    assert "(?P<month>" in out.read_text(encoding="utf-8")
    headless = put(tmp_path, "y.csv", b"2026-05-01,12\n2026-05-02,13\n")
    refused = tfc(headless, "--draft-contract")
    assert refused.exit_code == 1
    assert "no contract can be drafted" in refused.output


def test_a_dictionary_is_read_beside_the_export(tmp_path: Path) -> None:
    data = put(tmp_path, "data.csv", exports.redcap().content)
    definition = put(tmp_path, "dictionary.csv", exports.REDCAP_DICTIONARY)
    found = json.loads(tfc(data, "--dictionary", definition, "--json").stdout)
    assert {column["name"]: column["label"] for column in found["columns"]}["colour"] == "Which colour?"


@pytest.fixture
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TFC_HOME that is not there, with the settings of nobody."""
    home = tmp_path / "home"
    for name in ("TFC_CONTRACTS", "TFC_LANDING", "TFC_PSEUDONYM_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFC_HOME", str(home))
    monkeypatch.setenv("TFC_AS_OF", "2026-05-01")
    monkeypatch.chdir(tmp_path)
    return home


def test_against_says_whether_a_contract_takes_a_file(no_home: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "anything.csv", b"Who,When\nXanthippe,today\n")
    wrong = tfc(path, "--against", "grimsby/activity", "--name", "activity_2025-06.csv", "--json")
    found = json.loads(wrong.stdout)
    assert (wrong.exit_code, found["would_count"], found["status"]) == (1, False, "rejected")
    assert "Xanthippe" not in wrong.output
    unnamed = tfc(path, "--against", "grimsby/activity")
    assert unnamed.exit_code == 1
    assert "status unrecognised" in unnamed.stdout
    assert not no_home.exists()


def test_against_ends_with_two_where_nothing_can_be_said(no_home: Path, tmp_path: Path) -> None:
    path = put(tmp_path, "x.csv", b"a,b\n1,2\n")
    for options in (["--against", "grimsby/nothing"], ["--name", "x.csv"], ["--against", "a/b", "--draft-contract"]):
        done = tfc(path, *options)
        assert isinstance(done.exception, ConfigurationError), options
    assert tfc(tmp_path / "none.csv", "--against", "grimsby/activity").exit_code == 2
