"""Whether an instrument, or some of its items, seems turned round beside other surveys that asked the same.

A survey tool renumbers answers when its choices are edited, and every answer still looks valid. The rule weighs the answers as
they are against the answers mirrored, by the natural logarithm of a likelihood ratio: decision 0064 has the model and its errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = ["EndUse", "InstrumentAnswers", "TurnedItems", "turned_items", "unused_end"]

Numbers = npt.NDArray[np.float64]

FEWEST_ITEMS = 3
FEWEST_PEOPLE = 30
LEAST_EVIDENCE = 4.0  # that a whole instrument is mirrored: a likelihood ratio of 55
LEAST_EVIDENCE_OF_SOME = 8.0  # that some items are, of the many sets of items that could be
HOPELESS = -3.0  # of the means: items that are far better as they are need no second look
UNUSED_BY_CHANCE = 0.0001  # the probability that nobody of so many uses an end that a known share uses

# What the means of items share, as variances in squared standard deviations of an answer.
ANY_LEVEL, ANY_ITEM = 0.7**2, 0.5**2  # of a scale as a whole, and of an item within it
SITE, SITE_ITEM = 0.3**2, 0.1**2  # a site is above or below the others
WAVE, WAVE_ITEM = 0.12**2, 0.1**2  # all sites change from wave to wave
SURVEY, SURVEY_ITEM = 0.12**2, 0.08**2  # one site changes in one wave
DESIGN_EFFECT = 2.0  # people of one school or area answer alike
# Correlations as Fisher's z: their usual value, its variance, and the variance between surveys.
ITEMS_TOGETHER = 0.3, 0.25**2
INSTRUMENTS_TOGETHER = 0.0, 0.5**2
SAME_PEOPLE = 0.5, 0.3**2
BETWEEN_SURVEYS = 0.15**2


@dataclass(frozen=True, eq=False)
class InstrumentAnswers:
    """The answers to one instrument in one survey.

    `answers` has a row a person and a column an item: the distance from the middle of the item's scale, negative for the worse
    side, NaN where there is none. `people` identifies the rows. `other_scores` has each person's mean of other instruments.
    """

    site: str
    wave: str
    items: tuple[str, ...]
    people: npt.NDArray[np.str_]
    answers: Numbers
    other_scores: Mapping[str, Numbers]

    @cached_property
    def count(self) -> int:
        """The people who answered an item at least."""
        return int((~np.isnan(self.answers)).any(axis=1).sum())

    @cached_property
    def means(self) -> Numbers:
        return np.asarray(np.nanmean(self.answers, axis=0))

    @cached_property
    def variances(self) -> Numbers:
        return np.asarray(np.nanvar(self.answers, axis=0))

    @cached_property
    def mean_covariance(self) -> Numbers:
        """The sampling covariance of the means."""
        given = (~np.isnan(self.answers)).astype(float)
        off = np.nan_to_num(self.answers - self.means)
        counts = given.sum(axis=0)
        return np.asarray(DESIGN_EFFECT * (off.T @ off) / np.outer(counts, counts))

    def scores(self, items: npt.NDArray[np.bool_] | None = None) -> Numbers:
        """Each person's mean of the items, or of some of them; NaN where no item was answered."""
        chosen = self.answers if items is None else self.answers[:, items]
        given = ~np.isnan(chosen)
        counts = given.sum(axis=1)
        return np.asarray(np.where(counts > 0, np.nansum(chosen, axis=1) / np.maximum(counts, 1), np.nan))

    def only(self, items: Sequence[str]) -> InstrumentAnswers:
        """The answers to some of the items."""
        places = [self.items.index(item) for item in items]
        return replace(self, items=tuple(items), answers=self.answers[:, places])


@dataclass(frozen=True)
class TurnedItems:
    """The items that seem turned round, whether these are all of the instrument, and the evidence for it."""

    items: tuple[str, ...]
    is_whole: bool
    evidence: float

    @property
    def least_evidence(self) -> float:
        return LEAST_EVIDENCE if self.is_whole else LEAST_EVIDENCE_OF_SOME

    @property
    def is_beyond_doubt(self) -> bool:
        return self.evidence >= self.least_evidence


