"""Whose the rows of a form with a repeated group are: an entry is also that of whom its submission names."""

from __future__ import annotations

import io

import openpyxl

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.erased_rows import without_rows
from tfc_platform.ingest.row_identities import identities_of
from tfc_platform.privacy.tombstones import ANYTHING, panel, response
from tfc_platform.sheets.readers import open_grid

CONTRACT = Contract.model_validate(
    {
        "source": "surveys",
        "sites": ["here"],
        "record": "survey_respondent",
        "owner": "team",
        "description": "Each child of a family answers.",
        "files": "surveys/*.xlsx",
        "return": {"key": "all"},
        "read": {"format": "workbook", "repeats": "child"},
        "columns": {
            "respondent_id": {"header": "code", "type": "token", "required": True},
            "panel_id": {"header": "family", "type": "panel"},
        },
        "key": ["respondent_id"],
        "survey": {
            "tool": "kobo",
            "instrument": "i",
            "population": "children",
            "wave": "w1",
            "answers": [{"items": {"K1": "q1"}, "codes": [{"values": {1: 1}}]}],
        },
    }
)
FORM = [("family", "address", "_index"), ("fam-0001", "1 Mill Lane", 1), ("fam-0002", "2 Mill Lane", 2)]
CHILD = [
    ("code", "q1", "_index", "_parent_table_name", "_parent_index"),
    ("c-001", 1, 1, "form", 1),
    ("c-002", 1, 2, "form", 2),
    ("c-003", 1, 3, "form", 2),
    ("c-004", 1, 4, "form", 9),
]


def book() -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, rows in {"form": FORM, "child": CHILD}.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def test_a_family_s_entries_are_found_by_the_family() -> None:
    content = book()
    places = list(identities_of(content, CONTRACT, CONTRACT.read, "log.xlsx", "here"))
    family = panel("here", "children", "fam-0002")
    found = [(place.sheet, place.row) for place in places if family in place.identities]
    assert found == [("child", 3), ("child", 4)]
    loose = [(p.sheet, p.row) for p in places if any(i.kind == ANYTHING and i.name == "fam-0002" for i in p.identities)]
    assert loose == [("form", 3)]
    child = response("here", "surveys", "children", "w1", "c-004")
    assert [(place.sheet, place.row) for place in places if child in place.identities] == [("child", 5)]


def test_rows_of_both_sheets_can_be_left_out() -> None:
    kept = without_rows(book(), {"child": {3, 4}, "form": {3}}, CONTRACT.read)
    left = {sheet.name: [row.cells[0] for row in sheet.after(1)] for sheet in open_grid(kept, CONTRACT.read).sheets}
    assert left == {"form": ["fam-0001"], "child": ["c-001", "c-004"]}
