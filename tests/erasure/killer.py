"""Erasures in processes that are killed, for `test_killed_erasure`: a program of its own, which imports all before it forks.

Arguments: the story to erase, and JSON: folders of `Home`s, each with the places where to be killed, as in
`tests/night/killer.py`, one process after the other. At the end of a home one undisturbed erasure, unless its last place is
`night` and a place, for a night that is killed there. After each process it puts on its output, as a line of JSON: the folder,
the place, how the process ended, and what readers see then.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.night.killer import kill_at  # which imports what each child needs
from tests.night.nights import FIRST, Home
from tfc_platform.cli.erase import carry_out
from tfc_platform.erasure.erasure_request import RecordScope
from tfc_platform.versions import current_id

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
                    carry_out(home.settings(FIRST), "story", story, RecordScope())
                    code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    story = sys.argv[1]
    for folder, places in json.loads(sys.argv[2]).items():
        home = Home(Path(folder))
        for place in [*places, *([] if places and places[-1].startswith(NIGHT) else [None])]:
            ended = erasure(home, story, place)
            sees = current_id(home.places.releases)
            sys.stdout.write(json.dumps({"folder": folder, "place": place, "ended": ended, "release": sees}) + "\n")
            sys.stdout.flush()
