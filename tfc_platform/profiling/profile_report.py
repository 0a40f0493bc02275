"""An inspection for programs and for people.

Of cells it has counts and codes for missing alone.
"""

from __future__ import annotations

from typing import Any

from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.draft import DraftPart, draft_frame
from tfc_platform.profiling.draft_activity import activity_part, is_log
from tfc_platform.profiling.draft_survey import is_survey, survey_part
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.tools import load_tools

__all__ = ["COLUMNS", "as_data", "column_rows", "draft_contract", "facts", "next_steps"]

COLUMNS = {
    "number": "",
    "name": "Column",
    "kind": "Kind",
    "blank": "Blank",
    "distinct": "Different",
    "says": "What else",
}
LONGEST = 60  # characters of a name or a label in the table
ORDERS = {
    "iso": "year first",
    "words": "month in words",
    "day_first": "day first",
    "month_first": "month first",
    "ambiguous": "day or month first",
    "true_date": "true dates",
    "true_datetime": "true times",
    "serial": "spreadsheet numbers",
}


def _column(column: ColumnProfile) -> dict[str, Any]:
    return {
        "name": column.name,
        "label": column.label or None,
        "kind": column.kind,
        "missing_codes": list(column.missing_codes),
        "personal": column.personal or False,
        "blank": column.blank,
        "distinct": column.distinct,
        "distinct_at_most": column.more,
        "date_orders": column.date_orders,
    }


def as_data(found: FileProfile) -> dict[str, Any]:
    """The inspection as JSON has it."""
    return {
        "readable": found.readable,
        "tool": found.tool,
        "what": found.what,
        "format": found.format,
        "encoding": found.encoding,
        "delimiter": found.delimiter,
        "header_rows": found.header_rows,
        "first_row": found.first_row,
        "rows": found.rows,
        "excluded": found.excluded,
        "not_data": found.not_data,
        "columns": [_column(column) for column in found.columns],
        "sheets": [
            {"name": sheet.name, "state": sheet.state, "rows": sheet.rows, "header_row": sheet.header_row}
            for sheet in found.sheets
            if sheet.name is not None
        ],
        "warnings": found.warnings,
        "notes": found.notes,
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _says(column: ColumnProfile) -> str:
    said = []
    if column.personal:
        said.append("personal: " + ("may hold anything" if column.personal == "free_text" else column.personal))
    said += [f"{count} {ORDERS[order]}" for order, count in column.date_orders.items()]
    if column.missing_codes:
        said.append("missing: " + " ".join(column.missing_codes))
    if column.label and column.label != column.name and not column.name.endswith(f"| {column.label}"):
        said.append(_short(column.label))
    return "; ".join(said)


def column_rows(found: FileProfile) -> list[dict[str, Any]]:
    """The columns as rows of a table with the headings of `COLUMNS`."""
    return [
        {
            "number": column.number,
            "name": _short(column.name) or "(no name)",
            "kind": column.kind,
            "blank": column.blank,
            "distinct": f"{column.distinct} or fewer" if column.more else column.distinct,
            "says": _says(column),
        }
        for column in found.columns
    ]


def facts(found: FileProfile) -> list[str]:
    """The lines above the table of columns."""
    encoding = f", {found.encoding}" if found.encoding else ""
    delimiter = {"\t": ", parted by tabs", ";": ", parted by semicolons", "|": ", parted by bars"}.get(
        found.delimiter or "", ""
    )
    header = (
        "no header row" if not found.header_rows else f"{found.header_rows} header row" + "s" * (found.header_rows > 1)
    )
    lines = [
        f"Tool: {found.tool}" + (f" ({found.title})" if found.title else ""),
        f"Format: {found.format}{encoding}{delimiter}; {header}",
    ]
    if found.what == "data":
        left_out = ", ".join(f"{count} {reason}" for reason, count in found.excluded.items())
        lines.append(f"Rows: {found.rows}" + (f"; not counted: {left_out}" if left_out else ""))
    for sheet in found.sheets:
        if sheet.name is not None:
            where = f", header in row {sheet.header_row}" if sheet.header_row else ""
            rows = f", {sheet.rows} rows" if sheet.state in {"data", "other", "repeats"} else ""
            lines.append(f"Sheet {sheet.name}: {sheet.state.replace('_', ' ')}{rows}{where}")
    return lines


def next_steps(found: FileProfile) -> str:
    """What to do with what was said."""
    if not found.readable:
        return "Nothing can be said of it. Correct the file and inspect it again."
    if found.what != "data":
        return "Inspect the form's export with --dictionary and this file."
    if not found.columns:
        return "Put the columns' names in the row above the data, and inspect it again."
    return "Next: tfc inspect FILE --draft-contract --out CONTRACT.yaml, fill in what it marks, and see docs/adding-a-site.md."


def _part(found: FileProfile) -> DraftPart:
    tool = next((tool for tool in load_tools() if tool.tool == found.tool), None)
    names = tool.key_names if tool else ()
    key = next((column.name for header in names for column in found.columns if header.matches(column.name)), None)
    if key is None and tool is not None and tool.first_key and found.columns:
        key = found.columns[0].name
    is_plain = found.tool == "spreadsheet"
    if (is_plain or is_log(found)) and not (is_plain and is_survey(found)):
        return activity_part(found, key)
    return survey_part(found, tool, key)


def draft_contract(found: FileProfile, name: str) -> str:
    """A contract to edit, as YAML.

    :param found: a file that holds data and has a header.
    :param name: of the file, without folders.
    """
    return draft_frame(found, name, _part(found))
