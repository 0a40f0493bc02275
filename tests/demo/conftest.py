"""One pair of demonstration nights for all tests of this folder, and a plain way to look into their files.

Not by the platform's readers: the generator must not be tested by what it is there to test.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl
import pyreadstat
import pytest

from tfc_platform.demo import DemoAnswers, write

SEED = 411
LOG_HEADER_ROWS, HIDDEN_HEADER_ROWS = 4, 1
HEADER_ROWS = {"Sheet1": 1, "Sheet": 2}  # of the tools' workbooks


@dataclass(frozen=True)
class Cell:
    sheet: str | None
    row: int
    column: str
    text: str


@dataclass(frozen=True, eq=False)
class Nights:
    """A landing zone with both nights in it, and the answers after each."""

    landing: Path
    first: DemoAnswers
    second: DemoAnswers

    def records(self, name: str) -> list[tuple[int, list[str]]]:
        """The records of a delimited file with the line at which each starts."""
        encoding = "cp1252" if name.startswith("grimsby/activity/") else "utf-8-sig"
        text = (self.landing / name).read_bytes().decode(encoding)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if text.startswith('"start"') else ",")
        found, start = [], 1
        for record in reader:
            found.append((start, record))
            start = reader.line_num + 1
        return found

    def cells(self, name: str) -> list[Cell]:
        """Every filled cell below the headings of a readable file."""
        return self._cells(name)

    @cache  # noqa: B019 - one object, for the session
    def _cells(self, name: str) -> list[Cell]:
        readers = {".csv": self._delimited, ".xlsx": self._workbook, ".sav": self._sav}
        return [cell for cell in readers[Path(name).suffix](name) if cell.text]

    def _delimited(self, name: str) -> Iterator[Cell]:
        (_, names), *rest = self.records(name)
        for row, record in rest:
            for heading, text in zip(names, record, strict=False):
                yield Cell(None, row, heading, text)

    def _workbook(self, name: str) -> Iterator[Cell]:
        for sheet in openpyxl.load_workbook(self.landing / name).worksheets:
            rows = list(sheet.iter_rows(values_only=True))
            own = LOG_HEADER_ROWS if sheet.sheet_state == "visible" else HIDDEN_HEADER_ROWS
            header_rows = HEADER_ROWS.get(sheet.title, own)
            names = ["" for _ in rows[0]]
            for header in rows[:header_rows][-2:]:
                names = [
                    str(cell) if cell is not None else heading for cell, heading in zip(header, names, strict=True)
                ]
            if sheet.title == "Sheet":
                names = [str(q or part or "") for q, part in zip(rows[0], rows[1], strict=True)]
            shown = None if sheet.title == "Sheet1" else sheet.title
            for number, row in enumerate(rows[header_rows:], header_rows + 1):
                for heading, cell in zip(names, row, strict=True):
                    if cell is not None:
                        yield Cell(shown, number, heading, str(cell))

    def _sav(self, name: str) -> Iterator[Cell]:
        frame, _ = pyreadstat.read_sav(self.landing / name, user_missing=True)
        for heading in frame.columns:
            for case, value in enumerate(frame[heading], 1):
                yield Cell(None, case, heading, str(value))


@pytest.fixture(scope="session")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    landing = tmp_path_factory.mktemp("demo")
    return Nights(landing, write(landing, SEED), write(landing, SEED, night=2))
