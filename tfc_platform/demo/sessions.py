"""The sessions and learning items that really happened, before anybody wrote them down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tfc_platform.demo.config import DemoPlan, DemoVenue, SitePlan
from tfc_platform.demo.people import Person
from tfc_platform.demo.seeded_random import lot

__all__ = ["UNMAPPED", "LearningAction", "LearningItem", "Session", "any_day", "draw_learning", "draw_sessions"]

UNMAPPED = "unmapped"


@dataclass(frozen=True)
class Session:
    """One session of one activity, planned for a day, delivered or cancelled."""

    site: str
    held_on: date
    activity: str  # the programme's key, or UNMAPPED
    called: str  # what the site calls it
    audience: str
    venue: DemoVenue
    delivered: bool
    headcount: int
    hours: float | None
    partners: tuple[str, ...]
    reported_at: datetime  # London time, without a zone
    reporter: Person | None
    uid: str  # 32 hexadecimal digits


@dataclass(frozen=True)
class LearningItem:
    learning_id: str
    noted_on: date
    source: str
    activity: str
    insight: str
    recommended: str


@dataclass(frozen=True)
class LearningAction:
    learning_id: str
    to_site: str
    sent_on: date
    received_on: date | None
    adopted_on: date | None

    @property
    def status(self) -> str:
        return "adopted" if self.adopted_on else "received" if self.received_on else "sent"


def _session(site: SitePlan, month: date, settings: Mapping[str, Any], staff: list[Person], rng: Random) -> Session:
    held_on = month.replace(day=rng.randrange(1, 29))
    activity = rng.choice(site.activities)
    key, called = activity.key, rng.choice(site.names_of(activity.key, held_on))
    if site.settings["unmapped"] and rng.random() < 0.012:
        key, called = UNMAPPED, rng.choice(site.settings["unmapped"])
    low, high = settings["headcount"].get(activity.tier, settings["headcount"]["other"])
    return Session(
        site=site.key,
        held_on=held_on,
        activity=key,
        called=called,
        audience=activity.audience,
        venue=rng.choice(site.venues),
        delivered=rng.random() >= settings["cancelled_share"],
        headcount=rng.randint(low, high),
        hours=None if rng.random() < settings["hours_left_blank_share"] else float(rng.choice(settings["hours"])),
        partners=tuple(rng.sample(site.settings["partners"], rng.choices([0, 1, 2], weights=[25, 50, 25])[0])),
        reported_at=datetime(held_on.year, held_on.month, held_on.day, 16) + timedelta(minutes=rng.randrange(120)),
        reporter=rng.choice(staff) if staff else None,
        uid=f"{rng.getrandbits(128):032x}",
    )


def draw_sessions(plan: DemoPlan, site: SitePlan, month: date, staff: list[Person], seed: str) -> list[Session]:
    """The sessions of a site's month, in the order in which people get round to recording them."""
    rng = lot(seed, site.key, "sessions", month)
    settings = plan.settings["activity"]
    return [_session(site, month, settings, staff, rng) for _ in range(rng.randint(*settings["sessions_a_month"]))]


def any_day(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange((last - first).days + 1))


def draw_learning(plan: DemoPlan, seed: str) -> tuple[dict[str, list[LearningItem]], list[LearningAction]]:
    """Each site's learning log, and what the central team did with the items; some go to two sites, some to none."""
    rng = lot(seed, "learning")
    settings, wording, window = plan.settings["learning"], plan.wording["learning"], plan.settings["activity"]["window"]
    items: dict[str, list[LearningItem]] = {}
    actions: list[LearningAction] = []
    for site in plan.sites:
        items[site.key] = []
        for number in range(1, rng.randint(*settings["number"]) + 1):
            noted_on = any_day(rng, window["first"], window["last"] - timedelta(days=120))
            item = LearningItem(
                learning_id=f"L-{site.settings['code']}-{number:02d}",
                noted_on=noted_on,
                source=rng.choice(settings["sources"]),
                activity=rng.choice([alias.text for alias in site.aliases if alias.holds_on(noted_on)]),
                insight=rng.choice(wording["insights"]),
                recommended=rng.choice(wording["actions"]),
            )
            items[site.key].append(item)
            if rng.random() < settings["sent_share"]:
                others = [other.key for other in plan.sites if other.key != site.key]
                actions += [_action(item, to, rng) for to in rng.sample(others, rng.choices([1, 2], weights=[4, 1])[0])]
    return items, actions


def _action(item: LearningItem, to_site: str, rng: Random) -> LearningAction:
    sent_on = item.noted_on + timedelta(days=rng.randrange(5, 40))
    reached = rng.choices(["sent", "received", "adopted"], weights=[5, 2, 4])[0]
    return LearningAction(
        learning_id=item.learning_id,
        to_site=to_site,
        sent_on=sent_on,
        received_on=sent_on + timedelta(days=14) if reached != "sent" else None,
        adopted_on=sent_on + timedelta(days=45) if reached == "adopted" else None,
    )
