"""All that is said of a file, as one record."""

from __future__ import annotations

from dataclasses import dataclass, field

from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.tools import Exclude

__all__ = ["FileProfile", "SheetProfile"]


@dataclass
class SheetProfile:
    """A sheet, what was made of it (`data`, `repeats`, `other`, `no_table`, `empty`, `hidden`, `not_read`), and its rows."""

    name: str | None
    state: str
    rows: int = 0
    header_row: int | None = None  # the number of the last header row, as its sender sees it


@dataclass
class FileProfile:
    """All that is said of a file. `rows` and `excluded` together are the data rows of the sheets whose state is `data`."""

    readable: bool
    tool: str = "unknown"
    title: str = ""
    what: str = "data"
    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    reader: str = ""
    header_rows: int = 0
    join: str = "first"
    first_row: int | None = None  # of the data, as its sender sees it
    rows: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    not_data: int = 0
    columns: list[ColumnProfile] = field(default_factory=list)
    sheets: list[SheetProfile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rules: list[tuple[str, Exclude]] = field(default_factory=list)  # column, and the tool's own rule
