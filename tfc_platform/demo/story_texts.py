"""Stories of change: who tells what, with which consent, and which text the central editor approved."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from tfc_platform.demo.config import DemoPlan, SitePlan
from tfc_platform.demo.people import People, Remark
from tfc_platform.demo.seeded_random import lot
from tfc_platform.demo.sessions import any_day

__all__ = ["Story", "draw_stories", "story_answers"]


@dataclass(frozen=True)
class Story:
    site: str
    story_id: str
    told_on: date
    teller_role: str
    activity: str
    domain: str
    level: str
    consent: str
    told: Remark
    commentary: Remark
    selected: bool
    approved_text: str | None  # None: no editor has approved one

    @property
    def publishable(self) -> bool:
        return self.consent == "share" and self.approved_text is not None


def _story(plan: DemoPlan, site: SitePlan, number: int, consent: str, people: People, rng: Random) -> Story:
    settings, wording = plan.settings["stories"], plan.wording["stories"]
    told_on = any_day(rng, plan.settings["activity"]["window"]["first"], settings["last_told_on"])
    story_id = f"{site.settings['code']}-{number:03d}"
    told = people.fill(rng.choice(wording["told"]))
    if rng.random() < settings["disclosure_share"]:
        harm = people.disclosure(rng)
        told = Remark(f"{told.text} {harm.text}", told.secrets + harm.secrets, disclosure=True)
    approved = wording["approved"].format(place=site.settings["name"], story_id=story_id)
    return Story(
        site=site.key,
        story_id=story_id,
        told_on=told_on,
        teller_role=rng.choice(settings["teller_roles"]),
        activity=rng.choice([alias.text for alias in site.aliases if alias.holds_on(told_on)]),
        domain=rng.choice(settings["domains"]),
        level=rng.choice(settings["levels"]),
        consent=consent,
        told=told,
        commentary=people.fill(rng.choice(wording["commentary"])),
        selected=rng.random() < 0.5,
        approved_text=approved if rng.random() < settings["approved_share"] else None,
    )


def draw_stories(plan: DemoPlan, people: People, seed: str) -> dict[str, list[Story]]:
    """Each site's stories. Every site has one of each consent, whatever the lot: each must be met at least once."""
    rng = lot(seed, "stories")
    settings = plan.settings["stories"]
    consents, weights = list(settings["consent"]), list(settings["consent"].values())
    stories: dict[str, list[Story]] = {}
    for site in plan.sites:
        number = rng.randint(*settings["number"])
        drawn = consents + rng.choices(consents, weights=weights, k=number - len(consents))
        rng.shuffle(drawn)
        stories[site.key] = [_story(plan, site, n, consent, people, rng) for n, consent in enumerate(drawn, 1)]
    return stories


def story_answers(stories: list[Story]) -> dict[str, Any]:
    """told; publishable (ids); by_domain_without_withdrawn (`site/domain` to number)."""
    counted = Counter(f"{story.site}/{story.domain}" for story in stories if story.consent != "withdrawn")
    return {
        "told": len(stories),
        "publishable": sorted(story.story_id for story in stories if story.publishable),
        "by_domain_without_withdrawn": dict(sorted(counted.items())),
    }
