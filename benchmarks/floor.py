"""The floor of a night: what its standard parts cost by themselves, by documented interfaces of other packages only.

One process runs a Dagster job with as many steps, assets and checks as the night and with empty bodies, the same `dbt build` on
a copy of the warehouse, and the same suites on the same rows. It prints its processor time by part, as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
SECONDS: dict[str, float] = {}


def _used() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@contextmanager
def _part(name: str) -> Iterator[None]:
    before = _used()
    yield
    SECONDS[name] = _used() - before


def dagster_job(assets: int, checks: int, steps: int) -> int:
    """Run a job with so many steps, assets and checks, each of which reports an empty result; returns its events."""
    import dagster as dg

    def step(number: int, before: str | None) -> dg.AssetsDefinition:
        names = [f"asset_{index}" for index in range(number, assets, steps)]
        of_checks = [(names[index % len(names)], f"check_{index}") for index in range(number, checks, steps)]

        @dg.multi_asset(
            name=f"step_{number}",
            specs=[dg.AssetSpec(name, deps=[before] if before else [], skippable=True) for name in names],
            check_specs=[dg.AssetCheckSpec(name, asset=asset) for asset, name in of_checks],
        )
        def body() -> Iterator[Any]:
            for name in names:
                yield dg.MaterializeResult(asset_key=name, metadata={"rows": 1}, data_version=dg.DataVersion("1"))
            for asset, name in of_checks:
                yield dg.AssetCheckResult(asset_key=asset, check_name=name, passed=True)

        return body

    definitions = dg.Definitions([step(n, f"asset_{n - 1}" if n else None) for n in range(steps)])
    job = definitions.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            instance=instance, run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
        )
        return len(instance.all_logs(result.run_id))


def dbt_build(warehouse: Path, scratch: Path) -> None:
    """The night's `dbt build`, on a copy of the warehouse."""
    copy = scratch / "tfc.duckdb"
    shutil.copyfile(warehouse, copy)
    project = str(PROJECT / "dbt_project")
    options = ["--project-dir", project, "--profiles-dir", project, "--target", "duckdb", "--quiet"]
    options += ["--target-path", str(scratch), "--log-path", str(scratch), "--no-send-anonymous-usage-stats"]
    subprocess.run(
        [str(Path(sys.executable).with_name("dbt")), "build", "--exclude-resource-type", "unit_test", *options],
        env={**os.environ, "TFC_WAREHOUSE": str(copy), "PYTHONPATH": str(PROJECT)},
        check=True,
        capture_output=True,
    )


def suites(warehouse: Path, as_of: date) -> int:
    """Validate each suite of `expectations/` on its rows, once for all sites; returns how many suites there are."""
    import duckdb
    import great_expectations as gx

    from tfc_platform.check.suites import load_suites

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("warehouse").add_dataframe_asset("rows")
    whole = asset.add_batch_definition_whole_dataframe("all")
    found = load_suites()
    with duckdb.connect(str(warehouse), read_only=True) as con:
        for suite in found:
            dated = {"as_of": as_of} if "$as_of" in suite.query else {}
            frame = con.execute(suite.query, dated).df()
            rules = gx.ExpectationSuite(
                name=suite.name, expectations=[rule.configuration for rule in suite.expectations]
            )
            whole.get_batch(batch_parameters={"dataframe": frame}).validate(rules, result_format="BOOLEAN_ONLY")
    return len(found)


def main(arguments: list[str]) -> None:
    """`python -m benchmarks.floor WAREHOUSE SCRATCH AS_OF ASSETS CHECKS STEPS`; DAGSTER_HOME is an empty folder."""
    warehouse, scratch = Path(arguments[0]), Path(arguments[1])
    as_of, (assets, checks, steps) = date.fromisoformat(arguments[2]), map(int, arguments[3:6])
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    Path(os.environ["DAGSTER_HOME"], "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    with _part("Dagster: as many steps, assets and checks, empty"):
        events = dagster_job(assets, checks, steps)
    with _part("dbt build"):
        dbt_build(warehouse, scratch)
    with _part("Great Expectations: the same suites"):
        suites(warehouse, as_of)
    print(json.dumps({"seconds": SECONDS, "events": events}))


if __name__ == "__main__":
    main(sys.argv[1:])
