"""A draft loads once a person has filled its blanks, and takes the file in; before, it is refused by file and key."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.profiling import export_files, exports
from tests.profiling.exports import Export
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.profiling.profile_file import profile_file
from tfc_platform.profiling.profile_report import draft_contract
from tfc_platform.settings import ConfigurationError

ITEMS = ("K1", "K2", "K3", "T1", "T2", "T3", "D1", "D2", "D3")
BLANKS = {
    "sites: [FILL_IN]": "sites: [seaside]",
    "owner: FILL_IN": "owner: Seaside research team",
    "description: FILL_IN": "description: As the tool exports it.",
    "within: [FILL_IN, FILL_IN]": "within: [2026-04-01, 2027-04-30]",
    "instrument: FILL_IN": "instrument: tfc_core_1",
    "population: FILL_IN": "population: community",
    "wave: FILL_IN": "wave: w1",
    "blank: FILL_IN": "blank: not_asked",
    "    - columns:": "    - instrument: drafted_1\n      columns:",
    "    - column:": "    - instrument: drafted_1\n      column:",
    "FILL_IN_1: FILL_IN": "FILL_IN_1: Drama\n        FILL_IN_2: Library",
}
OPTIONS = """\
instrument: drafted_1
name: Services
version: '1'
informant: self
licence: Free to use.
source: Written for this test.
wording: own
responses: {chosen: {minimum: 0, maximum: 1, positive_from: 1}}
items: {O1: {response: chosen}, O2: {response: chosen}}
"""


def load(folder: Path, text: str) -> Catalogue:
    (folder / "sources" / "seaside").mkdir(parents=True, exist_ok=True)
    (folder / "codebooks").mkdir(exist_ok=True)
    (folder / "codebooks" / "drafted.yaml").write_text(OPTIONS)
    (folder / "sites.yaml").write_text("- {site: seaside, name: Seaside, nation: England}\n")
    (folder / "sources" / "seaside" / "draft.yaml").write_text(text, encoding="utf-8")
    return load_catalogue([folder])


def fill(text: str) -> str:
    """What a person does: the blanks, then each item and what each code means, by its place in the scale."""
    for blank, filled in BLANKS.items():
        text = text.replace(blank, filled)
    answers, _, choices = text.partition("  choices:\n")
    first = min(map(int, re.findall(r"FILL_IN_(\d+)", choices)), default=0)
    choices = re.sub(r"FILL_IN_(\d+)", lambda found: f"O{int(found[1]) - first + 1}", choices)
    text = answers + ("  choices:\n" if choices else "") + choices
    text = re.sub(r"FILL_IN_(\d+)", lambda found: ITEMS[int(found[1]) - 1], text)
    value = iter(range(1, 1000))
    text = re.sub(r"^( {12}'.*'): FILL_IN", lambda found: f"{found[1]}: {(next(value) - 1) % 5 + 1}", text, flags=re.M)
    return re.sub(r"^( {8}'.*'): FILL_IN", r"\1: unanswered", text, flags=re.M)


def take_in(export: Export, name: str, catalogue: Catalogue) -> FileReading:
    contract = catalogue.contract("seaside", next(c.source for c in catalogue.of("seaside")))
    file = FileContext(name, "seaside", "0" * 64, contract, catalogue, Pseudonyms(b"k" * 32), lambda text: [])
    return read_file(export.content, file)


FILES = {
    "an activity CSV": (exports.spreadsheet, "sessions 2026-05.csv", "activity"),
    "an activity workbook": (exports.month_sheets, "log 2026-05.xlsx", "activity"),
    "Qualtrics": (exports.qualtrics, "TfC wave 1.csv", "survey_respondent"),
    "KoboToolbox": (exports.kobo, "form.csv", "survey_respondent"),
    "Microsoft Forms": (exports.msforms, "Session record(1-12).xlsx", "activity"),
    "SurveyMonkey": (exports.surveymonkey, "Survey 3.csv", "survey_respondent"),
    "SmartSurvey": (exports.smartsurvey, "export.xlsx", "survey_respondent"),
    "Jisc": (exports.jisc, "jisc 7.sav", "survey_respondent"),
}


@pytest.mark.parametrize(("make", "name", "record"), FILES.values(), ids=FILES)
def test_a_filled_draft_takes_its_file_in(make: Callable[[], Export], name: str, record: str, tmp_path: Path) -> None:
    export = make()
    draft = draft_contract(profile_file(export.content, name), name)
    catalogue = load(tmp_path, fill(draft))
    contract = catalogue.of("seaside")[0]
    assert contract.record == record
    folder = "activity" if record == "activity" else "surveys"
    assert contract.glob.fullmatch(f"{folder}/{name}")
    read = take_in(export, name, catalogue)
    assert (read.status, read.message) == ("read", None)
    assert read.result.accepted == export.rows
    assert read.result.unknown_columns == []
    if record == "survey_respondent":
        answers = read.result.columns["survey_answer"]
        scale = {value for item, value in zip(answers["item"], answers["value"], strict=True) if item in ITEMS}
        assert scale == {1, 2, 3, 4, 5}
        assert {issue.reason for issue in read.result.issues} & {"invalid_answer", "unlisted_choice"} == set()


CHOICES = {
    "KoboToolbox": (exports.kobo, "form.csv", {"O1": 6, "O2": 12}),
    "SurveyMonkey": (exports.surveymonkey, "Survey 3.csv", {"O1": 6, "O2": 8}),
    "REDCap": (exports.redcap, "x.csv", {"O1": 6, "O2": 12}),
    "Google Forms": (exports.googleforms, "x.csv", {"O1": 10, "O2": 5}),
}


@pytest.mark.parametrize(("make", "name", "chosen"), CHOICES.values(), ids=CHOICES)
def test_a_filled_draft_counts_each_option_once(
    make: Callable[[], Export], name: str, chosen: dict[str, int], tmp_path: Path
) -> None:
    export = make()
    text = fill(draft_contract(profile_file(export.content, name), name))
    text = text.replace("{header: FILL_IN, type: token", "{header: Timestamp, type: token")  # Google gives no id
    catalogue = load(tmp_path, text)
    read = take_in(export, name, catalogue)
    answers = read.result.columns["survey_answer"]
    found = dict.fromkeys(chosen, 0)
    for item, value in zip(answers["item"], answers["value"], strict=True):
        if item in found:
            found[item] += value or 0
    assert (read.status, found) == ("read", chosen)
    assert read.result.unknown_columns == []


def test_the_sheets_of_repeated_groups_are_offered(tmp_path: Path) -> None:
    draft = draft_contract(profile_file(exports.kobo_repeats().content, "x.xlsx"), "x.xlsx")
    assert "# If the entries of a repeated group are the rows, add to read: repeats: 'children'\n" in draft
    assert "read: {format: workbook}\n" in draft, "a group is found by its sheet's name"


@pytest.mark.parametrize(("make", "name", "record"), FILES.values(), ids=FILES)
def test_a_draft_with_blanks_is_refused_by_file_and_key(
    make: Callable[[], Export], name: str, record: str, tmp_path: Path
) -> None:
    draft = draft_contract(profile_file(make().content, name), name)
    with pytest.raises(ConfigurationError, match=r"seaside/draft\.yaml: sites\.0: FILL_IN is still there"):
        load(tmp_path, draft)
    if record == "survey_respondent":  # each blank is found, also a code's meaning and an item's name
        open_still = re.sub(r"(?m)^( {12}'.*'): [1-5]", r"\1: FILL_IN", fill(draft), count=1)
        with pytest.raises(ConfigurationError, match=r"draft\.yaml: survey\.answers\.0\.codes\.0\.values\..*FILL_IN"):
            load(tmp_path, open_still)


@pytest.mark.parametrize("tool", exports.ALL)
def test_every_draft_is_yaml_and_holds_nobody(tool: str) -> None:
    export = exports.ALL[tool]()
    draft = draft_contract(profile_file(export.content, export.name), export.name)
    assert yaml.safe_load(draft)["sites"] == ["FILL_IN"]
    for word in (*exports.PERSON, "203.0.113.9", "lovely afternoon"):
        assert word not in draft


def test_headers_that_yaml_could_trip_over_stay_what_they_are(tmp_path: Path) -> None:
    names = ["Date: day?", "What's “on”?", "# of people came", "No", "{x}: [y]", "- note"]
    rows = [
        names,
        *([f"{day}/05/2026", ("Drama", "Cooking", "Library")[day % 3], "9", "a", "b", "c"] for day in range(13, 25)),
    ]
    export = Export("odd.csv", export_files.as_csv(rows), 12)
    catalogue = load(tmp_path, fill(draft_contract(profile_file(export.content, export.name), export.name)))
    assert take_in(export, export.name, catalogue).result.unknown_columns == []
