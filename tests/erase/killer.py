"""Erasures in processes that are killed, for `test_killed_erasure`: a program of its own, which imports all before it forks.

Arguments: the folder of a `Home`, the story to erase, and the places where to be killed, as in `tests/night/killer.py`, one
process after the other. At the end one undisturbed erasure, unless the last argument is `night` and a place, for a night that is
killed there. After each process it puts on its output, as a line of JSON: the place, how the process ended, and what readers
see then.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import great_expectations  # noqa: F401  (so that each child need not)

from tests.night.killer import kill_at
from tests.night.nights import FIRST, Home
from tfc_platform.cli.erase import carry_out
from tfc_platform.erase.request import Where
from tfc_platform.publish.versions import current_id

NIGHT = "night "


def erasure(home: Home, story: str, place: str | None) -> int:
    """One erasure, or a night, in a process of its own; gives how it ended: minus the signal, or its exit code."""
    child = os.fork()
    if child == 0:
        code = 3
        try:
            with mock.patch.dict(os.environ):
                if place is not None:
                    kill_at(place.removeprefix(NIGHT))
                if place is not None and place.startswith(NIGHT):
                    code = 0 if home.night().success else 1
                else:
                    carry_out(home.settings(FIRST), "story", story, Where())
                    code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    folder, story, *places = sys.argv[1:]
    home = Home(Path(folder))
    for place in [*places, *([] if places and places[-1].startswith(NIGHT) else [None])]:
        ended = erasure(home, story, place)
        sees = current_id(home.places.releases)
        sys.stdout.write(json.dumps({"place": place, "ended": ended, "release": sees}) + "\n")
        sys.stdout.flush()
