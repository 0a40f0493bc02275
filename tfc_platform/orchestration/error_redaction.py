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

from tfc_platform.admission.admit import NotTakenInError
from tfc_platform.build.lake_views import LakeFileError
from tfc_platform.disk_errors import disk_sentence
from tfc_platform.ingest.landing import LandingError
from tfc_platform.night_lock import NightRunningError
from tfc_platform.publication.released_table import ReleaseError
from tfc_platform.settings import ConfigurationError
from tfc_platform.versions import VersionTaken

__all__ = ["NIGHT_IS_RUNNING", "SETTING_IS_WRONG", "redact_errors"]

PACKAGE = Path(__file__).resolve().parent.parent
Function = TypeVar("Function", bound=Callable[..., Any])
# Their messages are ours or Dagster's: they name settings, contracts, steps and checks.
SETTING_IS_WRONG = (
    "setting_or_disk_is_wrong"  # marks a failure that a person at the machine has to correct: exit code 2
)
# Errors of our own whose messages name steps, tables and files and never a cell.
OWN_ERRORS = (LandingError, LakeFileError, NotTakenInError, ReleaseError, VersionTaken)
NIGHT_IS_RUNNING = "another_night_is_running"  # marks a run that was refused because of another
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
    except NightRunningError as error:
        raise dg.Failure(str(error), metadata={NIGHT_IS_RUNNING: True}, allow_retries=False) from None
    except ConfigurationError as error:
        # It will not come right by itself, and its message says what to do.
        raise dg.Failure(str(error), metadata={SETTING_IS_WRONG: True}, allow_retries=False) from None
    except OWN_ERRORS as error:
        raise dg.Failure(str(error), allow_retries=isinstance(error, OSError)) from None
    except Exception as error:
        # The landing zone or a disk may answer later; whatever else went wrong will do so again.
        retry = isinstance(error, OSError)
        if sentence := disk_sentence(error):
            raise dg.Failure(sentence, metadata={SETTING_IS_WRONG: True}, allow_retries=retry) from None
        message = f"{type(error).__name__} at {_lines_of(error)}. Its message is left out: it may repeat a cell."
        raise dg.Failure(message, allow_retries=retry) from None


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
