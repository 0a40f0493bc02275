"""A return of a repeated group: every entry accounted for and told; KoboToolbox's workbook and JSON, ODK's zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from tfc_platform.contracts.model import Contract, Reading
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.reading_verdict import FileReading

from .conftest import HARM

Make = Callable[..., Contract]
Reader = Callable[..., FileReading]
Rows = Sequence[Sequence[Any]]

FORM = ("ward", "worker", "remarks", "_index", "_uuid", "_validation_status")
GROUP = (
    "When",
    "Activity",
    "Status",
    "People",
    "Notes",
    "_index",
    "_parent_table_name",
    "_parent_index",
    "_submission__uuid",
)
IGNORED = ["ward", "_index", "_uuid", "_parent_*", "_submission__*", "KEY", "PARENT_KEY", "_validation_status"]


@pytest.fixture
def sessions(contract: Make) -> Callable[..., Contract]:
    """A contract by which each session of a form that is filled in once a week is a row."""

    def make(**other: Any) -> Contract:
        columns = contract().model_dump(mode="json", exclude_unset=True)["columns"]
        columns = {name: columns[name] for name in ("activity", "status", "attendance")}
        when = {"header": "When", "type": "date", "required": True, "invalid": "reject"}
        audience = {
            "header": "ward",
            "type": "category",
            "codes": {"South": "south", "East": "east"},
            "invalid": "reject",
        }
        values: dict[str, Any] = {
            "files": "log/*",
            "name": ".*",
            "return": {"key": "all"},
            "read": {"format": "workbook", "repeats": "session"},
            "columns": {**columns, "session_on": when, "audience": audience},
            "reject": [
                {
                    "header": "_validation_status",
                    "equals": ["Not approved"],
                    "reason": "not_approved",
                    "message": "Not approved.",
                    "optional": True,
                }
            ],
            "free_text": ["Notes", "remarks"],
            "personal": [{"column": "worker", "kind": "staff"}],
            "ignored": IGNORED,
        }
        return contract(**{**values, **other})

    return make


def entry(number: int, of: Any, uuid: str = "u", **other: Any) -> tuple[Any, ...]:
    values = {
        "When": f"{number:02}/04/2025",
        "Activity": "Choir",
        "Status": "Delivered",
        "People": 10 + number,
        "Notes": f"note {number}",
    }
    return (*{**values, **other}.values(), number, "form", of, uuid)


SUBMISSIONS = [
    ("South", "Sue Quillon", "a good week", 1, "u1", "Approved"),
    ("East", "Tom Arkwell", f"he {HARM} me", 2, "u2", ""),
    ("South", "Una Brindle", f"nobody came, and she {HARM} him", 3, "u3", ""),
    ("East", "Una Brindle", "", 4, "u4", "Not approved"),
    ("Moon", "", "", 5, "u5", ""),
]
ENTRIES = [
    entry(1, 1),
    entry(2, 1, Notes=f"they {HARM} her"),
    entry(2, 1, Notes=f"they {HARM} her"),
    entry(3, 2),
    entry(4, 4),
    entry(5, 5),
    entry(6, 9),
    entry(7, 2, When="31/06/2025"),
]


def of(read: FileReading, reason: str) -> list[RowIssue]:
    return [issue for issue in read.result.issues if issue.reason == reason]


def test_every_entry_is_accepted_rejected_or_a_duplicate(sessions: Make, read: Reader, book_of: Any) -> None:
    book = book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]})
    found = read(book, sessions(hold={"above": None}))
    result = found.result
    assert (found.status, found.message) == ("read", None)
    assert (result.received, result.accepted, result.rejected, result.duplicate) == (len(ENTRIES), 3, 4, 1)
    assert dict(result.reasons) == {"not_approved": 1, "invalid_code": 1, "orphan_entry": 1, "invalid_date": 1}
    record = result.columns["activity"]
    assert record["audience"] == ["south", "south", "east"]
    assert (record["sheet"], record["row_number"]) == (["session"] * 3, [2, 3, 5])
    assert len(set(record["session_id"])) == 3
    assert result.unknown_columns == []


def test_places_are_those_of_the_entry(sessions: Make, read: Reader, book_of: Any) -> None:
    book = book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]})
    found = read(book, sessions(hold={"above": None}))
    places = {
        issue.reason: (issue.sheet, issue.row, issue.column, issue.cell) for issue in found.result.issues if issue.row
    }
    assert places["orphan_entry"] == ("session", 8, "_parent_index", "H8")
    assert places["invalid_date"] == ("session", 9, "When", "A9")
    assert places["invalid_code"] == ("session", 7, "ward", None), "the cell stands on the sheet of the submissions"
    assert places["not_approved"] == ("session", 6, "_validation_status", None)
    (orphan,) = of(found, "orphan_entry")
    assert (orphan.severity, orphan.disposition) == ("error", "rejected")
    assert orphan.message.startswith("No submission has the number or key by which this entry names its own")


def test_submissions_without_an_entry_are_told(sessions: Make, read: Reader, book_of: Any) -> None:
    found = read(book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]}), sessions())
    (issue,) = of(found, "without_entry")
    assert (issue.sheet, issue.row, issue.severity) == ("form", None, "warn")
    assert issue.message == (
        "1 of 5 submissions has no entry in the repeated group “session”, whose entries are the rows of this return: nothing"
        " was taken in of it. Check that nothing is missing."
    )
    assert (
        of(
            read(book_of({"form": [FORM, SUBMISSIONS[0]], "session": [GROUP, entry(1, 1)]}), sessions()),
            "without_entry",
        )
        == []
    )


def test_what_was_written_in_a_submission_is_looked_through_once(sessions: Make, read: Reader, book_of: Any) -> None:
    found = read(book_of({"form": [FORM, *SUBMISSIONS], "session": [GROUP, *ENTRIES]}), sessions())
    flags = [(flag.sheet, flag.row, flag.column) for flag in found.result.flags]
    # The second submission has two entries and one flag, and the third has no entry at all; a doubled entry is a text again.
    assert sorted(flags) == [
        ("form", 3, "remarks"),
        ("form", 4, "remarks"),
        ("session", 3, "Notes"),
        ("session", 4, "Notes"),
    ]
    texts = [(text[0], text[1]) for text in found.result.texts]
    assert sorted(texts) == [("form", 2), ("form", 3), ("form", 4), *(("session", row) for row in range(2, 10))]
    names = read(book_of({"form": [FORM, SUBMISSIONS[2]], "session": [GROUP]}), sessions()).result.names
    assert {kind for kind, _ in names} == {"staff"}, "of whom no entry is there"


def test_other_groups_and_other_sheets_are_told(sessions: Make, read: Reader, book_of: Any) -> None:
    snacks = [("What", "_index", "_parent_table_name", "_parent_index"), (f"he {HARM} it", 1, "form", 1)]
    book = book_of(
        {"form": [FORM, *SUBMISSIONS], "session": [GROUP, entry(1, 1)], "snack": snacks, "About": [("Read me",)]}
    )
    found = read(book, sessions())
    assert [(issue.sheet, issue.severity) for issue in of(found, "repeat")] == [("snack", "info")]
    assert "has 1 entries: the contract reads another group" in of(found, "repeat")[0].message
    assert [(issue.sheet, issue.severity) for issue in of(found, "sheet_not_read")] == [("About", "warn")]
    assert ("snack", 2) in [(flag.sheet, flag.row) for flag in found.result.flags]
    named = read(book, sessions(read={"format": "workbook", "repeats": "session", "sheets": "form"}))
    assert (named.status, named.result.received) == ("read", 1)


def test_a_submission_s_unknown_column_that_looks_personal_holds_the_file(
    sessions: Make, read: Reader, book_of: Any
) -> None:
    calls = [(*row, f"07700 900{place:03}") for place, row in enumerate(SUBMISSIONS)]
    found = read(book_of({"form": [(*FORM, "Ring"), *calls], "session": [GROUP, entry(1, 1)]}), sessions())
    assert (found.status, found.cause) == ("held", "personal_column")
    assert found.result.tallies["unknown", "Ring"].filled == len(SUBMISSIONS), "each once, whatever entries it has"


def test_kobo_s_json(sessions: Make, read: Reader) -> None:
    visits = [
        {
            "_uuid": "u1",
            "ward": "South",
            "session": [dict(zip(GROUP[:5], entry(day, 1), strict=False)) for day in (1, 2)],
        },
        {"_uuid": "u2", "ward": "East", "session": [dict(zip(GROUP[:5], entry(3, 2), strict=False))]},
        {"_uuid": "u3", "ward": "East"},
    ]
    found = read(json.dumps(visits).encode(), sessions(), name="form.json")
    assert (found.status, found.result.received, found.result.accepted) == ("read", 3, 3)
    assert found.result.columns["activity"]["audience"] == ["south", "south", "east"]
    assert len(of(found, "without_entry")) == 1


def test_an_ona_workbook_is_read_by_either_contract(sessions: Make, read: Reader, book_of: Any) -> None:
    form = [(*FORM, "_parent_table_name", "_parent_index"), *((*row, None, -1) for row in SUBMISSIONS[:3])]
    blank = [(*(cell if place != 8 else None for place, cell in enumerate(row)), None) for row in ENTRIES[:4]]
    book = book_of({"form": form, "session": [(*GROUP, "_uuid"), *blank]})
    entries = read(book, sessions())
    assert (entries.status, entries.result.received, entries.result.accepted) == ("read", 4, 3)
    columns = {"audience": {"header": "ward", "type": "category", "codes": {"South": "south", "East": "east"}}}
    columns["session_id"] = {"header": "_uuid", "type": "token", "required": True}
    submissions = read(book, sessions(read={"format": "workbook"}, columns=columns, key=["session_id"]))
    assert (submissions.status, submissions.result.received) == ("read", 3)
    assert [(issue.sheet, issue.reason) for issue in of(submissions, "repeat")] == [("session", "repeat")]


@pytest.mark.parametrize("group", [None, "hidden", "unlinked"])
def test_a_file_without_the_group_is_rejected(sessions: Make, read: Reader, book_of: Any, group: str | None) -> None:
    def change(book: Any) -> None:
        if group == "hidden":
            book["session"].sheet_state = "hidden"

    names = [name if group != "unlinked" or name != "_parent_index" else "parent" for name in GROUP]
    sheets = {"form": [FORM, *SUBMISSIONS]} | ({"session": [names, entry(1, 1)]} if group else {})
    found = read(book_of(sheets, change), sessions())
    assert (found.status, found.cause, found.result.accepted) == ("rejected", "repeated_group", 0)
    says = {
        None: "A CSV leaves repeated groups out: export the form as XLSX",
        "hidden": "if the entries stand on “session”, show it.",
        "unlinked": "The entries on sheet session cannot be joined to their submissions",
    }
    assert says[group] in (found.message or "")
    assert ("form", 3) in [(flag.sheet, flag.row) for flag in found.result.flags], "and is screened all the same"


def test_a_csv_has_no_groups(sessions: Make, read: Reader, csv_of: Any) -> None:
    found = read(csv_of(SUBMISSIONS, FORM), sessions(), name="log.csv")
    assert (found.status, found.cause) == ("rejected", "repeated_group")
    missing = read(csv_of(SUBMISSIONS, FORM), sessions(read={"format": "csv"}), name="log.csv")
    assert missing.cause == "missing_column", "without the key it is a return as any other"


def test_a_missing_column_of_either_sheet_is_named(sessions: Make, read: Reader, book_of: Any) -> None:
    need = sessions().model_dump(mode="json", by_alias=True, exclude_unset=True)["columns"]
    need["audience"]["required"] = True
    book = book_of({"form": [FORM[1:], *(row[1:] for row in SUBMISSIONS)], "session": [GROUP, entry(1, 1)]})
    found = read(book, sessions(columns=need))
    assert (found.status, found.cause) == ("rejected", "missing_column")
    assert "The required column “ward” is missing on sheet session" in (found.message or "")


def test_entries_of_one_of_two_groups_are_not_lost(sessions: Make, read: Reader, book_of: Any) -> None:
    other = [("Colour", "Size", "_index", "_parent_table_name", "_parent_index"), ("red", 4, 1, "form", 1)]
    book = book_of(
        {"form": [FORM[1:3] + FORM[3:], SUBMISSIONS[0][1:]], "session": [GROUP, entry(1, 1)], "session 2": other}
    )
    found = read(book, sessions(read={"format": "workbook", "repeats": "session.*"}))
    assert (found.status, found.result.accepted) == ("rejected", 0)
    assert found.cause in ("no_header", "missing_column")
    assert "on sheet session 2" in (found.message or "")


@pytest.mark.parametrize("header", ["_submission__uuid", "_uuid"])
def test_a_key_that_is_the_submission_s_is_refused(sessions: Make, read: Reader, book_of: Any, header: str) -> None:
    columns = sessions().model_dump(mode="json", by_alias=True, exclude_unset=True)["columns"]
    columns["session_id"] = {"header": header, "type": "token"}
    book = book_of(
        {"form": [FORM, *SUBMISSIONS], "session": [GROUP, entry(1, 1, "u1"), entry(2, 1, "u1"), entry(3, 2, "u2")]}
    )
    for other in ({"key": ["session_id"]}, {}):
        found = read(book, sessions(columns=columns, **other))
        assert (found.status, found.cause) == ("rejected", "repeated_group")
        assert f"by “{header}”, which all entries of a submission share" in (found.message or "")


def zipped(**tables: Rows) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, rows in tables.items():
            archive.writestr(f"{name.replace('_', '-')}.csv", "".join(",".join(map(str, row)) + "\n" for row in rows))
    return content.getvalue()


ODK = [("When", "Activity", "Status", "People", "Notes", "PARENT_KEY", "KEY")]
PARENTS = [
    ("SubmissionDate", "ward", "remarks", "KEY"),
    ("2025-04-03", "South", f"he {HARM} me", "u1"),
    ("2025-04-04", "East", "", "u2"),
]


def test_odk_central_s_zip(sessions: Make, read: Reader) -> None:
    rows = [
        ("03/04/2025", "Choir", "Delivered", 12, "", "u1", "u1/session[1]"),
        ("04/04/2025", "Choir", "Delivered", 13, "", "u1", "u1/session[2]"),
        ("05/04/2025", "Choir", "Delivered", 14, "", "u9", "u9/session[1]"),
    ]
    columns = sessions().model_dump(mode="json", by_alias=True, exclude_unset=True)["columns"]
    columns["session_id"] = {"header": "KEY", "type": "token", "required": True}
    made = sessions(
        read={"format": "csv", "repeats": ".*-session"},
        columns=columns,
        key=["session_id"],
        personal=[],
        ignored=["SubmissionDate", "PARENT_KEY"],
        hold={"above": None},
    )
    found = read(zipped(form=PARENTS, form_session=[*ODK, *rows]), made, name="form.zip")
    result = found.result
    assert (found.status, found.message) == ("read", None)
    assert (result.received, result.accepted, result.rejected, result.duplicate) == (3, 2, 1, 0)
    assert result.columns["activity"]["audience"] == ["south", "south"]
    (orphan,) = of(found, "orphan_entry")
    assert (orphan.sheet, orphan.row, orphan.column, orphan.cell) == ("form-session", 4, "PARENT_KEY", None)
    assert [
        (issue.sheet, issue.message.split(" have")[0].split(" has")[0]) for issue in of(found, "without_entry")
    ] == [(None, "1 of 2 submissions")]
    assert [(flag.sheet, flag.row, flag.column) for flag in result.flags] == [(None, 2, "remarks")]
    alone = read(zipped(form=PARENTS), made, name="form.zip")
    assert (alone.status, alone.cause) == ("rejected", "repeated_group")
    none = read(zipped(form=PARENTS, form_session=ODK), made, name="form.zip")
    assert (none.status, none.cause) == ("rejected", "no_data"), "a group without an entry is a return without a row"


def test_a_submission_without_an_entry_is_part_of_what_the_file_says(
    sessions: Make, read: Reader, book_of: Any
) -> None:
    """Two files that differ there alone are not the same return twice."""

    def digest(*submissions: Any) -> str | None:
        content = read(
            book_of({"form": [FORM, *submissions], "session": [GROUP, entry(1, 1)]}), sessions()
        ).result.content
        return content.digest if content is not None else None

    assert digest(SUBMISSIONS[0], SUBMISSIONS[2]) == digest(SUBMISSIONS[0], SUBMISSIONS[2])
    assert digest(SUBMISSIONS[0], SUBMISSIONS[2]) != digest(SUBMISSIONS[0])


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"name_sheets": False}, "repeats: the group is found by the name of its sheet"),
        ({"header": {"rows": 2}}, "repeats: entries and submissions have one row of names each"),
        ({"repeats": "(kids"}, "not a regular expression"),
    ],
)
def test_a_reading_that_cannot_be(other: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Reading.model_validate({"format": "workbook", "repeats": "kids", **other})
