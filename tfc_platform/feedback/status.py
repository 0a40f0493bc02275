"""The state of every source as the last night left it, and which activities of a site still need a person's decision.

Nothing is decided anew: only the days overdue are counted to today.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from tfc_platform.admission.acceptances import read_acceptances
from tfc_platform.check.row_losses import losses_of
from tfc_platform.parquet import read_parquet
from tfc_platform.settings import Places

__all__ = [
    "SiteSummary",
    "SourceStatus",
    "as_data",
    "published_now",
    "rows_lost",
    "status_of",
    "summarise_sites",
    "undeclared_units",
]


@dataclass(frozen=True)
class SourceStatus:
    """The state of one [site, source]. `rows` are accepted rows that count, `rejected` those refused in the same files.

    `last_counted` is the file of the latest content that counts, which is not `last_return` where that could not be used; another
    content may lie under its path by now.
    """

    site: str
    source: str
    last_return: str | None
    last_seen_on: date | None
    rows: int
    rejected: int
    held_since: date | None
    held_reason: str | None
    overdue: tuple[str, ...]
    overdue_days: int
    last_status: str | None = None
    last_counted: str | None = None
    counted_since: date | None = None
    contract_reason: str | None = None  # what the centre has to correct in its contract
    accepted_returns: tuple[str, ...] = ()  # those that count because somebody accepted them: who, when and why


def _table(places: Places, name: str) -> list[dict[str, Any]]:
    file = places.warehouse / "inputs" / f"{name}.parquet"
    return read_parquet(file).to_pylist() if file.is_file() else []


def status_of(places: Places, as_of: date) -> list[SourceStatus]:
    """The state of every source, in the order of the sites; nothing before the first night.

    :raises ConfigurationError: where what people accepted cannot be read.
    """
    submissions, expected = _table(places, "submission"), _table(places, "expected_return")
    if submissions and "counted_sha256" not in submissions[0]:
        return []  # laid out by an earlier version of the platform: the next night lays them out anew
    accepted = read_acceptances(places)
    statuses = []
    for state in _table(places, "source_state"):
        key = (state["site"], state["source"])
        own = [row for row in submissions if (row["site"], row["source"]) == key]
        counted = [row for row in submissions if (row["site"], row["counted_source"]) == key]
        last = max(own, key=lambda row: (row["first_seen_at"], row["is_counted"]), default=None)
        used = max(counted, key=lambda row: row["counted_since"], default=None)
        late = [row for row in expected if (row["site"], row["source"]) == key and row["status"] == "overdue"]
        statuses.append(
            SourceStatus(
                site=state["site"],
                source=state["source"],
                last_return=last["file"] if last else None,
                last_status=last["status"] if last else None,
                last_seen_on=last["first_seen_at"].date() if last else None,
                last_counted=used["file"] if used else None,
                counted_since=used["counted_since"].date() if used else None,
                rows=sum(row["counted_accepted"] for row in counted),
                rejected=sum(row["counted_rejected"] for row in counted),
                contract_reason=state.get("contract_reason"),
                accepted_returns=tuple(
                    f"{one.path} was accepted by {one.by} on {one.on:%d/%m/%Y}: {one.because}"
                    for one in accepted.values()
                    if (one.site, one.source) == key and one.sha256 in {row["counted_sha256"] for row in counted}
                ),
                held_since=state["held_since"],
                held_reason=state["held_reason"],
                overdue=tuple(row["return_key"] for row in late),
                overdue_days=max(((as_of - row["due_on"]).days for row in late), default=0),
            )
        )
    return statuses


@dataclass(frozen=True)
class SiteSummary:
    """One sender's night in a line: files that came so far, rows used and refused, sources held, returns overdue."""

    site: str
    files: int
    rows_used: int
    rows_refused: int
    held: tuple[str, ...]
    overdue: int


def summarise_sites(places: Places, as_of: date) -> list[SiteSummary]:
    """A line for each sender that has sources, in their order; nothing before the first night.

    :raises ConfigurationError: where what people accepted cannot be read.
    """
    files = Counter(row["site"] for row in _table(places, "submission"))
    by_site: dict[str, list[SourceStatus]] = {}
    for status in status_of(places, as_of):
        by_site.setdefault(status.site, []).append(status)
    return [
        SiteSummary(
            site=site,
            files=files[site],
            rows_used=sum(status.rows for status in own),
            rows_refused=sum(status.rejected for status in own),
            held=tuple(status.source for status in own if status.held_since),
            overdue=sum(len(status.overdue) for status in own),
        )
        for site, own in by_site.items()
    ]


def published_now(places: Places) -> dict[str, Any]:
    """The ids that `current` names, and the release's list of what it holds back."""
    published: dict[str, Any] = {}
    for name, folder in (("research", places.research), ("release", places.releases)):
        link = folder / "current"
        published[name] = link.readlink().name if link.is_symlink() else None
    manifest = places.releases / "current" / "manifest.json"
    published["held"] = json.loads(manifest.read_text())["held"] if manifest.is_file() else []
    return published


def rows_lost(places: Places) -> dict[str, str]:
    """A sentence for each source (`site/source`) that has far fewer rows in the last build than in the published one before."""
    current = places.warehouse / "build.json"
    build = json.loads(current.read_text())["build_id"] if current.is_file() else ""
    return {
        loss.source: f"{loss.source} has {loss.now} rows, and had {loss.before} in the last published night."
        for loss in losses_of(places, build)
    }


def undeclared_units(places: Places) -> dict[str, tuple[str, ...]]:
    """Site → its activities of which nobody has declared whether a session is a group's or one person's.

    They count as `individual`, so their sessions and hours are withheld as counts of people are. Nothing before the first
    night.
    """
    undeclared: dict[str, tuple[str, ...]] = {}
    for row in _table(places, "ref_activity"):
        if row.get("audience_unit", "") is None:
            undeclared[row["site"]] = (*undeclared.get(row["site"], ()), row["activity"])
    return undeclared


def as_data(statuses: list[SourceStatus]) -> list[dict[str, Any]]:
    return [asdict(status) for status in statuses]
