"""From one cell to one field's value, by the type that the contract gives the column.

Belongs here: what each column type means. Does not belong: what becomes of a row whose cell cannot be read (`rows`).
A value outside a closed list is not taken, so that nothing that a person typed freely reaches the lake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tfc_platform.contracts.load import Catalogue
from tfc_platform.contracts.model import Column, normal
from tfc_platform.files import sha256_text
from tfc_platform.take_in.grid import Cell, CellError, is_blank, text_of
from tfc_platform.take_in.pseudonym import Pseudonyms
from tfc_platform.take_in.sites import site_of, suggestion
from tfc_platform.take_in.values.attendance import parse_attendance
from tfc_platform.take_in.values.dates import parse_date

__all__ = ["Context", "Problem", "value_of"]

# A comma stands between thousands alone: taken out of `1,5` it would make fifteen.
NUMBER = re.compile(r"[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
LARGEST = 1e15  # beyond it a whole number is no longer exact


@dataclass(frozen=True)
class Problem:
    """A cell that is not what its column holds: the rule's name and a sentence without the cell."""

    reason: str
    message: str


@dataclass(frozen=True)
class Context:
    """What a cell's meaning depends on beside itself."""

    site: str
    catalogue: Catalogue
    pseudonyms: Pseudonyms
    purpose: str  # of this source's tokens: site, source, population and wave
    panel_purpose: str  # of tokens that link waves
    year: int | None = None  # that the sheet's name gives
    on: date | None = None  # the row's date, for names that hold for a time


Value = Any
Outcome = tuple[Value, Problem | None]


def _attendance(cell: Cell, column: Column, context: Context) -> Outcome:
    found = parse_attendance(cell, column)
    if found is not None:
        return found, None
    return None, Problem(
        "invalid_attendance", "This is no count of people. Write a whole number, or leave it blank if nobody counted."
    )


def _date(cell: Cell, column: Column, context: Context) -> Outcome:
    if is_blank(cell):
        if column.invalid == "warn":
            return None, None  # what has not happened yet has no date
        return None, Problem("invalid_date", "The date is missing. Write day, month and year.")
    found = parse_date(cell, column.formats, context.year)
    if found is None:
        return None, Problem("invalid_date", "This is no date. Write day, month and year, as 03/04/2025.")
    if column.within and not column.within[0] <= found <= column.within[1]:
        first, last = column.within
        return None, Problem(
            "date_outside_period",
            f"The date lies outside {first:%d/%m/%Y} to {last:%d/%m/%Y}. Correct the year or the month.",
        )
    return found, None


def _number(cell: Cell, column: Column, context: Context) -> Outcome:
    if is_blank(cell):
        return None, None
    number = math.nan
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        number = float(cell)
    elif NUMBER.fullmatch(text := text_of(cell)):
        number = float(text.replace(",", ""))
    least = -LARGEST if column.least is None else column.least
    most = LARGEST if column.most is None else column.most
    if not least <= number <= most:  # which no comparison with `not a number` is
        return None, Problem("invalid_number", "This is no number that can stand here: it was left out.")
    return number, None


def _category(cell: Cell, column: Column, context: Context) -> Outcome:
    text = normal(text_of(cell))
    if not text and not isinstance(cell, CellError):
        return None, Problem("invalid_code", "The answer is missing.") if column.invalid == "reject" else None
    if column.open:
        # A category without a closed list is short and holds no run of digits, or it is none (a phone number, a note).
        plain = " ".join(text_of(cell).split())
        taken = 0 < len(plain) <= 60 and "@" not in plain and not re.search(r"\d{5}", plain)
        return (
            (plain, None)
            if taken
            else (None, Problem("invalid_code", "This is not one of the answers: it was left out."))
        )
    code = column.code_of.get(text)
    return (
        (code, None)
        if code is not None
        else (None, Problem("invalid_code", "This is not one of the answers that the form offers."))
    )


def _flag(cell: Cell, column: Column, context: Context) -> Outcome:
    text = normal(text_of(cell))
    if text in {"yes", "y", "true", "1"}:
        return True, None
    if text in {"no", "n", "false", "0", ""}:
        return False, None
    return None, Problem("invalid_code", "Write yes or no.")


def _id(cell: Cell, column: Column, context: Context) -> Outcome:
    text = text_of(cell)
    if re.fullmatch(column.pattern, text):
        return text, None
    return None, Problem("invalid_id", "This is not an identifier of the form that the programme gives out.")


def _token(cell: Cell, column: Column, context: Context) -> Outcome:
    text = text_of(cell)
    return (context.pseudonyms.token(context.purpose, text), None) if text else (None, None)


def _panel(cell: Cell, column: Column, context: Context) -> Outcome:
    text = normal(text_of(cell))
    return (context.pseudonyms.token(context.panel_purpose, text), None) if text else (None, None)


def _partners(cell: Cell, column: Column, context: Context) -> Outcome:
    names = [normal(name.replace("_", " ")) for name in text_of(cell).split(column.separator)]
    tokens = sorted({context.pseudonyms.token(f"partner:{context.site}", name) for name in names if name})
    return tokens, None


def _activity(cell: Cell, column: Column, context: Context) -> Outcome:
    found = context.catalogue.activity(context.site, text_of(cell), context.on)
    if found is not None:
        return found, None
    return "unmapped", Problem(
        "unmapped_activity", "No alias knows this activity: it is counted as unmapped until someone maps it."
    )


def _postcode(cell: Cell, column: Column, context: Context) -> Outcome:
    if is_blank(cell):
        return None, None
    venue = context.catalogue.venue(context.site, text_of(cell))
    if venue is None:
        return None, Problem(
            "unknown_venue", "This postcode is not among the site's venues: the session is in no small area."
        )
    return venue.small_area_code, None


def _area(cell: Cell, column: Column, context: Context) -> Outcome:
    if is_blank(cell):
        return None, None
    found = context.catalogue.area(context.site, text_of(cell))
    return (
        (found, None)
        if found
        else (None, Problem("unknown_area", "This area is not in the site's footprint: it was left out."))
    )


def _site(cell: Cell, column: Column, context: Context) -> Outcome:
    sites = context.catalogue.sites
    found = site_of(sites, cell)
    if found is None:
        near = suggestion(sites, cell)
        hint = f" Did you mean {near}?" if near else ""
        return None, Problem("invalid_code", f"This is not one of the programme's sites.{hint}")
    if column.own and found.site != context.site and any(site.site == context.site for site in sites):
        mend = "Send it with that site's return, or correct the site."
        return None, Problem("other_site", f"This row says that it is of {found.name}, another site. {mend}")
    return found.site, None


def _text_digest(cell: Cell, column: Column, context: Context) -> Outcome:
    text = text_of(cell)
    return (sha256_text(text), None) if text else (None, Problem("invalid_code", "The text is missing."))


TYPES: dict[str, Callable[[Cell, Column, Context], Outcome]] = {
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


def value_of(cell: Cell, column: Column, context: Context) -> Outcome:
    """The field's value, and the problem where the cell is not what the column holds."""
    return TYPES[column.type](cell, column, context)
