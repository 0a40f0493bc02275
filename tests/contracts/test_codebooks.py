"""Codebooks: a wrong one is named with file and key, a right one says what the published scoring says.

The published figures here are copied from the sources that the codebooks name, not from the codebooks.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.catalogue import PACKAGED, Catalogue, load_catalogue
from tfc_platform.contracts.codebooks import Codebook, half_up
from tfc_platform.settings import ConfigurationError

CODEBOOK = """\
instrument: mood
name: Mood
version: '1'
informant: self
licence: Open.
source: Made up for this test.
wording: own
responses:
  agreement: {minimum: 1, maximum: 5, labels: {1: 'No', 5: 'Yes'}, positive_from: 4}
  ladder: {minimum: 0, maximum: 2}
items:
  M1: {response: agreement, constructs: [calm], dont_know: not_positive, wording: I am calm.}
  M2: {response: agreement, wording: I fret.}
  M3: {response: ladder}
  M4: {response: ladder}
reversed: [M2]
scales:
  calm: {name: Calm, method: mean_rescaled, items: [M1, M2], minimum_answered: 1, range: [0, 100], higher_is: better}
  height:
    name: Height
    method: sum_table
    items: [M3, M4]
    minimum_answered: 2
    range: [0, 9]
    higher_is: better
    table: {0: 0, 1: 1.5, 2: 3, 3: 5, 4: 9}
    bands: {usual: [{band: low, lowest: 0, highest: 3}, {band: high, lowest: 5, highest: 9}]}
"""
COMPARABILITY = "- {instrument: mood, indicator: calm, comparable: false, reason: Another wording since.}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """A contracts' folder with codebooks and nothing else."""

    def write(comparability: str = COMPARABILITY, **codebooks: str) -> Path:
        root = tmp_path / "contracts"
        texts = {f"codebooks/{name}.yaml": text for name, text in (codebooks or {"mood": CODEBOOK}).items()}
        for name, text in {**texts, "comparability/ours.yaml": comparability}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    return write


@pytest.fixture(scope="module")
def packaged() -> Catalogue:
    return load_catalogue()


def book(catalogue: Catalogue, instrument: str) -> Codebook:
    return next(found for found in catalogue.codebooks if found.instrument == instrument)


