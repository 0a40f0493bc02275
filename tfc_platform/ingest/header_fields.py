"""Which column of a sheet is which field of its contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tfc_platform.contracts.model import AnswerGroup, Choices, Column, Contract, Header
from tfc_platform.ingest.header_matching import ContractName, Decisions, HeaderGuess, guarded, guess
from tfc_platform.ingest.header_rows import choices_of, columns_named, groups_of, is_data_like, locate
from tfc_platform.ingest.sayable_names import is_sayable
from tfc_platform.sheets.sheet_model import Sheet

__all__ = ["ChoiceColumns", "FieldMatch", "SheetLayout", "columns_of", "find_layout"]

LONGEST_NAME = 80  # characters of a column's name that a message repeats
FieldMatch = Callable[
    [Column, int, int], bool
]  # whether the cells of a column are what a field holds: field, column, first row


@dataclass(frozen=True)
class ChoiceColumns:
    """Where a question with several choices stands: one column, or one an option (item → column)."""

    column: int | None = None
    columns: Mapping[str, int] = field(default_factory=dict)
    other: int | None = None  # the text of "Other"
    asked: int | None = None  # the question that says who was shown this one

    @property
    def written_in(self) -> Iterator[int]:
        """The columns in which somebody may have written of their own."""
        return (index for index in (self.column, self.other) if index is not None)


@dataclass(frozen=True)
class SheetLayout:
    """Where everything stands in a sheet, by column index from 0."""

    names: tuple[str, ...]  # each column's name as its sender sees it
    first_data: int  # index into the sheet's rows
    fields: dict[str, int]
    items: list[tuple[AnswerGroup, dict[str, int]]]
    free_text: tuple[int, ...]
    unknown: tuple[int, ...]  # columns with a name that the contract does not know
    rules: dict[int, int]  # reject rule (its index) to column
    missing: tuple[str, ...]  # names of required columns that are not there
    doubled: tuple[str, ...]  # names that stand twice and that the contract takes
    outdated: tuple[str, ...] = field(default=())  # names used outside the months for which they hold
    closed: frozenset[int] = field(default=frozenset())  # columns that the contract knows and that hold no free text
    guesses: tuple[HeaderGuess, ...] = ()  # columns that are read under a name that is only near to the contract's
    guarded: Mapping[int, str] = field(
        default_factory=dict
    )  # unknown columns that may be this personal or free-text one
    personal: tuple[int, ...] = ()  # columns that the contract drops
    naming: frozenset[int] = frozenset()  # those of them of which it says whose names they hold
    row: int = 0  # the number of the header's last row, as the sender sees it
    is_joined: bool = False  # the header has two rows, though the contract says one
    unsaid: frozenset[int] = field(default=frozenset())  # unknown columns whose name may be a value, or somebody's
    choices: list[tuple[Choices, ChoiceColumns]] = field(default_factory=list)

    def name(self, index: int) -> str:
        """What a message calls a column: its name, or its number where it has none that may be said."""
        named = self.names[index] if index < len(self.names) and index not in self.unsaid else ""
        return named[:LONGEST_NAME] or f"column {index + 1}"


class _ColumnFinder:
    """Takes columns for the contract's names one by one, and keeps what is doubled or outdated on the way."""

    def __init__(self, names: Sequence[str], month: date | None) -> None:
        self.names, self.month = names, month
        self.taken: set[int] = set()
        self.doubled: list[str] = []
        self.outdated: list[str] = []

    def take(self, headers: tuple[Header, ...]) -> int | None:
        """The column of a field. Where several have one of its names, the name that holds for the month decides."""
        found = columns_named(headers, self.names)
        holding = [i for i in found if any(h.matches(self.names[i]) for h in self._holding(headers))]
        several = holding or found
        if not several:
            return None
        index = several[0]
        self.taken.add(index)
        if len(several) > 1:
            self.doubled.append(" / ".join(dict.fromkeys(self.names[i] for i in several)))
        if not holding:
            self.outdated.append(self.names[index])
        return index

    def said(self, headers: tuple[Header, ...]) -> str:
        """The names under which a missing column is asked for."""
        return " or ".join(header.name for header in self._holding(headers) or headers)

    def _holding(self, headers: tuple[Header, ...]) -> tuple[Header, ...]:
        month = self.month
        return headers if month is None else tuple(header for header in headers if header.holds(month))


