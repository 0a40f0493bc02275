"""Running `tfc` as people do, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tests.night.nights import FIRST, Home

TFC = Path(sys.executable).with_name("tfc")


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def tfc(home: Home, *arguments: str, given: str = "", as_of: date = FIRST) -> Said:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TFC_", "DAGSTER_"))}
    done = subprocess.run(
        [TFC, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=home.folder,
        env=env | home.env(as_of),
        input=given,
        timeout=600,
    )
    return Said(done.returncode, done.stdout, done.stderr)
