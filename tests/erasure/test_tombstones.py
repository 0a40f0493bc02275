"""What taking in consults: tokens under a key of their own, which say nothing of an id and do not come off with another key."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tfc_platform.privacy.tombstones import Identity, Intent, Tombstones, panel, response, story
from tfc_platform.settings import ConfigurationError, Places

LONG = "R_3fTq9vAbCdEf123"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path / "home")
    found.make()
    return found


def erase(tombstones: Tombstones, *identities: Identity, number: int = 1, site: str = "north") -> None:
    marks = tuple(tombstones.of(identity) for identity in identities)
    tombstones.record(Intent(number, "respondent", site, "surveys", date(2026, 5, 1), 1, marks))


def test_a_home_without_erasures_makes_no_key(places: Places) -> None:
    assert Tombstones.load(places).intents == []
    assert list(places.keys.iterdir()) == []


def test_what_is_written_is_read_back_and_holds_no_id(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    erase(tombstones, response("north", "surveys", "community", "w1", LONG))
    again = Tombstones.load(places)
    assert again.intents == tombstones.intents
    assert again.number_of(response("north", "surveys", "community", "w1", LONG), "north") == 1
    assert LONG not in (places.erasures / "tombstones.jsonl").read_text()
    assert (places.keys / "erasure.key").stat().st_mode & 0o777 == 0o600


def test_a_long_id_is_erased_wherever_it_stands_at_its_site_alone(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    erase(tombstones, response("north", "surveys", "community", "w1", LONG))
    assert tombstones.number_of(response("north", "surveys", "professionals", "w2", LONG), "north") == 1
    assert tombstones.number_of(response("south", "surveys", "community", "w1", LONG), "south") is None


def test_a_short_id_is_erased_in_its_own_survey_alone(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    erase(tombstones, response("north", "surveys", "community", "w1", "1003"))
    assert tombstones.number_of(response("north", "surveys", "community", "w1", "1003"), "north") == 1
    for other in (("professionals", "w1"), ("community", "w2")):
        assert tombstones.number_of(response("north", "surveys", *other, "1003"), "north") is None
    assert tombstones.number_of(response("north", "activity", "", "", "1003"), "north") is None


def test_a_number_in_a_panel_is_one_person_in_all_waves_however_it_is_written(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    erase(tombstones, panel("north", "professionals", "PP 001"))
    assert tombstones.number_of(panel("north", "professionals", "pp  001 "), "north") == 1
    assert tombstones.number_of(panel("north", "community", "PP 001"), "north") is None
    assert tombstones.number_of(response("north", "surveys", "professionals", "w1", "PP 001"), "north") is None


def test_a_cell_of_which_nobody_knows_what_it_is_is_compared_with_all_of_its_site(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    erase(tombstones, response("north", "surveys", "community", "w1", "1003"), story("north", "NO-001"))
    for written in ("1003", "no-001"):
        assert tombstones.number_of(Identity("anything", None, written), "north") == 1
        assert tombstones.number_of(Identity("anything", None, written), None) == 1
        assert tombstones.number_of(Identity("anything", None, written), "south") is None
    assert tombstones.at("north")
    assert not tombstones.at("south")


def test_another_key_stops_everything_rather_than_letting_the_erased_back_in(places: Places) -> None:
    erase(Tombstones.load(places, make=True), story("north", "NO-001"))
    (places.keys / "erasure.key").write_bytes(b"another key of the same length and more")
    with pytest.raises(
        ConfigurationError, match=r"keys/erasure\.key is not the key of the erasures that are on record"
    ):
        Tombstones.load(places)
    (places.keys / "erasure.key").unlink()
    with pytest.raises(ConfigurationError, match="put the kept copy back"):
        Tombstones.load(places, make=True)
    assert not (places.keys / "erasure.key").exists()


def test_no_traceback_shows_an_id_or_the_key(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    shown = repr(response("north", "surveys", "community", "w1", LONG)) + repr(tombstones)
    assert LONG not in shown
    assert tombstones.key.decode() not in shown


def test_a_file_that_cannot_be_redacted_is_noted_once_under_its_erasure(places: Places) -> None:
    tombstones = Tombstones.load(places, make=True)
    erase(tombstones, story("north", "NO-001"))
    for _ in range(2):
        tombstones.give_up("ab" * 32, 1)
    again = Tombstones.load(places)
    assert again.why_file("ab" * 32) == "cannot_be_redacted"
    assert again.why_file("cd" * 32) is None
    assert len(again.intents[0].tombstones) == 2
