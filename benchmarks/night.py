"""What a night costs, against the same figures by hand: `python -m benchmarks.night`, or `make bench`.

Belongs here: the nights that are run and the tables that are printed. Does not belong: how a process is measured (`measure`),
where its time goes (`stopwatch`), or the yardstick (`by_hand`). README.md here tells how to read them; `--readme` puts the
first table into the project's README.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks import by_hand, returns
from benchmarks.measure import Cost, cost_of, typical

__all__ = ["main"]

PROJECT = Path(__file__).resolve().parent.parent
START, END = "<!-- bench -->", "<!-- /bench -->"  # around the block of the project's README
ROWS = 500  # of the new file
FIRST, NOTHING, NEW = "first night", "a night with nothing new", f"one new file of {ROWS} rows"
# The night's budgets, in seconds of processor time; memory in MiB. One new file may take 2 s more than nothing new may.
BUDGETS = {FIRST: 20.0, NOTHING: 6.0, NEW: 8.0}
MEMORY = 1024.0
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


def _night(place: Place, expects_release: bool) -> Cost:
    cost, printed = cost_of([str(Path(sys.executable).with_name("tfc")), "nightly", "--json"], place.env)
    if bool(json.loads(printed)["release"]) != expects_release:
        raise RuntimeError(f"The night was to make {'a' if expects_release else 'no'} release, and did otherwise.")
    return cost


def _parts(place: Place) -> dict[str, float]:
    """Processor time by part of one more run of the night."""
    out = place.folder / "parts.json"
    cost, _ = cost_of([sys.executable, "-m", "benchmarks.stopwatch", str(out), "nightly", "--json"], place.env)
    found = json.loads(out.read_text())
    parts: dict[str, float] = found["parts"]
    return {**parts, "interpreter: end": max(0.0, cost.cpu_seconds - found["until_exit"])}


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


def _measure(
    times: int, given: Path | None, scratch: Path
) -> tuple[dict[str, Cost], Cost, dict[str, dict[str, float]]]:
    """The typical cost of each night and of the script by hand, and where one run of each night spends its time."""
    nights: dict[str, list[Cost]] = {FIRST: [], NOTHING: [], NEW: []}
    hand: list[Cost] = []
    for number in range(times):
        place = Place(scratch / f"life-{number}")
        returns.fill(place.landing, given)
        nights[FIRST].append(_night(place, True))
        hand.append(_by_hand(place))
        nights[NOTHING].append(_night(place, False))
        returns.add_new_month(place.landing, ROWS)
        nights[NEW].append(_night(place, True))
        hand.append(_by_hand(place))
        print(", ".join(f"{name}: {costs[-1].cpu_seconds:.1f} s" for name, costs in nights.items()), file=sys.stderr)
    place, parts = Place(scratch / "parts"), {}
    returns.fill(place.landing, given)
    parts[FIRST] = _parts(place)
    parts[NOTHING] = _parts(place)
    returns.add_new_month(place.landing, ROWS)
    parts[NEW] = _parts(place)
    return {name: typical(costs) for name, costs in nights.items()}, typical(hand), parts


def _cost_table(nights: Mapping[str, Cost], hand: Cost) -> list[str]:
    lines = [
        "| night | processor s | budget | wall s | peak MiB | times the script by hand |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, cost in nights.items():
        ratio = cost.cpu_seconds / hand.cpu_seconds
        figures = f"{cost.cpu_seconds:.1f} | {BUDGETS[name]:.0f} | {cost.wall_seconds:.1f} | {cost.peak_mib:.0f}"
        lines.append(f"| {name} | {figures} | {ratio:.0f} |")
    figures = f"{hand.cpu_seconds:.2f} | | {hand.wall_seconds:.2f} | {hand.peak_mib:.0f}"
    return [*lines, f"| the same figures by one DuckDB script | {figures} | 1 |"]


def _part_table(parts: Mapping[str, Mapping[str, float]]) -> list[str]:
    least = 0.05  # seconds; what is below in every night is put together
    names = {name for found in parts.values() for name in found}
    shown = sorted(
        (name for name in names if max(found.get(name, 0.0) for found in parts.values()) >= least),
        key=lambda name: -parts[NEW].get(name, 0.0),
    )
    small = [sum(value for name, value in found.items() if name not in shown) for found in parts.values()]
    rows = [(name, [found.get(name, 0.0) for found in parts.values()]) for name in shown]
    rows += [("all smaller parts", small), ("together", [sum(found.values()) for found in parts.values()])]
    lines = [f"| processor s | {' | '.join(parts)} |", "|---" + "|---:" * len(parts) + "|"]
    return [*lines, *(f"| {name} | {' | '.join(f'{value:.2f}' for value in values)} |" for name, values in rows)]


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
    # As in an installation: what is compiled once is compiled.
    subprocess.run([str(Path(sys.executable).with_name("tfc")), "prepare"], check=True)
    with TemporaryDirectory(prefix="tfc-bench-") as scratch:
        cost_of([str(Path(sys.executable).with_name("tfc")), "prepare"], Place(Path(scratch)).env)
        nights, hand, parts = _measure(chosen.times, chosen.returns, Path(scratch))
    estimates = "" if chosen.no_estimates else _estimates()
    costs = _cost_table(nights, hand)
    text = "\n".join([setting, "", *costs, "", *_part_table(parts), "", estimates, ""])
    print(text)
    if chosen.readme:
        readme = PROJECT / "README.md"
        block = _block(setting, costs, estimates)
        readme.write_text(write_block(readme.read_text(encoding="utf-8"), block), encoding="utf-8")
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "night.md").write_text(text, encoding="utf-8")
    figures = {"setting": setting, "nights": {name: asdict(cost) for name, cost in nights.items()}}
    figures |= {"by_hand": asdict(hand), "parts": parts}
    (chosen.out / "night.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    over = [name for name, cost in nights.items() if cost.cpu_seconds > BUDGETS[name] or cost.peak_mib > MEMORY]
    more = nights[NEW].cpu_seconds - nights[NOTHING].cpu_seconds
    print(f"Over the budget: {', '.join(over)}." if over else "Every night is within its budget.")
    print(
        f"One new file costs {more:.1f} s more than nothing new, a night that imports neither dbt nor Great Expectations."
    )


if __name__ == "__main__":
    main()
