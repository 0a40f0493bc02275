"""The rooms of the package have an order, and every arrow between them runs from a later room to an earlier one.

An arrow is an import, also one inside a function or under `TYPE_CHECKING`: read from the source, so that nothing is loaded.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "tfc_platform"

# The lowest first. Rooms on one line know nothing of each other. A module at the package's root is a room of its own.
ORDER = (
    ("__init__", "settings"),
    (
        "atomic_io",
        "disk_errors",
        "file_lock",
        "printable",
        "time_limit",
        "parquet",
        "schemas",
        "sql_text",
        "strict_yaml",
    ),
    ("versions", "home_inventory"),
    ("sealed_files", "night_lock"),
    ("contracts",),
    ("sheets", "demo"),
    ("privacy",),
    ("ingest",),
    ("profiling", "admission"),
    ("build",),
    ("check",),
    ("gate",),
    ("research", "publication"),
    ("disclosure",),
    ("pages",),
    ("release",),
    ("report",),
    ("night_record", "night_refusals"),
    ("pipeline",),
    ("feedback", "erasure"),
    ("recovery",),
    ("orchestration",),
    ("definitions", "cli"),
)
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}


def rooms_of(package: Path) -> set[str]:
    return {path.stem for path in package.iterdir() if path.suffix == ".py" or any(path.rglob("*.py"))}


def arrows(package: Path) -> Iterator[tuple[str, str, str]]:
    """File, its room, and the room that it imports from."""
    rooms = rooms_of(package)
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        room = inside.parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for module in _imported(node, package.name, inside):
                other = module.split(".")[1] if "." in module else "__init__"
                other = other if other in rooms else "__init__"  # a thing of the package itself
                if other != room:
                    yield inside.as_posix(), room, other


def _imported(node: ast.AST, package: str, inside: Path) -> Iterator[str]:
    """Modules of the package, by their full names."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            base = ".".join((package, *inside.parts[: len(inside.parts) - node.level], *([base] if base else [])))
        names = [f"{base}.{alias.name}" for alias in node.names] if base == package else [base]
    elif isinstance(node, ast.Call) and _is_loader(node.func) and node.args:
        text = node.args[0]
        names = [text.value] if isinstance(text, ast.Constant) and isinstance(text.value, str) else []
    else:
        names = []
    yield from (name for name in names if name.split(".")[0] == package)


def _is_loader(function: ast.expr) -> bool:
    return getattr(function, "attr", getattr(function, "id", "")) in ("import_module", "__import__")


def faults(package: Path, level: dict[str, int]) -> list[str]:
    """A sentence for each room without a place, and for each arrow that runs back or sideways."""
    unknown = [f"{room} has no place in the order." for room in sorted(rooms_of(package) - set(level))]
    wrong = {
        f"{file}: {room} must not import {other}."
        for file, room, other in arrows(package)
        if room in level and other in level and level[other] >= level[room]
    }
    return [*unknown, *sorted(wrong)]


def test_no_arrow_between_rooms_runs_back() -> None:
    assert faults(PACKAGE, LEVEL) == []


def test_every_room_of_the_order_is_there() -> None:
    assert set(LEVEL) <= rooms_of(PACKAGE)


def test_an_arrow_that_runs_back_is_found(tmp_path: Path) -> None:
    """In a tree with one of each: at the top, in a function, for types only, by name, relative, and a room without a place."""
    package = tmp_path / "house"
    files = {
        "low/a.py": "import house.high.b\n",
        "low/c.py": "def f():\n    from house.high import b\n    return b\n",
        "low/d.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.high.b import X\n",
        "low/e.py": "import importlib\nimportlib.import_module('house.high.b')\n",
        "low/f.py": "from ..high import b\n",
        "low/g.py": "from house import high\n",
        "low/h.py": "import os\nfrom house.low import a\nfrom . import c\n",
        "high/b.py": "from house.low import a\n",
        "beside/i.py": "from house.high import b\n",
        "stray.py": "",
    }
    for name, text in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text)
    level = {"low": 0, "high": 1, "beside": 1}
    assert faults(package, level) == [
        "stray has no place in the order.",
        "beside/i.py: beside must not import high.",
        *(f"low/{name}.py: low must not import high." for name in "acdefg"),
    ]
