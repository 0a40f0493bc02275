"""What can be done with releases: list, show, compare, verify, and go back, with what the next night makes of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.publication.released_table import ReleaseError
from tfc_platform.release.manage import diff_releases, list_releases, rollback, show_release, verify_release
from tfc_platform.release.publish import Decision, _Made, decide
from tfc_platform.release.release_context import Held
from tfc_platform.release.rollbacks import Rollback, read, withdrawn_contents

AT = datetime(2026, 5, 3, 9, 30, tzinfo=UTC)


def next_night(small: Any, low: int) -> Any:
    """A night with another figure."""
    small.change("mart_delivery", 0, sessions_delivered=low)
    return small.night()


def current(small: Any) -> str:
    return os.readlink(small.places.releases / "current")


def edit(path: Path, change: Callable[[Path], None]) -> None:
    path.chmod(0o644)
    change(path)


# list, show


def test_the_latest_is_first_and_the_current_one_is_marked(small: Any) -> None:
    assert list_releases(small.places) == ()
    first, second = small.night(), next_night(small, 20)
    latest, oldest = list_releases(small.places)
    assert (latest.id, latest.number, latest.is_current, latest.follows) == (second.id, 2, True, first.id)
    assert (oldest.id, oldest.number, oldest.is_current, oldest.follows) == (first.id, 1, False, None)
    assert (oldest.as_of, oldest.tables, oldest.held, oldest.is_withdrawn) == ("2026-05-01", 7, 1, False)
    assert oldest.rows == sum(entry["rows"] for entry in show_release(small.places, first.id)["tables"])


def test_a_release_that_cannot_be_read_stands_in_the_list_with_its_problem(small: Any) -> None:
    published = small.night()
    edit(published.path / "manifest.json", lambda path: path.write_text("{"))
    (only,) = list_releases(small.places)
    assert only.problem == f"The manifest of release {published.id} cannot be read."


def test_show_gives_the_manifest(small: Any) -> None:
    first, second = small.night(), next_night(small, 20)
    assert show_release(small.places)["id"] == second.id
    assert show_release(small.places, first.id)["id"] == first.id


@pytest.mark.parametrize("name", ["2020-01-01-000000000000", "..", "../research/current", "/etc", ""])
def test_what_is_no_release_is_told_and_never_made_a_path_of(small: Any, name: str) -> None:
    with pytest.raises(ReleaseError, match="Nothing has been released yet"):
        show_release(small.places)
    small.night()
    for action in (show_release, verify_release):
        with pytest.raises(ReleaseError) as caught:
            action(small.places, name)
        assert str(caught.value).startswith(f"There is no release {name!r}. `tfc releases list`")


# diff


def test_a_comparison_names_figures_statuses_and_holds(small: Any) -> None:
    first = small.night()
    small.change("mart_delivery", 0, sessions_delivered=9, hours=None)
    small.rows["mart_partnership"].append(("stoke", "2025-Q2", 4, 4, 1, 4, 4, True))
    del small.rows["mart_learning_action"][1]
    small.context = replace(
        small.context, held=(*small.context.held, Held("glasgow", "stories", date(2026, 5, 1), "no_data"))
    )
    second = small.night()
    diff = diff_releases(small.places, first.id)
    assert (diff.before, diff.after, diff.differs) == (first.id, second.id, True)
    tables = {table.table: table for table in diff.tables}
    assert set(tables) == {"delivery", "partnership", "learning_action"}
    sessions, hours = tables["delivery"].changed
    assert sessions.keys == {
        "site": "glasgow",
        "month": date(2025, 5, 1),
        "activity": "toy_library",
        "measure": "sessions_delivered",
    }
    assert (sessions.before["value"], sessions.after["value"]) == (3.0, 9.0)
    assert (hours.before["status"], hours.after["status"]) == ("shown", "not_available")
    assert tables["delivery"].statuses == {"shown to not_available": 1}
    assert [change.after["value"] for change in tables["partnership"].added] == [4.0, 4.0, 1.0]
    assert [change.before["status"] for change in tables["learning_action"].removed] == ["not_available"] * 2
    assert [item["source"] for item in diff.held_since] == ["stories"]
    assert diff.no_longer_held == ()
    assert [item["source"] for item in diff_releases(small.places, second.id, first.id).no_longer_held] == ["stories"]


def test_a_release_does_not_differ_from_itself(small: Any) -> None:
    first = small.night()
    diff = diff_releases(small.places, first.id, "current")
    assert (diff.tables, diff.differs) == ((), False)


# verify


def test_a_release_as_it_was_made_verifies(small: Any) -> None:
    assert small.night() is not None
    assert verify_release(small.places) == []


def test_every_file_that_is_touched_missing_or_added_is_named(small: Any) -> None:
    path = small.night().path
    edit(path / "csv" / "delivery.csv", lambda file: file.write_text(file.read_text().replace(",3,", ",4,")))
    edit(path / "index.html", lambda file: file.write_text("<p>All is well.</p>"))
    (path / "tables.xlsx").unlink()
    (path / "notes.txt").write_text("A stranger.")
    assert verify_release(small.places) == [
        "notes.txt is in the release and not in its manifest.",
        "csv/delivery.csv is not what the manifest says: its SHA-256 differs.",
        "index.html is not what the manifest says: its SHA-256 differs.",
        "tables.xlsx is missing.",
    ]


def test_a_file_replaced_by_a_link_is_missing(small: Any, tmp_path: Path) -> None:
    path = small.night().path
    (path / "tfc.duckdb").rename(tmp_path / "elsewhere.duckdb")
    (path / "tfc.duckdb").symlink_to(tmp_path / "elsewhere.duckdb")
    assert verify_release(small.places) == ["tfc.duckdb is missing."]


@pytest.mark.parametrize("part", ["held", "evidence", "admitted", "files", "tables", "follows"])
def test_a_manifest_that_is_touched_no_longer_fits_the_id(small: Any, part: str) -> None:
    published = small.night()
    file = published.path / "manifest.json"

    def meddle(path: Path) -> None:
        manifest = json.loads(path.read_text())
        if part == "files":
            entry = next(entry for entry in manifest["files"] if entry["path"] == "csv/delivery.csv")
            entry["sha256"] = "0" * 64
        elif part == "tables":
            manifest["tables"][0]["rows"] += 1
        else:
            manifest[part] = None if part != "follows" else "2026-04-30-000000000000"
        path.write_text(json.dumps(manifest))

    edit(file, meddle)
    assert f"The manifest of {published.id} is not the one that its id was made from." in verify_release(small.places)


def test_a_release_under_another_name_does_not_verify(small: Any) -> None:
    published = small.night()
    published.path.rename(small.places.releases / "2026-05-09-aaaaaaaaaaaa")
    problems = verify_release(small.places, "2026-05-09-aaaaaaaaaaaa")
    assert problems == [
        f"The manifest in 2026-05-09-aaaaaaaaaaaa says that it is of release {published.id}.",
        "The manifest of 2026-05-09-aaaaaaaaaaaa is not the one that its id was made from.",
    ]


# rollback


def test_going_back_is_recorded_and_an_unchanged_night_does_not_undo_it(small: Any) -> None:
    first, second = small.night(), next_night(small, 20)
    record = rollback(small.places, first.id, who="A. Lead", why="A wrong activity name.", at=AT)
    assert current(small) == first.id
    assert (record.from_id, record.to_id, record.at) == (second.id, first.id, "2026-05-03T09:30:00+00:00")
    file = small.places.evidence / "rollbacks.jsonl"
    assert [json.loads(line)["why"] for line in file.read_text().splitlines()] == ["A wrong activity name."]
    assert file.stat().st_mode & 0o077 == 0
    assert [info.is_withdrawn for info in list_releases(small.places)] == [True, False]
    small.context = replace(small.context, as_of=date(2026, 5, 4))
    assert small.night() is None
    assert current(small) == first.id


def test_after_going_back_something_new_is_released_and_follows_what_readers_saw(small: Any) -> None:
    first = small.night()
    next_night(small, 20)
    rollback(small.places, first.id, who="A. Lead", why="Wrong.", at=AT)
    third = next_night(small, 30)
    manifest = show_release(small.places, third.id)
    assert (manifest["follows"], manifest["number"]) == (first.id, 3)
    # What was gone back from stays away also when it comes again from another side.
    assert next_night(small, 20) is None
    assert current(small) == third.id


def test_going_back_two_releases_withdraws_both(small: Any) -> None:
    first, _, _ = small.night(), next_night(small, 20), next_night(small, 30)
    rollback(small.places, first.id, who="A. Lead", why="Wrong.", at=AT)
    assert next_night(small, 20) is None
    assert next_night(small, 30) is None
    assert current(small) == first.id


def test_going_forward_again_takes_a_release_in_again(small: Any) -> None:
    first, second = small.night(), next_night(small, 20)
    rollback(small.places, first.id, who="A. Lead", why="Wrong.", at=AT)
    rollback(small.places, second.id, who="A. Lead", why="It was right.", at=AT)
    assert current(small) == second.id
    assert [info.is_withdrawn for info in list_releases(small.places)] == [False, False]
    assert len(read(small.places.evidence)) == 2


def test_one_does_not_go_back_to_a_release_that_does_not_verify(small: Any) -> None:
    first, second = small.night(), next_night(small, 20)
    (first.path / "tables.xlsx").unlink()
    with pytest.raises(ReleaseError) as caught:
        rollback(small.places, first.id, who="A. Lead", why="Wrong.")
    assert str(caught.value) == f"Release {first.id} does not verify. tables.xlsx is missing."
    assert current(small) == second.id
    assert read(small.places.evidence) == ()


def test_one_does_not_go_back_to_what_is_there_or_without_a_name_and_a_reason(small: Any) -> None:
    first = small.night()
    with pytest.raises(ReleaseError, match=f"Release {first.id} is what readers see already"):
        rollback(small.places, first.id, who="A. Lead", why="Wrong.")
    for who, why in (("", "Wrong."), ("A. Lead", "  ")):
        with pytest.raises(ReleaseError, match="A rollback needs who does it, and why"):
            rollback(small.places, first.id, who=who, why=why)


def test_a_damaged_current_release_does_not_stop_the_next(small: Any) -> None:
    first = small.night()
    edit(first.path / "manifest.json", lambda path: path.write_text("not json"))
    second = next_night(small, 20)
    assert current(small) == second.id
    assert second.notes == (f"Release {first.id} cannot be read: this one is not compared with it. Verify it.",)
    assert show_release(small.places)["follows"] == first.id
    assert verify_release(small.places) == []


# The decision, as a table of its cases.

A, B, C = _Made("a", 1, "A"), _Made("b", 2, "B"), _Made("c", 3, "C")
CASES = [
    ("the first", "A", None, [], set(), (Decision.PUBLISH, None)),
    ("unchanged", "A", A, [], set(), (Decision.UNCHANGED, None)),
    ("new", "B", A, [], set(), (Decision.PUBLISH, None)),
    ("as an older one", "A", B, [A], set(), (Decision.PUBLISH, None)),
    ("left by a killed night", "B", A, [B], set(), (Decision.FINISH, "b")),
    ("left by a killed first night", "A", None, [A], set(), (Decision.FINISH, "a")),
    ("gone back from", "B", A, [B], {"B"}, (Decision.WITHDRAWN, None)),
    ("gone back from, and later ones there", "B", C, [A, B], {"B"}, (Decision.WITHDRAWN, None)),
    ("new after going back", "C", A, [B], {"B"}, (Decision.PUBLISH, None)),
    ("recorded, but killed before it pointed back", "B", B, [A], {"B"}, (Decision.UNCHANGED, None)),
]


@pytest.mark.parametrize(("content", "now", "others", "withdrawn", "expected"), [case[1:] for case in CASES])
def test_the_decision(content: str, now: Any, others: Any, withdrawn: set[str], expected: Any) -> None:
    assert decide(content, now, others, frozenset(withdrawn)) == expected


def test_what_is_withdrawn_follows_from_the_records_in_their_order() -> None:
    back = Rollback("1", "w", "y", "c", "a", {"b": "B", "c": "C"})
    forth = Rollback("2", "w", "y", "a", "b", {"c": "C"})
    assert withdrawn_contents([back]) == {"B", "C"}
    assert withdrawn_contents([back, forth]) == {"C"}
    assert withdrawn_contents([]) == frozenset()
