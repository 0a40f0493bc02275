"""Nights in processes that are killed, for `test_killed`: a program of its own, which has imported all before it forks.

Arguments: the folder of a `Home`, and the places where to be killed, one process after the other:
`module:function:call:when`, when being `before` or `after` that call of the function. At the end one undisturbed night. After
each process it puts on its output, as a line of JSON: the place, how the process ended, and what readers see then.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import alembic  # noqa: F401  (these so that each child need not)
import great_expectations  # noqa: F401
import openpyxl  # noqa: F401
import scipy.special  # noqa: F401

from tests.night.nights import SECOND, Home
from tfc_platform.release.manage import verify_release


def kill_at(place: str) -> None:
    """Let this process be killed around one call of one function."""
    owner, function, call, when = place.split(":")
    module: Any = importlib.import_module(owner)
    original, calls = getattr(module, function), 0

    def killed(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == int(call) and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if calls == int(call):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(module, function, killed)


def night(home: Home, place: str | None) -> int:
    """One night in a process of its own; gives how it ended: minus the signal, or its exit code."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            if place is not None:
                kill_at(place)
            code = 0 if home.night(SECOND).success else 1
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def seen(home: Home) -> dict[str, Any]:
    """In a process of its own too: this one must start no thread before it forks."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        found: dict[str, Any] = {"research": None, "release": None, "problems": []}
        if (home.places.research / "current").is_symlink():
            found["research"] = home.research_id
            assert home.rows("select count(*) > 0 from marts.mart_delivery") == [(True,)]
        if (home.places.releases / "current").is_symlink():
            found["release"] = home.release_id
            found["problems"] = verify_release(home.places)
        os.write(writing, json.dumps(found).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as stream:
        result: dict[str, Any] = json.loads(stream.read() or '{"problems": ["the reader broke"]}')
    return result


if __name__ == "__main__":
    folder, *places = sys.argv[1:]
    home = Home(Path(folder), kept=True, with_pages=True)
    for place in [*places, None]:
        ended = night(home, place)
        sys.stdout.write(json.dumps({"place": place, "ended": ended, **seen(home)}) + "\n")
        sys.stdout.flush()
