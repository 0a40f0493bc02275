"""Everything that happened and was written down, for all nights, from one seed.

All nights are drawn at once, so that the exports of the second night hold the very rows of the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from tfc_platform.demo.config import DemoPlan, SitePlan, months
from tfc_platform.demo.contribution_claims import ContributionClaim, draw_claims
from tfc_platform.demo.data_entry_errors import SessionEntry, write_down
from tfc_platform.demo.people import People, Person
from tfc_platform.demo.respondents import DrawnSurvey, draw_surveys
from tfc_platform.demo.seeded_random import lot
from tfc_platform.demo.sessions import LearningAction, LearningItem, draw_learning, draw_sessions
from tfc_platform.demo.story_texts import Story, draw_stories

__all__ = ["World", "make"]


@dataclass(frozen=True)
class World:
    plan: DemoPlan
    seed: str
    entries: Mapping[str, Mapping[date, tuple[SessionEntry, ...]]]  # by site and month, as first written down
    surveys: tuple[DrawnSurvey, ...]
    stories: Mapping[str, list[Story]]
    learning: Mapping[str, list[LearningItem]]
    actions: tuple[LearningAction, ...]
    claims: Mapping[str, list[ContributionClaim]]
    manager: Person  # whose name is in a lock file
    people: People  # for what is made up later

    def lot(self, topic: str) -> Random:
        return lot(self.seed, topic)


def _chunks(plan: DemoPlan, site: SitePlan) -> list[list[date]]:
    """The months that go into one file together: a share of rejected rows is a share of a file's rows."""
    span, layout = plan.settings["activity"]["months"], site.settings["activity"]
    every = list(months(span["first"], span["last"]))
    later = [next(months(plan.settings["activity"]["later_month"], plan.settings["activity"]["later_month"]))]
    if layout["shape"] == "council_csv":
        return [[month] for month in every] + [later]
    if "parts" in layout:
        # A workbook of months to come is not there yet: the later month belongs to no part.
        return [list(months(part["first"], part["last"])) for part in layout["parts"]]
    return [every, later]


def _site_entries(plan: DemoPlan, site: SitePlan, people: People, seed: str) -> dict[date, tuple[SessionEntry, ...]]:
    layout = site.settings["activity"]
    staff = [people.person() for _ in range(layout.get("staff", 0))]
    chunks = _chunks(plan, site)
    repeated_months = lot(seed, site.key, "repeated").sample(range(len(chunks) - 1), layout.get("repeated_months", 0))
    entries: dict[date, tuple[SessionEntry, ...]] = {}
    number = 1
    for place, chunk in enumerate(chunks):
        sessions = [s for month in chunk for s in draw_sessions(plan, site, month, staff, seed)]
        repeats = site.settings["repeats"] + (place in repeated_months)
        written = write_down(plan, site, sessions, people, f"{seed}/{chunk[0]}", number, repeats)
        number += len(sessions)
        for month in chunk:
            entries[month] = tuple(e for e in written if e.session.held_on.replace(day=1) == month)
    return entries


def make(plan: DemoPlan, seed: int) -> World:
    """The world of a seed: the same seed, the same world."""
    named = str(seed)
    people = People(named, plan.wording)
    entries = {site.key: _site_entries(plan, site, people, named) for site in plan.sites}
    surveys = draw_surveys(plan, people, named)
    stories = draw_stories(plan, people, named)
    learning, actions = draw_learning(plan, named)
    manager = people.person()
    # Last, so that whoever they name takes no number of an earlier file's people.
    claims = draw_claims(plan, people, named)
    return World(plan, named, entries, tuple(surveys), stories, learning, tuple(actions), claims, manager, people)
