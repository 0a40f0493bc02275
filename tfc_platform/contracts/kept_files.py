"""The contract files of the last night on which each of them was right, so that one in error stops its own site only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tfc_platform.atomic_io import write_bytes
from tfc_platform.settings import ConfigurationError

__all__ = ["ContractFault", "ContractFiles"]

Content = TypeVar("Content")
KINDS = ("sites.yaml", "calendar.yaml", "sources/**/*.yaml", "reference/*.csv", "indicators/*.yaml", "codebooks/*.yaml")
PATTERNS = (*KINDS, "comparability/*.yaml", "framework.yaml", "headlines.yaml")


@dataclass(frozen=True)
class ContractFault:
    """A contract file in error, in place of which its last good state is used; where there is none, it is left out.

    `sites` are those whose contract it is; none: it is everybody's, or nobody knows whose.
    """

    file: str
    sentence: str
    sites: tuple[str, ...] = ()
    source: str | None = None  # None where neither an earlier state of the file nor the file itself says it

    def is_about(self, sender: str) -> bool:
        """Whether a sender's files are not read because of it."""
        return sender in self.sites

    def sources_of(self, sender: str) -> tuple[str, ...]:
        """The sources of a sender that it stops."""
        return (self.source,) if self.source is not None and sender in self.sites else ()


@dataclass
class ContractFiles:
    """The files of all folders of contracts, with the kept state of each.

    :param kept: the folder of kept states; None: a file in error is refused.
    """

    roots: Sequence[Path]
    kept: Path | None = None
    left_out: frozenset[Path] = frozenset()  # roots of which nothing is read
    faults: list[ContractFault] = field(default_factory=list)

    def of(self, pattern: str) -> list[Path]:
        """The files of a pattern, folder by folder."""
        roots = [root for root in self.roots if root not in self.left_out]
        return [path for root in roots for path in sorted(root.glob(pattern))]

    def read(self, pattern: str, read: Callable[[Iterable[Path]], Content]) -> Content:
        """What the files of a pattern hold; where one is in error, its kept state is read in its place.

        :raises ConfigurationError: where no kept state of it can be read.
        """
        try:
            return read(self.of(pattern))
        except ConfigurationError as error:
            instead = [self._kept_where_changed(path) for path in self.of(pattern)]
            if self.kept is None or instead == self.of(pattern):
                raise
            content = read(instead)
            self.faults.append(ContractFault(pattern, str(error)))
            return content

    def has_kept(self, root: Path) -> bool:
        """Whether any file of a folder was ever right."""
        folder = self.kept / str(self.roots.index(root)) if self.kept is not None else None
        return folder is not None and any(path.is_file() for path in folder.rglob("*"))

    def kept_state(self, path: Path) -> Path | None:
        """The kept state of a file; None where there is none."""
        if self.kept is None:
            return None
        root = max((root for root in self.roots if path.is_relative_to(root)), key=lambda root: len(root.parts))
        kept = self.kept / str(self.roots.index(root)) / path.relative_to(root)
        return kept if kept.is_file() else None

    def _kept_where_changed(self, path: Path) -> Path:
        kept = self.kept_state(path)
        return kept if kept is not None and kept.read_bytes() != path.read_bytes() else path

    def keep(self, without: Iterable[str]) -> None:
        """Keep the state of every file.

        :param without: labels of files, or patterns, that are in error.
        """
        assert self.kept is not None
        in_error = set(without)
        for number, root in enumerate(self.roots):
            for pattern in PATTERNS:
                for path in self.of(pattern) if pattern not in in_error else ():
                    if not path.is_relative_to(root) or f"{path.parent.name}/{path.name}" in in_error:
                        continue
                    target, content = self.kept / str(number) / path.relative_to(root), path.read_bytes()
                    if not target.is_file() or target.read_bytes() != content:
                        write_bytes(target, content)
