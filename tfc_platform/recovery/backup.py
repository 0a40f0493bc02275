"""The backup of what nothing can make again, in one encrypted file; and a home rebuilt from it.

The file is a compressed tar in the age format. Its first member lists every other with its SHA-256. It is read back whole
before it takes its place, and a restored home is whole before it takes its place.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, cast

from dotenv import dotenv_values

from tfc_platform import __version__
from tfc_platform.admission.admit import reading_digests
from tfc_platform.atomic_io import Draft, point, sha256_file, write_bytes
from tfc_platform.contracts.catalogue import load_nightly_catalogue
from tfc_platform.home_inventory import place_of
from tfc_platform.ingest.intake import Intake
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.recovery.age_file import AgeError, AgeReader, AgeWriter
from tfc_platform.recovery.damage import all_damage, filed_readings
from tfc_platform.sealed_files import drop_from_seal, home_files
from tfc_platform.settings import SHORTEST_KEY, ConfigurationError, Places, Settings

__all__ = ["BackupInfo", "BackupRefusedError", "backup_passphrase", "restore_damaged", "restore_home", "write_backup"]

SETTING = "TFC_BACKUP_PASSPHRASE"
LIST = "backup.json"
FORMAT = 1
HISTORY = ("holds", "evidence")  # nothing of a night depends on them, and they say what earlier nights judged
PIECE = 1 << 20  # bytes


class BackupRefusedError(Exception):
    """No backup is written or restored: the message says why and what to do."""


@dataclass(frozen=True)
class BackupInfo:
    """What is in a backup: how many files and bytes, and the release that readers saw."""

    files: int
    bytes: int
    release: str | None


def backup_passphrase(env: Mapping[str, str] | None = None) -> str:
    """The passphrase of backups, from the environment or `.env` below it.

    :raises ConfigurationError: where there is none, or a short one.
    """
    if env is None:
        file = Path.cwd() / ".env"
        env = {**{k: v for k, v in (dotenv_values(file) if file.is_file() else {}).items() if v}, **os.environ}
    passphrase = env.get(SETTING, "")
    if len(passphrase) < SHORTEST_KEY:
        raise ConfigurationError(
            f"{SETTING}: set a passphrase of at least {SHORTEST_KEY} characters, and keep it where the backup is not."
        )
    return passphrase


def _files_of(settings: Settings) -> dict[str, Path]:
    """What nothing can make again: kept places, readings that today's contracts no longer give, and what was judged."""
    places = settings.places
    files = home_files(places)
    wanted = {
        below
        for below in files
        if (place := place_of(below)) is not None and (not place.is_derived or place.name in HISTORY)
    }
    today = _digests_today(settings)
    for reading in filed_readings(places):
        if reading.digest != today.get((reading.site, reading.source)):
            wanted |= {reading.path, *reading.files}
    return {below: files[below] for below in sorted(wanted) if below in files}


def _digests_today(settings: Settings) -> Mapping[tuple[str, str], str]:
    """How today's contracts read each source; empty where one in error hides that, and then every reading is kept."""
    try:
        return reading_digests(Intake.load(settings, load_nightly_catalogue(settings)))
    except ConfigurationError:
        return {}


def write_backup(settings: Settings, target: Path, passphrase: str) -> BackupInfo:
    """Write the backup of a home to a file, in one step. The caller holds the lock of the night.

    :raises BackupRefusedError: where something that belongs into it is damaged, or the file cannot be read back.
    """
    places = settings.places
    damage = [item for item in all_damage(places) if not item.place.is_derived]
    if damage:
        raise BackupRefusedError(f"{damage[0].message}: a backup would keep the damage. `tfc doctor` shows everything.")
    files = _files_of(settings)
    link = places.releases / "current"
    about = {
        "format": FORMAT,
        "code_version": __version__,
        "release": link.readlink().name if link.is_symlink() else None,
        "key": Pseudonyms.load(settings).fingerprint,
        "erasures": _erasures(places),
        "files": {below: sha256_file(path) for below, path in files.items()},
    }
    draft = Draft(target)
    try:
        with draft.path.open("wb") as stream:
            _write(stream, passphrase, about, files)
        with _opened(draft.path, passphrase) as (found, members):
            for below, member, content in members:
                _copied(content, io.BytesIO(), found["files"][below], below, member.size)
        draft.place()
    finally:
        draft.drop()
    return _info(about, target)


def _erasures(places: Places) -> int:
    """How many erasures were ordered in a home, by the longer of the two files that say so."""
    files = [places.erasures / name for name in ("ledger.jsonl", "tombstones.jsonl")]
    return max(len(file.read_bytes().splitlines()) if file.is_file() else 0 for file in files)


def _info(about: Mapping[str, Any], file: Path) -> BackupInfo:
    return BackupInfo(len(about["files"]), file.stat().st_size, about["release"])


def _write(stream: BinaryIO, passphrase: str, about: Mapping[str, Any], files: Mapping[str, Path]) -> None:
    sealed = AgeWriter(stream, passphrase)
    with tarfile.open(fileobj=cast(BinaryIO, sealed), mode="w|gz") as archive:
        text = json.dumps(about, sort_keys=True).encode()
        first = tarfile.TarInfo(LIST)
        first.size = len(text)
        archive.addfile(first, io.BytesIO(text))
        for below, path in files.items():
            archive.add(path, below, recursive=False)
    sealed.close()


