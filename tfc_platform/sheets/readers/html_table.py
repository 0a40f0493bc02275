"""An HTML page that is one table, as many systems write it under the name of an .xls; a page of anything else is refused.

Row numbers are those of the table, which is how Excel shows the page. Nothing of the page is fetched, run or followed.

Belongs here: finding the table. Does not belong: telling a page from an export (`sniff`).
"""

from __future__ import annotations

from html.parser import HTMLParser

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.file_format import WEB_PAGE
from tfc_platform.sheets.readers.encodings import encoding_of, lines_of
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Sheet, SheetRow, Unreadable

__all__ = ["read"]

LEAST_ROWS, LEAST_COLUMNS = 2, 2  # of a table of data
MOST_SPAN = 1000  # columns that one cell may stand for
FORM = {"input", "form", "button", "select"}
SILENT = {"script", "style"}


class _Page(HTMLParser):
    """The tables of a page, and whether it asks for something. A table within a table is part of the layout of a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[str]]] = []
        self.is_form = self.is_nested = False
        self.depth = self.silent = 0
        self.cell: list[str] | None = None
        self.span = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORM:
            self.is_form = True
        elif tag in SILENT:
            self.silent += 1
        elif tag == "table":
            self.is_nested |= self.depth > 0
            self.depth += 1
            self.tables.append([])
        elif self.is_nested:
            self.cell = None  # the page is refused
        elif self.depth and tag == "tr":
            self._end_cell()
            self.tables[-1].append([])
        elif self.depth and tag in ("td", "th"):
            self._end_cell()
            if not self.tables[-1]:
                self.tables[-1].append([])
            written = dict(attrs).get("colspan") or "1"
            self.span = min(int(written), MOST_SPAN) if written.isascii() and written.isdigit() else 1
            self.cell = []
        elif tag == "br" and self.cell is not None:
            self.cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in ("td", "th", "tr", "table"):
            self._end_cell()
            if tag == "table":
                self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.cell is not None and not self.silent:
            self.cell.append(data)

    def _end_cell(self) -> None:
        if self.cell is not None and not self.is_nested:
            text = " ".join("".join(self.cell).split())
            self.tables[-1][-1] += [text, *[""] * (self.span - 1)]
            self.cell = None


def _is_data(table: list[list[str]]) -> bool:
    return len(table) >= LEAST_ROWS and max(map(len, table)) >= LEAST_COLUMNS


def read(content: bytes, reading: Reading) -> Grid:
    """:raises Unreadable: where the page is a form, has no table of data, or several."""
    encoding = encoding_of(content)
    page = _Page()
    for line in lines_of(content, encoding):
        page.feed(line)
    page.close()
    tables = [table for table in page.tables if _is_data(table)]
    if page.is_form or page.is_nested or not tables:
        raise Unreadable(WEB_PAGE)
    if len(tables) > 1:
        raise Unreadable(
            f"The file is a web page (HTML) with {len(tables)} tables, and nobody can tell which one counts. Save the one as"
            " .xlsx and send it again."
        )
    rows = [SheetRow(number, tuple(cells)) for number, cells in enumerate(tables[0], start=1) if any(cells)]
    message = (
        "The file is an HTML table, whatever its name says. Its cells were read as text. Save it as .xlsx next time."
    )
    notices = [ReaderNotice(None, "html_table", message)]
    return Grid([Sheet(None, rows)], warnings=notices, read_as=ReadAs("html", encoding))
