"""From one cell to one field's value, by the type that the contract gives the column.

A value outside a closed list is not taken, so that nothing that a person typed freely reaches the lake. Nor does any message,
but for what `quote` lets through.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tfc_platform.atomic_io import sha256_text
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Column, normal
from tfc_platform.ingest.quotable_cells import quotable, said
from tfc_platform.ingest.site_cells import site_of
from tfc_platform.ingest.site_cells import suggestion as site_suggestion
from tfc_platform.ingest.values.attendance import no_count, parse_attendance
from tfc_platform.ingest.values.bands import mangled_band
from tfc_platform.ingest.values.coded_choices import parts
from tfc_platform.ingest.values.dates import no_date, read_date
from tfc_platform.ingest.values.numbers import hours_of, number_of
from tfc_platform.ingest.values.suggestions import suggestion
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets.sheet_model import UNCALCULATED, CellError, CellValue, is_blank, text_of

__all__ = ["CellContext", "CellProblem", "value_of"]

LARGEST = 1e15  # beyond it a whole number is no longer exact


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with a cell: the rule's name and a sentence, which repeats the cell where `quote` allows it alone.

    `kept`: the value stands all the same, whatever the contract says of cells that cannot be read. `day`: a date that could be
    read and is outside the contract's window.
    """

    reason: str
    message: str
    kept: bool = False
    day: date | None = None


@dataclass(frozen=True)
class CellContext:
    """What a cell's meaning depends on beside itself."""

    site: str
    catalogue: Catalogue
    pseudonyms: Pseudonyms
    purpose: str  # of this source's tokens: site, source, population and wave
    panel_purpose: str  # of tokens that link waves
    year: int | None = None  # that the sheet's name gives
    on: date | None = None  # the row's date, for names that hold for a time


Value = Any
ParsedCell = tuple[Value, CellProblem | None]


