"""Contribution claims: where a site judges that its work made a difference, with what else may explain it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice

from tfc_platform.demo.config import DemoPlan
from tfc_platform.demo.people import People, Remark
from tfc_platform.demo.seeded_random import lot
from tfc_platform.demo.sessions import any_day

__all__ = ["ContributionClaim", "draw_claims"]


@dataclass(frozen=True)
class ContributionClaim:
    claim_id: str
    claimed_on: date
    outcome: str
    activity: str  # what the site calls it
    evidence: str
    strength: str
    considered: bool  # whether the site looked for other explanations
    changed: str
    did: str
    otherwise: str
    details: Remark


def draw_claims(plan: DemoPlan, people: People, seed: str) -> dict[str, list[ContributionClaim]]:
    """Each site's claims, of one outcome after the other."""
    rng = lot(seed, "contribution")
    settings, wording = plan.settings["contribution"], plan.wording["contribution"]
    window = plan.settings["activity"]["window"]
    claims: dict[str, list[ContributionClaim]] = {}
    for site in plan.sites:
        claims[site.key] = []
        for number, outcome in enumerate(islice(cycle(settings["outcomes"]), rng.randint(*settings["number"])), 1):
            claimed_on = any_day(rng, window["first"], window["last"] - timedelta(days=120))
            claims[site.key].append(
                ContributionClaim(
                    claim_id=f"C-{site.settings['code']}-{number:02d}",
                    claimed_on=claimed_on,
                    outcome=outcome,
                    activity=rng.choice([alias.text for alias in site.aliases if alias.holds_on(claimed_on)]),
                    evidence=rng.choice(settings["evidence"]),
                    strength=rng.choice(settings["strengths"]),
                    considered=rng.random() < settings["considered_share"],
                    changed=rng.choice(wording["changed"]),
                    did=rng.choice(wording["did"]),
                    otherwise=rng.choice(wording["otherwise"]),
                    details=people.fill(rng.choice(wording["evidence"])),
                )
            )
    return claims
