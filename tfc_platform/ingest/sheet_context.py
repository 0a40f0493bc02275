"""What the rows of one sheet share, worked out once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from tfc_platform.contracts.model import Column, Contract, RejectRule, normal
from tfc_platform.ingest.cell_values import CellContext
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.free_text import FreeTextColumns
from tfc_platform.ingest.header_fields import SheetLayout, columns_of
from tfc_platform.ingest.ingest_result import IngestResult, RowIssue
from tfc_platform.ingest.multiple_choice import ChoiceQuestion, choice_questions
from tfc_platform.ingest.row_checks import RowChecks
from tfc_platform.ingest.sheet_reporter import SheetReporter
from tfc_platform.ingest.survey_answers import Answer, answers_of
from tfc_platform.ingest.value_cache import ValueCache
from tfc_platform.ingest.values.rewritten import uses_other_decimal
from tfc_platform.schemas import RECORDS
from tfc_platform.sheets.sheet_model import BOOKS, Format, Sheet

__all__ = ["SheetContext", "known_name", "own_id", "sheet_context", "year_of"]


@dataclass(frozen=True)
class SheetContext:
    """All that the rows of one sheet share."""

    file: FileContext
    sheet: Sheet
    layout: SheetLayout
    cells: CellContext
    report: SheetReporter
    fields: dict[str, tuple[Column, int]]
    values: dict[str, ValueCache]  # of each field
    reading: tuple[tuple[str, int, ValueCache, bool], ...]  # field, column, whether it is a date: dates come first
    texts: FreeTextColumns
    nameless: tuple[int, ...]  # columns under the header without a name
    reject_rules: tuple[tuple[int, RejectRule, frozenset[str]], ...]  # column, rule, the values for which it holds
    total_label: str
    own_id: str | None  # the record's field for the tool's own id
    dated: tuple[str, ...]  # the record's fields that hold a date
    answers: list[Answer]
    choices: list[ChoiceQuestion]
    keys: tuple[int, ...]
    base: dict[str, Any]  # fields that are the same in every row
    totalled: tuple[str, ...]  # fields whose exact counts a totals row adds
    checks: RowChecks
    is_delimited: bool  # a text with separators, of which each record has a cell for every column
    prevailing: tuple[str, ...]  # fields of which the stricter value holds where a row comes twice
    reported: set[int] = field(default_factory=set)  # columns without a name that the sender knows of

    @property
    def contract(self) -> Contract:
        return self.file.contract


def own_id(contract: Contract) -> str | None:
    """The field of a contract's record for the tool's own id of a row."""
    return next((name for name in ("session_id", "respondent_id") if name in RECORDS[contract.record].names), None)


def known_name(contract: Contract, name: str) -> str | None:
    """A sheet's name in the form that the contract's pattern knows, or None: `May25`, `May-25` and `may 25` are `May 25`."""
    if contract.read.sheets is None:
        return None
    plain = " ".join(name.split())
    spaced = " ".join(re.sub(r"(?<=[^\W\d])(?=\d)|[-_'’.]", " ", plain).split())
    forms = (plain, spaced, spaced.title(), spaced.replace(" ", ""))
    return next((form for form in forms if re.fullmatch(contract.read.sheets, form)), None)


def year_of(contract: Contract, sheet: Sheet) -> int | None:
    """The year that a sheet's name gives, where the contract's pattern has a group for it."""
    name = known_name(contract, sheet.name) if sheet.name else None
    match = re.fullmatch(contract.read.sheets or "", name) if name else None
    written = (match.groupdict().get("year") or "") if match else ""
    return (int(written) + 2000 if len(written) == 2 else int(written)) if written.isdigit() else None


def key_columns(contract: Contract, fields: Mapping[str, tuple[Column, int]]) -> tuple[int, ...]:
    """The columns of the tool's own id that a sheet has.

    :param fields: the sheet's fields, each with its column.
    """
    return tuple(fields[name][1] for name in contract.key if name in fields)


def _base(file: FileContext, sheet: Sheet) -> dict[str, Any]:
    contract = file.contract
    base: dict[str, Any] = {
        "site": file.site,
        "source": contract.source,
        "file_sha256": file.sha256,
        "sheet": sheet.name,
        **contract.fixed,
    }
    if contract.survey:
        population, wave = contract.population_and_wave(file.facts)
        base |= {
            "population": population,
            "wave": wave,
            "tool": contract.survey.tool,
            "instrument": contract.survey.instrument,
            "weighted": "weight" in contract.fields(file.facts),
        }
    return base


def _with_decimal(report: SheetReporter, column: Column, index: int) -> Column:
    """A column of numbers with the decimal sign that all of its texts have; the column as it is where that is the contract's."""
    if column.type != "number":
        return column
    sheet, name = report.sheet, report.layout.name(index)
    columns = (chunk.column(index) for chunk in sheet.chunks_after(report.layout.first_data))
    texts = (cell.strip() for column in columns for cell in column.cells if type(cell) is str)
    if not uses_other_decimal(texts, column.decimal):
        return column
    message = (
        f"The numbers of the column “{name}” have a decimal {'comma' if column.decimal == 'point' else 'point'}, unlike this"
        " return otherwise: they were read by it. Check that they are what is meant."
    )
    report.result.issues.append(RowIssue(sheet.name, None, name, "warn", "decimal_sign", message))
    return column.model_copy(update={"decimal": "comma" if column.decimal == "point" else "point"})


def sheet_context(
    file: FileContext, sheet: Sheet, layout: SheetLayout, result: IngestResult, read_as: Format | None = None
) -> SheetContext:
    """Work out what the rows of a sheet share.

    :param read_as: the file's format.
    """
    contract, facts = file.contract, file.facts
    cells = file.cells(year_of(contract, sheet))
    fields = columns_of(contract, facts, layout)
    report = SheetReporter(sheet, layout, result, file.screen, read_as in BOOKS)
    values = {name: ValueCache(_with_decimal(report, column, index), cells) for name, (column, index) in fields.items()}
    # Names hold for a time, so a row's date is read before them.
    ordered = sorted(fields, key=lambda name: fields[name][0].type != "date")
    schema = RECORDS[contract.record]
    return SheetContext(
        file=file,
        sheet=sheet,
        layout=layout,
        cells=cells,
        report=report,
        fields=fields,
        values=values,
        reading=tuple((name, fields[name][1], values[name], fields[name][0].type == "date") for name in ordered),
        texts=FreeTextColumns(report),
        nameless=tuple(index for index, name in enumerate(layout.names) if not name),
        reject_rules=tuple(
            (index, contract.reject[number], frozenset(map(normal, contract.reject[number].equals)))
            for number, index in layout.rules.items()
        ),
        total_label=contract.totals.label if contract.totals else "total",
        own_id=own_id(contract),
        dated=tuple(item.name for item in schema if pa.types.is_date(item.type) and item.name not in contract.checked),
        answers=answers_of(layout, facts),
        choices=choice_questions(layout),
        keys=key_columns(contract, fields),
        base=_base(file, sheet),
        totalled=(contract.totals.field,)
        if contract.totals
        else tuple(name for name, (column, _) in fields.items() if column.type == "attendance"),
        checks=RowChecks(report, fields, contract, facts),
        is_delimited=read_as == "csv",
        prevailing=tuple(name for name, column in contract.fields(facts).items() if column.prevails),
    )