def test_a_codebook_in_another_folder_is_in_the_reference_tables(folder: Callable[..., Path]) -> None:
    catalogue = load_catalogue([folder()])
    tables = {name: table.to_pylist() for name, table in catalogue.reference_tables().items()}
    own = {name: [row for row in rows if row.get("instrument") == "mood"] for name, rows in tables.items()}
    assert [row["name"] for row in own["ref_instrument"]] == ["Mood"]
    assert own["ref_item"][1] == {
        "instrument": "mood",
        "item": "M2",
        "constructs": [],
        "wording": "I fret.",
        "minimum": 1,
        "maximum": 5,
        "is_reversed": True,
        "positive_from": 4,
        "dont_know_in_base": False,
    }
    assert [(row["item"], row["positive_from"], row["dont_know_in_base"]) for row in own["ref_item"]] == [
        ("M1", 4, True),
        ("M2", 4, False),
        ("M3", None, False),
        ("M4", None, False),
    ]
    assert own["ref_scale"][1] == {
        "instrument": "mood",
        "scale": "height",
        "name": "Height",
        "method": "sum_table",
        "members": 2,
        "minimum_answered": 2,
        "rounding": "none",
        "minimum": 0.0,
        "maximum": 9.0,
        "higher_is": "better",
    }
    assert [(row["scale"], row["member"], row["kind"]) for row in own["ref_scale_member"]] == [
        ("calm", "M1", "item"),
        ("calm", "M2", "item"),
        ("height", "M3", "item"),
        ("height", "M4", "item"),
    ]
    assert [(row["raw"], row["score"]) for row in own["ref_score_table"]] == [(0, 0), (1, 1.5), (2, 3), (3, 5), (4, 9)]
    assert [(row["banding"], row["band"], row["position"]) for row in own["ref_band"]] == [
        ("usual", "low", 1),
        ("usual", "high", 2),
    ]
    (comparability,) = own["ref_comparability"]
    assert (comparability["indicator"], comparability["site"], comparability["comparable"]) == ("calm", None, False)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("items: [M1, M2], min", "items: [M1, M9], min", "scales.calm.items: 'M9' is not in the codebook"),
        ("items: [M1, M2], min", "items: [M1, M1], min", "scales.calm: .*items: 'm1' is given twice"),
        ("items: [M1, M2], min", "items: [], min", "scales.calm: .*items: mean_rescaled is made of items"),
        ("items: [M1, M2], min", "items: [M1, M3], min", "scales.calm.items: they are answered on different points"),
        ("items: [M1, M2], min", "scales: [height], min", "scales.calm: .*items: mean_rescaled is made of items"),
        ("mean_rescaled, items: [M1, M2]", "sum_of_scales, scales: [depth]", "scales.calm.scales: 'depth' is not in"),
        ("mean_rescaled, items: [M1, M2]", "sum_of_scales, scales: [calm]", "scales.calm.scales: 'calm' is itself"),
        ("mean_rescaled, items", "single_item, items", "scales.calm: .*single_item has one"),
        ("minimum_answered: 1,", "minimum_answered: 3,", "scales.calm: .*minimum_answered: more than the 2"),
        ("minimum_answered: 1,", "minimum_answered: 0,", "scales.calm.minimum_answered"),
        ("minimum_answered: 2\n", "minimum_answered: 1\n", "scales.height: .*is never prorated"),
        ("range: [0, 100]", "range: [1, 5]", r"scales.calm.range: its scores run from 0 to 100"),
        ("range: [0, 9]", "range: [0, 10]", r"scales.height.range: its scores run from 0 to 9"),
        ("higher_is: better}", "higher_is: better, rounding: half_up}", "scales.calm: .*only sum_prorated rounds"),
        ("reversed: [M2]", "reversed: [M7]", "reversed: 'M7' is not in the codebook"),
        ("reversed: [M2]", "reversed: [M2, m2]", "reversed: 'm2' is given twice"),
        ("  M3: {", "  m1: {", "items, scales: 'm1' is given twice, written alike"),
        ("  M3: {", "  calm: {", "items, scales: 'calm' is given twice"),
        ("  M3: {", "  M2: {", "line 14: the key 'M2' is written twice"),
        ("  M3: {response: ladder", "  M3: {response: rope", "items.M3.response: 'rope' is not among the responses"),
        ("2: 3, ", "", "scales.height.table: the raw sum 2 has no score"),
        ("4: 9}", "4: 9, 5: 10}", "scales.height.table.5: no answers to its items add up to this"),
        ("3: 5,", "3: 2,", "scales.height.table: the scores do not rise"),
        ("    table: {0: 0, 1: 1.5, 2: 3, 3: 5, 4: 9}\n", "", "scales.height: .*table: a scale has one exactly"),
        ("highest: 3}", "highest: 6}", "scales.height.bands.usual: low and high overlap"),
        ("highest: 3}", "highest: 2}", "scales.height.bands.usual: the score 3 has no band"),
        ("lowest: 5, highest: 9", "lowest: 9, highest: 5", "scales.height.bands.usual.1: .*lowest: above highest"),
        ("{band: high,", "{band: low,", "scales.height.bands.usual: 'low' is given twice"),
        (
            "{band: high, lowest: 5",
            "{band: mid, lowest: 4, highest: 4.5}, {band: high, lowest: 5",
            "usual.mid: no answers",
        ),
        ("5: 'Yes'", "6: 'Yes'", "responses.agreement: .*labels.6: not a point"),
        ("5: 'Yes'", "5: 'NO'", "responses.agreement: .*labels: 'no' is the label of two points"),
        ("positive_from: 4", "positive_from: 6", "responses.agreement: .*positive_from: every answer would be"),
        ("minimum: 0, maximum: 2", "minimum: 2, maximum: 2", "responses.ladder: .*minimum: not below maximum"),
        ("wording: own", "wording: not_reproduced", "items.M1.wording: the codebook says that its wording is not"),
        ("dont_know: not_positive", "dont_know: wrong", "items.M1.dont_know"),
        ("licence: Open.", "license: Open.", "licence: Field required|license: Extra"),
    ],
)
def test_a_wrong_codebook_names_file_and_key(folder: Callable[..., Path], old: str, new: str, told: str) -> None:
    assert old in CODEBOOK
    with pytest.raises(ConfigurationError, match=f"^codebooks/mood.yaml: .*({told})"):
        load_catalogue([folder(mood=CODEBOOK.replace(old, new))])


