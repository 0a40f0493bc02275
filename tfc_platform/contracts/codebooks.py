"""The strict models of an instrument: items, their points and direction, scales and named bands of scores.

The scores that a scale can give are worked out exactly, so that a wrong range, table or band is found on reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import floor
from typing import Annotated, Literal

from pydantic import Field, model_validator

from tfc_platform.contracts.names import normal
from tfc_platform.strict_yaml import StrictModel

__all__ = ["Band", "Codebook", "Comparability", "Item", "Response", "Scale", "half_up"]

Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Method = Literal["mean_rescaled", "sum_table", "sum_prorated", "single_item", "sum_of_scales"]
PERCENT = (0, 100)  # the range that `mean_rescaled` stretches its items' points to


def half_up(value: Fraction) -> int:
    """To the nearest whole number, a half upwards: floor(x + 1/2), as the published scoring of instruments does."""
    return floor(value + Fraction(1, 2))


class Response(StrictModel):
    """The points on which items are answered, and from which of them an answer is positive, after reversal."""

    minimum: int
    maximum: int
    labels: dict[int, str] = Field(default_factory=dict)
    positive_from: int | None = None  # none: items answered so are no indicators of their own

    @model_validator(mode="after")
    def _points(self) -> Response:
        if self.minimum >= self.maximum:
            raise ValueError("minimum: not below maximum")
        outside = [point for point in self.labels if not self.minimum <= point <= self.maximum]
        if outside:
            raise ValueError(f"labels.{outside[0]}: not a point from {self.minimum} to {self.maximum}")
        twice = [label for label, count in Counter(map(normal, self.labels.values())).items() if count > 1]
        if twice:
            raise ValueError(f"labels: {twice[0]!r} is the label of two points")
        if self.positive_from is not None and not self.minimum < self.positive_from <= self.maximum:
            raise ValueError("positive_from: every answer would be positive, or none")
        return self


class Item(StrictModel):
    """One question, by its code."""

    response: str
    constructs: tuple[Code, ...] = ()
    # Don't know where somebody was asked what they know is an answer; of what they think or do it is none.
    dont_know: Literal["not_positive", "left_out"] = "left_out"
    wording: str | None = None


class Band(StrictModel):
    """Scores from `lowest` to `highest`, both among them, have a name."""

    band: Code
    lowest: float
    highest: float

    @model_validator(mode="after")
    def _upwards(self) -> Band:
        if self.lowest > self.highest:
            raise ValueError("lowest: above highest")
        return self


class Scale(StrictModel):
    """A score made of items, or of other scales.

    mean_rescaled: mean of the answered items, (mean - minimum) / (maximum - minimum) x 100. sum_table: the sum, through a
    published table. sum_prorated: mean of the answered items x how many there are, rounded as `rounding` says.
    single_item: the item. sum_of_scales: the sum of scales, of which none may be missing.
    """

    name: str
    method: Method
    items: tuple[str, ...] = ()
    scales: tuple[str, ...] = ()
    minimum_answered: int = Field(ge=1)
    rounding: Literal["half_up", "none"] = "none"
    range: tuple[float, float]  # what a score can be: written down, so that a slip elsewhere shows against it
    higher_is: Literal["better", "worse"]
    table: dict[int, float] = Field(default_factory=dict)  # raw sum to score
    bands: dict[Code, tuple[Band, ...]] = Field(
        default_factory=dict
    )  # banding (an instrument may have several) to its bands

    @property
    def members(self) -> tuple[str, ...]:
        """The items, or the scales, that the score is made of."""
        return self.scales if self.method == "sum_of_scales" else self.items

    @model_validator(mode="after")
    def _fits_its_method(self) -> Scale:
        wanted, other = ("scales", self.items) if self.method == "sum_of_scales" else ("items", self.scales)
        if not self.members or other:
            raise ValueError(f"{wanted}: {self.method} is made of {wanted} and of nothing else")
        _refuse_doubled(wanted, self.members)
        if self.method == "single_item" and len(self.items) != 1:
            raise ValueError("items: single_item has one")
        if self.minimum_answered > len(self.members):
            raise ValueError(f"minimum_answered: more than the {len(self.members)} that there are")
        if self.method in ("sum_table", "sum_of_scales") and self.minimum_answered < len(self.members):
            raise ValueError(f"minimum_answered: {self.method} needs them all, and is never prorated")
        if bool(self.table) != (self.method == "sum_table"):
            raise ValueError("table: a scale has one exactly where its method is sum_table")
        if self.rounding != "none" and self.method != "sum_prorated":
            raise ValueError("rounding: only sum_prorated rounds")
        return self


class Codebook(StrictModel):
    """One instrument in one version."""

    instrument: Code
    name: str
    version: str
    informant: str
    licence: str
    source: str
    wording: Literal["own", "open", "not_reproduced"]  # whether the items' words may be in this file
    responses: dict[str, Response] = Field(min_length=1)
    items: dict[Code, Item] = Field(min_length=1)
    reversed: tuple[str, ...] = ()  # items of which a high answer is the worse one
    scales: dict[Code, Scale] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _codes_are_apart(self) -> Codebook:
        """Items and scales are indicators alike: one name for two would add one's figures to the other's."""
        _refuse_doubled("items, scales", [*self.items, *self.scales])
        return self

    @model_validator(mode="after")
    def _names_exist(self) -> Codebook:
        for code, item in self.items.items():
            if item.response not in self.responses:
                raise ValueError(f"items.{code}.response: {item.response!r} is not among the responses")
            if item.wording is not None and self.wording == "not_reproduced":
                raise ValueError(f"items.{code}.wording: the codebook says that its wording is not reproduced")
        _refuse_doubled("reversed", self.reversed)
        _refuse_unknown("reversed", self.reversed, self.items)
        for code, scale in self.scales.items():
            _refuse_unknown(f"scales.{code}.items", scale.items, self.items)
            _refuse_unknown(f"scales.{code}.scales", scale.scales, self.scales)
            nested = [part for part in scale.scales if self.scales[part].method == "sum_of_scales"]
            if nested:
                raise ValueError(f"scales.{code}.scales: {nested[0]!r} is itself a sum of scales")
        return self

    @model_validator(mode="after")
    def _scores_are_possible(self) -> Codebook:
        for code, scale in self.scales.items():
            key = f"scales.{code}"
            if len({self.points(item) for item in scale.items}) > 1:
                raise ValueError(
                    f"{key}.items: they are answered on different points, so that one would outweigh another"
                )
            if scale.method == "sum_table":
                self._check_table(key, scale)
            scores = self.scores(code)
            lowest, highest = float(min(scores)), float(max(scores))
            if scale.range != (lowest, highest):
                raise ValueError(f"{key}.range: its scores run from {lowest:g} to {highest:g}")
            for banding, bands in scale.bands.items():
                _check_bands(f"{key}.bands.{banding}", bands, scores)
        return self

    def _check_table(self, key: str, scale: Scale) -> None:
        lowest, highest = self.points(scale.items[0])
        wanted = set(range(lowest * len(scale.items), highest * len(scale.items) + 1))
        gaps, strange = sorted(wanted - set(scale.table)), sorted(set(scale.table) - wanted)
        if gaps:
            raise ValueError(f"{key}.table: the raw sum {gaps[0]} has no score")
        if strange:
            raise ValueError(f"{key}.table.{strange[0]}: no answers to its items add up to this")
        ordered = [scale.table[raw] for raw in sorted(scale.table)]
        if any(after <= before for before, after in pairwise(ordered)):
            raise ValueError(f"{key}.table: the scores do not rise with the raw sum")

    def points(self, item: str) -> tuple[int, int]:
        """The lowest and highest answer to an item."""
        response = self.responses[self.items[item].response]
        return response.minimum, response.maximum

    def scores(self, scale: str) -> frozenset[Fraction]:
        """Every score that a scale can give, exactly: from its least number of answers to all of them."""
        made = self.scales[scale]
        if made.method == "sum_of_scales":
            sums = {Fraction(0)}
            for part in made.scales:
                sums = {one + other for one in sums for other in self.scores(part)}
            return frozenset(sums)
        if made.method == "sum_table":
            # A table is written in decimals: as such it is compared with bands and range.
            return frozenset(Fraction(score) for score in made.table.values())
        lowest, highest = self.points(made.items[0])
        size = len(made.items)
        means = {
            Fraction(total, answered)
            for answered in range(made.minimum_answered, size + 1)
            for total in range(answered * lowest, answered * highest + 1)
        }
        if made.method == "mean_rescaled":
            return frozenset((mean - lowest) / (highest - lowest) * PERCENT[1] for mean in means)
        whole = {mean * size for mean in means}
        return (
            frozenset(Fraction(half_up(score)) for score in whole) if made.rounding == "half_up" else frozenset(whole)
        )

    @cached_property
    def indicators(self) -> frozenset[str]:
        """All that can be a figure of its own: every scale, and the items of which some answers are positive."""
        of_items = {
            code for code, item in self.items.items() if self.responses[item.response].positive_from is not None
        }
        return frozenset({*self.scales, *of_items})


class Comparability(StrictModel):
    """Whether figures of two waves may be compared, where the figures cannot say so. What is left out means any."""

    instrument: str
    indicator: str | None = None
    site: str | None = None
    population: str | None = None
    wave_from: str | None = None
    wave_to: str | None = None
    tool_from: str | None = None
    tool_to: str | None = None
    comparable: bool
    reason: str = Field(min_length=10)


def _refuse_doubled(key: str, codes: Iterable[str]) -> None:
    twice = [code for code, count in Counter(map(normal, codes)).items() if count > 1]
    if twice:
        raise ValueError(f"{key}: {twice[0]!r} is given twice, written alike")


def _refuse_unknown(key: str, codes: Iterable[str], known: Mapping[str, object]) -> None:
    for code in codes:
        if code not in known:
            raise ValueError(f"{key}: {code!r} is not in the codebook")


def _check_bands(key: str, bands: tuple[Band, ...], scores: frozenset[Fraction]) -> None:
    """Every score that there can be has one band, and no band is one that nobody can be in."""
    _refuse_doubled(key, (band.band for band in bands))
    ordered = sorted(bands, key=lambda band: band.lowest)
    for before, after in pairwise(ordered):
        if after.lowest <= before.highest:
            raise ValueError(f"{key}: {before.band} and {after.band} overlap")
    for score in sorted(scores):
        if not any(band.lowest <= score <= band.highest for band in bands):
            raise ValueError(f"{key}: the score {float(score):g} has no band")
    for band in bands:
        if not any(band.lowest <= score <= band.highest for score in scores):
            raise ValueError(f"{key}.{band.band}: no answers give such a score")
