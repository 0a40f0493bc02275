"""Rows that another return of the same source has too, or another sheet of the same workbook: found by what they say.

A note, a blank or a file's name makes no difference: what is compared are the typed values of the lake, or the tool's own id
where the contract has one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tfc_platform.admission.return_periods import period_of
from tfc_platform.admission.return_rows import ReturnRows, day_column
from tfc_platform.schemas import PROVENANCE, RECORDS
from tfc_platform.sql_text import quote_identifier, quote_literal

__all__ = ["RepeatedRow", "repeated_rows"]

FEWEST_ALIKE = 3  # rows that two parts without a period share, before they are taken for the same ones
ALIKE_SHARE = 0.1  # and this share of the smaller part: sessions of one day in two places can truly be alike
COPIED_SHEET = 0.5  # of a sheet's rows, before it is taken for a copy of another sheet of its workbook
GENERATED = ("session_id",)  # made from the file's hash where the tool gives no id


@dataclass(frozen=True)
class RepeatedRow:
    """A row of a return that `owner` has too: where it is, and in which sheet of the owner."""

    sheet: str | None
    row_number: int
    owner: ReturnRows
    owner_sheet: str | None


def _identity(item: ReturnRows) -> tuple[str, ...]:
    """The columns that make two rows the same: the tool's id, else all typed values."""
    record = RECORDS[item.contract.record]
    key = item.contract.key
    if key and all(name in record.names for name in key):
        return key
    own = {field.name for field in PROVENANCE} | {name for name in GENERATED if name not in item.contract.columns}
    return tuple(name for name in record.names if name not in own)


_ROWS = """
    select {number} as part_of, sheet, row_number, {day} as day, {identity} as said, hash(said) as digest
    from read_parquet({file})
"""
# Only rows with a digest that several parts have are compared by what they say: of most sources there is none.
_DIGESTS = """
    select digest from (select digest, part_of, coalesce(sheet, '') as sheet from ({rows}))
    group by digest having min(part_of) <> max(part_of) or min(sheet) <> max(sheet)
"""
_MONTHS = "select part_of, sheet, date_trunc('month', day) as month, count(*) as of_month from ({rows}) group by all"
# A row that is twice in one part is two rows there: its first is compared with the first elsewhere. The part that has most rows
# of the row's month owns it, else the one that came first.
_SHARED = """
    with counted as (
        select *,
            row_number() over (partition by part_of, sheet, said order by row_number) as time
        from ({rows}) where digest in (select digest from shared_digest)
    ),
    ranked as (
        select counted.*,
            first_value(counted.part_of) over by_rank as owner,
            first_value(counted.sheet) over by_rank as owner_sheet,
            row_number() over by_rank as place
        from counted join ({months}) as months
            on counted.part_of = months.part_of and counted.sheet is not distinct from months.sheet
            and date_trunc('month', counted.day) is not distinct from months.month
        window by_rank as (
            partition by said, time order by of_month desc, counted.part_of, counted.sheet nulls first, row_number
        )
    )
    select part_of, sheet, row_number, owner, owner_sheet from ranked where place > 1
    order by part_of, sheet nulls first, row_number
"""

ReturnPart = tuple[int, str | None]  # the number of a return and one of its sheets


def _shared(
    con: duckdb.DuckDBPyConnection, returns: Sequence[ReturnRows]
) -> list[tuple[int, str | None, int, int, str | None]]:
    identity = _identity(returns[0])
    day = day_column(returns[0].contract.record)
    names = ", ".join(f"{name} := {quote_identifier(name)}" for name in identity)
    rows = " union all ".join(
        _ROWS.format(
            number=number,
            day=f"cast({quote_identifier(day)} as date)" if day else "cast(null as date)",
            identity=f"struct_pack({names})",
            file=quote_literal(str(item.main_file)),
        )
        for number, item in enumerate(returns)
    )
    con.execute(f"create or replace temp table shared_digest as {_DIGESTS.format(rows=rows)}")
    if con.execute("select 1 from shared_digest limit 1").fetchone() is None:
        return []
    sql = _SHARED.format(rows=rows, months=_MONTHS.format(rows=rows))
    shared: list[tuple[int, str | None, int, int, str | None]] = con.execute(sql).fetchall()
    return shared


def repeated_rows(con: duckdb.DuckDBPyConnection, source: Sequence[ReturnRows]) -> dict[ReturnRows, list[RepeatedRow]]:
    """For each return of one source the rows that another one, or another of its sheets, has too.

    Beyond chance: returns whose keys are periods share no day, so that one row is enough. Of others some rows have to be shared;
    and two sheets of a workbook share half of the one's rows before it is taken for a copy.

    :param con: a database in memory.
    :param source: the counted returns of one [site, source], each with rows.
    """
    returns = sorted((item for item in source if item.main_file is not None), key=lambda item: item.order)
    if not returns:
        return {}
    sizes = {(number, sheet): rows for number, item in enumerate(returns) for sheet, rows in item.sheet_rows.items()}
    if len(sizes) < 2:
        return {}
    pairs: dict[tuple[ReturnPart, ReturnPart], list[int]] = {}
    for part_of, sheet, row_number, number, owner_sheet in _shared(con, returns):
        pairs.setdefault(((part_of, sheet), (number, owner_sheet)), []).append(row_number)
    found: dict[ReturnRows, list[RepeatedRow]] = {}
    for (part, owned_by), rows in pairs.items():
        if _is_copied(returns, part, owned_by, len(rows), sizes):
            owner = returns[owned_by[0]]
            found.setdefault(returns[part[0]], []).extend(RepeatedRow(part[1], row, owner, owned_by[1]) for row in rows)
    return found


def _is_copied(
    returns: Sequence[ReturnRows], part: ReturnPart, owner: ReturnPart, rows: int, sizes: dict[ReturnPart, int]
) -> bool:
    """Whether so many shared rows are the same ones, and not alike by chance."""
    one, other = returns[part[0]], returns[owner[0]]
    if one.contract.key:
        return True
    if part[0] == owner[0]:
        return rows >= FEWEST_ALIKE and rows >= COPIED_SHEET * sizes[part]
    periods = [period_of(item.arrival.return_key or "") for item in (one, other)]
    if all(periods):
        return True
    return rows >= FEWEST_ALIKE and rows >= ALIKE_SHARE * min(sizes[part], sizes[owner])
