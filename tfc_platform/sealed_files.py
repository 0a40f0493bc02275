"""The seal of a home: size, time and SHA-256 of its files as a complete night left them, and what differs from that.

A file whose size and times are as they were is taken to be as it was; `whole` reads every byte. The ctime of a file is among
them: programs cannot set it, so a change that puts the time of change back is seen. A failed or killed night writes no seal: what
it added is not judged until a complete one has sealed it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from tfc_platform.atomic_io import sha256_file, sha256_text, write_json
from tfc_platform.home_inventory import HomePlace, place_of
from tfc_platform.settings import Places

__all__ = [
    "FileDamage",
    "Seal",
    "SealedFile",
    "cut_run_databases",
    "damaged_files",
    "drop_from_seal",
    "home_files",
    "is_readable",
    "read_seal",
    "write_seal",
]

SEAL = "sealed_files.json"
TOMBSTONES = "erasures/tombstones.jsonl"
RUNS = "runs"


@dataclass(frozen=True)
class FileDamage:
    """A file below TFC_HOME that is missing or is not what it was."""

    path: str
    place: HomePlace
    problem: str  # missing · damaged

    @property
    def message(self) -> str:
        """What is wrong, in a clause."""
        return f"{self.path} is {self.problem}"


class SealedFile(NamedTuple):
    """A file as it was: its size in bytes, the time of change in ns, the SHA-256, and the ctime in ns.

    Seals of earlier versions have no ctime: it is then 0, and is not compared.
    """

    size: int
    mtime: int
    sha256: str
    ctime: int = 0

    def looks_same(self, stat: os.stat_result) -> bool:
        """Whether size and times are as they were."""
        return (stat.st_size, stat.st_mtime_ns) == (self.size, self.mtime) and self.ctime in (0, stat.st_ctime_ns)


@dataclass(frozen=True)
class Seal:
    """By path below TFC_HOME what a file was; and who was erased, as tokens."""

    files: Mapping[str, SealedFile]
    tombstones: frozenset[str]


def home_files(places: Places) -> dict[str, Path]:
    """Every file that belongs to a place of the inventory, by its path below TFC_HOME."""
    found: dict[str, Path] = {}
    for folder, names, files in os.walk(places.home):
        names.sort()
        for name in sorted(files):
            path = Path(folder, name)
            below = path.relative_to(places.home).as_posix()
            if place_of(below) is not None and not path.is_symlink():
                found[below] = path
    return found


def _tombstones(places: Places) -> frozenset[str] | None:
    """Digests of the tombstones; None where the file cannot be read."""
    file = places.home / TOMBSTONES
    try:
        lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
        intents = [json.loads(line) for line in lines if line.strip()]
        return frozenset(
            sha256_text(f"{intent['number']}|{item['token']}")[:20]
            for intent in intents
            for item in intent["tombstones"]
        )
    except (ValueError, KeyError, TypeError, OSError):
        return None


def read_seal(places: Places) -> Seal | None:
    """The last seal; none where there is none that can be read."""
    try:
        values: dict[str, Any] = json.loads((places.evidence / SEAL).read_bytes())
        files = {
            path: SealedFile(int(size), int(mtime), str(sha256), *map(int, ctime))
            for path, (size, mtime, sha256, *ctime) in values["files"].items()
        }
        if values["digest"] != _digest(values):
            return None
        return Seal(files, frozenset(values["tombstones"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _digest(values: Mapping[str, Any]) -> str:
    parts = {name: value for name, value in values.items() if name != "digest"}
    return sha256_text(json.dumps(parts, sort_keys=True))


def _write(places: Places, files: Mapping[str, SealedFile], tombstones: Iterable[str]) -> None:
    values: dict[str, Any] = {"files": {path: list(entry) for path, entry in files.items()}}
    values["tombstones"] = sorted(tombstones)
    write_json(places.evidence / SEAL, values | {"digest": _digest(values)})


def write_seal(places: Places) -> None:
    """Seal the home as it is: the last step of a complete night. Only files that are new or changed are read."""
    before = read_seal(places)
    files: dict[str, SealedFile] = {}
    for below, path in home_files(places).items():
        known = before.files.get(below) if before is not None else None
        try:
            stat = path.stat()
            sha256 = known.sha256 if known is not None and known.looks_same(stat) else sha256_file(path)
        except FileNotFoundError:
            continue  # an earlier research version that another step has just removed
        files[below] = SealedFile(stat.st_size, stat.st_mtime_ns, sha256, stat.st_ctime_ns)
    _write(places, files, _tombstones(places) or frozenset())


def drop_from_seal(places: Places, paths: Iterable[str]) -> None:
    """Forget files that were removed so that the night makes them again: another process must not miss them."""
    seal, gone = read_seal(places), set(paths)
    if seal is not None:
        _write(places, {path: entry for path, entry in seal.files.items() if path not in gone}, seal.tombstones)


def damaged_files(places: Places, *, whole: bool = False) -> list[FileDamage]:
    """What is no longer as the last complete night left it, in the order of paths; nothing where there is no seal.

    After an erasure only the places that it does not touch are compared: it removes files on purpose.

    :param whole: read every file, also those whose size and time are as they were.
    """
    seal = read_seal(places)
    if seal is None:
        return []
    erased = _tombstones(places)
    found = []
    if erased is None or not seal.tombstones <= erased:
        place = place_of(TOMBSTONES)
        assert place is not None
        found.append(FileDamage(TOMBSTONES, place, "damaged" if (places.home / TOMBSTONES).exists() else "missing"))
    is_as_sealed = erased == seal.tombstones or erased is None or not seal.tombstones <= erased
    versions = {"research": _current(places.research), "evidence": _build_id(places)}
    for below, entry in sorted(seal.files.items()):
        place = place_of(below)
        if place is None or place.name == RUNS or below == TOMBSTONES:
            continue
        if not is_as_sealed and place.name not in ("keys", "acceptances"):
            continue
        wanted = versions.get(place.name)
        if place.name in versions and below.split("/")[1] != wanted:
            continue  # a version that has been forgotten, or the evidence of an earlier build
        if problem := _problem(places.home / below, place, entry, whole=whole):
            found.append(FileDamage(below, place, problem))
    return found


def cut_run_databases(places: Places) -> list[FileDamage]:
    """Databases of Dagster's runs that are no SQLite file, or shorter than their header says.

    They change in every run, so no seal is about them, and they are looked at only where no run is going on.
    """
    found = []
    for path in sorted(places.dagster.rglob("*.db")):
        below = path.relative_to(places.home).as_posix()
        place = place_of(below)
        if place is not None and not _has_its_pages(path):
            found.append(FileDamage(below, place, "damaged"))
    return found


def _has_its_pages(path: Path) -> bool:
    """By the header of the database file (https://www.sqlite.org/fileformat2.html#the_database_header)."""
    with path.open("rb") as stream:
        header = stream.read(100)
    if not header:
        return True  # made, and not written to yet
    if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
        return False
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big") if header[24:28] == header[92:96] else 1
    return path.stat().st_size >= pages * (65536 if page == 1 else page)


def _current(folder: Path) -> str | None:
    link = folder / "current"
    return os.readlink(link) if link.is_symlink() else None


def _build_id(places: Places) -> str | None:
    try:
        return str(json.loads((places.warehouse / "build.json").read_bytes())["build_id"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _problem(path: Path, place: HomePlace, entry: SealedFile, *, whole: bool) -> str | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return _if_missing(place, path)
    if not whole and entry.looks_same(stat):
        return None
    if place.name == "warehouse" and path.suffix == ".duckdb":
        return None if _is_recorded_warehouse(path.parent) else "damaged"
    if place.check == "added_to":
        return None if _prefix_digest(path, entry.size) == entry.sha256 else "damaged"
    if place.check == "rewritten":
        return None if is_readable(path) else "damaged"
    return None if stat.st_size == entry.size and sha256_file(path) == entry.sha256 else "damaged"


def _if_missing(place: HomePlace, path: Path) -> str | None:
    if place.name == "warehouse":  # no record: a build was cut short, and the next night builds all
        return "missing" if path.name != "build.json" and path.with_name("build.json").exists() else None
    return None if place.check == "kept_result" or place.name in ("holds", "charts") else "missing"


def _is_recorded_warehouse(folder: Path) -> bool:
    """Whether the database is the one that its record names; without a record the next night builds all."""
    record = folder / "build.json"
    if not record.exists():
        return True
    try:
        recorded = json.loads(record.read_bytes())["warehouse"]
        return bool(recorded == sha256_file(folder / "tfc.duckdb"))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _prefix_digest(path: Path, size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.sha256(stream.read(size)).hexdigest()


def is_readable(path: Path) -> bool:
    """Whether a file that commands change is whole, as far as its form shows."""
    try:
        if path.suffix == ".json":
            json.loads(path.read_bytes())
        elif path.suffix == ".jsonl":
            for line in path.read_text(encoding="utf-8").splitlines():
                json.loads(line or "null")
        elif path.suffix == ".html":
            return path.read_bytes().rstrip().endswith(b"</html>")
        elif path.suffix == ".db":
            with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as con:
                return bool(con.execute("pragma quick_check").fetchone() == ("ok",))
        return path.stat().st_size > 0
    except sqlite3.OperationalError:
        return path.is_file()  # another process is writing to it
    except (ValueError, OSError, sqlite3.Error):
        return False