def _prior_covariance(one: Sequence[InstrumentAnswers], other: Sequence[InstrumentAnswers]) -> Numbers:
    """What the item means of some surveys share with those of others, before their sampling errors."""

    def labels(surveys: Sequence[InstrumentAnswers], label: str) -> npt.NDArray[np.str_]:
        return np.array([getattr(survey, label) for survey in surveys for _ in survey.items])

    def same(label: str) -> Numbers:
        return np.equal.outer(labels(one, label), labels(other, label)).astype(float)

    site, wave = same("site"), same("wave")
    item = np.equal.outer(
        np.array([name for survey in one for name in survey.items]),
        np.array([name for survey in other for name in survey.items]),
    ).astype(float)
    of_both = ANY_LEVEL + ANY_ITEM * item
    of_site = site * (SITE + SITE_ITEM * item)
    of_wave = wave * (WAVE + WAVE_ITEM * item)
    return np.asarray(of_both + of_site + of_wave + site * wave * (SURVEY + SURVEY_ITEM * item))


def _expected_means(
    now: InstrumentAnswers, others: Sequence[InstrumentAnswers], unit: float
) -> tuple[Numbers, Numbers]:
    """The means that the other surveys lead to expect, and the covariance of what is off them, without sampling errors of now."""
    own = _prior_covariance([now], [now])
    if not others:
        return np.zeros(len(now.items)), own
    shared = _prior_covariance([now], others)
    among = _prior_covariance(others, others)
    start = 0
    for survey in others:
        end = start + len(survey.items)
        among[start:end, start:end] += survey.mean_covariance / unit**2
        start = end
    means = np.concatenate([survey.means for survey in others]) / unit
    weights = np.linalg.solve(among, shared.T).T
    return np.asarray(weights @ means), np.asarray(own - weights @ shared.T)


def _evidence_of_means(
    now: InstrumentAnswers, expected: tuple[Numbers, Numbers], unit: float, flipped: npt.NDArray[np.bool_]
) -> float:
    """The log likelihood ratio of the item means: some items mirrored, against all as they are.

    Where even the mirrored means fit badly, the ratio is divided by their misfit, as quasi-likelihood does.
    """
    signs = np.where(flipped, -1.0, 1.0)
    sampling = now.mean_covariance / unit**2
    fits = []
    for turn in (np.ones_like(signs), signs):
        covariance = expected[1] + sampling * np.outer(turn, turn)
        off = now.means / unit * turn - expected[0]
        _, determinant = np.linalg.slogdet(covariance)
        fits.append((float(off @ np.linalg.solve(covariance, off)), float(determinant)))
    misfit = max(1.0, min(fit for fit, _ in fits) / len(signs))
    (as_is, as_is_size), (mirrored, mirrored_size) = fits
    return 0.5 * ((as_is - mirrored) / misfit + as_is_size - mirrored_size)


def _correlation(one: Numbers, other: Numbers) -> tuple[float, float] | None:
    """Fisher's z of two columns over the people who have both, and its sampling variance; None for few people."""
    both = ~(np.isnan(one) | np.isnan(other))
    count = int(both.sum())
    if count < FEWEST_PEOPLE or not (np.ptp(one[both]) and np.ptp(other[both])):
        return None
    r = float(np.corrcoef(one[both], other[both])[0, 1])
    return math.atanh(max(-0.99, min(0.99, r))), DESIGN_EFFECT / (count - 3)


def _evidence_of_correlation(
    now: tuple[float, float] | None, others: Sequence[tuple[float, float] | None], usual: tuple[float, float]
) -> float:
    """The log likelihood ratio of a correlation: its sign turned, against as it is.

    :param usual: the value that such correlations have, and its variance, before others are known.
    """
    if now is None:
        return 0.0
    precision, total = 1 / usual[1], usual[0] / usual[1]
    for known in others:
        if known is not None:
            weight = 1 / (known[1] + BETWEEN_SURVEYS)
            precision, total = precision + weight, total + known[0] * weight
    return -2 * (total / precision) * now[0] / (1 / precision + BETWEEN_SURVEYS + now[1])


def _evidence_of_people(now: InstrumentAnswers, others: Sequence[InstrumentAnswers]) -> float:
    """What people show who answered in two waves of the site: who was high is still high, unless one of the two is mirrored."""
    best = 0.0
    most = 0
    for other in others:
        if other.site != now.site or other.wave == now.wave:
            continue
        people, here, there = np.intersect1d(now.people, other.people, return_indices=True)
        if len(people) > most:
            most = len(people)
            z = _correlation(now.scores()[here], other.scores()[there])
            best = _evidence_of_correlation(z, (), SAME_PEOPLE)
    return best


