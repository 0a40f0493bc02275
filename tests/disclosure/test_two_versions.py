"""A period that is published, and published again once it was revised: every pattern of small worlds, both versions together.

The first attacker knows the rules (`history_attack`). The second one knows the program as well, and rules out each dataset for
which it would have published something else: all datasets, grouped by what is published of them.
"""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tests.disclosure.history_attack import Seen, Target, attack_counts, attack_heads
from tfc_platform.disclosure.attacker_view import Published
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.disclosure.revisions import may_revise
from tfc_platform.disclosure.secondary_suppression import TablesToAudit, cut, suppress
from tfc_platform.disclosure.snapshot_set import Locked
from tfc_platform.disclosure.snapshots import Snapshot, freeze
from tfc_platform.publication.publication_register import load_register

WHOLE = "ATTACKED_WORLDS" in os.environ  # `make attack` tries every pattern
POLICY, REGISTER = load_policy(), load_register()
QUARTER = "2025-Q2"
PERIOD = Period("source", "north", QUARTER, "activity", date(2025, 6, 30))
VERSIONS = f"activity/north/{QUARTER}"
Rows = Sequence[Mapping[str, Any]]


def publish_twice(
    codes: Mapping[str, Any], then: Rows, now: Rows, flows: Rows, tables: Sequence[str]
) -> list[Published]:
    """What is published of a quarter, and of its revision if it may be revised: as a night does."""
    register = [spec for spec in REGISTER.person_tables if spec.table in tables]
    first = freeze(PERIOD, codes, {"mart_reach_cell": then}, date(2025, 8, 11))
    base = Locked([PERIOD], {first.id: first}, lambda _: codes)
    safe = suppress(_tables(register, base, [], [first]), REGISTER.columns, base)
    assert safe.report.passed
    made = [safe.tables.published]
    if not may_revise(first, flows, register, POLICY):
        return made
    second = replace(first, version=2, frozen={"mart_reach_cell": now}, flows=flows)
    revised = replace(base, snapshots={first.id: second}, withheld=safe.withheld)
    tried = _tables(register, revised, made, [first, second])
    return [*made, tried.published] if tried.report().passed else made


def _tables(register: Any, locked: Locked, earlier: list[Published], snapshots: Sequence[Snapshot]) -> TablesToAudit:
    published = cut(register, REGISTER.columns, locked, POLICY)
    return TablesToAudit(published, earlier, {(one.id, one.version): one for one in snapshots})


def seen(published: Published) -> Seen:
    tables = {
        table.name: [dict(zip([c.name for c in table.columns], row, strict=True)) for row in table.rows]
        for table in published.tables
    }
    return Seen({"reach": [], "reach_area": [], "reach_year": [], **tables}, published.versions)


def mart_row(activity: str, unit: str, place: str, heads: Sequence[int | None]) -> dict[str, Any]:
    known = [one for one in heads if one is not None]
    return {
        "activity": activity,
        "audience_unit": unit,
        "area": "Hill",
        "small_area_code": place,
        "sessions": len(heads),
        "sessions_unknown": len(heads) - len(known),
        "attendances_low": sum(known),
        "attendances_high": sum(known),
        "largest_session": max(known, default=None),
        "hours": float(len(heads)),
        "sessions_with_hours": len(heads),
    }


# --------------------------------------------------------------------------------------------------------------- casework

VISITS = {"activity": [{"activity": "visits", "audience_unit": "individual"}]}


def publish_visits(then: int, came: int, left: int) -> list[Published]:
    def rows(count: int) -> Rows:
        return [mart_row("visits", "individual", "unknown", [1] * count)]

    codes = dict(
        zip(
            ("activity", "audience_unit", "area", "small_area_code"),
            ("visits", "individual", "Hill", "unknown"),
            strict=True,
        )
    )
    flows = [{**codes, "came": came, "left": left}] if came or left else []
    return publish_twice(VISITS, rows(then), rows(then + came - left), flows, ("casework",))


