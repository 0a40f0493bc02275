"""T11: every dataset of a small world through the real publisher, against an attacker who knows the publisher too.

The attacker here is stronger than the audit's: beyond intervals, they know the program, and rule out each dataset for which it
would have published something else. Brute force: all datasets, grouped by what is published of them.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pytest

from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.disclosure.secondary_suppression import TablesToAudit, cut, suppress
from tfc_platform.disclosure.snapshot_set import Locked
from tfc_platform.disclosure.snapshots import Snapshot, freeze
from tfc_platform.publication.publication_register import CountTable, PersonMeasure

POLICY = load_policy()
COLUMNS = dict.fromkeys(("site", "quarter", "year", "activity", "small_area_code"), "A key.")
PERSONS = (PersonMeasure(name="persons", column="attendances_low", label="Persons", unit="persons"),)


def table(name: str, *dimensions: str, total_over: str | None = None, period: str = "quarter") -> CountTable:
    return CountTable(
        table=name,
        title=name,
        description=name,
        record="activity",
        rule="persons",
        mart="mart_reach_cell",
        period=period,  # type: ignore[arg-type]
        dimensions=dimensions,
        total_over=total_over,
        measures=PERSONS,
    )


PUBLICATIONS = 10
QUARTERS = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1")
ENDS = (date(2025, 6, 30), date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31))
Atom = tuple[str, str, str]  # quarter, activity, small area


def locked(counts: Mapping[Atom, int]) -> tuple[Locked, dict[tuple[str, int], Snapshot]]:
    """Snapshots of one site with these counts."""
    quarters = [quarter for quarter in QUARTERS if any(atom[0] == quarter for atom in counts)]
    periods = [
        Period("activity", "north", quarter, "activity", ends)
        for quarter, ends in zip(QUARTERS, ENDS, strict=True)
        if quarter in quarters
    ]
    codes = {
        name: [{name: code} for code in sorted({atom[place] for atom in counts})]
        for place, name in ((1, "activity"), (2, "small_area_code"))
    }
    snapshots = {}
    for period in periods:
        rows = [
            {"activity": activity, "small_area_code": area, "attendances_low": count, "sessions": count}
            for (quarter, activity, area), count in counts.items()
            if quarter == period.name
        ]
        snapshot = freeze(period, codes, {"mart_reach_cell": rows}, date(2026, 6, 1))
        snapshots[snapshot.id] = snapshot
    versions = {(snapshot.id, snapshot.version): snapshot for snapshot in snapshots.values()}
    return Locked(periods, snapshots, lambda _: codes), versions


Rows = tuple[object, ...]


def publish(register: Sequence[CountTable], counts: Mapping[Atom, int], known: dict[Rows, Rows] | None = None) -> Rows:
    """What readers see of a dataset: the rows of all tables, once the publisher let them through.

    Audit and suppression see nothing but what is about to be published, so `known` keeps what came of it.
    """
    base, versions = locked(counts)
    tried = TablesToAudit(cut(register, COLUMNS, base, POLICY), (), versions)
    before = tuple((made.name, made.rows) for made in tried.published.tables)
    if known is not None and before in known:
        return known[before]
    if not tried.report().passed:
        safe = suppress(tried, COLUMNS, base)
        tried = safe.tables
        assert safe.report.passed
    after = tuple((made.name, made.rows) for made in tried.published.tables)
    if known is not None:
        known[before] = after
    return after


def narrowest(register: Sequence[CountTable], datasets: Iterable[Mapping[Atom, int]], largest: int) -> tuple[int, int]:
    """The least that a small group can be known by all who know everything, and how many publications there are.

    `largest` is the most people of an atom in this world. A figure that larger worlds could publish as well is left out: there
    the attacker would have still more datasets to reckon with than are here.

    A group is an atom of 1 to 4 people in some dataset; what is known is its range over the datasets that publish the same.
    """
    alike: dict[Rows, list[Mapping[Atom, int]]] = defaultdict(list)
    known: dict[Rows, Rows] = {}
    for dataset in datasets:
        alike[publish(register, dataset, known)].append(dataset)
    least = 10**9
    whole = {rows: group for rows, group in alike.items() if _highest(rows) <= largest}
    for group in whole.values():
        for atom in group[0]:
            values = {dataset[atom] for dataset in group}
            if values & set(range(1, POLICY.audit.group)):
                least = min(least, max(values) - min(values))
    return least, len(whole)


def _highest(publication: Rows) -> float:
    """The largest count that a published figure can stand for."""
    values = [row[-3] for _, rows in publication for row in rows if row[-3] is not None]  # type: ignore[misc,attr-defined]
    return max(values, default=0) + 2


def test_t11_parts_and_their_total() -> None:
    register = (table("inner", "activity", total_over="activity"),)
    atoms = [("2025-Q2", activity, "A1") for activity in ("choir", "play")]
    datasets = (dict(zip(atoms, counts, strict=True)) for counts in itertools.product(range(43), repeat=2))
    least, publications = narrowest(register, datasets, 42)
    assert publications > 20
    assert least >= POLICY.audit.width


def test_t11_two_tables_over_the_same_persons() -> None:
    """Activities by areas of which only the margins are published, each in a table of its own."""
    register = (table("by_activity", "activity"), table("by_area", "small_area_code"))
    atoms = [("2025-Q2", activity, area) for activity in ("choir", "play") for area in ("A1", "A2")]
    datasets = (dict(zip(atoms, counts, strict=True)) for counts in itertools.product(range(13), repeat=4))
    least, publications = narrowest(register, datasets, 12)
    assert publications >= PUBLICATIONS
    assert least >= POLICY.audit.width


def test_t11_quarters_and_their_year() -> None:
    register = (table("inner"), table("year", period="year"))
    atoms = [(quarter, "choir", "A1") for quarter in QUARTERS]
    datasets = (dict(zip(atoms, counts, strict=True)) for counts in itertools.product(range(13), repeat=4))
    least, publications = narrowest(register, datasets, 12)
    assert publications >= PUBLICATIONS
    assert least >= POLICY.audit.width


@pytest.mark.parametrize(("counts", "withheld"), [((4, 33), True), ((4, 68), True), ((12, 33), False)])
def test_a_part_that_a_total_would_give_away_is_withheld_with_its_whole_table(
    counts: tuple[int, int], withheld: bool
) -> None:
    """4 beside 33 under a total of 35: nobody could be more than four. Were the total alone hidden, that would say the same."""
    register = (table("inner", "activity", total_over="activity"),)
    dataset = {("2025-Q2", activity, "A1"): count for activity, count in zip(("choir", "play"), counts, strict=True)}
    ((_, rows),) = publish(register, dataset)  # type: ignore[misc]
    statuses = {row[-2] for row in rows}  # type: ignore[attr-defined]
    assert statuses == ({"suppressed_secondary"} if withheld else {"rounded"})
