"""Draw the framework as a Markdown page with a Mermaid chart: `make framework` writes docs/framework.md with it."""

from __future__ import annotations

import sys

from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.contracts.framework import Framework

__all__ = ["framework_page"]

INTRODUCTION = """\
# The framework

`make framework` writes this page from [`contracts/framework.yaml`](../tfc_platform/contracts/framework.yaml). It says what the
programme should change and how anybody would see it. It is illustrative until the programme has agreed it.
[Marts](marts.md#mart_evidence) says how evidence is put beside each outcome.
"""


def framework_page(catalogue: Catalogue) -> str:
    """The page: a chart of goals, outcomes and activities, then a table for each outcome, then targets and readings."""
    framework = catalogue.framework
    parts = [INTRODUCTION, _chart(catalogue), *(_outcome(catalogue, code) for code in framework.outcomes)]
    return "\n".join([*parts, _targets(framework), _readings(framework)])


def _chart(catalogue: Catalogue) -> str:
    framework = catalogue.framework
    names = _activity_names(catalogue)
    lines = ["```mermaid", "flowchart LR"]
    for goal, said in framework.goals.items():
        sites = [site.name for site in catalogue.sites if goal in framework.sites.get(site.site, ())]
        lines.append(f'  goal_{goal}["{said.name}<br/>{", ".join(sites)}"]')
    lines += [f'  outcome_{code}(["{outcome.name}"])' for code, outcome in framework.outcomes.items()]
    lines += [f'  activity_{code}["{names[code]}"]' for code in framework.links.get("activities", {})]
    for code, outcomes in framework.links.get("activities", {}).items():
        lines += [f"  activity_{code} --> outcome_{outcome}" for outcome in outcomes]
    for code, outcome in framework.outcomes.items():
        lines += [f"  outcome_{code} --> goal_{goal}" for goal in outcome.goals]
    return "\n".join([*lines, "```", ""])


def _activity_names(catalogue: Catalogue) -> dict[str, str]:
    """By code the first site's name of each activity."""
    return {item.activity: item.name for item in reversed(catalogue.activities)}


def _tiers(catalogue: Catalogue, activity: str) -> str:
    return " or ".join(dict.fromkeys(item.tier for item in catalogue.activities if item.activity == activity))


def _outcome(catalogue: Catalogue, code: str) -> str:
    framework, outcome = catalogue.framework, catalogue.framework.outcomes[code]
    activities = [
        f"{_activity_names(catalogue)[item]} ({_tiers(catalogue, item)})"
        for item in framework.linked("activities", code)
    ]
    headline, *others = outcome.indicators
    rows = {
        "Goals": [framework.goals[goal].name for goal in outcome.goals],
        "Sites": [site.name for site in catalogue.sites if site.site in framework.sites_of(code)],
        "Headline indicator": [f"`{headline}`"],
        "Other indicators": [f"`{name}`" for name in others],
        "Activities": activities,
        "Domains of stories": [name.replace("_", " ") for name in framework.linked("story_domains", code)],
        "Tags of learning items": [f"`{name}`" for name in framework.linked("learning_tags", code)],
    }
    table = [f"| {name} | {'; '.join(cells) or 'none'} |" for name, cells in rows.items()]
    return "\n".join([f"## {outcome.name}", "", outcome.statement, "", "| | |", "|---|---|", *table, ""])


def _targets(framework: Framework) -> str:
    rows = [
        f"| `{item.indicator}` | {item.site or 'all'} | {item.population or 'all'} | {item.baseline_wave} | {item.target:g} |"
        for item in framework.targets
    ]
    head = ["## Targets", "", "| indicator | site | population | baseline | target |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _readings(framework: Framework) -> str:
    rows = [
        f"| {kind.replace('_', ' ')} | `{finding}` | {reading.direction} | {reading.grade} | {reading.limits} |"
        for kind, readings in framework.evidence.items()
        for finding, reading in readings.items()
    ]
    head = [
        "## How evidence is read",
        "",
        "Pieces of evidence are put side by side. They are never added up.",
        "",
        "| evidence | finding | direction | grade | limits |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


if __name__ == "__main__":
    sys.stdout.write(framework_page(load_catalogue()))
