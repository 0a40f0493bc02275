"""Which files a night brings, from all sites and the central team."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tfc_platform.demo.activity_files import ACTIVITY_FILES, Drop
from tfc_platform.demo.config import SitePlan
from tfc_platform.demo.file_ledgers import as_encoded
from tfc_platform.demo.respondents import DrawnSurvey
from tfc_platform.demo.scenario import World
from tfc_platform.demo.writers import kobo_csv, plain_csv, qualtrics, smartsurvey, spss
from tfc_platform.demo.writers.containers import Rendered, stamped_zip

__all__ = ["NIGHTS", "drops_of"]

NIGHTS = (1, 2)
BROKEN_AFTER = 4000  # bytes of a workbook whose upload broke off
WORD_PARTS = [
    (
        "[Content_Types].xml",
        b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    ),
    ("word/document.xml", b'<?xml version="1.0"?><document><body><p>Minutes: not a return</p></body></document>'),
]
SurveyWriter = Callable[[DrawnSurvey, Sequence[str], str | None], Rendered]


def _survey_file(world: World, survey: DrawnSurvey) -> Drop:
    settings, own = world.plan.settings["surveys"], survey.site.settings["surveys"]

    def sav(survey: DrawnSurvey, items: Sequence[str], group: str | None) -> Rendered:
        return spss.render(survey, items, group, settings["sectors"])

    writers: Mapping[str, SurveyWriter] = {
        "qualtrics": qualtrics.render,
        "smartsurvey": smartsurvey.render,
        "spss": sav,
        "kobo_survey": kobo_csv.render_survey,
    }
    rendered = writers[own["shape"]](survey, settings["items"], settings["group_of"].get(survey.population))
    name = own["file"].format(population=survey.population, wave=survey.wave)
    return Drop(f"{survey.site.key}/{name}", rendered.content, "accepted", rendered.ledger)


def _stray(world: World, site: SitePlan, kind: str, name: str, activity: Sequence[Drop]) -> Drop:
    """A file that is no return: a broken upload, the lock of an open workbook, a Word file."""
    path = f"{site.key}/{name}"
    if kind == "truncated":
        return Drop(path, activity[0].content[:BROKEN_AFTER], "unreadable")
    if kind == "word":
        return Drop(path, stamped_zip(WORD_PARTS), "unrecognised")
    if kind == "lock":
        # Such a file holds the name of whoever has the workbook open: its length, then the name, padded.
        owner = as_encoded(world.manager.name, "cp1252").encode("cp1252")
        return Drop(path, bytes([len(owner)]) + owner.ljust(54), "unrecognised")
    raise ValueError(f"sites.yaml, sites.{site.key}.strays: unknown kind {kind!r}")


def _central(world: World) -> list[Drop]:
    settings = world.plan.settings
    everything = [story for site in world.plan.sites for story in world.stories[site.key]]
    sent = {action.learning_id for action in world.actions}
    wording = world.plan.wording["learning"]["approved"]
    learning = {
        item.learning_id: wording.format(insight=item.insight, recommended=item.recommended)
        for site in world.plan.sites
        for item in world.learning[site.key]
        if item.learning_id in sent
    }
    approvals = plain_csv.render_approvals(
        everything, learning, settings["stories"]["approved_by"], settings["stories"]["approved_on"]
    )
    actions = plain_csv.render_actions(world.actions)
    folder = settings["central"]
    return [
        Drop(f"{folder}/{settings['stories']['approvals_file']}", approvals.content, "accepted", approvals.ledger),
        Drop(f"{folder}/{settings['learning']['actions_file']}", actions.content, "accepted", actions.ledger),
    ]


def _plain(path: str, rendered: Rendered) -> Drop:
    return Drop(path, rendered.content, "accepted", rendered.ledger)


def drops_of(world: World, night: int) -> list[Drop]:
    """The files that come on that night: everything on the first, the month's activity on the second."""
    drops: list[Drop] = []
    for site in world.plan.sites:
        activity = ACTIVITY_FILES[site.settings["activity"]["shape"]](world, site, night)
        drops += activity
        if night == 1:
            drops += [_stray(world, site, stray["kind"], stray["file"], activity) for stray in site.settings["strays"]]
            drops += [_survey_file(world, survey) for survey in world.surveys if survey.site == site]
            stories, learning = world.plan.settings["stories"]["file"], world.plan.settings["learning"]["file"]
            drops.append(_plain(f"{site.key}/{stories}", plain_csv.render_stories(world.stories[site.key])))
            drops.append(_plain(f"{site.key}/{learning}", plain_csv.render_learning(world.learning[site.key])))
            claims = world.plan.settings["contribution"]["file"]
            drops.append(_plain(f"{site.key}/{claims}", plain_csv.render_claims(world.claims[site.key])))
    if night == 1:
        drops += _central(world)
    return drops
