"""A release as its pages read it: rows, figures, and numbers that say where in the release they are from.

Nothing here rounds, hides or estimates. Rows may be counted and figures of sessions added; figures about people never are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from tfc_platform.pages.formatting import humane
from tfc_platform.publication.released_table import ReleaseTable

__all__ = ["PublishedFigure", "ReleaseRow", "ReleaseView", "SourcedNumber"]

Where = Mapping[str, Any]
_Each = TypeVar("_Each")
_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class SourcedNumber:
    """A number of a page. `source` names where it is from: `table`, `key` (JSON), `measure`, `op`; or `manifest`, a path.

    `op` is `value` (one figure), `sum`, `count` (of figures that match the key), `rows` (of a table without figures), or `days`
    from a date to the night.
    """

    value: float
    source: tuple[tuple[str, str], ...]
    status: str = "shown"
    note: str | None = None

    @property
    def is_held(self) -> bool:
        """Whether it is, or holds, a figure from an earlier return."""
        return self.status == "held"


@dataclass(frozen=True)
class PublishedFigure:
    """One figure of a table, with the keys that name it."""

    table: str
    measure: str
    keys: Mapping[str, Any]
    value: float | None
    status: str
    note: str | None

    @property
    def number(self) -> SourcedNumber | None:
        """None where there is no value to show."""
        if self.value is None:
            return None
        return SourcedNumber(self.value, _source(self.table, self.keys, self.measure, "value"), self.status, self.note)

    @property
    def is_not_final(self) -> bool:
        """Whether its period is still open, by the note that the disclosure rules give such a figure."""
        return self.status == "not_available" and str(self.note or "").startswith(("Not locked", "Not final"))


@dataclass(frozen=True)
class ReleaseRow:
    """The figures of a table that share their keys; `labels` are keys and attributes."""

    labels: Mapping[str, Any]
    figures: Mapping[str, PublishedFigure]

    def __getitem__(self, label: str) -> Any:
        return self.labels.get(label)

    def value(self, measure: str) -> float | None:
        figure = self.figures.get(measure)
        return None if figure is None else figure.value

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(figure.note for figure in self.figures.values() if figure.note))


class ReleaseView:
    """A release's manifest and tables."""

    def __init__(self, manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> None:
        self.manifest = manifest
        self.tables = {table.name: table for table in tables}
        self.as_of = date.fromisoformat(manifest["as_of"])
        self._rows: dict[str, tuple[ReleaseRow, ...]] = {}
        self._records: dict[str, list[dict[str, Any]]] = {}
        self._rows_of: dict[str, dict[Any, list[ReleaseRow]]] = {}
        self._records_of: dict[str, dict[Any, list[dict[str, Any]]]] = {}
        self._labels: Mapping[str, Any] = manifest.get("labels", {})

    # -- rows and figures

    def records(self, table: str) -> Sequence[dict[str, Any]]:
        """Every row of a table by its columns."""
        if table not in self._records:
            released = self.tables.get(table)
            names = [column.name for column in released.columns] if released else []
            self._records[table] = [dict(zip(names, row, strict=True)) for row in released.rows] if released else []
        return self._records[table]

    def rows(self, table: str, **where: Any) -> list[ReleaseRow]:
        """The rows that have these labels, in the table's order."""
        if table not in self._rows:
            self._rows[table] = tuple(self._gathered(table))
            self._rows_of[table] = _grouped(self._rows[table], lambda row: row["site"])
        rows = self._rows_of[table].get(where["site"], []) if "site" in where else self._rows[table]
        return [row for row in rows if all(row[name] == value for name, value in where.items())]

    def _gathered(self, table: str) -> Iterator[ReleaseRow]:
        released = self.tables.get(table)
        if released is None:
            return
        names = [column.name for column in released.columns]
        labelled = names.index("measure") if "measure" in names else 0
        gathered: dict[tuple[Any, ...], dict[str, PublishedFigure]] = {}
        labels: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in released.rows:
            key = row[: released.keys]
            labels.setdefault(key, dict(zip(names[:labelled], row, strict=False)))
            measure, value, status, note = row[labelled : labelled + 4]
            keys = dict(zip(names[: released.keys], key, strict=True))
            gathered.setdefault(key, {})[measure] = PublishedFigure(released.name, measure, keys, value, status, note)
        for key, figures in gathered.items():
            yield ReleaseRow(labels[key], figures)

    def is_about_people(self, table: str) -> bool:
        return table in self.manifest.get("person_tables", ())

    # -- numbers that are not themselves figures of the release

    def sum(self, table: str, measure: str, **where: Any) -> SourcedNumber | None:
        """A sum of figures that are not about people; None where one has no value, or there is none.

        :raises ValueError: for a table about people: rounded and hidden figures do not add up.
        """
        if self.is_about_people(table):
            raise ValueError(f"{table} is about people: its figures are not added")
        chosen = list(self._chosen(table, measure, where))
        if not chosen or any(row["value"] is None for row in chosen):
            return None
        held = next((row for row in chosen if row["status"] == "held"), None)
        return SourcedNumber(
            sum(row["value"] for row in chosen),
            _source(table, where, measure, "sum"),
            "shown" if held is None else "held",
            None if held is None else held["note"],
        )

    def count(self, table: str, measure: str, **where: Any) -> SourcedNumber:
        """How many figures of this measure match: a count of rows, never of people."""
        matching = sum(1 for _ in self._chosen(table, measure, where))
        return SourcedNumber(matching, _source(table, where, measure, "count"))

    def count_rows(self, table: str, **where: Any) -> SourcedNumber:
        """How many rows of a table without figures match: of approved stories, say."""
        matching = sum(all(_matches(row, name, value) for name, value in where.items()) for row in self.records(table))
        return SourcedNumber(matching, _source(table, where, "", "rows"))

    def days(self, row: ReleaseRow, figure: PublishedFigure, column: str) -> SourcedNumber | None:
        """Days from a date of a row to the night of the release."""
        day = row[column]
        if not isinstance(day, date):
            return None
        source = (*_source(figure.table, figure.keys, figure.measure, "days"), ("column", column))
        return SourcedNumber((self.as_of - day).days, source)

    def of_manifest(self, *path: str | int) -> SourcedNumber:
        """A number in the manifest; of a list or an object there, how many members it has."""
        entry: Any = self.manifest
        for part in path:
            entry = entry[part]
        value = entry if isinstance(entry, (int, float)) else len(entry)
        return SourcedNumber(value, (("manifest", "/".join(map(str, path))),))

    def _chosen(self, table: str, measure: str, where: Where) -> Iterator[dict[str, Any]]:
        if table not in self._records_of:
            records = self.records(table)
            of_site = _grouped(records, lambda row: (row["measure"], row.get("site")))
            self._records_of[table] = _grouped(records, lambda row: row["measure"]) | of_site
        site = where.get("site")
        rows = self._records_of[table].get((measure, site) if isinstance(site, str) else measure, [])
        return (row for row in rows if all(_matches(row, name, value) for name, value in where.items()))

    # -- rules and names

    @property
    def nearest(self) -> str:
        """`to the nearest 5`, by the policy that the release was made by."""
        base = self.manifest.get("rules", {}).get("rounding_base")
        return "rounded" if base is None else f"rounded to the nearest {base}"

    @property
    def fewest(self) -> str:
        """Below how many people a count is not shown, in words."""
        least = self.manifest.get("rules", {}).get("threshold_persons")
        return "where there are few" if least is None else f"below {least}"

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Every site of the release, those that the contracts name first and in their order."""
        named = [str(item["site"]) for item in self._labels.get("sites", ())]
        seen = {row["site"] for name in self.tables for row in self.records(name) if row.get("site")}
        others = seen - set(named) - {"all"} - self._senders
        # A site's code is the name of its page: what is no code has none.
        return tuple(site for site in (*named, *sorted(map(str, others))) if _CODE.fullmatch(site))

    @cached_property
    def _senders(self) -> set[str]:
        """Who sends returns and is no place: only named in tables of returns."""
        places = {"delivery", "process", "reach", "outcome_indicator", "local_indicator", "learning_action", "stories"}
        known = {row["site"] for name in places & self.tables.keys() for row in self.records(name)}
        others = {row["site"] for name in set(self.tables) - places for row in self.records(name) if row.get("site")}
        return others - known

    def site_name(self, site: Any) -> str:
        named = {item["site"]: str(item["name"]) for item in self._labels.get("sites", ())}
        return named.get(
            site, "All sites" if site == "all" else "The central team" if site == "central" else humane(site)
        )

    def activity_name(self, site: Any, activity: Any) -> str:
        """An activity's name in the contracts; of a site that is not theirs, the code in words."""
        return str(self._labels.get("activities", {}).get(site, {}).get(activity) or humane(activity))

    def indicator(self, code: str) -> Mapping[str, Any]:
        """What the codebooks say of an indicator: kind, name or wording, items, range, direction; empty where unknown."""
        entry: Mapping[str, Any] = self._labels.get("indicators", {}).get(code, {})
        return entry

    @property
    def indicator_codes(self) -> tuple[str, ...]:
        """Every indicator that the codebooks name, in their order."""
        return tuple(self._labels.get("indicators", {}))

    def by_site(self, rows: Iterable[ReleaseRow]) -> list[ReleaseRow]:
        """Rows in the order of the sites; those of one site stay in their order."""
        places = {site: place for place, site in enumerate(self.sites)}
        return sorted(rows, key=lambda row: places.get(row["site"], len(places)))


def _grouped(rows: Iterable[_Each], key: Callable[[_Each], Any]) -> dict[Any, list[_Each]]:
    groups: dict[Any, list[_Each]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _matches(row: Mapping[str, Any], name: str, value: Any) -> bool:
    """`name` is a column; with `__from`, `__before` or `__below` it is a bound. A list holds what may be there."""
    column, _, bound = name.partition("__")
    cell = row.get(column)
    if bound:
        if cell is None:
            return False
        return bool(cell >= value if bound == "from" else cell < value)
    return cell in value if isinstance(value, (list, tuple)) else cell == value


def _source(table: str, keys: Where, measure: str, op: str) -> tuple[tuple[str, str], ...]:
    written = json.dumps(dict(keys), ensure_ascii=False, separators=(",", ":"), default=str)
    source = (("table", table), ("key", written), *((("measure", measure),) if measure else ()))
    return source if op == "value" else (*source, ("op", op))
