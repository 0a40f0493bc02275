"""Takings-in that are killed, for `test_long_killed`: a program of its own, which has imported all before it forks.

Arguments: the landing zone, the home, the site, and the places where to be killed, one process after the other:
`module:owner:function:call`, after that call of the function (owner is a class or empty). At the end one that is not disturbed.
After each process it puts on its output, as a line of JSON, how the process ended and what is left under temporary names.
Everything is long here: files come in pieces, and lists are handed out when they hold a hundred.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import traceback
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.erasure import carry_out  # noqa: F401  (so that no child imports it)
from tfc_platform.ingest import arrival, ingest_result, ingest_sender
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Settings
from tfc_platform.sheets import cell_columns
from tfc_platform.sheets.readers import csv_blocks


def kill_after(place: str) -> None:
    module, owner, function, call = place.split(":")
    holder: Any = importlib.import_module(module)
    holder = getattr(holder, owner) if owner else holder
    original, calls = getattr(holder, function), 0

    def killed(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        result = original(*arguments, **named)
        if calls == int(call):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(holder, function, killed)


def take_in(landing: str, home: str, site: str, place: str | None) -> int:
    child = os.fork()
    if child == 0:
        code = 3
        try:
            if place is not None:
                kill_after(place)
            settings = Settings(landing, Path(home), (), "duckdb", date(2026, 5, 1), "a key of the tests, not a secret")
            intake = Intake.load(settings, load_catalogue())
            ingest_sender.take_in(replace(intake), site)
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    landing, home, site, *places = sys.argv[1:]
    arrival.IN_PIECES, csv_blocks.BLOCK, cell_columns.CHUNK = 0, 1000, 10
    ingest_result.IngestResult.hand_out.__defaults__ = (100,)
    for place in [*places, None]:
        ended = take_in(landing, home, site, place)
        left = sorted(path.parent.name for path in Path(home).rglob(".writing-*"))
        whole = sorted(path.suffix for path in Path(home, "lake", "receipts").rglob("*.json"))
        sys.stdout.write(json.dumps({"place": place, "ended": ended, "left": left, "receipts": len(whole)}) + "\n")
        sys.stdout.flush()