def _evidence_of_instruments(now: InstrumentAnswers, others: Sequence[InstrumentAnswers]) -> float:
    """What the survey's other instruments show: the strongest of their correlations with this one."""
    best = 0.0
    for instrument, scores in now.other_scores.items():
        known = [
            _correlation(other.scores(), other.other_scores[instrument])
            for other in others
            if instrument in other.other_scores
        ]
        evidence = _evidence_of_correlation(_correlation(now.scores(), scores), known, INSTRUMENTS_TOGETHER)
        best = max(best, evidence, key=abs)
    return best


def _evidence_of_rest(
    now: InstrumentAnswers, others: Sequence[InstrumentAnswers], flipped: npt.NDArray[np.bool_]
) -> float:
    """What the correlation of some items with the rest of their instrument shows, beside that of other surveys."""
    return _evidence_of_correlation(
        _correlation(now.scores(flipped), now.scores(~flipped)),
        [_correlation(other.scores(flipped), other.scores(~flipped)) for other in others if other.items == now.items],
        ITEMS_TOGETHER,
    )


def _sets_of_items(now: InstrumentAnswers) -> Iterator[npt.NDArray[np.bool_]]:
    """The sets of items that could be turned round: each by itself, and the two sides that contradict each other most."""
    size = len(now.items)
    yield from np.eye(size, dtype=bool)
    filled = np.nan_to_num(now.answers - now.means)
    spread = np.sqrt((filled**2).sum(axis=0))
    together = filled.T @ filled / np.maximum(np.outer(spread, spread), 1e-9)
    np.fill_diagonal(together, 0)
    side = np.linalg.eigh(together)[1][:, -1] < 0
    for items in (side, ~side):
        if 1 < items.sum() < size:
            yield items


def turned_items(now: InstrumentAnswers, others: Sequence[InstrumentAnswers]) -> TurnedItems | None:
    """What of an instrument seems turned round beside other surveys that asked it: the likeliest, however weak its evidence.

    :param now: the answers that are judged.
    :param others: the same instrument of the same population, in other waves of the site and at other sites.
    :returns: None where there are fewer than 30 people or 3 items, or where everybody answers alike.
    """
    kept = [item for number, item in enumerate(now.items) if now.variances[number] > 0]
    now = now.only(kept)
    others = [
        other.only([item for item in kept if item in other.items])
        for other in others
        if other.count >= FEWEST_PEOPLE and set(kept) & set(other.items)
    ]
    if now.count < FEWEST_PEOPLE or len(kept) < FEWEST_ITEMS:
        return None
    unit = math.sqrt(float(np.mean(np.concatenate([survey.variances for survey in (now, *others)]))))
    expected = _expected_means(now, others, unit)
    whole = np.ones(len(kept), dtype=bool)
    evidence = (
        _evidence_of_means(now, expected, unit, whole)
        + _evidence_of_people(now, others)
        + _evidence_of_instruments(now, others)
    )
    likeliest = TurnedItems(now.items, True, evidence)
    for flipped in _sets_of_items(now):
        evidence = _evidence_of_means(now, expected, unit, flipped)
        if evidence < HOPELESS:
            continue
        evidence += _evidence_of_rest(now, others, flipped)
        if evidence - LEAST_EVIDENCE_OF_SOME > likeliest.evidence - likeliest.least_evidence:
            names = tuple(item for item, is_flipped in zip(now.items, flipped, strict=True) if is_flipped)
            likeliest = TurnedItems(names, False, evidence)
    return likeliest


@dataclass(frozen=True)
class EndUse:
    """How many people of a survey gave an answer of a scale, and how many of them the end's to any item."""

    people: int
    at_end: int


def unused_end(before: Mapping[str, EndUse], now: Mapping[str, EndUse]) -> str | None:
    """The end (`highest`, `lowest`) that nobody uses now though people did before, beyond chance; None where there is none."""
    for end in sorted(before.keys() & now.keys()):
        known, use = before[end], now[end]
        if known.people < FEWEST_PEOPLE or use.at_end or not known.at_end:
            continue
        if (1 - known.at_end / known.people) ** use.people < UNUSED_BY_CHANCE:
            return end
    return None
