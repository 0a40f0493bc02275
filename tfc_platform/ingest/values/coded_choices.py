"""Answers to a question with several choices, in every way that tools write them: which options were chosen, which not, and why
it is not known of the others.

A part that is none of the options (the text of "Other") is counted and never given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tfc_platform.contracts.answer_codes import Choices, Mark
from tfc_platform.contracts.names import normal
from tfc_platform.ingest.values.rewritten import known_form
from tfc_platform.sheets.sheet_model import CellError, CellValue, is_blank, text_of

__all__ = ["Chosen", "ItemMark", "joined", "parts", "spread"]

ItemMark = Mark | Literal["invalid"]
SIGNS = (";", ",", "|", "/", " ", "\n")  # what tools put between choices


@dataclass(frozen=True)
class Chosen:
    """A mark for each item, and what of the cells said none: parts of a cell of choices, or cells of options."""

    marks: dict[str, ItemMark]
    unread: int = 0
    several: bool = False  # more than one part of a cell was an option
    run_together: bool = False  # a part holds several options with another sign between them, or none

    @property
    def is_answered(self) -> bool:
        """Whether any option was chosen."""
        return "chosen" in self.marks.values()


def parts(text: str, separator: str, options: Iterable[str] = ()) -> list[str]:
    """The parts of a joined cell as they are written. An option that holds the separator is found before it is parted.

    :param options: the question's options as the tool writes them; the longest that fits is taken.
    """
    whole = sorted(options, key=len, reverse=True)
    lines = "\n" in separator
    found, rest = (
        [],
        "\n".join(" ".join(line.split()) for line in text.splitlines()) if lines else " ".join(text.split()),
    )
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


def _is_run_together(part: str, separator: str, options: Mapping[str, str]) -> bool:
    """Whether a part that is no option is several: with another sign between them than the contract's, or, of codes of one
    figure, with none. `1,3` is `13` once a spreadsheet program took it for a number.

    :param options: how an option is written, in `normal` form → its item.
    """
    for sign in SIGNS:
        pieces = [normal(piece) for piece in part.split(sign) if piece.strip()]
        if sign != separator.strip() and len(pieces) > 1 and all(piece in options for piece in pieces):
            return True
    return (
        len(part) > 1 and part.isdigit() and list(part) == sorted(set(part)) and all(sign in options for sign in part)
    )


def joined(cell: CellValue, question: Choices) -> Chosen:
    """The choices in one cell: `A;B;` (Microsoft Forms), `a b` (KoboToolbox), `1,3,5` (Qualtrics), `A, B` (Google)."""
    items, words, written = question.items, question.words, question.written
    if isinstance(cell, CellError):
        return Chosen(dict.fromkeys(items, "invalid"), 1)
    separator = question.separator or ""
    found: dict[str, ItemMark] = {}
    said: list[Mark] = []
    unread, run_together, stand = 0, False, parts(text_of(cell), separator, question.texts)
    for part in stand:
        word = known_form(normal(part), written, words)
        if word in written:
            found[written[word]] = "chosen"
        elif word in words:
            said.append(words[word])
        else:
            unread += 1
            run_together |= _is_run_together(part, separator, written)
    if not found and (said or not stand):
        return Chosen(dict.fromkeys(items, said[0] if said else question.blank), unread)
    marks: dict[str, ItemMark] = {item: found.get(item, "not_chosen") for item in items}
    return Chosen(marks, unread, len(found) > 1, run_together)


def spread(cells: Mapping[str, CellValue], question: Choices, other: CellValue = None) -> Chosen:
    """The choices in a column an option: 1 and 0, True and False, the option's own text or nothing.

    A blank beside an option that was chosen is not chosen; a blank beside a written no is an option that was not there, as in
    the answers to an earlier version of a form.

    :param cells: item → its cell.
    :param other: the cell that has the text of "Other": whoever wrote there was shown the question.
    """
    words, written = question.words, question.written
    marks: dict[str, ItemMark | None] = {}
    unread = 0
    for item, cell in cells.items():
        word = known_form(normal(text_of(cell)), written, words)
        if isinstance(cell, CellError):
            marks[item], unread = "invalid", unread + 1
        elif is_blank(cell):
            marks[item] = None
        elif written.get(word) == item:
            marks[item] = "chosen"
        elif word in words:
            marks[item] = words[word]
        else:
            marks[item], unread = "invalid", unread + 1
    seen = set(marks.values())
    is_other = not is_blank(other) and normal(text_of(other)) not in words
    is_shown = "chosen" in seen or is_other
    left: ItemMark = "not_asked" if "not_chosen" in seen else "not_chosen" if is_shown else question.blank
    full = {item: mark or left for item, mark in marks.items()}
    if not is_shown and seen <= {None, "not_chosen"}:
        full = {item: question.unticked if marks[item] else left for item in marks}
    return Chosen(full, unread)
