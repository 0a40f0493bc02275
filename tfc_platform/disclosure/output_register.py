"""The register of analysts' outputs that left: what each told, so that a later one is audited beside it.

An entry holds sums by the codes of a snapshot, as the marts have them, and the query's digest: no row, no text of the query. It
is kept by what it says of which version of a snapshot, and so holds for later versions of research as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.disclosure.attacker_view import AuditCells, Counted, Surveyed, version_codes
from tfc_platform.disclosure.audit import PublishedCell

__all__ = ["OutputCell", "OutputRegister", "Population"]

Population = Counted | Surveyed
Key = tuple[object, ...]


@dataclass(frozen=True)
class OutputCell:
    """One exact count: of the people of a snapshot's version whose values are in one of `boxes`, by `variables`.

    `period`: the audit's variable that has the snapshot's versions, and its name for the snapshot, which a survey has not;
    `answers`: of a survey, the variable and those that it counts, or none where it counts all.
    """

    universe: str
    population: Population
    snapshot: str
    version: int
    period: tuple[str, str]
    variables: tuple[str, ...]
    boxes: tuple[tuple[Any, ...], ...]
    answers: tuple[str, ...]
    count: int

    def add_to(
        self,
        cells: AuditCells,
        versions: Mapping[str, Sequence[int]],
        code_of: Callable[[str, str, Any], str],
        table: str,
        key: Key,
    ) -> None:
        """Put the count among what is known; `code_of` gives the code of a universe's variable for a value of a mart."""
        variable, name = self.period
        known = versions.get(self.snapshot, [self.version])
        within: dict[str, frozenset[str]] = {}
        if name or len(known) > 1:  # a survey of one version has no variable of versions
            within[variable] = version_codes(name, self.version, known)
        if self.answers:
            within[self.answers[0]] = frozenset(self.answers[1:])
        coded = {
            tuple(code_of(self.universe, one, value) for one, value in zip(self.variables, box, strict=True))
            for box in self.boxes
        }
        first, *also = [
            {**within, **{one: frozenset([code]) for one, code in zip(self.variables, box, strict=True)}}
            for box in sorted(coded)
        ]
        cells.add(PublishedCell(table, self.universe, first, self.count, self.count, key, tuple(also)), self.population)


@dataclass(frozen=True)
class OutputRegister:
    """The folder `snapshots/outputs`, a file an output."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "outputs"

    @property
    def lock(self) -> Path:
        """Held while an output is judged and kept: two at once would be audited without each other."""
        return self.root / "outputs.lock"

    def cells(self) -> list[OutputCell]:
        """What all outputs told, oldest first, each once."""
        found: dict[OutputCell, None] = {}
        for path in sorted(self.folder.glob("*.json")):
            found.update(dict.fromkeys(map(_cell, json.loads(path.read_text(encoding="utf-8"))["cells"])))
        return list(found)

    def keep(self, sql: str, by: str, on: date, research: str, cells: Iterable[OutputCell]) -> Path:
        """Write down an output that leaves. The same one again on the same day is the same file."""
        told = {"query_sha256": sha256_text(sql), "research": research, "cells": [asdict(cell) for cell in cells]}
        path = self.folder / f"{on.isoformat()}-{sha256_text(canonical_json(told))[:16]}.json"
        write_json(path, {**told, "by": by, "on": on.isoformat()})
        return path


def _cell(kept: Mapping[str, Any]) -> OutputCell:
    who = dict(kept["population"])
    population: Population
    if "mart" in who:
        population = Counted(**{**who, "only": tuple(map(tuple, who["only"]))})
    else:
        population = Surveyed(**{**who, "bands": tuple(map(tuple, who["bands"]))})
    tuples = {name: tuple(kept[name]) for name in ("period", "variables", "answers")}
    return OutputCell(**{**kept, **tuples, "population": population, "boxes": tuple(map(tuple, kept["boxes"]))})
