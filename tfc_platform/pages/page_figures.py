"""A release as its pages read it: rows, figures, and numbers that say where in the release they stand.

Belongs here: looking up, and the few sums that are allowed: counts of rows, and sums of figures that are not about persons.
Does not belong: HTML. Nothing here rounds, hides or estimates; a figure about persons is never added to another.
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

__all__ = ["Figure", "Number", "Release", "Row"]

Where = Mapping[str, Any]
_Each = TypeVar("_Each")
_CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Number:
    """A number of a page. `source` names where it is from: `table`, `key` (JSON), `measure`, `op`; or `manifest`, a path.

    `op` is `value` (one figure), `sum`, `count` (of figures that fit the key), or `days` from a date to the night.
    """

    value: float
    source: tuple[tuple[str, str], ...]
    status: str = "shown"
    note: str | None = None


@dataclass(frozen=True)
class Figure:
    """One figure of a table, with the keys that name it."""

    table: str
    measure: str
    keys: Mapping[str, Any]
    value: float | None
    status: str
    note: str | None

    @property
    def number(self) -> Number | None:
        """None where there is no value to show."""
        if self.value is None:
            return None
        return Number(self.value, _source(self.table, self.keys, self.measure, "value"), self.status, self.note)

    @property
    def is_not_locked(self) -> bool:
        return self.status == "not_available" and bool(self.note) and str(self.note).startswith("Not locked")


@dataclass(frozen=True)
class Row:
    """The figures of a table that share their keys; `labels` are keys and attributes."""

    labels: Mapping[str, Any]
    figures: Mapping[str, Figure]

    def __getitem__(self, label: str) -> Any:
        return self.labels.get(label)

    def value(self, measure: str) -> float | None:
        found = self.figures.get(measure)
        return None if found is None else found.value

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(figure.note for figure in self.figures.values() if figure.note))


class Release:
    """A release's manifest and tables."""

    def __init__(self, manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> None:
        self.manifest = manifest
        self.tables = {table.name: table for table in tables}
        self.as_of = date.fromisoformat(manifest["as_of"])
        self._rows: dict[str, tuple[Row, ...]] = {}
        self._records: dict[str, list[dict[str, Any]]] = {}
        self._rows_of: dict[str, dict[Any, list[Row]]] = {}
        self._records_of: dict[str, dict[Any, list[dict[str, Any]]]] = {}
        self._labels: Mapping[str, Any] = manifest.get("labels", {})

    # -- rows and figures

    def records(self, table: str) -> Sequence[dict[str, Any]]:
        """Every row of a table by its columns."""
        if table not in self._records:
            found = self.tables.get(table)
            names = [column.name for column in found.columns] if found else []
            self._records[table] = [dict(zip(names, row, strict=True)) for row in found.rows] if found else []
        return self._records[table]

    def rows(self, table: str, **where: Any) -> list[Row]:
        """The rows that have these labels, in the table's order."""
        if table not in self._rows:
            self._rows[table] = tuple(self._gathered(table))
            self._rows_of[table] = _grouped(self._rows[table], lambda row: row["site"])
        rows = self._rows_of[table].get(where["site"], []) if "site" in where else self._rows[table]
        return [row for row in rows if all(row[name] == value for name, value in where.items())]

    def _gathered(self, table: str) -> Iterator[Row]:
        found = self.tables.get(table)
        if found is None:
            return
        names = [column.name for column in found.columns]
        labelled = names.index("measure") if "measure" in names else 0
        gathered: dict[tuple[Any, ...], dict[str, Figure]] = {}
        labels: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in found.rows:
            key = row[: found.keys]
            labels.setdefault(key, dict(zip(names[:labelled], row, strict=False)))
            measure, value, status, note = row[labelled : labelled + 4]
            keys = dict(zip(names[: found.keys], key, strict=True))
            gathered.setdefault(key, {})[measure] = Figure(found.name, measure, keys, value, status, note)
        for key, figures in gathered.items():
            yield Row(labels[key], figures)

    def is_about_persons(self, table: str) -> bool:
        return table in self.manifest.get("person_tables", ())

    # -- numbers that are no figure of the release themselves

    def sum(self, table: str, measure: str, **where: Any) -> Number | None:
        """A sum of figures that are not about persons; None where one has no value, or there is none.

        :raises ValueError: of a table about persons: rounded and hidden figures do not add up.
        """
        if self.is_about_persons(table):
            raise ValueError(f"{table} is about persons: its figures are not added")
        found = list(self._chosen(table, measure, where))
        if not found or any(row["value"] is None for row in found):
            return None
        held = next((row for row in found if row["status"] == "held"), None)
        return Number(
            sum(row["value"] for row in found),
            _source(table, where, measure, "sum"),
            "shown" if held is None else "held",
            None if held is None else held["note"],
        )

    def count(self, table: str, measure: str, **where: Any) -> Number:
        """How many figures of this measure fit: of rows, never of persons."""
        found = sum(1 for _ in self._chosen(table, measure, where))
        return Number(found, _source(table, where, measure, "count"))

    def days(self, row: Row, figure: Figure, column: str) -> Number | None:
        """Days from a date of a row to the night of the release."""
        day = row[column]
        if not isinstance(day, date):
            return None
        source = (*_source(figure.table, figure.keys, figure.measure, "days"), ("column", column))
        return Number((self.as_of - day).days, source)

    def of_manifest(self, *path: str | int) -> Number:
        """A number that stands in the manifest; a list or an object there counts its members."""
        found: Any = self.manifest
        for part in path:
            found = found[part]
        value = found if isinstance(found, (int, float)) else len(found)
        return Number(value, (("manifest", "/".join(map(str, path))),))

    def _chosen(self, table: str, measure: str, where: Where) -> Iterator[dict[str, Any]]:
        if table not in self._records_of:
            found = self.records(table)
            of_site = _grouped(found, lambda row: (row["measure"], row.get("site")))
            self._records_of[table] = _grouped(found, lambda row: row["measure"]) | of_site
        site = where.get("site")
        rows = self._records_of[table].get((measure, site) if isinstance(site, str) else measure, [])
        return (row for row in rows if all(_fits(row, name, value) for name, value in where.items()))

    # -- rules and names

    @property
    def nearest(self) -> str:
        """`to the nearest 5`, by the policy that the release was made by."""
        base = self.manifest.get("rules", {}).get("rounding_base")
        return "rounded" if base is None else f"rounded to the nearest {base}"

    @property
    def fewest(self) -> str:
        """Below how many persons a count is withheld, in words."""
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
        """Who sends returns and is no place: names of returns alone."""
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
        found: Mapping[str, Any] = self._labels.get("indicators", {}).get(code, {})
        return found

    def unit(self, table: str, measure: str) -> str | None:
        found = self._labels.get("units", {}).get(table, {}).get(measure)
        return None if found is None else str(found)


def _grouped(rows: Iterable[_Each], key: Callable[[_Each], Any]) -> dict[Any, list[_Each]]:
    found: dict[Any, list[_Each]] = {}
    for row in rows:
        found.setdefault(key(row), []).append(row)
    return found


def _fits(row: Mapping[str, Any], name: str, value: Any) -> bool:
    """`name` is a column; with `__from`, `__before` or `__below` it is a bound. A list holds what may be there."""
    column, _, bound = name.partition("__")
    found = row.get(column)
    if bound:
        if found is None:
            return False
        return bool(found >= value if bound == "from" else found < value)
    return found in value if isinstance(value, (list, tuple)) else found == value


def _source(table: str, keys: Where, measure: str, op: str) -> tuple[tuple[str, str], ...]:
    written = json.dumps(dict(keys), ensure_ascii=False, separators=(",", ":"), default=str)
    source = (("table", table), ("key", written), ("measure", measure))
    return source if op == "value" else (*source, ("op", op))
