"""A home of the platform for tests of whole nights, small returns for those that need no more, and the answers' reading of it.

What is compared here is read as an analyst or a site would: through `research/current`, `releases/current`, the queue of flags.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg
import duckdb

from tests.disclosure.release_attack import attack
from tests.release.tables_only import tables_only
from tfc_platform.cli.nightly import NightResult, run_nightly
from tfc_platform.demo import DemoAnswers, write
from tfc_platform.feedback.flags import list_flags
from tfc_platform.night_record import clear_run, read_reasons
from tfc_platform.orchestration.dagster_home import use_dagster_home
from tfc_platform.orchestration.definitions import JOB, build_definitions
from tfc_platform.orchestration.progress import listening
from tfc_platform.settings import Places, Settings

FIRST, SECOND = date(2026, 4, 20), date(2026, 5, 20)  # the dates that the two nights work for
KEY = "a key of the tests, not a secret"
COUNTS = ("received", "accepted", "rejected", "duplicate", "not_data")


@dataclass(frozen=True)
class Ran:
    """What a night reported."""

    success: bool
    outcome: NightResult
    said: tuple[str, ...]


@dataclass
class Home:
    """A landing zone and a TFC_HOME below one folder.

    Two things of a real night take half of a small one's time, and few tests look at them. `kept`: Dagster's events go to the
    disk. `with_pages`: a release has its pages and its workbook.
    """

    folder: Path
    kept: bool = False
    with_pages: bool = False
    key: str | None = KEY
    contracts: tuple[Path, ...] = field(default=())

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def places(self) -> Places:
        return Places(self.folder / "home")

    def settings(self, as_of: date) -> Settings:
        return Settings(str(self.landing), self.places.home, self.contracts, "duckdb", as_of, self.key)

    def env(self, as_of: date) -> dict[str, str]:
        """The same settings for a command."""
        found = {"TFC_LANDING": str(self.landing), "TFC_HOME": str(self.places.home), "TFC_AS_OF": as_of.isoformat()}
        found["TFC_REST_SECONDS"] = "0"
        if self.contracts:
            found["TFC_CONTRACTS"] = os.pathsep.join(map(str, self.contracts))
        return found | ({"TFC_PSEUDONYM_KEY": self.key} if self.key else {})

    def night(self, as_of: date = FIRST, site: str | None = None) -> Ran:
        """Run the job `nightly` in this process."""
        said: list[str] = []
        with self._dagster() as instance:
            result = run_nightly(self.settings(as_of), site, said.append, instance)
        return Ran(result.success, result, tuple(said))

    def steps(self, *assets: str, as_of: date = FIRST) -> Ran:
        """Run only the job's steps that make these assets, in this process, by what earlier nights left on the disk."""
        said: list[str] = []
        settings = self.settings(as_of)
        with self._dagster() as own:
            os.environ.update(settings.as_env())
            use_dagster_home(settings)
            with own or dg.DagsterInstance.get() as instance, listening(said.append):
                result = (
                    build_definitions()
                    .resolve_job_def(JOB)
                    .execute_in_process(
                        instance=instance,
                        raise_on_error=False,
                        asset_selection=[dg.AssetKey.from_user_string(name) for name in assets],
                        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                    )
                )
        reasons = read_reasons(self.places, result.run_id) or tuple(
            f"The step {event.step_key} failed." for event in result.all_events if event.is_step_failure
        )
        clear_run(self.places, result.run_id)
        return Ran(result.success, NightResult(result.success, reasons), tuple(said))

    @contextmanager
    def _dagster(self) -> Iterator[dg.DagsterInstance | None]:
        """An instance that is forgotten, or none where the home keeps its own; pages are written where they are wanted."""
        with mock.patch.dict(os.environ), nullcontext() if self.with_pages else tables_only():
            os.environ.pop("DAGSTER_HOME", None)  # that of a night which another test ran in this process
            yield None if self.kept else dg.DagsterInstance.ephemeral()

    def copied(self, folder: Path, kept: bool = False, with_pages: bool = False) -> Home:
        """The same landing zone and home in a folder that is not there yet, with the times of its files."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return replace(self, folder=folder, kept=kept, with_pages=with_pages)

    def good_night(self, as_of: date = FIRST) -> Ran:
        ran = self.night(as_of)
        assert ran.success, ran.outcome.reasons
        if (self.places.releases / "current").exists():
            assert not attack(self.places.releases / "current"), "the attacker of its own finds what the audit does not"
        return ran

    @property
    def research_id(self) -> str:
        return os.readlink(self.places.research / "current")

    @property
    def release_id(self) -> str:
        return os.readlink(self.places.releases / "current")

    @contextmanager
    def research(self, version: str = "current") -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.places.research / version / "tfc.duckdb"), read_only=True) as con:
            yield con

    def rows(self, sql: str, version: str = "current") -> list[tuple[Any, ...]]:
        """Rows of a query on the research database."""
        with self.research(version) as con:
            return con.execute(sql).fetchall()

    @contextmanager
    def release(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self.places.releases / "current" / "tfc.duckdb"), read_only=True) as con:
            yield con

    def manifest(self, version: str = "current") -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.places.releases / version / "manifest.json").read_text())
        return found

    def flags(self) -> set[tuple[Any, ...]]:
        return {(flag["file"], flag["sheet"], flag["row"], flag["column"]) for flag in list_flags(self.places)}


def small_returns(landing: Path, seed: int = 5, night: int = 1) -> None:
    """A few of the demonstration's files: one activity log a site, stories, learning and what the centre adds."""
    scratch = landing.with_name(f"{landing.name}-all-{night}")
    write(scratch, seed, night)
    for path in sorted(scratch.rglob("*")):
        name = path.relative_to(scratch).as_posix()
        is_extra = "/surveys/" in name or (name.startswith("grimsby/activity/") and "2026" not in name)
        if path.is_file() and not is_extra:
            (landing / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, landing / name)
    shutil.rmtree(scratch)


