"""What lies in the landing zone: a local folder, or any address that fsspec knows (s3, abfs, sftp)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tfc_platform.settings import ConfigurationError

__all__ = ["Landed", "Landing", "LandingError"]

PIECE = 2**20  # bytes


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
    """The landing zone did not answer. Stores raise errors of their own kinds; here they are one, which can be tried again."""


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except Exception as error:
        raise LandingError(f"The landing zone does not answer ({type(error).__name__}).") from None


class Landing:
    """The landing zone at an address."""

    def __init__(self, address: str) -> None:
        import fsspec

        try:
            self.fs, self.root = fsspec.core.url_to_fs(address)
        except (ImportError, OSError, ValueError) as error:
            scheme = address.split("://", 1)[0]
            raise ConfigurationError(
                f"TFC_LANDING: {scheme!r} addresses cannot be opened ({type(error).__name__})."
            ) from None
        self.root = self.root.rstrip("/")

    def is_there(self) -> bool:
        """Whether the folder is there. An address that does not answer may answer in a moment: taking in sees to that."""
        try:
            return bool(self.fs.isdir(self.root))
        except Exception:  # each kind of store has its own
            return True

    def files(self, folder: str | None = None) -> Iterator[Landed]:
        """Every file, in the order of the paths; of one sender's folder where it is given.

        :raises LandingError: where the landing zone does not answer.
        """
        top = f"{self.root}/{folder}" if folder else self.root
        with _answering():
            found: dict[str, dict[str, Any]] = self.fs.find(top, detail=True) if self.fs.isdir(top) else {}
        for name, info in sorted(found.items()):
            path = _readable(name[len(self.root) :].lstrip("/"))
            stamp = next(
                (str(info[key]) for key in ("ETag", "etag", "mtime", "LastModified", "last_modified") if key in info),
                "",
            )
            yield Landed(path, int(info.get("size") or 0), stamp, name, _changed_at(info))

    def fetch(self, landed: Landed) -> bytes:
        with _answering():
            content: bytes = self.fs.cat_file(self._address(landed))
        return content

    def pieces(self, landed: Landed) -> Iterator[bytes]:
        """The bytes of a file of any size, piece by piece."""
        with _answering(), self.fs.open(self._address(landed), "rb") as stream:
            while piece := stream.read(PIECE):
                yield piece

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
    """A name in another encoding than the system's is no text that can be written down: its odd bytes are spelt out."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
