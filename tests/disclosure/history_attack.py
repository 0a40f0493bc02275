"""The attacker of its own on a history: all releases together, as an integer programme in what they leave open.

It shares no code with the audit, and knows more of the rules than the audit uses: numbers of sessions as whole numbers over all
activities and places at once, where a large session was, that a published cell gained and lost nobody or ten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from tests.disclosure.attacker import BASE, HALF, LARGE, PART, SESSIONS, THRESHOLD

__all__ = ["Seen", "Target", "attack_counts", "attack_heads", "attack_surveys"]

FLOW = 10  # R2
T, WIDTH = 9, 5
MOST = 10**4
Rows = Sequence[Mapping[str, Any]]
Weights = Mapping[int, float]


@dataclass(frozen=True)
class Seen:
    """What a reader has of one release: tables, and of which version each period is (`record/site/name`)."""

    tables: Mapping[str, Rows]
    versions: Mapping[str, int]


@dataclass(frozen=True)
class Target:
    """A group whose size the attacker wants: the people of a version, or who came with it, or left before it; by their codes."""

    what: str  # "in", "came", "left"
    period: tuple[str, ...]
    version: int
    codes: tuple[str | None, ...]


@dataclass
class Model:
    """An integer programme that grows; `people` are its variables by period, codes and run of versions."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    whole: list[int] = field(default_factory=list)
    lines: list[tuple[Weights, float, float]] = field(default_factory=list)
    people: dict[tuple[Any, ...], int] = field(default_factory=dict)
    seen: set[tuple[Any, ...]] = field(default_factory=set)

    def variable(self, high: float = MOST, whole: bool = True) -> int:
        self.low.append(0)
        self.high.append(high)
        self.whole.append(int(whole))
        return len(self.low) - 1

    def flag(self) -> int:
        return self.variable(1)

    def add(self, weights: Weights, low: float, high: float) -> None:
        if weights:
            self.lines.append((weights, low, high))

    def once(self, *what: Any) -> bool:
        """Whether this is said for the first time."""
        is_new = what not in self.seen
        self.seen.add(what)
        return is_new

    def none_or(self, people: Sequence[int], least: int) -> None:
        """Together nobody, or so many."""
        if people:
            some = self.flag()
            self.add({**dict.fromkeys(people, 1.0), some: -least}, 0, np.inf)
            self.add({**dict.fromkeys(people, 1.0), some: -MOST}, -np.inf, 0)

    def solve(self, aim: Weights, extra: Iterable[tuple[Weights, float, float]] = ()) -> Any:
        lines = [*self.lines, *extra]
        entries = [(number, place, weight) for number, (one, _, _) in enumerate(lines) for place, weight in one.items()]
        rows, columns, weights = zip(*entries, strict=True)
        shape = (len(lines), len(self.low))
        cost = np.zeros(len(self.low))
        for place, weight in aim.items():
            cost[place] = weight
        return milp(
            cost,
            constraints=LinearConstraint(
                csr_array((weights, (rows, columns)), shape=shape), [one[1] for one in lines], [one[2] for one in lines]
            ),
            bounds=Bounds(self.low, self.high),
            integrality=self.whole,
        )

    def broken(self, target: Weights, truth: int) -> tuple[float, float] | None:
        """The interval of a group, where it is too narrow; none where nine are possible, or a width of five."""
        if self.solve({}, [(target, T, np.inf)]).status == 0:
            return None
        ends = []
        for sign in (1, -1):
            solved = self.solve({place: sign * weight for place, weight in target.items()})
            assert solved.status == 0, "the attacker's constraints contradict each other"
            ends.append(sign * solved.fun)
        low, high = ends
        assert low - 1e-6 <= truth <= high + 1e-6, "the attacker is wrong"
        return None if high - low >= WIDTH - 1e-6 else (low, high)


def _runs(versions: Iterable[int]) -> list[tuple[int, int]]:
    known = sorted(set(versions))
    return [(first, last) for first in known for last in known if first <= last]


