"""Tables about people in a release: they are in every file, what they hide is in none, and no byte depends on it.

The whole way is real, from rows through locked snapshots and the audit; see `tests.disclosure.world`. What is locked
and when, and which cells are hidden, is tested in `tests/disclosure`.
"""

from __future__ import annotations

import csv
import json
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.disclosure.world import OUTSIDE, UNKNOWN, World, make_world
from tests.release.accessible import table_rows
from tfc_platform.disclosure import published_sets
from tfc_platform.release import publish
from tfc_platform.release.manage import verify_release

QUARTER = "2025-Q2"
AS_OF = date(2025, 8, 11)  # 42 days after the quarter's end
# Of cells that are hidden: numbers that stand nowhere else.
HIDDEN_HIGH = 7919  # at most so many attendances, of sessions of which none was large
HIDDEN_HOURS = 6113.25  # of four visits
ADDED_TO = ("north", "choir", UNKNOWN)


def quarter_world(tmp_path: Path, name: str = "home") -> World:
    """One quarter in which two cells of the north are hidden: the activity `play`, four sessions outside, and casework."""
    world = make_world(tmp_path, name=name, quarters=1)
    for venue in world.venues:
        world.set_heads("north", QUARTER, "play", venue, [])
    world.set_heads("north", QUARTER, "play", OUTSIDE, [4, 6, 3, 5])
    world.set_visits("north", QUARTER, 4, hours=HIDDEN_HOURS / 4)
    set_attendances(world, "play", [4, 6, 3, 5], [4, 6, 3, HIDDEN_HIGH - 13])
    world.write()
    return world


def set_attendances(world: World, activity: str, lows: list[int], highs: list[int], **cells: Any) -> None:
    """Other attendances of the very sessions that the north had of an activity: days and lengths stay."""
    places = [n for n, s in enumerate(world.sessions) if (s.site, s.activity) == ("north", activity)]
    for place, low, high in zip(places, lows, highs, strict=True):
        world.sessions[place] = replace(world.sessions[place], low=low, high=high, **cells)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Released once: for tests that only read it."""
    made = quarter_world(tmp_path_factory.mktemp("persons"))
    assert made.release(AS_OF, with_pages=True).published is not None
    return made


def numbers_in(path: Path) -> Iterator[float]:
    """Every number in the cells of a release's databases and in Parquet's statistics."""
    with duckdb.connect(str(path / "tfc.duckdb"), read_only=True) as con:
        for (table,) in con.execute("select table_name from duckdb_tables()").fetchall():
            for row in con.execute(f'from "{table}"').fetchall():
                yield from (cell for cell in row if isinstance(cell, int | float))
    for file in path.glob("parquet/*.parquet"):
        for row in pq.read_table(file).to_pylist():
            yield from (cell for cell in row.values() if isinstance(cell, int | float))
        groups = pq.read_metadata(file).row_group(0)
        for column in range(groups.num_columns):
            statistics = groups.column(column).statistics
            if statistics is not None and statistics.has_min_max:
                yield from (x for x in (statistics.min, statistics.max) if isinstance(x, int | float))


def unpacked(path: Path) -> bytes:
    """All bytes of a release, with what stands in the workbook unpacked."""
    parts = [file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()]
    with zipfile.ZipFile(path / "tables.xlsx") as book:
        parts += [book.read(name) for name in book.namelist()]
    return b"\n".join(parts)


def files_of(path: Path) -> dict[str, bytes]:
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


def test_tables_about_persons_are_in_every_format(world: World) -> None:
    path = world.current
    manifest = json.loads((path / "manifest.json").read_text())
    listed = {entry["name"]: entry["rows"] for entry in manifest["tables"]}
    assert set(world.person_tables) < set(listed)
    book = openpyxl.load_workbook(path / "tables.xlsx")
    with duckdb.connect(str(path / "tfc.duckdb"), read_only=True) as con:
        for table in world.person_tables:
            expected = duckdb.sql(f"from read_parquet('{path}/parquet/{table}.parquet')").fetchall()
            assert con.execute(f'from main."{table}"').fetchall() == expected
            assert len(expected) == listed[table]
            with (path / "csv" / f"{table}.csv").open(encoding="utf-8", newline="") as stream:
                assert len(list(csv.reader(stream))) == len(expected) + 1
            assert len(table_rows(book[table])[1]) == max(1, len(expected))  # of none there is a row that says so
            assert table in (path / "about.html").read_text(encoding="utf-8")
    assert verify_release(world.places) == []


def test_small_counts_are_suppressed_with_all_that_is_counted_of_the_same_persons(world: World) -> None:
    reach, casework = world.figures("reach"), world.figures("casework")
    assert reach[("north", QUARTER, "play")] == {
        "attendances_low": (None, "suppressed"),
        "attendances_high": (None, "suppressed"),
        "sessions_delivered": (4.0, "shown"),  # what was done with groups is no count of persons
        "sessions_unknown": (0.0, "shown"),
    }
    assert {status for _, status in reach[("north", QUARTER, "choir")].values()} == {"rounded", "shown"}
    assert casework[("north", QUARTER, "visits")] == {
        "sessions_delivered": (None, "suppressed"),
        "hours": (None, "suppressed"),
    }


def test_the_manifest_names_snapshots_and_the_audit_and_no_content(world: World) -> None:
    manifest = json.loads((world.current / "manifest.json").read_text())
    assert {item["name"] for item in manifest["snapshots"]} == {QUARTER, "community w1"}
    assert {item["locked_on"] for item in manifest["snapshots"]} == {"2025-08-11"}
    audited = {item["subject"]: item for item in manifest["evidence"] if item["check"] == "joint_audit"}
    assert set(audited) == set(world.person_tables)
    assert {item["verdict"] for item in audited.values()} == {"passed"}
    # What is frozen has few possible values: its digest would tell which.
    content = unpacked(world.current)
    for snapshot in world.store.versions().values():
        assert snapshot.content.encode() not in content


def test_a_workbook_says_what_is_hidden_and_what_cannot_be(world: World) -> None:
    header, rows = table_rows(openpyxl.load_workbook(world.current / "tables.xlsx")["casework"])
    activity, value = header.index("activity"), header.index("value")
    shown = {(row[0], row[activity]): row[value] for row in rows}
    assert shown[("north", "visits")] == "[c]"
    assert shown[("north", "choir")] == "[z]"


def test_a_suppressed_value_is_in_no_file(world: World) -> None:
    numbers, content = set(numbers_in(world.current)), unpacked(world.current)

    def is_written(number: float) -> bool:
        return re.search(rf"(?<![\d.a-f]){re.escape(f'{number:g}')}(?![\d.a-f])".encode(), content) is not None

    # The population of a small area is published beside what is not: the search finds what is there.
    assert 1000.0 in numbers
    assert is_written(1000)
    assert struct.pack("<d", 1000.0) in content
    # As they are, and as they would be if they were rounded and shown.
    for number in (HIDDEN_HIGH, HIDDEN_HOURS, 7920, 6115):
        assert number not in numbers
        assert not is_written(number)
        for form in ("<d", ">d", *(("<q", "<i") if isinstance(number, int) else ())):
            assert struct.pack(form, number) not in content


def _others_in_the_hidden_cells(world: World) -> None:
    """Other sessions were the larger ones; casework was longer, and elsewhere, and of others."""
    set_attendances(world, "play", [9, 0, 2, 7], [HIDDEN_HIGH - 1000, 0, 500, 500])
    world.set_visits("north", QUARTER, 4, hours=0.5, venue="A1")


def _more_and_fewer_in_the_hidden_cells(world: World) -> None:
    """As many more as the site's total does not show, and all visits that are hidden."""
    set_attendances(world, "play", [5, 6, 3, 5], [5, 6, 3, HIDDEN_HIGH - 13])
    world.set_visits("north", QUARTER, 9)


