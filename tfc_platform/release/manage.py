"""List, show, compare and verify releases, and go back to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import sha256_file
from tfc_platform.file_lock import file_lock
from tfc_platform.publication.released_table import ReleaseError
from tfc_platform.release import removals, rollbacks
from tfc_platform.release.compare import TableDiff, compare_tables
from tfc_platform.release.manifest import MANIFEST, read_manifest, read_tables, seal
from tfc_platform.release.rollbacks import Rollback
from tfc_platform.research import publication_lock
from tfc_platform.settings import LONDON, Places
from tfc_platform.versions import CURRENT, clear_leftovers, current_id, switch, version_ids

__all__ = [
    "ReleaseDiff",
    "ReleaseInfo",
    "diff_releases",
    "folder_of",
    "list_releases",
    "rollback",
    "show_release",
    "verify_release",
]


@dataclass(frozen=True)
class ReleaseInfo:
    """A line of the list. `rows` are rows of all tables; `problem` is set where the manifest cannot be read, or the release
    `is_removed` because something in it was erased.
    """

    id: str
    number: int
    as_of: str
    is_current: bool
    is_withdrawn: bool
    follows: str | None
    tables: int
    rows: int
    held: int
    problem: str | None = None
    is_removed: bool = False


@dataclass(frozen=True)
class ReleaseDiff:
    """What differs from `before` to `after`: tables that differ, and sources that came to be held or no longer are."""

    before: str
    after: str
    tables: tuple[TableDiff, ...]
    held_since: tuple[Mapping[str, str], ...]
    no_longer_held: tuple[Mapping[str, str], ...]

    @property
    def differs(self) -> bool:
        return bool(self.tables or self.held_since or self.no_longer_held)


def folder_of(places: Places, release: str) -> Path:
    """The folder of a release, by id or as `current`.

    :raises ReleaseError: where there is none. An id is looked up among the names that are there, never made a path of.
    """
    root = places.releases
    wanted = current_id(root) if release == CURRENT else release
    if wanted is None:
        raise ReleaseError("Nothing has been released yet.")
    removed = next((item for item in removals.read(places.evidence) if item.id == wanted), None)
    if removed is not None and wanted not in version_ids(root):
        raise ReleaseError(removed.message)
    if wanted not in version_ids(root):
        raise ReleaseError(f"There is no release {wanted!r}. `tfc releases list` names those that are there.")
    return root / wanted


def list_releases(places: Places) -> tuple[ReleaseInfo, ...]:
    """All releases, those that were removed too, the latest first."""
    current = current_id(places.releases)
    withdrawn = rollbacks.withdrawn_ids(rollbacks.read(places.evidence))
    infos = [
        _info(places.releases / version, current, version in withdrawn) for version in version_ids(places.releases)
    ]
    there = {info.id for info in infos}
    infos += [
        ReleaseInfo(item.id, item.number, item.as_of, False, False, None, 0, 0, 0, item.message, is_removed=True)
        for item in removals.read(places.evidence)
        if item.id not in there
    ]
    return tuple(sorted(infos, key=lambda info: (info.number, info.id), reverse=True))


def _info(folder: Path, current: str | None, withdrawn: bool) -> ReleaseInfo:
    try:
        manifest = read_manifest(folder)
    except ReleaseError as error:
        return ReleaseInfo(folder.name, 0, "", folder.name == current, withdrawn, None, 0, 0, 0, str(error))
    return ReleaseInfo(
        folder.name,
        int(manifest["number"]),
        str(manifest["as_of"]),
        folder.name == current,
        withdrawn,
        manifest.get("follows"),
        len(manifest["tables"]),
        sum(entry["rows"] for entry in manifest["tables"]),
        len(manifest["held"]),
    )


def show_release(places: Places, release: str = CURRENT) -> dict[str, Any]:
    """A release's manifest.

    :raises ReleaseError: where there is no such release, or its manifest cannot be read.
    """
    return read_manifest(folder_of(places, release))


def diff_releases(places: Places, before: str, after: str = CURRENT) -> ReleaseDiff:
    """What changed from one release to another, from their published files.

    :raises ReleaseError: where one of them is not there or cannot be read.
    """
    folders = folder_of(places, before), folder_of(places, after)
    old, new = (read_manifest(folder) for folder in folders)
    tables = compare_tables(read_tables(folders[0], old), read_tables(folders[1], new))
    was, now = (
        {(item["site"], item["source"], item["since"]): item for item in manifest["held"]} for manifest in (old, new)
    )
    return ReleaseDiff(
        folders[0].name,
        folders[1].name,
        tuple(table for table in tables if table.differs),
        tuple(now[key] for key in sorted(now.keys() - was.keys())),
        tuple(was[key] for key in sorted(was.keys() - now.keys())),
    )


def verify_release(places: Places, release: str = CURRENT) -> list[str]:
    """Whether a release is byte for byte what its manifest says, and the manifest what the id says: problems, or none.

    :raises ReleaseError: where there is no such release.
    """
    folder = folder_of(places, release)
    try:
        manifest = read_manifest(folder)
        sealed = seal(manifest)
        listed = {str(entry["path"]): entry for entry in manifest["files"]}
        promised = {str(entry["name"]): entry.get("sha256") for entry in manifest["tables"]}
    except ReleaseError as error:
        return [str(error)]
    except (KeyError, TypeError):
        return [f"The manifest of release {folder.name} is not one of this platform."]
    problems = []
    if manifest["id"] != folder.name:
        problems.append(f"The manifest in {folder.name} says that it is of release {manifest['id']}.")
    if sealed != folder.name:
        problems.append(f"The manifest of {folder.name} is not the one that its id was made from.")
    on_disk = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted(on_disk.keys() - listed.keys() - {MANIFEST}):
        problems.append(f"{name} is in the release and not in its manifest.")
    for name in sorted(listed):
        path = on_disk.get(name)
        if path is None or path.is_symlink():
            problems.append(f"{name} is missing.")
        elif sha256_file(path) != listed[name].get("sha256"):
            problems.append(f"{name} is not what the manifest says: its SHA-256 differs.")
    for table, digest in sorted(promised.items()):
        if listed.get(f"parquet/{table}.parquet", {}).get("sha256") != digest:
            problems.append(f"The manifest gives two hashes for the table {table}.")
    return problems


def rollback(places: Places, release: str, *, who: str, why: str, at: datetime | None = None) -> Rollback:
    """Let `releases/current` name an earlier release, which must verify. Research stays as it is.

    The record is written before the pointer moves: were it the other way round, a kill between them would let the next
    night take the release that was gone back from for one that only lacked its pointer.

    :raises ReleaseError: where nobody or no reason is named, where the release is not there, does not verify, or is
        what readers see already.
    """
    if not who.strip() or not why.strip():
        raise ReleaseError("A rollback needs who does it, and why.")
    with file_lock(publication_lock(places)):
        clear_leftovers(places.releases)
        target = folder_of(places, release)
        before = folder_of(places, CURRENT)
        if target == before:
            raise ReleaseError(f"Release {target.name} is what readers see already.")
        problems = verify_release(places, target.name)
        if problems:
            raise ReleaseError(f"Release {target.name} does not verify. {' '.join(problems)}")
        stamp = (at or datetime.now(LONDON)).isoformat(timespec="seconds")
        record = Rollback(stamp, who.strip(), why.strip(), before.name, target.name, _after(places, target.name))
        rollbacks.append(places.evidence, record)
        switch(places.releases, target.name)
    return record


def _after(places: Places, target: str) -> dict[str, str]:
    """The releases made after `target`: going back to it withdraws them all, not only the last."""
    root = places.releases
    number = int(read_manifest(root / target)["number"])
    later = {}
    for version in version_ids(root):
        try:
            manifest = read_manifest(root / version)
        except ReleaseError:
            continue  # what cannot be read cannot be released again either
        if int(manifest["number"]) > number:
            later[version] = str(manifest["content"])
    return later