class _Versions:
    """People of one period by codes, in runs of its versions."""

    def __init__(self, model: Model, period: tuple[str, ...], codes: Sequence[tuple[str, ...]], known: Iterable[int]):
        self.model, self.period, self.codes, self.known = model, period, list(codes), sorted(set(known))
        for code in self.codes:
            for run in _runs(self.known):
                model.people[period, code, run] = model.variable()

    def inside(self, version: int, fits: Callable[[tuple[str, ...]], bool]) -> list[int]:
        return self._of(lambda first, last: first <= version <= last, fits)

    def came(self, version: int, fits: Callable[[tuple[str, ...]], bool]) -> list[int]:
        return self._of(lambda first, _: first == version, fits)

    def left(self, version: int, fits: Callable[[tuple[str, ...]], bool]) -> list[int]:
        return self._of(lambda _, last: last == version - 1, fits)

    def _of(self, chosen: Callable[[int, int], bool], fits: Callable[[tuple[str, ...]], bool]) -> list[int]:
        return [
            self.model.people[self.period, code, run]
            for code in self.codes
            if fits(code)
            for run in _runs(self.known)
            if chosen(*run)
        ]

    def flows(self, fits: Callable[[tuple[str, ...]], bool]) -> None:
        """A published cell gains nobody or ten, and loses nobody or ten."""
        for _, version in pairwise(self.known):
            self.model.none_or(self.came(version, fits), FLOW)
            self.model.none_or(self.left(version, fits), FLOW)

    def weights(self, target: Target) -> Weights:
        def fits(code: tuple[str, ...]) -> bool:
            return all(want in (None, one) for want, one in zip(target.codes, code, strict=True))

        choose = {"in": self.inside, "came": self.came, "left": self.left}[target.what]
        return dict.fromkeys(choose(target.version, fits), 1.0)


def _figures(rows: Rows, *keys: str) -> dict[tuple[str, ...], dict[str, tuple[float | None, str]]]:
    found: dict[tuple[str, ...], dict[str, tuple[float | None, str]]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), {})[row["measure"]] = (row["value"], row["status"])
    return found


def _judge(model: Model, parts: Mapping[tuple[str, ...], _Versions], targets: Mapping[Target, int]) -> list[str]:
    assert model.solve({}).status == 0, "the attacker's constraints contradict each other"
    failing = []
    for target, truth in targets.items():
        if target.period in parts and (found := model.broken(parts[target.period].weights(target), truth)) is not None:
            failing.append(f"{target} is {truth}: {found}")
    return failing


_NONE = ("not_available", "not_applicable")

# ------------------------------------------------------------------------------------------------------------- head counts

ELSEWHERE = "elsewhere"


def attack_heads(releases: Sequence[Seen], site: str, targets: Mapping[Target, int]) -> list[str]:
    """Heads of groups at one site: quarters by activity and place, and years. Codes of a target: activity, place."""
    model = Model()
    quarters = sorted({q for one in releases for s, q in _published(one, "reach", site, "quarter") if s == site})
    parts: dict[tuple[str, ...], _Versions] = {}
    large: dict[tuple[str, int], dict[tuple[str, str], int]] = {}
    for quarter in quarters:
        seen = {one.versions[f"activity/{site}/{quarter}"]: one for one in releases[::-1] if _has(one, site, quarter)}
        first = next(iter(seen.values()))
        rows, columns = (
            [key[-1] for key in _figures(first.tables[table], "site", "quarter", name) if key[:2] == (site, quarter)]
            for table, name in (("reach", "activity"), ("reach_area", "small_area_code"))
        )
        rows = [name for name in rows if _is_of_groups(first, site, quarter, name)]
        pairs = [(a, p) for a in rows for p in (*columns, ELSEWHERE)]
        part = parts[(quarter,)] = _Versions(model, (quarter,), pairs, seen)
        for place, names in enumerate((rows, columns)):
            for name in names:
                part.flows(lambda code, place=place, name=name: code[place] == name)  # type: ignore[misc]
        part.flows(lambda _: True)
        for version in seen:
            large[quarter, version] = _sessions_of(model, part, version, pairs)
    for release in releases:
        for table, place, name in (("reach", 0, "activity"), ("reach_area", 1, "small_area_code")):
            for (s, quarter, code), figures in _figures(release.tables[table], "site", "quarter", name).items():
                if s != site or (quarter,) not in parts or figures["attendances_low"][1] in _NONE:
                    continue
                version = release.versions[f"activity/{site}/{quarter}"]
                if model.once(table, quarter, version, code, tuple(figures.values())):
                    chosen = [(quarter, version, pair) for pair in large[quarter, version] if pair[place] == code]
                    _head_row(model, parts, large, chosen, figures)
        for (s, year), figures in _figures(release.tables["reach_year"], "site", "year").items():
            if s != site or figures["attendances_low"][1] in _NONE:
                continue
            first_year = int(year[:4])
            names = [*(f"{first_year}-Q{n}" for n in (2, 3, 4)), f"{first_year + 1}-Q1"]
            chosen = [
                (quarter, version, pair)
                for quarter in names
                for version in [release.versions[f"activity/{site}/{quarter}"]]
                for pair in large[quarter, version]
            ]
            if model.once("year", year, tuple((q, v) for q, v, _ in chosen), tuple(figures.values())):
                _head_row(model, parts, large, chosen, figures)
    return _judge(model, parts, targets)