def test_one_instrument_has_one_codebook(folder: Callable[..., Path]) -> None:
    with pytest.raises(ConfigurationError, match=r"codebooks/other.yaml: instrument: 'mood' has .*codebooks/mood.yaml"):
        load_catalogue([folder(mood=CODEBOOK, other=CODEBOOK)])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("{instrument: temper, comparable: false, reason: Another wording.}", "0.instrument: 'temper' has no codebook"),
        (
            "{instrument: mood, indicator: M3, comparable: false, reason: Another wording.}",
            "0.indicator: 'M3' is neither",
        ),
        (
            "{instrument: mood, site: nowhere, comparable: false, reason: Another one.}",
            "0.site: 'nowhere' is in no",
        ),
        ("{instrument: mood, comparable: false}", "0.reason: Field required"),
    ],
)
def test_wrong_comparability_names_file_and_key(folder: Callable[..., Path], row: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"comparability/ours.yaml: {told}"):
        load_catalogue([folder(comparability=f"- {row}\n")])


SURVEY: dict[str, Any] = {
    "source": "surveys",
    "sites": ["elsewhere"],
    "record": "survey_respondent",
    "owner": "team",
    "description": "Surveys.",
    "files": "surveys/*.csv",
    "name": r"(?P<population>\w+) (?P<wave>w\d)\.csv",
    "return": {"key": "{population} {wave}"},
    "read": {"format": "csv"},
    "columns": {"respondent_id": {"header": "id", "type": "token", "required": True}},
}
POINTS = {str(point): point for point in range(1, 6)}


def survey(*answers: dict[str, Any], instrument: str = "mood") -> str:
    return yaml.safe_dump({**SURVEY, "survey": {"tool": "x", "instrument": instrument, "answers": list(answers)}})


def group(*items: str, **more: Any) -> dict[str, Any]:
    return {"items": {item: f"q {item}" for item in items}, "codes": [{"values": POINTS}], **more}


def with_survey(root: Path, text: str) -> Path:
    (root / "sites.yaml").write_text("- {site: elsewhere, name: Elsewhere, nation: Wales}\n")
    place = root / "sources" / "elsewhere" / "surveys.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (survey(group("M1"), instrument="temper"), "survey.instrument: 'temper' has no codebook"),
        (survey(group("M1", instrument="temper")), "survey.answers.0.instrument: 'temper' has no codebook"),
        (survey(group("M1", "M9")), "survey.answers.0.items: 'M9' is not an item of mood"),
        (survey(group("M1"), group("M3")), "survey.answers.1.codes: '3' means 3, and M3 is answered from 0 to 2"),
        (survey(group("M1"), group("M1")), "survey: .*answers.0, answers.1: 'M1' is in both, for one file"),
        (survey(group("M1"), group("M1", instrument="other")), "survey: .*'M1' is in both, for one file"),
        (survey(group("M1"), group("M2", instrument="other")), "'M1' is an indicator of both mood and other"),
    ],
)
def test_a_survey_that_its_codebooks_do_not_know(folder: Callable[..., Path], text: str, told: str) -> None:
    other = CODEBOOK.replace("instrument: mood", "instrument: other")
    root = with_survey(folder(mood=CODEBOOK, other=other), text)
    with pytest.raises(ConfigurationError, match=f"^elsewhere/surveys.yaml: .*{told}"):
        load_catalogue([root])


