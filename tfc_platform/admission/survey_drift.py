"""Surveys whose answers contradict the other waves of the same people, or what other sites' people answered.

A survey is held until somebody accepts it or it is sent again. So it counts in no figure, and its wave cannot lock.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import duckdb
import numpy as np
import numpy.typing as npt

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.admission.scale_drift import EndUse, InstrumentAnswers, TurnedItems, turned_items, unused_end
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.sql_text import quote_literal

__all__ = ["drifted_surveys"]

MOST_PEOPLE = 2000  # of a survey whose answers are compared: as many as matter, and the same people in each wave
MOST_SITES = 8  # beside which a survey is compared, those with most people first
AS_GOOD_AS = 2.0  # a difference of evidence that does not decide which of two surveys is turned round
_ALL = "select {number} as number, * from read_parquet({file}) where value is not null"
# People by a digest of their id: those who answered twice are among the compared people of both waves, or of neither.
_PEOPLE = """
    create or replace temp table drift_people as
    select number, respondent_id, row_number() over (partition by number order by respondent_id) - 1 as person
    from (
        select number, respondent_id from (select distinct number, respondent_id from drift_answers)
        qualify row_number() over (partition by number order by hash(respondent_id), respondent_id) <= {most}
    )
"""
_ITEMS = """
    select number, population, wave, instrument, item, list(person), list(value::double)
    from drift_answers join drift_people using (number, respondent_id) group by all order by all
"""
_ENDS = """
    select number, instrument, minimum, maximum, count(*), count(*) filter (top = maximum), count(*) filter (bottom = minimum)
    from (
        select number, instrument, minimum, maximum, respondent_id, max(value) as top, min(value) as bottom
        from drift_answers join drift_scale using (instrument, item) group by all
    )
    group by all order by all
