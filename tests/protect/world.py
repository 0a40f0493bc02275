"""A small made-up world for tests of what is published about persons: rows in Python, and the real way from them to a release.

Belongs here: `make_world`, and reading what a release of it says. Does not belong: the programme's contracts (`programme`), or
working out marts (`marts`).

    world = make_world(tmp_path)                         # two sites, two quarters, one survey in two waves
    world.set_heads("north", "2025-Q2", "choir", "A1", [12, 15, 9])
    world.write()                                        # both databases anew
    night = world.release(world.lock_day("2025-Q2"))     # prepare, audit, publish
    world.figures("reach")[("north", "2025-Q2", "choir")]["attendances_low"]   # (35.0, "rounded")

Everything that a test changes (`sessions`, `stories`, `respondents`, `missing`) is a plain list or set; the setters only
replace the rows of one cell. Nothing is published before `write`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.protect.marts import Respondent, Session, Story, intermediate_tables, mart_tables, write_database
from tests.protect.programme import DOMAINS, OUTSIDE, POPULATION, TELLERS, UNKNOWN, catalogue, small_area
from tfc_platform.contracts.load import Catalogue
from tfc_platform.protect.archive import Archive
from tfc_platform.protect.ledger import Ledger
from tfc_platform.protect.night import Inputs, Prepared, prepare
from tfc_platform.protect.policy import DisclosurePolicy, load_policy
from tfc_platform.protect.snapshots import Store
from tfc_platform.publish.context import ReleaseContext
from tfc_platform.publish.register import Register, load_register
from tfc_platform.publish.release import publish_release
from tfc_platform.publish.research import Published
from tfc_platform.settings import Places

__all__ = [
    "CASEWORK",
    "GROUPS",
    "OUTSIDE",
    "POPULATION",
    "UNKNOWN",
    "VENUES",
    "Night",
    "Respondent",
    "Session",
    "Story",
    "World",
    "make_world",
]

GROUPS = ("choir", "kitchen", "play")
CASEWORK = "visits"
VENUES = {"A1": "Hill", "A2": "Hill", "A3": "Shore"}  # small area to the area of the footprint
WAVES = {"w1": date(2025, 5, 31), "w2": date(2025, 9, 30)}
FIRST = date(2025, 4, 1)
RECEIVED_MONTHS = 36  # from the first one on: returns of months that are to come count as soon as their day is there
NIGHTLY = ("mart_delivery", "mart_expected_return")
# Heads of the default rows by activity. The last is hidden: none of its sessions was large enough, in any venue.
DEFAULT_HEADS = ((14, 17, 12), (13, 11, 16, 12), (6, 4, 3))


class Night(NamedTuple):
    """One night: what `prepare` gave, and what was published; none where there was nothing new."""

    prepared: Prepared
    published: Published | None


@dataclass
class World:
    """One TFC_HOME, with the rows that its databases are made of."""

    home: Path
    catalogue: Catalogue
    register: Register
    policy: DisclosurePolicy
    sites: tuple[str, ...]
    quarters: tuple[str, ...]
    activities: Mapping[str, str | None]
    venues: Mapping[str, str]
    waves: Mapping[str, date]
    panel: bool
    sessions: list[Session] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)
    respondents: list[Respondent] = field(default_factory=list)
    missing: set[tuple[str, str, str]] = field(
        default_factory=set
    )  # site, source, return key: returns that did not come
    admitted: dict[str, list[str]] = field(default_factory=dict)
    _made: int = 0

    # ------------------------------------------------------------------------------------------------------ rows, a cell

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
            return same and day <= story.on < _months_after(day, 3)

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

        Without `cluster_size` everybody is a cluster. `panel` is a prefix: persons of the same prefix and place in the order are
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

    # ------------------------------------------------------------------------------------------------------------- nights

    @property
    def places(self) -> Places:
        return Places(self.home)

    @property
    def research_file(self) -> Path:
        return self.places.research / "made" / "tfc.duckdb"

    def lock_day(self, quarter_or_wave: str) -> date:
        """The first day on which a quarter (`2025-Q2`) or a wave (`w1`) may lock."""
        ends = self.waves.get(quarter_or_wave)
        if ends is None:
            ends = _months_after(first_day(quarter_or_wave), 3) - timedelta(days=1)
        return ends + timedelta(days=self.policy.lock_after_days)

    def write(self) -> None:
        """(Re)make the warehouse and the research database from the rows."""
        intermediate = intermediate_tables(self.sessions, self.stories, self.respondents)
        marts = mart_tables(
            self.sessions, self.stories, self.respondents, panel=self.panel, returns=sorted(self._returns())
        )
        write_database(self.places.warehouse_file, intermediate=intermediate, marts=marts)
        write_database(self.research_file, marts=marts)

    def _returns(self) -> Iterable[tuple[str, str, str, date, str]]:
        for site in self.sites:
            for contract in self.catalogue.of(site):
                due = dict(contract.expects.returns)
                if contract.expects.monthly_from is not None:
                    months = [_months_after(contract.expects.monthly_from, n) for n in range(RECEIVED_MONTHS)]
                    due = {f"{month:%Y-%m}": _months_after(month, 1) + timedelta(days=4) for month in months}
                for key, due_on in due.items():
                    is_missing = (site, contract.source, key) in self.missing
                    yield site, contract.source, key, due_on, "overdue" if is_missing else "received"

    def inputs(self, as_of: date, **changes: Any) -> Inputs:
        """What the night hands to `prepare`; fields can be changed by name."""
        made = Inputs(
            root=self.places.snapshots,
            research_file=self.research_file,
            warehouse_file=self.places.warehouse_file,
            catalogue=self.catalogue,
            register=self.register.person_tables,
            columns=self.register.columns,
            policy=self.policy,
            exceptions=(),
            as_of=as_of,
        )
        return replace(made, **changes)

    def release(self, as_of: date, *, prepared: Prepared | None = None, **changes: Any) -> Night:
        """Prepare and publish. `prepared` is published instead, where it is given; `changes` are fields of `Inputs`.

        :raises GateClosed: where the audit did not pass.
        """
        made = prepare(self.inputs(as_of, **changes)) if prepared is None else prepared
        published = publish_release(
            self.places,
            self.research_file,
            (),
            ReleaseContext(as_of, "0.1.0", {site: tuple(files) for site, files in self.admitted.items()}),
            register=self.register,
            policy=self.policy,
            persons=made,
        )
        return Night(made, published)

    # ------------------------------------------------------------------------------------------------- what can be read

    @property
    def current(self) -> Path:
        """The release that readers see."""
        return (self.places.releases / "current").resolve()

    @property
    def person_tables(self) -> tuple[str, ...]:
        return tuple(spec.table for spec in self.register.person_tables)

    def person_files(self, release: Path | None = None) -> dict[str, str]:
        """The SHA-256 of each file that holds one table about persons alone, by its path in the release."""
        folder = release or self.current
        return {
            f"{kind}/{table}.{kind}": hashlib.sha256((folder / kind / f"{table}.{kind}").read_bytes()).hexdigest()
            for table in self.person_tables
            for kind in ("csv", "parquet")
        }

    def figures(
        self, table: str, release: Path | None = None
    ) -> dict[tuple[Any, ...], dict[str, tuple[float | None, str]]]:
        """A published table: keys to measures to value and status, read from its Parquet by DuckDB."""
        path = (release or self.current) / "parquet" / f"{table}.parquet"
        spec = next(spec for spec in self.register.person_tables if spec.table == table)
        keys = ", ".join(f'"{key}"' for key in spec.keys)
        rows = duckdb.sql(f"select {keys}, measure, value, status from read_parquet('{path}')").fetchall()
        found: dict[tuple[Any, ...], dict[str, tuple[float | None, str]]] = {}
        for *names, measure, value, status in rows:
            found.setdefault(tuple(names), {})[measure] = (value, status)
        return found

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.places.snapshots)

    @property
    def store(self) -> Store:
        return Store(self.places.snapshots)

    @property
    def archive(self) -> Archive:
        return Archive(self.places.snapshots)


def make_world(
    tmp_path: Path,
    *,
    name: str = "home",
    sites: Sequence[str] = ("north", "south"),
    quarters: int = 2,
    groups: Sequence[str] = GROUPS,
    casework: bool = True,
    venues: Mapping[str, str] = VENUES,
    waves: Mapping[str, date] = WAVES,
    panel: bool = False,
    residents: int = 1000,
    filled: bool = True,
    register: Register | None = None,
    policy: DisclosurePolicy | None = None,
) -> World:
    """A world in `tmp_path / name`, with default rows (`filled`) or none; written already.

    `quarters`: how many, from April 2025 on, have default rows; contracts and returns go on after them. The register is the
    real one, with two of its nightly tables.
    """
    activities: dict[str, str | None] = {
        **dict.fromkeys(groups, "group"),
        **({CASEWORK: "individual"} if casework else {}),
    }
    known = register or load_register()
    world = World(
        home=tmp_path / name,
        catalogue=catalogue(
            sites=sites,
            activities=activities,
            venues=venues,
            residents=residents,
            first=FIRST,
            waves=waves,
            panel=panel,
        ),
        register=known.model_copy(update={"tables": tuple(t for t in known.tables if t.mart in NIGHTLY)}),
        policy=policy or load_policy(),
        sites=tuple(sites),
        quarters=tuple(_quarters(quarters)),
        activities=activities,
        venues=venues,
        waves=waves,
        panel=panel,
        admitted={site: [hashlib.sha256(site.encode()).hexdigest()] for site in sites},
    )
    world.places.make()
    if filled:
        _fill(world)
    world.write()
    return world


def _fill(world: World) -> None:
    """Cells of each kind: shown and hidden, with and without a known venue; no two sites or quarters alike."""
    groups = [activity for activity, unit in world.activities.items() if unit == "group"]
    for place, site in enumerate(world.sites):
        for number, quarter in enumerate(world.quarters):
            for row, activity in enumerate(groups):
                for column, venue in enumerate(world.venues):
                    heads = DEFAULT_HEADS[row % len(DEFAULT_HEADS)][column % 2 :]
                    more = number if row == 2 else place + number + column
                    world.set_heads(site, quarter, activity, venue, [low + more for low in heads], high=1)
            if groups:
                world.set_heads(site, quarter, groups[0], UNKNOWN, [13, 12, None])
            if CASEWORK in world.activities:
                world.set_visits(site, quarter, 14 if (place + number) % 2 == 0 else 4)
            world.set_stories(site, quarter, 3 + place + number)
            world.set_stories(site, quarter, 2, domain=DOMAINS[1], teller=TELLERS[1])
            world.set_stories(site, quarter, 1, domain=DOMAINS[1], consent="withdrawn")
        for number, wave in enumerate(world.waves):
            for column, area in enumerate(sorted(set(world.venues.values()))):
                world.set_answers(
                    site, wave, area, 38 + 7 * number + column, 31 + 4 * place + column, panel=f"p{column}"
                )
            world.set_answers(site, wave, None, 14, 13)


def first_day(quarter: str) -> date:
    """2025-Q2 begins on 1 April 2025."""
    return date(int(quarter[:4]), 3 * int(quarter[-1]) - 2, 1)


def _quarters(count: int) -> list[str]:
    days = [_months_after(FIRST, 3 * number) for number in range(count)]
    return [f"{day.year}-Q{(day.month + 2) // 3}" for day in days]


def _months_after(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return date(total // 12, total % 12 + 1, day.day)
