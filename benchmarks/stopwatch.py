"""Where the processor time of a command goes: runs `tfc …` in this process with a stopwatch at the doors of its parts.

Belongs here: the stopwatch, and which functions are doors. Does not belong: any measure inside the platform, which knows nothing
of this. Run as `python -m benchmarks.stopwatch OUT.json nightly`; what it costs itself is some hundredths of a second.

Each part's time is its own: what a door within it opens is taken off. Time of other threads (dbt, DuckDB) counts where the main
thread waits for them.
"""

from __future__ import annotations

import atexit
import builtins
import functools
import importlib
import inspect
import json
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

# Part of the night: the functions through which it is entered, as module:function or module:Class.method.
DOORS: dict[str, tuple[str, ...]] = {
    "Dagster: load the definitions": (
        "tfc_platform.orchestration.definitions:build_definitions",
        "dagster:Definitions.resolve_job_def",
        "tfc_platform.build.manifest:as_json",
    ),
    "Dagster: plan and run the steps": ("dagster:JobDefinition.execute_in_process",),
    "Dagster: event log": (
        "tfc_platform.orchestration.event_log:OpenEventLog.store_event",
        "tfc_platform.orchestration.event_log:OpenEventLog.store_event_batch",
        "dagster:DagsterInstance.get",
        "dagster:DagsterInstance.get_asset_records",
    ),
    "contracts, suites and rules: load": (
        "tfc_platform.contracts.catalogue:load_catalogue",
        "tfc_platform.check.suites:load_suites",
        "tfc_platform.pipeline:Rules.load",
    ),
    "take in: look, receipts": (
        "tfc_platform.ingest.ingest_sender:take_in",
        "tfc_platform.ingest.ingest_sender:take_in_unassigned",
    ),
    "take in: read and type": ("tfc_platform.ingest.read_file:read_file",),
    "take in: screen": ("tfc_platform.ingest.safeguarding_screen:Rules.screen",),
    "take in: write the lake": ("tfc_platform.ingest.ingest_sender:_keep",),
    "admit": (
        "tfc_platform.pipeline:current_night",
        "tfc_platform.admission.admit:admit",
        "tfc_platform.pipeline:is_done",
    ),
    "admit: write tables": ("tfc_platform.admission.admit:write_tables",),
    "lake views": ("tfc_platform.build.lake_views:make_views",),
    "dbt: build": ("tfc_platform.build.dbt:build",),
    "check: suites": ("tfc_platform.check.gx_runner:run_suites",),
    "check: reconciliation, digests": (
        "tfc_platform.check.reconcile:reconcile",
        "tfc_platform.pipeline:_judge",
        "tfc_platform.check.from_dbt:evidence_from_dbt",
        "tfc_platform.check.expected_rows:admitted_rows",
        "tfc_platform.check.digest:TableStates.digest",
        "tfc_platform.gate:judge",
    ),
    "publish: research": ("tfc_platform.research:publish_research",),
    "publish: release": ("tfc_platform.release.publish:publish_release",),
    "publish: workbook": ("tfc_platform.release.workbook:write_workbook",),
    "tell: receipts": ("tfc_platform.feedback.receipts:write_receipts",),
}
# Imports are parts of their own, by the first of these whose name a module's begins with.
IMPORTED = (
    "great_expectations",
    "dagster_dbt",
    "dbt",
    "dagster",
    "pandas",
    "pyarrow",
    "duckdb",
    "openpyxl",
    "pydantic",
)


