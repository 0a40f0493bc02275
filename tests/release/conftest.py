"""A small programme, made by hand: a warehouse with the marts of the interface, and a world to publish it in.

Its rows are chosen so that each rule of publishing meets a case that passes and one that does not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.disclosure.release_attack import attack
from tests.release.paged import made
from tests.release.tables_only import tables_only
from tfc_platform.check.digest import table_digest
from tfc_platform.disclosure.policy import DisclosurePolicy, load_policy
from tfc_platform.pages.write_pages import pages
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.publish import publish_release
from tfc_platform.release.release_context import Held, ReleaseContext
from tfc_platform.release.story_selection import StoryText
from tfc_platform.research import PublishedVersion, publish_research
from tfc_platform.settings import Places

AS_OF = date(2026, 5, 1)

COLUMNS = {
    "mart_delivery": "site varchar, month date, activity varchar, tier varchar, audience varchar, "
    "sessions_delivered bigint, sessions_cancelled bigint, hours double, sessions_with_hours bigint, audience_unit varchar",
    "mart_reach": "site varchar, month date, activity varchar, audience varchar, measure varchar, "
    "value_low bigint, value_high bigint, sessions_unknown bigint",
    "mart_reach_area": "site varchar, month date, area varchar, small_area_code varchar, index_name varchar, "
    "nation_quintile bigint, population bigint, attendances_low bigint, rate_per_1000 double, "
    "sessions_delivered bigint, sessions_unknown bigint, area_basis varchar",
    "mart_process": "site varchar, quarter varchar, activity varchar, tier varchar, audience varchar, "
    "sessions_delivered bigint, sessions_cancelled bigint, cancelled_share double, hours double, "
    "sessions_with_hours bigint, hours_completeness double, mean_hours double, designed_hours double, "
    "dose_ratio double, sessions_assessed bigint, sessions_near_design bigint, fidelity_share double, "
    "sessions_with_audience bigint, adaptations bigint, partners bigint, sessions_with_attendance bigint, "
    "attendance_completeness double, audience_unit varchar",
    "mart_partnership": "site varchar, quarter varchar, partners_active bigint, sessions_with_partner bigint, "
    "boards_held bigint, group_sessions_with_partner bigint, group_partners_active bigint, has_group_sessions boolean",
    "mart_story_domain": "site varchar, change_domain varchar, teller_role varchar, stories bigint, selected bigint",
    "mart_learning_action": "learning_id varchar, site varchar, to_site varchar, noted_on date, sent_on date, "
    "received_on date, adopted_on date, status varchar, days_to_send bigint, days_to_adopt bigint",
    "mart_local_indicator": "site varchar, indicator varchar, period varchar, value double, numerator double, "
    "denominator double, target double, direction varchar, met boolean, name varchar, base varchar, measure varchar, "
    "period_kind varchar, about_persons boolean, is_beside_casework boolean",
    "mart_submission_status": "site varchar, source varchar, file varchar, sha256 varchar, status varchar, "
    "received bigint, accepted bigint, rejected bigint, duplicate bigint, not_data bigint, message varchar",
    "mart_row_issue": 'site varchar, file varchar, sheet varchar, "row" bigint, reason varchar, message varchar',
    "mart_source_state": "site varchar, source varchar, is_held boolean, held_since date, held_reason varchar, "
    "held_file varchar",
    "mart_expected_return": "site varchar, source varchar, return_key varchar, due_on date, status varchar",
}
CHECKS = (
    "site varchar, source varchar, check_id varchar, dimension varchar, severity varchar, rows_checked bigint, "
    "rows_failed bigint, passed boolean, gate_effect varchar"
)

SMALL = ("mart_delivery", "mart_reach", "mart_partnership", "mart_learning_action")
# Of casework, whose sessions and hours are people's own: numbers that stand nowhere else, so that a search finds them.
CASEWORK_SESSIONS, CASEWORK_HOURS, CASEWORK_PARTNERS = 7919, 6113.25, 5557
REACHED = 4243  # of an indicator that counts persons

MAY, JUNE = date(2025, 5, 1), date(2025, 6, 1)
PROCESS_TAIL = ("primary", "children", 4, 1, 0.2, 6.5, 4, 1.0, 1.625, 2.0, 0.8125, 4, 3, 0.75, 2, 0, 2, 4, 1.0)
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "mart_delivery": [
        ("glasgow", MAY, "toy_library", "primary", "families", 3, 1, 4.5, 2, "group"),
        ("glasgow", MAY, "home_visits", "tertiary", "families", CASEWORK_SESSIONS, 0, CASEWORK_HOURS, 1, "individual"),
        ("stoke", JUNE, "street_play", "primary", "children", 2, 0, 0.0, 0, "group"),
    ],
    "mart_reach": [
        ("glasgow", MAY, "toy_library", "families", "attendances", 10, 14, 0),
        ("glasgow", JUNE, "toy_library", "families", "attendances", 9, 7919, 1),
        ("stoke", JUNE, "street_play", "children", "attendances", 250, 260, 2),
        ("stoke", MAY, "street_play", "children", "attendances", 0, 0, 2),
    ],
    "mart_reach_area": [
        ("glasgow", MAY, "Govan", "S01", "SIMD 2020v2", 1, 905, 250, 276.24, 5, 0, "venue"),
        ("glasgow", MAY, "Govan", "S02", "SIMD 2020v2", 1, 1900, 6, 3.1579, 2, 0, "venue"),
        ("stoke", MAY, None, None, None, None, None, 40, None, 2, 0, "venue"),
    ],
    "mart_process": [
        ("glasgow", "2025-Q2", "toy_library", *PROCESS_TAIL, "group"),
        (
            "glasgow",
            "2025-Q2",
            "home_visits",
            "tertiary",
            "families",
            CASEWORK_SESSIONS,
            *PROCESS_TAIL[3:],
            "individual",
        ),
    ],
    # Of all sessions with a partner some are casework: only those of groups are released.
    "mart_partnership": [("glasgow", "2025-Q2", 3, CASEWORK_PARTNERS, 0, 2, 3, True)],
    "mart_story_domain": [
        ("glasgow", "confidence", "parent", 12, 2),
        ("glasgow", "confidence", "practitioner", 23, 12),
        ("stoke", "services", "parent", 1, 0),
    ],
    "mart_learning_action": [
        ("GL-L1", "glasgow", "stoke", MAY, JUNE, JUNE, None, "received", 31, None),
        ("ST-L1", "stoke", None, MAY, None, None, None, "none", None, None),
    ],
    "mart_local_indicator": [
        (
            "glasgow",
            "families_reached",
            "2025-Q2",
            80.0,
            3394.4,
            float(REACHED),
            75.0,
            "at_least",
            True,
            "Families reached",
            "attendances",
            "percent",
            "quarter",
            True,
            True,
        ),
        (
            "glasgow",
            "families_reached",
            "2025-Q3",
            95.0,
            95.0,
            100.0,
            75.0,
            "at_least",
            True,
            "Families reached",
            "attendances",
            "percent",
            "quarter",
            True,
            True,
        ),
        (
            "stoke",
            "boards",
            "2025-26",
            4.0,
            4.0,
            None,
            6.0,
            "at_least",
            False,
            "Boards held",
            "sessions",
            "count",
            "year",
            False,
            True,
        ),
    ],
    "mart_submission_status": [
        ("glasgow", "activity", "glasgow/activity/log Jane Doe.xlsx", "a" * 64, "accepted", 5, 5, 0, 0, 0, "5 rows"),
        ("glasgow", "activity", "glasgow/activity/log2.xlsx", "b" * 64, "accepted", 5, 5, 0, 0, 0, "5 rows"),
        ("glasgow", "surveys", "glasgow/surveys/w1.csv", "c" * 64, "accepted", 31, 31, 0, 0, 0, "31 rows"),
        ("stoke", "activity", "stoke/activity/form.csv", "d" * 64, "rejected", 0, 0, 0, 0, 0, "no column"),
    ],
    "mart_row_issue": [("glasgow", "glasgow/activity/log Jane Doe.xlsx", "May", 7, "invalid_date", "Not a date.")],
    "mart_source_state": [
        ("glasgow", "activity", False, None, None, None),
        ("stoke", "activity", True, date(2026, 4, 28), "A column is missing.", "stoke/activity/form.csv"),
    ],
    "mart_expected_return": [
        ("glasgow", "activity", "2025 H1", date(2025, 10, 14), "received"),
        ("stoke", "activity", "2026-05-01", date(2026, 5, 14), "not_yet_due"),
    ],
}
CHECK_ROWS = [
    ("glasgow", "activity", "activity_dates", "validity", "error", 400, 0, True, "none"),
    ("glasgow", "surveys", "survey_codes", "validity", "warn", 31, 2, False, "warns"),
]
EVIDENCE = [
    {"check_id": "activity_dates", "place": "source", "site": "glasgow", "source": "activity", "dimension": "validity"}
    | {"severity": "error", "content_hash": "e" * 64, "rows_checked": 400, "rows_failed": 0, "verdict": "passed"}
    | {"gate_effect": "none"},
    {"check_id": "learning_dates", "place": "source", "site": "glasgow", "source": "learning", "dimension": "validity"}
    | {"severity": "error", "content_hash": "d" * 64, "rows_checked": 12, "rows_failed": 0, "verdict": "passed"}
    | {"gate_effect": "none"},
    {"check_id": "survey_codes", "place": "source", "site": "glasgow", "source": "surveys", "dimension": "validity"}
    | {"severity": "warn", "content_hash": "f" * 64, "rows_checked": 31, "rows_failed": 2, "verdict": "failed"}
    | {"gate_effect": "warns"},
]


def story(story_id: str = "GL-001", text: str | None = "A mother found a place to ask.", **changes: Any) -> StoryText:
    """A story that may be published, but for what is changed."""
    digest = hashlib.sha256((text or "").encode()).hexdigest()
    made = StoryText(story_id, "glasgow", date(2025, 5, 20), "confidence", "share", digest, text)
    return replace(made, **{"approved_on": date(2026, 4, 20), **changes})


@dataclass
class GateVerdict:
    """What the gate says, for these tests."""

    open: bool = True
    reasons: Sequence[str] = ()


@dataclass
class World:
    """One TFC_HOME. `warehouse` makes it anew from rows; `research` and `release` publish, and the attacker reads the release."""

    home: Path
    register: Register
    policy: DisclosurePolicy
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {k: list(v) for k, v in ROWS.items()})
    checks: list[tuple[Any, ...]] = field(default_factory=lambda: list(CHECK_ROWS))
    context: ReleaseContext = field(
        default_factory=lambda: ReleaseContext(
            AS_OF,
            "0.1.0",
            {"glasgow": ["b" * 64, "a" * 64], "stoke": ["d" * 64]},
            EVIDENCE,
            (Held("stoke", "activity", date(2026, 4, 28), "missing_column"),),
        )
    )
    stories: list[StoryText] = field(default_factory=lambda: [story()])

    def keep_only(self, marts: Sequence[str]) -> None:
        """Make the programme smaller, where a test is about nights and not about tables."""
        tables = tuple(table for table in self.register.tables if table.mart in marts)
        self.register = self.register.model_copy(update={"tables": tables})
        self.rows = {name: rows for name, rows in self.rows.items() if name in marts}

    @property
    def places(self) -> Places:
        return Places(self.home)

    def warehouse(self) -> Path:
        """(Re)make the warehouse: tables, and mart_data_quality as a view over a Parquet file of the lake."""
        file = self.places.warehouse_file
        file.unlink(missing_ok=True)
        lake = self.places.lake / "check_result.parquet"
        with duckdb.connect(str(file)) as con:
            con.execute("begin")
            con.execute("create schema lake; create schema marts; create schema staging")
            con.execute("create table staging.stg_secret as select 'never copied' as x")
            for name in self.rows:
                columns = COLUMNS[name]
                con.execute(f"create table marts.{name} ({columns})")
                if self.rows[name]:
                    marks = ", ".join("?" for _ in self.rows[name][0])
                    con.executemany(f"insert into marts.{name} values ({marks})", self.rows[name])
            con.execute(f"create table check_rows ({CHECKS})")
            if self.checks:
                con.executemany("insert into check_rows values (?, ?, ?, ?, ?, ?, ?, ?, ?)", self.checks)
            con.execute(f"copy check_rows to '{lake}' (format parquet); drop table check_rows")
            con.execute(f"create view lake.check_result as select * from read_parquet(['{lake}'])")
            con.execute("create view marts.mart_data_quality as select * from lake.check_result")
            con.execute("commit")
        return file

    def judged(self) -> dict[str, str]:
        """The digests that the gate's evidence would be about."""
        with duckdb.connect(str(self.places.warehouse_file), read_only=True) as con:
            return {name: table_digest(con, f"marts.{name}") for name in self.rows}

    def research(self, **changes: Any) -> PublishedVersion | None:
        arguments = {"verdict": GateVerdict(), "as_of": self.context.as_of, "keep": 3, **changes}
        arguments.setdefault("judged", None)
        if arguments["judged"] is None:
            arguments["judged"] = self.judged()
        return publish_research(self.places, self.places.warehouse_file, **arguments)

    def release(self, **changes: Any) -> PublishedVersion | None:
        arguments = {"register": self.register, "policy": self.policy, **changes}
        research = self.places.research / "current" / "tfc.duckdb"
        published = publish_release(self.places, research, self.stories, self.context, **arguments)
        if published is not None:
            assert not attack(published.path), "the attacker of its own finds what the audit does not"
        return published

    def night(self) -> PublishedVersion | None:
        """The warehouse, research and a release, in this order."""
        self.warehouse()
        self.research()
        return self.release()

    def change(self, mart: str, row: int, **cells: Any) -> None:
        """Change cells of one row of a mart, by name of column."""
        names = [part.split()[0].strip('"') for part in COLUMNS[mart].split(", ")]
        values = dict(zip(names, self.rows[mart][row], strict=True)) | cells
        self.rows[mart][row] = tuple(values[name] for name in names)


