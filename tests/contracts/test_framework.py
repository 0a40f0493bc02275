"""The framework: what it refuses, what a further folder adds, and that its page is the one that it draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tfc_platform.contracts.catalogue import PACKAGED, load_catalogue
from tfc_platform.contracts.framework import FINDINGS, Framework, KnownNames, read_framework
from tfc_platform.contracts.framework_page import framework_page
from tfc_platform.contracts.reference import Activity, Site
from tfc_platform.settings import ConfigurationError

READINGS = "\n".join(
    f"  {kind}: {{{', '.join(f'{finding}: *r' for finding in sorted(findings))}}}"
    for kind, findings in FINDINGS.items()
)
WHOLE = f"""\
goals: {{safe: {{name: Children are safe}}}}
sites: {{east: [safe]}}
outcomes:
  notice: {{name: Notice, statement: People notice., goals: [safe], indicators: [know, K1]}}
activities: {{choir: [notice]}}
story_domains: {{confidence: [notice]}}
learning_tags: {{noticing: [notice]}}
targets: [{{indicator: know, baseline_wave: w1, target: 70, site: east}}]
evidence:
{READINGS.replace("*r", "&r {direction: for, grade: measured, limits: Some.}", 1)}
"""


@pytest.fixture
def known() -> KnownNames:
    return KnownNames(
        sites=[Site(site="east", name="East", nation="Wales")],
        codebooks={book.instrument: book for book in load_catalogue().codebooks},
        activities=[
            Activity(site="east", activity="choir", name="Choir", tier="primary", audience="families", designed_hours=1)
        ],
        story_domains={"confidence"},
        learning_tags={"noticing"},
    )


def read(tmp_path: Path, known: KnownNames, *texts: str) -> Framework:
    paths = []
    for number, text in enumerate(texts):
        folder = tmp_path / f"folder{number}"
        folder.mkdir()
        paths.append(folder / "framework.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    return read_framework(paths, known)


def test_a_framework_links_what_it_names(tmp_path: Path, known: KnownNames) -> None:
    rows = read(tmp_path, known, WHOLE).reference_rows()
    assert rows["ref_outcome"] == [
        {"site": "east", "outcome": "notice", "name": "Notice", "statement": "People notice."}
    ]
    assert [(row["kind"], row["code"], row["is_headline"]) for row in rows["ref_outcome_link"]] == [
        ("indicators", "know", True),
        ("indicators", "K1", False),
        ("activities", "choir", False),
        ("story_domains", "confidence", False),
        ("learning_tags", "noticing", False),
    ]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[know, K1]", "[know, K77]", "outcomes.notice.indicators: 'K77' is an indicator of no codebook."),
        ("[know, K1]", "[]", "outcomes.notice.indicators: Tuple should have at least 1 item"),
        ("[know, K1]", "[know, know]", "indicators: 'know' is given twice"),
        ("choir: [notice]", "band: [notice]", "activities: 'band' is in no activities.csv."),
        ("choir: [notice]", "choir: [act]", "activities.choir: 'act' is no outcome of the framework."),
        ("confidence: [", "joy: [", "story_domains: 'joy' is a domain of no story contract."),
        ("noticing: [", "seeing: [", "learning_tags: 'seeing' is a tag of no learning contract."),
        ("goals: [safe]", "goals: [rich]", "outcomes.notice.goals: 'rich' is no goal of the framework."),
        ("{east: [safe]}", "{west: [safe]}", "sites: 'west' is in no sites.yaml."),
        ("{east: [safe]}", "{east: []}", "goals: 'safe' is a goal that no site works on."),
        ("{indicator: know", "{indicator: think", "targets: 'think' is an indicator of no outcome."),
        ("target: 70", "target: 101", "targets: the target of 'know' is outside 0 to 100."),
        ("worse: *r", "worst: *r", "evidence.survey_change: 'worst' is a finding that nothing works out."),
        (", worse: *r", "", "evidence.survey_change: 'worse' is a finding without a reading."),
        ("targets:", "aims: []\ntargets:", "aims: Extra inputs are not permitted."),
    ],
)
def test_what_cannot_be_is_refused_with_its_key(
    tmp_path: Path, known: KnownNames, old: str, new: str, sentence: str
) -> None:
    assert old in WHOLE
    with pytest.raises(ConfigurationError) as refused:
        read(tmp_path, known, WHOLE.replace(old, new, 1))
    assert sentence in str(refused.value)


def test_a_goal_of_a_further_folder_needs_a_site_that_works_on_it(tmp_path: Path, known: KnownNames) -> None:
    more = "goals: {heard: {name: Children are heard}}\nactivities: {}\n"
    with pytest.raises(ConfigurationError, match="'heard' is a goal that no site works on"):
        read(tmp_path, known, WHOLE, more)


def test_an_outcome_that_is_given_twice_is_refused(tmp_path: Path, known: KnownNames) -> None:
    again = "outcomes:\n  notice: {name: Notice, statement: Again., goals: [safe], indicators: [do]}\n"
    with pytest.raises(ConfigurationError, match=r"folder1/framework.yaml: outcomes: 'notice' is given twice\."):
        read(tmp_path, known, WHOLE, again)


def test_no_framework_is_none(tmp_path: Path, known: KnownNames) -> None:
    assert read_framework([], known) == Framework()


def test_a_framework_in_error_leaves_the_last_good_one(folder: Callable[..., Path], tmp_path: Path) -> None:
    """A slip in the framework of a site's folder stops no night: what was kept of it holds, and the slip is a fault."""
    root, kept = folder(), tmp_path / "kept"
    (kept / "1").mkdir(parents=True)
    (kept / "1" / "framework.yaml").write_text("activities: {choir: [prevent]}\n", encoding="utf-8")
    (root / "framework.yaml").write_text("activities: {choir: [nowhere]}\n", encoding="utf-8")
    catalogue = load_catalogue([root], kept)
    assert "choir" in catalogue.framework.linked("activities", "prevent")
    assert [fault.file for fault in catalogue.faults] == ["framework.yaml"]


def test_the_page_is_the_one_that_the_framework_draws() -> None:
    page = PACKAGED.parents[1] / "docs" / "framework.md"
    assert page.read_text(encoding="utf-8") == framework_page(load_catalogue()), "run `make framework`"
