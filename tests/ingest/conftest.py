"""What the tests of taking in share: contracts made by hand, and files made of rows.

Column and code names here are the tests' own; those of the sites are tried with the programme's returns (`shared`).
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.reference import Activity, Alias, FootprintArea, Site, Venue
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.landing import Landing
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.settings import Settings

KEY = b"a key of the tests alone, 32 byte"
HARM = "harmed"  # the word that the tests' own screen looks for


@pytest.fixture(scope="session")
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(KEY)


@pytest.fixture(scope="session")
def contract() -> Callable[..., Contract]:
    """A contract for a CSV log of sessions; anything in it can be put differently."""

    def make(**other: Any) -> Contract:
        values: dict[str, Any] = {
            "source": "log",
            "sites": ["here"],
            "record": "activity",
            "owner": "team",
            "description": "A log of sessions.",
            "files": "log/*.csv",
            "name": r"log(?: (?P<month>\d{4}-\d{2}))?(?: v(?P<version>\d+))?(?: \(\d+\))?\..*",
            "return": {"key": "log {month}", "version": "version"},
            "read": {"format": "csv"},
            "columns": {
                "session_on": {
                    "header": "Date",
                    "type": "date",
                    "required": True,
                    "invalid": "reject",
                    "within": ["2025-04-01", "2026-04-30"],
                },
                "activity": {"header": "Activity", "type": "activity", "required": True},
                "status": {
                    "header": "Status",
                    "type": "category",
                    "codes": {"Delivered": "delivered", "Cancelled": "cancelled"},
                    "required": True,
                    "invalid": "reject",
                },
                "attendance": {
                    "header": "People",
                    "type": "attendance",
                    "unknown": ["n/a", "-", "full class", "TBC"],
                    "required": True,
                    "invalid": "reject",
                },
                "hours": {"header": "Hours", "type": "number", "least": 0, "most": 24},
            },
            "free_text": ["Notes"],
            "personal": ["Email"],
            "ignored": ["Room"],
        }
        return Contract.model_validate({**values, **other})

    return make


@pytest.fixture(scope="session")
def catalogue(contract: Callable[..., Contract]) -> Catalogue:
    return Catalogue(
        sites=(Site(site="here", name="Here", nation="England"), Site(site="there", name="There", nation="Wales")),
        contracts=(contract(),),
        activities=(
            Activity(site="here", activity="choir", name="Choir", tier="x", audience="y", designed_hours=None),
        ),
        aliases=(
            Alias(site="here", alias="Choir", activity="choir", valid_from=None, valid_to=None),
            Alias(site="here", alias="Kids’ choir", activity="choir", valid_from="2025-09-01", valid_to=None),  # type: ignore[arg-type]
        ),
        venues=(Venue(postcode="AB1 2CD", site="here", area="Old Town", small_area_code="E01"),),
        areas=(
            FootprintArea(
                site="here",
                area="Old Town",
                small_area_code="E01",
                small_area_kind="LSOA",
                index="IMD",
                rank=1,
                areas_in_nation=2,
                nation_quintile=1,
                pop_0_4=1,
                pop_5_11=1,
                pop_12_17=1,
                pop_18_plus=1,
                pop_year=2024,
            ),
        ),
        indicators=(),
    )


Reader = Callable[..., FileReading]


def screen(text: str) -> list[str]:
    return ["test.harm"] if HARM in text else []


@pytest.fixture(scope="session")
def read(catalogue: Catalogue, pseudonyms: Pseudonyms) -> Reader:
    """Read bytes by a contract, as the site `here`; `harmed` is what the screen looks for."""

    def run(content: bytes, contract: Contract, name: str | None = None, site: str = "here") -> FileReading:
        name = name or ("log 2025-04.xlsx" if content.startswith(b"PK") else "log 2025-04.csv")
        sha256 = hashlib.sha256(content).hexdigest()
        return read_file(content, FileContext(name, site, sha256, contract, catalogue, pseudonyms, screen))

    return run


HEADER = ("Date", "Activity", "Status", "People", "Hours", "Notes")


@pytest.fixture(scope="session")
def csv_of() -> Callable[..., bytes]:
    """A CSV of rows under the header of `contract`, or under another one; None is an empty line."""

    def make(rows: Iterable[Sequence[object] | None], header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter)
        for row in (header, *rows):
            writer.writerow(row if row is not None else ())
        return text.getvalue().encode()

    return make


@pytest.fixture(scope="session")
def session() -> Callable[..., tuple[object, ...]]:
    """One good row of the log, told from the others by its number."""

    def make(number: int = 0, **other: object) -> tuple[object, ...]:
        values: dict[str, object] = {
            "Date": f"{number % 28 + 1:02}/04/2025",
            "Activity": "Choir",
            "Status": "Delivered",
            "People": str(10 + number),
            "Hours": "2",
            "Notes": f"note {number}",
        }
        return tuple({**values, **other}.values())

    return make


@pytest.fixture
def book_of() -> Callable[..., bytes]:
    """A workbook of sheets, each a list of rows, after something was done to it."""

    def make(
        sheets: dict[str, Sequence[Sequence[object]]], change: Callable[[openpyxl.Workbook], None] = lambda _: None
    ) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
        for name, rows in sheets.items():
            sheet = book.create_sheet(name)
            for row in rows:
                sheet.append(row)
        change(book)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    return make


@dataclass(frozen=True)
class SimpleRules:
    """In place of the safeguarding rules, which have tests of their own: one word."""

    digest: str = "simple"

    def screen(self, text: str) -> list[str]:
        return screen(text)


NOW = datetime(2026, 5, 1, 2, tzinfo=UTC)


@pytest.fixture
def landing(tmp_path: Path) -> Path:
    folder = tmp_path / "landing"
    (folder / "here" / "log").mkdir(parents=True)
    return folder


@pytest.fixture
def intake(tmp_path: Path, landing: Path, catalogue: Catalogue, pseudonyms: Pseudonyms) -> Callable[..., Intake]:
    """An intake of the landing zone into a home of its own; `night` counts the days, other fields can be replaced."""

    def make(night: int = 0, home: str = "home", **other: Any) -> Intake:
        settings = Settings(
            landing=str(landing),
            home=tmp_path / home,
            contracts=(),
            target="duckdb",
            as_of=date(2026, 5, 1) + timedelta(days=night),
            pseudonym_key=None,
        )
        settings.places.make()
        values: dict[str, Any] = {
            "settings": settings,
            "catalogue": catalogue,
            "pseudonyms": pseudonyms,
            "rules": SimpleRules(),
            "landing": Landing(str(landing)),
            "now": NOW + timedelta(days=night),
        }
        return Intake(**{**values, **other})

    return make


Listing = dict[str, tuple[int, str]]


@pytest.fixture
def listing() -> Callable[[Path], Listing]:
    """Every file below a folder with the time of its last change and its digest."""

    def look(folder: Path) -> Listing:
        return {
            path.relative_to(folder).as_posix(): (
                path.stat().st_mtime_ns,
                hashlib.sha256(path.read_bytes()).hexdigest(),
            )
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }

    return look
