"""A receipt as data: what became of each file, what is to be done, and what a corrected file clears."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.admission.arrivals import Arrival, Submission
from tfc_platform.feedback.receipts import refresh_receipts
from tfc_platform.feedback.receipts.build import receipt_of
from tfc_platform.feedback.receipts.cell_ranges import cell_ranges_of, column_of, range_texts
from tfc_platform.feedback.receipts.resolved_issues import resolved_issues
from tfc_platform.feedback.receipts.schema import IssueLevel, IssuePlace, ReceiptFile, SiteReceipt
from tfc_platform.feedback.receipts.wording import cause_words, rule_words, statuses

from .conftest import HEADER, LEADER, NOTE, SITE, House, log_file, row

DOCS = Path(__file__).resolve().parents[2] / "docs"
DropApril = Callable[..., None]


def file_of(receipt: SiteReceipt, name: str) -> ReceiptFile:
    return next(file for file in receipt.files if file.file.endswith(name))


def to_do(receipt: SiteReceipt) -> list[tuple[str, str]]:
    return [(item.kind, item.rule or item.title) for item in receipt.to_do]


def test_every_row_of_a_file_is_in_its_tally(house: House) -> None:
    rows = [row(1), row(2), row(3, "lots"), row(4, "some"), row(5, kind="test"), row(6), row(6)]
    house.drop("log/log 2025-04.csv", log_file(rows))
    file = file_of(house.receipt(), "log 2025-04.csv")
    tally = file.tally
    assert (tally.received, tally.used, tally.waiting, tally.refused, tally.duplicate) == (7, 3, 0, 2, 1)
    assert tally.left_out == {"preview": 1}
    assert tally.received == tally.used + tally.waiting + tally.refused + sum(tally.left_out.values()) + tally.duplicate
    assert (file.period, file.return_key, file.received_on) == (("2025-04", "2025-04"), "2025-04", date(2025, 7, 1))


def test_issues_are_grouped_by_rule_with_every_place_and_the_most_urgent_first(house: House) -> None:
    rows = [row(1), row(2, "lots"), row(3, kind="test"), row(4, "some"), row(1), "05/13/2025,Choir,Delivered,3,,,"]
    house.drop("log/log 2025-04.csv", log_file([*rows, *(row(day) for day in range(6, 29))]))
    file = file_of(house.receipt(), "log 2025-04.csv")
    assert [rule.level for rule in file.rules] == sorted((r.level for r in file.rules), key=list(IssueLevel).index)
    counts = next(rule for rule in file.rules if rule.rule == "invalid_attendance")
    assert (counts.level, counts.refused, counts.title) == (IssueLevel.CORRECT, 2, "Attendance is not a number")
    assert [(place.row, place.column) for said in counts.said for place in said.places] == [
        (3, "People"),
        (5, "People"),
    ]
    assert counts.what_to_do == "Write how many people came, as 12, 10-15 or approx 12."
    left_out = next(rule for rule in file.rules if rule.rule == "preview")
    assert (left_out.level, left_out.said[0].sentence) == (IssueLevel.LEFT_OUT, "This is a test entry.")
    assert sum(rule.places for rule in file.rules) == len(file.issues)


def test_what_is_to_be_done_comes_by_urgency(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(20)
    house.drop("log/log 2025-05.csv", b"")
    house.drop("log/log of may.csv", log_file([row(1)]))
    house.drop(
        "log/log 2025-06.csv",
        log_file([row(1, month=6), row(2, "lots", month=6), *(row(d, month=6) for d in range(3, 29))]),
    )
    house.drop("minutes.docx", b"PK")
    house.drop("~$minutes.docx", b"")
    receipt = house.receipt(10)
    kinds = [item.kind for item in receipt.to_do]
    order = ["held", "rejected", "unreadable", "overdue", "mend", "check", "unrecognised"]
    assert kinds == sorted(kinds, key=order.index)
    assert set(kinds) >= {"held", "unreadable", "overdue", "mend", "unrecognised"}
    held = receipt.to_do[0]
    assert held.what_to_do
    assert held.since == date(2025, 7, 10)
    overdue = next(item for item in receipt.to_do if item.kind == "overdue")
    assert overdue.title == "2 returns have not come"
    assert overdue.sentence == "2025-04 (due 05/05/2025, 66 days late); 2025-05 (due 05/06/2025, 35 days late)."
    (strange,) = (item for item in receipt.to_do if item.kind == "unrecognised")
    assert strange.files == ("elsewhere/minutes.docx",), "not the temporary one"
    mend = [item for item in receipt.to_do if item.rule == "invalid_attendance"]
    assert [(item.refused, len(item.files)) for item in mend] == [(21, 2)], "one thing to do in two files"


def test_a_mended_return_clears_what_was_wrong_and_says_so(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(13)
    before = house.told(1)
    assert [item.source for item in before.held] == ["log"]
    assert ("mend", "invalid_attendance") in to_do(before)
    assert before.cleared == ()
    drop_bad_april(0, version=2)
    after = house.told(2)
    assert after.held == ()
    assert not {kind for kind, _ in to_do(after)} & {"held", "mend"}
    assert [item.sentence for item in after.cleared] == [
        "Corrected since 02/07/2025: 13 of 13 rows of “Attendance is not a number”.",
        "Corrected since 02/07/2025: log 2025-04 v2.csv could be used, where log 2025-04.csv could not: too many rows were"
        " refused.",
    ]
    assert "Corrected since 02/07/2025: 13 of 13 rows" in house.page
    assert "New tonight." in house.page
    assert "New tonight." not in (house.told(3), house.page)[1]


def test_a_return_that_was_overwritten_in_place_clears_too(house: House) -> None:
    name = "log/log 2025-04.csv"
    house.drop(name, log_file([row(1, "lots"), *(row(day) for day in range(2, 29))]))
    house.night(1)
    house.drop(name, log_file([row(day) for day in range(1, 29)]))
    assert [item.sentence for item in house.receipt(2).cleared] == [
        "Corrected since 02/07/2025: 1 of 1 row of “Attendance is not a number”."
    ]


def test_a_part_that_was_mended_is_said_with_what_is_left(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(13)
    house.night(1)
    drop_bad_april(5, version=2)
    rows = [item for item in house.receipt(2).cleared if item.rule == "invalid_attendance"]
    assert [(item.was, item.now, item.sentence) for item in rows] == [
        (13, 5, "Corrected since 02/07/2025: 8 of 13 rows of “Attendance is not a number”. 5 are left.")
    ]


def test_a_version_whose_rows_were_not_read_has_mended_none(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(2)
    house.night(1)
    house.drop("log/log 2025-04 v2.csv", log_file([row(1)], header=HEADER.replace("People", "Who came along")))
    receipt = house.receipt(2)
    assert receipt.cleared == ()
    assert receipt.held[0].cause == "missing_column"
    assert ("mend", "invalid_attendance") in to_do(receipt), "the one that counts still asks"


def test_of_several_versions_the_newest_that_was_read_asks(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(2)
    house.night(1)
    drop_bad_april(20, version=2)
    receipt = house.receipt(2)
    assert [(file.file[-6:], file.asks) for file in receipt.files] == [("v2.csv", True), ("04.csv", False)]
    assert [item.refused for item in receipt.to_do if item.rule == "invalid_attendance"] == [20]


def submission(path: str, on: date, status: str, received: int = 10, read: str = "read") -> Submission:
    from datetime import UTC, datetime

    arrival = Arrival(
        path, "s", "log", path, datetime(on.year, on.month, on.day, tzinfo=UTC), on, status=read, received=received
    )
    return Submission(arrival, status, status == "accepted", None)


def test_what_is_cleared_is_counted_from_the_last_version_that_broke_the_rule() -> None:
    days = [date(2025, 7, day) for day in (1, 2, 3, 4)]
    versions = [submission(f"v{n}", day, "superseded") for n, day in enumerate(days)]
    versions[-1] = submission("v3", days[-1], "accepted")
    broken = {
        versions[0].arrival: {"a": (9, "rows"), "b": (1, "places")},
        versions[1].arrival: {"a": (4, "rows")},
        versions[2].arrival: {},
        versions[3].arrival: {"c": (1, "rows")},
    }
    found = [(item.rule, item.was, item.now, item.since) for item in resolved_issues(versions, broken)]
    assert found == [("a", 4, 0, days[2]), ("b", 1, 0, days[1])]


def test_what_is_no_better_is_not_cleared() -> None:
    one, other = submission("v0", date(2025, 7, 1), "superseded"), submission("v1", date(2025, 7, 2), "accepted")
    assert resolved_issues([one, other], {one.arrival: {"a": (3, "rows")}, other.arrival: {"a": (3, "rows")}}) == []
    assert resolved_issues([one, other], {one.arrival: {"a": (3, "rows")}, other.arrival: {"a": (7, "rows")}}) == []


def test_the_same_night_gives_the_same_bytes(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(3)
    house.told()
    first = {path.name: path.read_bytes() for path in house.folder.glob("receipt.*")}
    assert set(first) == {"receipt.json", "receipt.html"}
    house.told()
    assert {path.name: path.read_bytes() for path in house.folder.glob("receipt.*")} == first
    assert house.folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in house.folder.rglob("*"))


def test_a_night_with_nothing_new_changes_only_how_late_returns_are(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(3)
    night = house.night(1)
    house.told(1)
    assert refresh_receipts(house.places, date(2025, 7, 4), [SITE]) == []
    refreshed = json.loads((house.folder / "receipt.json").read_bytes())
    whole = receipt_of(night, house.catalogue, house.places, date(2025, 7, 4), SITE).as_data()
    for file, again in zip(refreshed["files"], whole["files"], strict=True):
        again["marked"] = file["marked"]
    assert refreshed == whole
    assert "2025-05 (due 05/06/2025, 29 days late)" in house.page


@pytest.mark.parametrize("content", [None, b"{}", b"not json"])
def test_a_receipt_that_is_not_there_or_of_another_version_is_made_anew(house: House, content: bytes | None) -> None:
    house.told(1)
    if content is None:
        (house.folder / "receipt.json").unlink()
    else:
        (house.folder / "receipt.json").write_bytes(content)
    assert refresh_receipts(house.places, date(2025, 7, 2), [SITE]) == [SITE]


def test_no_cell_of_a_personal_or_free_text_column_is_in_the_receipt(house: House) -> None:
    rows = [row(1, "lots"), row(2), f"{LEADER},{NOTE},{LEADER},{NOTE},{NOTE},{LEADER},{NOTE}"]
    house.drop("log/log 2025-04.csv", log_file([*rows, *(row(day) for day in range(3, 29))]))
    receipt = house.told()
    assert receipt.files[0].rejected == 2
    for path in house.folder.glob("receipt.*"):
        text = path.read_text(encoding="utf-8")
        assert not [word for word in (*LEADER.split(), "somebody about", "sister") if word in text], path.name


def test_a_flag_is_a_count_and_a_pointer(house: House) -> None:
    text = "He hits me when my mum is out"
    house.drop(
        "log/log 2025-04.csv", log_file([f"01/04/2025,Choir,Delivered,3,,,{text}", *(row(day) for day in range(2, 20))])
    )
    receipt = house.told()
    assert receipt.flags.waiting >= 1
    assert "safeguarding lead" in house.page
    assert text not in house.page


def test_the_schema_in_the_documentation_is_that_of_the_receipt() -> None:
    wanted = SiteReceipt.model_json_schema(by_alias=True, mode="serialization")
    assert json.loads((DOCS / "receipt.schema.json").read_text()) == wanted, "run: python -m tests.feedback.schema"


def test_places_are_said_by_column_and_neighbours_together() -> None:
    places = [IssuePlace(row=number, column="People") for number in (3, 4, 5, 9)]
    places += [
        IssuePlace(sheet="May", row=2, column="Date", cell="A2"),
        IssuePlace(sheet="May", row=3, column="Date", cell="A3"),
    ]
    places += [IssuePlace(), IssuePlace(column="Phone"), IssuePlace(row=7)]
    assert range_texts(cell_ranges_of(places), "line") == [
        "“People”: lines 3 to 5, 9",
        "sheet “May”, “Date”: A2 to A3",
        "the whole file",
        "“Phone”",
        "line 7",
    ]


def test_a_columns_name_is_found_as_people_write_it() -> None:
    cells = {(2, 3): "How  many\npeople came?", (1, 1): "A title", (9, 3): "12"}
    assert column_of("How many people came?", cells) == (2, 3)
    assert column_of("column 4", cells) == (0, 4)
    assert column_of("Date", cells) is None
    assert column_of(None, cells) is None


def test_an_id_without_words_is_said_by_its_name() -> None:
    assert rule_words("some_new_rule") == ("Some new rule", "")
    assert cause_words("some_new_cause")[0] == "Some new cause"
    assert {
        "accepted",
        "held",
        "rejected",
        "unreadable",
        "superseded",
        "duplicate_file",
        "unrecognised",
        "erased",
    } == set(statuses())