def _nobody_in_casework(world: World) -> None:
    world.set_visits("north", QUARTER, 0)


def _one_more_where_a_figure_is_rounded(world: World) -> None:
    """A person more in a cell that is shown, where the figure stays what it was."""
    place = next(n for n, s in enumerate(world.sessions) if (s.site, s.activity, s.small_area) == ADDED_TO)
    session = world.sessions[place]
    assert session.low is not None
    world.sessions[place] = replace(session, low=session.low + 1)


@pytest.mark.parametrize(
    "change",
    [
        _others_in_the_hidden_cells,
        _more_and_fewer_in_the_hidden_cells,
        _nobody_in_casework,
        _one_more_where_a_figure_is_rounded,
    ],
)
def test_no_byte_of_a_release_depends_on_what_is_hidden(
    world: World, tmp_path: Path, change: Callable[[World], None]
) -> None:
    """Two programmes that differ in hidden values alone publish the same bytes: so no byte can tell them."""
    twin = quarter_world(tmp_path, "twin")
    change(twin)
    twin.write()
    other = twin.release(AS_OF, with_pages=True)
    assert other.published is not None
    contents = [{s.label: s.content for s in each.store.versions().values()} for each in (world, twin)]
    assert contents[0] != contents[1]  # the twin is another programme indeed
    assert world.current.name == other.published.id
    assert files_of(world.current) == files_of(other.published.path)


class Killed(BaseException):
    """Not an Exception: nothing may catch it, as nothing catches a kill."""


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A world of two quarters after its first release. Nobody writes in it: a test takes a copy."""
    made = make_world(tmp_path_factory.mktemp("first"), quarters=2)
    assert made.release(AS_OF).published is not None
    return made


@pytest.fixture(scope="module")
def undisturbed(first: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """That world after its second release."""
    made = first.copied(tmp_path_factory.mktemp("undisturbed") / "home")
    assert made.release(made.lock_day("2025-Q3")).published is not None
    return made


@pytest.mark.parametrize(
    ("owner", "name"),
    [(published_sets.Archive, "add"), (publish, "write_database"), (publish, "install"), (publish, "switch")],
    ids=["keep", "write_database", "install", "switch"],
)
def test_an_interrupted_release_keeps_the_old_one_and_is_finished_by_the_next_run(
    first: World, undisturbed: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    world = first.copied(tmp_path / "home")
    before, later = world.current, world.lock_day("2025-Q3")

    def killed(*_args: Any, **_kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, killed)
        with pytest.raises(Killed):
            world.release(later)
    assert world.current == before
    assert verify_release(world.places) == []
    assert world.release(later).published is not None
    assert world.current.name == undisturbed.current.name
    assert files_of(world.current) == files_of(undisturbed.current)
    # Whatever readers saw is in the archive that every later audit reads.
    assert world.archive.digests() == undisturbed.archive.digests()


def test_a_release_about_persons_is_kept_for_later_audits_before_readers_see_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make_world(tmp_path, quarters=1)
    kept_at_the_switch: list[int] = []
    switch = publish.switch

    def watched(root: Path, version: str) -> None:
        kept_at_the_switch.append(len(world.archive.digests()))
        switch(root, version)

    monkeypatch.setattr(publish, "switch", watched)
    world.release(AS_OF)
    assert kept_at_the_switch == [1]
