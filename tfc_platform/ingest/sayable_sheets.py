"""Sheets whose names may be somebody's: they are called by their number outside the vault and the site's own copy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.sayable_names import is_sayable
from tfc_platform.sheets.sheet_model import Grid

__all__ = ["OTHER_SHEET", "may_be_said", "rename_sheets", "sheet_aliases", "with_sayable_sheets"]

OTHER_SHEET = "another sheet"  # one that is not read
NUMBERED = re.compile(r"(?<=[a-z]{2})\d+$", re.IGNORECASE)  # `Sheet1`


def may_be_said(name: str, contract: Contract | None) -> bool:
    """Whether the contract knows the name, or all of its words are ordinary or those of sheets."""
    known = contract is not None and contract.read.sheets is not None and contract.read.reads(name)
    return known or is_sayable(NUMBERED.sub("", name.strip()), contract, is_sheet=True)


def sheet_aliases(names: Sequence[str | None], contract: Contract | None) -> dict[str, str]:
    """For each sheet that is read and whose name may be somebody's, what it is called: `sheet 2` is the second that is read.

    :param names: of the sheets that are read, in their order.
    """
    taken = {name for name in names if name}
    aliases = {}
    for number, name in enumerate(names, start=1):
        if name and not may_be_said(name, contract):
            alias = f"sheet {number}"
            while alias in taken:
                alias = f"{alias}a"
            taken.add(alias)
            aliases[name] = alias
    return aliases


def rename_sheets(text: str, aliases: Mapping[str, str]) -> str:
    """A sentence with sheets called as `sheet_aliases` says."""
    for name in sorted(aliases, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", aliases[name], text)
    return text


def with_sayable_sheets(grid: Grid, contract: Contract) -> Grid:
    """The sheets under names that may be said, with what the reader noticed of them."""
    # The sheet of a repeated group has the name that the form gives it.
    aliases = sheet_aliases([None if sheet.is_repeat else sheet.name for sheet in grid.sheets], contract)
    unread = {name: OTHER_SHEET for name, _ in grid.unread if not may_be_said(name, contract)}
    hidden = {sheet.name: OTHER_SHEET for sheet in grid.aside if sheet.name and not may_be_said(sheet.name, contract)}
    every = {**hidden, **unread, **aliases}
    if not every:
        return grid
    return replace(
        grid,
        sheets=[replace(sheet, name=aliases.get(sheet.name or "", sheet.name)) for sheet in grid.sheets],
        unread=[(every.get(name, name) if why == "hidden" else name, why) for name, why in grid.unread],
        warnings=[
            notice._replace(
                sheet=every.get(notice.sheet or "", notice.sheet), message=rename_sheets(notice.message, every)
            )
            for notice in grid.warnings
        ],
    )
