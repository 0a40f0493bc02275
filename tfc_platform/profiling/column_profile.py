"""What a column is, from all of its cells: its kind, its missing codes, whether it holds personal data.

Of a column's cells nothing leaves but counts, codes from closed lists, and, in `choices`, the values of a column that is short,
closed and no person's: those are for the draft contract alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tfc_platform.contracts.model import normal
from tfc_platform.privacy.personal_data import kind_of_header
from tfc_platform.profiling.column_stats import DATES, ColumnName, ColumnProfile, ColumnStats, in_spans
from tfc_platform.profiling.tools import Kind, Tool
from tfc_platform.sheets.sheet_model import Variable, text_of

__all__ = ["profile_column"]

CLOSED = 20  # different values that a list of choices has at most
MOST_DATES = 0.7  # of a column's cells, and it is one of dates: people write TBC, w/c and 7/8 Feb among them
USUAL = 0.8  # of a column's cells: what most of them are, the column is
MOST_WORDS = 8  # of a choice
STAFF = re.compile(
    r"(key ?)?worker|staff|staff member|member of staff|facilitators?|practitioners?|led by|run by|(user|worker|staff).?name|upn"
    r"|(completed|recorded|booked|entered|submitted|delivered) by|name.*|attendees?|participants?('?s?)? names?"
)
CODE = re.compile(r"\w+")
COMMENT = re.compile(
    r".*\b(notes?|comments?|commentary|remarks?|feedback|anything else|details?|describe|explain|tell us|please specify"
    r"|story|stories|insight|observations?|why|open-ended response)\b.*"
)
LONG = 60  # characters from which a text is a sentence
COUNTS = frozenset({"attendance", "number"})
WORDS = 3.0  # on average, and a text is a sentence
LONGEST_LABEL = 60  # characters of a label that is taken for a name; a longer one is a question about it


def _is_comment(naming: ColumnName) -> bool:
    """Whether a column's own name, or a short label, asks for words. A long question may hold such a word by the way."""
    names = (naming.name, naming.label)
    return any(len(name) <= LONG and COMMENT.fullmatch(normal(name.replace("_", " "))) for name in names)


def _is_multiple(found: ColumnStats, naming: ColumnName, separators: Sequence[str]) -> bool:
    """Cells that are lists of choices from one short list. Codes parted by spaces look like a label of several words:
    only where the question has a column for each choice too, or its codes have underscores, is a space a separator.
    """
    if found.folded or not found.texts:
        return False
    for separator in separators:
        cells = [[part.strip() for part in text.split(separator) if part.strip()] for text in found.texts]
        parts = Counter(part for cell in cells for part in cell)
        several = sum(len(cell) > 1 or text.endswith(";") for cell, text in zip(cells, found.texts, strict=True))
        few = 0 < len(parts) <= 2 * CLOSED and sum(parts.values()) >= 1.5 * len(parts)
        if separator == " ":
            asked = any(other.startswith(f"{normal(naming.name)}/") for other in naming.beside)
            few &= asked or (all(CODE.fullmatch(part) for part in parts) and any("_" in part for part in parts))
        if several * 3 >= len(found.texts) and few and max(map(len, parts)) <= LONG:
            return True
    return False


def _is_choice_column(naming: ColumnName, tool: Tool | None, found: ColumnStats) -> bool:
    """A column of one choice of a question: question and choice in its name, and a mark or nothing in its cells."""
    if tool is None:
        return False
    if tool.split and tool.split in naming.name:
        question = naming.name.rsplit(tool.split, 1)[0]
        marks = all(text.casefold() in {"0", "1", "true", "false"} for text in found.texts)
        of_question = normal(question) in naming.beside or tool.split == "___" or found.looks["flag"] > 0
        return marks and of_question and bool(found.texts)
    lone = tool.options and found.different == 1 and not found.folded and found.blank + sum(found.missing.values()) > 0
    of_several = re.fullmatch(r".+_-?\d+(_.*)?", naming.name) is not None
    option = " | " in naming.name and normal(found.texts[0]) == normal(naming.label)
    return lone and (of_several or option)


def _is_closed(found: ColumnStats) -> bool:
    return not found.folded and 0 < found.different <= CLOSED and found.filled >= 2 * found.different


def _of_dates(found: ColumnStats) -> Kind | None:
    dates = sum(found.orders.values()) + (found.serials if found.orders else 0)
    if not dates or dates < MOST_DATES * found.filled:
        return None
    return "datetime" if found.looks["with_time"] * 2 >= dates else "date"


