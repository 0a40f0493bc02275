"""What whole nights cost on a long history, beside a script by hand from the same raw files: `python -m benchmarks.long_night`.

The history is the demonstration's returns with a million rows of sessions in one file and 200,000 responses in another. The
script by hand reads the two long files, types them, drops double rows and makes the figures: sessions by month and activity, and
for each item its mean and deviation by area.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import returns
from benchmarks.long_files import write_csv
from benchmarks.measure import Cost, cost_of
from benchmarks.night import Place, night
from benchmarks.reading import duckdb_rows
from tfc_platform.contracts.catalogue import load_catalogue

__all__ = ["by_hand", "main"]

WAVE = {"population": "community", "wave": "w1"}
MONTH = "2026-03"
NEW_ROWS = 500
MOST_HAND = 3  # the script by hand, that a night on the long files may cost beside a night of the demonstration
MOST_MONTH = 2  # times a month on no history, that one on a long history may cost


def _add_long_files(landing: Path, rows: int, responses: int) -> list[Path]:
    """Put the long files in place of the demonstration's files of the same month and the same wave."""
    catalogue = load_catalogue()
    found = []
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        activity = write_csv(catalogue, "activity", folder, rows)
        survey = write_csv(catalogue, "survey_respondent", folder, responses, WAVE)
        for made, name in (
            (activity, f"{activity.contract.files.rsplit('/', 1)[-1].replace('*', MONTH)}"),
            (survey, survey.path.name),
        ):
            target = landing / made.site / made.contract.files.rsplit("/", 1)[0] / name
            target.unlink(missing_ok=True)
            target.write_bytes(made.path.read_bytes())
            found.append(target)
    return found


def by_hand(activity: Path, survey: Path) -> None:
    """The figures of the two long files by DuckDB, from their raw bytes."""
    import duckdb

    catalogue = load_catalogue()
    with TemporaryDirectory() as scratch, duckdb.connect() as con:
        sessions, respondents = Path(scratch, "activity.parquet"), Path(scratch, "survey.parquet")
        duckdb_rows(activity, catalogue, sessions)
        duckdb_rows(survey, catalogue, respondents)
        con.execute(
            "create table delivery as select date_trunc('month', session_on) as month, activity, count(*) as sessions,"
            f" sum(attendance) as attendance from '{sessions}' group by all"
        )
        columns = con.execute(f"describe select * from '{respondents}'").fetchall()
        items = [name for name, kind, *_ in columns if kind in ("INTEGER", "BIGINT")]
        con.execute(
            "create table outcome as select area, item, count(*) as answers, avg(value) as mean, stddev_samp(value) as sd"
            f" from (unpivot (select * from '{respondents}') on {', '.join(items)} into name item value value) group by all"
        )


def _new_month(place: Place) -> Cost:
    returns.add_new_month(place.landing, NEW_ROWS)
    return night(place, True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the nights and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_night", description=main.__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the activity file")
    parser.add_argument("--responses", type=int, default=200_000, help="of the survey file")
    parser.add_argument("--hand", nargs=2, type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.hand:
        by_hand(*chosen.hand)
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    costs: dict[str, Cost] = {}
    with TemporaryDirectory(prefix="tfc-bench-") as scratch:
        short, long = Place(Path(scratch, "short")), Place(Path(scratch, "long"))
        for place in (short, long):
            returns.fill(place.landing)
        files = _add_long_files(long.landing, chosen.rows, chosen.responses)
        hand = [sys.executable, "-m", "benchmarks.long_night", "--hand", *map(str, files)]
        costs["the script by hand, on the long files"] = cost_of(hand, long.env)[0]
        costs["a night of the demonstration"] = night(short, True)
        costs["a night with the long files"] = night(long, True)
        costs["one new month on the demonstration"] = _new_month(short)
        costs["one new month on the long history"] = _new_month(long)
    print("| | processor s | wall s | peak MiB |\n|---|---:|---:|---:|")
    for name, cost in costs.items():
        print(f"| {name} | {cost.cpu_seconds:.1f} | {cost.wall_seconds:.1f} | {cost.peak_mib:,.0f} |")
    by_script, first, long_first, month, long_month = (cost.cpu_seconds for cost in costs.values())
    most = MOST_HAND * by_script + first
    print(
        f"\nThe night with the long files costs {long_first:.1f} s; the bar is {MOST_HAND} times the script and a night of the"
        f" demonstration, {most:.1f} s. The long files cost {(long_first - first) / by_script:.1f} times the script. A new month"
        f" costs {long_month / month:.1f} times one on no history; the bar is {MOST_MONTH}."
    )


if __name__ == "__main__":
    main()