"""


@dataclass(frozen=True, eq=False)
class _SurveySummary:
    """A survey's answers by instrument, turned so that more is better; and how many people used the ends of each scale."""

    item: ReturnRows
    population: str
    wave: str
    instruments: dict[str, InstrumentAnswers] = field(default_factory=dict)
    ends: dict[tuple[str, int, int], dict[str, EndUse]] = field(default_factory=dict)

    @property
    def site(self) -> str:
        return self.item.arrival.site

    @cached_property
    def order(self) -> tuple[tuple[int, str], ...]:
        """Waves in the order of their numbers: w2 is before w10."""
        return tuple((int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", self.wave) if part)

    @cached_property
    def people(self) -> int:
        return max((answers.count for answers in self.instruments.values()), default=0)


def _summaries(
    con: duckdb.DuckDBPyConnection, surveys: Sequence[ReturnRows], catalogue: Catalogue
) -> list[_SurveySummary]:
    if not surveys:
        return []
    scales = catalogue.reference_tables()["ref_item"]
    scale_of = {(row["instrument"], row["item"]): row for row in scales.to_pylist()}
    answers = " union all ".join(
        _ALL.format(number=number, file=quote_literal(str(item.files["survey_answer"])))
        for number, item in enumerate(surveys)
    )
    con.register("drift_scale", scales)
    con.execute(f"create or replace temp view drift_answers as {answers}")
    con.execute(_PEOPLE.format(most=MOST_PEOPLE))
    people: dict[int, list[str]] = {}
    for number, respondent in con.execute(
        "select number, respondent_id from drift_people order by number, person"
    ).fetchall():
        people.setdefault(number, []).append(respondent)
    summaries: dict[int, _SurveySummary] = {}
    columns: dict[int, dict[str, dict[str, npt.NDArray[np.float64]]]] = {}
    for number, population, wave, instrument, item, rows, values in con.execute(_ITEMS).fetchall():
        summaries.setdefault(number, _SurveySummary(surveys[number], population, wave))
        scale = scale_of.get((instrument, item))
        if scale is not None:
            middle, key = (scale["minimum"] + scale["maximum"]) / 2, -1 if scale["is_reversed"] else 1
            column = np.full(len(people[number]), np.nan)
            column[rows] = key * (np.array(values) - middle)
            columns.setdefault(number, {}).setdefault(instrument, {})[item] = column
    for number, instruments in columns.items():
        summary = summaries[number]
        summary.instruments.update(_instruments(summary.site, summary.wave, people[number], instruments))
    for number, instrument, lowest, highest, count, top, bottom in con.execute(_ENDS).fetchall():
        uses = {"highest": EndUse(count, top), "lowest": EndUse(count, bottom)}
        summaries[number].ends[instrument, lowest, highest] = uses
    return list(summaries.values())


def _instruments(
    site: str, wave: str, people: Sequence[str], columns: Mapping[str, Mapping[str, npt.NDArray[np.float64]]]
) -> dict[str, InstrumentAnswers]:
    """A survey's answers by instrument, with each person's scores of the other instruments."""
    bare = {
        instrument: InstrumentAnswers(
            site, wave, tuple(items), np.array(people), np.column_stack(list(items.values())), {}
        )
        for instrument, items in columns.items()
    }
    scores = {instrument: answers.scores() for instrument, answers in bare.items()}
    return {
        instrument: replace(
            answers, other_scores={other: score for other, score in scores.items() if other != instrument}
        )
        for instrument, answers in bare.items()
    }


def _beside(now: _SurveySummary, others: Sequence[_SurveySummary]) -> list[_SurveySummary]:
    """The surveys that tell most of one: its site's waves next to it, and the largest of the other sites in those waves."""
    own = [other for other in others if other.site == now.site]
    earlier = max((other for other in own if other.order < now.order), key=lambda other: other.order, default=None)
    later = min((other for other in own if other.order > now.order), key=lambda other: other.order, default=None)
    near = [other for other in (earlier, later) if other is not None]
    waves = {now.wave, *(other.wave for other in near)}
    elsewhere = [other for other in others if other.site != now.site and other.wave in waves]
    largest: dict[str, int] = {}
    for other in elsewhere:
        largest[other.site] = max(largest.get(other.site, 0), other.people)
    sites = sorted(largest, key=lambda site: (-largest[site], site))[:MOST_SITES]
    return [*near, *(other for other in elsewhere if other.site in sites)]


def _turned(now: _SurveySummary, left: Sequence[_SurveySummary]) -> dict[str, TurnedItems]:
    """What of a survey is likeliest to be turned round beside the others that are left, by instrument."""
    beside = _beside(now, [other for other in left if other is not now])
    turned = {}
    for instrument, answers in now.instruments.items():
        known = [other.instruments[instrument] for other in beside if instrument in other.instruments]
        likeliest = turned_items(answers, known)
        if likeliest is not None:
            turned[instrument] = likeliest
    return turned


def _oddest(left: Sequence[_SurveySummary]) -> tuple[_SurveySummary, dict[str, TurnedItems]] | None:
    """The survey that seems turned round beyond doubt; where several do, the one without which the others agree best.

    Two waves of one site contradict each other as much: where no other site decides, the later one is the odd one.
    """
    turned = {now: _turned(now, left) for now in left}
    odd = [now for now in left if any(items.is_beyond_doubt for items in turned[now].values())]
    if not odd:
        return None
    if len(odd) > 1:
        remaining = {now: _most_evidence([other for other in left if other is not now]) for now in odd}
        least = min(remaining.values())
        odd = [now for now in odd if remaining[now] <= least + AS_GOOD_AS]
    oddest = max(odd, key=lambda now: (now.order, now.item.order))
    return oddest, {name: items for name, items in turned[oddest].items() if items.is_beyond_doubt}


def _most_evidence(left: Sequence[_SurveySummary]) -> float:
    """The strongest evidence that one of some surveys is turned round."""
    return max(
        (items.evidence - items.least_evidence for now in left for items in _turned(now, left).values()),
        default=-math.inf,
    )


def _turned_surveys(summaries: Sequence[_SurveySummary]) -> Iterator[tuple[_SurveySummary, dict[str, TurnedItems]]]:
    """The surveys of one population that are turned round, and their items. Each is left out before the others are judged."""
    left = list(summaries)
    while (odd := _oddest(left)) is not None:
        yield odd
        left.remove(odd[0])


def _unused(before: _SurveySummary, now: _SurveySummary) -> str | None:
    for key in sorted(before.ends.keys() & now.ends.keys()):
        end = unused_end(before.ends[key], now.ends[key])
        if end is not None:
            return f"nobody gave the {end} answer of {key[0]} to any item"
    return None


def drifted_surveys(
    con: duckdb.DuckDBPyConnection, used: Sequence[ReturnRows], catalogue: Catalogue
) -> Iterator[tuple[ReturnRows, ContentHold]]:
    """Each survey whose scale seems to have changed without anybody saying so.

    A survey is compared with its site's other waves and with the other sites' surveys of the same population.

    :param con: a database in memory.
    :param used: the returns of all sites that are used tonight.
    """
    of_population: dict[str, list[_SurveySummary]] = {}
    for summary in _summaries(con, [item for item in used if "survey_answer" in item.files], catalogue):
        of_population.setdefault(summary.population, []).append(summary)
    for summaries in of_population.values():
        odd = set()
        for now, turned in _turned_surveys(summaries):
            odd.add(now)
            yield now.item, _hold(" and ".join(_sentence(*found) for found in sorted(turned.items())))
        for now in summaries:
            earlier = [other for other in summaries if other.site == now.site and other.order < now.order]
            before = max(earlier, key=lambda other: other.order, default=None)
            what = _unused(before, now) if before is not None and now not in odd else None
            if before is not None and what is not None:
                yield now.item, _hold(f"beside {before.wave} of the same population, {what}")


def _sentence(instrument: str, turned: TurnedItems) -> str:
    if turned.is_whole:
        return (
            "beside the other waves and sites, the answers of"
            f" {instrument} seem turned round, on {len(turned.items)} items together"
        )
    items = " and ".join(turned.items)
    return f"beside the other items, waves and sites, the answers to {items} of {instrument} seem turned round"


def _hold(what: str) -> ContentHold:
    return ContentHold(
        f"{what[0].upper()}{what[1:]}: the choices may have been renumbered or edited in the survey tool. Check the coding there,"
        " and send a corrected export. If the coding is right, ask the central team to accept the file as it is.",
        "scale_drift",
    )
