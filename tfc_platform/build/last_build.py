"""The build that stands in the warehouse: what it was made from and what came of it, so that the next can build upon it.

Belongs here: that record, and marking the warehouse as unfinished. Does not belong: what is built again (`affected`,
`tonight`), or the record of a build that publishing reads (`tonight`).

A record is there only while the warehouse holds a finished build. It is taken away before the warehouse is touched and
written after all else, so that a build that was killed or failed is never built upon.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from tfc_platform.atomic_io import sha256_file, sha256_text, write_json
from tfc_platform.build.dbt import BuildResult, NodeResult
from tfc_platform.settings import Places

__all__ = ["Standing", "inputs_of", "read", "unfinished", "write"]

# What checks leave behind is no input: the view over it is filled once they have run.
_NO_INPUT = frozenset({"check_result"})


@dataclass(frozen=True)
class Standing:
    """A finished build. `rules` is the digest of all that it was built and judged by, `as_of` the date of its night.

    `inputs` has a digest of the files behind each of the lake's views, `tables` one of the rows of each relation that was
    judged or built, `nodes` what dbt said of each node; `evidence` is the SHA-256 of the file of evidence.
    """

    build_id: str
    rules: str
    as_of: date
    inputs: Mapping[str, str]
    tables: Mapping[str, str]
    nodes: tuple[NodeResult, ...]
    evidence: str

    def changed(self, inputs: Mapping[str, str]) -> frozenset[str]:
        """The lake's tables behind which other files stand now."""
        return frozenset(name for name in {*inputs, *self.inputs} if inputs.get(name) != self.inputs.get(name))

    def with_fresh(self, fresh: BuildResult | None = None) -> BuildResult:
        """The whole build's result: of each node what `fresh` says, and of the others what was said before."""
        done = fresh or BuildResult(True, 0.0, (), None)
        by_id = {node.unique_id: node for node in done.nodes}
        kept = frozenset(node.unique_id for node in self.nodes) - frozenset(by_id)
        nodes = (*(by_id.pop(node.unique_id, node) for node in self.nodes), *by_id.values())
        return replace(done, success=done.success and all(node.good for node in nodes), nodes=nodes, kept=kept)


def _record(places: Places) -> Path:
    return places.warehouse / "build.json"


def inputs_of(files: Mapping[str, list[Path]], places: Places) -> dict[str, str]:
    """A digest of the files behind each of the lake's views.

    A file of the lake is known by its name, which its content gave it and which keeps it; any other by its bytes.
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


def unfinished(places: Places) -> None:
    """Say that the warehouse holds no finished build, before anything is done to it."""
    _record(places).unlink(missing_ok=True)


def write(places: Places, standing: Standing) -> None:
    """Say that the warehouse holds this finished build: the last step of building and judging it."""
    write_json(_record(places), asdict(standing))


def read(places: Places) -> Standing | None:
    """The finished build that stands in the warehouse; none where there is none, or its record cannot be read."""
    try:
        values = json.loads(_record(places).read_bytes())
        nodes = tuple(NodeResult(**node) for node in values["nodes"])
        return Standing(**{**values, "as_of": date.fromisoformat(values["as_of"]), "nodes": nodes})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # also a record of an earlier version of this code: then everything is built
