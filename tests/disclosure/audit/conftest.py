"""What the tests of the audit share: the oracle's files, the 10-5 rule, and the tables of the synthetic people under it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tfc_platform.disclosure.audit import Atom, PublishedCell, Universe

ORACLE = Path(__file__).resolve().parents[1] / "oracle"

Where = Mapping[str, frozenset[str]]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def oracle() -> Callable[[str], list[dict[str, str]]]:
    """Rows of a file of the oracle that may be kept here."""
    return lambda name: read(ORACLE / f"{name}.csv")


@pytest.fixture(scope="session")
def shared_oracle(shared: Path) -> Callable[[str], list[dict[str, str]]]:
    """Rows of a file of the oracle that stands in ../shared alone, as `inputs/…` or `expected/…`."""
    return lambda name: read(shared / "oracle" / "sdc" / f"{name}.csv")


def published(count: int) -> int | None:
    """R4: fewer than 10 are hidden, the rest goes to the nearest 5."""
    return None if count < 10 else 5 * ((count + 2) // 5)


def interval(figure: int | None) -> tuple[int, int]:
    """What a figure of R4 says: 10 can be no 8 or 9, which would be hidden."""
    return (0, 9) if figure is None else (max(figure - 2, 10), figure + 2)


@dataclass(frozen=True)
class People:
    """Synthetic people of 4 sites with 8 wards each, and tables of them."""

    universe: Universe
    truth: Mapping[Atom, int]
    site_of: Mapping[str, str]

    VARIABLES = ("ward", "age", "gender", "tier")

    def table(self, name: str, level: str, by: Sequence[str]) -> list[PublishedCell]:
        """All cells of a table by `by`, at the level `all`, `site` or `ward`, under R4."""
        wards = self.universe.variables[0][1]
        areas = {"all": lambda ward: "all", "site": self.site_of.__getitem__, "ward": str}[level]
        codes = dict(self.universe.variables)
        grid: list[dict[str, frozenset[str]]] = [
            {} if level == "all" else {"ward": frozenset(ward for ward in wards if areas(ward) == area)}
            for area in sorted({areas(ward) for ward in wards})
        ]
        for variable in by:
            grid = [{**where, variable: frozenset([code])} for where in grid for code in codes[variable]]
        sums: Counter[tuple[str, ...]] = Counter()
        for atom, count in self.truth.items():
            value = dict(zip(self.VARIABLES, atom.codes, strict=True))
            sums[(areas(value["ward"]), *(value[variable] for variable in by))] += count
        cells = []
        for where in grid:
            area = areas(next(iter(where.get("ward", wards))))
            own = (area, *(next(iter(where[variable])) for variable in by))
            low, high = interval(published(sums[own]))
            cells.append(PublishedCell(name, "people", where, low, high, (name, *own)))
        return cells

    def inner(self) -> list[PublishedCell]:
        """432 cells: inner tables and site totals."""
        return [
            *self.table("site", "site", []),
            *self.table("ward_age", "ward", ["age"]),
            *self.table("ward_tier", "ward", ["tier"]),
            *self.table("site_age_tier", "site", ["age", "tier"]),
            *self.table("site_age_gender", "site", ["age", "gender"]),
        ]

    def with_margins(self) -> list[PublishedCell]:
        """560 cells: the same with every margin, over all sites too."""
        levels = ("all", "site", "ward")
        return [
            *(cell for level in levels for by in ([], ["age"], ["tier"]) for cell in self.table("geo", level, by)),
            *(cell for level in levels[:2] for cell in self.table("gender", level, ["gender"])),
            *(cell for level in levels[:2] for cell in self.table("age_tier", level, ["age", "tier"])),
            *(cell for level in levels[:2] for cell in self.table("age_gender", level, ["age", "gender"])),
        ]


@pytest.fixture(scope="session")
def people() -> People:
    rows = read(ORACLE / "tfc_people.csv")
    columns = {"ward": "ward", "age": "age_band", "gender": "gender", "tier": "tier"}
    variables = tuple((name, tuple(sorted({row[column] for row in rows}))) for name, column in columns.items())
    truth = Counter(Atom("people", tuple(row[column] for column in columns.values())) for row in rows)
    return People(Universe("people", variables), truth, {row["ward"]: row["site"] for row in rows})


@pytest.fixture(scope="session")
def single() -> Callable[[str, Iterable[str]], Universe]:
    """A universe of one variable `v`."""
    return lambda name, codes: Universe(name, (("v", tuple(codes)),))
