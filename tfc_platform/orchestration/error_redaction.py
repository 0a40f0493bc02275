"""What Dagster may keep of an error that nobody expected: its class and the line where it arose, never its words.

Belongs here: that one rule. Does not belong: handling any error.

A database, a reader or an encoder repeats in its message the value that it could not take, and a value may be a cell of a
return. Dagster writes an exception, its causes and its words to the event log, which more people read than returns.
"""

import functools
import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import dagster as dg

from tfc_platform.settings import ConfigurationError

__all__ = ["without_words"]

PACKAGE = Path(__file__).resolve().parent.parent
Function = TypeVar("Function", bound=Callable[..., Any])
# Their words are ours or Dagster's: they name settings, contracts, steps and checks.
SPEAK = (dg.Failure, dg.RetryRequested, dg.DagsterError, ConfigurationError)


def _place(error: BaseException) -> str:
    """The innermost line of ours that the error passed through, and the one that led there."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    if not own:
        return "outside the platform's own code"
    lines = [f"{Path(frame.filename).relative_to(PACKAGE.parent).as_posix()}, line {frame.lineno}" for frame in own]
    return ", from ".join(reversed(lines[-2:]))


@contextmanager
def _wordless() -> Iterator[None]:
    try:
        yield
    except SPEAK:
        raise
    except Exception as error:
        words = f"{type(error).__name__} at {_place(error)}. Its message is left out: it may repeat a cell."
        # The landing zone or a disk may answer later; whatever else went wrong will do so again.
        raise dg.Failure(words, allow_retries=isinstance(error, OSError)) from None


def without_words(function: Function) -> Function:
    """Let no exception of an asset's or check's body reach Dagster with words that are not our own."""
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def events(*arguments: Any, **named: Any) -> Iterator[Any]:
            with _wordless():
                yield from function(*arguments, **named)

        return cast(Function, events)

    @functools.wraps(function)
    def value(*arguments: Any, **named: Any) -> Any:
        with _wordless():
            return function(*arguments, **named)

    return cast(Function, value)
