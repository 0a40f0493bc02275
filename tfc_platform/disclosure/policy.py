"""The disclosure policy: thresholds, dates and the sentences for what is withheld, from `expectations/disclosure_policy.yaml`."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["DisclosurePolicy", "SuppressionRule", "load_policy"]


class SuppressionRule(StrEnum):
    """The rule that decided that a figure is withheld."""

    FEW_PEOPLE = "R4"
    FEW_HEADS = "R5"
    FEW_ANSWERS = "R7"
    FEW_PAIRS = "R8"
    PAIRS_BESIDE_BASES = "R8 pairs"
    JOINT_AUDIT = "R9"
    UNFINISHED = "R9 time"


class HeadCount(StrictModel):
    """R5: counts of heads without ids. `largest_session` is the certain lower bound of distinct people."""

    sessions: int = Field(ge=1)
    largest_session: int = Field(ge=1)


class SurveyLimits(StrictModel):
    """R7: `base` respondents, `part` in the numerator and in what is left, `clusters`; below `flag_below` indicative."""

    base: int = Field(ge=1)
    part: int = Field(ge=1)
    clusters: int = Field(ge=1)
    flag_below: int = Field(ge=1)


class PanelLimits(StrictModel):
    """R8: `pairs`; `part` of improved, same and worse each; `rest`: who is in a wave's base and not in a pair, or nobody."""

    pairs: int = Field(ge=1)
    part: int = Field(ge=1)
    rest: int = Field(ge=1)


class AuditLimits(StrictModel):
    """R9: every group of fewer than `group` people keeps an interval at least `width` wide (k and P).

    `seconds`: for all of protecting, on one night. What is not finished then is withheld.
    """

    group: int = Field(ge=2)
    width: int = Field(ge=1)
    seconds: float = Field(default=900, gt=0)

    @property
    def least_upper(self) -> int:
        """T: what every atom's largest possible count must reach. See `audit/problem.py` for the proof."""
        return self.group - 1 + self.width


class Revision(StrictModel):
    """R2: the yearly date (`06-30`) of revisions, and how many people a cell must gain or lose, if it does at all."""

    day: str
    minimum: int = Field(ge=1)

    @field_validator("day")
    @classmethod
    def _a_day_of_every_year(cls, value: str) -> str:
        if not re.fullmatch(r"\d{2}-\d{2}", value):
            raise ValueError("a day of the year is written as 06-30")
        date.fromisoformat(f"2025-{value}")  # no leap year: 29 February is no day of every year
        return value

    def last_before(self, day: date) -> date:
        """The latest revision date that is not after `day`."""
        this_year = date.fromisoformat(f"{day.year}-{self.day}")
        return this_year if this_year <= day else date.fromisoformat(f"{day.year - 1}-{self.day}")


class StoryScreenPattern(StrictModel):
    """A pattern that keeps an approved text from being published; it can block and never approve."""

    id: str
    reason: str
    pattern: str

    @model_validator(mode="after")
    def _compiles(self) -> StoryScreenPattern:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"the pattern of {self.id} is no regular expression ({error.msg})") from None
        return self

    @cached_property
    def expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)


class WithheldNote(StrictModel):
    """What a reader sees beside a figure that a rule withholds."""

    rule: SuppressionRule
    note: str


class DisclosurePolicy(StrictModel):
    """All parameters. Numbers of people, sessions or days; see the file for the reason of each."""

    version: str
    lock_after_days: int = Field(ge=0)
    revision: Revision
    threshold_persons: int = Field(ge=1)
    rounding_base: int = Field(ge=1)
    head_count: HeadCount
    survey: SurveyLimits
    panel: PanelLimits
    audit: AuditLimits
    largest_suppressed_share: float = Field(ge=0, le=1)
    research_versions_kept: int = Field(ge=1)
    story_screen: tuple[StoryScreenPattern, ...]
    withheld_notes: tuple[WithheldNote, ...] = ()  # none in policies of before version 3

    @model_validator(mode="after")
    def _fits_together(self) -> DisclosurePolicy:
        if self.rounding_base % 2 == 0:
            raise ValueError("rounding_base: an odd number, or halves would need a rule of their own")
        if self.audit.least_upper > self.threshold_persons - 1:
            raise ValueError(
                f"audit: group - 1 + width is {self.audit.least_upper}, more than a suppressed cell can hold "
                f"({self.threshold_persons - 1}): no table could pass"
            )
        if self.withheld_notes and sorted(item.rule for item in self.withheld_notes) != sorted(SuppressionRule):
            raise ValueError(f"withheld_notes: each rule needs one sentence ({', '.join(SuppressionRule)})")
        for rule in SuppressionRule:
            self.note(rule)  # a sentence may only name limits that there are
        return self

    def note(self, rule: SuppressionRule) -> str | None:
        """The sentence for a figure that `rule` withholds; none where the policy has no sentences."""
        limits = {
            "people": self.threshold_persons,
            "sessions": self.head_count.sessions,
            "largest_session": self.head_count.largest_session,
            "base": self.survey.base,
            "part": self.survey.part,
            "clusters": self.survey.clusters,
            "pairs": self.panel.pairs,
        }
        sentences = [item.note for item in self.withheld_notes if item.rule == rule]
        try:
            return sentences[0].format(**limits) if sentences else None
        except (KeyError, IndexError, ValueError):
            raise ValueError(f"withheld_notes: the sentence of {rule} names a limit that there is not") from None


def load_policy(path: Path = EXPECTATIONS / "disclosure_policy.yaml") -> DisclosurePolicy:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_model(path, DisclosurePolicy)
