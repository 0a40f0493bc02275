"""An HTML page that is one table, as many systems write it under the name of an .xls. Any other page is refused.

Row numbers are those of the table, which is how Excel shows the page. Nothing on the page is fetched, run or followed.
"""

from __future__ import annotations

import warnings

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning, Tag, XMLParsedAsHTMLWarning

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.file_format import WEB_PAGE
from tfc_platform.sheets.readers.encodings import encoding_of, lines_of
from tfc_platform.sheets.sheet_model import Grid, ReadAs, ReaderNotice, Sheet, SheetRow, Unreadable

__all__ = ["read"]

LEAST_ROWS, LEAST_COLUMNS = 2, 2  # of a table of data
MOST_SPAN = 1000  # columns that one cell may stand for
FORM = ["input", "form", "button", "select"]
HTML_TABLE = (
    "The file is an HTML table, whatever its name says. Its cells were read as text. Save it as .xlsx next time."
)


def _cells(line: Tag) -> list[str]:
    """The texts of a table's row. A cell that spans several columns is followed by blanks."""
    texts: list[str] = []
    for cell in line.find_all(["td", "th"]):
        written = str(cell.get("colspan") or "1")
        span = min(int(written), MOST_SPAN) if written.isascii() and written.isdigit() else 1
        own = [text for text in cell.find_all(string=True) if text.find_parent(["td", "th"]) is cell]
        texts += [" ".join("".join(own).split()), *[""] * (span - 1)]
    return texts


def _parse(text: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)
        page = BeautifulSoup(text, "html.parser")
    for silent in page.find_all(["script", "style"]):
        silent.decompose()
    for line_end in page.find_all("br"):
        line_end.insert_before(" ")
    return page


def read(content: bytes, reading: Reading) -> Grid:
    """The one table of data of a page, as a sheet of texts.

    :raises Unreadable: where the page is a form, has no table of data, or several.
    """
    encoding = encoding_of(content)
    try:
        page = _parse("".join(lines_of(content, encoding)))
        is_nested = any(table.find("table") for table in page.find_all("table"))
        tables = [[_cells(line) for line in table.find_all("tr")] for table in page.find_all("table")]
    except (RecursionError, ValueError):
        raise Unreadable(WEB_PAGE) from None
    of_data = [table for table in tables if len(table) >= LEAST_ROWS and max(map(len, table)) >= LEAST_COLUMNS]
    if page.find(FORM) is not None or is_nested or not of_data:
        raise Unreadable(WEB_PAGE)
    if len(of_data) > 1:
        raise Unreadable(
            f"The file is a web page (HTML) with {len(of_data)} tables, and nobody can tell which one counts. Save the one as"
            " .xlsx and send it again."
        )
    rows = [SheetRow(number, tuple(cells)) for number, cells in enumerate(of_data[0], start=1) if any(cells)]
    notice = ReaderNotice(None, "html_table", HTML_TABLE)
    return Grid([Sheet(None, rows)], warnings=[notice], read_as=ReadAs("html", encoding))
