"""Who answered the surveys and what, in the words of the questionnaire, before any tool has coded them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Any

from tfc_platform.demo.config import DemoPlan, SitePlan
from tfc_platform.demo.people import NOTHING, People, Person, Remark
from tfc_platform.demo.seeded_random import lot

__all__ = ["COMPLETE", "INCOMPLETE", "PREVIEW", "DrawnSurvey", "Respondent", "draw_surveys"]

COMPLETE, PREVIEW, INCOMPLETE = "complete", "preview", "incomplete"
ITEMS_BEFORE_LEAVING = 2  # how far an incomplete response gets

Answer = int | str  # 1 strongly disagree to 5 strongly agree, or why there is none: a key of `missing_share`


@dataclass(frozen=True)
class Respondent:
    person: Person
    area: int  # position in the site's areas
    group: str | None  # school or sector, where the population has one
    items: tuple[Answer, ...]
    feelings: tuple[Answer, ...]  # 1 none of the time to 5 all of the time; empty where not asked
    weight: float | None
    panel: int | None  # the person's number in the panel
    home: str | None  # postcode
    remark: Remark
    state: str  # COMPLETE, PREVIEW or INCOMPLETE
    seconds: int
    uid: str  # 32 hexadecimal digits
    repeats: bool = False  # the same response once more


@dataclass(frozen=True)
class DrawnSurvey:
    """One population in one wave at one site: what one file holds."""

    site: SitePlan
    population: str
    wave: str
    first_day: date
    respondents: tuple[Respondent, ...]


@dataclass(frozen=True)
class _Wave:
    site: SitePlan
    population: str
    wave: str
    shift: float
    settings: Mapping[str, Any]
    schools: Mapping[str, float]

    @property
    def own(self) -> Mapping[str, Any]:
        surveys: Mapping[str, Any] = self.site.settings["surveys"]
        return surveys


def _answers(wave: _Wave, level: float, rng: Random) -> tuple[Answer, ...]:
    missing = wave.settings["missing_share"]
    answers: list[Answer] = []
    for item in wave.settings["items"]:
        if rng.random() < sum(missing.values()):
            answers.append(rng.choices(list(missing), weights=list(missing.values()))[0])
            continue
        better = min(5, max(1, round(level + rng.gauss(0, 1))))
        answers.append(6 - better if item in wave.settings["reversed"] else better)
    return tuple(answers)


def _feelings(wave: _Wave, rng: Random) -> tuple[Answer, ...]:
    if wave.population != wave.settings["wellbeing_population"]:
        return ()
    mood = rng.gauss(3.4, 0.5)
    return tuple(
        "unanswered" if rng.random() < 0.01 else min(5, max(1, round(mood + rng.gauss(0, 0.8))))
        for _ in range(wave.settings["feelings"])
    )


def _respondent(wave: _Wave, people: People, panel: int | None, rng: Random) -> Respondent:
    kind = wave.settings["group_of"].get(wave.population)
    group = None
    if kind == "school":
        group = rng.choice(list(wave.schools))
    elif kind == "sector":
        group = rng.choice(wave.settings["sectors"])
    level = 3.2 + wave.shift + wave.schools.get(group or "", 0.0) + rng.gauss(0, 0.4)
    district = wave.own.get("postcode_district")
    return Respondent(
        person=people.person(),
        area=rng.randrange(len(wave.site.areas)),
        group=group,
        items=_answers(wave, level, rng),
        feelings=_feelings(wave, rng),
        weight=round(rng.uniform(0.4, 2.1), 4) if wave.population in wave.own.get("weighted", []) else None,
        panel=panel,
        home=people.postcode(district) if district else None,
        remark=people.remark(rng, broken_lines=wave.own["shape"] in ("qualtrics", "kobo_survey")),
        state=COMPLETE,
        seconds=rng.randrange(150, 900),
        uid=f"{rng.getrandbits(128):032x}",
    )


def _spoil(respondents: list[Respondent], wave: _Wave, people: People, rng: Random) -> list[Respondent]:
    """Make some rows previews and some incomplete, repeat some, and plant disclosures, in rejected rows too."""
    excluded = [state for state, n in wave.own["excluded"].items() for _ in range(n)]
    rng.shuffle(excluded)
    excluded = excluded[: int(wave.settings["excluded_share"] * len(respondents))]
    places = rng.sample(range(len(respondents)), len(excluded))
    spoilt = list(respondents)
    for place, state in zip(places, excluded, strict=True):
        items = spoilt[place].items
        if state == INCOMPLETE:
            left = len(items) - ITEMS_BEFORE_LEAVING
            items = items[:ITEMS_BEFORE_LEAVING] + ("unanswered",) * left
        spoilt[place] = replace(spoilt[place], state=state, items=items, remark=NOTHING)
    low, high = wave.settings["disclosures"]
    told = rng.sample(range(len(spoilt)), rng.randint(low, high))
    if places and told and rng.random() < 0.5:
        told[0] = places[0]
    for place in set(told):
        spoilt[place] = replace(spoilt[place], remark=people.disclosure(rng))
    # The tool hands out what it already gave: whole rows again at the end. A disclosure is not among them, so that
    # nobody need decide whether the second copy raises a second flag.
    again = [r for r in spoilt if r.state == COMPLETE and not r.remark.disclosure]
    return spoilt + [replace(r, repeats=True) for r in rng.sample(again, wave.own["repeats"])]


def _draw(wave: _Wave, size: int, people: People, panel: list[int | None], rng: Random) -> list[Respondent]:
    numbers = panel or [None] * size
    return _spoil([_respondent(wave, people, number, rng) for number in numbers], wave, people, rng)


def draw_surveys(plan: DemoPlan, people: People, seed: str) -> list[DrawnSurvey]:
    """All surveys of all sites, in the order of `sites.yaml`. Who is in a panel's second wave was in its first."""
    settings = plan.settings["surveys"]
    jitter = settings["size_jitter"]
    surveys: list[DrawnSurvey] = []
    for site in plan.sites:
        own = site.settings["surveys"]
        for population, sizes in own["sizes"].items():
            rng = lot(seed, site.key, "survey", population)
            for position, (wave, size) in enumerate(sizes.items()):
                number = rng.randint(round(size * (1 - jitter)), round(size * (1 + jitter)))
                panel: list[int | None] = []
                if settings["group_of"].get(population) == "sector" and "panel_prefix" in own:
                    # The second wave lacks those who left: a sample of the numbers of the first.
                    first = len(surveys[-1].respondents) if position else number
                    panel = [*sorted(rng.sample(range(first), min(number, first)))]
                schools = {f"School {chr(65 + n)}": rng.gauss(0, 0.25) for n in range(own["schools"][wave])}
                drawn = _Wave(site, population, wave, position * settings["improvement"], settings, schools)
                respondents = _draw(drawn, number, people, panel, rng)
                surveys.append(DrawnSurvey(site, population, wave, settings["waves"][wave], tuple(respondents)))
    return surveys
