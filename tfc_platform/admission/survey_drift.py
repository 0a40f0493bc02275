"""Surveys whose answers contradict the last wave of the same people, or what other sites' people of the same wave answered.

A survey is held until somebody accepts it or it is sent again. So it counts in no figure, and its wave cannot lock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import duckdb

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.admission.scale_drift import (
    EndUse,
    ItemPair,
    is_turned,
    is_turned_beside_others,
    turned_items,
    unused_end,
)
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.sql_text import quote_literal

__all__ = ["drifted_surveys"]

FEWEST_SITES = 2  # beside which a survey without an earlier wave is looked at
_ANSWERS = "select {number} as number, * from read_parquet({file}) where value is not null"
_ITEMS = """
    select number, population, wave, instrument, item, avg(value), coalesce(var_samp(value), 0), count(*)
    from drift_answers group by all order by all
"""
_ENDS = """
    select number, instrument, minimum, maximum, count(*), count(*) filter (top = maximum), count(*) filter (bottom = minimum)
    from (
        select number, instrument, minimum, maximum, respondent_id, max(value) as top, min(value) as bottom
        from drift_answers join drift_scale using (instrument, item) group by all
    )
    group by all order by all
"""
Moments = tuple[float, float, int]  # mean, variance, answers


@dataclass(frozen=True, eq=False)
class _SurveySummary:
    """A survey in figures: each item's moments and scale, and how many people used the ends of each scale."""

    item: ReturnRows
    population: str
    wave: str
    moments: dict[tuple[str, str], Moments] = field(default_factory=dict)
    scales: dict[tuple[str, str], tuple[int, int, bool]] = field(default_factory=dict)
    ends: dict[tuple[str, int, int], dict[str, EndUse]] = field(default_factory=dict)

    @cached_property
    def order(self) -> tuple[tuple[int, str], ...]:
        """Waves in the order of their numbers: w2 is before w10."""
        return tuple((int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", self.wave) if part)


def _summaries(
    con: duckdb.DuckDBPyConnection, surveys: Sequence[ReturnRows], catalogue: Catalogue
) -> list[_SurveySummary]:
    scales = catalogue.reference_tables()["ref_item"]
    scale_of = {
        (row["instrument"], row["item"]): (row["minimum"], row["maximum"], bool(row["is_reversed"]))
        for row in scales.to_pylist()
    }
    answers = " union all ".join(
        _ANSWERS.format(number=number, file=quote_literal(str(item.files["survey_answer"])))
        for number, item in enumerate(surveys)
    )
    con.register("drift_scale", scales)
    con.execute(f"create or replace temp view drift_answers as {answers}")
    summaries: dict[int, _SurveySummary] = {}
    for number, population, wave, instrument, name, *moments in con.execute(_ITEMS).fetchall():
        summary = summaries.setdefault(number, _SurveySummary(surveys[number], population, wave))
        if (instrument, name) in scale_of:
            summary.moments[instrument, name] = moments[0], moments[1], moments[2]
            summary.scales[instrument, name] = scale_of[instrument, name]
    for number, instrument, lowest, highest, people, top, bottom in con.execute(_ENDS).fetchall():
        uses = {"highest": EndUse(people, top), "lowest": EndUse(people, bottom)}
        summaries[number].ends[instrument, lowest, highest] = uses
    return list(summaries.values())


def _pairs(before: Mapping[tuple[str, str], Moments], now: _SurveySummary) -> dict[str, list[ItemPair]]:
    """The items that both have, by instrument."""
    pairs: dict[str, list[ItemPair]] = {}
    for (instrument, name), moments in now.moments.items():
        earlier = before.get((instrument, name))
        if earlier is None:
            continue
        lowest, highest, is_reversed = now.scales[instrument, name]
        pair = ItemPair.of(name, earlier, moments, (lowest, highest), is_reversed)
        if pair is not None:
            pairs.setdefault(instrument, []).append(pair)
    return pairs


def _pooled(surveys: Sequence[_SurveySummary]) -> dict[tuple[str, str], Moments]:
    """Each item's moments over several sites, each site alike; the variance is that within sites."""
    pooled = {}
    for key in {key for survey in surveys for key in survey.moments}:
        own = [survey.moments[key] for survey in surveys if key in survey.moments]
        if len(own) >= FEWEST_SITES:
            means, variances, answers = zip(*own, strict=True)
            pooled[key] = sum(means) / len(own), sum(variances) / len(own), sum(answers)
    return pooled


def _changes(surveys: Sequence[_SurveySummary], before: str, now: str) -> dict[str, dict[str, float]]:
    """The mean change of each item between two waves at those sites that have both, by instrument."""
    changes: dict[str, dict[str, list[float]]] = {}
    for later in (survey for survey in surveys if survey.wave == now):
        site = later.item.arrival.site
        for earlier in surveys:
            if (earlier.item.arrival.site, earlier.wave) == (site, before):
                for instrument, pairs in _pairs(earlier.moments, later).items():
                    of_items = changes.setdefault(instrument, {})
                    for pair in pairs:
                        of_items.setdefault(pair.item, []).append(pair.now - pair.before)
    return {
        instrument: {name: sum(own) / len(own) for name, own in items.items() if len(own) >= FEWEST_SITES}
        for instrument, items in changes.items()
    }


def _contradiction(
    before: Mapping[tuple[str, str], Moments],
    now: _SurveySummary,
    changes: Mapping[str, Mapping[str, float]] | None = None,
) -> str | None:
    """What is mirrored, in words; None where nothing is.

    :param changes: of the other sites, by instrument and item.
    """
    for instrument, pairs in sorted(_pairs(before, now).items()):
        if is_turned(pairs) or is_turned_beside_others(pairs, (changes or {}).get(instrument, {})):
            return f"the answers of {instrument} are turned round, on {len(pairs)} items together"
        items = turned_items(pairs)
        if items:
            return f"the answers to {' and '.join(items)} are turned round"
    return None


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

    A wave is compared with the one before it at its site. Where it agrees with the other sites' people of its wave, the earlier
    one is the odd one and is held. A first wave is compared with the other sites'.

    :param con: a database in memory.
    :param used: the returns of all sites that are used tonight.
    """
    surveys = [item for item in used if "survey_answer" in item.files]
    summaries = _summaries(con, surveys, catalogue) if len(surveys) > 1 else []
    for now in summaries:
        of_people = [item for item in summaries if item.population == now.population]
        site = now.item.arrival.site
        earlier = [item for item in of_people if item.item.arrival.site == site and item.order < now.order]
        others = [item for item in of_people if item.item.arrival.site != site]
        pooled = _pooled([item for item in others if item.wave == now.wave])
        before = max(earlier, key=lambda item: item.order, default=None)
        if before is None:
            what = _contradiction(pooled, now)
            if what is not None:
                yield now.item, _hold(what, "the other sites' answers of this wave")
            continue
        what = _contradiction(before.moments, now, _changes(others, before.wave, now.wave))
        if what is not None and pooled and _contradiction(pooled, before) is not None:
            yield before.item, _hold(_contradiction(pooled, before) or what, f"the other sites' answers of {now.wave}")
            continue
        what = what or _unused(before, now)
        if what is not None:
            yield now.item, _hold(what, f"{before.wave} of the same population")


def _hold(what: str, beside: str) -> ContentHold:
    return ContentHold(
        f"Beside {beside}, {what}: the choices may have been renumbered or edited in the survey tool. Check the coding there, and"
        " send a corrected export. If the coding is right, ask the central team to accept the file as it is.",
        "scale_drift",
    )
