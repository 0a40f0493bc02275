"""The names that a sheet holds, as tokens: of people and places in personal columns, and of who gives a name in a text."""

from __future__ import annotations

from tfc_platform.contracts.column_names import Header
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.privacy.name_tokens import introduced, load_words, name_keys, token, words_of
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets.cell_columns import combined
from tfc_platform.sheets.sheet_model import CellValue, Sheet, is_blank, text_of

__all__ = ["name_tokens_of"]


def name_tokens_of(
    sheet: Sheet, contract: Contract, facts: dict[str, str], layout: SheetLayout, pseudonyms: Pseudonyms
) -> set[tuple[str, str]]:
    """The kind and token of every part of a name that a sheet holds.

    They are taken from the columns of which the contract says what they name, and from free texts in which somebody gives
    his or her name. Rows that do not count are looked through as well.
    """
    words = load_words()
    named: set[tuple[str, str]] = set()  # kind and name: a name may be in many rows
    groups: list[tuple[str, list[int]]] = [
        (personal.kind, [index for header in personal.column for index in _columns_called(header, layout)])
        for personal in contract.personal
        if personal.kind
    ]
    fields = contract.fields(facts)
    groups += [(fields[name].kind or "", [index]) for name, index in layout.fields.items() if fields[name].kind]
    texts = layout.free_text
    if not groups and not texts:
        return set()
    for chunk in sheet.chunks_after(layout.first_data):
        for kind, indexes in groups:
            columns = [chunk.column(index) for index in indexes]
            if not columns:
                continue
            for place in combined(columns)[1]:
                words_there = (_text_of_cell(column.cells[column.codes[place]]) for column in columns)
                if name := " ".join(filter(None, words_there)):
                    named.add((kind, name))
        for index in texts:
            for text in map(_text_of_cell, chunk.column(index).cells):
                of_text = words_of(text) if text and words.may_introduce(text) else ()
                for places in introduced(of_text, words):
                    named.add(("participant", " ".join(of_text[place].key for place in places)))
    return {(kind, token(pseudonyms, key)) for kind, name in named for key in name_keys(kind, name, words)}


def _text_of_cell(cell: CellValue) -> str:
    return text_of(cell) if isinstance(cell, str) and not is_blank(cell) else ""


def _columns_called(header: str, layout: SheetLayout) -> list[int]:
    wanted = Header(name=header)
    return [index for index, name in enumerate(layout.names) if name and wanted.matches(name)]
