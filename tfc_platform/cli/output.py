"""How commands print: tables and sentences for people, JSON for programs, progress on the standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from rich.console import Console
from rich.table import Table

__all__ = ["print_json", "print_table", "progress", "say", "stop"]

# A pipe has no width: a table is then as wide as its cells, so that other programs can cut it up.
_WIDE = None if sys.stdout.isatty() else 240
_out = Console(soft_wrap=True, highlight=False, width=_WIDE)
_err = Console(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def say(text: str) -> None:
    _out.print(text, markup=False)


def progress(text: str) -> None:
    """To the standard error, so that --json stays clean."""
    _err.print(f"  {text}", style="dim", markup=False)


def stop(text: str, code: int) -> NoReturn:
    """Say what is wrong and end."""
    _err.print(text, style="bold red", markup=False)
    raise SystemExit(code)


def print_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """A table of rows; `columns` maps a key to its heading."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in columns.values():
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*("" if row.get(key) is None else str(row[key]) for key in columns))
    _out.print(table)
