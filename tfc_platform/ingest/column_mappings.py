"""What people have said of columns whose names were guessed: confirmed ones are read in silence, refused ones are missing.

`TFC_HOME/mappings/<site>/<source>.json` is written by people alone, through the command: a night only reads it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.contracts.names import normal
from tfc_platform.ingest.header_matching import Decisions
from tfc_platform.settings import ConfigurationError, Places

__all__ = ["Decided", "Listed", "Mappings", "id_of", "list_mappings", "remember"]


@dataclass(frozen=True)
class Decided:
    """What was said of one guess: a column `found` in a file that may be the contract's `asked`."""

    asked: str
    found: str
    state: Literal["confirmed", "refused"]
    on: str  # the date, ISO


@dataclass(frozen=True)
class Listed:
    """A guess as people see it."""

    id: str
    site: str
    source: str
    asked: str
    found: str
    state: str  # guessed · confirmed · refused
    files: int  # contents that have the column
    on: str | None


def id_of(site: str, source: str, asked: str, found: str) -> str:
    """Names a guess: however the two names are written, as long as they mean the same."""
    return sha256_text(canonical_json([site, source, normal(asked), normal(found)]))[:8]


def _file(places: Places, site: str, source: str) -> Path:
    return places.mappings / site / f"{source}.json"


def _read(path: Path) -> list[Decided]:
    try:
        return [Decided(**item) for item in json.loads(path.read_bytes())]
    except (ValueError, TypeError):
        where = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
        raise ConfigurationError(f"TFC_HOME: {where} is damaged: put the kept copy back.") from None


@dataclass(frozen=True)
class Mappings:
    """All that was said, by [site, source]."""

    decided: Mapping[tuple[str, str], tuple[Decided, ...]] = field(default_factory=dict)

    @classmethod
    def none(cls) -> Mappings:
        return cls()

    @classmethod
    def load(cls, places: Places) -> Mappings:
        """:raises ConfigurationError: where a file of it is damaged: a column that was refused must not be read again."""
        files = sorted(places.mappings.glob("*/*.json"))
        return cls({(path.parent.name, path.stem): tuple(_read(path)) for path in files})

    def of(self, site: str, source: str) -> Decisions:
        return {(normal(item.asked), normal(item.found)): item.state for item in self.decided.get((site, source), ())}

    def digest(self, site: str, source: str) -> str:
        said = sorted([*pair, state] for pair, state in self.of(site, source).items())
        return sha256_text(canonical_json(said))[:16] if said else ""


def remember(places: Places, site: str, source: str, decided: Decided) -> None:
    """Keep what was said of a guess, in place of what was said of it before."""
    path = _file(places, site, source)
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    known = _read(path) if path.exists() else []
    same = id_of(site, source, decided.asked, decided.found)
    others = [item for item in known if id_of(site, source, item.asked, item.found) != same]
    write_json(path, [asdict(item) for item in (*others, decided)])


def list_mappings(places: Places, site: str) -> list[Listed]:
    """Every guess of a site's files as they were last read, and all that was said of any.

    A content has a receipt for each reading; the latest one says what is guessed today.
    """
    latest: dict[tuple[str, str], tuple[float, list[list[str]]]] = {}
    for path in (places.lake / "receipts" / site).glob("*/*.json"):
        values, written = json.loads(path.read_bytes()), path.stat().st_mtime
        content = (values["source"], values["key"])
        if content not in latest or latest[content][0] < written:
            latest[content] = (written, values.get("mappings", []))
    found: dict[str, Listed] = {}
    for (source, _), (_, guesses) in sorted(latest.items()):
        for asked, name, _ in guesses:
            key = id_of(site, source, asked, name)
            files = found[key].files + 1 if key in found else 1
            found[key] = Listed(key, site, source, asked, name, "guessed", files, None)
    for (where, source), said in Mappings.load(places).decided.items():
        for item in said if where == site else ():
            key = id_of(site, source, item.asked, item.found)
            files = found[key].files if key in found else 0
            found[key] = Listed(key, site, source, item.asked, item.found, item.state, files, item.on)
    return sorted(found.values(), key=lambda item: (item.source, item.asked, item.found))
