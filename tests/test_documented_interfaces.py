"""The package uses other packages by their documented interfaces only: no hook, no patch, no private name, nothing replaced.

The source is read and not run, so that a fault is found also in a line that no test reaches.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tfc_platform"
OWN = "tfc_platform"
# Interfaces that packages document as their own insides, though their names have no underscore.
INSIDES = ("dbt.adapters.factory", "dbt.contracts", "dbt.parser", "dbt.compilation", "dbt_common", "dagster_dbt.core")
HOOKS = (
    "importlib.abc",
    "importlib.machinery",
    "importlib.util.LazyLoader",
    "unittest.mock",
    "pytest",
    "gc",
    "forbiddenfruit",
)
CALLS = re.compile(r"^(os\._exit|sys\.(meta_path|path_hooks|settrace|setprofile)|gc\.\w+|atexit\._\w+)$")
STORAGE = re.compile(
    r"(EventLogStorage|RunStorage|ScheduleStorage|ConfigurableClass|SqlEventLog\w*|DagsterInstance|IOManager)$"
)
# Names of Python's own modules that begin with an underscore and are documented.
DOCUMENTED = {"__name__", "__file__", "__doc__", "__version__", "__class__", "__dict__", "__traceback__", "__module__"}

# Documented, with an underscore so that no field has the same name.
NAMED_TUPLE = {"_asdict", "_fields", "_make", "_replace"}


def faults(source: str) -> list[str]:
    """What a module's source reaches for beside documented interfaces, a sentence each with its line."""
    tree = ast.parse(source)
    others = dict(_imported_names(tree))
    found = []
    for node in ast.walk(tree):
        found += [f"line {node.lineno}: {fault}" for fault in _faults_of(node, others)]  # type: ignore[attr-defined]
    return found


def _imported_names(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each local name that an import of another package binds, and the full name behind it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] != OWN:
                    yield (
                        alias.asname or alias.name.split(".")[0],
                        alias.name if alias.asname else alias.name.split(".")[0],
                    )
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] not in (OWN, "__future__"):
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _faults_of(node: ast.AST, others: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (fault for alias in node.names for fault in _of_import(alias.name))
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield from (fault for alias in node.names for fault in _of_import(f"{node.module}.{alias.name}"))
    elif isinstance(node, ast.Attribute):
        name = _dotted(node)
        if name and name.split(".")[0] in others:
            full = ".".join([others[name.split(".")[0]], *name.split(".")[1:]])
            if CALLS.match(full):
                yield f"{full} reaches into the interpreter"
            elif _is_private(node.attr):
                yield f"{full} is a private name"
            elif isinstance(node.ctx, ast.Store | ast.Del):
                yield f"{full} is replaced"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("setattr", "delattr"):
        target = _dotted(node.args[0]) if node.args else None
        if target and target.split(".")[0] in others:
            yield f"{node.func.id} on {target} replaces a part of another package"
    elif isinstance(node, ast.ClassDef):
        for base in node.bases:
            name = _dotted(base) or ""
            if name.split(".")[0] in others and STORAGE.search(name):
                yield f"class {node.name} is a storage class of our own ({name})"


def _of_import(full: str) -> Iterator[str]:
    if any(_is_private(part) for part in full.split(".")) and not full.startswith(f"{OWN}."):
        yield f"{full} is a private name"
    if full.startswith(tuple(f"{name}." for name in (*HOOKS, *INSIDES))) or full in (*HOOKS, *INSIDES):
        yield f"{full} is an import hook, a patch or the inside of another package"


def _is_private(name: str) -> bool:
    return name.startswith("_") and name not in DOCUMENTED and not (name.startswith("__") and name.endswith("__"))


def _dotted(node: ast.AST) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def defined_names(sources: Iterable[str]) -> set[str]:
    """Every name that the package gives to a function, a class or an attribute."""
    names = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                names.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                names.add(node.attr)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
    return names


def private_attributes(source: str, own: set[str]) -> list[str]:
    """Private attributes of an object that no module of the package gives it: they are another package's."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            name = node.attr
        elif isinstance(node, ast.Call) and _dotted(node.func) == "getattr" and len(node.args) > 1:
            name = str(getattr(node.args[1], "value", ""))
        else:
            continue
        if _is_private(name) and name not in own | NAMED_TUPLE:
            found.append(f"line {node.lineno}: {name}")
    return found


def replaced_macros(text: str) -> list[str]:
    """Materialisations and dbt's own macros that a file of the dbt project defines anew."""
    return re.findall(
        r"{%-?\s*(materialization\s+\w+|macro\s+(?:\w+__)?(?:create_table_as|create_view_as|run_hooks)\b)", text
    )


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_uses_documented_interfaces(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_no_object_of_another_package_is_asked_for_a_private_attribute() -> None:
    sources = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    own = defined_names(sources.values())
    assert {name: found for name, source in sources.items() if (found := private_attributes(source, own))} == {}


def test_a_private_attribute_of_an_object_is_found() -> None:
    source = "def ask(own, book):\n    own._mine = 1\n    return own._mine, book._cells, getattr(book, '_fills')"
    assert sorted(private_attributes(source, defined_names([source]))) == ["line 3: _cells", "line 3: _fills"]


@pytest.mark.parametrize("path", sorted((ROOT / "dbt_project").rglob("*.sql")), ids=lambda path: path.name)
def test_dbt_materialises_in_its_own_way(path: Path) -> None:
    assert replaced_macros(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "import sys\nsys.meta_path.insert(0, None)",
        "from importlib.abc import MetaPathFinder",
        "from importlib.util import LazyLoader",
        "from unittest import mock",
        "import os\nos._exit(0)",
        "import gc",
        "from dagster._core.storage.event_log import SqliteEventLogStorage",
        "import great_expectations as gx\ngx.core._kw_registry",
        "import dagster as dg\ndg.AssetKey.to_string = None",
        "import dagster as dg\nsetattr(dg.AssetKey, 'path', None)",
        "from dbt.adapters.factory import FACTORY",
        "import dagster as dg\nclass Mine(dg.IOManager): ...",
        "def late():\n    import atexit\n    atexit._run_exitfuncs()",
    ],
)
def test_a_trick_is_found(source: str) -> None:
    assert faults(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "import dagster as dg\nspec = dg.AssetSpec('a')\nspec._own = 1",
        "import sys\nsys.exit(0)",
        "from tfc_platform.gate import _private",
        "class Own:\n    _mine = 1\n    def ask(self):\n        return self._mine",
        "from importlib.metadata import version",
        "import dagster as dg\nclass Mine(dg.ConfigurableResource): ...",
    ],
)
def test_ordinary_code_passes(source: str) -> None:
    assert faults(source) == []


def test_a_replaced_materialisation_is_found() -> None:
    assert replaced_macros("{%- materialization table, adapter='duckdb' -%}") == ["materialization table"]
    assert replaced_macros("{% macro duckdb__create_table_as(a) %}") == ["macro duckdb__create_table_as"]
    assert replaced_macros("{% macro share(a, b) %}") == []