class Stopwatch:
    """Processor time by part. Nested parts are taken off the part around them."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)
        self.entered: dict[str, int] = defaultdict(int)
        self._open = ["the rest"]
        self._since = time.process_time()
        self._main = threading.get_ident()

    def enter(self, part: str) -> None:
        self._turn()
        self.entered[part] += 1
        self._open.append(part)

    def leave(self) -> None:
        self._turn()
        self._open.pop()

    def _turn(self) -> None:
        now = time.process_time()
        self.spent[self._open[-1]] += now - self._since
        self._since = now

    def door(self, part: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(inner)
        def timed(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != self._main:
                return inner(*args, **kwargs)
            self.enter(part)
            try:
                return inner(*args, **kwargs)
            finally:
                self.leave()

        return timed


def _owner(place: str) -> tuple[Any, str]:
    module, _, path = place.partition(":")
    owner: Any = sys.modules[module]
    *classes, name = path.split(".")
    for part in classes:
        owner = getattr(owner, part)
    return owner, name


def _ours() -> Iterator[ModuleType]:
    return (module for name, module in list(sys.modules.items()) if name.startswith("tfc_platform") and module)


def _is_loaded(place: str) -> bool:
    module = sys.modules.get(place.partition(":")[0])
    return module is not None and not getattr(module.__spec__, "_initializing", False)


class Doors:
    """The doors that have yet to be put: each when its module is loaded, which may be late in the night."""

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch
        self._to_do = {place: part for part, places in DOORS.items() for place in places}

    def put(self) -> None:
        """Put each function whose module is loaded behind the stopwatch, wherever a module of the platform has it.

        :raises AttributeError: where a door is no longer there: then the table of doors is to be mended.
        """
        for place in [place for place in self._to_do if _is_loaded(place)]:
            part = self._to_do.pop(place)
            owner, name = _owner(place)
            found = inspect.getattr_static(owner, name)
            is_bound = isinstance(found, classmethod | staticmethod)
            timed: Any = self._watch.door(part, found.__func__ if is_bound else found)
            if is_bound:
                timed = type(found)(timed)
            setattr(owner, name, timed)
            for module in _ours():
                for alias, value in list(vars(module).items()):
                    if value is found:
                        setattr(module, alias, timed)


def watch_imports(watch: Stopwatch, doors: Doors) -> None:
    """Count the outermost import of each package of IMPORTED, and all others together."""
    plain, plainly = builtins.__import__, importlib.import_module
    current: list[str] = []

    def part_of(name: str) -> str:
        known = next((package for package in IMPORTED if name == package or name.startswith(package + ".")), None)
        return f"import {known}" if known else "import the rest"

    def timed(inner: Callable[..., Any], name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        part = part_of(name)
        inside = current[-1] if current else None
        # A package's own imports, and what it needs, are its cost; another package of the list is not.
        is_new = name not in sys.modules and (inside is None or part not in ("import the rest", inside))
        if not is_new or threading.get_ident() != watch._main:
            return inner(name, *args, **kwargs)
        watch.enter(part)
        current.append(part)
        try:
            return inner(name, *args, **kwargs)
        finally:
            current.pop()
            watch.leave()
            if not current:
                doors.put()

    def timed_import(name: str, *args: Any, **kwargs: Any) -> Any:
        level = args[3] if len(args) > 3 else kwargs.get("level", 0)
        return plain(name, *args, **kwargs) if level else timed(plain, name, args, kwargs)

    def timed_import_module(name: str, package: str | None = None) -> Any:
        return timed(plainly, name, (package,), {})

    builtins.__import__ = timed_import
    importlib.import_module = timed_import_module


def main(out: Path, arguments: list[str]) -> None:
    """Run `tfc` with these arguments and leave the parts' times in `out`, as JSON.

    `until_exit` is all processor time until the interpreter starts to end: what the process used beyond it is its ending.
    """
    watch = Stopwatch()
    watch.spent["interpreter: start"] = time.process_time()

    def report() -> None:
        watch._turn()
        found = {"parts": watch.spent, "entered": watch.entered, "until_exit": time.process_time()}
        out.write_text(json.dumps(found, indent=1))

    atexit.register(report)
    sys.argv = ["tfc", *arguments]
    watch_imports(watch, Doors(watch))
    from tfc_platform.cli import main as tfc

    tfc()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
