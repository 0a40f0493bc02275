"""A small made-up world for tests of what is published about persons: rows in Python, and the real way from them to a release.

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
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from tests.disclosure.database import write_database
from tests.disclosure.marts import intermediate_tables, mart_tables
from tests.disclosure.programme import OUTSIDE, UNKNOWN, catalogue
from tests.disclosure.release_attack import attack
from tests.disclosure.world_rows import CASEWORK, WorldRows, first_day, months_after
from tests.release.tables_only import tables_only
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.policy import DisclosurePolicy, load_policy
from tfc_platform.disclosure.protect import Inputs, Prepared, prepare
from tfc_platform.disclosure.published_sets import Archive
from tfc_platform.disclosure.snapshot_ledger import Ledger
from tfc_platform.disclosure.snapshots import Store
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.release.publish import publish_release
from tfc_platform.release.release_context import ReleaseContext
from tfc_platform.research import PublishedVersion
from tfc_platform.settings import Places

__all__ = ["OUTSIDE", "UNKNOWN", "Night", "World", "make_world"]

GROUPS = ("choir", "kitchen", "play")
VENUES = {"A1": "Hill", "A2": "Hill", "A3": "Shore"}  # small area to the area of the footprint
WAVES = {"w1": date(2025, 5, 31), "w2": date(2025, 9, 30)}
FIRST = date(2025, 4, 1)
RECEIVED_MONTHS = 36  # from the first one on: returns of months that are to come count as soon as their day is there
NIGHTLY = ("mart_delivery", "mart_expected_return")


class Night(NamedTuple):
    """One night: what `prepare` gave, and what was published; none where there was nothing new."""

    prepared: Prepared
    published: PublishedVersion | None


@dataclass(kw_only=True)
class World(WorldRows):
    """One TFC_HOME, with the rows that its databases are made of."""

    home: Path
    catalogue: Catalogue
    register: Register
    policy: DisclosurePolicy
    panel: bool
    admitted: dict[str, list[str]] = field(default_factory=dict)

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
            ends = months_after(first_day(quarter_or_wave), 3) - timedelta(days=1)
        return ends + timedelta(days=self.policy.lock_after_days)

    def write(self) -> None:
        """(Re)make the warehouse and the research database from the rows."""
        intermediate = intermediate_tables(self.sessions, self.stories, self.respondents)
        marts = mart_tables(
            self.sessions, self.stories, self.respondents, panel=self.panel, returns=sorted(self._returns())
        )
        write_database(self.places.warehouse_file, intermediate=intermediate, marts=marts)
        write_database(self.research_file, marts=marts)

    def copied(self, home: Path) -> World:
        """The same world, with all that it published, in a home that is not there yet."""
        shutil.copytree(self.home, home, symlinks=True)
        return replace(
            self,
            home=home,
            sessions=list(self.sessions),
            stories=list(self.stories),
            respondents=list(self.respondents),
            missing=set(self.missing),
            admitted={site: list(files) for site, files in self.admitted.items()},
        )

    def _returns(self) -> Iterable[tuple[str, str, str, date, str]]:
        for site in self.sites:
            for contract in self.catalogue.of(site):
                due = dict(contract.expects.returns)
                if contract.expects.monthly_from is not None:
                    months = [months_after(contract.expects.monthly_from, n) for n in range(RECEIVED_MONTHS)]
                    due = {f"{month:%Y-%m}": months_after(month, 1) + timedelta(days=4) for month in months}
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

    def release(
        self, as_of: date, *, prepared: Prepared | None = None, with_pages: bool = False, **changes: Any
    ) -> Night:
        """Prepare and publish, and let the attacker of its own at the release.

        `prepared` is published instead, where it is given; `changes` are fields of `Inputs`. Pages and workbook, which are made
        of the tables, are written only `with_pages`.

        :raises GateClosed: where the audit did not pass.
        """
        made = prepare(self.inputs(as_of, **changes)) if prepared is None else prepared
        with nullcontext() if with_pages else tables_only():
            published = publish_release(
                self.places,
                self.research_file,
                (),
                ReleaseContext(as_of, "0.1.0", {site: tuple(files) for site, files in self.admitted.items()}),
                register=self.register,
                policy=self.policy,
                protected=made,
            )
        if published is not None and made.report.passed:
            assert not attack(published.path), "the attacker of its own finds what the audit does not"
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
        """The SHA-256 of each file that holds one table about people alone, by its path in the release."""
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
        world.fill()
    world.write()
    return world


def _quarters(count: int) -> list[str]:
    days = [months_after(FIRST, 3 * number) for number in range(count)]
    return [f"{day.year}-Q{(day.month + 2) // 3}" for day in days]