def choices(*items: str, **more: Any) -> str:
    question = {"columns": {item: f"q {item}" for item in items}, "blank": "not_asked", **more}
    survey = {"tool": "x", "instrument": "mood", "choices": [question]}
    return yaml.safe_dump({**SURVEY, "survey": survey})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (choices("M9"), "survey.choices.0: 'M9' is not an item of mood"),
        (choices("M1"), r"survey.choices.0: an option is chosen \(1\) or not \(0\), and M1 is answered from 1 to 5"),
        (choices("M3"), "survey.choices.0: .* M3 is answered from 0 to 2"),
        (choices("M1", instrument="temper"), "survey.choices.0.instrument: 'temper' has no codebook"),
        (choices("M1", separator=";"), "survey.choices.0: .*separator: a question with a column an option has none"),
    ],
)
def test_options_that_their_codebook_does_not_know(folder: Callable[..., Path], text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^elsewhere/surveys.yaml: {told}"):
        load_catalogue([with_survey(folder(mood=CODEBOOK), text)])


def test_two_versions_of_an_instrument_may_follow_each_other(folder: Callable[..., Path]) -> None:
    later = CODEBOOK.replace("instrument: mood", "instrument: mood_2")
    text = survey(group("M1", when={"wave": "w1"}), group("M1", when={"wave": ["w2", "w3"]}, instrument="mood_2"))
    catalogue = load_catalogue([with_survey(folder(mood=CODEBOOK, later=later), text)])
    found = catalogue.contract("elsewhere", "surveys").survey
    assert found is not None
    assert [answers.instrument for answers in found.answers] == [None, "mood_2"]


def test_licensed_wording_stands_nowhere(packaged: Catalogue) -> None:
    for codebook in packaged.codebooks:
        if codebook.wording == "not_reproduced":
            assert {item.wording for item in codebook.items.values()} == {None}, codebook.instrument
            assert not any(response.labels for response in codebook.responses.values()), codebook.instrument


def test_the_core_is_a_lattice_with_two_reversed_items(packaged: Catalogue) -> None:
    core = book(packaged, "tfc_core_1")
    lattice = {item.constructs for item in core.items.values()}
    assert lattice == {(one, other) for one in ("know", "think", "do") for other in ("identify", "address", "prevent")}
    assert set(core.reversed) == {"T2", "D3"}
    in_base = {code for code, item in core.items.items() if item.dont_know == "not_positive"}
    assert in_base == {"K1", "K2", "K3"}
    for name, scale in core.scales.items():
        assert {code for code, item in core.items.items() if name in item.constructs} == set(scale.items), name
        assert (scale.minimum_answered, scale.method, len(scale.items)) == (2, "mean_rescaled", 3)


# domain.md 3.1: identical in three independent public scripts.
PUBLISHED = (
    "7:7.00 8:9.51 9:11.25 10:12.40 11:13.33 12:14.08 13:14.75 14:15.32 15:15.84 16:16.36 17:16.88 18:17.43 19:17.98"
    " 20:18.59 21:19.25 22:19.98 23:20.73 24:21.54 25:22.35 26:23.21 27:24.11 28:25.03 29:26.02 30:27.03 31:28.13"
    " 32:29.31 33:30.70 34:32.55 35:35.00"
)


def test_the_metric_table_is_the_published_one(packaged: Catalogue) -> None:
    (scale,) = book(packaged, "swemwbs").scales.values()
    assert scale.table == {int(raw): float(score) for raw, score in (pair.split(":") for pair in PUBLISHED.split())}
    assert (scale.minimum_answered, len(scale.items)) == (7, 7)


def test_four_questions_of_wellbeing_make_no_total(packaged: Catalogue) -> None:
    ons = book(packaged, "ons4")
    assert {scale.method for scale in ons.scales.values()} == {"single_item"}
    assert [name for name, scale in ons.scales.items() if scale.higher_is == "worse"] == ["ons_anxious"]
    bands = {name: [(b.lowest, b.highest) for b in scale.bands["ons"]] for name, scale in ons.scales.items()}
    assert bands.pop("ons_anxious") == [(0, 1), (2, 3), (4, 5), (6, 10)]
    assert set(map(tuple, bands.values())) == {((0, 4), (5, 6), (7, 8), (9, 10))}


def test_difficulties_have_the_published_scales_and_bands(packaged: Catalogue) -> None:
    sdq = book(packaged, "sdq_teacher")
    upper = {
        name: [band.highest for band in sorted(scale.bands["four_band"], key=lambda band: band.lowest)]
        for name, scale in sdq.scales.items()
    }
    assert upper == {  # domain.md 3.2, the four bands of a teacher's questionnaire
        "sdq_total": [11, 15, 18, 40],
        "sdq_emotional": [3, 4, 5, 10],
        "sdq_conduct": [2, 3, 4, 10],
        "sdq_hyperactivity": [5, 7, 8, 10],
        "sdq_peer": [2, 4, 5, 10],
        "sdq_prosocial": [3, 4, 5, 10],
    }
    assert "sdq_prosocial" not in sdq.scales["sdq_total"].scales
    of_scales = [item for scale in sdq.scales.values() for item in scale.items]
    assert sorted(of_scales) == sorted(sdq.items), "every item is in one scale"
    reversed_by_scale = {name: set(scale.items) & set(sdq.reversed) for name, scale in sdq.scales.items()}
    assert {name: len(items) for name, items in reversed_by_scale.items() if items} == {
        "sdq_conduct": 1,
        "sdq_hyperactivity": 2,
        "sdq_peer": 2,
    }


def test_every_score_that_can_be_is_known(packaged: Catalogue) -> None:
    core, sdq = book(packaged, "tfc_core_1"), book(packaged, "sdq_teacher")
    # two answers on five points: eighths; three: twelfths
    assert core.scores("know") == {Fraction(100 * n, 8) for n in range(9)} | {Fraction(100 * n, 12) for n in range(13)}
    assert sdq.scores("sdq_peer") == set(range(11))
    assert sdq.scores("sdq_total") == set(range(41))


def test_a_half_is_rounded_upwards() -> None:
    assert [half_up(Fraction(n, 2)) for n in range(6)] == [0, 1, 1, 2, 2, 3]
    assert half_up(Fraction(20, 3)) == 7


@given(st.integers(0, 10_000), st.integers(1, 50))
def test_rounding_is_to_the_nearest(above: int, below: int) -> None:
    exact = Fraction(above, below)
    assert exact - Fraction(1, 2) < half_up(exact) <= exact + Fraction(1, 2)


def examples(name: str) -> list[str]:
    page = (PACKAGED.parents[1] / "docs" / name).read_text(encoding="utf-8")
    return [part.split("```")[0] for part in page.split("```yaml\n")[1:]]


def test_the_page_for_researchers_shows_codebooks_that_load(folder: Callable[..., Path]) -> None:
    first, second = [example for example in examples("codebooks.md") if example.startswith("instrument:")]
    (comparability,) = [example for example in examples("codebooks.md") if example.startswith("- {")]
    found = load_catalogue([folder(comparability=comparability, ours=first, options=second)])
    assert len(found.codebooks) == len(load_catalogue().codebooks) + 2


def test_the_page_on_contracts_shows_choices_and_a_group_that_load(folder: Callable[..., Path]) -> None:
    (survey,) = [example for example in examples("adding-a-site.md") if example.startswith("survey:")]
    (group,) = [example for example in examples("adding-a-site.md") if "repeats: session" in example]
    options = next(example for example in examples("codebooks.md") if example.startswith("instrument: services_1"))
    heard = options.replace("services_1", "heard_from_1").replace("  S", "  W")
    root = folder(mood=CODEBOOK, options=options, heard=heard)
    (root / "sites.yaml").write_text("- {site: northbank, name: Northbank, nation: England}\n")
    sources = root / "sources" / "northbank"
    sources.mkdir(parents=True)
    (sources / "activity.yaml").write_text(group, encoding="utf-8")
    contract = {**SURVEY, "sites": ["northbank"], "survey": yaml.safe_load(survey)["survey"]}
    (sources / "surveys.yaml").write_text(yaml.safe_dump(contract), encoding="utf-8")
    catalogue = load_catalogue([root])
    assert catalogue.contract("northbank", "activity").read.repeats == "session"
    found = catalogue.contract("northbank", "surveys").survey
    assert found is not None
    assert [question.items for question in found.choices] == [("S1", "S2", "S3"), ("W1", "W2", "W3")]