@pytest.fixture
def make_world(tmp_path: Path) -> Callable[..., World]:
    """Worlds with their own home each."""

    def make(name: str = "home", *marts: str) -> World:
        world = World(tmp_path / name, load_register(), load_policy())
        if marts:
            world.keep_only(marts)
        world.places.make()
        return world

    return make


@pytest.fixture
def without_pages() -> Iterator[None]:
    """For tests that read tables alone: see `tables_only`."""
    with tables_only():
        yield


@pytest.fixture
def small(make_world: Callable[..., World], without_pages: None) -> World:
    """A world of four marts, whose releases have neither pages nor a workbook."""
    return make_world("small", *SMALL)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first release of the programme as it stands above, made once: for tests that only read it."""
    world = World(tmp_path_factory.mktemp("released") / "home", load_register(), load_policy())
    world.places.make()
    published = world.night()
    assert published is not None
    return published.path


@pytest.fixture(scope="session")
def release() -> tuple[dict[str, Any], tuple[ReleaseTable, ...]]:
    """The manifest and tables of the small release for pages: see `paged`."""
    return made()


@pytest.fixture(scope="session")
def written(release: tuple[dict[str, Any], tuple[ReleaseTable, ...]]) -> dict[str, str]:
    """The pages of that release by path, drawn once."""
    return pages(*release, load_policy())


@pytest.fixture
def make_story() -> Callable[..., StoryText]:
    return story


@pytest.fixture
def verdict() -> Callable[..., GateVerdict]:
    return GateVerdict


@pytest.fixture
def figures() -> Callable[[Path, str], dict[Mapping[str, Any], Any]]:
    """The rows of a released table as dictionaries, read from its Parquet by DuckDB."""

    def read(release: Path, table: str) -> list[dict[str, Any]]:
        cursor = duckdb.sql(f"from read_parquet('{release}/parquet/{table}.parquet')")
        return [dict(zip(cursor.columns, row, strict=True)) for row in cursor.fetchall()]

    return read
