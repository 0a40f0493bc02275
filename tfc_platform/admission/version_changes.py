"""What a version of a return changed against the one before it, worked out from the typed rows of both in the lake."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from tfc_platform.admission.arrivals import Arrival, VersionChange
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt
from tfc_platform.ingest.sayable_names import is_sayable
from tfc_platform.schemas import PROVENANCE, RECORDS
from tfc_platform.sql_text import quote_literal

__all__ = ["count_change", "row_changes"]

OWN_IDS = ("session_id", "respondent_id")  # ids that stand for the contract's whole key
ANSWERS = "survey_answer"
RENAMED = 0.5  # of a sheet's rows that new sheets have: it was renamed, or its rows were moved


def count_change(last: Arrival, arrival: Arrival) -> VersionChange:
    """What the counts of two versions say, where nobody looks at their rows."""
    difference = arrival.accepted - last.accepted
    return VersionChange(
        last.path, last.seen_on, last.accepted, arrival.accepted, max(difference, 0), max(-difference, 0)
    )


def id_columns(contract: Contract) -> tuple[str, ...]:
    """The fields of a contract's record that identify a row from version to version; none where no column does."""
    if not contract.key:
        return ()
    names = RECORDS[contract.record].names
    own = tuple(name for name in OWN_IDS if name in names)
    keys = tuple(dict.fromkeys(name.split("@")[0] for name in contract.key))
    return own or (keys if all(name in names for name in keys) else ())


def _rows_sql(lake: Path, receipt: Receipt, contract: Contract) -> str:
    """A query of one row a row of the return: its id, a digest of what it says, its month and its sheet."""
    schema, ids = RECORDS[contract.record], id_columns(contract)
    table = receipt.records.get(contract.record)
    if table is None:
        return (
            "select null::varchar as id, 0::ubigint as says, null::varchar as month, null::varchar as sheet where false"
        )
    provenance = {field.name for field in PROVENANCE}
    said = [name for name in schema.names if name not in provenance and name not in OWN_IDS]
    day = next((field.name for field in schema if pa.types.is_date(field.type)), None)
    parts = [f"hash({', '.join(f'r.{name}' for name in said)})"]
    source = f"read_parquet({quote_literal(str(lake / table['path']))}) as r"
    answers = receipt.records.get(ANSWERS) if contract.survey else None
    if answers is not None:
        parts.append("coalesce(a.says, 0)")
        source += (
            " left join (select respondent_id, bit_xor(hash(instrument, item, code, value, missing_reason)) as says"
            f" from read_parquet({quote_literal(str(lake / answers['path']))}) group by 1) as a using (respondent_id)"
        )
    row_id = f"concat_ws('|', {', '.join(f'r.{name}' for name in ids)})" if ids else "null::varchar"
    month = f"strftime(r.{day}, '%Y-%m')" if day else "null::varchar"
    return f"select {row_id} as id, hash({', '.join(parts)}) as says, {month} as month, r.sheet as sheet from {source}"


COMPARED = """
with old as ({old}), new as ({new}),
was as (select {key} as key, {month} as month, bit_xor(says) as says, count(*) as rows from old group by all),
now as (select {key} as key, {month} as month, bit_xor(says) as says, count(*) as rows from new group by all),
compared as (
    select coalesce(was.month, now.month) as month,
        coalesce(was.rows, 0) as rows,
        greatest(coalesce(was.rows, 0) - coalesce(now.rows, 0), 0) as gone,
        greatest(coalesce(now.rows, 0) - coalesce(was.rows, 0), 0) as added,
        case when {differs} then least(was.rows, now.rows) else 0 end as changed
    from was full join now on was.key = now.key and {same_month}
)
select month, sum(rows)::bigint, sum(gone)::bigint, sum(added)::bigint, sum(changed)::bigint from compared group by 1
"""


def row_changes(
    lake: Path, contract: Contract, last: tuple[Arrival, Receipt], latest: tuple[Arrival, Receipt]
) -> VersionChange:
    """Compare the accepted rows of two versions of one return.

    :raises duckdb.Error: where one of the lake's files cannot be read.
    """
    ids = bool(id_columns(contract))
    old, new = (_rows_sql(lake, receipt, contract) for _, receipt in (last, latest))
    sql = COMPARED.format(
        old=old,
        new=new,
        # A row with an id may be given another date; without one its month is part of what it says.
        key="id" if ids else "says",
        month="min(month)" if ids else "month",
        differs="was.says <> now.says" if ids else "false",
        same_month="true" if ids else "was.month is not distinct from now.month",
    )
    with duckdb.connect() as con:
        con.execute("set threads to 1")
        months = con.execute(sql).fetchall()
        was, now = (
            dict(con.execute(f"select sheet, count(*) from ({rows}) group by 1").fetchall()) for rows in (old, new)
        )
    added = gone = changed = 0
    periods = []
    for month, rows, lost, gained, other in sorted(months, key=lambda item: item[0] or ""):
        # Without ids a row that says something else is one that is gone and one that came.
        both = 0 if ids else min(lost, gained)
        added, gone, changed = added + gained - both, gone + lost - both, changed + other + both
        if month and lost > both:
            periods.append((month, rows, lost - both))
    return VersionChange(
        last[0].path,
        last[0].seen_on,
        last[0].accepted,
        latest[0].accepted,
        added,
        gone,
        changed,
        ids,
        tuple(periods),
        _sheets_gone(was, now, contract),
    )


def _sheets_gone(
    before: Mapping[str | None, int], now: Mapping[str | None, int], contract: Contract
) -> tuple[tuple[str, int], ...]:
    """The sheets with rows that are no longer there, unless new ones have their rows; names that may be people's are left out."""
    lost = {name: rows for name, rows in before.items() if name is not None and name not in now}
    fresh = sum(rows for name, rows in now.items() if name not in before)
    if not lost or fresh >= RENAMED * sum(lost.values()):
        return ()
    return tuple((name if is_sayable(name, contract) else "", rows) for name, rows in sorted(lost.items()))
