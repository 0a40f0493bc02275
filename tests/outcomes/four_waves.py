"""Four sites, up to four waves, and the faults of comparing that surveys really have, as rows of the lake.

Each population has one fault. Answers are drawn, so what is expected of them is worked out from these rows and not written down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

__all__ = ["WAVES", "Survey", "lake", "surveys"]

# Names whose order as text is another than their order in time.
WAVES = {"w2": date(2019, 5, 10), "w4": date(2021, 5, 12), "w8": date(2023, 5, 9), "w10": date(2025, 5, 14)}
Columns = Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True)
class Survey:
    """One survey: `answers` by item, a value for each person or none; `of` gives further columns of the n-th person."""

    site: str
    population: str
    wave: str
    on: date
    answers: Mapping[str, Sequence[int | None]]
    tool: str = "kobo"
    weighted: bool = False
    of: Columns = field(default=lambda n: {})

    @property
    def people(self) -> int:
        return len(next(iter(self.answers.values())))

    def know(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Each person's score from 0 to 100, as the codebook's scale has it: no item of `know` is turned."""
        items = [np.array(self.answers[item], dtype=float) for item in ("K1", "K2", "K3") if item in self.answers]
        return (np.mean(items, axis=0) - 1) * 25


def _drawn(
    seed: int, people: int, mean: float, items: Sequence[str] = ("K1", "K2", "K3")
) -> dict[str, list[int | None]]:
    rng = np.random.default_rng(seed)
    return {item: [int(v) for v in np.clip(np.rint(rng.normal(mean, 0.9, people)), 1, 5)] for item in items}


def surveys() -> list[Survey]:
    return [
        *_four_waves(),
        *_other_items(),
        *_panels(),
        *_schools(),
        *_one_large_weight(),
        *_times(),
        *_free_names(),
        *_two_tools(),
    ]


def _four_waves() -> list[Survey]:
    """No change, a rise and no change. T1 is asked in the first and the third wave, who people are in the last."""
    sexes = ["female"] * 60 + ["male"] * 50 + ["prefer_not_to_say"] * 8 + [None] * 2
    found = []
    for seed, (wave, mean) in enumerate({"w2": 3.0, "w4": 3.0, "w8": 3.9, "w10": 3.9}.items()):
        items = ("K1", "K2", "K3", "T1") if wave in ("w2", "w8") else ("K1", "K2", "K3")
        of: Columns = (lambda n: {"sex": sexes[n]}) if wave == "w10" else (lambda n: {})
        found.append(Survey("north", "community", wave, WAVES[wave], _drawn(seed, 120, mean, items), of=of))
    return found


def _other_items() -> list[Survey]:
    """K3 is left out of the second wave: nothing else changed."""
    whole = _drawn(11, 80, 3.2)
    left_out = {item: values for item, values in _drawn(12, 80, 3.2).items() if item != "K3"}
    return [
        Survey("north", "professionals", wave, WAVES[wave], answers)
        for wave, answers in (("w2", whole), ("w4", left_out))
    ]


def _panels() -> list[Survey]:
    """Three of five are linked and rise by a point, the others do not; elsewhere one of ten is linked."""

    def linked(count: int) -> Columns:
        return lambda n: {"panel_id": f"p{n}" if n < count else None}

    first = _drawn(21, 200, 2.8)
    later = _drawn(22, 200, 2.8)
    for item, values in later.items():
        values[:120] = [min(5, (value or 1) + 1) for value in first[item][:120]]
    few = [_drawn(23, 100, 3.0), _drawn(24, 100, 3.0)]
    return [
        Survey("east", "community", "w2", WAVES["w2"], first, of=linked(120)),
        Survey("east", "community", "w4", WAVES["w4"], later, of=linked(120)),
        Survey("south", "community", "w2", WAVES["w2"], few[0], of=linked(10)),
        Survey("south", "community", "w4", WAVES["w4"], few[1], of=linked(10)),
    ]


def _schools() -> list[Survey]:
    """A panel of eight schools of which one pupil moves, one has no stratum and one no weight; and a school that is added."""

    def pupil(n: int, later: bool) -> dict[str, Any]:
        school = f"School {n // 25}" if not (later and n == 0) else "School 1"
        stratum = None if n == 3 else f"stratum {n // 100}"
        weight = None if n == 7 else 1.0 + n % 3
        return {"panel_id": f"q{n}", "cluster": school, "school": school, "stratum": stratum, "weight": weight}

    def in_school(n: int) -> dict[str, Any]:
        school = f"School {n // 25}"
        return {"cluster": school, "school": school}

    one = {"weighted": True}
    return [
        Survey("east", "young_people", "w2", WAVES["w2"], _drawn(31, 200, 3), of=lambda n: pupil(n, False), **one),
        Survey("east", "young_people", "w4", WAVES["w4"], _drawn(32, 200, 3.4), of=lambda n: pupil(n, True), **one),
        Survey("south", "young_people", "w2", WAVES["w2"], _drawn(33, 200, 3), of=in_school),
        Survey("south", "young_people", "w4", WAVES["w4"], _drawn(34, 240, 3), of=in_school),
    ]


