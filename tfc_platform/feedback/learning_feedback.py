"""What was sent to a site, as `sites/<site>/learning_replies.csv`, which the site fills in and returns.

It has no text of a learning item: that may name somebody, and the central team sends it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import write_bytes
from tfc_platform.parquet import read_parquet
from tfc_platform.settings import Places

__all__ = ["FILE", "replies_of", "write_learning"]

FILE = "learning_replies.csv"
COLUMNS = ("learning_id", "from_site", "sent_on", "to_site", "received_on", "adopted_on")


def replies_of(rows: Iterable[dict[str, Any]], site: str) -> list[dict[str, Any]]:
    """What was sent to a site, one row an item, with what is known of it; what awaits an answer first, the oldest first.

    :param rows: of the released table `learning_action`, in which an item has a row a measure.
    """
    items: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["to_site"] == site and row["sent_on"] is not None:
            items[row["learning_id"]] = {
                "learning_id": row["learning_id"],
                "from_site": row["site"],
                **{name: row[name] for name in COLUMNS[2:]},
            }
    return sorted(
        items.values(),
        key=lambda item: (
            item["received_on"] is not None,
            item["adopted_on"] is not None,
            item["sent_on"],
            item["learning_id"],
        ),
    )


def _written(items: Sequence[dict[str, Any]]) -> bytes:
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for item in items:
        lines.writerow(
            [
                f"{cell:%d/%m/%Y}" if isinstance(cell, date) else (cell or "")
                for cell in (item[name] for name in COLUMNS)
            ]
        )
    return out.getvalue().encode("utf-8-sig")  # with the mark that Excel needs


def write_learning(places: Places, release: Path, sites: Iterable[str]) -> int:
    """Write each site's file anew from a release; gives how many there are. A site to which nothing was sent has none."""
    source = release / "parquet" / "learning_action.parquet"
    rows = read_parquet(source).to_pylist() if source.is_file() else []
    written = 0
    for site in sites:
        target = places.sites / site / FILE
        items = replies_of(rows, site)
        if not items:
            target.unlink(missing_ok=True)
            continue
        content = _written(items)
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            write_bytes(target, content)
        written += 1
    return written