def _published(release: Seen, table: str, site: str, name: str) -> list[tuple[str, str]]:
    return [
        (row["site"], row[name]) for row in release.tables[table] if row["site"] == site and row["status"] not in _NONE
    ]


def _has(release: Seen, site: str, quarter: str) -> bool:
    return f"activity/{site}/{quarter}" in release.versions


def _is_of_groups(release: Seen, site: str, quarter: str, activity: str) -> bool:
    return any(
        (row["site"], row["quarter"], row["activity"]) == (site, quarter, activity) and row["status"] not in _NONE
        for row in release.tables["reach"]
    )


def _sessions_of(
    model: Model, part: _Versions, version: int, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Sessions whose heads are known, by pair, and whether one of them is large."""
    flags = {}
    for pair in pairs:
        sessions, flag = model.variable(), model.flag()
        model.people["sessions", part.period, version, pair] = sessions
        flags[pair] = flag
        heads = dict.fromkeys(part.inside(version, lambda code, pair=pair: code == pair), 1.0)  # type: ignore[misc]
        model.add({sessions: 1.0, flag: -1.0}, 0, np.inf)
        model.add({**heads, flag: -float(LARGE)}, 0, np.inf)
        model.add({**heads, sessions: -float(LARGE - 1), flag: -float(MOST)}, -np.inf, 0)
    return flags


def _head_row(
    model: Model,
    parts: Mapping[tuple[str, ...], _Versions],
    large: Mapping[tuple[str, int], Mapping[tuple[str, str], int]],
    chosen: Sequence[tuple[str, int, tuple[str, str]]],
    figures: Mapping[str, tuple[float | None, str]],
) -> None:
    delivered = figures["sessions_delivered"][0] or 0
    if "sessions_unknown" in figures:
        known = delivered - (figures["sessions_unknown"][0] or 0)
        model.add({model.people["sessions", (q,), v, pair]: 1.0 for q, v, pair in chosen}, known, known)
    flags = {large[q, v][pair]: 1.0 for q, v, pair in chosen}
    value, status = figures["attendances_low"]
    if value is not None:
        heads = [
            place
            for q, v, pair in chosen
            for place in parts[(q,)].inside(v, lambda code, pair=pair: code == pair)  # type: ignore[misc]
        ]
        model.add(dict.fromkeys(heads, 1.0), max(value - HALF, THRESHOLD), value + HALF)
        model.add(flags, 1, np.inf)
    elif status == "suppressed" and delivered >= SESSIONS:
        model.add(flags, 0, 0)


# ----------------------------------------------------------------------------------------------- counts of people and stories


def attack_counts(
    releases: Sequence[Seen],
    table: str,
    record: str,
    dimension: str | None,
    targets: Mapping[Target, int],
) -> list[str]:
    """Counts under R4. With a dimension: of a site's quarter, whose codes it has; without: a year of all sites together.

    A target's period is site and quarter.
    """
    model = Model()
    names = {tuple(key.split("/")[1:]) for one in releases for key in one.versions if key.startswith(f"{record}/")}
    parts: dict[tuple[str, ...], _Versions] = {}
    for site, quarter in sorted(names):
        known = [
            one.versions[f"{record}/{site}/{quarter}"]
            for one in releases
            if f"{record}/{site}/{quarter}" in one.versions
        ]
        codes: list[tuple[str, ...]] = [("all",)]
        if dimension is not None:
            codes = sorted(
                {
                    (row[dimension],)
                    for one in releases
                    for row in one.tables[table]
                    if (row["site"], row["quarter"]) == (site, quarter) and row["status"] not in _NONE
                }
            )
        part = parts[site, quarter] = _Versions(model, (site, quarter), codes, known)
        for code in codes:
            part.flows(lambda one, code=code: one == code)  # type: ignore[misc]
    for release in releases:
        for row in release.tables[table]:
            if row["measure"] not in ("sessions_delivered", "stories") or row["status"] in _NONE:
                continue
            first = None if dimension is not None else int(row["year"][:4])
            quarters = [row["quarter"]] if first is None else [*(f"{first}-Q{n}" for n in (2, 3, 4)), f"{first + 1}-Q1"]
            people: list[int] = []
            for (site, quarter), part in parts.items():
                if quarter in quarters and row["site"] in ("all", site):
                    code = "all" if dimension is None else row[dimension]
                    version = release.versions[f"{record}/{site}/{quarter}"]
                    people += part.inside(version, lambda one, code=code: one == (code,))  # type: ignore[misc]
            low, high = 0.0, np.inf
            if row["value"] is not None:
                low, high = max(row["value"] - HALF, THRESHOLD), row["value"] + HALF
            elif row["status"] == "suppressed":
                high = THRESHOLD - 1
            model.add(dict.fromkeys(people, 1.0), low, high)
    return _judge(model, parts, targets) if model.lines else []


# ------------------------------------------------------------------------------------------------------------------- surveys

UNKNOWN = "unknown"


def attack_surveys(
    releases: Sequence[Seen], site: str, population: str, indicator: str, targets: Mapping[Target, int]
) -> list[str]:
    """One percentage of one site's waves, by area and answer; a change names both waves' bases. Codes: area, answer."""
    model = Model()
    waves = sorted(
        {
            key.split("/")[2].split(" ")[1]
            for one in releases
            for key in one.versions
            if key.startswith(f"survey_respondent/{site}/{population} ")
        }
    )
    parts: dict[tuple[str, ...], _Versions] = {}
    for wave in waves:
        key = f"survey_respondent/{site}/{population} {wave}"
        known = [one.versions[key] for one in releases if key in one.versions]
        areas = sorted(
            {
                row["breakdown_value"]
                for one in releases
                for row in one.tables["outcome_indicator"]
                if (row["site"], row["wave"], row["breakdown"]) == (site, wave, "area")
            }
        )
        codes = [(area, answer) for area in (*areas, UNKNOWN) for answer in ("positive", "other")]
        part = parts[(wave,)] = _Versions(model, (wave,), codes, known)
        for answers in ((None,), ("positive",), ("other",)):
            for area in (None, *areas):
                part.flows(
                    lambda code, area=area, answers=answers: area in (None, code[0]) and answers[0] in (None, code[1])  # type: ignore[misc]
                )
    for release in releases:
        keys = ("site", "population", "wave", "indicator", "breakdown_value")
        for (s, p, wave, one, value), figures in _figures(release.tables["outcome_indicator"], *keys).items():
            if (s, p, one) == (site, population, indicator) and figures["estimate"][0] is not None:
                _answers(
                    model, parts[(wave,)], release.versions[f"survey_respondent/{site}/{p} {wave}"], value, figures
                )
        keys = ("site", "population", "indicator", "design", "wave_from", "wave_to")
        for (s, p, one, design, *pair), figures in _figures(release.tables["outcome_change"], *keys).items():
            if (s, p, one) == (site, population, indicator) and figures["difference"][0] is not None:
                for wave, name in zip(pair, ("n_from", "n_to"), strict=True):
                    version = release.versions[f"survey_respondent/{site}/{p} {wave}"]
                    base = {"n": figures[name], "estimate": (None, "")}
                    _answers(model, parts[(wave,)], version, "all", base, both_sides=design != "panel")
    return _judge(model, parts, targets) if model.lines else []


def _answers(
    model: Model,
    part: _Versions,
    version: int,
    area: str,
    figures: Mapping[str, tuple[float | None, str]],
    both_sides: bool = True,
) -> None:
    def people(answer: str | None) -> list[int]:
        return part.inside(version, lambda code: area in ("all", code[0]) and answer in (None, code[1]))

    base, percent = figures["n"][0], figures["estimate"][0]
    assert base is not None
    model.add(dict.fromkeys(people(None), 1.0), max(base - HALF, BASE), base + HALF)
    for answer in ("positive", "other") if both_sides else ():
        model.add(dict.fromkeys(people(answer), 1.0), PART, np.inf)
    if percent is not None:
        # One or two points off, beside half a point of rounding.
        share = (percent / 100 - 0.025, percent / 100 + 0.025)
        for end, low, high in ((share[0], 0.0, np.inf), (share[1], -np.inf, 0.0)):
            model.add({place: float(place in people("positive")) - end for place in people(None)}, low, high)
