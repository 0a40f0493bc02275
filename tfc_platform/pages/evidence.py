"""What is known about why: for each outcome of the framework what speaks for or against it at each site, never added up."""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.formatting import code_words, humane, period_words, wave_words
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import (
    CodeText,
    Content,
    PageSection,
    PeriodText,
    Quotation,
    Quotations,
    columns,
    data_table,
)

__all__ = ["evidence_sections"]

_KINDS = {
    "survey_change": "Change between waves",
    "delivery": "Delivery",
    "story": "Story",
    "learning": "Learning item",
    "contribution": "Contribution claim",
}
# The keys of a survey change in `piece`, in their order, as mart_evidence and the release write them.
_CHANGE_KEYS = ("indicator", "population", "design", "wave_from", "wave_to")
_DESIGNS = {"panel": ", the same people", "common_clusters": ", schools that both asked"}
_DIRECTIONS = {"for": "for", "against": "against", "neither": "neither way", "unclear": "not clear"}


def evidence_sections(release: ReleaseView) -> list[PageSection]:
    """A section an outcome: the change of its headline indicator at each site, then all evidence, folded by site."""
    return [_outcome(release, outcome) for outcome in release.records("code_outcome")]


def _outcome(release: ReleaseView, outcome: dict[str, Any]) -> PageSection:
    code = outcome["outcome"]
    section = PageSection(f"outcome-{code}", str(outcome["name"]))
    section.answers.append(str(outcome["statement"]))
    pieces = [piece for piece in release.records("evidence") if piece["outcome"] == code]
    headline = [
        (site, piece) for site in release.sites for piece in pieces if piece["site"] == site and piece["is_headline"]
    ]
    # What a finding does not show is the same at every site: it is written once, above the table.
    limits = dict.fromkeys((humane(piece["finding"]), str(piece["limits"])) for _, piece in headline)
    section.answers += [f"{finding}: {limit[0].lower()}{limit[1:]}" for finding, limit in limits]
    name = release.indicator(outcome["headline_indicator"]).get("name") or outcome["headline_indicator"]
    heads = ("What was found", "Speaks", "Grade")
    section.add(
        data_table(
            f"Change of {name}, the headline indicator",
            columns("Site", "Population", "Between", *heads),
            [
                (release.site_name(site), _population(piece), _waves(piece), *_reading(piece))
                for site, piece in headline
            ],
        )
    )
    section.add(
        *(
            data_table(
                f"{outcome['name']}: evidence of {release.site_name(site)}",
                columns("Evidence", "What", *heads, "Limits"),
                [
                    (_KINDS[piece["kind"]], _piece(release, piece), *_reading(piece), str(piece["limits"]))
                    for kind in _KINDS
                    for piece in pieces
                    if (piece["site"], piece["kind"]) == (site, kind)
                ],
                fold=f"Table: all evidence of {release.site_name(site)}",
            )
            for site in release.sites
        )
    )
    claims = [claim for claim in release.records("contribution") if claim["outcome"] == code]
    if claims:
        section.add(Quotations(tuple(_claim(release, claim) for claim in claims), ()))
    return section


def _reading(piece: dict[str, Any]) -> tuple[Content, ...]:
    return humane(piece["finding"]), _DIRECTIONS[piece["direction"]], humane(piece["grade"])


def _keys_of_change(piece: dict[str, Any]) -> dict[str, str]:
    """The keys of a survey change; none where no change was published."""
    return dict(zip(_CHANGE_KEYS, str(piece["piece"]).split(), strict=False))


def _population(piece: dict[str, Any]) -> Content:
    population = _keys_of_change(piece).get("population")
    return code_words("populations", population) if population else "none published"


def _waves(piece: dict[str, Any]) -> Content:
    keys = _keys_of_change(piece)
    if "wave_to" not in keys:
        return ""
    earlier, later = (PeriodText(wave_words(keys[name])) for name in ("wave_from", "wave_to"))
    return (earlier, " and ", later, _DESIGNS.get(keys["design"], ""))


def _piece(release: ReleaseView, piece: dict[str, Any]) -> Content:
    if piece["kind"] == "delivery":
        return release.activity_name(piece["site"], piece["piece"])
    if piece["kind"] == "story":
        return (CodeText(str(piece["piece"])), f" ({humane(piece['subject']).lower()})")
    if piece["kind"] == "survey_change":
        name = release.indicator(piece["subject"]).get("name") or piece["subject"]
        waves = _waves(piece)
        return (f"{name}: ", _population(piece), ", ", waves) if waves else f"{name}: none published"
    return CodeText(str(piece["piece"]))


def _claim(release: ReleaseView, claim: dict[str, Any]) -> Quotation:
    source: tuple[Content, ...] = (release.site_name(claim["site"]),)
    if claim["quarter"]:
        source = (*source, ", ", PeriodText(period_words(claim["quarter"])))
    return Quotation(str(claim["claim_id"]), str(claim["text"]), source)
