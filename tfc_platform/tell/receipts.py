"""The receipt of a site: what became of each of its files, and every issue to mend, the same night.

Belongs here: the receipt as data, from the lake. Does not belong: its page, or anything for the central team.
"""

from __future__ import annotations

from typing import Any

import pyarrow.parquet as pq

from tfc_platform.admit.decide import newest_of_each_path
from tfc_platform.admit.night import Night
from tfc_platform.files import write_json
from tfc_platform.settings import Places

__all__ = ["receipt_of", "write_receipts"]

ISSUE = ("file_sha256", "sheet", "row_number", "column_name", "cell", "severity", "disposition", "reason", "message")


def _issues(night: Night, places: Places, site: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for path in night.issues:
        if path.split("/")[1] == site:
            for issue in pq.read_table(places.lake / path, columns=list(ISSUE)).to_pylist():
                found.setdefault(issue.pop("file_sha256"), []).append(issue)
    return found


def receipt_of(night: Night, places: Places, site: str) -> dict[str, Any]:
    """Every file of a site with its status and its issues; what is held, and what is due."""
    issues = _issues(night, places, site)
    files = []
    for item in newest_of_each_path(night.submissions):
        arrival = item.arrival
        if arrival.site != site:
            continue
        files.append(
            {
                "file": arrival.path,
                "source": arrival.source,
                "sha256": arrival.sha256,
                "status": item.status,
                "counts": item.is_counted,
                "message": item.message,
                "received": arrival.received,
                "accepted": arrival.accepted,
                "rejected": arrival.rejected,
                "duplicate": arrival.duplicate,
                "not_data": arrival.not_data,
                "superseded_by": item.superseded_by,
                "issues": issues.get(arrival.sha256, []) if item.status != "duplicate_file" else [],
            }
        )
    held = [
        {"source": state.source, "since": state.held_since, "reason": state.held_reason, "file": state.held_file}
        for state in night.held
        if state.site == site
    ]
    due = [
        {"source": item.source, "return": item.return_key, "due_on": item.due_on, "status": item.status}
        for item in night.expected
        if item.site == site and item.status != "received"
    ]
    return {"site": site, "files": files, "held": held, "due": due}


def write_receipts(night: Night, places: Places, sites: tuple[str, ...]) -> None:
    for site in sites:
        folder = places.sites / site
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        write_json(folder / "receipt.json", receipt_of(night, places, site))
