"""What a night costs, beside its floor and the same figures by hand: `python -m benchmarks.night`, or `make bench`.

README.md here says how to read the tables; `--readme` puts the first one into the project's README.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest import mock

import dagster as dg
import duckdb

from benchmarks import by_hand, returns
from benchmarks.measure import Cost, cost_of, typical

__all__ = ["Place", "main", "night"]

PROJECT = Path(__file__).resolve().parent.parent
START, END = "<!-- bench -->", "<!-- /bench -->"  # around the block of the project's README
ROWS = 500  # of the new file
FIRST, NOTHING, NEW = "first night", "a night with nothing new", f"one new file of {ROWS} rows"
MOST_FLOORS = 2  # the first night is to cost at most so many times its floor
PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pandas", "pyarrow")


@dataclass(frozen=True)
class Place:
    """One life of a platform: its landing zone and its home."""

    folder: Path

    @property
    def landing(self) -> Path:
        return self.folder / "landing"

    @property
    def warehouse(self) -> Path:
        return self.folder / "home" / "warehouse" / "tfc.duckdb"

    @property
    def env(self) -> dict[str, str]:
        # Bytecode is kept, as in any installation: without it every start costs twice.
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("TFC_", "PYTHONDONTWRITE"))}
        own = {"TFC_LANDING": str(self.landing), "TFC_HOME": str(self.folder / "home"), "TFC_AS_OF": f"{returns.AS_OF}"}
        return {**kept, **own, "PYTHONPATH": str(PROJECT)}


def night(place: Place, expects_release: bool) -> Cost:
    """What one `tfc nightly` costs.

    :raises RuntimeError: where it makes no release and was to make one, or the other way round.
    """
    cost, printed = cost_of([str(Path(sys.executable).with_name("tfc")), "nightly", "--json"], place.env)
    if bool(json.loads(printed)["release"]) != expects_release:
        raise RuntimeError(f"The night was to make {'a' if expects_release else 'no'} release, and did otherwise.")
    return cost


@dataclass(frozen=True)
class Run:
    """The last run of a place: its events, and the wall time of each step in seconds."""

    events: int
    assets: int
    checks: int
    steps: Mapping[str, float]


def _last_run(place: Place) -> Run:
    home = str(place.folder / "home" / "dagster")
    with mock.patch.dict(os.environ, {"DAGSTER_HOME": home}), dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs(limit=1)
        entries = instance.all_logs(run.run_id)
    events = [entry.dagster_event for entry in entries if entry.dagster_event]
    kinds = Counter(event.event_type_value for event in events)
    steps = {
        event.step_key: event.step_success_data.duration_ms / 1000
        for event in events
        if event.event_type_value == "STEP_SUCCESS" and event.step_key
    }
    return Run(len(entries), kinds["ASSET_MATERIALIZATION_PLANNED"], kinds["ASSET_CHECK_EVALUATION_PLANNED"], steps)


def _floor(place: Place, run: Run) -> tuple[Cost, dict[str, float]]:
    """What the standard parts of the first night cost by themselves: in total, and in seconds by part."""
    with TemporaryDirectory(prefix="tfc-floor-") as scratch:
        folder = Path(scratch, "dagster")
        folder.mkdir()
        counts = [str(run.assets), str(run.checks), str(len(run.steps))]
        cost, printed = cost_of(
            [sys.executable, "-m", "benchmarks.floor", str(place.warehouse), scratch, f"{returns.AS_OF}", *counts],
            place.env | {"DAGSTER_HOME": str(folder)},
        )
    seconds: dict[str, float] = json.loads(printed.splitlines()[-1])["seconds"]
    return cost, seconds


def _inputs(warehouse: Path) -> dict[str, list[str]]:
    """The Parquet files that each of the lake's views reads: those that count tonight."""
    with duckdb.connect(str(warehouse), read_only=True) as con:
        views = con.execute("select view_name, sql from duckdb_views() where schema_name = 'lake'").fetchall()
    return {name: re.findall(r"'([^']+\.parquet)'", sql) for name, sql in views}


def _by_hand(place: Place) -> Cost:
    """The cost of the same figures by hand.

    :raises RuntimeError: where they are not the same: then one of the two is wrong, and no ratio means anything.
    """
    inputs, out = place.folder / "inputs.json", place.folder / "by_hand.duckdb"
    inputs.write_text(json.dumps(_inputs(place.warehouse)))
    out.unlink(missing_ok=True)
    cost, _ = cost_of([sys.executable, "-m", "benchmarks.by_hand", str(inputs), str(out)], place.env)
    for mart, (rows, different) in by_hand.differences(out, place.warehouse).items():
        if different or not rows:
            raise RuntimeError(f"{mart}: {different} of {rows} rows are not those of the script by hand.")
    return cost


@dataclass(frozen=True)
class Measured:
    """The typical costs, and the first night's run and floor by part."""

    nights: Mapping[str, Cost]
    floor: Cost
    hand: Cost
    first_run: Run
    new_run: Run
    floor_parts: Mapping[str, float]

    @property
    def ratio(self) -> float:
        """How many times its floor the first night costs, in processor time."""
        return self.nights[FIRST].cpu_seconds / self.floor.cpu_seconds


