"""The strict models of how survey questions are answered: one answer an item, or several options of one question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import combinations
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from tfc_platform.contracts.column_names import Headers, When, refuse_doubled, text_keys
from tfc_platform.contracts.names import normal
from tfc_platform.strict_yaml import StrictModel

__all__ = ["AnswerGroup", "Choices", "CodeSet", "Mark", "Routing", "Silence"]

Missing = Literal["dont_know", "prefer_not", "unanswered", "not_asked"]
Mark = Literal["chosen", "not_chosen", "dont_know", "prefer_not", "unanswered", "not_asked"]
Silence = Literal["not_chosen", "unanswered", "not_asked"]
# What tools write into the column of an option. A contract's `codes` come before these.
WORDS: Mapping[str, Mark] = {
    **dict.fromkeys(("1", "true", "yes", "y", "x", "checked", "selected", "chosen"), "chosen"),
    **dict.fromkeys(("0", "false", "no", "n", "unchecked", "not selected", "not chosen"), "not_chosen"),
}


class CodeSet(StrictModel):
    """How an answer is written, for the files that `when` names: cell to value, in the codebook's direction."""

    when: When = Field(default_factory=dict)
    values: dict[str, int] = Field(min_length=1)

    _codes_are_text = field_validator("values", mode="before")(text_keys)

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> CodeSet:
        refuse_doubled(self.values)
        return self


class AnswerGroup(StrictModel):
    """Survey items that are answered in one manner."""

    when: When = Field(default_factory=dict)
    instrument: str | None = None  # the codebook of these items; none: the survey's own
    items: dict[str, Headers]
    codes: tuple[CodeSet, ...] = Field(min_length=1)  # the first that applies to a file is its own
    missing: dict[str, Missing] = Field(default_factory=dict)
    blank: Literal["unanswered", "not_asked"] = "unanswered"

    _codes_are_text = field_validator("missing", mode="before")(text_keys)

    @model_validator(mode="after")
    def _no_overlap(self) -> AnswerGroup:
        refuse_doubled(self.missing)
        for codes in self.codes:
            both = {normal(key) for key in codes.values} & {normal(key) for key in self.missing}
            if both:
                raise ValueError(f"codes that are both an answer and missing: {', '.join(sorted(both))}")
        return self

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why an item may have no value."""
        return *self.missing.values(), self.blank, "invalid"


class Routing(StrictModel):
    """Who was shown a question: those who have one of these answers in another column."""

    header: Headers
    equals: tuple[str, ...] = Field(min_length=1)


def _as_texts(value: object) -> object:
    """One way of writing, or several; a code is text, whatever YAML takes it for."""
    values = value if isinstance(value, list) else [value]
    if any(isinstance(item, bool) for item in values):
        raise ValueError("it is read as true or false: put it in quotation marks ('Yes', 'No')")
    return [str(item) if isinstance(item, int | float) else item for item in values]


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts), Field(min_length=1)]


class Choices(StrictModel):
    """A question of which several options can be chosen. Each option is an item: 1 where it was chosen, 0 where not.

    Either `column` has all choices of a respondent in one cell, with `separator` between them, or `columns` has one column an
    option. `options` says how the tool writes an option: within that cell, or in the option's own column.
    """

    when: When = Field(default_factory=dict)
    instrument: str | None = None  # the codebook of these items; none: the survey's own
    column: Headers | None = None
    separator: str | None = Field(default=None, min_length=1)
    columns: dict[str, Headers] = Field(default_factory=dict)
    options: dict[str, Texts] = Field(default_factory=dict)
    other: Headers | None = None  # with `columns`: where the text of “Other” is, so that it counts as an answer
    codes: dict[str, Mark] = Field(default_factory=dict)  # what else may be written, and means
    blank: Silence  # what it means where nothing is written. No tool says it
    unticked: Silence = "not_chosen"  # with `columns`: what it means where every one says no
    asked: Routing | None = None  # none: everybody was

    _codes_are_text = field_validator("codes", mode="before")(text_keys)

    @property
    def items(self) -> tuple[str, ...]:
        """The items, in the contract's order."""
        return tuple(self.columns or self.options)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why an item may have no value."""
        told = [*self.codes.values(), self.blank, self.unticked, *(["not_asked"] if self.asked or self.columns else [])]
        return *(reason for reason in dict.fromkeys(told) if reason not in ("chosen", "not_chosen")), "invalid"

    @cached_property
    def words(self) -> dict[str, Mark]:
        """What is written and is no option's own text, by its meaning."""
        return {**(WORDS if self.columns else {}), **{normal(word): mark for word, mark in self.codes.items()}}

    @cached_property
    def written(self) -> dict[str, str]:
        """How an option is written → its item."""
        return {normal(text): item for item, texts in self.options.items() for text in texts}

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """All that may be in one cell of choices, as it is written."""
        return *(text for texts in self.options.values() for text in texts), *self.codes

    @model_validator(mode="after")
    def _one_encoding(self) -> Choices:
        if (self.column is None) == (not self.columns):
            raise ValueError("column, columns: say one of them: all choices in one cell, or a column an option")
        if self.columns:
            if self.separator is not None:
                raise ValueError("separator: a question with a column an option has none")
            strange = next((item for item in self.options if item not in self.columns), None)
            if strange is not None:
                raise ValueError(f"options.{strange}: it has no column")
            return self
        if self.separator is None:
            raise ValueError("separator: say what stands between the choices of one cell")
        if not self.options:
            raise ValueError("options: say how the tool writes each option of the cell")
        for name in ("other", "unticked"):
            if name in self.model_fields_set:
                raise ValueError(f"{name}: only a question with a column an option has it")
        if "chosen" in self.codes.values():
            raise ValueError("codes: in one cell of choices an option is chosen where it is written: see `options`")
        return self

    @model_validator(mode="after")
    def _can_be_told_apart(self) -> Choices:
        refuse_doubled(self.codes)
        stated = {normal(word): word for word in self.codes}
        seen: dict[str, str] = {}
        for item, texts in self.options.items():
            for text in texts:
                word = normal(text)
                if not word:
                    raise ValueError(f"options.{item}: an option is written as something; for nothing see `blank`")
                if word in seen:
                    raise ValueError(f"options: {seen[word]} and {item} read alike ({text!r})")
                if word in stated:
                    raise ValueError(f"options.{item}: {text!r} is among the codes too")
                seen[word] = item
        if self.separator is not None:
            _refuse_sums(seen, self.separator)
        for (one, its), (other, theirs) in combinations(self._headers(), 2):
            if its & theirs:
                raise ValueError(f"columns: {one} and {other} name one column")
        return self

    def _headers(self) -> Iterator[tuple[str, set[str]]]:
        named = [*self.columns.items(), *([("other", self.other)] if self.other else [])]
        return ((item, {normal(header.name) for header in headers}) for item, headers in named)


def _refuse_sums(words: Iterable[str], separator: str) -> None:
    """An option that reads as several others would be taken for all of them, or they for it."""
    known, sign = set(words), normal(separator) or separator
    for word in known:
        pieces = [normal(piece) for piece in word.split(sign)]
        if len(pieces) > 1 and all(piece in known for piece in pieces):
            raise ValueError(f"options: {word!r} reads like {' and '.join(map(repr, pieces))} chosen together")
