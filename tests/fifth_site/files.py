"""The returns of an invented fifth site: an OpenDocument log and a Stata survey, with what they add up to by hand.

The log is written as XML by hand, so that no reader of ours is tried on a file of the library that it reads with.
"""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
import pyreadstat

__all__ = ["SECRET", "write_log", "write_survey"]

SECRET = "Quenby Featherstonehaugh"
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">'
    "<office:body><office:spreadsheet>"
)
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest'
    ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">'
    '<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_KIND = "application/vnd.oasis.opendocument.spreadsheet"
HEADER = ["Held on", "What", "Took place", "Came", "Hours", "Where", "Led by", "Remarks"]


def _cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def write_log(target: Path, sheets: dict[str, list[list[object]]]) -> None:
    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join("<table:table-row>" + "".join(map(_cell, row)) + "</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in sheets.items()
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", _KIND, zipfile.ZIP_STORED)
        archive.writestr("content.xml", f"{_HEAD}{tables}</office:spreadsheet></office:body></office:document-content>")
        archive.writestr("META-INF/manifest.xml", _MANIFEST.format(kind=_KIND))


def quarter() -> dict[str, list[list[object]]]:
    """April to June 2025: 36 story times of 20 each, 3 boards of 6, one cancelled, one row that is no date."""
    sheets: dict[str, list[list[object]]] = {}
    for month, name in ((4, "April 2025"), (5, "May 2025"), (6, "June 2025")):
        rows: list[list[object]] = [["Harbour: sessions"], [], list(HEADER)]
        for day in range(1, 13):
            what = "Story time" if day % 2 else "Amser stori"
            where = "ZZ9 1AA" if day <= 6 else "ZZ9 2BB"
            rows.append([date(2025, month, day), what, "yes", 20, 1.0, where, SECRET, "Went well"])
        rows.append([date(2025, month, 20), "Board", "yes", 6, 2, "ZZ9 1AA", SECRET, None])
        if month == 5:
            rows.append(["31/06/2025", "Story time", "yes", 9, 1, "ZZ9 1AA", SECRET, None])
            rows.append([date(2025, 5, 21), "Story time", "no", None, None, "ZZ9 1AA", SECRET, None])
        rows.append(["Total", None, None, 246, None, None, None, None])
        sheets[name] = rows
    return sheets


def write_survey(target: Path, people: int = 60) -> None:
    """`people` answers, of equal weight: the first two thirds agree to every item and disagree with the two that are worded the
    other way round; the rest answer the opposite.
    """
    agree = [5 if n < people * 2 // 3 else 1 for n in range(people)]
    disagree = [6 - answer for answer in agree]
    items = [f"{letter}_{n}" for letter in "ktd" for n in (1, 2, 3)]
    frame = pd.DataFrame(
        {
            "id": [f"H{n:03d}" for n in range(people)],
            "wt": [1.0] * people,
            "area": [1 + n % 2 for n in range(people)],
            **{item: disagree if item in ("t_2", "d_3") else agree for item in items},
            "says": [f"I told {SECRET}" for _ in range(people)],
        }
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    pyreadstat.write_dta(frame, str(target))
