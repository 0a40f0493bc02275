"""Questions of which several options can be chosen, as a draft's `choices`: for a person to say which item each option is.

What stands in a cell of choices is not said, since the text of "Other" may be among it.
"""

from __future__ import annotations

from collections import Counter

from tfc_platform.contracts.answer_codes import WORDS
from tfc_platform.contracts.model import normal
from tfc_platform.contracts.parse import FILL_IN
from tfc_platform.profiling.column_stats import ColumnProfile
from tfc_platform.profiling.draft import quoted, shortened
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.tools import Tool

__all__ = ["choices_part", "option_columns"]

PATH = " | "  # between the two rows of a header, in the name that a contract makes of them
BLANK = "      blank: {} # what it means where nothing is written: not_chosen, unanswered or not_asked"


def _question(column: ColumnProfile, tool: Tool | None) -> str:
    """The name of the question that a column of an option is of."""
    split = tool.split if tool and tool.split and tool.split in column.name else PATH if PATH in column.name else "_"
    return column.name.rpartition(split)[0]


def _is_option(column: ColumnProfile, beside: list[ColumnProfile], tool: Tool | None) -> bool:
    """Whether a column is one option; else its cells hold all choices. What is the head of others' names is the question."""
    if column.distinct > 2:
        return False
    heads = {normal(_question(other, tool)) for other in beside if other is not column}
    return normal(column.name) not in heads and bool(_question(column, tool))


def option_columns(found: FileProfile, tool: Tool | None) -> list[ColumnProfile]:
    """The columns that are an option each, in a file of no known tool: marks only, under names that begin with one question.

    A tool's own are of the kind `multi_choice` already.
    """
    if tool is not None:
        return []
    marked = [
        column
        for column in found.columns
        if column.kind == "flag" and column.name and not column.personal and _question(column, tool)
    ]
    heads = Counter(normal(_question(column, tool)) for column in marked)
    return [column for column in marked if heads[normal(_question(column, tool))] > 1]


def choices_part(found: FileProfile, tool: Tool | None, used: set[int], first: int) -> tuple[list[str], set[int]]:
    """The lines of `survey.choices`, and the numbers of the columns that they use.

    :param used: numbers of columns that are something else.
    :param first: the number of the first item's blank.
    """
    several = [
        column
        for column in found.columns
        if column.kind == "multi_choice" and column.name and column.number not in used and not column.personal
    ]
    several += [column for column in option_columns(found, tool) if column.number not in used]
    questions: dict[str, list[ColumnProfile]] = {}
    cells = []
    for column in several:
        if _is_option(column, several, tool):
            questions.setdefault(normal(_question(column, tool)), []).append(column)
        else:
            cells.append(column)
    lines, taken, number = list[str](), set[int](), first
    for options in questions.values():
        lines += _of_columns(options, number)
        number += len(options)
        taken |= {column.number for column in options}
    for column in cells:
        if normal(column.name) in questions:
            continue  # the same choices stand in a column an option: they are counted once
        lines += _of_cell(column, tool, number)
        number += 1
        taken.add(column.number)
    return (["  choices:", *lines] if lines else []), taken


def _of_columns(options: list[ColumnProfile], first: int) -> list[str]:
    lines = ["    - columns: # item of the codebook: the column of that option. Delete those that are none"]
    lines += [
        f"        {FILL_IN}_{number}: {quoted(column.name)}"
        + (f" # {shortened(column.label)}" if column.label and column.label != column.name else "")
        for number, column in enumerate(options, start=first)
    ]
    texts = [
        f"        {FILL_IN}_{number}: {quoted(column.label)}"
        for number, column in enumerate(options, start=first)
        if PATH in column.name and column.label
    ]
    if texts:
        lines += ["      options: # what a cell holds where the option was chosen, if it is not 1", *texts]
    codes = dict.fromkeys(code for column in options for code in column.missing_codes)
    return [*lines, *_codes([code for code in codes if normal(code) not in WORDS]), BLANK.format(FILL_IN)]


def _of_cell(column: ColumnProfile, tool: Tool | None, number: int) -> list[str]:
    separators = tool.multiple if tool and tool.multiple else (";",)
    return [
        f"    - column: {quoted(column.name)} # all choices of a person in one cell",
        f"      separator: '{separators[0]}' # guess: what stands between them",
        "      options: # item of the codebook: how the tool writes that option, a line each",
        f"        {FILL_IN}_{number}: {FILL_IN}",
        *_codes(column.missing_codes),
        BLANK.format(FILL_IN),
    ]


def _codes(codes: tuple[str, ...] | list[str]) -> list[str]:
    if not codes:
        return []
    head = "      codes: # chosen, not_chosen, dont_know, prefer_not, unanswered or not_asked"
    return [head, *(f"        {quoted(code)}: {FILL_IN}" for code in codes)]
