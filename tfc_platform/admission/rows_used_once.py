"""The receipt of a return some of whose rows are used elsewhere: they are duplicates, each with an issue that says where.

The files that the reading wrote are never changed. What is used is written beside them, under a name made from what was left out,
so that another night or process writes the same file again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.admission.repeated_rows import RepeatedRow
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.atomic_io import atomic, canonical_json, sha256_text
from tfc_platform.ingest.ingest_result import RowIssue
from tfc_platform.ingest.lake import Receipt
from tfc_platform.parquet import read_parquet
from tfc_platform.schemas import ROW_ISSUE
from tfc_platform.settings import Places

__all__ = ["amended_receipt", "prune_used_once"]

FOLDER = "used_once"  # below the lake; an erasure finds its files by the hash of their return, as it does all others
IN_ANOTHER_FILE = "The same row is in {file}: it is used once, there. Leave it in one of the two."
IN_ANOTHER_SHEET = (
    "The same row is on another sheet of this workbook: it is used once, there. Leave it on one of the two."
)


def _repeat_issue(item: ReturnRows, row: RepeatedRow) -> RowIssue:
    message = IN_ANOTHER_SHEET if row.owner is item else IN_ANOTHER_FILE.format(file=row.owner.arrival.path)
    return RowIssue(row.sheet, row.row_number, None, "warn", "repeated_row", message, "duplicate")


def amended_receipt(
    item: ReturnRows, repeated: Sequence[RepeatedRow], issues: Sequence[RowIssue], places: Places
) -> Receipt:
    """The receipt without the rows that are used elsewhere, and with further issues.

    :param repeated: rows of the return that are used as another's.
    :param issues: what else the comparison found.
    """
    receipt, record = item.receipt, item.contract.record
    said = [*(_repeat_issue(item, row) for row in repeated), *issues]
    digest = sha256_text(canonical_json([asdict(issue) for issue in said]))[:16]
    stem = f"{receipt.sha256[:32]}-{receipt.key.rpartition('-')[2]}-{receipt.digest}-{digest}"
    records = dict(receipt.records)
    if repeated:
        path = f"{FOLDER}/{receipt.site}/{stem}-{record}.parquet"
        _write(places.lake / path, lambda: _without(places.lake / receipt.records[record]["path"], repeated))
        records[record] = {"path": path, "rows": receipt.records[record]["rows"] - len(repeated)}
    path = f"{FOLDER}/{receipt.site}/{stem}-row_issue.parquet"
    _write(places.lake / path, lambda: _issues(item, said, places))
    return replace(
        receipt,
        records=records,
        issues=path,
        accepted=receipt.accepted - len(repeated),
        duplicate=receipt.duplicate + len(repeated),
    )


def prune_used_once(receipts: Iterable[Receipt], places: Places) -> None:
    """Remove the files of earlier comparisons, which nothing names any more.

    :param receipts: all of tonight's.
    """
    used = {
        path
        for receipt in receipts
        for path in (receipt.issues, *(table["path"] for table in receipt.records.values()))
    }
    for file in (places.lake / FOLDER).glob("*/*.parquet"):
        if file.relative_to(places.lake).as_posix() not in used:
            file.unlink(missing_ok=True)


def _write(target: Path, table: Callable[[], pa.Table]) -> None:
    if target.is_file():
        return
    with atomic(target) as temporary:
        pq.write_table(table(), temporary, compression="zstd")


def _without(file: Path, repeated: Sequence[RepeatedRow]) -> pa.Table:
    rows = read_parquet(file)
    places = [
        (sheet, number)
        for sheet, number in zip(*(rows[name].to_pylist() for name in ("sheet", "row_number")), strict=True)
    ]
    used_elsewhere = {(row.sheet, row.row_number) for row in repeated}
    return rows.filter(pa.array([place not in used_elsewhere for place in places], pa.bool_()))


def _issues(item: ReturnRows, said: Sequence[RowIssue], places: Places) -> pa.Table:
    receipt = item.receipt
    rows = [
        {
            "site": receipt.site,
            "source": receipt.source,
            "file_sha256": receipt.sha256,
            "sheet": issue.sheet,
            "row_number": issue.row,
            "column_name": issue.column,
            "cell": issue.cell,
            "severity": issue.severity,
            "disposition": issue.disposition,
            "reason": issue.reason,
            "message": issue.message,
        }
        for issue in said
    ]
    fresh = pa.Table.from_pylist(rows, schema=ROW_ISSUE)
    if receipt.issues is None:
        return fresh
    return pa.concat_tables([read_parquet(places.lake / receipt.issues).cast(ROW_ISSUE), fresh])
