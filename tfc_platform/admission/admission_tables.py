"""Tonight's admission as tables for dbt and the checks, beside the warehouse."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.admission.admit import Night
from tfc_platform.admission.arrivals import Arrival, latest_of_each_path
from tfc_platform.atomic_io import atomic
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.schemas import ADMISSION_TABLES, REFERENCE
from tfc_platform.settings import Places

__all__ = ["write_tables"]


def _submission_rows(night: Night) -> list[dict[str, Any]]:
    """One row a path: its content as it lies there now, and the content of this path that counts, which may be an earlier one."""
    counted = {item.arrival.path: item.arrival for item in night.submissions if item.is_counted}
    return [
        {
            "site": item.arrival.site,
            "source": item.arrival.source or "none",
            "file": item.arrival.path,
            "file_sha256": item.arrival.sha256,
            "return_key": item.arrival.return_key,
            "status": item.status,
            "is_counted": item.is_counted,
            "received": item.arrival.received,
            "accepted": item.arrival.accepted,
            "rejected": item.arrival.rejected,
            "duplicate": item.arrival.duplicate,
            "not_data": item.arrival.not_data,
            "message": item.message,
            "first_seen_at": item.arrival.first_seen_at,
            "superseded_by": item.superseded_by,
            **_counted_columns(counted.get(item.arrival.path)),
        }
        for item in latest_of_each_path(night.submissions)
    ]


def _counted_columns(arrival: Arrival | None) -> dict[str, Any]:
    """What of a path counts, whichever content lies there now."""
    return {
        "counted_sha256": arrival.sha256 if arrival else None,
        "counted_source": arrival.source if arrival else None,
        "counted_accepted": arrival.accepted if arrival else None,
        "counted_rejected": arrival.rejected if arrival else None,
        "counted_since": arrival.first_seen_at if arrival else None,
    }


def write_tables(night: Night, catalogue: Catalogue, places: Places) -> dict[str, list[Path]]:
    """Write the admission and reference tables as Parquet beside the warehouse; gives the file of each view."""
    rows: dict[str, list[dict[str, Any]]] = {
        "submission": _submission_rows(night),
        "admitted": [
            {
                "site": receipt.site,
                "source": receipt.source,
                "file_sha256": receipt.sha256,
                "record": record,
                "accepted": table["rows"] if record == "survey_answer" else receipt.accepted,
            }
            for receipt in night.admitted
            for record, table in receipt.records.items()
        ],
        "source_state": [
            {name: value for name, value in asdict(state).items() if name != "held_cause"} for state in night.states
        ],
        "expected_return": [asdict(item) for item in night.expected],
    }
    tables = {name: pa.Table.from_pylist(found, schema=ADMISSION_TABLES[name]) for name, found in rows.items()}
    tables |= {name: table for name, table in catalogue.reference_tables().items() if name in REFERENCE}
    files = {}
    for name, table in tables.items():
        target = places.warehouse / "inputs" / f"{name}.parquet"
        with atomic(target) as temporary:
            pq.write_table(table, temporary)
        files[name] = [target]
    return files
