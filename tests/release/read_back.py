"""Readers of each format of a release that holds tables, and the comparison with the tables, cell by cell.

A reader shares with its writer only what the documentation of releases promises (the shorthand, the codes of SPSS), never the
writer's functions for a cell.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from tfc_platform.parquet import read_parquet
from tfc_platform.publication.released_table import ReleaseError, ReleaseTable
from tfc_platform.release.metrics import metrics_in
from tfc_platform.release.sav import STATUS_CODES, has_sav, measure_codes

SHORTHAND = {
    "suppressed": "[c]",
    "suppressed_secondary": "[c]",
    "not_available": "[x]",
    "not_comparable": "[x]",
    "not_applicable": "[z]",
}
LONGEST = 32_767  # characters of a cell
CUT = " [cut here: whole in the CSV file]"

_RUN_BY_SPREADSHEETS = tuple("=+-@\t\r＝＋－＠")
Row = tuple[Any, ...]


def compare_files(folder: Path, tables: Sequence[ReleaseTable]) -> None:
    """Read CSV, Parquet, DuckDB, workbook and SPSS files in `folder` again.

    :raises ReleaseError: naming the first file and table that does not hold what it was given.
    """
    for table in tables:
        _must_agree(f"csv/{table.name}.csv", table, lambda table=table: _csv(folder, table))  # type: ignore[misc]
        _must_agree(f"parquet/{table.name}.parquet", table, lambda table=table: _parquet(folder, table))  # type: ignore[misc]
    with duckdb.connect(str(folder / "tfc.duckdb"), read_only=True) as con:
        for table in tables:
            _must_agree("tfc.duckdb", table, lambda table=table: _duckdb(con, table))  # type: ignore[misc]
    _compare_workbook(folder / "tables.xlsx", tables)
    _compare_sav(folder, tables)


def _must_agree(file: str, table: ReleaseTable, read: Callable[[], tuple[Sequence[str], Iterable[Row]]]) -> None:
    try:
        names, rows = read()
        found = list(rows)
    except ReleaseError:
        raise
    except Exception:  # whatever a reader raises may quote a cell
        raise ReleaseError(f"{file}: table {table.name} cannot be read again.") from None
    if list(names) != [column.name for column in table.columns] or found != list(table.rows):
        raise ReleaseError(f"{file}: table {table.name} is not what was written to it.")


def _csv(folder: Path, table: ReleaseTable) -> tuple[Sequence[str], Iterable[Row]]:
    with (folder / "csv" / f"{table.name}.csv").open(encoding="utf-8", newline="") as stream:
        lines = csv.reader(stream)
        names = next(lines)
        rows = [tuple(row) for row in lines]
    readers = [_cell_reader(column.kind) for column in table.columns]
    return names, [
        tuple(
            _of_text(cell, given) if isinstance(given, str) else read(cell)
            for cell, read, given in zip(row, readers, written, strict=True)
        )
        for row, written in zip(rows, table.rows, strict=True)
    ]


def _cell_reader(kind: pa.DataType) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        if cell == "":
            return None
        if pa.types.is_boolean(kind):
            return {"true": True, "false": False}[cell]
        if pa.types.is_date(kind):
            return date.fromisoformat(cell)
        if pa.types.is_integer(kind):
            return int(cell)
        return float(cell) if pa.types.is_floating(kind) else cell

    return read


def _of_text(cell: Any, given: str) -> Any:
    """The text that a cell of CSV or workbook stands for, where it is `given` in the one way in which it may be changed."""
    if cell == given:
        return given
    plain = given.replace("\r\n", "\n").replace("\r", "\n")
    return given if cell == plain or (plain.startswith(_RUN_BY_SPREADSHEETS) and cell == f"\t{plain}") else cell


def _parquet(folder: Path, table: ReleaseTable) -> tuple[Sequence[str], Iterable[Row]]:
    return _rows_of(read_parquet(folder / "parquet" / f"{table.name}.parquet"))


def _duckdb(con: duckdb.DuckDBPyConnection, table: ReleaseTable) -> tuple[Sequence[str], Iterable[Row]]:
    return _rows_of(con.sql(f'from main."{table.name}"').to_arrow_table())


def _rows_of(found: pa.Table) -> tuple[Sequence[str], Iterable[Row]]:
    rows: list[Row] = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    return found.column_names, rows


def _compare_workbook(file: Path, tables: Sequence[ReleaseTable]) -> None:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(file))
        notes = _notes(book)
    except Exception:
        raise ReleaseError(f"{file.name} cannot be read again.") from None
    for table in tables:
        names = [column.name for column in table.columns]

        def read(table: ReleaseTable = table, names: list[str] = names) -> tuple[Sequence[str], Iterable[Row]]:
            lines = iter(book.get_sheet_by_name(table.name).to_python(skip_empty_area=False))
            next(line for line in lines if line == names)
            shown: list[Row] = [tuple(line) for line in lines]
            if not table.rows:
                return names, [] if shown == [("[x]",) * len(names)] else shown
            return names, _from_sheet(table, shown, notes)

        _must_agree(file.name, table, read)


def _notes(book: Any) -> dict[int, str]:
    """The texts of the sheet Notes by their numbers, below its row of headers."""
    if "Notes" not in book.sheet_names:
        return {}
    lines = iter(book.get_sheet_by_name("Notes").to_python(skip_empty_area=False))
    next(line for line in lines if line[0] == "Note number")
    return {int(line[0]): str(line[1]) for line in lines}


def _from_sheet(table: ReleaseTable, shown: Sequence[Row], notes: Mapping[int, str]) -> Iterator[Row]:
    names = [column.name for column in table.columns]
    value, status, note = (names.index(name) if "status" in names else None for name in ("value", "status", "note"))
    for row, written in zip(shown, table.rows, strict=True):
        cells = [_from_cell(cell, given) for cell, given in zip(row, written, strict=True)]
        if value is not None and status is not None and note is not None:
            if row[value] == SHORTHAND.get(row[status]):
                cells[value] = None
            text = str(row[note])
            cells[note] = notes.get(int(text[6:-1])) if text.startswith("[note ") else None if text == "" else text
        yield tuple(cells)


def _from_cell(cell: Any, given: Any) -> Any:
    if cell == given:
        return given
    if cell == "" and given is None:
        return None
    if isinstance(given, str):
        return _from_text_cell(cell, given)
    if isinstance(cell, datetime):
        return cell.date()
    # A workbook's numbers have 16 digits, of the 17 that some need.
    return (
        given
        if isinstance(cell, float) and isinstance(given, float) and math.isclose(cell, given, rel_tol=1e-15)
        else cell
    )


def _from_text_cell(cell: Any, given: str) -> Any:
    """What a workbook's cell of a text may differ in.

    Control characters cannot be in a workbook, a text that is too long says that it is cut, links and references of gptables
    have a blank in them, a text without a Latin letter has a mark, and one of blanks only is no text.
    """
    plain = "".join(
        c for c in given if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
    if isinstance(cell, str) and cell.endswith(CUT) and len(plain) >= LONGEST:
        kept = cell.removesuffix(CUT)
        return given if len(kept) > LONGEST - len(CUT) - 2 and plain.startswith(kept.removeprefix("'")) else cell
    if cell == "" and plain.strip() == "":
        return given
    parted = re.sub(r"\$(?=\$)", "$ ", plain.replace("](", "] ("))
    if isinstance(cell, str) and not re.search("[a-zA-Z0-9]", plain):
        cell = cell.removesuffix(" [text]")
    return given if _of_text(cell, parted) == parted else cell


def _compare_sav(folder: Path, tables: Sequence[ReleaseTable]) -> None:
    import pyreadstat

    metrics = metrics_in(tables)
    for table in tables:
        if not has_sav(table):
            continue
        measures = {code: name for name, code in measure_codes(table, metrics.get(table.name, ())).items()}
        statuses = {code: name for name, code in STATUS_CODES.items()}
        decoded = {"measure": measures, "status": statuses}

        def read(
            table: ReleaseTable = table, decoded: Mapping[str, Mapping[int, str]] = decoded
        ) -> tuple[Sequence[str], Iterable[Row]]:
            columns, meta = pyreadstat.read_sav(str(folder / "sav" / f"{table.name}.sav"), output_format="dict")
            labels = [c.description.encode()[:255].decode(errors="ignore") or None for c in table.columns]
            if list(meta.column_labels) != labels:
                raise ReleaseError(f"sav/{table.name}.sav: the labels of {table.name} are not what was written to it.")
            lists = [
                [_from_sav(cell, decoded.get(c.name)) for cell in columns[c.name]] if c.name in columns else []
                for c in table.columns
            ]
            return meta.column_names, [
                _unpadded(row, given) for row, given in zip(zip(*lists, strict=True), table.rows, strict=True)
            ]

        _must_agree(f"sav/{table.name}.sav", table, read)


def _from_sav(cell: Any, codes: Mapping[int, str] | None) -> Any:
    if cell is None or cell == "" or cell != cell:
        return None
    return cell if codes is None else codes[int(cell)]


def _unpadded(row: Row, given: Row) -> Row:
    """SPSS fills texts up with blanks, and drops them: those at a text's end are not told from these."""
    return tuple(
        text if isinstance(text, str) and cell == (text.rstrip(" ") or None) else cell
        for cell, text in zip(row, given, strict=True)
    )