class _ContractColumns:
    """All that a contract names for a file, what of it the file has, and where."""

    def __init__(self, contract: Contract, facts: dict[str, str], finder: _ColumnFinder) -> None:
        self.contract, self.finder = contract, finder
        self.places: dict[ContractName, int | None] = {}
        self.required: set[ContractName] = set()
        self.columns: dict[ContractName, Column] = {}
        self.fields = {name: self._column(name, column) for name, column in contract.fields(facts).items()}
        self.groups = [
            (group, {item: self._known(headers, True) for item, headers in group.items.items()})
            for group in groups_of(contract, facts)
        ]
        self.choices = [(question, self._choices(question)) for question in choices_of(contract, facts)]
        self.rules = {n: self._known(rule.header, not rule.optional) for n, rule in enumerate(contract.reject)}
        self.texts = [self._known(headers, False, is_private=True) for headers in contract.free_text]

    def _known(
        self, headers: tuple[Header, ...], is_required: bool, is_private: bool = False, is_count: bool = False
    ) -> ContractName:
        known = ContractName(headers, is_count, is_private)
        if known not in self.places:
            self.places[known] = self.finder.take(headers)
        if is_required:
            self.required.add(known)
        return known

    def _column(self, name: str, column: Column) -> ContractName:
        # Without its weights a weighted survey's figures would be another estimate, so the column has to be there.
        is_required = column.required or (name == "weight" and self.contract.survey is not None)
        # By ids rows are told apart, pseudonyms made and records erased: `erase` looks for them under the contract's names alone.
        is_id = column.type in ("id", "panel", "token")
        known = self._known(column.header, is_required, is_id, column.type in ("attendance", "number"))
        self.columns[known] = column
        return known

    def _choices(self, question: Choices) -> dict[str, ContractName]:
        """The columns of a question with several choices, by their keys in the contract."""
        named = {f"columns.{item}": headers for item, headers in question.columns.items()}
        asked = question.asked.header if question.asked else None
        further = {"column": question.column, "other": question.other, "asked": asked}
        named |= {key: headers for key, headers in further.items() if headers is not None}
        return {key: self._known(headers, True) for key, headers in named.items()}

    def guess(
        self, unknown: Sequence[int], decisions: Decisions, fits: Callable[[Column, int], bool]
    ) -> list[HeaderGuess]:
        """Read unknown columns as missing ones where that can be meant; gives what was guessed."""
        missing = [known for known, place in self.places.items() if place is None]
        if not missing or not unknown:
            return []
        others = [known for known, place in self.places.items() if place is not None]
        others += [
            ContractName((Header(name=name),), is_private=True)
            for name in (*self.contract.personal_names, *self.contract.ignored)
        ]
        found = guess(self.contract, self.finder.names, unknown, missing, others, decisions)
        made = []
        for known, (index, one) in found.items():
            column = self.columns.get(known)
            if column is None or fits(column, index):
                self.places[known] = index
                self.finder.taken.add(index)
                made.append(one)
        return made

    @property
    def missing(self) -> tuple[str, ...]:
        lost = [known for known in self.places if known in self.required and self.places[known] is None]
        return tuple(dict.fromkeys(self.finder.said(known.headers) for known in lost))

    def place(self, known: ContractName) -> int | None:
        return self.places[known]

    def choice_places(self, named: Mapping[str, ContractName]) -> ChoiceColumns:
        found = {key: index for key, known in named.items() if (index := self.place(known)) is not None}
        columns = {key.removeprefix("columns."): index for key, index in found.items() if key.startswith("columns.")}
        return ChoiceColumns(found.get("column"), columns, found.get("other"), found.get("asked"))


def find_layout(
    sheet: Sheet,
    contract: Contract,
    facts: dict[str, str],
    month: date | None = None,
    decisions: Decisions | None = None,
    fits: FieldMatch = lambda *_: True,
) -> SheetLayout | None:
    """Where the contract's columns stand in a sheet, or None where it has no header row.

    :param facts: what the file's name says, for columns that only some returns have.
    :param month: the return's month, for names that hold for some months.
    :param decisions: what people have said of names that are near to the contract's.
    :param fits: asked before such a name is read as a field.
    """
    located = locate(sheet, contract, facts)
    if located is None:
        return None
    names = located.names
    finder = _ColumnFinder(names, month)
    all_of = _ContractColumns(contract, facts, finder)
    personal = frozenset(columns_named([Header(name=name) for name in contract.personal_names], names))
    set_aside = personal | frozenset(columns_named([Header(name=name) for name in contract.ignored], names))
    unknown = [i for i, name in enumerate(names) if name and i not in finder.taken | set_aside]
    guesses = all_of.guess(unknown, decisions or {}, lambda column, index: fits(column, index, located.first_data))
    unknown = [i for i in unknown if i not in finder.taken]
    naming = [Header(name=name) for item in contract.personal if item.kind for name in item.column]
    private = [*contract.personal_names, *(header.name for headers in contract.free_text for header in headers)]
    texts = tuple(index for known in all_of.texts if (index := all_of.place(known)) is not None)
    choices = [(question, all_of.choice_places(named)) for question, named in all_of.choices]
    spoken = frozenset(index for _, places in choices for index in places.written_in)
    return SheetLayout(
        names=names,
        first_data=located.first_data,
        fields={name: index for name, known in all_of.fields.items() if (index := all_of.place(known)) is not None},
        items=[
            (group, {item: index for item, known in items.items() if (index := all_of.place(known)) is not None})
            for group, items in all_of.groups
        ],
        free_text=texts,
        unknown=tuple(unknown),
        rules={number: index for number, known in all_of.rules.items() if (index := all_of.place(known)) is not None},
        missing=all_of.missing,
        doubled=tuple(dict.fromkeys(finder.doubled)),
        outdated=tuple(dict.fromkeys(finder.outdated)),
        closed=(frozenset(finder.taken) | set_aside) - frozenset(texts) - spoken,
        guesses=tuple(guesses),
        guarded=guarded(names, unknown, private),
        personal=tuple(sorted(personal)),
        naming=personal & frozenset(columns_named(naming, names)),
        row=located.row,
        is_joined=located.is_joined,
        unsaid=frozenset(i for i in unknown if is_data_like(names[i]) or not is_sayable(names[i], contract)),
        choices=choices,
    )


def columns_of(contract: Contract, facts: dict[str, str], layout: SheetLayout) -> dict[str, tuple[Column, int]]:
    """Each field that a sheet has, with its column's rules and place."""
    columns = contract.fields(facts)
    return {name: (columns[name], index) for name, index in layout.fields.items()}