def _one_large_weight() -> list[Survey]:
    """One person in each wave counts as a million."""

    def weight(n: int) -> dict[str, Any]:
        return {"weight": 1e6 if n == 0 else 1.0}

    return [
        Survey("west", "community", wave, WAVES[wave], _drawn(seed, 200, mean), weighted=True, of=weight)
        for seed, wave, mean in ((41, "w2", 2.5), (42, "w4", 3.8))
    ]


def _times() -> list[Survey]:
    """May against November; and waves whose dates are in the other order than their numbers."""
    return [
        Survey("west", "parents", "w2", date(2019, 5, 10), _drawn(51, 60, 3)),
        Survey("west", "parents", "w4", date(2021, 11, 10), _drawn(52, 60, 3)),
        Survey("west", "professionals", "w2", date(2021, 5, 10), _drawn(53, 60, 3)),
        Survey("west", "professionals", "w4", date(2019, 5, 10), _drawn(54, 60, 3)),
    ]


def _free_names() -> list[Survey]:
    """A population and waves by other names, before and after a course."""
    return [
        Survey("north", "grandparents", "pre", date(2025, 1, 15), _drawn(61, 60, 3.0)),
        Survey("north", "grandparents", "post", date(2025, 6, 15), _drawn(62, 60, 3.0)),
    ]


def _two_tools() -> list[Survey]:
    """The later wave is asked with another tool."""
    return [
        Survey("south", "parents", wave, WAVES[wave], _drawn(seed, 60, 3), tool=tool)
        for seed, wave, tool in ((71, "w2", "kobo"), (72, "w4", "qualtrics"))
    ]


def _sessions() -> list[dict[str, Any]]:
    """Two sessions between the first two waves at north, three between the last two, all for children; one elsewhere."""
    days = [date(2020, 3, 1), date(2020, 9, 1), date(2024, 2, 1), date(2024, 2, 8), date(2024, 3, 1), date(2025, 9, 1)]
    delivered = {"status": "delivered", "attendance_kind": "exact", "partners": [], "activity": "choir", "hours": 1.0}
    return [
        {"session_id": f"s{n}", "session_on": day, "attendance_low": 12, "attendance_high": 12, "small_area_code": "N1"}
        | delivered
        for n, day in enumerate(days)
    ]


def lake(reference: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The lake's tables: `reference` are those of codebooks and headlines."""
    respondents, answers = [], []
    for survey in surveys():
        common = {"site": survey.site, "source": "surveys", "population": survey.population, "wave": survey.wave}
        for n in range(survey.people):
            person = {
                **common,
                "respondent_id": f"{survey.site}{survey.population}{survey.wave}{n}",
                "row_number": n + 1,
            }
            respondents.append(
                {
                    **person,
                    "tool": survey.tool,
                    "instrument": "tfc_core_1",
                    "answered_on": survey.on,
                    "weighted": survey.weighted,
                }
                | survey.of(n)
            )
            for item, values in survey.answers.items():
                reason = None if values[n] is not None else "unanswered"
                answers.append(
                    {**person, "instrument": "tfc_core_1", "item": item, "value": values[n], "missing_reason": reason}
                )
    area = {"site": "north", "small_area_code": "N1", "area": "Hill", "small_area_kind": "zone"}
    area |= {"index": "IMD 2019", "nation_quintile": 1, "rank": 10, "areas_in_nation": 100}
    people = {"pop_0_4": 100, "pop_5_11": 150, "pop_12_17": 50, "pop_18_plus": 700, "pop_year": 2024}
    activity = {"site": "north", "activity": "choir", "name": "Choir", "tier": "primary", "audience": "children"}
    return {
        **{name: [dict(row) for row in rows] for name, rows in reference.items()},
        "ref_site": [{"site": s, "name": s.title(), "nation": "England"} for s in ("north", "east", "south", "west")],
        "ref_activity": [activity | {"designed_hours": 1.0, "audience_unit": "group"}],
        "ref_footprint_area": [area | people],
        "ref_comparability": [],
        "ref_wave": [],
        "ref_local_indicator": [],
        "activity": _sessions(),
        "survey_respondent": respondents,
        "survey_answer": answers,
    }
