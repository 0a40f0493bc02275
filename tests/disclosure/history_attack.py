"""The attacker of its own on a history: all releases together, as an integer programme in what they leave open.

It shares no code with the audit, and knows more of the rules than the audit uses: numbers of sessions as whole numbers over all
activities and places at once, where a large session was, that a published cell gained and lost nobody or ten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.disclosure.attack_model import MOST, Codes, Fits, Model, People, Target, judge
from tests.disclosure.attacker import BASE, HALF, LARGE, PART, SESSIONS, THRESHOLD

__all__ = ["Seen", "Target", "attack_counts", "attack_heads", "attack_surveys"]

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Seen:
    """What a reader has of one release: tables, and of which version each period is (`record/site/name`)."""

    tables: Mapping[str, Rows]
    versions: Mapping[str, int]


def _figures(rows: Rows, *keys: str) -> dict[tuple[str, ...], dict[str, tuple[float | None, str]]]:
    found: dict[tuple[str, ...], dict[str, tuple[float | None, str]]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), {})[row["measure"]] = (row["value"], row["status"])
    return found


_NONE = ("not_available", "not_applicable")


def _only(code: Codes) -> Fits:
    return lambda one: one == code


def _at(place: int, name: str) -> Fits:
    return lambda code: code[place] == name


def _answering(area: str | None, answer: str | None) -> Fits:
    return lambda code: area in (None, code[0]) and answer in (None, code[1])


# ------------------------------------------------------------------------------------------------------------- head counts

ELSEWHERE = "elsewhere"


def attack_heads(releases: Sequence[Seen], site: str, targets: Mapping[Target, int]) -> list[str]:
    """Heads of groups at one site: quarters by activity and place, and years. Codes of a target: activity, place."""
    model = Model()
    quarters = sorted({q for one in releases for s, q in _published(one, "reach", site, "quarter") if s == site})
    parts: dict[tuple[str, ...], People] = {}
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
        part = parts[(quarter,)] = People(model, (quarter,), pairs, seen)
        for place, names in enumerate((rows, columns)):
            for name in names:
                part.flows(_at(place, name))
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
    return judge(model, parts, targets)


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
    model: Model, part: People, version: int, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    """Sessions whose heads are known, by pair, and whether one of them is large."""
    flags = {}
    for pair in pairs:
        sessions, flag = model.variable(), model.flag()
        model.people["sessions", part.period, version, pair] = sessions
        flags[pair] = flag
        heads = dict.fromkeys(part.inside(version, _only(pair)), 1.0)
        model.add({sessions: 1.0, flag: -1.0}, 0, np.inf)
        model.add({**heads, flag: -float(LARGE)}, 0, np.inf)
        model.add({**heads, sessions: -float(LARGE - 1), flag: -float(MOST)}, -np.inf, 0)
    return flags


def _head_row(
    model: Model,
    parts: Mapping[tuple[str, ...], People],
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
        heads = [place for q, v, pair in chosen for place in parts[(q,)].inside(v, _only(pair))]
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
    parts: dict[tuple[str, ...], People] = {}
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
        part = parts[site, quarter] = People(model, (site, quarter), codes, known)
        for code in codes:
            part.flows(_only(code))
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
                    people += part.inside(version, _only((code,)))
            low, high = 0.0, np.inf
            if row["value"] is not None:
                low, high = max(row["value"] - HALF, THRESHOLD), row["value"] + HALF
            elif row["status"] == "suppressed":
                high = THRESHOLD - 1
            model.add(dict.fromkeys(people, 1.0), low, high)
    return judge(model, parts, targets) if model.lines else []


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
    parts: dict[tuple[str, ...], People] = {}
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
        part = parts[(wave,)] = People(model, (wave,), codes, known)
        for answer in (None, "positive", "other"):
            for area in (None, *areas):
                part.flows(_answering(area, answer))
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
    return judge(model, parts, targets) if model.lines else []


def _answers(
    model: Model,
    part: People,
    version: int,
    area: str,
    figures: Mapping[str, tuple[float | None, str]],
    both_sides: bool = True,
) -> None:
    def people(answer: str | None) -> list[int]:
        return part.inside(version, _answering(None if area == "all" else area, answer))

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
