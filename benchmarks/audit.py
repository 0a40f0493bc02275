"""What the joint audit costs, and how it grows with the quarters: `python -m benchmarks.audit`.

Two designs of a programme of four sites, under the 10-5 rule, with years that link their quarters at site level:

- *reach*: a unit of 7 activities in 10 small areas, inner cells and the site's total a quarter, the site's total a year;
- *people*: 8 wards, 5 ages, 3 genders and 4 tiers, four inner tables and the site's total a quarter, the site's total a year.

Beside them 960 indicators of a survey, each with its base and numerator by area. Counts are drawn here and are nobody's."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from tfc_platform.disclosure.audit import AuditReport, PublishedCell, Universe
from tfc_platform.disclosure.audit.joint_audit import audit

__all__ = ["main"]

T = 9
SITES = tuple(f"site{i}" for i in range(4))
Counts = npt.NDArray[np.int64]


def _figure(table: str, universe: str, where: dict[str, frozenset[str]], count: int) -> PublishedCell:
    figure = 5 * ((count + 2) // 5)
    low, high = (0, 9) if count < 10 else (max(figure - 2, 10), figure + 2)
    return PublishedCell(table, universe, where, low, high)


def _table(name: str, universe: Universe, counts: Counts, by: Sequence[str]) -> Iterator[PublishedCell]:
    """All cells of the table by these variables."""
    names = [variable for variable, _ in universe.variables]
    codes = dict(universe.variables)
    sums = counts.sum(axis=tuple(i for i, variable in enumerate(names) if variable not in by))
    for index in product(*(range(len(codes[variable])) for variable in names if variable in by)):
        places = zip((variable for variable in names if variable in by), index, strict=True)
        where = {variable: frozenset([codes[variable][i]]) for variable, i in places}
        yield _figure(name, universe.name, where, int(sums[index]))


def _year(name: str, universe: Universe, counts: Counts) -> Iterator[PublishedCell]:
    """The site's total of each four quarters that are over."""
    quarters = universe.variables[0][1]
    for first in range(0, len(quarters) - 3, 4):
        where = {"quarter": frozenset(quarters[first : first + 4])}
        yield _figure(name, universe.name, where, int(counts[first : first + 4].sum()))


def _reach(quarters: int, rng: np.random.Generator) -> tuple[list[Universe], list[PublishedCell]]:
    universes, cells = [], []
    for site in SITES:
        universe = Universe(
            f"reach {site}",
            (
                ("quarter", tuple(f"q{i:02}" for i in range(quarters))),
                ("activity", tuple(f"activity{i}" for i in range(7))),
                ("area", tuple(f"area{i}" for i in range(10))),
            ),
        )
        # Few areas have much of an activity: about three cells of five are below 10.
        counts = rng.negative_binomial(0.6, 0.05, universe.shape)
        universes.append(universe)
        cells += _table("reach", universe, counts, ("quarter", "activity", "area"))
        cells += _table("reach_site", universe, counts, ("quarter",))
        cells += _year("reach_year", universe, counts)
    return universes, cells


def _people(quarters: int, rng: np.random.Generator) -> tuple[list[Universe], list[PublishedCell]]:
    universes, cells = [], []
    for site in SITES:
        sizes = {"quarter": quarters, "ward": 8, "age": 5, "gender": 3, "tier": 4}
        universe = Universe(
            f"people {site}", tuple((name, tuple(f"{name}{i}" for i in range(size))) for name, size in sizes.items())
        )
        shares = [rng.dirichlet(np.full(size, 4.0)) for name, size in sizes.items() if name != "quarter"]
        shares[2] = np.array([0.49, 0.46, 0.05])
        expected = 375 * np.einsum("a,b,c,d->abcd", *shares)
        counts = rng.poisson(np.broadcast_to(expected, universe.shape))
        universes.append(universe)
        for by in (("ward", "age"), ("ward", "tier"), ("age", "tier"), ("age", "gender")):
            cells += _table("_".join(("people", *by)), universe, counts, ("quarter", *by))
        cells += _table("people_site", universe, counts, ("quarter",))
        cells += _year("people_year", universe, counts)
    return universes, cells


def _survey(rng: np.random.Generator) -> tuple[list[Universe], list[PublishedCell]]:
    """Base and numerator of 120 indicators in 4 sites and 2 waves, by area: exact where 30 are asked and 10 and 10 answer."""
    universes, cells = [], []
    for number in range(120 * len(SITES) * 2):
        areas = tuple(f"area{i}" for i in range(6))
        universe = Universe(f"item {number}", (("area", areas), ("answer", ("yes", "no"))))
        counts = rng.integers(0, 60, universe.shape)
        universes.append(universe)
        for where, yes, no in [
            ({}, *counts.sum(axis=0)),
            *(({"area": frozenset([area])}, *pair) for area, pair in zip(areas, counts, strict=True)),
        ]:
            # Hidden where R7 says so: then the attacker has the rule alone, and no end above.
            if where and (yes < 10 or no < 10 or yes + no < 30):
                continue
            for answer, count in (("yes", int(yes)), ("no", int(no))):
                cells.append(
                    PublishedCell("survey", universe.name, {**where, "answer": frozenset([answer])}, count, count)
                )
    return universes, cells


def _run(universes: list[Universe], cells: list[PublishedCell]) -> tuple[AuditReport, float]:
    before = time.process_time()
    report = audit(universes, cells, least_upper=T)
    return report, time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quarters", type=int, nargs="+", default=[1, 4, 8, 12])
    arguments = parser.parse_args()
    print(f"{'':10}{'quarters':>9}{'cells':>8}{'atoms':>8}{'parts':>7}{'distinct':>9}{'LPs':>7}{'fail':>6}", end="")
    print(f"{'wall s':>8}{'cpu s':>8}")
    for name, make in (("reach", _reach), ("people", _people)):
        for quarters in arguments.quarters:
            _print(name, str(quarters), *_run(*make(quarters, np.random.default_rng(arguments.seed))))
    _print("survey", "", *_run(*_survey(np.random.default_rng(arguments.seed))))


def _print(name: str, quarters: str, report: AuditReport, cpu: float) -> None:
    print(
        f"{name:10}{quarters:>9}{report.cells:8,}{report.atoms:8,}{report.components:7}{report.distinct:9}"
        f"{report.programmes:7,}{report.failing:6}{report.seconds:8.2f}{cpu:8.2f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
