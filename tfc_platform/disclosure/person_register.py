"""The tables about persons that a release may hold: their unit, dimensions, code lists and grid, as data.

Belongs here: the shape of `person_tables` in `expectations/publication_register.yaml`, and what may not be said there. Does not
belong: tables that are not about persons (`publish.register`), the codes themselves (`code_lists`, from the contracts), or any
rule's numbers (`policy`). A mart or a column that no table names is never published.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from tfc_platform.disclosure.policy import Strict

__all__ = [
    "ALL",
    "CHANGE_KEYS",
    "OUTCOME_KEYS",
    "ChangeTable",
    "CountTable",
    "OutcomeTable",
    "PersonMeasure",
    "PersonTable",
]

ALL = "all"  # the code of a row that sums over a dimension: a site's total
MOST_DIMENSIONS = 4
OUTCOME_KEYS = ("site", "population", "wave", "indicator", "breakdown", "breakdown_value")
CHANGE_KEYS = ("site", "population", "indicator", "design", "wave_from", "wave_to")


def _name(text: str) -> str:
    # A name goes into SQL and into file names: nothing else may stand in it.
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", text):
        raise ValueError("a name is made of small letters, digits and underscores, at most 31")
    return text


Name = Annotated[str, AfterValidator(_name)]


class PersonMeasure(Strict):
    """One figure of a row: a frozen `column`, a number of the `code` list, or a rate `per_1000_of` such a number.

    `counts`: `persons` fall under the rule, `with_persons` is hidden and rounded with them and is no count (hours of casework),
    `sessions` of groups are shown. A rate is worked out from what is published (R6).
    """

    name: Name
    label: str
    unit: str
    column: Name | None = None
    code: Name | None = None
    per_1000_of: Name | None = None
    counts: Literal["persons", "with_persons", "sessions"] = "persons"

    @model_validator(mode="after")
    def _from_one_place(self) -> PersonMeasure:
        if sum(place is not None for place in (self.column, self.code, self.per_1000_of)) != 1:
            raise ValueError(f"{self.name}: one of column, code and per_1000_of says where it comes from")
        return self


class _Table(Strict):
    table: Name
    title: str
    description: str
    record: Literal["activity", "story", "survey_respondent"]  # of the contracts whose snapshots it is cut from


class CountTable(_Table):
    """Counts of one frozen mart by dimensions: inner cells, and where `total_over` names one, the site's total over it.

    `rule`: `persons` where a row of the mart's unit is a person (R4), `head_count` where heads are counted (R5).
    `period`: `quarter`, or `year`, which is the total of four locked quarters and has no further dimension (R1).
    `level`: `site`, or `programme`, which sums over all sites.
    """

    rule: Literal["persons", "head_count"]
    mart: Name
    period: Literal["quarter", "year"]
    level: Literal["site", "programme"] = "site"
    dimensions: tuple[Name, ...] = ()
    total_over: Name | None = None
    partial: bool = False  # whether persons can be in no code of its dimension (a venue that nobody wrote down)
    only: dict[Name, str] = Field(default_factory=dict)
    attributes: tuple[Name, ...] = ()  # of the code list
    measures: tuple[PersonMeasure, ...] = Field(min_length=1)

    @property
    def keys(self) -> tuple[str, ...]:
        return ("site", self.period, *self.dimensions)

    @model_validator(mode="after")
    def _can_be_safe(self) -> CountTable:
        if len(self.keys) > MOST_DIMENSIONS:
            raise ValueError(f"{self.table} has {len(self.keys)} dimensions: {MOST_DIMENSIONS} are the most")
        if self.period == "year" and self.dimensions:
            raise ValueError(f"{self.table}: a year is published as one total alone")
        if self.level == "programme" and self.period != "year":
            raise ValueError(f"{self.table}: the programme's total is published by year alone")
        if self.total_over is not None and self.dimensions != (self.total_over,):
            # A total over one of several dimensions would be a margin: inner cells and site totals alone are published.
            raise ValueError(f"{self.table}: total_over: a site's total sums over the only dimension")
        names = [measure.name for measure in self.measures]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.table}: a measure stands twice")
        if self.measures[0].column is None or self.measures[0].counts != "persons":
            raise ValueError(f"{self.table}: the first measure is the count of persons that the rule judges")
        return self


class OutcomeTable(_Table):
    """Survey estimates (R7): for all, and by one breakdown for the populations that are large enough for it."""

    rule: Literal["outcome"]
    breakdowns: dict[str, tuple[Literal["area", "sector"], ...]] = Field(default_factory=dict)
    decimals: dict[str, int] = Field(default_factory=dict)  # indicator to the decimals of its mean; others have none

    @property
    def keys(self) -> tuple[str, ...]:
        return OUTCOME_KEYS

    @model_validator(mode="after")
    def _one_geography(self) -> OutcomeTable:
        for population, names in self.breakdowns.items():
            if len(names) > 1:
                # Two would be linked tables over the same respondents: each alone is safe, and both together are not.
                raise ValueError(f"{self.table}: breakdowns.{population}: one breakdown a population")
        return self


class ChangeTable(_Table):
    """Change between two waves (R8 for panels, R7 for both waves of repeated cross-sections)."""

    rule: Literal["change"]
    decimals: dict[str, int] = Field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        return CHANGE_KEYS


# By its rule, so that a mistake is told of the kind of table that was meant.
PersonTable = Annotated[CountTable | OutcomeTable | ChangeTable, Field(discriminator="rule")]
