"""The yardstick: the marts' figures by one DuckDB script over the same typed Parquet, and nothing of what makes a night.

Run as `python -m benchmarks.by_hand INPUTS.json OUT.duckdb`; INPUTS.json names the Parquet files of each table.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

__all__ = ["FIGURES", "differences", "run"]

SQL = Path(__file__).with_name("by_hand.sql")
TABLES = (
    *("activity", "story", "learning_item", "learning_action"),
    *("ref_activity", "ref_footprint_area", "ref_local_indicator"),
)
FIGURES = (
    *("mart_delivery", "mart_reach", "mart_reach_area", "mart_process", "mart_partnership"),
    *("mart_story_domain", "mart_learning_action", "mart_local_indicator"),
)


def run(inputs: Mapping[str, Sequence[str]], out: Path) -> None:
    """Write one DuckDB file with the tables of `by_hand.sql`, over the Parquet files of each of `TABLES`."""
    with duckdb.connect(str(out)) as con:
        for table in TABLES:
            paths = ", ".join("'" + path.replace("'", "''") + "'" for path in inputs[table])
            con.execute(f"create view {table} as from read_parquet([{paths}], hive_partitioning = false)")
        con.execute(SQL.read_text(encoding="utf-8"))


def differences(by_hand: Path, warehouse: Path) -> dict[str, tuple[int, int]]:
    """For each mart its rows, and how many of them or of its table by hand the other lacks, over the columns of the latter.

    :raises ValueError: where a mart lacks a column that its table by hand has.
    """
    found = {}
    with duckdb.connect(":memory:") as con:
        con.execute(f"attach '{by_hand}' as hand (read_only); attach '{warehouse}' as tfc (read_only)")
        for mart in FIGURES:
            ours = {row[0] for row in con.execute(f"describe tfc.marts.{mart}").fetchall()}
            names = [row[0] for row in con.execute(f"describe hand.{mart}").fetchall()]
            missing = sorted(set(names) - ours)
            if missing:
                raise ValueError(f"{mart} has no column {', '.join(missing)}.")
            columns = ", ".join(f'"{name}"' for name in names)
            one, other = f"select {columns} from hand.{mart}", f"select {columns} from tfc.marts.{mart}"
            different = f"select count(*) from (({one} except all {other}) union all ({other} except all {one}))"
            ((rows, apart),) = con.execute(f"select (select count(*) from ({other})), ({different})").fetchall()
            found[mart] = (int(rows), int(apart))
    return found


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
