"""What the outcome figures cost: 2 million answers to all indicators, beside the same by hand: `python -m benchmarks.estimates`.

One survey of 200,000 respondents, ten items each, in 500 schools of ten strata, weighted. On one side the dbt models of a night,
from the lake's typed Parquet to mart_outcome_indicator, with their data tests; on the other `estimates_by_hand.sql`, one plain
DuckDB script over the same Parquet that knows this survey alone. The figures of both are compared before a time is printed."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform import schemas
from tfc_platform.build import dbt, manifest
from tfc_platform.build.lake_views import column_type, make_views
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.settings import PROJECT, Places

__all__ = ["Measured", "main", "measure"]

DBT_PROJECT = PROJECT / "dbt_project"
BY_HAND = Path(__file__).with_name("estimates_by_hand.sql")
RESPONDENTS, CLUSTERS, STRATA = 200_000, 500, 10
TABLES = ("survey_respondent", "survey_answer")
ROWS = {
    "survey_respondent": """
        select 'town' as site, 'surveys' as source, 'f' as file_sha256, i as row_number, 'community' as population, 'w1' as wave,
            'r' || i as respondent_id, 'forms' as tool, 'tfc_core_1' as instrument, 0.5 + hash(i, 1) % 1000 / 500 as weight,
            true as weighted, 's' || (i % $clusters % $strata) as stratum, 'c' || (i % $clusters) as cluster,
            'area ' || (hash(i, 2) % 8) as area, 'sector ' || (hash(i, 3) % 5) as sector, 'c' || (i % $clusters) as school
        from range($respondents) as t(i)
    """,
    "survey_answer": """
        select 'town' as site, 'surveys' as source, 'f' as file_sha256, i as row_number, 'community' as population, 'w1' as wave,
            'r' || i as respondent_id, case when item = 'ONS1' then 'ons4' else 'tfc_core_1' end as instrument, item,
            case when hash(i, item) % 20 > 1 then
                case when item = 'ONS1' then hash(i, item, 1) % 11 else 1 + (hash(i, item, 1) + i % $clusters % 3) % 5 end
            end as value,
            case hash(i, item) % 20 when 0 then 'dont_know' when 1 then 'unanswered' end as missing_reason
        from range($respondents) as t(i)
        cross join unnest(['K1', 'K2', 'K3', 'T1', 'T2', 'T3', 'D1', 'D2', 'D3', 'ONS1']) as items(item)
    """,
}


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock, and of processor time of this process with its threads."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """What the figures of one survey cost, by hand and as a night makes them."""

    respondents: int
    figures: int
    by_hand: Cost
    first: Cost  # the first build of the process, which loads dbt
    again: Cost

    @property
    def ratio(self) -> Cost:
        """How many times as much a build costs as the script by hand."""
        return Cost(self.again.wall / self.by_hand.wall, self.again.cpu / self.by_hand.cpu)

    def lines(self) -> list[str]:
        """For a reader: the size, a line each, the ratio."""
        size = f"{self.respondents:,} respondents, {10 * self.respondents:,} answers, {CLUSTERS} clusters"
        costs = {
            "DuckDB by hand": self.by_hand,
            "dbt, first build of the process": self.first,
            "dbt, again": self.again,
        }
        ratio = self.ratio
        return [
            f"{size}: {self.figures} figures, all alike",
            f"{'':34}{'wall s':>8}{'cpu s':>8}",
            *(f"{name:34}{cost.wall:8.2f}{cost.cpu:8.2f}" for name, cost in costs.items()),
            f"ratio of the second build to by hand: {ratio.wall:.1f} by the clock, {ratio.cpu:.1f} of cpu",
        ]


def _processor_time() -> float:
    """Processor seconds of this process and of those that it has waited for: dbt is one."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _cost(work: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), _processor_time()
    work()
    return Cost(time.perf_counter() - wall, _processor_time() - cpu)


def _write_lake(folder: Path, respondents: int) -> dict[str, list[Path]]:
    """Typed Parquet as a night leaves it; gives the files of each table."""
    files: dict[str, list[Path]] = {}
    numbers = {"respondents": respondents, "clusters": CLUSTERS, "strata": STRATA}
    with duckdb.connect() as con:
        for name in TABLES:
            sql = ROWS[name]
            for key, number in numbers.items():
                sql = sql.replace(f"${key}", str(number))
            known = {column[0] for column in con.execute(f"describe {sql}").fetchall()}
            columns = ", ".join(
                f"cast({field.name if field.name in known else 'null'} as {column_type(field.type)}) as {field.name}"
                for field in schemas.SCHEMAS[name]
            )
            found = con.sql(f"select {columns} from ({sql})").to_arrow_table()
            files[name] = [_write(folder / f"{name}.parquet", found, schemas.SCHEMAS[name])]
    for name, table in load_catalogue().reference_tables().items():
        files[name] = [_write(folder / f"{name}.parquet", table, schemas.SCHEMAS[name])]
    return files


def _write(path: Path, table: pa.Table, schema: pa.Schema) -> Path:
    pq.write_table(table.cast(schema), path)
    return path


def _build(places: Places) -> None:
    outcome = dbt.build(places, DBT_PROJECT, select=["+mart_outcome_indicator"])
    if not outcome.success:
        raise RuntimeError(f"dbt: {[(node.name, node.status, node.error) for node in outcome.failed] or outcome.error}")


def _by_hand(files: dict[str, list[Path]], out: Path) -> None:
    with duckdb.connect(str(out), config={"threads": 2}) as con:
        for name in TABLES:
            con.execute(f"create view {name} as from read_parquet('{files[name][0]}')")
        con.execute(BY_HAND.read_text(encoding="utf-8"))


def _differences(by_hand: Path, warehouse: Path) -> tuple[int, int]:
    """How many figures by hand there are, and how many of them the mart has not, to nine digits."""
    with duckdb.connect(str(by_hand), read_only=True) as con:
        con.execute(f"attach '{warehouse}' as warehouse (read_only)")
        return con.execute(
            """
            select count(*), count(*) filter (where not coalesce(
                hand.n = mart.n and abs(hand.estimate - mart.estimate) <= 1e-9 * mart.estimate
                and (hand.se is not distinct from mart.se or abs(hand.se - mart.se) <= 1e-7 * mart.se), false))
            from figure as hand left join warehouse.marts.mart_outcome_indicator as mart
                on hand.indicator = mart.indicator and hand.breakdown = mart.breakdown and hand.value = mart.breakdown_value
            """
        ).fetchall()[0]


def measure(respondents: int = RESPONDENTS) -> Measured:
    """Make the survey, work out its figures by hand and by dbt, compare them all.

    :raises RuntimeError: where a build fails, or one figure is not that by hand.
    """
    with TemporaryDirectory(prefix="tfc-estimates-") as scratch:
        places = Places(Path(scratch, "home"))
        files = _write_lake(Path(scratch), respondents)
        manifest.prepare(DBT_PROJECT)  # as `make setup` does
        make_views(places.warehouse_file, files)
        by_hand = _cost(lambda: _by_hand(files, Path(scratch, "hand.duckdb")))
        first = _cost(lambda: _build(places))
        again = _cost(lambda: _build(places))
        figures, apart = _differences(Path(scratch, "hand.duckdb"), places.warehouse_file)
    if apart or not figures:
        raise RuntimeError(f"{apart} of {figures} figures are not those by hand.")
    return Measured(respondents, figures, by_hand, first, again)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--respondents", type=int, default=RESPONDENTS)
    print("\n".join(measure(parser.parse_args().respondents).lines()))


if __name__ == "__main__":
    main()
