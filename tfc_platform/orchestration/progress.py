"""Progress of a night, for Dagster's log and for a command that runs the night in its own process."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from tfc_platform.printable import printable

__all__ = ["listening", "report_progress", "report_together"]

_LOGGER = logging.getLogger("tfc_platform.progress")
_LOGGER.propagate = False


class _HasLog(Protocol):
    @property
    def log(self) -> logging.Logger: ...


def report_progress(context: _HasLog) -> Callable[[str], None]:
    """A function that reports a sentence to a step's log and to whoever listens in this process.

    Sentences name files, sources, tables and rules, and never a cell.
    """

    def report(message: str) -> None:
        context.log.info(printable(message))
        _LOGGER.info(printable(message))

    return report


@contextmanager
def report_together(context: _HasLog) -> Iterator[Callable[[str], None]]:
    """As `report_progress`, but the step's log gets all sentences as one entry at the end: a step may read many files."""
    sentences: list[str] = []

    def report(message: str) -> None:
        sentences.append(printable(message))
        _LOGGER.info(printable(message))

    try:
        yield report
    finally:
        if sentences:
            context.log.info("\n".join(sentences))


class _Listener(logging.Handler):
    def __init__(self, listen: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._listen = listen

    def emit(self, record: logging.LogRecord) -> None:
        self._listen(record.getMessage())


@contextmanager
def listening(listen: Callable[[str], None]) -> Iterator[None]:
    """Within, `listen` gets each sentence that a step of this process reports."""
    handler, before = _Listener(listen), _LOGGER.level
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(logging.INFO)
    try:
        yield
    finally:
        _LOGGER.removeHandler(handler)
        _LOGGER.setLevel(before)
