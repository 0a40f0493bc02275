"""Answers to a question with several choices, in every way that tools write them: which options were chosen, which not, and
which were never shown.

Belongs here: cells to a mark an option. Does not belong: which options a question has, or what a blank means in a tool's
export: the caller says both. A part outside the options (the text of "Other") is counted and never given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tfc_platform.contracts.names import normal
from tfc_platform.take_in.grid import Cell, CellError, is_blank, text_of

__all__ = ["Chosen", "Mark", "joined", "parts", "reached", "spread"]

Mark = Literal["chosen", "not_chosen", "not_asked"]
Without = Literal["not_chosen", "not_asked"]
YES = frozenset({"1", "true", "yes", "y", "x", "checked", "selected", "chosen"})
NO = frozenset({"0", "false", "no", "n", "unchecked", "not selected", "not chosen"})


@dataclass(frozen=True)
class Chosen:
    """A mark for each option, and how many parts or cells fit none."""

    marks: dict[str, Mark]
    unread: int = 0

    @property
    def options(self) -> list[str]:
        """The options that were chosen, in the question's order."""
        return [option for option, mark in self.marks.items() if mark == "chosen"]


def parts(text: str, separator: str, options: Iterable[str] = ()) -> list[str]:
    """The parts of a joined cell as they are written. An option that holds the separator is found before it is parted.

    :param options: the question's options as the tool writes them; the longest that fits is taken.
    """
    whole = sorted(options, key=len, reverse=True)
    found, rest = [], " ".join(text.split())
    while rest:
        option = next((item for item in whole if _begins(rest, item, separator)), None)
        if option is None:
            part, _, rest = rest.partition(separator)
        else:
            length = len(" ".join(option.split()))
            part, rest = rest[:length], rest[length:].lstrip(" ").removeprefix(separator)
        rest = rest.lstrip(" ")
        if part.strip():
            found.append(part.strip())
    return found


def _begins(rest: str, option: str, separator: str) -> bool:
    """Whether a text begins with an option, and a separator or nothing stands after it."""
    plain = " ".join(option.split())
    after = rest[len(plain) :]
    ends = not after or after.startswith(separator) or after.lstrip(" ").startswith(separator)
    return ends and normal(rest[: len(plain)]) == normal(plain)


def joined(
    cell: Cell,
    options: Mapping[str, str],
    separator: str,
    blank: Without = "not_asked",
    not_asked: Iterable[str] = ("n/a",),
) -> Chosen:
    """The choices in one cell: `A;B;` (Microsoft Forms), `a b` (KoboToolbox), `1,3,5` (Qualtrics), `A, B` (Google).

    :param options: how the tool writes each option (its text, name or code) → the option.
    :param blank: what an empty cell means.
    :param not_asked: words of the tool for a question that was not shown.
    """
    text = text_of(cell)
    if isinstance(cell, CellError) or not text or normal(text) in {normal(word) for word in not_asked}:
        mark: Without = blank if not text and not isinstance(cell, CellError) else "not_asked"
        return Chosen(dict.fromkeys(options.values(), mark), int(isinstance(cell, CellError)))
    by_name = {normal(written): option for written, option in options.items()}
    marks: dict[str, Mark] = dict.fromkeys(options.values(), "not_chosen")
    unread = 0
    for part in parts(text, separator, options):
        option = by_name.get(normal(part))
        if option is None:
            unread += 1
        else:
            marks[option] = "chosen"
    return Chosen(marks, unread)


def spread(
    cells: Mapping[str, Cell],
    blank: Without = "not_chosen",
    not_asked: Iterable[str] = ("n/a",),
    nothing: Without = "not_asked",
) -> Chosen:
    """The choices in a column an option: 1 and 0, True and False, the option's own text or nothing.

    :param cells: option, as the tool writes it → its cell.
    :param blank: what an empty cell means beside others that are filled: with SPSS, `not_asked` (system missing, where 0 is
        declared user-missing and still means not chosen).
    :param not_asked: words of the tool for a question that was not shown.
    :param nothing: what it means where all cells are empty.
    """
    unseen = {normal(word) for word in not_asked}
    marks: dict[str, Mark] = {}
    unread = 0
    for option, cell in cells.items():
        text = normal(text_of(cell))
        if isinstance(cell, CellError):
            marks[option], unread = "not_asked", unread + 1
        elif is_blank(cell):
            marks[option] = blank
        elif text in unseen:
            marks[option] = "not_asked"
        elif text in YES or text == normal(option):
            marks[option] = "chosen"
        elif text in NO:
            marks[option] = "not_chosen"
        else:
            marks[option], unread = "not_asked", unread + 1
    if all(is_blank(cell) for cell in cells.values()):
        return Chosen(dict.fromkeys(cells, nothing))
    return Chosen(marks, unread)


def reached(chosen: Chosen, none_chosen: Without) -> Chosen:
    """The same choices where a tool writes 0 also for what was never reached (REDCap): then none chosen is `none_chosen`."""
    if chosen.options or none_chosen == "not_chosen":
        return chosen
    return Chosen(dict.fromkeys(chosen.marks, none_chosen), chosen.unread)
