"""The released table of evidence: each finding follows from published figures, and nothing else of people comes through."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.pages.evidence import evidence_sections
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import PeriodText
from tfc_platform.publication.released_table import (
    Figure,
    FigureRow,
    ReleaseColumn,
    ReleaseTable,
    TableHeading,
    figure_table,
)
from tfc_platform.release.evidence import EvidencePiece, evidence_table
from tfc_platform.release.release_context import Held, ReleaseContext
from tfc_platform.release.story_selection import StoryText, TextKind

KEYS = ("site", "population", "indicator", "design", "wave_from", "wave_to")
MEASURES = ("difference", "ci_low", "ci_high", "p_adjusted")
FRAMEWORK = load_catalogue().framework
LABELS = {"indicators": {"prevent": {"higher_is": "worse"}}}


def changes(indicator: str, values: tuple[Any, ...], status: str = "rounded", note: str | None = None) -> ReleaseTable:
    keys = ("glasgow", "community", indicator, "panel", "w1", "w2")
    figures = [Figure(name, value, status, note) for name, value in zip(MEASURES, values, strict=True)]
    heading = TableHeading("outcome_change", "", "", KEYS, (), (pa.string(),) * 6, "")
    return figure_table(heading, [FigureRow(keys, (), figures)], dict.fromkeys(KEYS, "A key."))


def rows(table: ReleaseTable) -> dict[tuple[str, str, str], dict[str, Any]]:
    named = [dict(zip((c.name for c in table.columns), row, strict=True)) for row in table.rows]
    return {(row["site"], row["outcome"], row["piece"]): row for row in named}


def context(*held: Held) -> ReleaseContext:
    return ReleaseContext(date(2026, 5, 1), "1", held=held, labels=LABELS, framework=FRAMEWORK)


@pytest.mark.parametrize(
    ("indicator", "values", "status", "note", "finding", "direction"),
    [
        ("identify", (6, 2, 10, 0.01), "rounded", None, "better", "for"),
        ("identify", (-6, -10, -2, 0.01), "rounded", None, "worse", "against"),
        ("prevent", (-6, -10, -2, 0.01), "rounded", None, "better", "for"),  # a scale on which less is better
        ("identify", (6, 0, 12, 0.05), "rounded", None, "no_clear_change", "neither"),
        ("identify", (6, 2, 10, 0.01), "rounded", "Base of fewer than 30: indicative.", "indicative", "unclear"),
        ("identify", (6, None, None, None), "rounded", None, "no_interval", "unclear"),
        ("identify", (None, None, None, None), "not_comparable", None, "not_comparable", "unclear"),
        ("identify", (None, None, None, None), "suppressed", "Too few.", "not_available", "unclear"),
    ],
)
def test_a_finding_is_what_the_published_figures_say(
    indicator: str, values: tuple[Any, ...], status: str, note: str | None, finding: str, direction: str
) -> None:
    found = rows(evidence_table(context(), [], changes(indicator, values, status, note), []))
    row = found["glasgow", indicator, f"{indicator} community panel w1 w2"]
    assert (row["finding"], row["direction"], row["is_headline"]) == (finding, direction, True)


def test_a_headline_without_any_change_is_said_to_have_none() -> None:
    table = evidence_table(context(), [], None, [])
    assert {row["finding"] for row in rows(table).values()} == {"not_available"}
    assert len(table.rows) == 12, "three outcomes at each of four sites"


def test_only_approved_stories_are_evidence_by_their_domain() -> None:
    told = StoryText("GL-001", "glasgow", None, "knowledge", "share", "", None)
    learnt = StoryText("L-GL-01", "glasgow", None, "knowledge", "share", "", None, kind=TextKind.LEARNING)
    table = evidence_table(context(), [], None, [told, learnt])
    assert [key for key, row in rows(table).items() if row["kind"] == "story"] == [("glasgow", "identify", "GL-001")]


def test_a_piece_of_a_held_source_says_that_it_is_of_an_earlier_return() -> None:
    piece = EvidencePiece("stoke", "address", "delivery", "hsb_training", "group", False, "as_designed", "Limits.")
    other = piece._replace(site="plymouth")
    held = Held("stoke", "activity", date(2026, 4, 1), "shrunk")
    found = rows(evidence_table(context(held), [piece, other], None, []))
    assert found["stoke", "address", "hsb_training"]["limits"] == "Limits. It is from an earlier return."
    assert found["plymouth", "address", "hsb_training"]["limits"] == "Limits."


def test_the_page_calls_a_change_by_population_and_waves_and_says_its_limit_once() -> None:
    table = evidence_table(context(), [], changes("identify", (6, 2, 10, 0.01)), [])
    columns = tuple(
        ReleaseColumn(name, pa.string(), "") for name in ("outcome", "name", "statement", "headline_indicator")
    )
    outcomes = ReleaseTable("code_outcome", "", "", columns, 1, (("identify", "Identify", "They notice.", "identify"),))
    labels = LABELS | {"sites": [{"site": site, "name": site} for site in ("glasgow", "grimsby", "plymouth", "stoke")]}
    (section,) = evidence_sections(ReleaseView({"as_of": "2026-05-01", "labels": labels}, [table, outcomes]))
    headline = section.blocks[0]
    waves = (PeriodText("wave 1"), " and ", PeriodText("wave 2"), ", the same people")
    assert headline.rows[0][1:] == ("Residents", waves, "Better", "for", "Measured")
    assert [row[1] for row in headline.rows[1:]] == ["none published"] * 3, "the other sites have no change"
    assert len(section.answers) == 3, "the outcome's statement, and a limit for each of two findings"
