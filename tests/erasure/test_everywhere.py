"""Each kind of return: what was planted is found in the home before the erasure, nowhere after it, and not again on later nights.

The figures are those of a home whose landing zone never held it.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
import pytest

from tests.night.nights import FIRST, KEY, SECOND, Home, released_stories, tree
from tests.night.search import Secrets
from tfc_platform.cli.erase import carry_out
from tfc_platform.disclosure.snapshots import record_digest
from tfc_platform.erasure import erasure_ledger
from tfc_platform.erasure.erasure_request import OrderedErasure, RecordScope
from tfc_platform.feedback.flags import list_flags
from tfc_platform.privacy.name_tokens import token, words_of
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.publication.publication_register import load_register
from tfc_platform.release.manage import ReleaseInfo, list_releases, verify_release

from .command import Said, tfc_as_people_do
from .conftest import Planted
from .people import (
    LEARNING,
    LOG,
    REVISED,
    SMARTSURVEY,
    Asked,
    Returns,
    empty,
)
from .seen import copies, digests, frozen, known, persons, snapshots

ERASED = {REVISED, LOG, LEARNING}


@dataclass
class Erased:
    """`by_command` is what was erased by `tfc erase`, whose night follows; all else was erased before it, without a night."""

    home: Home
    asked: list[Asked]
    by_command: Asked
    before: dict[str, set[str]]
    known_before: dict[str, set[str]]
    digests_before: set[str]
    frozen_before: dict[str, str]
    persons_before: dict[str, str]
    snapshots_before: dict[str, dict[str, Any]]
    flags: list[dict[str, Any]]
    flags_after: list[dict[str, Any]]
    ordered: list[tuple[OrderedErasure, erasure_ledger.Erasure]]
    left: dict[str, set[str]]
    landing_left: dict[str, set[str]]
    said: Said
    after_night: dict[str, set[str]]
    known_after: dict[str, set[str]]
    digests_after: set[str]
    persons_after: dict[str, str]
    ids_after: tuple[str, str]
    after_copies: dict[str, set[str]]
    first_release: str
    second_release: str
    seen_after_erasure: str
    released: list[ReleaseInfo]
    stories: dict[str, str]


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory, planted: Planted) -> Erased:
    home = planted.home.copied(tmp_path_factory.mktemp("erased") / "home")
    *asked, by_command = planted.asked
    secrets = Secrets(secret for item in planted.asked for secret in item.secrets)
    before, flags = secrets.below(home.places.home), list_flags(home.places)
    of_before = (known(home), digests(home), frozen(home), persons(home), snapshots(home))
    with mock.patch.dict(os.environ):
        ordered = [carry_out(home.settings(FIRST), item.kind, item.name, RecordScope(**item.meant)) for item in asked]
    not_yet = set(by_command.secrets)
    left = {name: hits - not_yet for name, hits in secrets.below(home.places.home).items() if hits - not_yet}
    flags_after, landing_left = list_flags(home.places), secrets.below(home.landing)
    seen = home.release_id
    said = tfc_as_people_do(home, "erase", "--respondent", "-", "--json", given=f"{by_command.name}\n")
    assert said.code == 0, said.err
    after_night, released, stories = (
        secrets.below(home.places.home),
        list(list_releases(home.places)),
        released_stories(home),
    )
    of_after = (known(home), digests(home), persons(home), (home.research_id, home.release_id))
    copies(home.landing)
    home.good_night(SECOND)
    return Erased(
        home,
        [*asked, by_command],
        by_command,
        before,
        *of_before,
        flags,
        flags_after,
        ordered,
        left,
        landing_left,
        said,
        after_night,
        *of_after,
        secrets.below(home.places.home),
        planted.first,
        planted.second,
        seen,
        released,
        stories,
    )


@pytest.fixture(scope="module")
def never(tmp_path_factory: pytest.TempPathFactory, planted: Planted) -> Home:
    """The last night of a landing zone that never held what was erased."""
    home = Home(tmp_path_factory.mktemp("never"))
    shutil.copytree(planted.home.landing, home.landing)
    empty(Returns.there(home.landing), list(planted.asked))
    copies(home.landing)
    home.good_night(SECOND)
    return home


def test_before_the_erasure_everything_that_was_planted_is_found(erased: Erased) -> None:
    """So that the search can find what must not be there."""
    seen = set().union(*erased.before.values())
    assert seen == {secret for item in erased.asked for secret in item.secrets}
    places = {name.split("/")[0] for name in erased.before}
    assert {"vault", "text", "releases"} <= places
    text = next(item.secrets[2] for item in erased.asked if item.kind == "story")
    assert [name for name, secrets in erased.before.items() if name.startswith("releases/") and text in secrets]


def test_after_it_nothing_is_found_in_any_file_of_the_home(erased: Erased) -> None:
    assert erased.left == {}


def test_though_it_all_lies_in_the_landing_zone_still(erased: Erased) -> None:
    assert len(set().union(*erased.landing_left.values())) > 10


def test_the_next_night_does_not_bring_it_back(erased: Erased) -> None:
    assert erased.after_night == {}


def test_copies_under_other_names_and_new_exports_do_not_bring_it_back(erased: Erased) -> None:
    assert erased.after_copies == {}


def test_each_erasure_says_where_it_was_and_how_many_files_it_touched(erased: Erased) -> None:
    told = [(o.intent.kind, o.intent.site, o.intent.source, o.intent.files) for o, _ in erased.ordered]
    assert told == [
        ("respondent", "glasgow", "surveys", 1),
        ("respondent", "grimsby", "surveys", 1),
        ("respondent", "plymouth", "surveys", 2),
        ("respondent", "stoke", "surveys", 2),
        ("respondent", "plymouth", "activity", 2),
        ("respondent", "stoke", "activity", 1),
        ("story", "glasgow", "stories", 2),
        ("file", "grimsby", "activity", 1),
        ("file", "glasgow", "activity", 1),
        ("file", "plymouth", "learning", 1),
    ]
    assert all(o.is_new for o, _ in erased.ordered)


def test_the_ledger_says_that_and_not_which(erased: Erased) -> None:
    lines = erasure_ledger.read(erased.home.places)
    assert [(line.number, line.kind, line.site, line.files) for line in lines] == [
        *((o.intent.number, o.intent.kind, o.intent.site, o.intent.files) for o, _ in erased.ordered),
        (len(erased.asked), "respondent", "glasgow", 1),
    ]
    written = b"".join(path.read_bytes() for path in erased.home.places.erasures.iterdir())
    for item in erased.asked:
        assert item.name.encode() not in written or len(item.name) < 3


def test_no_flag_is_closed_or_changed(erased: Erased) -> None:
    assert erased.flags
    assert erased.flags_after == erased.flags


def test_the_command_erases_a_person_and_the_night_follows(erased: Erased) -> None:
    research, release = erased.ids_after
    assert erased.said.json == {
        "erased": True,
        "already": False,
        "kind": "respondent",
        "site": "glasgow",
        "source": "surveys",
        "files": 1,
        "removed_whole": 0,
        "releases_removed": [],
        "unopened": [],
        "night": {"success": True, "reasons": [], "research": research, "release": release},
    }
    assert erased.by_command.name not in erased.said.out + erased.said.err


def test_the_release_with_the_text_is_gone_and_listed_as_removed(erased: Erased) -> None:
    home, story = erased.home, next(item.name for item in erased.asked if item.kind == "story")
    assert not (home.places.releases / erased.second_release).exists()
    assert [done.releases for _, done in erased.ordered if done.releases] == [(erased.second_release,)]
    removed = {info.id: info for info in erased.released if info.is_removed}
    assert removed.keys() == {erased.second_release}
    gone = removed[erased.second_release]
    assert gone.problem == f"Release {gone.id} was removed on {FIRST.isoformat()}: a story in it was erased."
    assert erased.seen_after_erasure == erased.first_release  # which never held it
    assert story not in erased.stories
    assert erased.stories
    assert verify_release(home.places) == []


# ------------------------------------------------------------------------------------------------ what was frozen and published


def test_published_figures_about_persons_stay_byte_for_byte(erased: Erased) -> None:
    """Published again without one person, they would show that person as the difference (R2)."""
    assert len(erased.persons_before) > 5
    assert erased.persons_after == erased.persons_before


def test_later_locks_leave_the_earlier_ones_as_they_were_published(erased: Erased) -> None:
    after = snapshots(erased.home)
    assert {name: after[name] for name in erased.snapshots_before} == erased.snapshots_before
    now = frozen(erased.home)
    assert {name: now.get(name) for name in erased.frozen_before} == erased.frozen_before


def test_what_locks_after_the_erasure_never_held_it(erased: Erased, never: Home) -> None:
    mine, theirs = (
        {
            name: item["published_sha256"]
            for name, item in snapshots(home).items()
            if name not in erased.snapshots_before
        }
        for home in (erased.home, never)
    )
    assert mine == theirs
    assert mine


def test_beside_the_snapshots_no_digest_of_an_erased_record_is_left(erased: Erased) -> None:
    gone = {kind: names - erased.known_after[kind] for kind, names in erased.known_before.items()}
    assert all(gone.values())
    assert next(item.name for item in erased.asked if item.kind == "story") in gone["story"]
    of_gone = {kind: set(map(record_digest, names)) for kind, names in gone.items()}
    stood = {kind: len(names & erased.digests_before) for kind, names in of_gone.items()}
    assert all(stood.values()), stood  # so that there was something to take out
    assert erased.digests_after.isdisjoint(set().union(*of_gone.values()))
    assert digests(erased.home).isdisjoint(set().union(*of_gone.values()))
    assert len(erased.digests_before - erased.digests_after) == sum(stood.values())  # and nobody else's


def test_the_gazetteer_does_not_know_the_erased_by_name(erased: Erased, planted: Planted) -> None:
    """It holds no letters, so that no search for them would find a name there: its tokens are looked for."""
    assert names_known(planted.home)
    assert not names_known(erased.home)
    assert read_tokens(erased.home)


def read_tokens(home: Home) -> set[str]:
    files = sorted(home.places.gazetteer.rglob("*.parquet"))
    return {name for path in files for name in pq.read_table(path, columns=["token"])["token"].to_pylist()}


def names_known(home: Home) -> set[str]:
    """The tokens of the planted names that stand in the gazetteer."""
    tokens = {token(Pseudonyms(KEY.encode()), key) for word in words_of("Vellzaquör") for key in word.keys}
    return tokens & read_tokens(home)


# --------------------------------------------------------------------------------------------------------------------- figures


def figures(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """Every mart, but the hashes of files, the time of their arrival, and the lines of erased files themselves."""
    tables = {}
    with home.research() as con:
        for (name,) in con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall():
            where = "where status <> 'erased'" if name == "mart_submission_status" else ""
            left_out = (
                "exclude (first_seen_at, counted_since, sha256, counted_sha256)"
                if name == "mart_submission_status"
                else ""
            )
            if name == "mart_data_quality":  # how many files there are is counted there
                left_out, where = "exclude (rows_checked)", "where source <> 'mart_submission_status'"
            tables[name] = con.execute(f"select * {left_out} from marts.{name} {where} order by all").fetchall()
    return tables


def test_every_figure_is_that_of_returns_that_never_held_it(erased: Erased, never: Home) -> None:
    mine, theirs = figures(erased.home), figures(never)
    assert len(mine) > 10
    for name, rows in theirs.items():
        assert mine[name] == rows, name


def test_what_is_released_is_what_it_would_have_been(erased: Erased, never: Home) -> None:
    """But the tables about people, which hold what was locked: see above."""
    frozen_tables = {table.table for table in load_register().person_tables}
    differ = set()
    with erased.home.release() as mine, never.release() as theirs:
        tables = [name for (name,) in mine.execute("select table_name from duckdb_tables()").fetchall()]
        assert len(set(tables) - frozen_tables) > 5
        for name in tables:
            query = f"select * from {name} order by all"
            if name == "submission_status":
                continue
            if mine.execute(query).fetchall() != theirs.execute(query).fetchall():
                differ.add(name)
    assert differ <= frozen_tables
    assert differ  # there was something that the locks kept


def test_the_rows_of_every_file_add_up(erased: Erased) -> None:
    rows = erased.home.rows(
        "select file, received, accepted + rejected + duplicate from marts.mart_submission_status where received is not null"
    )
    assert len(rows) > 20
    assert [file for file, received, parts in rows if received != parts] == []


def test_an_erased_file_is_said_to_be_erased_and_an_earlier_version_counts_again(erased: Erased) -> None:
    query = """select file, status, message, is_counted from marts.mart_submission_status
               where file like '%2026-02%' or file like '%H2%'"""
    said = {file: (status, message, counts) for file, status, message, counts in erased.home.rows(query)}
    words = "This file was erased, as somebody with the right to it has asked. It is not taken in again."
    assert said[REVISED] == ("erased", f"{words} grimsby/activity/activity_2026-02.csv is used instead.", False)
    assert said["grimsby/activity/activity_2026-02 v10.csv"][0] == "erased"
    assert said["grimsby/activity/activity_2026-02.csv"][::2] == ("accepted", True)
    assert said[LOG] == ("erased", words, False)


def test_nothing_points_at_an_erased_row(erased: Erased) -> None:
    assert erased.home.rows(f"select * from marts.mart_row_issue where file = '{SMARTSURVEY}' and row = 9") == []


def test_files_that_held_nothing_of_it_are_the_same_bytes(erased: Erased) -> None:
    """What was touched is kept apart; everything is called by the hash of its own bytes."""
    vault = tree(erased.home.places.vault)
    assert [name for name, sha in vault.items() if not name.endswith(sha)] == []
    touched = [name for name in vault if name.startswith("after_erasure/")]
    # Two surveys of two waves, two of one, three session exports and their newer copies, stories, approvals and theirs.
    assert 8 <= len(touched) <= 13
    assert len(vault) - len(touched) > 10
