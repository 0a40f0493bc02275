"""The released table of evidence: what speaks for or against each outcome, from what the release shows anyway.

Changes between waves are read from the protected figures and stories from the approved texts, so no piece says more of people
than its own table does. Delivery of groups, learning items and claims count nobody and are the mart's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa

from tfc_platform.contracts.framework import EvidenceKind, Framework
from tfc_platform.publication.released_table import Figure, ReleaseColumn, ReleaseTable, Status
from tfc_platform.release.release_context import ReleaseContext
from tfc_platform.release.story_selection import StoryText, TextKind

__all__ = ["EVIDENCE", "EvidencePiece", "evidence_table", "read_evidence_of_nobody"]

EVIDENCE = "evidence"
SIGNIFICANT = 0.05  # of the adjusted p value, as the question q3 has it
_PIECE_KEYS = ("population", "design", "wave_from", "wave_to")  # beside the indicator, as in mart_evidence
EARLIER = "It is from an earlier return."
SOURCE_OF: Mapping[str, str] = {
    "survey_change": "surveys",
    "delivery": "activity",
    "story": "stories",
    "learning": "learning",
    "contribution": "contribution_claims",
}


class EvidencePiece(NamedTuple):
    """One piece before it is read. `limits`: its own, in place of those that the framework gives its finding."""

    site: str
    outcome: str
    kind: EvidenceKind
    piece: str
    subject: str | None
    is_headline: bool
    finding: str
    limits: str | None = None


def read_evidence_of_nobody(research_file: Path) -> list[EvidencePiece]:
    """The pieces of mart_evidence that are about no people: delivery of groups, learning items, contribution claims."""
    query = """
        select site, outcome, kind, piece, subject, is_headline, finding, limits
        from marts.mart_evidence
        where not about_persons
    """
    with duckdb.connect(str(research_file), read_only=True) as con:
        return [EvidencePiece(*row) for row in con.execute(query).fetchall()]


def evidence_table(
    context: ReleaseContext,
    of_nobody: Iterable[EvidencePiece],
    changes: ReleaseTable | None,
    stories: Iterable[StoryText],
) -> ReleaseTable:
    """The table `evidence`, a row a piece.

    :param of_nobody: as `read_evidence_of_nobody` gives them.
    :param changes: the protected table `outcome_change`; None where the release has none.
    :param stories: the approved texts that are released.
    """
    indicators = context.labels.get("indicators", {})
    pieces = [
        *of_nobody,
        *_changes(context.framework, changes, indicators),
        *_stories(context.framework, stories),
    ]
    text = pa.string()
    return ReleaseTable(
        name=EVIDENCE,
        title="Evidence by outcome",
        description=(
            "What speaks for or against each outcome of the framework at each site. Pieces of different kinds are beside each "
            "other and are never added up."
        ),
        columns=(
            ReleaseColumn("site", text, "The site."),
            ReleaseColumn("outcome", text, "The outcome of the framework; code_outcome explains it."),
            ReleaseColumn("kind", text, "survey_change, delivery, story, learning or contribution."),
            ReleaseColumn("piece", text, "The change, activity, story, learning item or claim, by its keys or id."),
            ReleaseColumn("subject", text, "The indicator, the domain of a story, or the activity of a claim."),
            ReleaseColumn("is_headline", pa.bool_(), "Whether it is a change of the outcome's headline indicator."),
            ReleaseColumn("finding", text, "What was found, from published figures only."),
            ReleaseColumn("direction", text, "for, against, neither or unclear."),
            ReleaseColumn("grade", text, "How strong such evidence is."),
            ReleaseColumn("limits", text, "What it does not show."),
        ),
        keys=4,
        rows=tuple(sorted((_row(context, piece) for piece in pieces), key=lambda row: row[:4])),
    )


def _row(context: ReleaseContext, piece: EvidencePiece) -> tuple[Any, ...]:
    reading = context.framework.evidence[piece.kind][piece.finding]
    is_held = any(one.site == piece.site and one.source == SOURCE_OF[piece.kind] for one in context.held)
    limits = piece.limits or reading.limits
    return (
        *(piece.site, piece.outcome, piece.kind, piece.piece, piece.subject, piece.is_headline, piece.finding),
        *(reading.direction, reading.grade, f"{limits} {EARLIER}" if is_held else limits),
    )


def _changes(
    framework: Framework, changes: ReleaseTable | None, indicators: Mapping[str, Mapping[str, Any]]
) -> Iterator[EvidencePiece]:
    """A piece for each published change of an outcome's indicators, and one for a headline without any."""
    published = _published_changes(changes)
    for code, outcome in framework.outcomes.items():
        for site in framework.sites_of(code):
            for indicator in outcome.indicators:
                is_headline = indicator == outcome.indicators[0]
                own = [
                    (keys, figures)
                    for keys, figures in published
                    if (keys["site"], keys["indicator"]) == (site, indicator)
                ]
                for keys, figures in own:
                    finding = _finding(keys, figures, indicators.get(indicator, {}))
                    piece = " ".join(str(keys[name]) for name in ("indicator", *_PIECE_KEYS))
                    yield EvidencePiece(site, code, "survey_change", piece, indicator, is_headline, finding)
                if is_headline and not own:
                    yield EvidencePiece(site, code, "survey_change", indicator, indicator, True, "not_available")


def _published_changes(changes: ReleaseTable | None) -> list[tuple[dict[str, Any], dict[str, Figure]]]:
    """The keys and attributes of each change, and its figures by measure."""
    if changes is None:
        return []
    names = [column.name for column in changes.columns]
    first = names.index("measure")
    gathered: dict[tuple[Any, ...], dict[str, Figure]] = {}
    for row in changes.rows:
        figure = Figure(*row[first : first + 4])
        gathered.setdefault(row[:first], {})[figure.measure] = figure
    return [(dict(zip(names, labels, strict=False)), figures) for labels, figures in gathered.items()]


def _finding(labels: Mapping[str, Any], figures: Mapping[str, Figure], indicator: Mapping[str, Any]) -> str:
    """What a published change says; a higher percentage of positive answers is better, of a scale what its codebook says.

    Where the table has the reading of a change (`reading`), that is taken. Else the adjusted p decides, and where the table has
    the families of changes (`family`) only a headline is a finding.
    """
    difference = figures["difference"]
    better = {"better": 1, "worse": -1}.get(indicator.get("higher_is", "better"))
    if difference.status == Status.NOT_COMPARABLE:
        return "not_comparable"
    if difference.value is None or better is None:
        return "not_available"
    reading = labels.get("reading") or _reading(labels, figures)
    if reading != "change":
        return str(reading)
    return "better" if difference.value * better > 0 else "worse"


def _reading(labels: Mapping[str, Any], figures: Mapping[str, Figure]) -> str:
    adjusted, low = figures["p_adjusted"].value, figures["ci_low"].value
    if "indicative" in (figures["difference"].note or ""):
        return "indicative"
    if adjusted is None or low is None:
        return "no_interval"
    if labels.get("family", "headline") != "headline":
        return "exploratory"
    return "change" if adjusted < SIGNIFICANT else "no_clear_change"


def _stories(framework: Framework, stories: Iterable[StoryText]) -> Iterator[EvidencePiece]:
    for story in stories:
        if story.kind is not TextKind.STORY or story.change_domain is None:
            continue
        for outcome in framework.links.get("story_domains", {}).get(story.change_domain, ()):
            if story.site in framework.sites_of(outcome):
                yield EvidencePiece(story.site, outcome, "story", story.story_id, story.change_domain, False, "told")
