"""Random histories of twelve months at four sites: late and corrected records, erasures, revisions, night after night."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.disclosure.history_attack import Seen, Target, attack_counts, attack_heads, attack_surveys
from tests.disclosure.programme import ITEM, POPULATION
from tests.disclosure.world import UNKNOWN, World, make_world
from tests.disclosure.world_rows import CASEWORK
from tfc_platform.disclosure.protect import prepare
from tfc_platform.disclosure.snapshots import Snapshot

__all__ = ["History", "attack_history", "make_history"]

SITES = ("north", "south", "east", "west")
QUARTERS = ("2025-Q2", "2025-Q3", "2025-Q4", "2026-Q1")
GROUPS = ("choir", "kitchen", "play", "tea")
REVISIONS = (date(2026, 6, 30), date(2027, 6, 30))
SMALL = (1, 4)


@dataclass
class History:
    world: World
    releases: list[Seen] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


def make_history(folder: Path, seed: int) -> History:
    """Each lock day and each revision's, with some records late, corrected or erased before each of them."""
    rng = random.Random(seed)
    world = make_world(folder, sites=SITES, quarters=4, groups=GROUPS, filled=False, panel=rng.random() < 0.3)
    for site in SITES:
        _fill(world, rng, site)
    history = History(world)
    days = sorted({world.lock_day(name) for name in (*QUARTERS, *world.waves)} | set(REVISIONS))
    for number, day in enumerate(days):
        erased = None
        for site in SITES if number else ():
            erased = _change(world, rng, site, day, far=day in REVISIONS) or erased
        _go_missing(world, rng, number)
        world.write()
        prepared = prepare(world.inputs(day, last_erasure=erased))
        assert prepared.report.passed
        prepared.keep(world.places.snapshots)
        tables = {
            table.name: [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]
            for table in prepared.tables
        }
        history.releases.append(Seen(tables, prepared.published.versions))
        history.notes.update(note.split(":")[0] for note in prepared.notes)
    history.shown.update(
        name for name, rows in history.releases[-1].tables.items() for row in rows if row["status"] == "rounded"
    )
    return history


def _heads(rng: random.Random) -> int | None:
    return rng.choice((None, rng.randint(0, 4), rng.randint(1, 4), rng.randint(5, 15), rng.randint(10, 40)))


def _fill(world: World, rng: random.Random, site: str) -> None:
    places = (*world.venues, UNKNOWN)
    for quarter in QUARTERS:
        for activity in GROUPS:
            tiny = rng.random() < 0.5
            for place in rng.sample(places, rng.randint(0, 2)):
                heads = [rng.randint(0, 4) if tiny else _heads(rng) for _ in range(rng.randint(1, 4))]
                world.set_heads(site, quarter, activity, place, heads)
        world.set_visits(site, quarter, rng.choice((0, 1, 3, 9, 10, 12, 30)))
        world.set_stories(site, quarter, rng.choice((0, 0, 1, 2, 4)))
    for wave in world.waves:
        for area in ("Hill", "Shore", None):
            size = rng.choice(((0, 0), (1, 2), (3, 8), (9, 9), (11, 14), (20, 25), (33, 31), (40, 52)))
            world.set_answers(site, wave, area, *size, panel=f"p{area}" if world.panel else None)


def _change(world: World, rng: random.Random, site: str, day: date, *, far: bool) -> date | None:
    """Late, corrected and erased records of a site; the day on which somebody was erased, if somebody was."""
    erased = None
    for _ in range(rng.randint(1, 3) if far else rng.randint(0, 1)):
        quarter = rng.choice(QUARTERS)
        kind = rng.choice(("late", "many", "corrected", "erased", "visits", "answers", "unanswered", "stories"))
        mine = [s for s in world.sessions if (s.site, s.quarter) == (site, quarter)]
        if kind == "late":
            world.add_heads(site, quarter, rng.choice(GROUPS), rng.choice((*world.venues, UNKNOWN)), [_heads(rng)])
        elif kind == "many":
            heads = [rng.randint(10, 30) for _ in range(rng.randint(1, 3))]
            world.add_heads(site, quarter, rng.choice(GROUPS), rng.choice((*world.venues, UNKNOWN)), heads)
        elif kind == "corrected" and mine:
            one = rng.choice(mine)
            world.sessions[world.sessions.index(one)] = replace(
                one, low=(one.low or 0) + rng.choice((1, 3, 10, 15)), high=None
            )
        elif kind == "erased" and mine:
            for one in rng.sample(mine, min(len(mine), rng.choice((1, 1, 2, 10)))):
                world.sessions.remove(one)
            erased = day
        elif kind == "visits":
            world.add_heads(site, quarter, CASEWORK, UNKNOWN, [1] * rng.choice((1, 4, 10, 12)))
        elif kind == "answers":
            _more_answers(world, rng, site)
        elif kind == "unanswered":
            theirs = [r for r in world.respondents if r.site == site]
            gone = rng.sample(theirs, min(len(theirs), rng.choice((1, 2, 10, 20))))
            world.respondents = [r for r in world.respondents if r not in gone]
            erased = day
        elif kind == "stories":
            world.set_stories(site, quarter, rng.choice((1, 3, 11, 14)))
    return erased


