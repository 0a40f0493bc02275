"""The rows of a small made-up world, a cell at a time: everything that a test changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.disclosure.programme import DOMAINS, TELLERS, UNKNOWN, small_area
from tests.disclosure.rows import Respondent, Session, Story

__all__ = ["CASEWORK", "WorldRows", "first_day", "months_after"]

CASEWORK = "visits"
# Heads of the default rows by activity. The last is hidden: none of its sessions was large enough, in any venue.
DEFAULT_HEADS = ((14, 17, 12), (13, 11, 16, 12), (6, 4, 3))


@dataclass(kw_only=True)
class WorldRows:
    """Sites, quarters and waves with the rows of each; all are plain lists and sets."""

    sites: tuple[str, ...]
    quarters: tuple[str, ...]
    activities: Mapping[str, str | None]
    venues: Mapping[str, str]
    waves: Mapping[str, date]
    sessions: list[Session] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    respondents: list[Respondent] = field(default_factory=list)
    missing: set[tuple[str, str, str]] = field(
        default_factory=set
    )  # site, source, return key: returns that did not come
    _made: int = 0

    def set_heads(
        self,
        site: str,
        quarter: str,
        activity: str,
        venue: str,
        heads: Iterable[int | None],
        *,
        hours: float | None = 2.0,
        high: int = 0,
    ) -> list[Session]:
        """One session a number of heads (none: nobody counted) instead of all that the cell had; gives the new ones.

        `venue` is a key of `venues`, or `unknown` or `outside_footprint`. `high` more came at most than at least.
        """
        self.sessions = [s for s in self.sessions if not self._is_in(s, site, quarter, activity, venue)]
        made = [self.session(site, quarter, activity, venue, low, hours=hours, high=high) for low in heads]
        self.sessions += made
        return made

    def add_heads(
        self, site: str, quarter: str, activity: str, venue: str, heads: Iterable[int | None]
    ) -> list[Session]:
        """More sessions beside those that the cell has."""
        made = [self.session(site, quarter, activity, venue, low) for low in heads]
        self.sessions += made
        return made

    def set_visits(
        self, site: str, quarter: str, count: int, *, hours: float | None = 1.5, venue: str = UNKNOWN
    ) -> None:
        """So many sessions of casework, each with one head."""
        self.set_heads(site, quarter, CASEWORK, venue, [1] * count, hours=hours)

    def set_stories(
        self,
        site: str,
        quarter: str,
        count: int,
        *,
        domain: str = DOMAINS[0],
        teller: str = TELLERS[0],
        consent: str = "share",
    ) -> None:
        """So many stories in one cell, instead of those that it had."""
        day = first_day(quarter)

        def is_here(story: Story) -> bool:
            same = (story.site, story.domain, story.teller) == (site, domain, teller)
            return same and day <= story.on < months_after(day, 3)

        self.stories = [story for story in self.stories if not is_here(story)]
        self.stories += [
            Story(self.next_id("story"), site, day + timedelta(days=number % 80), domain, teller, consent)
            for number in range(count)
        ]

    def set_answers(
        self,
        site: str,
        wave: str,
        area: str | None,
        positive: int,
        other: int,
        *,
        cluster_size: int | None = None,
        panel: str | None = None,
    ) -> None:
        """So many respondents of an area with a positive answer (5) and with another (2), instead of those that it had.

        Without `cluster_size` everybody is a cluster. `panel` is a prefix: people of the same prefix and place in the order are
        linked between waves, the positive ones first.
        """
        self.respondents = [r for r in self.respondents if (r.site, r.wave, r.area) != (site, wave, area)]
        for number, answer in enumerate([5] * positive + [2] * other):
            linked = None if panel is None else f"{site}-{panel}-{number}"
            cluster = None if cluster_size is None else f"{site}-{area}-{number // cluster_size}"
            self.respondents.append(Respondent(self.next_id("resp"), site, wave, area, answer, linked, cluster))

    def session(
        self,
        site: str,
        quarter: str,
        activity: str,
        venue: str,
        low: int | None,
        *,
        hours: float | None = 2.0,
        high: int = 0,
        on: date | None = None,
    ) -> Session:
        """A session that stands in no list yet, on a day of the quarter. An activity of no contract is somebody's own."""
        number = self._made
        return Session(
            id=self.next_id("session"),
            site=site,
            on=on or first_day(quarter) + timedelta(days=number % 88),
            activity=activity,
            unit=self.activities.get(activity) or "individual",
            area=self.venues.get(venue, venue),
            small_area=small_area(site, venue),
            low=low,
            high=None if low is None else low + high,
            hours=hours,
        )

    def next_id(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-{self._made:06d}"

    def _is_in(self, session: Session, site: str, quarter: str, activity: str, venue: str) -> bool:
        wanted = (site, quarter, activity, small_area(site, venue))
        return (session.site, session.quarter, session.activity, session.small_area) == wanted

    def fill(self) -> None:
        """Cells of each kind: shown and hidden, with and without a known venue; no two sites or quarters alike."""
        groups = [activity for activity, unit in self.activities.items() if unit == "group"]
        for place, site in enumerate(self.sites):
            for number, quarter in enumerate(self.quarters):
                for row, activity in enumerate(groups):
                    for column, venue in enumerate(self.venues):
                        heads = DEFAULT_HEADS[row % len(DEFAULT_HEADS)][column % 2 :]
                        more = number if row == 2 else place + number + column
                        self.set_heads(site, quarter, activity, venue, [low + more for low in heads], high=1)
                if groups:
                    self.set_heads(site, quarter, groups[0], UNKNOWN, [13, 12, None])
                if CASEWORK in self.activities:
                    self.set_visits(site, quarter, 14 if (place + number) % 2 == 0 else 4)
                self.set_stories(site, quarter, 3 + place + number)
                self.set_stories(site, quarter, 2, domain=DOMAINS[1], teller=TELLERS[1])
                self.set_stories(site, quarter, 1, domain=DOMAINS[1], consent="withdrawn")
            for number, wave in enumerate(self.waves):
                for column, area in enumerate(sorted(set(self.venues.values()))):
                    self.set_answers(
                        site, wave, area, 38 + 7 * number + column, 31 + 4 * place + column, panel=f"p{column}"
                    )
                self.set_answers(site, wave, None, 14, 13)


def first_day(quarter: str) -> date:
    """2025-Q2 begins on 1 April 2025."""
    return date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


def months_after(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, day.day)
