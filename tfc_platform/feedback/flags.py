"""The safeguarding queue of each site: pointers to texts that may disclose harm, never a text.

A disclosure is one text of a site. It has a flag for each file that holds it, and is taken up for all of them at once. The
platform closes no disclosure: the site's safeguarding lead acts on it outside.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import write_json
from tfc_platform.settings import Places

__all__ = ["FIELDS", "acknowledge", "disclosures", "list_flags"]

FIELDS = ("site", "file", "sheet", "row", "column", "rule", "raised_at", "acknowledged_at")


def _queues(places: Places, site: str | None) -> Iterable[Path]:
    return sorted(places.sites.glob(f"{site or '*'}/flags/*.json"))


def _disclosure(flag: dict[str, Any]) -> tuple[str, str]:
    """What a flag points to: its own cell, where it was raised before texts were recognised when they come again."""
    return flag["site"], flag.get("disclosure") or flag["id"]


def list_flags(places: Places, site: str | None = None) -> list[dict[str, Any]]:
    """Every flag of a site, or of all, by file, sheet, row and column.

    Each has its `id` and its `disclosure`; it is acknowledged where any flag of the disclosure is.
    """
    flags = [flag for queue in _queues(places, site) for flag in json.loads(queue.read_text())]
    taken_up: dict[tuple[str, str], str] = {}
    for flag in flags:
        if flag["acknowledged_at"] is not None:
            earlier = taken_up.get(_disclosure(flag), flag["acknowledged_at"])
            taken_up[_disclosure(flag)] = min(earlier, flag["acknowledged_at"])
    flags = [
        {**flag, "disclosure": _disclosure(flag)[1], "acknowledged_at": taken_up.get(_disclosure(flag))}
        for flag in flags
    ]
    return sorted(flags, key=lambda flag: tuple(str(flag[name] or "").zfill(12) for name in FIELDS[:6]))


def disclosures(flags: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry a disclosure: the flag that was raised last, since when it waits, and in how many other places the text is.

    :param flags: as `list_flags` gives them; the entries keep their order.
    """
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for flag in flags:
        groups.setdefault(_disclosure(flag), []).append(flag)
    return [
        {
            **max(group, key=lambda flag: (flag["raised_at"], flag["file"])),
            "raised_at": min(flag["raised_at"] for flag in group),
            "other_places": len(group) - 1,
        }
        for group in groups.values()
    ]


def acknowledge(places: Places, ids: Iterable[str], site: str | None = None) -> int:
    """Note that a person has taken up the disclosures of these flags; gives how many were noted now.

    :raises KeyError: naming an id that is in no queue; nothing is noted then.
    """
    wanted, flags = set(ids), {flag["id"]: flag for flag in list_flags(places, site)}
    for name in sorted(wanted - flags.keys()):
        raise KeyError(name)
    waiting = {_disclosure(flags[name]): name for name in wanted if flags[name]["acknowledged_at"] is None}
    chosen, now = set(waiting.values()), datetime.now(UTC).isoformat(timespec="seconds")
    for queue in _queues(places, site):
        own = json.loads(queue.read_text())
        for flag in own:
            if flag["id"] in chosen:
                flag["acknowledged_at"] = now
        if any(flag["id"] in chosen for flag in own):
            write_json(queue, own)
    return len(waiting)
