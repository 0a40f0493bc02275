"""How commands print: tables and sentences for people, JSON for programs, progress on the standard error.

A name of a file, sheet or column may hold characters that a terminal obeys: they are shown spelt out.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from tempfile import NamedTemporaryFile
from traceback import extract_tb
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tfc_platform.printable import printable

__all__ = ["keep_lines", "print_json", "print_table", "progress", "say", "stop"]

# A pipe has no width: a table is then as wide as its cells, so that other programs can cut it up.
_WIDE = None if sys.stdout.isatty() else 240
_out = Console(soft_wrap=True, highlight=False, width=_WIDE)
# What JSON leaves as it is, and a terminal obeys.
_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_err = Console(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """A value as JSON. JSON spells out the first set of control characters; the others are spelt out here."""
    text = json.dumps(value, ensure_ascii=False, indent=1, default=str)
    sys.stdout.write(_IN_JSON.sub(lambda found: f"\\u{ord(found.group()):04x}", text) + "\n")


def say(text: str) -> None:
    """A sentence to the standard output."""
    _out.print(printable(text, keep="\n"), markup=False)


def progress(text: str) -> None:
    """To the standard error, so that --json stays clean."""
    _err.print(f"  {printable(text)}", style="dim", markup=False)


def stop(text: str, code: int) -> NoReturn:
    """Say what is wrong and end."""
    _err.print(printable(text, keep="\n"), style="bold red", markup=False)
    raise SystemExit(code)


def keep_lines(error: BaseException) -> str:
    """Keep where an error arose, without its text and the values of variables; gives the sentence that names the file."""
    lines = [f"{frame.filename}, line {frame.lineno}, in {frame.name}" for frame in extract_tb(error.__traceback__)]
    try:
        with NamedTemporaryFile("w", prefix="tfc-error-", suffix=".log", delete=False) as log:
            log.write("\n".join([type(error).__name__, *lines, ""]))
    except OSError:
        return f"It arose in {lines[-1] if lines else 'an unknown line'}."
    return f"Where it arose is kept in {log.name}."


def print_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """A table of rows; `columns` maps a key to its heading."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(key) is None else Text(printable(str(row[key]))) for key in columns))
    _out.print(table)