def _attendance(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    found = parse_attendance(cell, column)
    if found is not None:
        return found, None
    return None, CellProblem("invalid_attendance", f"{said(cell, column)} {no_count(cell)}")


def _date(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    if is_blank(cell):
        if column.invalid == "warn":
            return None, None  # what has not happened yet has no date
        return None, CellProblem("invalid_date", "The date is missing. Write day, month and year.")
    found = read_date(cell, column.formats, context.year, column.serials)
    if found is None:
        return None, CellProblem("invalid_date", f"{said(cell, column)} {no_date(cell)}")
    if column.within and not column.within[0] <= found.day <= column.within[1]:
        first, last = column.within
        return None, CellProblem(
            "date_outside_period",
            f"{said(cell, column, 'The date')} lies outside {first:%d/%m/%Y} to {last:%d/%m/%Y}. Correct the year or the"
            " month.",
            day=found.day,
        )
    return found.day, CellProblem(*found.odd, kept=True) if found.odd else None


def _number(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    if is_blank(cell):
        return None, None
    number = number_of(cell, column.decimal)
    with_unit = hours_of(cell, column.decimal) if number is None and column.units == "hours" else None
    value = with_unit if number is None else number
    least = -LARGEST if column.least is None else column.least
    most = LARGEST if column.most is None else column.most
    if value is None or not least <= value <= most:  # which no comparison with `not a number` is
        means = (
            " It has a unit: write the number of hours alone." if value is None and hours_of(cell) is not None else ""
        )
        what = f"{said(cell, column)} is no number that can stand here: it was left out.{means}"
        return None, CellProblem("invalid_number", what)
    return value, CellProblem("unit_converted", "", kept=True) if with_unit is not None else None


def _category(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    text = normal(text_of(cell))
    if not text:
        return None, CellProblem("invalid_code", "The answer is missing.") if column.invalid == "reject" else None
    if column.open:
        # A category without a closed list is short and holds no run of digits, or it is none (a phone number, a note).
        plain = " ".join(text_of(cell).split())
        result = 0 < len(plain) <= 60 and "@" not in plain and not re.search(r"\d{5}", plain)
        return (
            (plain, None)
            if result
            else (None, CellProblem("invalid_code", "This is not one of the answers: it was left out."))
        )
    code = column.code_of.get(text)
    if code is not None:
        return code, None
    band = mangled_band(cell, column.codes)
    if band is not None:
        return None, CellProblem("band_as_date", band)
    return None, CellProblem(
        "invalid_code", _unlisted(cell, column, column.codes, "is not one of the answers that the form offers.")
    )


def _unlisted(cell: CellValue, column: Column, listed: Iterable[str], what: str) -> str:
    """The sentence about a value outside a closed list; what may be meant is said where the value may be."""
    written = quotable(cell, column)
    return f"This {what}" if written is None else f"“{written}” {what}{suggestion(written, listed)}"


def _flag(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    text = normal(text_of(cell))
    if text in {"yes", "y", "true", "1"}:
        return True, None
    if text in {"no", "n", "false", "0", ""}:
        return False, None
    return None, CellProblem("invalid_code", "Write yes or no.")


def _id(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    text = text_of(cell)
    if re.fullmatch(column.pattern, text):
        return text, None
    return None, CellProblem("invalid_id", "This is not an identifier of the form that the programme gives out.")


def _token(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    text = text_of(cell)
    return (context.pseudonyms.token(context.purpose, text), None) if text else (None, None)


def _panel(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    text = normal(text_of(cell))
    return (context.pseudonyms.token(context.panel_purpose, text), None) if text else (None, None)


def _partners(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    names = [normal(name.replace("_", " ")) for name in parts(text_of(cell), column.separator, column.options)]
    tokens = sorted({context.pseudonyms.token(f"partner:{context.site}", name) for name in names if name})
    return tokens, None


def _activity(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    found = context.catalogue.activity(context.site, text_of(cell), context.on)
    if found is not None:
        return found, None
    return "unmapped", CellProblem(
        "unmapped_activity", "No alias knows this activity: it is counted as unmapped until someone maps it."
    )


def _postcode(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    if is_blank(cell):
        return None, None
    venue = context.catalogue.venue(context.site, text_of(cell))
    if venue is None:
        return None, CellProblem(
            "unknown_venue", "This postcode is not among the site's venues: the session is in no small area."
        )
    return venue.small_area_code, None


def _area(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    if is_blank(cell):
        return None, None
    found = context.catalogue.area(context.site, text_of(cell))
    if found:
        return found, None
    listed = sorted({area.area for area in context.catalogue.areas if area.site == context.site})
    what = _unlisted(cell, column, listed, "is not in the site's footprint: it was left out.")
    return None, CellProblem("unknown_area", what.replace("This is", "This area is", 1))


def _site(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    sites = context.catalogue.sites
    found = site_of(sites, cell)
    if found is None:
        near = site_suggestion(sites, cell)
        hint = f" Did you mean {near}?" if near else ""
        return None, CellProblem("invalid_code", f"This is not one of the programme's sites.{hint}")
    if column.own and found.site != context.site and any(site.site == context.site for site in sites):
        advice = "Send it with that site's return, or correct the site."
        return None, CellProblem("other_site", f"This row says that it is of {found.name}, another site. {advice}")
    return found.site, None


# What a cell without a value is to a column that does not say it otherwise.
_ERRORS = {
    "activity": "unmapped_activity",
    "area": "unknown_area",
    "attendance": "invalid_attendance",
    "date": "invalid_date",
    "id": "invalid_id",
    "number": "invalid_number",
    "postcode": "unknown_venue",
}
_ERROR_NAMES = re.compile(r"#[A-Z][A-Z_/0-9]{1,14}[!?]?", re.ASCII)


def _error(error: CellError, column: Column) -> ParsedCell:
    if error.what == UNCALCULATED:
        message = (
            "The cell holds a formula without a calculated value, which is not zero. Open the workbook in Excel, save it and"
            " send it again."
        )
    else:  # a damaged workbook can hold any text as the name of an error
        name = error.what if _ERROR_NAMES.fullmatch(error.what) else ""
        what = f"the error {name}" if name else "an error"
        message = f"The cell holds {what}, no value. Correct its formula, or write the value."
    return "unmapped" if column.type == "activity" else None, CellProblem(
        _ERRORS.get(column.type, "invalid_code"), message
    )


def _text_digest(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    text = text_of(cell)
    return (sha256_text(text), None) if text else (None, CellProblem("invalid_code", "The text is missing."))


TYPES: dict[str, Callable[[CellValue, Column, CellContext], ParsedCell]] = {
    "activity": _activity,
    "area": _area,
    "attendance": _attendance,
    "category": _category,
    "date": _date,
    "flag": _flag,
    "id": _id,
    "number": _number,
    "panel": _panel,
    "partners": _partners,
    "postcode": _postcode,
    "site": _site,
    "text_digest": _text_digest,
    "token": _token,
}


def value_of(cell: CellValue, column: Column, context: CellContext) -> ParsedCell:
    """The field's value, and the problem where the cell is not what the column holds."""
    if isinstance(cell, CellError):
        return _error(cell, column)
    return TYPES[column.type](cell, column, context)