def test_every_revision_of_a_count_leaves_small_groups_open() -> None:
    """All counts up to 26 before, who came up to 26, all who left: by the rules, and of every pattern by the program."""
    alike: dict[object, list[dict[str, int]]] = defaultdict(list)
    revised = 0
    for then, came in itertools.product(range(27), range(27) if WHOLE else (0, 1, 10, 12, 26)):
        for left in range(then + 1):
            # What the rule of ten refuses stays as it is, so that of these one for each count is enough to be tried.
            if (0 < came < 10 or 0 < left < 10) and (came, left) != (1, 0):
                continue
            made = publish_visits(then, came, left)
            figures = tuple(tuple(table.rows for table in one.tables) for one in made)
            dataset = {"then": then, "came": came, "left": left, "now": then + came - left}
            alike[figures].append(dataset)
            if len(made) > 1 and (came or left):
                revised += 1
                period = ("north", QUARTER)
                truth = {
                    Target("in", period, 1, ("visits",)): then,
                    Target("in", period, 2, ("visits",)): dataset["now"],
                    Target("came", period, 2, ("visits",)): came,
                    Target("left", period, 2, ("visits",)): left,
                }
                small = {target: count for target, count in truth.items() if 1 <= count < POLICY.audit.group}
                if small:
                    assert not attack_counts([seen(one) for one in made], "casework", "activity", "activity", small)
    assert revised
    if not WHOLE:
        return  # who knows the program rules out what is left out here: that needs every pattern
    for group in alike.values():
        for name in ("then", "now"):
            values = {one[name] for one in group}
            if values & set(range(1, POLICY.audit.group)):
                assert max(values) - min(values) >= POLICY.audit.width, (name, group[:3])


@pytest.mark.parametrize(("then", "came", "applied"), [(0, 10, False), (9, 21, True), (14, 10, True), (2, 13, False)])
def test_by_hand_a_revision_is_published_or_not(then: int, came: int, applied: bool) -> None:
    """Of a published 10 at most two were there before the ten who came; of 30 there can have been any number below ten."""
    assert (len(publish_visits(then, came, 0)) == 2) is applied


# ------------------------------------------------------------------------------------------------------------- head counts

GROUPS = {
    "activity": [{"activity": name, "audience_unit": "group"} for name in ("big", "tiny")],
    "small_area_code": [
        {"small_area_code": p, "area": "Hill", "index_name": "i", "nation_quintile": 1, "population": 900}
        for p in ("A1", "A2")
    ],
}
TINY, BIG = ([1], [1, 2], [4, 4, 4], [1, 1, None]), ([35], [12, 12, 11], [11, 1, 1])
LATER = ((), (10,), (12, 20), (30, 4, 4))  # sessions that came late, to the large activity or to the tiny one
PLACES = ("A1", "A2", "unknown")


@pytest.mark.parametrize(("big_at", "tiny_at", "later_at"), list(itertools.product(PLACES[:2], PLACES, PLACES)))
def test_every_revision_of_head_counts_leaves_small_groups_open(big_at: str, tiny_at: str, later_at: str) -> None:
    for tiny, big, later, name in list(itertools.product(TINY, BIG, LATER, ("big", "tiny")))[:: 1 if WHOLE else 11]:
        then: dict[tuple[str, str], list[int | None]] = {("tiny", tiny_at): list(tiny), ("big", big_at): list(big)}
        now = {key: list(heads) for key, heads in then.items()}
        now.setdefault((name, later_at), []).extend(later)
        rows = [[mart_row(key[0], "group", key[1], heads) for key, heads in one.items()] for one in (then, now)]
        here = {"activity": name, "audience_unit": "group", "area": "Hill", "small_area_code": later_at}
        flows = [{**here, "came": sum(later), "left": 0}] if later else []
        made = publish_twice(GROUPS, *rows, flows, ("reach", "reach_area"))
        targets: dict[Target, int] = {}
        for version, one in enumerate((then, now)[: len(made)], start=1):
            for (activity, place), heads in one.items():
                inside = place if place in ("A1", "A2") else "elsewhere"
                count = sum(head or 0 for head in heads)
                for codes in ((activity, inside), (activity, None), (None, inside)):
                    target = Target("in", (QUARTER,), version, codes)
                    targets[target] = targets.get(target, 0) + count
        small = {target: count for target, count in targets.items() if 1 <= count < POLICY.audit.group}
        assert not attack_heads([seen(one) for one in made], "north", small), (then, now)
