"""The gazetteer: what the personal columns name is found however it is written, by tokens alone, file by file."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.ingest import lake_writer, reading_version
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake, reading_digest
from tfc_platform.privacy import name_tokens
from tfc_platform.privacy.name_tokens import introduced, load_words, name_keys, token, words_of
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.release.name_finder import load_finder, read_gazetteer
from tfc_platform.settings import ConfigurationError

from .conftest import KEY

Make = Callable[..., Intake]
WORDS = load_words()


def keys(text: str) -> list[str]:
    return [word.key for word in words_of(text)]


@pytest.mark.parametrize(
    ("written", "otherwise"),
    [
        ("Siobhán", "SIOBHAN"),
        ("O’Neill", "O'Neill"),
        ("Łucjan", "lucjan"),
        ("Bjørn", "Bjorn"),
        ("José", "Jose\u0301"),  # the accent as a mark of its own
        ("Wren", "W\u200bren"),  # a character that nobody sees
        ("Ｗren", "wren"),  # a wide letter
    ],
)
def test_a_name_is_one_word_however_it_is_written(written: str, otherwise: str) -> None:
    assert keys(written) == keys(otherwise)
    assert len(keys(written)) == 1


@pytest.mark.parametrize("written", ["Anne-Marie O'Dell", "anne marie o’dell", "ANNE MARIE ODELL", "Anne‐Marie Odell"])
def test_hyphens_and_apostrophes_do_not_hide_a_name(written: str) -> None:
    whole = "annemarieodell"
    assert whole in name_keys("staff", written, WORDS)
    assert "odell" in name_keys("staff", written, WORDS)


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("One two. Three four", [True, False, True, False]),
        ("He said: 'Come in'", [True, False, True, False]),
        ("With Mrs. Hill", [True, False, False]),
        ("At St. Mary's", [True, False, False]),
        ("(Now) or never", [True, True, False]),
        ("first\nsecond", [True, True]),
    ],
)
def test_where_a_sentence_opens_a_capital_says_nothing(text: str, opens: list[bool]) -> None:
    assert [word.opens for word in words_of(text)] == opens


def test_a_possessive_is_known_with_and_without_its_ending() -> None:
    (word,) = words_of("Fenella’s")
    assert word.keys == ("fenellas", "fenella")


def test_the_parts_of_a_persons_name() -> None:
    assert name_keys("participant", "Dr Will May", WORDS) == {"will", "willmay"}
    assert name_keys("participant", "Bethan ap Rhys", WORDS) == {
        "bethan",
        "rhys",
        "bethanap",
        "aprhys",
        "bethanaprhys",
    }
    assert name_keys("staff", "J. B.", WORDS) == set()
    assert name_keys("staff", "", WORDS) == set()


@pytest.mark.parametrize("nothing", ["Community hall", "School 3", "School A", "Main Room", "The Centre", "12"])
def test_a_place_without_a_word_of_its_own_is_not_kept(nothing: str) -> None:
    assert name_keys("venue", nothing, WORDS) == set()


def test_the_parts_of_a_places_name() -> None:
    found = name_keys("school", "Park View Primary School", WORDS)
    assert found == set(), "both words are what places are called"
    found = name_keys("school", "Larkrise Primary School", WORDS)
    assert found == {"larkrise", "larkriseprimary", "larkriseprimaryschool"}
    assert "rosecentre" in name_keys("venue", "Rose Centre", WORDS)
    assert "rose" not in name_keys("venue", "Rose Centre", WORDS), "an ordinary word alone is no place"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My name is Perpetua Vance and I help.", "perpetua vance"),
        ("hello my name's jaydn", "jaydn"),
        ("My name is May.", "may"),
        ("I am Tilda. Before that", "tilda"),
        ("This is from Osric Vale, 07700 900123.", "osric vale"),
        ("They call me Big Kev", "big kev"),
    ],
)
def test_who_says_a_name_is_heard(text: str, name: str) -> None:
    stand = words_of(text)
    (places,) = introduced(stand, WORDS)
    assert " ".join(stand[place].key for place in places) == name
    assert WORDS.may_introduce(text)


@pytest.mark.parametrize(
    "text",
    ["I am tired.", "I'm on the board", "My name is on the list", "This is the way", "I am Polish", "my name is", ""],
)
def test_ordinary_sentences_introduce_nobody(text: str) -> None:
    assert list(introduced(words_of(text), WORDS)) == []


@given(st.text(max_size=80))
def test_no_text_breaks_the_words_and_the_quick_look_misses_nothing(text: str) -> None:
    stand = words_of(text)
    assert all(word.key == word.key.casefold() for word in stand)
    assert [word.start for word in stand] == sorted(word.start for word in stand)
    if text.isascii() and introduced(stand, WORDS):
        assert WORDS.may_introduce(text)


def test_a_token_is_keyed_and_of_this_purpose_alone() -> None:
    wanted = hmac.new(KEY, b"gazetteer\x1fwren", hashlib.sha256).hexdigest()[:32]
    assert token(Pseudonyms(KEY), "wren") == wanted


# On the disk


@pytest.fixture
def named(catalogue: Catalogue, contract: Callable[..., Any]) -> Catalogue:
    """The log with a worker's column that says what it is, and a child's in two."""
    personal = ["Email", {"column": "Worker", "kind": "staff"}, {"column": ["First", "Last"], "kind": "participant"}]
    return replace(catalogue, contracts=(contract(personal=personal),))


HEADER = ("Date", "Activity", "Status", "People", "Hours", "Notes", "Email", "Worker", "First", "Last")
PEOPLE = ("x@example.org", "Zorvanna Quill", "Tamsin", "Oddfellow")
PLAIN = ("zorvanna", "quill", "tamsin", "oddfellow", "perpetua", "vance")


@pytest.fixture
def landed(landing: Path, csv_of: Any, session: Any) -> Path:
    log = landing / "here" / "log"
    rows = [(*session(number), *PEOPLE) for number in range(3)]
    rows.append((*session(9, Notes="My name is Perpetua Vance."), *PEOPLE))
    (log / "log 2025-04.csv").write_bytes(csv_of(rows, HEADER))
    return log


def gazetteer_files(intake: Intake) -> list[Path]:
    return [path for path in sorted(intake.settings.places.gazetteer.rglob("*")) if path.is_file()]


def test_names_are_kept_as_tokens_by_file_and_found_again(intake: Make, named: Catalogue, landed: Path) -> None:
    made = intake(catalogue=named)
    take_in(made, "here")
    (file,) = gazetteer_files(made)
    table = pq.read_table(file)
    assert table.schema == lake_writer.NAME
    assert table.to_pylist() == sorted(table.to_pylist(), key=lambda row: (row["kind"], row["token"])), "no row's order"
    assert len(set(table["file_sha256"].to_pylist())) == 1
    everything = file.read_bytes() + str(table.to_pylist()).encode() + str(pq.read_metadata(file).to_dict()).encode()
    assert [name for name in PLAIN if name.encode() in everything.lower()] == []
    found = load_finder(made)
    assert found.find("it was zorvanna who rang") == ("known_staff",)
    assert found.find("Nobody asked Mrs. Oddfellow") == ("known_participant", "titled_name")
    assert found.find("a friend of perpetua came") == ("known_participant",)
    assert found.find("Nobody was named there.") == ()


def test_a_rejected_file_names_people_as_well(intake: Make, named: Catalogue, landed: Path, csv_of: Any) -> None:
    (landed / "log 2025-05.csv").write_bytes(
        csv_of([("1", "2", "3", "Grizelda Pike")], ("Date", "Activity", "Status", "Worker"))
    )
    made = intake(catalogue=named)
    take_in(made, "here")
    assert load_finder(made).find("then grizelda rang") == ("known_staff",)


def test_without_its_receipt_a_file_names_nobody(intake: Make, named: Catalogue, landed: Path) -> None:
    """What erases a file removes its tokens and its receipt; a killed run leaves tokens without a receipt."""
    made = intake(catalogue=named)
    take_in(made, "here")
    assert read_gazetteer(made)
    for receipt in (made.settings.places.lake / "receipts").rglob("*.json"):
        receipt.unlink()
    assert read_gazetteer(made) == {}
    take_in(made, "here")
    assert read_gazetteer(made), "the next night takes a file without a receipt in again"


def test_a_missing_file_of_the_gazetteer_is_no_empty_one(intake: Make, named: Catalogue, landed: Path) -> None:
    made = intake(catalogue=named)
    take_in(made, "here")
    gazetteer_files(made)[0].unlink()
    with pytest.raises(FileNotFoundError):
        load_finder(made)


def test_another_key_finds_nothing_and_reads_the_file_again(intake: Make, named: Catalogue, landed: Path) -> None:
    made = intake(catalogue=named)
    take_in(made, "here")
    other = intake(catalogue=named, pseudonyms=Pseudonyms(b"another key of the tests, 32 byte"))
    assert read_gazetteer(other) == {}
    assert take_in(other, "here") == {"log": 0}
    assert set(read_gazetteer(other)).isdisjoint(read_gazetteer(made))
    assert load_finder(other).find("it was zorvanna who rang") == ("known_staff",)


def test_a_change_of_the_word_lists_reads_the_files_again(
    intake: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = intake()
    (contract,) = made.catalogue.contracts

    def digest() -> str:
        reading_version.reader_digest.cache_clear()
        return reading_digest(made.catalogue, "here", contract, made.rules, made.pseudonyms, made.mappings)

    before = digest()
    assert digest() == before
    changed = tmp_path / "name_words.yaml"
    changed.write_bytes(name_tokens.WORDS_FILE.read_bytes() + b"# another word\n")
    monkeypatch.setattr(reading_version, "WORDS_FILE", changed)
    assert digest() != before
    monkeypatch.undo()
    assert digest() == before


def test_a_wrong_word_list_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "name_words.yaml"
    file.write_text("version: 1\nordinry: a b\n")
    monkeypatch.setattr(name_tokens, "WORDS_FILE", file)
    load_words.cache_clear()
    try:
        with pytest.raises(ConfigurationError, match=r"name_words\.yaml: ordinary: Field required"):
            load_words()
    finally:
        load_words.cache_clear()


def test_the_word_lists_are_written_as_words_are_compared() -> None:
    """A word with a capital, an accent or an apostrophe would never be met."""
    for field in ("ordinary", "never_alone", "titles", "particles", "before_a_name", "after_a_name"):
        wrong = {word for word in getattr(WORDS, field) if keys(word) not in ([word], ["st"])}
        assert wrong == set(), field
    for text in (*WORDS.introductions, *WORDS.introductions_capital):
        assert " ".join(keys(text)) == text
