"""What Dagster may keep of an unexpected error: its class and the line where it arose, never its message.

A database, a reader or an encoder repeats in its message the value that it could not take, and a value may be a cell of a
return. Dagster writes an exception, its causes and its message to the event log, which more people read than returns.
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

__all__ = ["redact_errors"]

PACKAGE = Path(__file__).resolve().parent.parent
Function = TypeVar("Function", bound=Callable[..., Any])
# Their messages are ours or Dagster's: they name settings, contracts, steps and checks.
KEPT = (dg.Failure, dg.RetryRequested, dg.DagsterError)


def _lines_of(error: BaseException) -> str:
    """The innermost line of ours that the error passed through, and the one that called it."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    if not own:
        return "outside the platform's own code"
    lines = [f"{Path(frame.filename).relative_to(PACKAGE.parent).as_posix()}, line {frame.lineno}" for frame in own]
    return ", from ".join(reversed(lines[-2:]))


@contextmanager
def _redacted() -> Iterator[None]:
    try:
        yield
    except KEPT:
        raise
    except ConfigurationError as error:
        # It will not come right by itself, and its message says what to do.
        raise dg.Failure(str(error), allow_retries=False) from None
    except Exception as error:
        message = f"{type(error).__name__} at {_lines_of(error)}. Its message is left out: it may repeat a cell."
        # The landing zone or a disk may answer later; whatever else went wrong will do so again.
        raise dg.Failure(message, allow_retries=isinstance(error, OSError)) from None


def redact_errors(function: Function) -> Function:
    """Let no exception of an asset's or check's body reach Dagster with a message that is not our own.

    A wrong setting or contract fails once, with its sentence; an error of a disk or the landing zone may be retried.
    """
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def events(*arguments: Any, **named: Any) -> Iterator[Any]:
            with _redacted():
                yield from function(*arguments, **named)

        return cast(Function, events)

    @functools.wraps(function)
    def value(*arguments: Any, **named: Any) -> Any:
        with _redacted():
            return function(*arguments, **named)

    return cast(Function, value)
