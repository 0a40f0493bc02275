"""Questions with several choices in files that real tools wrote, by contracts written here: counts by option, against counts that
the standard library and pandas make of the same cells.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyreadstat
import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading

pytestmark = pytest.mark.shared
EXPORTS = Path(__file__).resolve().parents[3] / "shared" / "real_exports"
Counts = dict[str, tuple[int, int]]  # option → how many chose it, and how many were shown it
STAR_WARS = "Which of the following Star Wars films have you seen? Please select all that apply. | "
SEEN = "Have you seen any of the 6 films in the Star Wars franchise? | Response"


@pytest.fixture
def counted(contract: Callable[..., Contract], read: Callable[..., FileReading]) -> Callable[..., Counts]:
    """What a file says of each option, by a contract with these questions."""

    def count(name: str, key: str, *questions: Mapping[str, Any], reading: Mapping[str, Any]) -> Counts:
        made = contract(
            source="surveys",
            record="survey_respondent",
            files="surveys/*",
            name=r".*\.(csv|sav)",
            **{"return": {"key": "all"}},
            read=reading,
            columns={"respondent_id": {"header": key, "type": "token", "required": True}},
            key=["respondent_id"],
            free_text=[],
            personal=[],
            ignored=["*"],
            survey={
                "tool": "tool",
                "instrument": "services_1",
                "population": "all",
                "wave": "w1",
                "choices": list(questions),
            },
        )
        found = read((EXPORTS / name).read_bytes(), made, name=name.rsplit("/", 1)[-1])
        assert (found.status, found.message) == ("read", None)
        assert found.result.received == found.result.accepted
        assert [issue for issue in found.result.issues if issue.reason in ("invalid_answer", "unlisted_choice")] == []
        answers = found.result.columns["survey_answer"]
        chosen, shown = Counter[str](), Counter[str]()
        for item, value in zip(answers["item"], answers["value"], strict=True):
            chosen[item] += value or 0
            shown[item] += value is not None
        return {item: (chosen[item], shown[item]) for item in dict.fromkeys(answers["item"])}

    return count


def table(name: str, encoding: str = "utf-8") -> list[list[str]]:
    text = (EXPORTS / name).read_bytes().decode(encoding)
    return list(csv.reader(io.StringIO(text, newline="")))


def by_name(rows: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def test_surveymonkey_the_option_s_text_or_nothing(counted: Callable[..., Counts]) -> None:
    _, second, *rows = table("surveymonkey/star_wars_survey.csv", "cp1252")
    films = {f"F{number}": " ".join(second[2 + number].split()) for number in range(1, 7)}
    found = counted(
        "surveymonkey/star_wars_survey.csv",
        "RespondentID",
        {
            "columns": {item: STAR_WARS + film for item, film in films.items()},
            "options": films,
            "blank": "unanswered",
            "asked": {"header": SEEN, "equals": ["Yes"]},
        },
        reading={"format": "csv", "encoding": "cp1252", "header": {"rows": 2, "join": "path"}},
    )
    answered = [row for row in rows if any(row[3:9])]
    assert {row[1] for row in answered} == {"Yes"}
    wanted = {item: (sum(bool(row[2 + int(item[1])]) for row in rows), len(answered)) for item in films}
    assert found == wanted
    assert found["F5"] == (758, 835), "as 538 counted them: 91% of 835 have seen The Empire Strikes Back"


def test_surveymonkey_in_the_base_of_all_who_were_shown_it(counted: Callable[..., Counts]) -> None:
    _, second, *rows = table("surveymonkey/star_wars_survey.csv", "cp1252")
    found = counted(
        "surveymonkey/star_wars_survey.csv",
        "RespondentID",
        {
            "columns": {"F1": STAR_WARS + " ".join(second[3].split())},
            "options": {"F1": second[3]},
            "blank": "not_chosen",
            "asked": {"header": SEEN, "equals": ["Yes"]},
        },
        reading={"format": "csv", "encoding": "cp1252", "header": {"rows": 2, "join": "path"}},
    )
    assert found == {"F1": (sum(bool(row[3]) for row in rows), sum(row[1] == "Yes" for row in rows))}


def test_one_cell_with_semicolons(counted: Callable[..., Counts]) -> None:
    rows = by_name(table("kobo_odk/SAFI_clean.csv"))
    owned = {part for row in rows for part in row["items_owned"].split(";")} - {"NULL"}
    months = {part for row in rows for part in row["months_lack_food"].split(";")} - {"none"}
    found = counted(
        "kobo_odk/SAFI_clean.csv",
        "instanceID",
        {
            "column": "items_owned",
            "separator": ";",
            "options": {name: name for name in owned},
            "codes": {"NULL": "unanswered"},
            "blank": "unanswered",
        },
        {
            "column": "months_lack_food",
            "separator": ";",
            "options": {name: name for name in months},
            "codes": {"none": "not_chosen"},
            "blank": "not_asked",
        },
        reading={"format": "csv"},
    )
    known = [row["items_owned"].split(";") for row in rows if row["items_owned"] != "NULL"]
    lacking = [row["months_lack_food"].split(";") for row in rows]
    assert {name: found[name] for name in owned} == {
        name: (sum(name in row for row in known), len(known)) for name in owned
    }
    assert {name: found[name] for name in months} == {
        name: (sum(name in row for row in lacking), 131) for name in months
    }
    assert len(known) == 121


def test_ona_true_and_false(counted: Callable[..., Counts]) -> None:
    rows = by_name(table("kobo_odk/ona_transportation_export.csv"))
    start = "transport/available_transportation_types_to_referral_facility/"
    names = [name for name in rows[0] if name.startswith(start)]
    found = counted(
        "kobo_odk/ona_transportation_export.csv",
        "_uuid",
        {
            "columns": {name.removeprefix(start): name for name in names},
            "codes": {"n/a": "not_asked"},
            "blank": "not_asked",
        },
        reading={"format": "csv"},
    )
    assert found == {name.removeprefix(start): (sum(row[name] == "True" for row in rows), 4) for name in names}
    assert (found["ambulance"], found["taxi"], found["lorry"]) == ((2, 4), (1, 4), (0, 4))


def test_redcap_zeros_of_who_never_came_so_far(counted: Callable[..., Counts]) -> None:
    """The form's own column says which of the two questions each record reached."""
    rows = by_name(table("redcap/checkboxes-1/data.csv"))
    names = [name for name in rows[0] if "___" in name]
    questions = [
        {
            "columns": {name: name for name in names if name.startswith(field)},
            "blank": "not_asked",
            "unticked": "not_asked",
        }
        for field in ("check_one", "check_two")
    ]
    found = counted("redcap/checkboxes-1/data.csv", "record_id", *questions, reading={"format": "csv"})
    base = {"check_one": 2, "check_two": 2}  # records 1 and 3, and 1 and 2
    assert found == {
        name: (sum(row[name] == "1" for row in rows), base[name.split("___", maxsplit=1)[0]]) for name in names
    }


def test_jisc_where_not_chosen_is_declared_missing(counted: Callable[..., Counts]) -> None:
    frame, _ = pyreadstat.read_sav(EXPORTS / "jisc/bossier_example.sav", user_missing=True)
    names = [name for name in frame if name.startswith("Q3_")]
    found = counted(
        "jisc/bossier_example.sav",
        "URN",
        {"columns": {name: name for name in names}, "blank": "not_asked"},
        reading={"format": "spss"},
    )
    assert found == {name: (int(frame[name].sum()), 13) for name in names}
    assert found["Q3_1"] == (8, 13)
