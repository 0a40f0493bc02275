"""Long returns for the intake benchmark: a million rows of what a contract asks for, from a seed.

They are a CSV or a workbook by a contract of the package. Every cell is a
word of the contract or of the programme's reference data, a number, or a sentence put together from a few plain words.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import AnswerGroup, Column, Contract, applies

__all__ = ["Made", "contract_of", "write_csv", "write_workbook"]

SEED = 2026
WORDS = (  # noqa: SIM905 (words are easier to read so)
    "quiet lively steady short long warm busy full calm useful well-run late early new usual shared outdoor joint"
).split()
THINGS = "session group room start finish welcome activity talk visit snack story game song walk craft tea".split()  # noqa: SIM905
STARTS = (
    "What groups wrote down: a {} {} and a {} {}.",
    "A {} {}, then a {} {}.",
    "People liked the {} {} and the {} {}.",
)
Cell = Callable[[random.Random, int], str]


@dataclass(frozen=True)
class Made:
    """A file that was made, and the contract that reads it for a site."""

    path: Path
    site: str
    contract: Contract
    rows: int


def contract_of(catalogue: Catalogue, record: str, kind: str) -> tuple[str, Contract]:
    """The first contract of the package that reads `record` from files of a format, with its site."""
    contract = next(item for item in catalogue.contracts if item.record == record and item.read.format == kind)
    return contract.sites[0], contract


def _name(contract: Contract, facts: dict[str, str]) -> str:
    """A name that the contract takes; `*` of its files becomes whatever its pattern asks for."""
    pattern = contract.files.rsplit("/", 1)[-1]
    guesses = ["2026-03-31", " (1-1000000)", " 2025-26 H2", "_".join(facts.values()), " ".join(facts.values())]
    for guess in guesses:
        name = pattern.replace("*", guess)
        found = contract.name_pattern.fullmatch(name)
        if found and all(found.groupdict().get(key) == value for key, value in facts.items()):
            return name
    raise ValueError(f"{contract.source}: no name that its pattern takes was found")


def _sentence(rng: random.Random) -> str:
    return rng.choice(STARTS).format(*(rng.choice(words) for words in (WORDS, THINGS) * 2))


def _notes(own: bool) -> Cell:
    """Six rows in ten have a note: one of some thousand, or one that no other row has."""
    rng = random.Random(SEED)
    some = [_sentence(rng) for _ in range(5000)]

    def note(rng: random.Random, number: int) -> str:
        if rng.random() < 0.4:
            return ""
        return f"{_sentence(rng)} Entry {number}." if own else rng.choice(some)

    return note


def _attendance(rng: random.Random, _: int) -> str:
    count = rng.randint(1, 60)
    return rng.choices(
        [str(count), f"approx {count}", f"{count}+", f"{count}-{count + 5}", "n/a", ""], [85, 5, 3, 3, 2, 2]
    )[0]


def _cell(column: Column, catalogue: Catalogue, site: str) -> Cell:
    """How a cell of a column is made up."""
    if column.type == "date":
        first, last = column.within or (date(2025, 4, 1), date(2026, 3, 31))
        days = [first + timedelta(days=number) for number in range((last - first).days)]
        # The month that the file's name gives, where the contract takes days in it.
        days = [day for day in days if (day.year, day.month) == (2026, 3)] or days
        shape = "%d/%m/%Y" if column.formats[0] == "d/m/y" else "%Y-%m-%d"
        written = [day.strftime(shape) for day in days]
        return lambda rng, _: rng.choice(written)
    closed: dict[str, list[str]] = {
        "activity": [alias.alias for alias in catalogue.aliases if alias.site == site],
        "area": sorted({area.area for area in catalogue.areas if area.site == site}),
        "category": list(column.codes) or [f"Place {letter}" for letter in "ABCDEFGH"],
        "postcode": [venue.postcode for venue in catalogue.venues if venue.site == site] + [""],
    }
    if column.type in closed:
        return lambda rng, _: rng.choice(closed[column.type])
    made: dict[str, Cell] = {
        "attendance": _attendance,
        "number": lambda rng, _: rng.choice(["1", "1.5", "2", "2.5", "3", ""]),
        "partners": lambda rng, _: column.separator.join(
            f"Partner {rng.randint(1, 20)}" for _ in range(rng.randint(0, 3))
        ),
        "panel": lambda rng, number: f"P{number % 400_000:07}",
        "token": lambda rng, number: f"{rng.getrandbits(64):016x}-{number:07x}",
    }
    return made[column.type]


def _columns(contract: Contract, catalogue: Catalogue, site: str, facts: dict[str, str], own: bool) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for column in contract.fields(facts).values():
        found.setdefault(column.header[-1].name.replace("*", "x"), _cell(column, catalogue, site))
    for rule in contract.reject:
        found[rule.header[0].name] = lambda rng, _: ""
    groups: list[AnswerGroup] = list(contract.survey.answers) if contract.survey else []
    for group in groups:
        if applies(group.when, facts):
            codes = [*next(one for one in group.codes if applies(one.when, facts)).values, *group.missing]
            for headers in group.items.values():
                found[headers[0].name.replace("*", "x")] = lambda rng, _, codes=codes: rng.choice(codes)  # type: ignore[misc]
    for headers in contract.free_text:
        found[headers[0].name] = _notes(own)
    return found


def _rows(columns: dict[str, Cell], rows: int) -> Iterator[list[str]]:
    rng = random.Random(SEED)
    for number in range(rows):
        row = [make(rng, number) for make in columns.values()]
        if number % 500 == 7:
            row[1] = "?" if number % 1000 == 7 else row[1]  # a cell that no column knows, now and then
        yield row


def write_csv(
    catalogue: Catalogue, record: str, folder: Path, rows: int, facts: dict[str, str] | None = None, own: bool = False
) -> Made:
    """A CSV of `rows` rows.

    :param own: every note differs from all others; else some thousand notes come again and again.
    """
    site, contract = contract_of(catalogue, record, "csv")
    columns = _columns(contract, catalogue, site, facts or {}, own)
    path = folder / _name(contract, facts or {})
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=contract.read.delimiter)
        writer.writerow(columns)
        for _ in range(contract.read.header.rows - 1):
            writer.writerow(["about"] * len(columns))
        writer.writerows(_rows(columns, rows))
    return Made(path, site, contract, rows)


def write_workbook(catalogue: Catalogue, record: str, folder: Path, rows: int) -> Made:
    """A workbook of one sheet whose contract names no sheets, with true dates and numbers."""
    import xlsxwriter

    contract = next(
        item
        for item in catalogue.contracts
        if item.record == record and item.read.format == "workbook" and item.read.sheets is None
    )
    site = contract.sites[0]
    columns = _columns(contract, catalogue, site, {}, own=False)
    kinds = {column.header[-1].name: column.type for column in contract.fields({}).values()}
    path = folder / _name(contract, {})
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(columns))
        for number, row in enumerate(_rows(columns, rows), start=1):
            for place, (name, cell) in enumerate(zip(columns, row, strict=True)):
                kind = kinds.get(name)
                if kind == "date" and cell != "?":
                    day, month, year = cell.split("/")
                    sheet.write_datetime(number, place, date(int(year), int(month), int(day)))
                elif kind in ("number", "attendance") and cell.replace(".", "").isdigit():
                    sheet.write_number(number, place, float(cell))
                elif cell:
                    sheet.write_string(number, place, cell)
    return Made(path, site, contract, rows)
