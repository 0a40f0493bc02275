"""A site of its own with three sources, and whole small nights of it without a build."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tfc_platform.admission.admit import Night, admit
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.feedback.receipts import write_receipts
from tfc_platform.feedback.receipts.build import receipt_of
from tfc_platform.feedback.receipts.schema import SiteReceipt
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Places, Settings

LOG = """\
source: log
sites: [elsewhere]
record: activity
owner: team
description: A CSV a month.
files: log/*.csv
name: 'log (?P<month>\\d{4}-\\d{2})(?: v(?P<version>\\d+))?(?: \\(\\d+\\))?\\.csv'
return: {key: '{month}', version: version}
read: {format: csv}
columns:
  session_on: {header: Date, type: date, required: true, invalid: reject}
  activity: {header: Activity, type: activity, required: true}
  status: {header: Status, type: category, codes: {Delivered: delivered}, required: true, invalid: reject}
  attendance: {header: People, type: attendance, required: true, invalid: reject}
reject:
  - {header: Kind, equals: [test], reason: preview, message: This is a test entry., fault: false, optional: true}
free_text: [Notes]
personal: [Leader]
expects: {monthly_from: 2025-04-01, days_after_month: 5}
"""
BOOK = """\
source: book
sites: [elsewhere]
record: activity
owner: team
description: A workbook.
files: book/*.xlsx
name: 'book(?: v(?P<version>\\d+))?\\.xlsx'
return: {key: 'all', version: version}
read: {format: workbook}
columns:
  session_on: {header: Date, type: date, required: true, invalid: reject}
  activity: {header: Activity, type: activity, required: true}
  attendance: {header: People, type: attendance, required: true, invalid: reject}
free_text: [Notes]
"""
STORIES = """\
source: stories
sites: [elsewhere]
record: story
owner: team
description: One file of stories.
files: stories/*.csv
return: {key: all}
read: {format: csv}
key: [story_id]
columns:
  story_id: {header: id, type: id, required: true, invalid: reject}
  told_on: {header: told, type: date, required: true}
free_text: [story]
"""
HEADER = "Date,Activity,Status,People,Kind,Leader,Notes"
SITE = "elsewhere"
LEADER, NOTE = "Quizzwoerthy Naevia", "She rang somebody about her sister"


def row(day: int, people: str = "12", kind: str = "", month: int = 4) -> str:
    return f"{day:02}/{month:02}/2025,Choir,Delivered,{people},{kind},{LEADER},{NOTE}"


def log_file(rows: Sequence[str], header: str = HEADER) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


def book_file(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for cells in rows:
            sheet.append(list(cells))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("contracts")
    (root / "sources").mkdir()
    for name, text in {"log": LOG, "book": BOOK, "stories": STORIES}.items():
        (root / "sources" / f"{name}.yaml").write_text(text)
    (root / "reference").mkdir()
    (root / "reference" / "activities.csv").write_text(
        "site,activity,name,tier,audience,designed_hours,audience_unit\nelsewhere,choir,Choir,primary,adults,1,group\n"
    )
    (root / "reference" / "activity_aliases.csv").write_text(
        "site,alias,activity,valid_from,valid_to\nelsewhere,Choir,choir,,\n"
    )
    (root / "sites.yaml").write_text("- {site: elsewhere, name: Elsewhere & Co, nation: Wales}\n")
    return root


@pytest.fixture(scope="session")
def catalogue(contracts: Path) -> Catalogue:
    return load_catalogue([contracts])


@dataclass
class House:
    """A home, a landing zone and the nights of both, from 1 July 2025."""

    settings: Settings
    catalogue: Catalogue

    @property
    def places(self) -> Places:
        return self.settings.places

    @property
    def folder(self) -> Path:
        return self.places.sites / SITE

    def drop(self, name: str, content: bytes) -> None:
        target = Path(self.settings.landing) / SITE / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)

    def night(self, day: int = 1) -> Night:
        as_of = date(2025, 7, day)
        loaded = Intake.load(replace(self.settings, as_of=as_of), self.catalogue)
        intake = replace(loaded, now=datetime(2025, 7, day, 2, tzinfo=UTC))
        take_in(intake, SITE)
        return admit(intake)

    def receipt(self, day: int = 1, night: Night | None = None) -> SiteReceipt:
        return receipt_of(night or self.night(day), self.catalogue, self.places, date(2025, 7, day), SITE)

    def told(self, day: int = 1) -> SiteReceipt:
        """A night's receipt as it stands on the disk."""
        write_receipts(self.night(day), self.catalogue, self.places, date(2025, 7, day), [SITE])
        return SiteReceipt.model_validate_json((self.folder / "receipt.json").read_bytes())

    @property
    def page(self) -> str:
        return (self.folder / "receipt.html").read_text(encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path, contracts: Path, catalogue: Catalogue) -> House:
    (tmp_path / "landing").mkdir()
    env = {
        "TFC_REST_SECONDS": "0",
        "TFC_HOME": str(tmp_path / "home"),
        "TFC_LANDING": str(tmp_path / "landing"),
        "TFC_AS_OF": "2025-07-01",
    }
    env |= {"TFC_PSEUDONYM_KEY": "a key of the tests alone", "TFC_CONTRACTS": str(contracts)}
    settings = Settings.load(env, dotenv=tmp_path / "none")
    return House(settings, catalogue)


@pytest.fixture
def drop_bad_april(house: House) -> Callable[..., None]:
    """April with 40 rows of which the first `bad` have no count."""

    def drop(bad: int, version: int = 1) -> None:
        rows = [row(1 + number % 28, f"{'lots' if number < bad else number + 1}") for number in range(40)]
        house.drop(f"log/log 2025-04{f' v{version}' if version > 1 else ''}.csv", log_file(rows))

    return drop
