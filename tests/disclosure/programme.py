"""A small programme made for tests of `protect`: two sites, their activities, venues, one survey, as a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import yaml

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.codebooks import Codebook
from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.reference import Activity, FootprintArea, Site, Venue

__all__ = ["DOMAINS", "ITEM", "OUTSIDE", "POPULATION", "SCALE", "TELLERS", "UNKNOWN", "catalogue"]

POPULATION = "community"
ITEM, SCALE = "Q1", "know"  # one question of five points; the scale is made of it alone
DOMAINS = ("confidence", "knowledge")
TELLERS = ("community", "partner")
UNKNOWN, OUTSIDE = "unknown", "outside_footprint"  # as the marts call a venue that nobody wrote down, or is elsewhere

_ACTIVITY = """
source: activity
sites: [{site}]
record: activity
owner: the site's research team
description: A CSV a month.
files: activity/*.csv
name: '(?P<month>\\d{{4}}-\\d{{2}})\\.csv'
return: {{key: '{{month}}'}}
read: {{format: csv}}
columns:
  session_on: {{header: Date, type: date}}
  activity: {{header: Activity, type: activity}}
  attendance: {{header: People, type: attendance}}
expects: {{monthly_from: {first}}}
"""
_STORIES = """
source: stories
sites: [{sites}]
record: story
owner: the site's research team
description: Stories of change.
files: stories/*.csv
return: {{key: all stories}}
read: {{format: csv}}
columns:
  story_id: {{header: story_id, type: id}}
  told_on: {{header: told_on, type: date}}
  teller_role: {{header: teller_role, type: category, codes: {tellers}}}
  change_domain: {{header: change_domain, type: category, codes: {domains}}}
key: [story_id]
expects: {{returns: {{all stories: {stories_due}}}}}
"""
_SURVEY = """
source: surveys
sites: [{sites}]
record: survey_respondent
owner: the site's research team
description: One population, a CSV a wave.
files: surveys/*.csv
name: '(?P<population>community)_(?P<wave>w\\d+)\\.csv'
return: {{key: '{{population}} {{wave}}'}}
read: {{format: csv}}
survey:
  tool: made_up
  instrument: small
  answers:
    - items: {{Q1: Question 1}}
      codes: [{{values: {{'1': 1, '2': 2, '3': 3, '4': 4, '5': 5}}}}]
columns:
  respondent_id: {{header: id, type: token}}
  area: {{header: area, type: area}}
{panel}
expects: {{returns: {{{waves}}}}}
"""
_CODEBOOK = """
instrument: small
name: A small instrument
version: '1'
informant: self
licence: made up
source: made up
wording: own
responses: {agree5: {minimum: 1, maximum: 5, positive_from: 4}}
items: {Q1: {response: agree5}}
scales:
  know: {name: Knows, method: mean_rescaled, items: [Q1], minimum_answered: 1, range: [0, 100], higher_is: better}
"""


def catalogue(
    *,
    sites: Sequence[str],
    activities: Mapping[str, str | None],
    venues: Mapping[str, str],
    residents: int,
    first: date,
    waves: Mapping[str, date],
    panel: bool,
) -> Catalogue:
    """The contracts of the small programme.

    `activities`: to their unit (`group`, `individual`, or none where nobody has declared it). `venues`: small area to the area
    of the footprint that it is in; each site has the same, under codes of its own (`small_area`).
    """
    survey = _SURVEY.format(
        sites=", ".join(sites),
        waves=", ".join(f"'{POPULATION} {wave}': {due_on}" for wave, due_on in waves.items()),
        panel="  panel_id: {header: panel, type: panel}" if panel else "",
    )
    stories = _STORIES.format(
        sites=", ".join(sites),
        tellers="{" + ", ".join(f"{code}: {code}" for code in TELLERS) + "}",
        domains="{" + ", ".join(f"{code}: {code}" for code in DOMAINS) + "}",
        stories_due=first,
    )
    contracts = [_ACTIVITY.format(site=site, first=first) for site in sites] + [stories] + ([survey] if waves else [])
    return Catalogue(
        sites=tuple(Site(site=site, name=site.title(), nation="Nowhere") for site in sites),
        contracts=tuple(Contract.model_validate(yaml.safe_load(text)) for text in contracts),
        activities=tuple(
            Activity(
                site=site,
                activity=activity,
                name=activity,
                tier="primary",
                audience="families",
                designed_hours=2.0,
                audience_unit=unit,  # type: ignore[arg-type]
            )
            for site in sites
            for activity, unit in activities.items()
        ),
        aliases=(),
        venues=tuple(
            Venue(site=site, postcode=f"{site}{number}", area=area, small_area_code=small_area(site, code))
            for site in sites
            for number, (code, area) in enumerate(venues.items())
        ),
        areas=tuple(
            FootprintArea(
                site=site,
                area=area,
                small_area_code=small_area(site, code),
                small_area_kind="made up",
                index="Made-up index",
                rank=number + 1,
                areas_in_nation=100,
                nation_quintile=1,
                pop_0_4=residents // 4,
                pop_5_11=residents // 4,
                pop_12_17=residents // 4,
                pop_18_plus=residents - 3 * (residents // 4),
                pop_year=2024,
            )
            for site in sites
            for number, (code, area) in enumerate(venues.items())
        ),
        indicators=(),
        codebooks=(Codebook.model_validate(yaml.safe_load(_CODEBOOK)),),
    )


def small_area(site: str, code: str) -> str:
    """A site's code of a small area: no two sites have one in common."""
    return code if code in (UNKNOWN, OUTSIDE) else f"{site[0].upper()}-{code}"
