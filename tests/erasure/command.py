"""Running `tfc` with what it is given and what it prints, in this process: a start of its own takes two seconds each."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from typing import Any
from unittest import mock

from tests.night.nights import FIRST, Home
from tfc_platform.cli import main


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
    code, out, err = 0, io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, env | home.env(as_of), clear=True),
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
