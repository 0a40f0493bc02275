"""Exceptions (R12): named cells for which a person lifts one of the rules' lesser limits, for a time and with a reason.

An exception lifts the least number of clusters of a survey estimate, or of sessions and heads of a count: never the least number
of people, and never the audit. It is bound to what was looked at when it was given, a snapshot's content: another content
voids it, as an edit voids a story's approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field

from tfc_platform.disclosure.snapshot_set import CellKey
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.publication_register import PersonTable
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["Exempt", "PublicationException", "exempt", "load_exceptions"]

FOLDER = EXPECTATIONS / "exceptions"


class PublicationException(StrictModel):
    """Who lets which cells of which table be published, why, from when, for whom and until when."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    table: str
    cells: tuple[dict[str, str], ...] = Field(min_length=1)
    snapshot: str  # its id and version, as `tfc releases snapshots` shows them
    snapshot_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    who: str = Field(min_length=1)
    why: str = Field(min_length=1)
    approved_on: date
    audience: Literal["learning_loop"]
    expires_on: date


@dataclass(frozen=True)
class Exempt:
    """The cells that exceptions of tonight name, what the release says of these, and sentences about those that are void."""

    cells: frozenset[CellKey] = frozenset()
    named: tuple[Mapping[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def load_exceptions(folder: Path = FOLDER) -> tuple[PublicationException, ...]:
    """:raises ConfigurationError: naming the file and the key that is wrong, or the id that stands twice."""
    found: dict[str, PublicationException] = {}
    for path in sorted(folder.glob("*.yaml")):
        item = read_model(path, PublicationException)
        if item.id in found:
            raise ConfigurationError(f"{path.name}: id: {item.id!r} stands twice.")
        found[item.id] = item
    return tuple(found.values())


def exempt(
    exceptions: Iterable[PublicationException],
    register: Iterable[PersonTable],
    snapshots: Iterable[Snapshot],
    as_of: date,
) -> Exempt:
    """What of the exceptions holds tonight.

    :raises ConfigurationError: naming the exception whose table or keys are not in the register.
    """
    tables = {spec.table: spec for spec in register}
    contents = {snapshot.label: snapshot.content for snapshot in snapshots}
    cells: set[CellKey] = set()
    named, notes = [], []
    for item in exceptions:
        spec = tables.get(item.table)
        if spec is None or any(set(cell) != set(spec.keys) for cell in item.cells):
            raise ConfigurationError(
                f"exceptions: {item.id}: table and cells are to name a table of the register and all of its keys."
            )
        if not item.approved_on <= as_of <= item.expires_on:
            notes.append(f"Exception {item.id} does not hold on {as_of}: it holds to {item.expires_on}.")
        elif contents.get(item.snapshot) != item.snapshot_sha256:
            notes.append(f"Exception {item.id} is void: {item.snapshot} is not what it was given for.")
        else:
            cells |= {(item.table, tuple(cell[key] for key in spec.keys)) for cell in item.cells}
            named.append(
                {
                    "id": item.id,
                    "table": item.table,
                    "who": item.who,
                    "why": item.why,
                    "audience": item.audience,
                    "expires_on": item.expires_on.isoformat(),
                }
            )
    return Exempt(frozenset(cells), tuple(named), tuple(notes))