def _measure(times: int, given: Path | None, scratch: Path) -> Measured:
    nights: dict[str, list[Cost]] = {FIRST: [], NOTHING: [], NEW: []}
    hand: list[Cost] = []
    floors: list[tuple[Cost, dict[str, float]]] = []
    for number in range(times):
        place = Place(scratch / f"life-{number}")
        returns.fill(place.landing, given)
        nights[FIRST].append(night(place, True))
        first_run = _last_run(place)
        floors.append(_floor(place, first_run))
        hand.append(_by_hand(place))
        nights[NOTHING].append(night(place, False))
        returns.add_new_month(place.landing, ROWS)
        nights[NEW].append(night(place, True))
        new_run = _last_run(place)
        hand.append(_by_hand(place))
        print(", ".join(f"{name}: {costs[-1].cpu_seconds:.1f} s" for name, costs in nights.items()), file=sys.stderr)
    parts = {name: median(found[name] for _, found in floors) for name in floors[0][1]}
    return Measured(
        {name: typical(costs) for name, costs in nights.items()},
        typical([cost for cost, _ in floors]),
        typical(hand),
        first_run,
        new_run,
        parts,
    )


def _cost_table(found: Measured) -> list[str]:
    lines = ["| | processor s | wall s | peak MiB | times its floor | events |", "|---|---:|---:|---:|---:|---:|"]
    events = {FIRST: found.first_run.events, NOTHING: 0, NEW: found.new_run.events}
    for name, cost in found.nights.items():
        ratio = f"{found.ratio:.1f}" if name == FIRST else ""
        figures = f"{cost.cpu_seconds:.1f} | {cost.wall_seconds:.1f} | {cost.peak_mib:.0f} | {ratio} | {events[name]}"
        lines.append(f"| {name} | {figures} |")
    for name, cost in {
        "the first night's floor": found.floor,
        "the same figures by one DuckDB script": found.hand,
    }.items():
        lines.append(f"| {name} | {cost.cpu_seconds:.1f} | {cost.wall_seconds:.1f} | {cost.peak_mib:.0f} | | |")
    return lines


def _part_table(found: Measured) -> list[str]:
    """The floor by part, and the first night's steps: where the rest goes."""
    lines = ["| the floor, by part | processor s |", "|---|---:|"]
    lines += [f"| {name} | {seconds:.1f} |" for name, seconds in found.floor_parts.items()]
    lines += ["", "| step of the first night | wall s |", "|---|---:|"]
    return [*lines, *(f"| {name} | {seconds:.1f} |" for name, seconds in found.first_run.steps.items())]


def _setting(times: int, given: Path | None) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    data = "the demonstration's returns" if given is None else "given returns"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, {memory:.0f} GiB, {data},"
        f" medians of {times}; load before {os.getloadavg()[0]:.1f}. {versions}."
    )


def _estimates() -> str:
    """What `benchmarks.estimates` prints: the outcome figures of two million answers beside a script by hand."""
    _, printed = cost_of([sys.executable, "-m", "benchmarks.estimates"], os.environ)
    return printed.strip()


def _block(setting: str, costs: Sequence[str], estimates: str) -> str:
    """What stands between the marks of the README."""
    lines = [
        "Processor time (user and system) of the whole process. What else is measured, and where the time goes:",
        "[benchmarks](benchmarks/README.md).",
        "",
        *costs,
    ]
    if estimates:
        *_, ratio = estimates.splitlines()
        lines += ["", f"Outcome figures of 2 million answers, {ratio}."]
    return "\n".join([START, *lines, "", f"Measured on {setting}", END])


def write_block(page: str, block: str) -> str:
    """`page` with `block` in place of what stands between its marks.

    :raises ValueError: where the page has not both marks, once each and in order.
    """
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end or START in rest or END in after:
        raise ValueError(f"The README must have {START} and then {END}, once each.")
    return before + block + after


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the nights, print the tables, and keep them in the folder `--out` as Markdown and as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.night", description=main.__doc__)
    parser.add_argument(
        "--returns", type=Path, help="a folder of a first night's returns, instead of the demonstration's"
    )
    parser.add_argument("--times", type=int, default=3, help="how often each night is run")
    parser.add_argument("--no-estimates", action="store_true", help="leave out the two million answers")
    parser.add_argument("--readme", action="store_true", help="put the table of costs into the project's README")
    parser.add_argument("--out", type=Path, default=PROJECT / "benchmarks" / "out")
    chosen = parser.parse_args(arguments)
    setting = _setting(chosen.times, chosen.returns)
    # As in an installation: the dbt project is parsed once.
    subprocess.run([str(Path(sys.executable).with_name("tfc")), "prepare"], check=True)
    with TemporaryDirectory(prefix="tfc-bench-") as scratch:
        found = _measure(chosen.times, chosen.returns, Path(scratch))
    estimates = "" if chosen.no_estimates else _estimates()
    costs = _cost_table(found)
    text = "\n".join([setting, "", *costs, "", *_part_table(found), "", estimates, ""])
    print(text)
    if chosen.readme:
        readme = PROJECT / "README.md"
        block = _block(setting, costs, estimates)
        readme.write_text(write_block(readme.read_text(encoding="utf-8"), block), encoding="utf-8")
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "night.md").write_text(text, encoding="utf-8")
    (chosen.out / "night.json").write_text(json.dumps({"setting": setting, **asdict(found)}, indent=1) + "\n", "utf-8")
    verdict = "within" if found.ratio <= MOST_FLOORS else "above"
    print(f"The first night costs {found.ratio:.1f} times its floor: {verdict} the target of {MOST_FLOORS}.")


if __name__ == "__main__":
    main()
