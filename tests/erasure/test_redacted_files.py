"""Erasing from files that are hard to read: rejected, broken, hidden, of no night, put back from a backup."""

from __future__ import annotations

import shutil

import openpyxl
import pytest

from tests.night.nights import FIRST, Home, tree
from tests.night.search import Secrets
from tfc_platform.atomic_io import sha256_file
from tfc_platform.cli.erase import carry_out
from tfc_platform.contracts.model import Reading
from tfc_platform.erasure import carry_out as carrying
from tfc_platform.erasure import erasure_ledger
from tfc_platform.erasure.carry_out import finish_erasures
from tfc_platform.erasure.erasure_request import RecordScope
from tfc_platform.ingest import erased_rows, ingest_sender, vault
from tfc_platform.sheets.readers import open_grid

from .people import KOBO, QUALTRICS, SMARTSURVEY, STORIES
from .requested import edit, erase, loaded, only, rows_of, statuses, taken_in


def test_a_rejected_file_without_the_column_of_the_id_is_redacted_by_its_cells(home: Home) -> None:
    only(home, QUALTRICS)

    def lose(rows: list[list[str]]) -> None:
        rows[0][8] = "Answer number"
        rows[5][-1] = "Vellzaquör"

    response_id = rows_of(home, QUALTRICS)[5][8]
    edit(home, QUALTRICS, lose)
    before = statuses(taken_in(home))[QUALTRICS]
    assert before[0] == "rejected"
    secrets = Secrets([response_id, "Vellzaquör"])
    assert secrets.below(home.places.vault)
    erase(home, "respondent", response_id)
    assert secrets.below(home.places.home) == {}
    assert statuses(taken_in(home))[QUALTRICS] == before
    assert secrets.below(home.places.home) == {}


def test_text_that_cannot_be_cut_into_rows_is_not_kept_and_its_sender_hears_why(home: Home) -> None:
    only(home, KOBO[0])
    rows = rows_of(home, KOBO[0], ";")
    uuid = rows[5][rows[0].index("_uuid")]
    broken = home.landing / KOBO[0].replace("all_versions", "broken")
    content = (home.landing / KOBO[0]).read_bytes()
    broken.write_bytes(content + b'"a quotation mark that nothing closes')
    name = broken.relative_to(home.landing).as_posix()
    before = statuses(taken_in(home))
    assert before[name][0] == "unreadable"
    erase(home, "respondent", uuid)
    secrets = Secrets([uuid])
    for _ in range(2):
        after = statuses(taken_in(home))
        assert after[name][:2] == (
            "erased",
            "The file holds a record that was erased and cannot be taken out of it, so it was not kept. Take the record out and"
            f" send the file again. {KOBO[0]} has come since and is used.",
        )
        assert secrets.below(home.places.home) == {}
    later = home.landing / KOBO[0].replace("all_versions", "broken_again")
    later.write_bytes(content + b'"another')
    assert statuses(taken_in(home))[later.relative_to(home.landing).as_posix()][0] == "erased"
    assert secrets.below(home.places.home) == {}


def test_a_hidden_sheet_is_looked_into_too(home: Home) -> None:
    only(home, SMARTSURVEY)
    book = openpyxl.load_workbook(home.landing / SMARTSURVEY)
    sheet = book.worksheets[0]
    unique_id = str(sheet.cell(7, 6).value)
    hidden = book.create_sheet("raw")
    hidden.sheet_state = "hidden"
    hidden.append(["what", "who"])
    hidden.append(["Vellzaquör said so", unique_id])
    hidden.append(["another", "000000000000"])
    book.save(home.landing / SMARTSURVEY)
    taken_in(home)
    secrets = Secrets(["Vellzaquör", unique_id])
    assert secrets.below(home.places.vault)
    erase(home, "respondent", unique_id)
    assert secrets.below(home.places.home) == {}
    sha256 = sha256_file(home.landing / SMARTSURVEY)
    kept = open_grid(vault.content_of(home.places.vault, sha256), Reading(format="workbook"))
    (aside,) = kept.aside
    assert [(aside.name, row.number, row.cells) for row in aside.rows] == [
        ("raw", 1, ("what", "who")),
        ("raw", 3, ("another", "000000000000")),
    ]


def test_a_workbook_that_cannot_be_opened_is_named(home: Home) -> None:
    only(home, SMARTSURVEY)
    damaged = home.landing / SMARTSURVEY.replace("professionals", "community")
    damaged.write_bytes((home.landing / SMARTSURVEY).read_bytes()[:3000])
    taken_in(home)
    book = openpyxl.load_workbook(home.landing / SMARTSURVEY)
    ordered = erase(home, "respondent", str(book.worksheets[0].cell(7, 6).value))
    assert ordered.unopened == (damaged.relative_to(home.landing).as_posix(),)


