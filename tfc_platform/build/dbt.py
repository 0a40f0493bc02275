"""Build the models and run their tests by one dbt command; read its artifacts as our own records.

Of an error only its kind is kept: a database's message can quote a cell. dbt's `run_results.json` holds such messages, so
it is read once and removed.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfc_platform.build.dbt_command import DbtProject, run_dbt
from tfc_platform.build.manifest import ProjectError, kept_parse
from tfc_platform.settings import Places

__all__ = ["BuildResult", "NodeResult", "build", "docs"]

# The only words of an error that leave this module.
_ERROR_KINDS = (
    "Compilation Error|Database Error|Runtime Error|Contract Error|Binder Error|Catalog Error|Constraint Error"
    "|Conversion Error|Invalid Input Error|IO Error|Not implemented Error|Out of Memory Error|Out of Range Error"
    "|Parser Error|Transaction Error|Internal Error"
)
_GOOD = frozenset({"success", "pass", "warn", "no-op"})


@dataclass(frozen=True)
class NodeResult:
    """The result of one node of the dbt graph.

    `status` is dbt's: success, pass, warn, fail, error, skipped. `failures` counts a test's failing rows (null where it is
    no test). `relation` is `schema.name` of the table that a model made or that a test judges. `error` is the kind of an
    error, such as `Database Error: Conversion Error`, never its text.
    """

    unique_id: str
    resource_type: str
    name: str
    status: str
    severity: str | None
    failures: int | None
    seconds: float
    relation: str
    error: str | None

    @property
    def good(self) -> bool:
        return self.status in _GOOD


@dataclass(frozen=True)
class BuildResult:
    """The outcome of one build. It succeeded only if dbt ran to its end and every node is good; warnings are good.

    `nodes` are those that dbt was asked for. `error` is set where dbt ended without results.
    """

    success: bool
    seconds: float
    nodes: tuple[NodeResult, ...]
    error: str | None

    @property
    def models(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if node.resource_type == "model")

    @property
    def tests(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if node.resource_type in ("test", "unit_test"))

    @property
    def failed(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if not node.good)


def build(
    places: Places,
    project_dir: Path,
    select: Sequence[str] | None = None,
    target: str = "duckdb",
    unit_tests: bool = False,
) -> BuildResult:
    """Build the models of `project_dir` over the lake's views in `places.warehouse_file`, and run their data tests.

    `select` are dbt selectors; without them everything is built. Unit tests judge the code and not tonight's data: they
    belong to a change of the project, and run here only where asked. A failing node raises nothing: see `BuildResult`.

    :raises ConfigurationError: when dbt is not installed.
    """
    arguments = ["build"]
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    if select:
        arguments += ["--select", *select]
    project = _project(places, project_dir, target)
    started = time.monotonic()
    with _run_results(project) as results_file:
        code = run_dbt(project, arguments).returncode
        nodes = _read_results(results_file, project.target_path / "manifest.json")
    return BuildResult(
        success=code == 0 and nodes is not None and all(node.good for node in nodes),
        seconds=time.monotonic() - started,
        nodes=nodes or (),
        error=f"dbt ended with code {code} before it could say what it built" if nodes is None else None,
    )


def docs(places: Places, project_dir: Path, target: str = "duckdb") -> Path:
    """Write dbt's documentation of a warehouse that was built, as one page without outside resources; returns its path.

    :raises ProjectError: when dbt cannot write it.
    """
    project = _project(places, project_dir, target)
    with _run_results(project):
        done = run_dbt(project, ["docs", "generate", "--static", "--no-compile"])
    if done.returncode != 0:
        raise ProjectError(f"dbt cannot write the documentation: it ended with code {done.returncode}.")
    return project.target_path / "static_index.html"


def _project(places: Places, project_dir: Path, target: str) -> DbtProject:
    artifacts = places.warehouse / "dbt"
    return DbtProject(project_dir, target, artifacts, places.warehouse_file, kept_parse(project_dir, target))


@contextmanager
def _run_results(project: DbtProject) -> Iterator[Path]:
    """Where dbt writes its results; the file is removed before, so that it is this run's, and after, since it can quote."""
    file = project.target_path / "run_results.json"
    file.unlink(missing_ok=True)
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)


def _read_results(results_file: Path, manifest_file: Path) -> tuple[NodeResult, ...] | None:
    """The results of dbt's artifacts; none where dbt ended without writing them."""
    try:
        results = json.loads(results_file.read_bytes())["results"]
        manifest = json.loads(manifest_file.read_bytes())
    except (OSError, ValueError, KeyError):
        return None
    nodes = manifest["nodes"] | manifest["unit_tests"]  # an exposure has a result too, and nothing to say
    tables = nodes | manifest["sources"]
    return tuple(
        _node_result(result, nodes[result["unique_id"]], tables) for result in results if result["unique_id"] in nodes
    )


def _node_result(result: Mapping[str, Any], node: Mapping[str, Any], tables: Mapping[str, Any]) -> NodeResult:
    resource_type, status = node["resource_type"], result["status"]
    parents = node["depends_on"]["nodes"]
    table = node if resource_type == "model" else tables[node.get("attached_node") or parents[0]]
    return NodeResult(
        unique_id=node["unique_id"],
        resource_type=resource_type,
        name=node["name"],
        status=status,
        severity=str(node["config"]["severity"]).lower() if resource_type == "test" else None,
        failures=result["failures"] if resource_type in ("test", "unit_test") else None,
        seconds=float(result["execution_time"]),
        relation=f"{table['schema']}.{table.get('alias') or table['name']}",
        error=_error_kind(result["message"]) if status in ("error", "runtime error") else None,
    )


def _error_kind(message: str | None) -> str:
    kinds = dict.fromkeys(re.findall(rf"^\s*({_ERROR_KINDS})\b", message or "", flags=re.MULTILINE))
    return ": ".join(kinds) or "Error"
