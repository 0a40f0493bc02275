"""Running `tfc` with what it is given and what it prints: in this process, as a start takes two seconds, or in one of its own."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

from tests.night.nights import FIRST, Home
from tfc_platform.cli import main

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
    code, out, err = 0, io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, _environment(home, as_of), clear=True),
        mock.patch.object(sys, "argv", ["tfc", *arguments]),
        mock.patch.object(sys, "stdin", io.StringIO(given)),
        chdir(home.folder),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return Said(code, out.getvalue(), err.getvalue())


def tfc_as_people_do(home: Home, *arguments: str, given: str = "", as_of: date = FIRST) -> Said:
    """The same in a process of its own, for a command that a night follows."""
    done = subprocess.run(
        [TFC, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=home.folder,
        env=_environment(home, as_of),
        input=given,
        timeout=600,
    )
    return Said(done.returncode, done.stdout, done.stderr)


def _environment(home: Home, as_of: date) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("TFC_", "DAGSTER_"))}
    return env | home.env(as_of)