def _kind(naming: ColumnName, found: ColumnStats, tool: Tool | None, variable: Variable | None) -> Kind:
    """The kind that most of a column's cells have."""
    if variable is not None and variable.kind in {"date", "datetime", "time"}:
        return variable.kind
    if not found.filled:
        return "blank"
    if _is_choice_column(naming, tool, found):
        return "multi_choice"
    if variable is not None and variable.codes:
        labelled = {code for code in variable.codes if not in_spans(code, variable.missing)}
        if len(labelled) == 1 and found.values_said <= labelled and not found.folded:
            return "multi_choice"
        if len(labelled) > 1 and len(labelled) * 2 >= found.different:
            return "category"
    looks, usual = found.looks, USUAL * found.filled
    if kind := _of_dates(found):
        return kind
    if looks["time"] >= usual:
        return "time"
    numbers = looks["integer"] + looks["decimal"]
    if looks["flag"] == found.filled or (
        numbers == found.filled and set(found.texts) <= {"0", "1"} and found.different == 2
    ):
        return "flag"
    if numbers >= 0.95 * found.filled:
        return "number"
    if numbers and numbers + looks["attendance"] >= usual:
        return "attendance" if looks["attendance"] else "number"
    unique = not found.repeated and found.filled > 2
    if looks["token"] + looks["integer"] >= found.filled and unique:
        return "id"
    if _is_comment(naming) or found.spoken:
        return "free_text"
    if _is_multiple(found, naming, tool.multiple if tool else (";",)):
        return "multi_choice"
    if _is_closed(found) and found.longest <= LONG and found.most_words <= MOST_WORDS:
        return "category"
    prose = found.words >= WORDS * found.filled or found.longest > LONG
    return "free_text" if prose else "text"


def _is_key(naming: ColumnName, found: ColumnStats) -> bool:
    """The tool's own id of a row, or a value for each row in a column that its name calls an id."""
    if naming.key:
        return True
    words = re.split(r"[^a-z]+", normal(naming.name))
    return (
        not found.repeated and found.filled > 2 and bool({"id", "ref", "key", "uuid", "reference", "urn"} & set(words))
    )


def _named_person(words: str) -> str | None:
    """The kind of personal data that a name says. Members of staff are people too: a draft sets them aside until somebody has
    looked, where taking in goes by its contract."""
    kind = kind_of_header(words)
    if kind is None and STAFF.fullmatch(normal(words.replace("_", " "))):
        kind = "name_header"
    return "name" if kind == "name_header" else kind


def _personal(naming: ColumnName, found: ColumnStats, tool: Tool | None, system: Kind | None, kind: Kind) -> str | None:
    if tool is not None:
        listed = tool.personal_of(naming.name, naming.label)
        if listed or (naming.by_place and naming.number in tool.first_personal):
            return listed or tool.first_personal[naming.number]
    if system is not None:
        return None
    if tool is not None and any(normal(naming.name).endswith(normal(ending.strip("*"))) for ending in tool.free_text):
        return "free_text"
    if kind == "free_text":
        return "free_text"
    by_cells = kind not in {"date", "datetime", "time", "flag", "blank"}
    asked = [naming.name] + ([naming.label] if naming.label and len(naming.label) <= LONGEST_LABEL else [])
    by_name = next((said for words in asked if (said := _named_person(words))), None)
    if by_name == "name" and kind in COUNTS:
        by_name = None  # `Child` and `Parent` over numbers say how many came
    if by_name or (by_cells and found.tally.kind):
        return by_name or found.tally.kind
    return "free_text" if kind == "text" else None


def profile_column(
    naming: ColumnName, found: ColumnStats, tool: Tool | None, variable: Variable | None = None
) -> ColumnProfile:
    """What is said of a column whose cells have all been gathered."""
    system = tool.kind_of(naming.name, naming.label) if tool else None
    kind = system or _kind(naming, found, tool, variable)
    if system is None and kind in {"number", "text", "category", "free_text", "id"} and _is_key(naming, found):
        kind = "id"
    personal = _personal(naming, found, tool, system, kind)
    if personal == "free_text":
        kind = "text" if kind == "text" else "free_text"
    elif personal:
        kind = "personal"
    declared = tuple(variable.missing) if variable else ()
    seen = tuple(sorted(code for code in found.missing if not in_spans(code, declared)))
    coded = kind in {"category", "flag"} or (kind == "number" and not found.looks["decimal"])
    closed = coded and personal is None and system is None and _is_closed(found)
    labelled = {code for code in variable.codes if not in_spans(code, declared)} if variable else set()
    # What stands once may be no choice at all: it is not said, but counted.
    often = {text_of(cell) for cell, count in found.values.items() if count > 1} & found.values_said
    choices = labelled | (often if closed else set()) if coded else set()  # a file may label the ends of a scale only
    return ColumnProfile(
        number=naming.number,
        name=naming.name,
        label=naming.label,
        kind=kind,
        rows=found.rows,
        blank=found.blank,
        distinct=found.different,
        more=bool(found.folded),
        date_orders={order: found.orders[order] for order in DATES if found.orders[order]}
        | ({"serial": found.serials} if found.serials and found.orders else {}),
        missing_codes=declared + seen,
        personal=personal,
        system=system is not None,
        choices=tuple(sorted(choices)),
        choice_labels=dict(variable.codes) if variable else {},
        errors=found.looks["error"],
        times=found.looks["with_time"],
    )
