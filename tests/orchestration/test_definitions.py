"""The definitions: what Dagster is told, and what loading them costs and touches."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.disclosure.exceptions import load_exceptions
from tfc_platform.orchestration import definitions as built
from tfc_platform.orchestration.definitions import JOB, build_definitions
from tfc_platform.publication.publication_register import load_register
from tfc_platform.settings import ConfigurationError


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    folder = tmp_path_factory.mktemp("definitions")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFC_HOME", str(folder / "home"))
        patch.setenv("TFC_LANDING", str(folder / "landing"))
        yield build_definitions()


def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return [spec for spec in definitions.resolve_all_asset_specs() if spec.group_name != "default"]


def test_every_source_of_every_contract_is_an_asset(definitions: dg.Definitions) -> None:
    keys = {tuple(spec.key.path) for spec in specs(definitions)}
    assert set(load_catalogue().sources) <= keys


def test_every_asset_says_what_it_is_and_whose(definitions: dg.Definitions) -> None:
    for spec in specs(definitions):
        name = spec.key.to_user_string()
        assert spec.description, f"{name} has no description"
        assert spec.owners, f"{name} has no owner"
        assert spec.kinds, f"{name} has no kind"


def test_every_asset_links_to_the_lines_that_do_its_work(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.materializable_asset_keys:
        (reference,) = graph.get(key).metadata["dagster/code_references"].code_references
        line = Path(reference.file_path).read_text().splitlines()[reference.line_number - 1]
        file, _, function = reference.label.partition(": ")
        assert reference.file_path.endswith(file)
        assert line.startswith(f"def {function}(") if function else file == f"{key.path[-1]}.sql", key


def test_the_lineage_runs_from_a_source_to_the_release(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    source = dg.AssetKey(list(load_catalogue().sources[0]))
    assert dg.AssetKey("release") in _downstream(graph, source)


def _downstream(graph: object, key: dg.AssetKey) -> set[dg.AssetKey]:
    found, open_ones = set(), [key]
    while open_ones:
        for child in graph.get(open_ones.pop()).child_keys:  # type: ignore[attr-defined]
            if child not in found:
                found.add(child)
                open_ones.append(child)
    return found


def test_no_check_blocks_since_the_gate_reads_the_evidence(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    assert graph.asset_check_keys
    assert not [key for key in graph.asset_check_keys if graph.get(key).blocking]


def test_one_process_runs_all_steps(definitions: dg.Definitions) -> None:
    assert definitions.resolve_job_def(JOB).executor_def is dg.in_process_executor


def test_the_night_is_at_two_in_london_summer_and_winter(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("nightly_at_two")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Europe/London")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED


def test_schedule_and_sensors_are_on_in_production_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFC_DEPLOYMENT", "production")
    monkeypatch.setenv("TFC_HOME", str(tmp_path / "home"))
    found = build_definitions()
    assert found.resolve_schedule_def("nightly_at_two").default_status == dg.DefaultScheduleStatus.RUNNING
    assert found.resolve_sensor_def("landed_files").default_status == dg.DefaultSensorStatus.RUNNING


EXCEPTION = """\
id: two_schools
table: {table}
cells: [{{site: north, quarter: 2025-Q2, activity: choir}}]
snapshot: activity/north/2025-Q2@1
snapshot_sha256: {digest}
who: A statistician
why: A brief.
approved_on: 2026-01-01
audience: learning_loop
expires_on: 2026-12-31
"""


@pytest.mark.parametrize(
    ("table", "digest", "words"),
    [
        ("reach", "a" * 64, None),
        ("reech", "a" * 64, "exceptions: two_schools: table and cells are to name a table of the register"),
        ("reach", "a" * 63, "two.yaml: snapshot_sha256: String should match pattern"),
    ],
)
def test_a_wrong_exception_is_told_before_the_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, digest: str, words: str | None
) -> None:
    (tmp_path / "two.yaml").write_text(EXCEPTION.format(table=table, digest=digest), encoding="utf-8")
    monkeypatch.setattr(built, "load_exceptions", lambda: load_exceptions(tmp_path))
    monkeypatch.setenv("TFC_HOME", str(tmp_path / "home"))
    if words is None:
        build_definitions()
        return
    with pytest.raises(ConfigurationError, match=words):
        build_definitions()


def test_a_wrong_register_is_told_before_the_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "register.yaml").write_text("tabels: []\n", encoding="utf-8")
    monkeypatch.setattr(built, "load_register", lambda: load_register(tmp_path / "register.yaml"))
    monkeypatch.setenv("TFC_HOME", str(tmp_path / "home"))
    with pytest.raises(ConfigurationError, match=r"register\.yaml: "):
        build_definitions()


PROBE = """
import sys
import tfc_platform.definitions
heavy = {"great_expectations", "openpyxl", "pyreadstat", "dbt.cli.main"} & set(sys.modules)
assert not heavy, heavy
print("light")
"""


def test_loading_the_module_reads_nothing_and_imports_no_heavy_library(tmp_path: Path) -> None:
    found = subprocess.run([sys.executable, "-c", PROBE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.stdout.strip() == "light", found.stderr
    assert list(tmp_path.iterdir()) == []
