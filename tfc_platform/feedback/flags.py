"""The safeguarding queue of each site: pointers to texts that may disclose harm, never a text.

Belongs here: reading the queue and noting that a person has seen a flag. Does not belong: raising one (`take_in.store`), or
closing one, which the platform never does: the site's safeguarding lead acts on it outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import write_json
from tfc_platform.settings import Places

__all__ = ["FIELDS", "acknowledge", "list_flags"]

FIELDS = ("site", "file", "sheet", "row", "column", "rule", "raised_at", "acknowledged_at")


def _queues(places: Places, site: str | None) -> Iterable[Path]:
    return sorted(places.sites.glob(f"{site or '*'}/flags/*.json"))


def list_flags(places: Places, site: str | None = None) -> list[dict[str, Any]]:
    """Every flag of a site, or of all, by file, sheet, row and column; each with its `id`."""
    found = [flag for queue in _queues(places, site) for flag in json.loads(queue.read_text())]
    return sorted(found, key=lambda flag: tuple(str(flag[name] or "").zfill(12) for name in FIELDS[:6]))


def acknowledge(places: Places, ids: Iterable[str], site: str | None = None) -> int:
    """Note that a person has taken up these flags; gives how many were noted now.

    :raises KeyError: naming an id that is in no queue; nothing is noted then.
    """
    wanted = set(ids)
    known = {flag["id"] for flag in list_flags(places, site)}
    for name in sorted(wanted - known):
        raise KeyError(name)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    noted = 0
    for queue in _queues(places, site):
        flags = json.loads(queue.read_text())
        hit = [flag for flag in flags if flag["id"] in wanted and flag["acknowledged_at"] is None]
        for flag in hit:
            flag["acknowledged_at"] = now
        if hit:
            write_json(queue, flags)
        noted += len(hit)
    return noted