def _more_answers(world: World, rng: random.Random, site: str) -> None:
    wave, area = rng.choice(list(world.waves)), rng.choice(("Hill", "Shore", None))
    kept = list(world.respondents)
    world.set_answers(site, wave, area, rng.choice((0, 1, 10, 12)), rng.choice((0, 2, 10, 13)))
    made = [one for one in world.respondents if one not in kept]
    world.respondents = [*kept, *made]


def _go_missing(world: World, rng: random.Random, number: int) -> None:
    """A month's log of one site that comes a night later than it should."""
    world.missing.clear()
    if rng.random() < 0.4 and number < len(QUARTERS):
        month = date(2025, 4, 1) + timedelta(days=31 * rng.randint(0, 11))
        world.missing.add((rng.choice(SITES), "activity", f"{month:%Y-%m}"))


# -------------------------------------------------------------------------------------------------------------- the truth


def attack_history(history: History) -> list[str]:
    """Every group of one to four in a version, or that came or left with one, for which the releases leave too little open."""
    versions = history.world.store.versions().values()
    failing = []
    for site in SITES:
        mine = [one for one in versions if one.site == site]
        failing += [
            f"{site}: {line}" for line in attack_heads(history.releases, site, _targets(mine, "activity", _group_heads))
        ]
        failing += [
            f"{site}: {line}"
            for line in attack_surveys(
                history.releases, site, POPULATION, ITEM, _targets(mine, "survey_respondent", _item_answers)
            )
        ]
    for table, record, dimension, cells in (
        ("casework", "activity", "activity", _visits),
        ("story_domain", "story", None, _stories),
    ):
        targets = _targets(versions, record, cells, by_site=True)
        failing += attack_counts(history.releases, table, record, dimension, targets)
    return failing


Cells = list[tuple[tuple[str, ...], int]]


def _targets(snapshots: Iterable[Snapshot], record: str, cells: Any, by_site: bool = False) -> dict[Target, int]:
    found: Counter[Target] = Counter()
    for snapshot in snapshots:
        if snapshot.record != record:
            continue
        name = snapshot.name.rpartition(" ")[2]
        period = (snapshot.site, name) if by_site else (name,)
        for what, rows in (
            ("in", cells(snapshot, None)),
            ("came", cells(snapshot, "came")),
            ("left", cells(snapshot, "left")),
        ):
            for codes, count in rows:
                for sums in _sums(codes):
                    found[Target(what, period, snapshot.version, sums)] += count
    return {target: count for target, count in found.items() if SMALL[0] <= count <= SMALL[1]}


def _sums(codes: tuple[str, ...]) -> set[tuple[str | None, ...]]:
    if len(codes) < 2:
        return {codes}
    first, second = codes
    return {codes, (first, None), (None, second)}


def _rows(snapshot: Snapshot, mart: str, what: str | None) -> Iterable[Mapping[str, Any]]:
    return snapshot.frozen[mart] if what is None else snapshot.flows or ()


def _group_heads(snapshot: Snapshot, what: str | None) -> Cells:
    known = {row["small_area_code"] for row in snapshot.codes["small_area_code"]}
    return [
        (
            (row["activity"], row["small_area_code"] if row["small_area_code"] in known else "elsewhere"),
            row[what or "attendances_low"] or 0,
        )
        for row in _rows(snapshot, "mart_reach_cell", what)
        if row["audience_unit"] == "group"
    ]


def _visits(snapshot: Snapshot, what: str | None) -> Cells:
    rows = [r for r in _rows(snapshot, "mart_reach_cell", what) if r["audience_unit"] == "individual"]
    return [((row["activity"],), row[what or "sessions"]) for row in rows]


def _stories(snapshot: Snapshot, what: str | None) -> Cells:
    return [(("all",), row[what or "stories"]) for row in _rows(snapshot, "mart_story_cell", what)]


def _item_answers(snapshot: Snapshot, what: str | None) -> Cells:
    found: Cells = []
    for row in _rows(snapshot, "mart_outcome_cell", what):
        if row["indicator"] != ITEM:
            continue
        area = row["area"] if row["area"] in ("Hill", "Shore") else "unknown"
        if what is None:
            found += [((area, "positive"), row["positive"]), ((area, "other"), row["n"] - row["positive"])]
        else:
            found.append(((area, row["answer"]), row[what]))
    return found
