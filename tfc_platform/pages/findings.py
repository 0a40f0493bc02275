"""Findings in sentences, each made from the release's figures by a rule. No figure is worked out here and no cause is claimed.

A score rose or fell where the release reads the comparison as a change; otherwise there is no clear change; without a comparison
we cannot say, and the sentence gives the reason. Releases of before have no reading: there the adjusted p-value decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tfc_platform.pages.delivery import during
from tfc_platform.pages.formatting import code_words, humane, join, missing_reason, missing_word, short
from tfc_platform.pages.indicators import indicator_name, wave_order
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView, SourcedNumber
from tfc_platform.pages.periods import delivery_year
from tfc_platform.pages.reach import LOW, latest_year
from tfc_platform.pages.view_models import Content, StrongText, figure_cell, figure_text

__all__ = [
    "CHANCE",
    "ChangeDirection",
    "ChangeVerdict",
    "PopulationFinding",
    "delivery_heading",
    "delivery_point",
    "is_clear",
    "learning_heading",
    "outcome_heading",
    "outcome_points",
    "population_findings",
    "reach_heading",
    "stories_heading",
    "stories_point",
    "story_domains",
    "verdict_of",
    "why_no_comparison",
]

CHANCE = 0.05  # below which an adjusted p-value is a clear change; it is published to two decimals
SENT = ("sent", "received", "adopted")


class ChangeDirection(StrEnum):
    """What may be said of a change between two waves."""

    RISE = "rise"
    FALL = "fall"
    NO_CLEAR_CHANGE = "no_clear_change"
    CANNOT_SAY = "cannot_say"
    MIXED = "mixed"  # of several changes


# In which findings are given: what changed first.
_ORDER = (
    ChangeDirection.RISE,
    ChangeDirection.FALL,
    ChangeDirection.MIXED,
    ChangeDirection.NO_CLEAR_CHANGE,
    ChangeDirection.CANNOT_SAY,
)


@dataclass(frozen=True)
class ChangeVerdict:
    """The verdict on one indicator at one site. `word` and `reason` say why there is none, where there is none."""

    site: str
    indicator: str
    verdict: ChangeDirection
    row: ReleaseRow | None = None
    word: str = ""
    reason: str = ""


@dataclass(frozen=True)
class PopulationFinding:
    """The verdicts on a population at every site, in the order of the sites and indicators."""

    population: str
    verdicts: tuple[ChangeVerdict, ...]

    @property
    def verdict(self) -> ChangeDirection:
        """What holds wherever the waves can be compared."""
        judged = {item.verdict for item in self.verdicts} - {ChangeDirection.CANNOT_SAY}
        if not judged:
            return ChangeDirection.CANNOT_SAY
        return judged.pop() if len(judged) == 1 else ChangeDirection.MIXED


def verdict_of(difference: float | None, p_adjusted: float | None, reading: str | None = None) -> ChangeDirection:
    """The verdict on one change: by its reading, where the release has one, else by the adjusted p-value as it is published."""
    if difference is None or p_adjusted is None:
        return ChangeDirection.CANNOT_SAY
    is_change = p_adjusted < CHANCE if reading is None else reading == "change"
    if not is_change or difference == 0:
        return ChangeDirection.NO_CLEAR_CHANGE
    return ChangeDirection.RISE if difference > 0 else ChangeDirection.FALL


def is_clear(row: ReleaseRow) -> bool:
    """Whether a change is more than chance would explain, and was declared beforehand."""
    verdict = verdict_of(row.value("difference"), row.value("p_adjusted"), row["reading"])
    return verdict in (ChangeDirection.RISE, ChangeDirection.FALL)


def population_findings(release: ReleaseView, scales: Sequence[str]) -> list[PopulationFinding]:
    """Of each population the verdict on each scale at each site, by the latest pair of waves."""
    asked = {str(row["population"]) for table in ("outcome_change", "outcome_indicator") for row in release.rows(table)}
    return [
        PopulationFinding(
            population,
            tuple(_change(release, site, population, scale) for site in release.sites for scale in scales),
        )
        for population in sorted(asked)
    ]


def _change(release: ReleaseView, site: str, population: str, scale: str) -> ChangeVerdict:
    rows = release.rows("outcome_change", site=site, population=population, indicator=scale)
    if not rows:
        word, reason = why_no_comparison(release, site, population)
        return ChangeVerdict(site, scale, ChangeDirection.CANNOT_SAY, None, word, reason)
    latest = max((str(row["wave_to"]) for row in rows), key=lambda wave: wave_order(release, wave))
    # The headline comparison with the wave before; else the same people asked twice say more than different people, and either
    # says more than a figure that is not there.
    row = min(
        (row for row in rows if str(row["wave_to"]) == latest),
        key=lambda row: (
            *(row.value("difference") is None, row["comparison"] == "baseline", row["family"] == "exploratory"),
            *(row["design"] != "panel", row["design"] == "common_clusters"),
        ),
    )
    verdict = verdict_of(row.value("difference"), row.value("p_adjusted"), row["reading"])
    if verdict is not ChangeDirection.CANNOT_SAY:
        return ChangeVerdict(site, scale, verdict, row)
    figure = row.figures.get("difference")
    if figure is None or figure.value is not None:
        figure = row.figures.get("p_adjusted")
    if figure is None:
        return ChangeVerdict(site, scale, verdict, row, "not available", "There is no test of this change.")
    word = missing_word(figure.status, figure.is_not_final)
    return ChangeVerdict(site, scale, verdict, row, word, missing_reason(figure.status, figure.note))


def why_no_comparison(release: ReleaseView, site: str, population: str) -> tuple[str, str]:
    """A word and a sentence on why a population at a site has no comparison at all."""
    rows = release.rows("outcome_indicator", site=site, population=population)
    published = {str(row["wave"]) for row in rows}
    returned = {
        str(row["return_key"]).partition(" ")[2]
        for row in release.rows("expected_return", site=site, return_status="received")
        if str(row["return_key"]).partition(" ")[0] == population
    }
    if returned - published:
        return "not final yet", "A survey has been returned and is not final yet."
    if published:
        return "asked once", "Asked once so far: there is nothing to compare with."
    return "not asked", "No survey of this group is published."


def _populations(findings: Sequence[PopulationFinding]) -> str:
    names = [code_words("populations", one.population) for one in findings]
    return join([names[0], *(name.lower() for name in names[1:])])


def outcome_heading(findings: Sequence[PopulationFinding]) -> str:
    """One sentence on all populations: those with the same verdict together, what changed first."""
    patterns = {
        ChangeDirection.RISE: "{} scored higher",
        ChangeDirection.FALL: "{} scored lower",
        ChangeDirection.MIXED: "results differ for {}",
        ChangeDirection.NO_CLEAR_CHANGE: "no clear change for {}",
        ChangeDirection.CANNOT_SAY: "we cannot say yet for {}",
    }
    parts: list[str] = []
    for verdict, pattern in patterns.items():
        same = [one for one in findings if one.verdict is verdict]
        if same:
            names = _populations(same)
            parts.append(
                pattern.format(names if pattern.startswith("{") and not parts else names[:1].lower() + names[1:])
            )
    sentence = "; ".join(parts) or "no survey figures are published yet"
    return sentence[:1].upper() + sentence[1:]


def outcome_points(release: ReleaseView, findings: Sequence[PopulationFinding]) -> list[Content]:
    """A main point for each verdict, what changed first."""
    points: list[Content] = []
    for verdict in _ORDER:
        same = [one for one in findings if one.verdict is verdict]
        if same:
            points.append(_point(release, verdict, same))
    return points


def _point(release: ReleaseView, verdict: ChangeDirection, findings: Sequence[PopulationFinding]) -> Content:
    names = _populations(findings)
    inside = names[:1].lower() + names[1:]
    verdicts = [item for one in findings for item in one.verdicts]
    scales = join(list(dict.fromkeys(indicator_name(release, item.indicator).lower() for item in verdicts)))
    if verdict in (ChangeDirection.RISE, ChangeDirection.FALL):
        way = "higher" if verdict is ChangeDirection.RISE else "lower"
        by = ", by " if verdict is ChangeDirection.RISE else ", with a change of "
        return (
            StrongText(f"{names} scored {way} on {scales}"),
            by,
            *_smallest_to_largest(verdicts),
            " points wherever we can compare.",
        )
    if verdict is ChangeDirection.MIXED:
        seen = {item.verdict for item in verdicts}
        some = [
            words
            for one, words in (
                (ChangeDirection.RISE, "some scores rose"),
                (ChangeDirection.FALL, "some scores fell"),
                (ChangeDirection.NO_CLEAR_CHANGE, "some show no clear change"),
            )
            if one in seen
        ]
        sentence = join(some)
        return (StrongText(f"Results differ for {inside}."), f" {sentence[:1].upper()}{sentence[1:]}.")
    if verdict is ChangeDirection.NO_CLEAR_CHANGE:
        return (
            StrongText(f"There was no clear change for {inside}"),
            f" on {scales}: chance may explain the differences.",
        )
    return (StrongText(f"We cannot say yet whether {inside} changed."), *_reasons(release, verdicts))


def _smallest_to_largest(verdicts: Sequence[ChangeVerdict]) -> tuple[Content, ...]:
    """The smallest and the largest change, both as they are published."""
    figures = [
        item.row.figures["difference"]
        for item in verdicts
        if item.row and item.verdict is not ChangeDirection.CANNOT_SAY
    ]
    ordered = sorted(figures, key=lambda figure: abs(figure.value or 0))
    ends = [ordered[0]] if abs(ordered[0].value or 0) == abs(ordered[-1].value or 0) else [ordered[0], ordered[-1]]
    first, *rest = [figure_cell(figure) for figure in ends]
    return (first, *(part for one in rest for part in (" to ", one)))


def _reasons(release: ReleaseView, verdicts: Sequence[ChangeVerdict]) -> list[Content]:
    """Each reason once, with the sites that it holds for where there are several reasons."""
    sites: dict[str, dict[str, None]] = {}
    for item in verdicts:
        sites.setdefault(_short_reason(item.reason) or humane(item.word) + ".", {})[
            short(release.site_name(item.site))
        ] = None
    if len(sites) == 1:
        return [f" {reason}" for reason in sites]
    return [f" {join(list(names))}: {reason[:1].lower()}{reason[1:]}" for reason, names in sites.items()]


def _short_reason(reason: str) -> str:
    """The first sentence of a reason, without the number of its rule: the footnote of the table has all of it."""
    sentence = re.sub(r"^Rule \w+: ", "", reason).partition(". ")[0].rstrip(".")
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def _site_totals(release: ReleaseView) -> dict[str, SourcedNumber]:
    year = delivery_year(release)
    if year is None:
        return {}
    totals = {site: release.sum("delivery", "sessions_delivered", site=site, **during(*year)) for site in release.sites}
    return {site: total for site, total in totals.items() if total is not None}


def delivery_heading(release: ReleaseView) -> Content:
    """What can be said of every site: the fewest sessions that one of them delivered."""
    totals = _site_totals(release)
    if not totals:
        return "No group sessions are in this release"
    fewest = min(totals.values(), key=lambda total: total.value)
    if len(totals) == 1:
        (site,) = totals
        return (f"{short(release.site_name(site))} delivered ", figure_text(fewest), " group sessions")
    who = "Every site" if len(totals) == len(release.sites) else "Every site with complete figures"
    return (f"{who} delivered at least ", figure_text(fewest), " group sessions")


def delivery_point(release: ReleaseView) -> list[Content]:
    """How many group sessions there were in the year, and at which site the fewest and the most."""
    year, totals = delivery_year(release), _site_totals(release)
    if year is None or not totals:
        return []
    so_far = "" if year[1] <= release.as_of else " so far"
    low, high = (pick(totals, key=lambda site: totals[site].value) for pick in (min, max))
    spread: list[Content] = []
    if len(totals) > 1:
        spread += [", from ", figure_text(totals[low]), f" in {short(release.site_name(low))} to "]
        spread += [figure_text(totals[high]), f" in {short(release.site_name(high))}"]
    together = release.sum("delivery", "sessions_delivered", **during(*year))
    if together is None:
        return []
    return [(StrongText((figure_text(together), f" group sessions were delivered{so_far}")), *spread, ".")]


def reach_heading(release: ReleaseView) -> Content:
    """The fewest and the most attendances of a site. Attendances of sites are never added."""
    rows = [row for row in latest_year(release) if row.value(LOW) is not None]
    if not rows:
        return "Attendances of a year are not published yet"
    low, high = (pick(rows, key=lambda row: row.value(LOW) or 0) for pick in (min, max))
    names = [short(release.site_name(row["site"])) for row in (low, high)]
    if len(rows) == 1:
        return (f"{names[0]} recorded at least ", figure_cell(low.figures[LOW]), " attendances")
    return (
        *("Attendances ranged from ", figure_cell(low.figures[LOW]), f" in {names[0]} to "),
        *(figure_cell(high.figures[LOW]), f" in {names[1]}"),
    )


def learning_heading(release: ReleaseView) -> Content:
    """How often learning that was sent to another site has been adopted there."""
    sent = release.count("learning_action", "days_to_send", action_status=list(SENT))
    adopted = release.count("learning_action", "days_to_send", action_status="adopted")
    if sent.value == 0:
        return "No learning has been sent to another site yet"
    return ("Learning sent to another site was adopted in ", figure_text(adopted), " of ", figure_text(sent), " cases")


def story_domains(release: ReleaseView) -> list[tuple[str, SourcedNumber]]:
    """The kinds of change in the approved stories with how many tell of each, the most first."""
    domains = dict.fromkeys(
        str(story["change_domain"]) for story in release.records("stories") if story["change_domain"]
    )
    counted = [(domain, release.count_rows("stories", change_domain=domain)) for domain in domains]
    return sorted(counted, key=lambda item: (-item[1].value, item[0]))


def stories_heading(release: ReleaseView) -> Content:
    """The kind of change that approved stories tell of most often, where there is one."""
    domains = story_domains(release)
    if not domains:
        return "No stories are approved for sharing yet"
    if len(domains) > 1 and domains[0][1].value == domains[1][1].value:
        return "Stories tell of several kinds of change, none more often than all others"
    return f"Shared stories tell most often of {humane(domains[0][0]).lower()}"


def stories_point(release: ReleaseView) -> list[Content]:
    """How many stories were told, as published, and how many of them are approved for sharing."""
    published: list[Any] = [
        row.figures["stories"] for row in release.rows("story_domain") if row.value("stories") is not None
    ]
    shared = release.count_rows("stories")
    if not shared.value:
        return []
    return [
        (
            StrongText((figure_text(shared), " stories of change are approved for sharing")),
            *((", of about ", figure_cell(published[-1]), " that were told") if published else ()),
            ".",
        )
    ]
