"""What an id means: one record, several, or none; how far an erasure reaches; and files where no column says whose a row is."""

from __future__ import annotations

import pytest

from tests.night.nights import Home
from tfc_platform.atomic_io import sha256_file
from tfc_platform.erasure import erasure_ledger
from tfc_platform.erasure.erasure_request import AmbiguousError, NotFoundError, RecordScope
from tfc_platform.ingest import vault
from tfc_platform.settings import ConfigurationError

from .people import APPROVALS, QUALTRICS, SPSS, STORIES, YOUNG, Returns
from .requested import edit, erase, loaded, only, rows_of, statuses, taken_in


def test_a_serial_that_two_surveys_have_is_refused_with_the_places_and_nothing_else(held: Home) -> None:
    with pytest.raises(AmbiguousError, match=r"^More than one record has the id\.$") as refused:
        erase(held, "respondent", "w100003")
    assert refused.value.places == [
        RecordScope("plymouth", "surveys", "professionals", "w1"),
        RecordScope("plymouth", "surveys", "young_people", "w1"),
    ]
    assert erasure_ledger.read(held.places) == ()


def test_once_told_apart_one_goes_and_the_other_stays(held: Home) -> None:
    before = statuses(loaded(held))
    ordered = erase(held, "respondent", "w100003", population="young_people")
    assert (ordered.intent.site, ordered.intent.source, ordered.intent.files) == ("plymouth", "surveys", 1)
    after = statuses(taken_in(held))
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {YOUNG}
    assert after[YOUNG][2] == before[YOUNG][2] - 1


def test_one_answer_is_the_whole_person_where_the_panel_links_them(held: Home) -> None:
    before = statuses(loaded(held))
    ordered = erase(held, "respondent", "w100003", population="professionals")
    after = statuses(taken_in(held))
    assert ordered.intent.files == 2
    assert [after[name][2] - before[name][2] for name in SPSS] == [-1, -1]


def test_a_word_in_the_place_of_a_panel_number_links_nobody(home: Home) -> None:
    only(home, *SPSS)
    returns = Returns.there(home.landing)
    frame, meta = returns.sav(SPSS[0])
    frame.loc[[2, 3, 4, 5], "pid"] = "none"
    returns.write_sav(SPSS[0], frame, meta)
    before = statuses(taken_in(home))
    erase(home, "respondent", str(frame["serial"][3]), population="professionals")
    after = statuses(taken_in(home))
    assert after[SPSS[0]][2] == before[SPSS[0]][2] - 1
    assert after[SPSS[1]] == before[SPSS[1]]


def test_a_person_who_answers_again_under_an_erased_number_is_not_taken_in(home: Home) -> None:
    only(home, *SPSS)
    second = home.landing / SPSS[1]
    kept = second.read_bytes()
    second.unlink()
    taken_in(home)
    erase(home, "respondent", "PP003")
    second.write_bytes(kept)
    received = statuses(taken_in(home))[SPSS[1]][2]
    second.unlink()
    fresh = Home(home.folder / "fresh")
    (fresh.landing / SPSS[1]).parent.mkdir(parents=True)
    (fresh.landing / SPSS[1]).write_bytes(kept)
    assert received == statuses(taken_in(fresh))[SPSS[1]][2] - 1


def test_what_is_not_held_is_not_found_and_nothing_is_written(held: Home) -> None:
    for kind, name in (("respondent", "R_nobody_at_all"), ("story", "ZZ-999"), ("file", "ab" * 32)):
        with pytest.raises(NotFoundError):
            erase(held, kind, name)
    response_id = rows_of(held, QUALTRICS)[5][8]
    with pytest.raises(NotFoundError):  # it is another site's
        erase(held, "respondent", response_id, site="stoke")
    assert erasure_ledger.read(held.places) == ()
    assert not (held.places.erasures / "tombstones.jsonl").exists()


def test_what_was_erased_before_is_said_to_be_and_not_done_again(home: Home) -> None:
    only(home, QUALTRICS)
    taken_in(home)
    response_id = rows_of(home, QUALTRICS)[5][8]
    first, second = (erase(home, "respondent", response_id) for _ in range(2))
    assert (first.is_new, second.is_new) == (True, False)
    assert first.intent == second.intent
    assert len(erasure_ledger.read(home.places)) == 1
    with pytest.raises(NotFoundError):  # of another survey it is another's, and that one is not held
        erase(home, "respondent", response_id, site="plymouth")


def test_a_story_that_two_sites_have_is_refused_and_then_told_apart(home: Home) -> None:
    only(home, STORIES, STORIES.replace("glasgow", "stoke"), APPROVALS)
    other = STORIES.replace("glasgow", "stoke")

    shared = rows_of(home, APPROVALS)[1][0]

    def same_id(rows: list[list[str]]) -> None:
        rows[1][0] = shared

    edit(home, other, same_id)
    before = statuses(taken_in(home))
    with pytest.raises(AmbiguousError) as refused:
        erase(home, "story", shared)
    assert refused.value.places == [RecordScope("glasgow", "stories"), RecordScope("stoke", "stories")]
    erase(home, "story", shared.lower(), site="stoke")
    after = statuses(taken_in(home))
    assert after[other][2] == before[other][2] - 1
    assert after[STORIES] == before[STORIES]
    assert after[APPROVALS][2] == before[APPROVALS][2] - 1  # nobody can tell whose approval it was


def test_a_hash_that_is_none_or_means_two_is_wrong_use(held: Home) -> None:
    with pytest.raises(
        ConfigurationError, match="give the file's SHA-256 as the receipt has it, 12 of its digits at least"
    ):
        erase(held, "file", "abc")
    sha256 = sha256_file(held.landing / QUALTRICS)
    vault.keep(held.places.vault, b"other bytes", sha256[:20] + "0" * 44)
    with pytest.raises(ConfigurationError, match="more than one file has a hash that begins so"):
        erase(held, "file", sha256[:14])
