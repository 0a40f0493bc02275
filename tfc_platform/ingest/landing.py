"""What lies in the landing zone: a local folder, or any address that fsspec knows (s3, abfs, sftp)."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO, Any

from tfc_platform.ingest.landing_walk import FoundFiles, UnreadFile, may_pass, walk_folder, walk_store
from tfc_platform.printable import printable
from tfc_platform.settings import MOST_FILE_BYTES, MOST_READ_SECONDS, ConfigurationError, Settings
from tfc_platform.time_limit import within

__all__ = ["Landed", "Landing", "LandingError", "LandingLook"]

PIECE = 2**20  # bytes
STAMPS = ("ETag", "etag", "mtime", "LastModified", "last_modified")


@dataclass(frozen=True)
class Landed:
    """A file as it lies there. `stamp` changes when its bytes may have; it is no proof that they have not."""

    path: str  # below the landing zone, with `/`: site/folder/file
    size: int
    stamp: str
    address: str = field(default="", repr=False, compare=False)  # by which the file system knows it
    # Seconds since 1970; None where the store does not say, or shows no object before it is whole.
    changed_at: float | None = field(default=None, repr=False, compare=False)

    @property
    def folder(self) -> str:
        return self.path.split("/", 1)[0] if "/" in self.path else ""

    @property
    def below(self) -> str:
        return self.path.split("/", 1)[1] if "/" in self.path else self.path

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


class LandingError(OSError):
    """The landing zone, or a file in it, could not be looked at. Stores raise errors of their own kinds; here they are one.

    `may_pass`: whether another attempt in a moment may succeed.
    """

    def __init__(self, message: str, may_pass: bool = True) -> None:
        super().__init__(message)
        self.may_pass = may_pass


@dataclass(frozen=True)
class LandingLook:
    """What lies in the landing zone: what may be read, what could not be looked at, and what is never read."""

    files: tuple[Landed, ...]
    failed: tuple[UnreadFile, ...] = ()
    refused: tuple[UnreadFile, ...] = ()


@contextmanager
def _answering(what: str = "The landing zone") -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, LandingError):
        raise
    except Exception as error:
        raise LandingError(f"{what} cannot be read ({type(error).__name__}).", may_pass(error)) from None


class Landing:
    """The landing zone at an address.

    :param most_bytes: a larger file is refused unread.
    :param read_seconds: the limit in time for one look at a folder, for one file, and for one piece of a large file.
    """

    def __init__(
        self, address: str, most_bytes: int = MOST_FILE_BYTES, read_seconds: float = MOST_READ_SECONDS
    ) -> None:
        import fsspec
        from fsspec.implementations.local import LocalFileSystem

        try:
            self.fs, self.root = fsspec.core.url_to_fs(address)
        except (ImportError, OSError, ValueError) as error:
            scheme = address.split("://", 1)[0]
            raise ConfigurationError(
                f"TFC_LANDING: {scheme!r} addresses cannot be opened ({type(error).__name__})."
            ) from None
        self.root = self.root.rstrip("/")
        self._is_local = isinstance(self.fs, LocalFileSystem)
        self._most_bytes = most_bytes
        self._seconds = read_seconds

    @classmethod
    def of(cls, settings: Settings) -> Landing:
        """The landing zone of the settings.

        :raises ConfigurationError: where no library opens its address.
        """
        return cls(settings.landing, settings.most_file_bytes, settings.read_seconds)

    def is_there(self) -> bool:
        """Whether the folder is there. An address that does not answer may answer in a moment: taking in sees to that."""
        if self._is_local:
            return os.path.lexists(self.root)
        try:
            return bool(within(self._seconds, lambda: self.fs.isdir(self.root)))
        except Exception:  # each kind of store has its own
            return True

    def look(self, folder: str | None = None) -> LandingLook:
        """Everything that lies there, in the order of the paths; of one sender's folder where it is given.

        A sender's folder that is not there is empty.

        :raises LandingError: where the landing zone, or the sender's folder, cannot be listed.
        """
        with _answering():
            try:
                found = within(
                    self._seconds, lambda: self._walk(self.root if folder is None else f"{self.root}/{folder}")
                )
            except FileNotFoundError:
                if folder is None or not within(self._seconds, self._is_listed):
                    raise LandingError("The landing zone is not there.", False) from None
                return LandingLook(())
        files, refused = [], list(found.refused)
        for item in found.files:
            size = int(item.info.get("size") or 0)
            path = item.name[len(self.root) :].lstrip("/")
            if size > self._most_bytes:
                refused.append(UnreadFile(path, f"it is larger than {_megabytes(self._most_bytes)} (TFC_MOST_FILE_MB)"))
                continue
            stamp = next((str(item.info[key]) for key in STAMPS if key in item.info), "")
            files.append(Landed(_readable(path), size, stamp, item.address, _changed_at(item.info)))
        return LandingLook(tuple(sorted(files, key=lambda landed: landed.path)), _named(found.failed), _named(refused))

    def _walk(self, top: str) -> FoundFiles:
        return walk_folder(self.root, top) if self._is_local else walk_store(self.fs, self.root, top)

    def _is_listed(self) -> bool:
        try:
            self.fs.ls(self.root)
        except FileNotFoundError:
            return False
        return True

    def has_folder(self, folder: str) -> bool:
        """Whether a sender's folder is there. A store of objects has no folders: there it is taken to be."""
        return not self._is_local or os.path.isdir(f"{self.root}/{folder}")

    def files(self, folder: str | None = None) -> Iterator[Landed]:
        """Every file that may be read, in the order of the paths; of one sender's folder where it is given.

        :raises LandingError: where the landing zone does not answer.
        """
        yield from self.look(folder).files

    def fetch(self, landed: Landed) -> bytes:
        """The bytes of a file.

        :raises FileNotFoundError: where it went away since it was listed.
        :raises LandingError: where it cannot be read, or not within the limit in time.
        """
        with _answering(landed.path):
            return within(self._seconds, lambda: self._fetch(landed))

    def _fetch(self, landed: Landed) -> bytes:
        with self._open(landed) as stream:
            content = stream.read(self._most_bytes + 1)
        if len(content) > self._most_bytes:
            raise LandingError(f"{landed.path} has grown beyond {_megabytes(self._most_bytes)}.", False)
        return content

    def pieces(self, landed: Landed) -> Iterator[bytes]:
        """The bytes of a file of any size, piece by piece; raises as `fetch` does."""
        size = 0
        with _answering(landed.path):
            stream = within(self._seconds, lambda: self._open(landed))
        with stream:
            while True:
                with _answering(landed.path):
                    piece = within(self._seconds, lambda: stream.read(PIECE))
                size += len(piece)
                if size > self._most_bytes:
                    raise LandingError(f"{landed.path} has grown beyond {_megabytes(self._most_bytes)}.", False)
                if not piece:
                    return
                yield piece

    def _open(self, landed: Landed) -> IO[bytes]:
        """Open a file to read it: on this machine never a pipe or a link that has taken its place, and without waiting."""
        address = self._address(landed)
        if not self._is_local:
            opened: IO[bytes] = self.fs.open(address, "rb")
            return opened
        handle = os.open(address, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise LandingError(f"{landed.path} is no ordinary file any more.", False)
        return os.fdopen(handle, "rb")

    def digest(self, landed: Landed) -> str:
        """The SHA-256 of a file of any size, without holding the whole of it."""
        digest = hashlib.sha256()
        for piece in self.pieces(landed):
            digest.update(piece)
        return digest.hexdigest()

    def _address(self, landed: Landed) -> str:
        return landed.address or f"{self.root}/{landed.path}"


def _changed_at(info: Mapping[str, Any]) -> float | None:
    """When a file was last changed. An object with an ETag appears whole, so nobody has to wait for it."""
    written = info.get("mtime") if "ETag" not in info and "etag" not in info else None
    if isinstance(written, datetime):
        return written.timestamp()
    return float(written) if isinstance(written, int | float) else None


def _readable(path: str) -> str:
    """A name as it can be written down and shown: bytes of another encoding and control characters are spelt out."""
    return printable(path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def _named(items: Iterable[UnreadFile]) -> tuple[UnreadFile, ...]:
    return tuple(sorted((replace(item, path=_readable(item.path)) for item in items), key=lambda item: item.path))


def _megabytes(size: int) -> str:
    return f"{size / 2**20:g} MB"