def test_many_erased_rows_are_no_fault_of_the_return(home: Home) -> None:
    """The 10% rule is about rows that a sender has to correct."""
    only(home, QUALTRICS)
    edit(home, QUALTRICS, lambda rows: rows.__delitem__(slice(60, None)))
    before = statuses(taken_in(home))[QUALTRICS]
    rows = [row for row in rows_of(home, QUALTRICS)[3:] if row]
    answered = list(dict.fromkeys(row[8] for row in rows if row[2] == "0" and row[6] == "1"))
    chosen = answered[: len(answered) // 6]
    assert len(chosen) > len(rows) / 10
    for response_id in chosen:
        erase(home, "respondent", response_id)
    status, _, received, accepted = statuses(taken_in(home))[QUALTRICS]
    gone = sum(row[8] in chosen for row in rows)  # an answer that stands there twice goes twice
    assert (status, received, accepted) == ("accepted", before[2] - gone, before[3] - len(chosen))


def test_bytes_that_no_night_has_noted_are_looked_into(home: Home) -> None:
    """A killed night may have put a file into the vault and noted nothing of it."""
    only(home, QUALTRICS)
    response_id = rows_of(home, QUALTRICS)[5][8]
    content = (home.landing / QUALTRICS).read_bytes().replace(b"anonymous", b"anonymouz")
    taken_in(home)
    vault.keep(home.places.vault, content)
    erase(home, "respondent", response_id)
    assert Secrets([response_id]).below(home.places.home) == {}


def test_a_file_that_cannot_be_looked_through_is_not_kept_and_stops_no_site(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours, in one file."""
    only(home, QUALTRICS, *KOBO[:1])
    taken_in(home)
    erase(home, "respondent", rows_of(home, QUALTRICS)[5][8])
    other = QUALTRICS.replace("professionals w1", "professionals w2")
    (home.landing / other).write_bytes((home.landing / QUALTRICS).read_bytes().replace(b"anonymous", b"anonymouz"))

    def broken(content: bytes, *_: object) -> object:
        raise ZeroDivisionError("with the cell Vellzaquör in its words")

    monkeypatch.setattr(ingest_sender, "clean", broken)
    after = statuses(taken_in(home))
    assert after[other][:2] == (
        "erased",
        "The platform could not look through this file for records that were erased, so it was not kept. The central team has to"
        " look at it.",
    )
    assert after[QUALTRICS][0] == "accepted"
    assert not vault.has(home.places.vault, sha256_file(home.landing / other))


def test_a_record_that_cannot_be_taken_out_takes_its_file_along(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    only(home, QUALTRICS)
    taken_in(home)
    response_id = rows_of(home, QUALTRICS)[5][8]

    def broken(*_: object) -> bytes:
        raise ZeroDivisionError("It cannot.")

    monkeypatch.setattr(erased_rows, "without_rows", broken)
    _, done = carry_out(home.settings(FIRST), "respondent", response_id, RecordScope())
    assert done.removed_whole == 1
    assert statuses(taken_in(home))[QUALTRICS][:2] == (
        "erased",
        "The file holds a record that was erased and cannot be taken out of it, so it was not kept. Take the record out and send"
        " the file again.",
    )
    assert Secrets([response_id]).below(home.places.home) == {}


def test_loading_carries_nothing_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """An erasure that was killed on its way waits for the start of a night, or for the next `tfc erase`."""
    only(home, QUALTRICS)
    taken_in(home)
    monkeypatch.setattr(carrying, "remove_releases", _killed)
    with pytest.raises(KeyboardInterrupt):
        erase(home, "respondent", rows_of(home, QUALTRICS)[5][8])
    monkeypatch.undo()
    before = tree(home.places.home)
    catalogue = loaded(home).catalogue
    assert tree(home.places.home) == before
    assert finish_erasures(home.places, catalogue, FIRST) == 1
    assert len(erasure_ledger.read(home.places)) == 1
    assert tree(home.places.vault) != {
        name.removeprefix("vault/"): sha for name, sha in before.items() if name.startswith("vault/")
    }


def _killed(*_: object) -> int:
    raise KeyboardInterrupt


def test_a_vault_restored_from_before_the_erasure_is_redacted_as_it_is_read(home: Home) -> None:
    only(home, QUALTRICS, STORIES)
    taken_in(home)
    response_id, sha256 = rows_of(home, QUALTRICS)[5][8], sha256_file(home.landing / STORIES)
    kept = home.folder / "kept"
    shutil.copytree(home.places.vault, kept)
    erase(home, "respondent", response_id)
    erase(home, "file", sha256)
    shutil.rmtree(home.places.vault)
    shutil.copytree(kept, home.places.vault)
    for made in ("receipts", "survey_respondent", "survey_answer", "row_issue", "story"):
        shutil.rmtree(home.places.lake / made, ignore_errors=True)
    shutil.rmtree(home.landing)
    home.landing.mkdir()
    after = statuses(taken_in(home))
    assert after[STORIES][0] == "erased"
    assert not vault.has(home.places.vault, sha256)
    assert Secrets([response_id]).below(home.places.home) == {}
