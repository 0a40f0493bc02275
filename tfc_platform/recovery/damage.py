"""Everything that is wrong with a home: against the last seal, and against what its own files say of each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import sha256_file
from tfc_platform.home_inventory import place_of
from tfc_platform.ingest import vault
from tfc_platform.publication.released_table import ReleaseError
from tfc_platform.release.manage import verify_release
from tfc_platform.sealed_files import FileDamage, damaged_files, home_files, is_readable
from tfc_platform.settings import Places
from tfc_platform.versions import current_id, version_ids

__all__ = ["FiledReading", "all_damage", "filed_readings", "is_current_release"]


@dataclass(frozen=True)
class FiledReading:
    """A receipt file of the lake: which reading it is of, and the files below TFC_HOME that it names."""

    path: str
    site: str
    source: str
    key: str
    digest: str
    values: Mapping[str, Any] | None = field(repr=False)  # None: it cannot be read

    @property
    def files(self) -> tuple[str, ...]:
        """Paths below TFC_HOME of what the reading made."""
        values = self.values or {}
        lake = [table["path"] for table in values.get("records", {}).values()]
        named = [("lake", path) for path in (*lake, values.get("issues"))]
        named += [("text", values.get("texts")), ("gazetteer", values.get("names"))]
        return tuple(f"{folder}/{path}" for folder, path in named if path)


def filed_readings(places: Places) -> Iterator[FiledReading]:
    """Every receipt of the lake, also those that cannot be read."""
    for path in sorted((places.lake / "receipts").glob("*/*/*.json")):
        key, _, digest = path.stem.rpartition("-")
        try:
            values = json.loads(path.read_bytes())
        except (OSError, ValueError):
            values = None
        below = path.relative_to(places.home).as_posix()
        is_whole = isinstance(values, dict) and isinstance(values.get("records"), dict)
        site, source = path.parts[-3:-1]
        yield FiledReading(below, site, source, key, digest, values if is_whole else None)


def is_current_release(places: Places, path: str) -> bool:
    """Whether a file is of the release that readers see."""
    return path.startswith(f"releases/{current_id(places.releases)}/")


def all_damage(places: Places) -> list[FileDamage]:
    """Every damaged or missing file that can be told, with all bytes read, in the order of paths."""
    found = {item.path: item for item in damaged_files(places, whole=True)}
    for below, problem in (*_vault(places), *_releases(places), *_readings(places), *_unreadable(places)):
        place = place_of(below)
        if place is not None:
            found.setdefault(below, FileDamage(below, place, problem))
    return [found[path] for path in sorted(found)]


def _vault(places: Places) -> Iterator[tuple[str, str]]:
    """Contents that are not what their name says."""
    for below, path in home_files(places).items():
        if below.startswith("vault/"):
            own = path.name.partition("-")[2] if f"/{vault.AFTER_ERASURE}/" in below else path.name
            if sha256_file(path) != own:
                yield below, "damaged"


def _releases(places: Places) -> Iterator[tuple[str, str]]:
    for version in version_ids(places.releases):
        try:
            problems = verify_release(places, version)
        except ReleaseError:
            continue  # removed meanwhile
        for problem in problems:
            name = problem.split(" ", 1)[0]
            is_file = (places.releases / version / name).exists() or problem.endswith(" is missing.")
            yield (
                f"releases/{version}/{name if is_file else 'manifest.json'}",
                ("missing" if problem.endswith(" is missing.") else "damaged"),
            )


def _readings(places: Places) -> Iterator[tuple[str, str]]:
    for reading in filed_readings(places):
        if reading.values is None:
            yield reading.path, "damaged"
        for path in reading.files:
            if not (places.home / path).is_file():
                yield path, "missing"


def _unreadable(places: Places) -> Iterator[tuple[str, str]]:
    """Files that no reader can take, whatever was sealed."""
    for below, path in home_files(places).items():
        place = place_of(below)
        if place is None or place.name in ("warehouse", "vault"):
            continue
        is_parquet_cut = path.suffix == ".parquet" and not _has_parquet_marks(path)
        if is_parquet_cut or not is_readable(path):
            yield below, "damaged"


def _has_parquet_marks(path: Path) -> bool:
    with path.open("rb") as stream:
        start = stream.read(4)
        stream.seek(-4, 2) if path.stat().st_size >= 8 else None
        return start == b"PAR1" and stream.read(4) == b"PAR1"
