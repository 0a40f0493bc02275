"""The returns that the benchmark's nights work on, made by the demonstration's own generator: nobody needs other data."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from tfc_platform import demo
from tfc_platform.atomic_io import write_bytes
from tfc_platform.demo import config, nights, scenario

__all__ = ["AS_OF", "add_new_month", "fill"]

AS_OF = date(2026, 5, 11)  # after the last day of the new month, so that none of its rows is of the future
SEED = 2026


def fill(landing: Path, returns: Path | None = None) -> None:
    """Everything of a first night: the demonstration's returns, or a copy of `returns`."""
    if returns is None:
        demo.write(landing, SEED)
    else:
        shutil.copytree(returns, landing)


def add_new_month(landing: Path, rows: int) -> str:
    """Drop one new file of about `rows` rows, a site's sessions of the month after; gives its path in the landing zone.

    It is the good one of the demonstration's second night, with more sessions than a month there has.
    """
    plan = config.load()
    activity = {**plan.settings["activity"], "sessions_a_month": [rows, rows]}
    made = scenario.make(replace(plan, settings={**plan.settings, "activity": activity}), SEED)
    (drop,) = (item for item in nights.drops_of(made, 2) if item.status == "accepted")
    write_bytes(landing / drop.path, drop.content)
    return drop.path
