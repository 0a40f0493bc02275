"""The disclosure policy: thresholds and dates, as data in `expectations/disclosure_policy.yaml`.

Belongs here: the shape of that file, and what follows from its numbers alone. Does not belong: applying them (`rules`,
`calendar`, `revise`, `audit`), or which tables there are (`register`).
"""

from __future__ import annotations

import re
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["DisclosurePolicy", "load_policy"]


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
    """R9: every group of fewer than `group` persons keeps an interval at least `width` wide (k and P)."""

    group: int = Field(ge=2)
    width: int = Field(ge=1)

    @property
    def least_upper(self) -> int:
        """T: what every atom's largest possible count must reach. See `audit/problem.py` for the proof."""
        return self.group - 1 + self.width


class Revision(StrictModel):
    """R2: the yearly date (`06-30`) of revisions, and how many persons a cell must gain or lose, if it does at all."""

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
        """The newest revision date that is not after `day`."""
        this_year = date.fromisoformat(f"{day.year}-{self.day}")
        return this_year if this_year <= day else date.fromisoformat(f"{day.year - 1}-{self.day}")


class ScreenRule(StrictModel):
    """A pattern that keeps an approved text from being published; it can block and never approve."""

    id: str
    reason: str
    pattern: str

    @model_validator(mode="after")
    def _compiles(self) -> ScreenRule:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"the pattern of {self.id} is no regular expression ({error.msg})") from None
        return self

    @cached_property
    def expression(self) -> re.Pattern[str]:
        return re.compile(self.pattern, re.IGNORECASE)


class DisclosurePolicy(StrictModel):
    """All parameters. Numbers of persons, sessions or days; see the file for the reason of each."""

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
    story_screen: tuple[ScreenRule, ...]

    @model_validator(mode="after")
    def _fits_together(self) -> DisclosurePolicy:
        if self.rounding_base % 2 == 0:
            raise ValueError("rounding_base: an odd number, or halves would need a rule of their own")
        if self.audit.least_upper > self.threshold_persons - 1:
            raise ValueError(
                f"audit: group - 1 + width is {self.audit.least_upper}, more than a suppressed cell can hold "
                f"({self.threshold_persons - 1}): no table could pass"
            )
        return self


def load_policy(path: Path = EXPECTATIONS / "disclosure_policy.yaml") -> DisclosurePolicy:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_model(path, DisclosurePolicy)
