"""What the rows of one sheet share, worked out once: columns, meanings, rules, and what the contract says of the whole sheet.

Belongs here: the one object of it, and making it. Does not belong: judging a row (`rows`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tfc_platform.contracts.model import Column, Contract, RejectRule, normal
from tfc_platform.ingest.cell_values import CellContext
from tfc_platform.ingest.free_text import FreeTextColumns
from tfc_platform.ingest.header_fields import SheetLayout, columns_of
from tfc_platform.ingest.ingest_result import Screen
from tfc_platform.ingest.multiple_choice import ChoiceQuestion, choice_questions
from tfc_platform.ingest.row_checks import RowChecks
from tfc_platform.ingest.survey_answers import Answer, answers_of
from tfc_platform.ingest.value_cache import ValueCache
from tfc_platform.schemas import RECORDS
from tfc_platform.sheets.sheet_model import Sheet, SheetRow

__all__ = ["SheetContext", "address_of", "own_id", "sheet_context"]


@dataclass(frozen=True)
class SheetContext:
    """All that the rows of one sheet share."""

    sheet: Sheet
    contract: Contract
    layout: SheetLayout
    context: CellContext
    facts: dict[str, str]
    sha256: str
    screen: Screen
    fields: dict[str, tuple[Column, int]]
    meanings: dict[str, ValueCache]  # of each field
    reading: tuple[tuple[str, int, ValueCache, bool], ...]  # field, column, whether it is a date: dates come first
    texts: FreeTextColumns  # what people wrote
    nameless: tuple[int, ...]  # columns under the header without a name
    ruling: tuple[tuple[int, RejectRule, frozenset[str]], ...]  # column, rule, the values for which it holds
    total: re.Pattern[str]  # the label of a totals row
    own_id: str | None  # the record's field for the tool's own id
    dated: tuple[str, ...]  # the record's fields that hold a date
    answers: list[Answer]
    choices: list[ChoiceQuestion]
    keys: tuple[int, ...]
    base: dict[str, Any]
    totalled: tuple[str, ...]  # fields whose exact counts a totals row adds
    again: dict[int, str]  # the names of the columns, as a header that is repeated among the rows has them
    is_book: bool  # cells have addresses
    watcher: RowChecks
    prevailing: tuple[str, ...]  # fields of which the stricter value holds where a row comes twice
    said: set[int] = field(default_factory=set)  # columns without a name of which the sender has been told


def own_id(contract: Contract) -> str | None:
    """The field of a contract's record for the tool's own id of a row."""
    return next((name for name in ("session_id", "respondent_id") if name in RECORDS[contract.record].names), None)


def _base(contract: Contract, context: CellContext, facts: dict[str, str], sheet: Sheet, sha256: str) -> dict[str, Any]:
    base: dict[str, Any] = {"site": context.site, "source": contract.source, "file_sha256": sha256, "sheet": sheet.name}
    base |= contract.fixed
    if contract.survey:
        population, wave = contract.population_and_wave(facts)
        base |= {
            "population": population,
            "wave": wave,
            "tool": contract.survey.tool,
            "instrument": contract.survey.instrument,
            "weighted": "weight" in contract.fields(facts),
        }
    return base


def sheet_context(
    sheet: Sheet,
    contract: Contract,
    layout: SheetLayout,
    context: CellContext,
    facts: dict[str, str],
    sha256: str,
    screen: Screen,
    is_book: bool,
) -> SheetContext:
    fields = columns_of(contract, facts, layout)
    meanings = {name: ValueCache(column, context) for name, (column, _) in fields.items()}
    # Names hold for a time, so a row's date is read before them.
    ordered = sorted(fields, key=lambda name: fields[name][0].type != "date")
    schema = RECORDS[contract.record]
    label = re.escape(normal(contract.totals.label)) if contract.totals else "total"
    return SheetContext(
        sheet=sheet,
        contract=contract,
        layout=layout,
        context=context,
        facts=facts,
        sha256=sha256,
        screen=screen,
        fields=fields,
        meanings=meanings,
        reading=tuple((name, fields[name][1], meanings[name], fields[name][0].type == "date") for name in ordered),
        texts=FreeTextColumns(sheet, layout, is_book),
        nameless=tuple(index for index, name in enumerate(layout.names) if not name),
        ruling=tuple(
            (index, contract.reject[number], frozenset(map(normal, contract.reject[number].equals)))
            for number, index in layout.rules.items()
        ),
        total=re.compile(rf"(grand |sub-?)?{label}s?\s*:?"),
        own_id=own_id(contract),
        dated=tuple(item.name for item in schema if pa.types.is_date(item.type) and item.name not in contract.checked),
        answers=answers_of(layout, facts),
        choices=choice_questions(layout),
        keys=tuple(fields[name][1] for name in contract.key if name in fields),
        base=_base(contract, context, facts, sheet, sha256),
        totalled=(contract.totals.field,)
        if contract.totals
        else tuple(name for name, (column, _) in fields.items() if column.type == "attendance"),
        again={index: normal(name) for index, name in enumerate(layout.names) if name},
        is_book=is_book,
        watcher=RowChecks(sheet, layout, fields, contract, facts, is_book),
        prevailing=tuple(name for name, column in contract.fields(facts).items() if column.prevails),
    )


def address_of(work: SheetContext, row: SheetRow, index: int) -> str | None:
    return work.sheet.address(row, index) if work.is_book else None
