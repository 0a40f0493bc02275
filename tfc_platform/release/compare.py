"""What differs between two releases, from their published tables only: what was hidden cannot come back by comparing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tfc_platform.publication.released_table import ReleaseTable

__all__ = ["FigureChange", "TableDiff", "compare_tables", "reasons_for"]


@dataclass(frozen=True)
class FigureChange:
    """One row that differs: its keys, and what was there before and is there now (none: it did not)."""

    keys: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class TableDiff:
    """The rows of one table that two releases do not share; `rows_before` is none where it is new."""

    table: str
    rows_before: int | None
    rows_after: int | None
    added: tuple[FigureChange, ...] = ()
    removed: tuple[FigureChange, ...] = ()
    changed: tuple[FigureChange, ...] = ()
    statuses: Mapping[str, int] = field(default_factory=dict)  # by "before to after", how many

    @property
    def differs(self) -> bool:
        """Whether anything was added, removed or changed."""
        return bool(self.added or self.removed or self.changed) or None in (self.rows_before, self.rows_after)

    @property
    def sites(self) -> set[str | None]:
        """Whose rows differ; none where the table has no site."""
        return {change.keys.get("site") or (change.after or change.before or {}).get("site") for change in self.all}

    @property
    def all(self) -> tuple[FigureChange, ...]:
        """Every row that differs."""
        return self.added + self.removed + self.changed


def compare_tables(before: Iterable[ReleaseTable], after: Iterable[ReleaseTable]) -> tuple[TableDiff, ...]:
    """The differences of all tables of two releases, by the table's name; also of those that do not differ."""
    old, new = ({table.name: table for table in tables} for tables in (before, after))
    return tuple(_compare(name, old.get(name), new.get(name)) for name in sorted({*old, *new}))


def _compare(name: str, before: ReleaseTable | None, after: ReleaseTable | None) -> TableDiff:
    old, new = _by_key(before), _by_key(after)
    common = old.keys() & new.keys()
    statuses = Counter(
        f"{old[key].get('status')} to {new[key].get('status')}"
        for key in common
        if old[key].get("status") != new[key].get("status")
    )
    return TableDiff(
        name,
        None if before is None else len(before.rows),
        None if after is None else len(after.rows),
        tuple(FigureChange(dict(key), None, new[key]) for key in new if key not in common),
        tuple(FigureChange(dict(key), old[key], None) for key in old if key not in common),
        tuple(FigureChange(dict(key), old[key], new[key]) for key in new if key in common and old[key] != new[key]),
        dict(sorted(statuses.items())),
    )


def _by_key(table: ReleaseTable | None) -> dict[tuple[tuple[str, Any], ...], dict[str, Any]]:
    if table is None:
        return {}
    names = [column.name for column in table.columns]
    keys = [*range(table.keys), *(number for number, name in enumerate(names) if name == "measure")]
    others = [number for number in range(len(names)) if number not in keys]
    return {
        tuple((names[number], row[number]) for number in keys): {names[number]: row[number] for number in others}
        for row in table.rows
    }


def reasons_for(
    diff: TableDiff, before: Mapping[str, Any], after: Mapping[str, Any], shared_senders: Sequence[str]
) -> list[dict[str, str]]:
    """Why a table changed: by site, what the two manifests say was different for it. Sorted, at least one."""
    reasons: set[tuple[str, str]] = set()
    for key, reason in (
        ("disclosure_policy_version", "another disclosure policy"),
        ("register", "another publication register"),
        ("code_version", "another version of the platform"),
        ("schema_version", "another version of the schema"),
    ):
        if before.get(key) != after.get(key):
            reasons.add(("all", reason))
    sites = {site for site in diff.sites if site}
    if diff.table in after.get("person_tables", ()):
        # Returns of tonight do not show in these: what locked or was revised does.
        reasons.update(_of_snapshots(sites, before, after))
    else:
        for site in {*sites, *shared_senders}:
            reasons.update((site, reason) for reason in _of_site(site, before, after))
    if not reasons:
        # Neither returns nor rules differ: what depends on the date only, such as what is overdue.
        reasons.add(("all", "another date" if before.get("as_of") != after.get("as_of") else "worked out again"))
    return [{"site": site, "reason": reason} for site, reason in sorted(reasons)]


def _of_snapshots(sites: set[str], before: Mapping[str, Any], after: Mapping[str, Any]) -> set[tuple[str, str]]:
    old, new = ({item["id"]: item for item in manifest.get("snapshots", ())} for manifest in (before, after))
    reasons = {(item["site"], f"{item['name']} is locked") for key, item in new.items() if key not in old}
    reasons |= {
        (item["site"], f"{item['name']} is revised")
        for key, item in new.items()
        if key in old and old[key]["version"] != item["version"]
    }
    named = {item["id"] for manifest in (before, after) for item in manifest.get("exceptions", ())}
    if named and before.get("exceptions") != after.get("exceptions"):
        reasons.add(("all", "an exception begins or ends"))
    return {(site, reason) for site, reason in reasons if site in sites or "all" in (site, *sites)}


def _of_site(site: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    old, new = (set(manifest.get("admitted", {}).get(site, ())) for manifest in (before, after))
    was, now = (
        {item["source"] for item in manifest.get("held", ()) if item["site"] == site} for manifest in (before, after)
    )
    reasons = {f"{source} held" for source in now - was} | {f"{source} no longer held" for source in was - now}
    if old - new:
        reasons.add("returns revised")
    elif new - old:
        reasons.add("new returns")
    return reasons
