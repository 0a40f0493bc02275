"""Which landed files are at rest, and which are still being written: those are left for the next night.

A time of change may be kept by the program that copies, or be wrong by the clock of another machine. So nothing follows from it
but whether a file is worth a second look: two looks a moment apart that see another size or stamp say that it is being written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tfc_platform.ingest.landing import Landed, Landing, LandingLook
from tfc_platform.ingest.landing_walk import UnreadFile

__all__ = ["RestWatch", "RestingFiles"]

FRESH = 60.0  # seconds since its last change; a longer pause within one upload is seen by nobody

Seen = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class RestingFiles:
    """What of a folder may be read now, and the paths of what is still being written."""

    files: tuple[Landed, ...]
    waiting: frozenset[str] = frozenset()
    failed: tuple[UnreadFile, ...] = ()
    refused: tuple[UnreadFile, ...] = ()

    @classmethod
    def of(cls, look: LandingLook, waiting: frozenset[str] = frozenset()) -> RestingFiles:
        """What a look saw, without the files that wait."""
        files = tuple(item for item in look.files if item.path not in waiting)
        return cls(files, waiting, look.failed, look.refused)


@dataclass
class RestWatch:
    """Looks twice at folders in which something has just changed. All folders of a run share one pause.

    :param seconds: between the two looks; 0: every file is taken to be at rest.
    :param folders: those whose first look is made together with that of the first one that is asked about.
    """

    landing: Landing
    seconds: float
    folders: tuple[str, ...] = ()
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    _first: dict[str, Seen] = field(default_factory=dict)
    _looked_at: float = 0.0

    def files(self, folder: str) -> RestingFiles:
        """Every file of a folder by whether it is at rest.

        :raises OSError: where the landing zone does not answer.
        """
        look = self.landing.look(folder)
        if not self.seconds or not any(self._is_fresh(item) for item in look.files):
            return RestingFiles.of(look)
        if folder not in self._first:
            self._look(folder)
        left = self._looked_at + self.seconds - self.clock()
        if left > 0:
            self.sleep(min(left, self.seconds))
        look = self.landing.look(folder)
        first = self._first[folder]
        waiting = frozenset(item.path for item in look.files if first.get(item.path) != (item.size, item.stamp))
        return RestingFiles.of(look, waiting)

    def _look(self, folder: str) -> None:
        others = (one for one in self.folders if one not in self._first and one != folder)
        self._first[folder] = _seen(self.landing.files(folder))
        for other in others:
            try:
                self._first[other] = _seen(self.landing.files(other))
            except OSError:
                continue  # it is asked about, and reported, when its own turn comes
        self._looked_at = self.clock()

    def _is_fresh(self, landed: Landed) -> bool:
        return landed.changed_at is not None and landed.changed_at > self.clock() - FRESH


def _seen(files: Iterable[Landed]) -> Seen:
    return {item.path: (item.size, item.stamp) for item in files}
