"""The record of the build that the warehouse holds: the next night builds only what reads a changed table of the lake.

The record exists only while the warehouse holds a finished build: it is deleted before the warehouse is touched and
written last. It names the database's own digest, so that a warehouse that anything else has written to is built whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from tfc_platform.atomic_io import sha256_file, sha256_text, write_json
from tfc_platform.settings import Places

__all__ = [
    "LastBuild",
    "delete",
    "delete_warehouse",
    "input_digests",
    "read",
    "selectors",
    "warehouse_digest",
    "write",
    "write_back",
]

# Checks write their results after the build: the view over them is no input of it.
_NO_INPUT = frozenset({"check_result"})


@dataclass(frozen=True)
class LastBuild:
    """A finished build.

    `rules` is the digest of all that it was built and judged by, `inputs` has a digest of the files behind each view of
    the lake, `warehouse` is the SHA-256 of the database file, and `success` says whether every node of dbt was good.
    """

    build_id: str
    rules: str
    inputs: Mapping[str, str]
    warehouse: str
    success: bool

    def changed(self, inputs: Mapping[str, str]) -> frozenset[str]:
        """The lake's tables that have other files behind them now."""
        return frozenset(name for name in {*inputs, *self.inputs} if inputs.get(name) != self.inputs.get(name))

    def can_be_built_upon(self, places: Places, rules: str) -> bool:
        """Whether the warehouse is what this build left, and this build is what `rules` would have made."""
        return self.success and self.rules == rules and self.is_in(places)

    def is_in(self, places: Places) -> bool:
        """Whether the database is byte for byte what this build left."""
        return self.warehouse == warehouse_digest(places)


def selectors(changed: Iterable[str]) -> list[str]:
    """dbt's selectors for what reads the lake's tables `changed`, and for every data test.

    All tests run, so that the evidence is whole and about the rows of this night (docs/decisions/0022).
    """
    return [*(f"source:lake.{name}+" for name in sorted(changed)), "test_type:data"]


def warehouse_digest(places: Places) -> str:
    """The SHA-256 of the database file; empty where there is none, or where it has changes that are not written back."""
    file = places.warehouse_file
    if not file.is_file() or _unwritten(places).exists():
        return ""
    return sha256_file(file)


def write_back(places: Places) -> None:
    """Put the changes that DuckDB could not write back when it closed the database into its file.

    :raises duckdb.Error: where the disk still refuses them.
    """
    if _unwritten(places).exists():
        with duckdb.connect(str(places.warehouse_file)) as con:
            con.execute("force checkpoint")


def _unwritten(places: Places) -> Path:
    return places.warehouse_file.with_name(f"{places.warehouse_file.name}.wal")


def input_digests(files: Mapping[str, list[Path]], places: Places) -> dict[str, str]:
    """A digest of the files behind each view of the lake.

    A file of the lake is known by its name, which its content gave it; any other by its bytes.
    """
    return {
        table: sha256_text("\n".join(_name(path, places) for path in paths))
        for table, paths in files.items()
        if table not in _NO_INPUT
    }


def _name(path: Path, places: Places) -> str:
    if path.is_relative_to(places.lake):
        return path.relative_to(places.lake).as_posix()
    return sha256_file(path)


def _record(places: Places) -> Path:
    return places.warehouse / "build.json"


def delete_warehouse(places: Places) -> None:
    """Remove the database file, so that the build begins with an empty one."""
    for file in (places.warehouse_file, _unwritten(places)):
        file.unlink(missing_ok=True)


def delete(places: Places) -> None:
    """Say that the warehouse holds no finished build, before anything is done to it."""
    _record(places).unlink(missing_ok=True)


def write(places: Places, build: LastBuild) -> None:
    """Say that the warehouse holds this finished build: the last step of building and judging it."""
    write_json(_record(places), asdict(build))


def read(places: Places) -> LastBuild | None:
    """The finished build that the warehouse holds; none where there is none, or its record cannot be read."""
    try:
        return LastBuild(**json.loads(_record(places).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None  # also a record of an earlier version of this code: then everything is built