def tree(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below a folder, and where each pointer points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def marts(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of the research database, but the times of day at which files were first seen."""
    found = {}
    with home.research() as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        for (name,) in tables:
            left_out = " exclude (first_seen_at, counted_since)" if name == "mart_submission_status" else ""
            found[name] = con.execute(f"select *{left_out} from marts.{name} order by all").fetchall()
    return found


def statuses(home: Home) -> dict[str, dict[str, Any]]:
    """What the marts say of each file, as `answers.json` puts it: a count that is zero is absent."""
    query = f"select file, status, {', '.join(COUNTS)} from marts.mart_submission_status"
    found = {}
    for file, status, *counts in home.rows(query):
        found[file] = {"status": status, **{name: n for name, n in zip(COUNTS, counts, strict=True) if n}}
    return found


def agree_on_files(found: Mapping[str, Mapping[str, Any]], answers: Mapping[str, Mapping[str, Any]]) -> None:
    """Every file and no other, with its status, and its counts where the answers give any.

    The answers call a file that is kept back `blocked` on the second night; the README of the returns calls it held.
    """
    assert set(found) == set(answers)
    wanted, compared = {}, {}
    for file, answer in answers.items():
        status = {"blocked": "held"}.get(answer["status"], answer["status"])
        counts = {name: answer[name] for name in COUNTS if answer.get(name)} if "received" in answer else {}
        wanted[file] = {"status": status, **counts}
        compared[file] = found[file] if counts else {"status": found[file]["status"]}
    assert compared == wanted


def sessions(home: Home, version: str = "current") -> list[dict[str, Any]]:
    """Delivery and reach in one, as `answers.json` has them."""
    query = """
        select d.site, strftime(d.month, '%Y-%m'), d.activity, d.sessions_delivered, d.sessions_cancelled,
               round(d.hours * 100)::bigint, d.sessions_with_hours, r.value_low, r.value_high, r.sessions_unknown
        from marts.mart_delivery as d left join marts.mart_reach as r using (site, month, activity)
        order by all"""
    names = ("delivered", "cancelled", "hours_x100", "sessions_with_hours")
    names += ("attendances_low", "attendances_high", "attendance_unknown")
    return [
        {"site": site, "month": month, "activity": activity, **{n: v for n, v in zip(names, values, strict=True) if v}}
        for site, month, activity, *values in home.rows(query, version)
    ]


def wanted_sessions(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [{name: value for name, value in row.items() if value} for row in answers]
    return sorted(found, key=lambda row: (row["site"], row["month"], row["activity"]))


def unmapped(home: Home) -> dict[str, int]:
    query = """select site, sum(sessions_delivered + sessions_cancelled)::bigint from marts.mart_delivery
               where activity = 'unmapped' group by site"""
    return dict(home.rows(query))


def stories(home: Home) -> dict[str, int]:
    query = """select site || '/' || change_domain, sum(stories)::bigint from marts.mart_story_domain group by all"""
    return dict(home.rows(query))


def released_stories(home: Home) -> dict[str, str]:
    with home.release() as con:
        return dict(con.execute("select story_id, text from stories").fetchall())


def learning(home: Home) -> dict[str, Any]:
    """A learning item without an action is one row of status none; each action is one row."""
    query = "select status, count(*) from marts.mart_learning_action group by status"
    by_status = dict(home.rows(query))
    ((items,),) = home.rows("select count(distinct learning_id) from marts.mart_learning_action")
    return {"items": items, "without_action": by_status.pop("none", 0), "actions": by_status}


def agree(home: Home, answers: Mapping[str, Any]) -> None:
    """Everything that the answers and the published marts both speak of."""
    agree_on_files(statuses(home), answers["files"])
    assert sessions(home) == wanted_sessions(answers["sessions"])
    assert unmapped(home) == answers["unmapped_sessions"]
    assert stories(home) == answers["stories"]["by_domain_without_withdrawn"]
    assert sorted(released_stories(home)) == sorted(answers["stories"]["publishable"])
    assert learning(home) == answers["learning"]


def planted_flags(answers: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    return {(flag["file"], flag["sheet"], flag["row"], flag["column"]) for flag in answers["safeguarding_flags"]}


def wrong_totals(home: Home) -> set[tuple[str, str]]:
    """The sheets whose stated total does not add up, as the sites see them among their row issues."""
    query = """select file, sheet from marts.mart_row_issue where reason = 'total_mismatch' and severity = 'warn'"""
    return set(home.rows(query))


def demo(home: Home, seed: int, night: int = 1) -> DemoAnswers:
    return write(home.landing, seed, night)
