"""What the safeguarding screen finds, what it leaves alone, and that it never says a word of a text."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import openpyxl
import pyreadstat
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tfc_platform.ingest.safeguarding_screen import RULES_FILE, ScreenRules, load_rules
from tfc_platform.ingest.word_patterns import Span, Step, stand
from tfc_platform.settings import ConfigurationError

SENTENCES = yaml.safe_load(Path(__file__).with_name("safeguarding_sentences.yaml").read_text(encoding="utf-8"))
MENDED_ON = ["tuned", "second_round", "third_round", "fourth_round"]
RULES = load_rules()
HARM = [sentence for name in MENDED_ON for sentence in SENTENCES[name]["harm"]]
ORDINARY = [sentence for name in MENDED_ON for sentence in SENTENCES[name]["ordinary"]]


def missed(sentences: list[str]) -> list[str]:
    return [sentence for sentence in sentences if not RULES.screen(sentence)]


def flagged(sentences: list[str]) -> list[str]:
    return [sentence for sentence in sentences if RULES.screen(sentence)]


# What it finds, measured


@pytest.mark.parametrize("name", MENDED_ON)
def test_recall_and_false_alarms_where_the_rules_were_mended(name: str) -> None:
    harm, ordinary = SENTENCES[name]["harm"], SENTENCES[name]["ordinary"]
    assert len(missed(harm)) <= 0.05 * len(harm), missed(harm)
    assert len(flagged(ordinary)) <= 0.03 * len(ordinary), flagged(ordinary)


@pytest.mark.parametrize(("kind", "floor"), [("harm_plain", 0.95), ("harm_misspelt", 0.75), ("harm_indirect", 0.25)])
def test_recall_on_sentences_that_no_rule_was_written_from(kind: str, floor: float) -> None:
    """Floors a little below what was measured once (docs/safeguarding.md): a change that costs recall shows here."""
    harm = SENTENCES["held_out"][kind]
    assert 1 - len(missed(harm)) / len(harm) >= floor, missed(harm)


def test_recall_and_false_alarms_held_out() -> None:
    held_out = SENTENCES["held_out"]
    harm = [sentence for kind in ("harm_plain", "harm_misspelt", "harm_indirect") for sentence in held_out[kind]]
    assert 1 - len(missed(harm)) / len(harm) >= 0.67
    assert len(flagged(held_out["ordinary"])) / len(held_out["ordinary"]) <= 0.08, flagged(held_out["ordinary"])


def test_the_sentences_are_many_and_none_stands_twice() -> None:
    held_out = SENTENCES["held_out"]
    every = [*HARM, *ORDINARY, *(sentence for kind in held_out for sentence in held_out[kind])]
    assert all(isinstance(sentence, str) for sentence in every)
    assert len({sentence.casefold() for sentence in every}) == len(every)
    assert len(SENTENCES["tuned"]["harm"]) >= 120
    assert len(SENTENCES["tuned"]["ordinary"]) >= 150
    assert sum(len(held_out[kind]) for kind in held_out if kind != "ordinary") >= 60
    assert len(held_out["ordinary"]) >= 60


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("she told me her uncle hurts her at night", "physical.struck"),
        ("a girl said a man touched her and told her to keep it secret", "sexual.touched"),
        ("a girl said a man touched her and told her to keep it secret", "secrets.told_to_keep"),
        ("dont feel safe at hom sometimes", "fear.of_home"),
        ("the child is always hungry, no food in the house", "neglect.hungry"),
        ("left home alone all night", "neglect.left_alone"),
        ("she wants to die", "self_harm.suicide"),
        ("he cuts himself", "self_harm.hurting_self"),
        ("she will be forced to marry a cousin abroad", "harmful_practice.forced_marriage"),
        ("aunties said she will be cut on holiday", "harmful_practice.fgm"),
        ("ran away from home again", "missing.run_away"),
        ("a stranger asked her for nudes online", "online.images"),
        ("an older man bought him vodka", "exploitation.older_person"),
        ("he carries drugs for the gang", "exploitation.criminal"),
        ("he had a knife and threatened her", "threat.weapon"),
        ("covered in bruises", "physical.injury"),
        ("my partner controls my money", "neglect.care_of_adult"),
        ("pupil made a disclosure, passed to DSL", "disclosure.referral"),
    ],
)
def test_a_flag_names_the_kind_of_harm(text: str, rule: str) -> None:
    assert rule in RULES.screen(text)


@pytest.mark.parametrize(
    "text", ["nobody hurt him", "she was not hit by her dad", "he never touched her", "not feeling safe"]
)
def test_a_negation_silences_nothing(text: str) -> None:
    assert RULES.screen(text)


@pytest.mark.parametrize(
    "text", ["a safe space for families", "everyone got home safe", "children felt safe and happy"]
)
def test_safe_alone_is_no_flag(text: str) -> None:
    assert RULES.screen(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "MY DAD HITS ME",
        "my dad hiiiits me",
        "my dad h1ts me",
        "my dad h*ts me",
        "my d\u200bad hi\u00adts me",
        "my ｄａｄ ｈｉｔｓ me",
        "my dád híts me",
        "my stepfahter strangeld me",
        "sum1 at home is hrting me",
        "he doesn\u2019t feel safe at home",
        "he doesn\u00b4t feel safe at home",
        "he doesn't feel safe at home",
        "he doesnae feel safe in the hoose",
        "a man toched her",
        "her uncle hurst her",
        "her brother nocks her about",
    ],
)
def test_spelling_does_not_hide_harm(text: str) -> None:
    assert RULES.screen(text)


@settings(max_examples=60, deadline=None)
@given(
    harm=st.sampled_from(HARM),
    before=st.sampled_from(SENTENCES["tuned"]["ordinary"]),
    after=st.sampled_from(SENTENCES["tuned"]["ordinary"]),
    between=st.sampled_from([". ", "\n", " - ", " – ", "; ", "! "]),
)
def test_ordinary_notes_around_it_do_not_silence_a_disclosure(harm: str, before: str, after: str, between: str) -> None:
    """A benign phrase sets aside its own words only: an assembly on abuse does not excuse what was told after it."""
    assert RULES.screen(f"{before}{between}{harm}{between}{after} (Quillon Brackwothere)")


# That it never says a word of a text


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from(" ".join(HARM).split()), max_size=40).map(" ".join))
def test_any_text_gives_sorted_ids_of_rules_and_the_same_again(text: str) -> None:
    found = RULES.screen(text)
    assert found == sorted(set(found))
    assert set(found) <= set(RULES.ids)
    assert load_rules_again().screen(text) == found


_AGAIN: list[ScreenRules] = []


def load_rules_again() -> ScreenRules:
    """Rules that have not seen the text before, so that what is remembered is compared with what is judged."""
    if not _AGAIN:
        _AGAIN.append(load_rules())
    return _AGAIN[0]


def test_the_rules_keep_no_text() -> None:
    rules = load_rules()
    rules.screen("Perrivale Okonjobi said dad hits her")
    assert not any("okonjobi" in repr(key).casefold() for key in rules._judged)


# Matching and spelling, against doing it the long way

STEPS = st.builds(
    Step,
    groups=st.frozensets(st.integers(0, 3), min_size=1, max_size=2),
    gap=st.integers(0, 3),
    either_side=st.booleans(),
    set_aside=st.just(True),
)
SPANS = st.tuples(st.integers(0, 12), st.integers(0, 2)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def near(step: Step, before: Span, after: Span) -> bool:
    if after[0] > before[1]:
        return after[0] - before[1] - 1 <= step.gap
    return step.either_side and after[1] < before[0] and before[0] - after[1] - 1 <= step.gap


@settings(max_examples=300, deadline=None)
@given(
    steps=st.lists(STEPS, min_size=1, max_size=4).map(tuple),
    spans=st.dictionaries(st.integers(0, 3), st.lists(SPANS, min_size=1, max_size=4, unique=True)),
)
def test_stand_gives_the_places_that_trying_all_ways_gives(
    steps: tuple[Step, ...], spans: dict[int, list[Span]]
) -> None:
    choices = [sorted({span for group in step.groups for span in spans.get(group, ())}) for step in steps]
    ways = [
        way
        for way in product(*choices)
        if all(near(step, *pair) for step, pair in zip(steps[1:], pairwise(way), strict=True))
    ]
    expected = [sorted({way[index] for way in ways}) for index in range(len(steps))] if ways else []
    assert stand(steps, {group: sorted(places) for group, places in spans.items()}) == expected


@settings(max_examples=200, deadline=None)
@given(
    word=st.sampled_from(
        ["strangled", "threatened", "boyfriend", "frightened", "bruises", "touched", "stepdad", "punched"]
    ),
    place=st.integers(1, 20),
    letter=st.sampled_from("abcdefghijklmnopqrstuvwxyz"),
    slip=st.sampled_from(["missing", "extra", "other", "swapped"]),
)
def test_one_slip_after_the_first_letter_is_seen_through(word: str, place: int, letter: str, slip: str) -> None:
    at = 1 + place % (len(word) - 1)
    written = {
        "missing": word[:at] + word[at + 1 :],
        "extra": word[:at] + letter + word[at:],
        "other": word[:at] + letter + word[at + 1 :],
        "swapped": word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word,
    }[slip]
    found = RULES.vocabulary.candidates(written)
    another_word = written in RULES.vocabulary or not found  # "punched" with a slip may be "bunched", which is ordinary
    assert word in found or another_word
    if written not in RULES.vocabulary and not found:
        assert any(written in line.split() for line in yaml.safe_load(RULES_FILE.read_text())["ordinary_words"])


@pytest.mark.parametrize(
    "word", ["seat", "heart", "hunt", "shared", "stared", "homes", "boats", "rapid", "killer", "county"]
)
def test_an_ordinary_word_is_no_misspelling(word: str) -> None:
    assert RULES.vocabulary.candidates(word) <= {word}


# Rules are data


def write(folder: Path, **changes: object) -> Path:
    content: dict[str, object] = {
        "version": 1,
        "text_speak": {"u": "you"},
        "ordinary_words": ["seat"],
        "groups": {"kin": ["mum/s, dad/s, step dad"], "hit": ["hit/s/ting, beat/s"]},
        "benign": [{"reason": "A turn of phrase.", "patterns": ["[hit] ~0 the target"]}],
        "rules": [{"id": "physical.hit", "reason": "A person struck.", "patterns": "@kin ~2 @hit\n@hit <1> @kin"}],
    }
    content.update(changes)
    file = folder / "rules.yaml"
    file.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return file


def test_a_rules_file_of_ones_own(tmp_path: Path) -> None:
    rules = load_rules(write(tmp_path))
    assert rules.screen("Mum always hits him") == ["physical.hit"]
    assert rules.screen("hit by mum") == ["physical.hit"], "either side"
    assert rules.screen("mum went out and then he hit a ball") == [], "too far"
    assert rules.screen("mum. dad's step dad. hits") == ["physical.hit"], "a full stop is two words"
    assert rules.screen("mums hit the target") == [], "set aside"
    assert rules.screen("mums hit the target and hit dad") == ["physical.hit"], "that hit alone is set aside"
    assert rules.screen("mum saeb a seat") == []


def test_the_digest_tells_one_version_from_another(tmp_path: Path) -> None:
    first = load_rules(write(tmp_path))
    second = load_rules(write(tmp_path, ordinary_words=["seat", "heat"]))
    assert first.digest != second.digest
    assert first.digest == load_rules(write(tmp_path)).digest
    assert second.screen_id == f"v1-{second.digest[:12]}"


RULE = {"id": "physical.hit", "reason": "A person struck.", "patterns": ["@kin ~2 @hit"]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted"),
        ({"rules": [{**RULE, "regex": "x"}]}, r"rules\.0\.regex: Extra inputs"),
        ({"rules": [{**RULE, "id": "Physical hit"}]}, r"rules\.0\.id: String should match"),
        ({"rules": [{**RULE, "reason": ""}]}, r"rules\.0\.reason: String should have at least"),
        ({"rules": [{**RULE, "patterns": []}]}, r"rules\.0\.patterns: "),
        ({"rules": []}, "rules: List should have at least 1"),
        ({"rules": [RULE, RULE]}, "rules: an id is written twice"),
        ({"rules": [{**RULE, "patterns": ["@kin ~2 @stone"]}]}, r"rules\.physical\.hit: there is no group @stone"),
        (
            {"rules": [{**RULE, "patterns": ["@kin ~2 "]}]},
            r"rules\.physical\.hit: '@kin ~2 ': nothing stands before or after ~2",
        ),
        (
            {"rules": [{**RULE, "patterns": ["@kin|"]}]},
            r"rules\.physical\.hit: '@kin\|': nothing stands before or after",
        ),
        ({"rules": [{**RULE, "patterns": ["@kin ~2 Hit!"]}]}, r"rules\.physical\.hit: 'Hit!' is not a word in small"),
        ({"rules": [{**RULE, "patterns": ["a b c d e f g h i"]}]}, r"rules\.physical\.hit: .*more than 8 words"),
        ({"benign": [{"reason": "A turn of phrase.", "patterns": ["@none"]}]}, r"benign\.0: there is no group @none"),
        ({"groups": {"kin": ["mum"], "hit": ["hit"], "idle": ["x"]}}, "groups.idle is used by no pattern"),
        ({"groups": {"kin": ["mum,,dad"], "hit": ["hit"]}}, r"rules\.physical\.hit: @kin has an empty entry"),
        ({"groups": {"kin": ["@hit"], "hit": ["@kin"]}}, r"rules\.physical\.hit: @kin is made of itself"),
    ],
)
def test_a_wrong_rule_is_refused_by_file_and_key(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=r"/rules\.yaml: " + message):
        load_rules(write(tmp_path, **changes))


def test_a_file_that_is_no_rules_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"/absent\.yaml: no such rules file"):
        load_rules(tmp_path / "absent.yaml")
    file = tmp_path / "rules.yaml"
    file.write_text("rules: ]", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"/rules\.yaml: line 1: this is not YAML"):
        load_rules(file)
    file.write_text("groups: {a: [b], a: [c]}", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"/rules\.yaml: line 1: the key 'a' is written twice"):
        load_rules(file)


# Speed: processor time, with room for a slow machine


def test_five_thousand_texts_and_one_very_long_one_are_quick() -> None:
    rules = load_rules()
    rules.screen("the first text builds the neighbours")
    texts = [f"{sentence} {number}" for number in range(15) for sentence in [*HARM, *ORDINARY]][:5000]
    began = time.process_time()
    for text in texts:
        rules.screen(text)
    assert time.process_time() - began < 2.5
    began = time.process_time()
    rules.screen("he she they hit him her dad mum " * 3000)
    assert time.process_time() - began < 10


# The returns of the other folder: what was planted there, and nothing else


def cells(root: Path) -> Iterator[tuple[str, int, str]]:
    """Every text cell of every readable file, as (file, row, text): rows as their sender sees them."""
    for file in sorted(root.rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.suffix == ".xlsx":
            try:
                book = openpyxl.load_workbook(file, data_only=True)
            except Exception:  # a truncated or a lock file, of which the reader's tests speak
                continue
            for sheet in book:
                yield from (
                    (name, cell.row, cell.value)
                    for row in sheet.iter_rows()
                    for cell in row
                    if isinstance(cell.value, str)
                )
        elif file.suffix == ".sav":
            frame, _ = pyreadstat.read_sav(str(file))
            for column in frame.columns:
                yield from ((name, row, text) for row, text in enumerate(frame[column], 1) if isinstance(text, str))
        elif file.suffix == ".csv":
            content = file.read_bytes()
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
            first = text.partition("\n")[0]
            lines = csv.reader(
                text.splitlines(keepends=True), delimiter=";" if first.count(";") > first.count(",") else ","
            )
            yield from ((name, row, cell) for row, line in enumerate(lines, 1) for cell in line)


@pytest.mark.shared
def test_the_planted_disclosures_and_no_other_cell_of_the_returns(shared: Path) -> None:
    returns = shared / "returns"
    planted = {
        (flag["file"], flag["row"]) for flag in json.loads((returns / "answers.json").read_text())["safeguarding_flags"]
    }
    first = [(file, row, text) for file, row, text in cells(returns / "night1") if RULES.screen(text)]
    assert {(file, row) for file, row, _ in first} == planted
    again = {text for _, _, text in first}
    second = list(cells(returns / "night2"))
    assert {text for _, _, text in second if RULES.screen(text)} == {text for _, _, text in second if text in again}