Members = Iterator[tuple[str, tarfile.TarInfo, BinaryIO]]


@contextmanager
def _opened(file: Path, passphrase: str) -> Iterator[tuple[dict[str, Any], Members]]:
    """The list of a backup, and its files in their order.

    :raises BackupRefusedError: where it cannot be opened, is damaged, or holds anything else than its list says.
    """
    try:
        with (
            file.open("rb") as stream,
            tarfile.open(fileobj=cast(BinaryIO, AgeReader(stream, passphrase)), mode="r|gz") as archive,
        ):
            first = archive.next()
            content = archive.extractfile(first) if first is not None and first.name == LIST else None
            about: dict[str, Any] = json.loads(content.read()) if content is not None else {}
            if about.get("format") != FORMAT:
                raise BackupRefusedError(f"{file.name} is no backup that this version of the platform can read.")
            yield about, _members(archive, about["files"])
    except AgeError as error:
        raise BackupRefusedError(f"{file.name} cannot be opened. {error}") from None
    except (tarfile.TarError, EOFError, json.JSONDecodeError):
        raise BackupRefusedError(f"{file.name} is damaged.") from None
    except FileNotFoundError:
        raise BackupRefusedError(f"There is no file {file.name}.") from None


def _members(archive: tarfile.TarFile, listed: Mapping[str, str]) -> Members:
    left = set(listed)
    while (member := archive.next()) is not None:
        content = archive.extractfile(member) if member.isfile() else None
        is_safe = not member.name.startswith("/") and ".." not in PurePosixPath(member.name).parts
        if content is None or not is_safe or member.name not in left:
            raise BackupRefusedError("The backup holds something that its list does not name.")
        left.remove(member.name)
        yield member.name, member, cast(BinaryIO, content)
    if left:
        raise BackupRefusedError(f"The backup lacks {len(left)} of the files that its list names.")


def _copied(content: BinaryIO, target: BinaryIO, sha256: str, below: str, size: int) -> None:
    digest, left = hashlib.sha256(), size
    while piece := content.read(min(PIECE, left)):
        digest.update(piece)
        target.write(piece)
        left -= len(piece)
    if digest.hexdigest() != sha256:
        raise BackupRefusedError(f"{below} changed while the backup was written. Write it again.")


def restore_home(settings: Settings, file: Path, passphrase: str) -> BackupInfo:
    """Rebuild a home from a backup where there is none. The next night makes everything else.

    :raises BackupRefusedError: where TFC_HOME holds anything, the backup cannot be read, or the pseudonym key is another one.
    """
    home = settings.home
    if home.is_dir() and any(path.is_file() or path.is_symlink() for path in home.rglob("*")):
        raise BackupRefusedError(
            "TFC_HOME is not empty: move it away first, or use --damaged to put back what is damaged."
        )
    home.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{home.name}-restoring-", dir=home.parent))
    try:
        Places(fresh).make()
        with _opened(file, passphrase) as (about, members):
            for below, member, content in members:
                _extract(fresh / below, below, member, content, about["files"][below])
        _require_key(settings, Places(fresh), about)
        if about["release"]:
            point(Places(fresh).releases / "current", str(about["release"]))
        for folder in (path for path in (fresh / "releases").rglob("*") if path.is_dir()):
            folder.chmod(0o755)
        fresh.chmod(0o755)
        if home.is_dir():
            shutil.rmtree(home)  # folders without a file
        fresh.rename(home)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return _info(about, file)


def _require_key(settings: Settings, places: Places, about: Mapping[str, Any]) -> None:
    """The key is in the backup, or it is a setting and must be the one that the backup was made with."""
    kept = places.keys / "pseudonym.key"
    key = settings.pseudonym_key.encode() if settings.pseudonym_key is not None else None
    if key is None and kept.is_file():
        key = kept.read_bytes()
    if key is None or Pseudonyms(key).fingerprint != about["key"]:
        raise BackupRefusedError(
            "TFC_PSEUDONYM_KEY is not the key of this backup: set the one that the home was used with."
        )


def _extract(target: Path, below: str, member: tarfile.TarInfo, content: BinaryIO, sha256: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with target.open("xb") as stream:
        _copied(content, stream, sha256, below, member.size)
        stream.flush()
        os.fsync(stream.fileno())
    target.chmod(member.mode & 0o755)
    os.utime(target, (member.mtime, member.mtime))


def restore_damaged(settings: Settings, file: Path, passphrase: str, on: Callable[[str], None]) -> int:
    """Put back each file that is damaged or missing and that the backup has; gives how many.

    :param on: gets the path of each file that was put back.
    :raises BackupRefusedError: where the backup cannot be read, or something was erased since it was written.
    """
    places = settings.places
    wanted = {item.path for item in all_damage(places)}
    done: list[str] = []
    with _opened(file, passphrase) as (about, members):
        if about["erasures"] < _erasures(places):
            raise BackupRefusedError(
                "Something was erased since this backup was written: it would come back. Use a later one."
            )
        for below, member, content in members:
            if below in wanted:
                whole = io.BytesIO()
                _copied(content, whole, about["files"][below], below, member.size)
                write_bytes(places.home / below, whole.getvalue(), member.mode & 0o755)
                done.append(below)
                on(below)
    drop_from_seal(places, done)
    return len(done)
