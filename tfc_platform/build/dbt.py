"""One dbt invocation in this process, and its outcome as our own records.

Belongs here: dbt's flags, its threads and connections, and the translation of its results. Does not belong: parsing
(manifest.py), the lake's views (lake_views.py), what was built as a catalogue (catalogue.py).

dbt's messages are never passed on: a database's error can quote a cell. What is kept of an error is its kind.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

from tfc_platform.build import manifest as manifests
from tfc_platform.settings import Places

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

__all__ = ["BuildResult", "NodeResult", "build", "docs"]

# dbt keeps its flags, its adapter and its connections for the whole process.
_ONE_AT_A_TIME = threading.Lock()

# The only words of an error that leave this module.
_ERROR_KINDS = (
    "Compilation Error|Database Error|Runtime Error|Contract Error|Binder Error|Catalog Error|Constraint Error"
    "|Conversion Error|Invalid Input Error|IO Error|Not implemented Error|Out of Memory Error|Out of Range Error"
    "|Parser Error|Transaction Error|Internal Error"
)
_GOOD = frozenset({"success", "pass", "warn", "no-op"})


@dataclass(frozen=True)
class NodeResult:
    """What became of one node of the dbt graph.

    `status` is dbt's: success, pass, warn, fail, error, skipped. `failures` counts a test's failing rows (null where it is
    no test). `relation` is `schema.name` of what a model made. `judges` are the unique ids that a test looks at.
    `error` is the kind of an error, such as `Database Error: Conversion Error`, never its text.
    """

    unique_id: str
    resource_type: str
    name: str
    status: str
    severity: str | None
    failures: int | None
    seconds: float
    relation: str | None
    judges: tuple[str, ...]
    description: str
    error: str | None

    @property
    def good(self) -> bool:
        return self.status in _GOOD


@dataclass(frozen=True)
class BuildResult:
    """The outcome of one build. It succeeded only if dbt ran to its end and every node is good; warnings are good.

    `kept` are the unique ids of the nodes that were not done again: what is said of them was said by an earlier build.
    """

    success: bool
    seconds: float
    nodes: tuple[NodeResult, ...]
    error: str | None
    kept: frozenset[str] = frozenset()

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
    without_views: bool = False,
) -> BuildResult:
    """Build the models of `project_dir` over the lake's views in `places.warehouse_file`, and run their data tests.

    `select` are dbt selectors; without them everything is built. `without_views` leaves standing views alone, and runs
    the tests that the selectors name and no others. Unit tests judge the code and not tonight's data: they
    belong to a change of the project, and run here only where asked. The warehouse's connections are closed on return.

    :raises ProjectError: when the project cannot be parsed. A failing node raises nothing: see `BuildResult`.
    """
    arguments = ["build", *_paths(places, project_dir, target), "--no-write-json"]
    if not unit_tests:
        arguments += ["--exclude-resource-type", "unit_test"]
    if select:
        arguments += ["--select", *select]
    if without_views:
        arguments += ["--exclude", "config.materialized:view", "--indirect-selection", "empty"]
    return _invoke(places, manifests.load(project_dir, target), arguments)


def docs(places: Places, project_dir: Path, target: str = "duckdb") -> Path:
    """Write dbt's documentation of a warehouse that was built, as one page without outside resources; returns its path.

    :raises ProjectError: when dbt cannot write it.
    """
    arguments = ["docs", "generate", "--static", "--no-compile", *_paths(places, project_dir, target)]
    manifest = manifests.load(project_dir, target)
    _target_path(places).mkdir(parents=True, exist_ok=True)
    manifests.let_it_be_written()
    manifest.write(str(_target_path(places) / "manifest.json"))  # which dbt reads back for its page
    outcome = _invoke(places, manifest, arguments)
    if not outcome.success:
        raise manifests.ProjectError(f"dbt cannot write the documentation: {outcome.error or 'no reason given'}.")
    return _target_path(places) / "static_index.html"


def _target_path(places: Places) -> Path:
    return places.warehouse / "dbt"


def _paths(places: Places, project_dir: Path, target: str) -> list[str]:
    folder = str(_target_path(places))
    # Logging is off, not low: dbt's log quotes the database's errors, and those can quote a cell.
    return [
        *("--project-dir", str(project_dir), "--profiles-dir", str(project_dir), "--target", target),
        *("--target-path", folder, "--log-path", folder, "--log-level", "none", "--log-level-file", "none"),
        *("--no-print", "--no-use-colors", "--no-version-check", "--no-send-anonymous-usage-stats"),
    ]


def _invoke(places: Places, manifest: Manifest, arguments: list[str]) -> BuildResult:
    from dbt.cli.main import dbtRunner

    started = time.monotonic()
    with _ONE_AT_A_TIME, manifests.warehouse_variable(places.warehouse_file), _without_detours():
        try:
            outcome = dbtRunner(manifest=manifest).invoke(arguments)
        finally:
            _close_connections()
    results = getattr(outcome.result, "results", None) or ()
    nodes = tuple(_node_result(result) for result in results if hasattr(result, "node"))
    return BuildResult(
        success=bool(outcome.success) and all(node.good for node in nodes),
        seconds=time.monotonic() - started,
        nodes=nodes,
        error=type(outcome.exception).__name__ if outcome.exception else None,
    )


@contextmanager
def _without_detours() -> Iterator[None]:
    """Let dbt leave out what takes longer than building a few models, and what nobody sees or needs here.

    It validates the project's and the profile's files against JSON schemas that it works out of its own classes: the kept
    manifest was parsed from these very bytes. It looks through the sources of all modules for the name of one that it
    would log, and sums up its graph for a file that helps its own makers.
    """
    from dbt.compilation import Linker
    from dbt_common.behavior_flags import BehaviorFlagRendered
    from dbt_common.dataclass_schema import dbtClassMixin

    with (
        mock.patch.object(dbtClassMixin, "validate", classmethod(lambda cls, data: None)),
        mock.patch.object(BehaviorFlagRendered, "_default_source", staticmethod(lambda: "")),
        mock.patch.object(Linker, "get_graph_summary", return_value={}),
    ):
        yield


def _close_connections() -> None:
    """Let go of the warehouse: an open connection keeps every reader out, in this process too."""
    from dbt.adapters.factory import FACTORY

    for adapter in list(FACTORY.adapters.values()):
        adapter.cleanup_connections()
        close_all = getattr(type(adapter).ConnectionManager, "close_all_connections", None)
        if close_all is not None:  # DuckDB keeps one environment for the process beside dbt's own connections
            close_all()


def _node_result(result: Any) -> NodeResult:
    node = result.node
    resource_type = str(node.resource_type)
    is_test = resource_type in ("test", "unit_test")
    status = str(result.status)
    return NodeResult(
        unique_id=node.unique_id,
        resource_type=resource_type,
        name=node.name,
        status=status,
        severity=str(node.config.severity).lower() if resource_type == "test" else None,
        failures=result.failures if is_test else None,
        seconds=float(result.execution_time),
        relation=f"{node.schema}.{node.alias}" if resource_type == "model" else None,
        judges=tuple(node.depends_on.nodes) if is_test else (),
        description=node.description or "",
        error=_error_kind(result.message) if status in ("error", "runtime error") else None,
    )


def _error_kind(message: str | None) -> str:
    kinds = dict.fromkeys(re.findall(rf"^\s*({_ERROR_KINDS})\b", message or "", flags=re.MULTILINE))
    return ": ".join(kinds) or "Error"
