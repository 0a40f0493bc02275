"""Whether a survey's file is of another population than its name says: it has that one's columns filled, or its answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from tfc_platform.contracts.model import Column, Contract, Header, applies, normal
from tfc_platform.ingest.header_fields import SheetLayout
from tfc_platform.ingest.header_rows import columns_named
from tfc_platform.ingest.ingest_result import Fault
from tfc_platform.sheets.sheet_model import Sheet, is_blank, text_of

__all__ = ["population_fault"]

GROUP = "population"  # of the file's name: whom the survey asked
LOOKED_AT = 2000  # rows
FEWEST = 5  # filled cells, before they say whose file it is
MOST = 0.8  # of a column's cells that are another population's answers
HALF = 0.5  # of the rows
ColumnNames = tuple[Header, ...]


def _populations(contract: Contract) -> list[str]:
    """The populations for which the contract has something of their own."""
    whens = [column.when for column in (*contract.columns.values(), *contract.checked.values())]
    whens += [question.when for question in contract.survey.questions] if contract.survey else []
    named = [when[GROUP] for when in whens if GROUP in when]
    return sorted({value for want in named for value in ([want] if isinstance(want, str) else want)})


def _headers(contract: Contract, facts: Mapping[str, str]) -> set[ColumnNames]:
    """The columns of one population's survey: its fields and its items."""
    headers = {column.header for column in contract.fields(dict(facts)).values()}
    for group in contract.survey.answers if contract.survey else ():
        if applies(group.when, facts):
            headers |= set(group.items.values())
    return headers


class _FilledCells:
    """The filled cells of a sheet's columns, over its first rows."""

    def __init__(self, sheet: Sheet, layout: SheetLayout) -> None:
        self.names = layout.names
        self.rows = list(islice(sheet.after(layout.first_data), LOOKED_AT))

    def texts(self, headers: ColumnNames) -> list[str]:
        """What is written in the columns that have one of these names."""
        columns = columns_named(headers, self.names)
        return [normal(text_of(row.at(i))) for i in columns for row in self.rows if not is_blank(row.at(i))]

    def most_filled(self, several: Iterable[ColumnNames]) -> int:
        return max((len(self.texts(headers)) for headers in several), default=0)


def _has_its_columns(cells: _FilledCells, own: set[ColumnNames], other: set[ColumnNames]) -> bool:
    """Whether the columns of the other population only are filled, and none of the own population's only."""
    filled = cells.most_filled(other - own)
    return filled >= FEWEST and filled >= HALF * len(cells.rows) and not cells.most_filled(own - other)


def _has_its_answers(cells: _FilledCells, own: Mapping[str, Column], other: Mapping[str, Column]) -> bool:
    """Whether a column that both populations have holds the other's closed list, or none of the own one's."""
    for mine in own.values():
        for its in other.values():
            if mine.header != its.header or mine.type != its.type or mine.code_of == its.code_of:
                continue
            texts = cells.texts(mine.header)
            mine_fits, its_fits = (sum(text in column.code_of for text in texts) for column in (mine, its))
            if len(texts) < FEWEST:
                continue
            if mine.open and its_fits >= MOST * len(texts):
                return True
            if its.open and mine.code_of and mine_fits <= (1 - MOST) * len(texts):
                return True
            if mine.code_of and its_fits >= MOST * len(texts) and mine_fits <= (1 - MOST) * len(texts):
                return True
    return False


def population_fault(
    sheets: Iterable[tuple[Sheet, SheetLayout | None]], contract: Contract, facts: dict[str, str]
) -> Fault | None:
    """Why a survey's file is refused as another population's, or None.

    :param facts: what the file's name says.
    """
    population = facts.get(GROUP)
    others = [name for name in _populations(contract) if name != population]
    if contract.survey is None or population is None or not others:
        return None
    own_fields, own = contract.fields(facts), _headers(contract, facts)
    for sheet, layout in sheets:
        if layout is None:
            continue
        cells = _FilledCells(sheet, layout)
        for other in others:
            its_facts = {**facts, GROUP: other}
            its_fields = contract.fields(its_facts)
            if _has_its_columns(cells, own, _headers(contract, its_facts)) or _has_its_answers(
                cells, own_fields, its_fields
            ):
                words = other.replace("_", " ")
                return "other_population", (
                    f"The file has the questions or answers of {words}, and its name says {population.replace('_', ' ')}. Give it"
                    " its own name, or export the survey that the name says."
                )
    return None
