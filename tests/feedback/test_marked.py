"""When a marked copy is written, when it goes, and that nothing erased comes back in one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import openpyxl
import pytest

from tfc_platform.cli.erase import carry_out
from tfc_platform.erasure.erasure_request import RecordScope
from tfc_platform.feedback.receipts import marked_copies, marked_workbook

from .conftest import LEADER, SITE, House, book_file, log_file, row

COPY = "marked/log/log 2025-04.csv.marked.xlsx"
DropApril = Callable[..., None]


def copies(house: House) -> list[str]:
    return sorted(path.relative_to(house.folder).as_posix() for path in house.folder.rglob("*.xlsx"))


def everything_in(folder: Path) -> str:
    """The text of all files below a folder, of the parts of workbooks too."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as book:
                content = b"\n".join(book.read(name) for name in book.namelist())
        found.append(content.decode(errors="replace"))
    return "\n".join(found)


def test_a_return_with_something_to_mend_has_a_copy_that_the_page_links(
    house: House, drop_bad_april: DropApril
) -> None:
    drop_bad_april(2)
    house.drop("log/log 2025-05.csv", log_file([row(day, month=5) for day in range(1, 29)]))
    receipt = house.told()
    assert copies(house) == [COPY]
    assert {file.file: file.marked for file in receipt.files} == {
        "elsewhere/log/log 2025-04.csv": COPY,
        "elsewhere/log/log 2025-05.csv": None,
    }
    assert 'href="marked/log/log%202025-04.csv.marked.xlsx"' in house.page
    sheet = openpyxl.load_workbook(house.folder / COPY)["Return"]
    assert sheet["D2"].comment.text.startswith("Correct: not counted. Attendance is not a number: ")
    assert sheet["F2"].value == LEADER, "the site's own cells, in the site's own folder"


def test_a_workbook_keeps_its_name(house: House) -> None:
    rows = [
        ("Date", "Activity", "People"),
        ("01/04/2025", "Choir", "lots"),
        *(("02/04/2025", "Choir", n) for n in range(30)),
    ]
    house.drop("book/book.xlsx", book_file({"May": rows}))
    house.told()
    assert copies(house) == ["marked/book/book.marked.xlsx"]
    assert openpyxl.load_workbook(house.folder / "marked/book/book.marked.xlsx")["May"]["C2"].comment


def test_it_is_written_anew_only_where_something_changed(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(2)
    house.told(1)
    before = (house.folder / COPY).stat().st_mtime_ns
    with mock.patch.object(marked_workbook, "marked_copy", side_effect=AssertionError("written again")):
        assert house.told(2).files[0].marked == COPY
    assert (house.folder / COPY).stat().st_mtime_ns == before
    (house.folder / COPY).unlink()
    house.told(2)
    assert (house.folder / COPY).is_file(), "one that somebody deleted comes back"
    drop_bad_april(3)
    house.told(3)
    book = openpyxl.load_workbook(house.folder / COPY)
    assert sum(cell.comment is not None for line in book["Return"].iter_rows() for cell in line) == 3


def test_it_goes_when_the_return_is_mended(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(2)
    house.told(1)
    drop_bad_april(0, version=2)
    receipt = house.told(2)
    assert copies(house) == []
    assert not (house.folder / "marked").exists()
    assert [file.marked for file in receipt.files] == [None, None]


def test_two_files_that_differ_in_case_alone_have_a_copy_each(house: House) -> None:
    receipt = house.receipt(1, house.night(1))
    house.drop("log/log 2025-04.csv", log_file([row(1, "lots"), *(row(day) for day in range(2, 29))]))
    file = next(iter(house.told(1).files))
    both = receipt.model_copy(update={"files": (file, file.model_copy(update={"file": file.file.upper()}))})
    names = [name for _, name in marked_copies._named(both)]
    assert len({name.casefold() for name in names}) == 2
    long = file.model_copy(update={"file": f"elsewhere/{'ä' * 120}.csv"})
    (name,) = (name for _, name in marked_copies._named(receipt.model_copy(update={"files": (long,)})))
    assert len(name.encode()) < 255


def test_a_fault_of_ours_in_one_copy_stops_no_receipt_and_logs_no_cell(
    house: House, drop_bad_april: DropApril, caplog: pytest.LogCaptureFixture
) -> None:
    drop_bad_april(2)
    with mock.patch.object(marked_workbook, "marked_copy", side_effect=ValueError(LEADER)):
        receipt = house.told()
    assert [file.marked for file in receipt.files] == [None]
    assert "no marked copy could be made of a file (ValueError, sha256 " in caplog.text
    assert LEADER not in caplog.text


def test_an_erased_file_has_no_copy_from_that_moment_on(house: House, drop_bad_april: DropApril) -> None:
    drop_bad_april(2)
    file = house.told(1).files[0]
    assert LEADER in everything_in(house.folder)
    carry_out(house.settings, "file", file.sha256, RecordScope())
    assert copies(house) == [], "before any night"
    assert LEADER not in everything_in(house.places.home)
    receipt = house.told(2)
    assert [(file.status, file.marked) for file in receipt.files] == [("erased", None)]
    assert copies(house) == []
    assert LEADER not in everything_in(house.places.home)


def test_an_erased_record_is_in_no_later_copy(house: House) -> None:
    told = [f"EW-{number},{number:02}/04/2025,Story number {number}" for number in range(1, 20)]
    told.append("EW-20,no day,Wibblethwaite came again")
    told.append("EW-21,some day,Another story")
    house.drop("stories/stories.csv", ("\n".join(["id,told,story", *told]) + "\n").encode())
    house.told(1)
    assert copies(house) == ["marked/stories/stories.csv.marked.xlsx"]
    assert "Wibblethwaite" in everything_in(house.folder)
    carry_out(house.settings, "story", "EW-20", RecordScope())
    assert "Wibblethwaite" not in everything_in(house.places.home)
    house.told(2)
    assert copies(house) == ["marked/stories/stories.csv.marked.xlsx"], "another story still asks"
    assert "Wibblethwaite" not in everything_in(house.places.home)
    book = openpyxl.load_workbook(io.BytesIO((house.folder / copies(house)[0]).read_bytes()))
    assert "Another story" in [cell.value for cell in book["Return"]["C"]]


def test_a_vault_that_was_redacted_behind_our_back_makes_the_copy_anew(house: House, drop_bad_april: DropApril) -> None:
    from tfc_platform.ingest import vault

    drop_bad_april(2)
    file = house.told(1).files[0]
    content = vault.content_of(house.places.vault, file.sha256).replace(LEADER.encode(), b"")
    vault.replace(house.places.vault, file.sha256, content)
    house.told(1)
    assert LEADER not in everything_in(house.places.sites / SITE)
