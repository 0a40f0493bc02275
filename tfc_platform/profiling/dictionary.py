"""What a form's own definition says of its fields: REDCap's data dictionary, and an XLSForm (KoboToolbox, ODK, Ona)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tfc_platform.contracts.model import normal
from tfc_platform.privacy.personal_data import kind_of_header
from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.sheets.sheet_model import Grid, Sheet, text_of

__all__ = ["FormField", "apply_definition", "fields_of"]

CHOICE = re.compile(r"\s*([^,|]+?)\s*,\s*([^|]*?)\s*(?:\||$)")


@dataclass(frozen=True)
class FormField:
    """A field of a form. `kind` is the definition's own word; `identifier`: it says that the field tells who a person is."""

    name: str
    label: str
    kind: str
    identifier: bool = False
    validation: str = ""
    choices: dict[str, str] = field(default_factory=dict)  # code to label


def _records(sheet: Sheet) -> list[dict[str, str]]:
    names = [normal(text_of(cell)) for row in sheet.head(1) for cell in row.cells]
    return [
        {name: text_of(cell) for name, cell in zip(names, row.cells, strict=False) if name} for row in sheet.after(1)
    ]


def _starting(record: dict[str, str], *starts: str) -> str:
    """The cell under the first name that begins so: definitions differ in how they go on."""
    return next((text for start in starts for name, text in record.items() if name.startswith(start) and text), "")


def _of_redcap(sheet: Sheet) -> dict[str, FormField]:
    found = {}
    for record in _records(sheet):
        name = _starting(record, "variable")
        choices = dict(CHOICE.findall(_starting(record, "choices"))) if "|" in _starting(record, "choices") else {}
        found[name] = FormField(
            name=name,
            label=_starting(record, "field label"),
            kind=_starting(record, "field type"),
            identifier=_starting(record, "identifier").casefold() in {"y", "yes", "1"},
            validation=_starting(record, "text validation type"),
            choices=choices,
        )
    return found


def _of_form(sheets: Sequence[Sheet]) -> dict[str, FormField]:
    by_name = {normal(sheet.name or ""): sheet for sheet in sheets}
    lists: dict[str, dict[str, str]] = {}
    for record in _records(by_name["choices"]):
        lists.setdefault(_starting(record, "list"), {})[_starting(record, "name", "value")] = _starting(record, "label")
    found = {}
    for record in _records(by_name["survey"]):
        kind, name = _starting(record, "type"), _starting(record, "name")
        if name and not kind.startswith(("begin", "end")):
            label = _starting(record, "label")
            found[name] = FormField(name, label, kind, choices=lists.get(kind.split()[-1], {}))
    return found


def fields_of(grid: Grid) -> dict[str, FormField] | None:
    """The fields that a definition names, or None where the file is none."""
    sheets = {normal(sheet.name or ""): sheet for sheet in grid.sheets}
    if {"survey", "choices"} <= set(sheets):
        return _of_form(grid.sheets)
    first = next((row for sheet in grid.sheets for row in sheet.head(1)), None)
    names = {normal(text_of(cell)) for cell in first.cells} if first else set()
    if {"variable / field name", "field type", "field label"} <= names:
        return _of_redcap(grid.sheets[0])
    return None


def apply_definition(column: ColumnProfile, fields: dict[str, FormField]) -> ColumnProfile:
    """A column with what the definition says of it: label, choices, personal data."""
    stem, _, choice = column.name.partition("___")
    found = fields.get(column.name) or fields.get(stem) or fields.get(column.name.rsplit("/", 1)[-1])
    if found is None and "/" in column.name:
        stem, _, choice = column.name.rpartition("/")
        found = fields.get(stem.rsplit("/", 1)[-1])
    if found is None:
        return column
    label = found.label if not choice else f"{found.label}: {found.choices.get(choice, choice)}"
    column = replace(column, label=column.label or label)
    if found.identifier or found.validation in {"email", "phone"}:
        kind = (
            kind_of_header(found.validation)
            or kind_of_header(found.name.replace("_", " "))
            or column.personal
            or "identifier"
        )
        return replace(column, kind="personal", personal=kind, choices=())
    if found.kind == "notes":
        return replace(column, kind="free_text", personal="free_text", choices=())
    if found.choices and not choice and column.personal in {None, "free_text"}:
        codes = tuple(found.choices)
        return replace(column, kind="category", personal=None, choices=codes, choice_labels=dict(found.choices))
    return column
