"""A survey of another population under this one's name, and a weighted survey without its weights, are refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading

Make = Callable[..., Contract]
Read = Callable[..., FileReading]
CODES = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5}
SURVEY: dict[str, Any] = {
    "source": "surveys",
    "record": "survey_respondent",
    "files": "surveys/*.csv",
    "name": r"(?P<population>parents|pupils|staff) (?P<wave>w\d)\.csv",
    "return": {"key": "{population} {wave}"},
    "columns": {
        "respondent_id": {"header": "id", "type": "token", "required": True},
        "weight": {"header": "wt", "type": "number", "when": {"population": "parents"}},
        "school": {"header": "place", "type": "category", "open": True, "when": {"population": "pupils"}},
        "sector": {
            "header": "place",
            "type": "category",
            "codes": {"Health": "health", "Police": "police"},
            "when": {"population": "staff"},
        },
        "panel_id": {"header": "pid", "type": "panel", "when": {"population": "staff"}},
    },
    "key": ["respondent_id"],
    "free_text": [],
    "personal": [],
    "ignored": [],
    "survey": {
        "tool": "tool",
        "instrument": "core_1",
        "answers": [
            {"items": {"K1": "q1", "K2": "q2"}, "codes": [{"values": CODES}]},
            {"when": {"population": "parents"}, "items": {"S1": "s1"}, "codes": [{"values": CODES}]},
        ],
    },
}
HEADERS = {
    "parents": ("id", "wt", "q1", "q2", "s1"),
    "pupils": ("id", "place", "q1", "q2"),
    "staff": ("id", "place", "pid", "q1", "q2"),
}
VALUES = {"wt": "1.2", "q1": "4", "q2": "2", "s1": "3"}
PLACES = {"pupils": ("Hill School", "Dale School"), "staff": ("Health", "Police"), "parents": ("", "")}


def file_of(population: str, header: Sequence[str] | None = None, rows: int = 12) -> bytes:
    header = header or HEADERS[population]
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="")
    writer.writeheader()
    for number in range(rows):
        own = {"id": f"r{number}", "place": PLACES[population][number % 2]}
        own |= {"pid": f"p{number}"} if population == "staff" else {}
        own |= {name: value for name, value in VALUES.items() if name in HEADERS[population]}
        writer.writerow({name: value for name, value in own.items() if name in header})
    return text.getvalue().encode()


@pytest.mark.parametrize("population", ["parents", "pupils", "staff"])
def test_each_population_is_read_under_its_name(contract: Make, read: Read, population: str) -> None:
    found = read(file_of(population), contract(**SURVEY), name=f"{population} w1.csv")
    assert (found.status, found.result.accepted) == ("read", 12)


@pytest.mark.parametrize(
    ("sent", "named"), [("parents", "pupils"), ("parents", "staff"), ("staff", "pupils"), ("pupils", "staff")]
)
def test_another_populations_file_is_refused(contract: Make, read: Read, sent: str, named: str) -> None:
    found = read(file_of(sent), contract(**SURVEY), name=f"{named} w1.csv")
    assert (found.status, found.cause) == ("rejected", "other_population")
    assert found.message is not None
    assert f"of {sent}, and its name says {named}" in found.message


def test_one_form_for_all_with_the_others_columns_blank_is_read(contract: Make, read: Read) -> None:
    header = ("id", "wt", "place", "pid", "q1", "q2", "s1")
    for population in HEADERS:
        found = read(file_of(population, header), contract(**SURVEY), name=f"{population} w1.csv")
        assert (found.status, found.result.accepted) == ("read", 12)


def test_a_few_answers_of_anothers_list_are_slips(contract: Make, read: Read) -> None:
    text = file_of("pupils").replace(b"r3,Dale School", b"r3,Health")
    assert read(text, contract(**SURVEY), name="pupils w1.csv").status == "read"


def test_a_weighted_survey_without_its_weights_is_refused(contract: Make, read: Read) -> None:
    found = read(file_of("parents", ("id", "q1", "q2", "s1")), contract(**SURVEY), name="parents w1.csv")
    assert (found.status, found.cause) == ("rejected", "missing_column")
    assert "“wt”" in (found.message or "")
    renamed = file_of("parents").replace(b"id,wt", b"id,factor")
    assert read(renamed, contract(**SURVEY), name="parents w1.csv").cause == "missing_column"


@pytest.mark.parametrize("population", ["pupils", "staff"])
@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("Jamie Fox", "Aisha Khan"), "names of people"),
        (("943 476 5919", "401 023 2137"), "NHS number"),
    ],
)
def test_people_in_a_column_of_categories_hold_the_file(
    contract: Make, read: Read, population: str, cells: tuple[str, str], kind: str
) -> None:
    """A list that is open, and one that is closed. The message has the column and the rule, and no cell."""
    text = file_of(population)
    places = (
        PLACES[population] if population == "pupils" else PLACES[population][:1]
    )  # else it is another population's file
    for place, cell in zip(places, cells, strict=False):
        text = text.replace(place.encode(), cell.encode())
    found = read(text, contract(**SURVEY), name=f"{population} w1.csv")
    assert (found.status, found.cause) == ("held", "personal_column")
    assert f"The column “place” is for categories, and many of its cells look like personal data ({kind})" in str(
        found.message
    )
    assert not any(cell in repr((found.message, found.result.issues)) for cell in cells)


def test_schools_that_are_named_after_people_are_categories(contract: Make, read: Read) -> None:
    text = file_of("pupils").replace(b"Hill School", b"Thomas Tallis School").replace(b"Dale School", b"Grace Academy")
    assert read(text, contract(**SURVEY), name="pupils w1.csv").status == "read"
