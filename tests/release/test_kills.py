"""A publication that is killed leaves the earlier one whole, and the next one ends where it would have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tfc_platform import atomic_io, research, versions
from tfc_platform.release import publish
from tfc_platform.release.manage import list_releases, verify_release

SMALL = ("mart_delivery", "mart_reach", "mart_partnership", "mart_learning_action")
PUBLISHER = Path(__file__).with_name("publisher.py")


def publisher(home: Path, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PUBLISHER), str(home), *arguments], capture_output=True, text=True, check=False, **options
    )


def leftovers(world: Any) -> list[str]:
    return [
        path.name
        for root in (world.places.research, world.places.releases)
        for path in root.iterdir()
        if path.name.startswith(".")
    ]


def what_readers_see(world: Any) -> tuple[str, str, int]:
    """Both ids and the first figure, read through the pointers as a reader does."""
    with duckdb.connect(str(world.places.research / "current" / "tfc.duckdb"), read_only=True) as con:
        (low,) = con.execute(
            "select min(sessions_delivered) from marts.mart_delivery where month = '2025-05-01'"
        ).fetchone() or (0,)
    assert verify_release(world.places) == []
    return os.readlink(world.places.research / "current"), os.readlink(world.places.releases / "current"), low


class Killed(BaseException):
    """Not an Exception: nothing may catch it, as nothing catches a kill."""


POINTS = [
    (publish, "write_database"),
    (publish, "write_workbook"),
    (publish, "install"),
    (publish, "switch"),
    (research, "_copy"),
    (research, "install"),
    (research, "switch"),
    (versions.os, "replace"),
    (atomic_io.os, "replace"),
]


@pytest.mark.parametrize(("module", "function"), POINTS, ids=[f"{m.__name__}.{f}" for m, f in POINTS])
def test_an_interruption_leaves_the_old_whole_and_the_next_night_finishes(
    small: Any, monkeypatch: pytest.MonkeyPatch, module: Any, function: str
) -> None:
    small.night()
    before = what_readers_see(small)
    small.change("mart_delivery", 0, sessions_delivered=99)
    small.warehouse()

    def interrupted(*_args: Any, **_kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        if module is publish:
            small.research()
            before = what_readers_see(small)
        patch.setattr(module, function, interrupted)
        with pytest.raises(Killed):
            small.research() if module is not publish else small.release()
    assert what_readers_see(small) == before
    small.research()
    published = small.release()
    assert published is not None
    after = what_readers_see(small)
    assert after[1] == published.id != before[1]
    assert leftovers(small) == []


@pytest.mark.usefixtures("without_pages")
@pytest.mark.parametrize(
    "place",
    [
        "tfc_platform.research.create_views",
        "tfc_platform.release.publish.write_workbook",
        "tfc_platform.release.publish.install:after",
        "tfc_platform.versions.point",
    ],
)
def test_a_killed_process_leaves_the_old_whole_and_the_next_ends_where_it_would_have(
    make_world: Any, place: str
) -> None:
    world, undisturbed = make_world("home", *SMALL), make_world("undisturbed", *SMALL)
    for one in (world, undisturbed):
        one.night()
    before = what_readers_see(world)
    killed = publisher(world.home, place, "20", *SMALL)
    assert killed.returncode == -9, killed.stderr
    assert what_readers_see(world)[1] == before[1]
    for one in (world, undisturbed):
        one.change("mart_delivery", 0, sessions_delivered=20)
        one.night()
    assert what_readers_see(world) == what_readers_see(undisturbed)
    assert len(list_releases(world.places)) == 2
    assert leftovers(world) == []


def test_the_same_inputs_give_the_same_bytes_in_another_process_order_and_number_of_threads(
    released: Path, tmp_path: Path
) -> None:
    home = released.parent.parent
    published = [(home / place / "current").resolve() for place in ("research", "releases")]

    def on_one_processor() -> None:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    elsewhere = publisher(
        tmp_path / "elsewhere",
        "shuffled",
        preexec_fn=on_one_processor if hasattr(os, "sched_setaffinity") else None,
        env={**os.environ, "PYTHONHASHSEED": "11", "TZ": "Pacific/Auckland"},
    )
    assert elsewhere.returncode == 0, elsewhere.stderr
    found = json.loads(elsewhere.stdout)
    assert list(found) == [path.name for path in published]
    for path in published:
        assert len(found[path.name]) >= 1
        for name, digest in found[path.name].items():
            assert atomic_io.sha256_file(path / name) == digest, name


def test_leftovers_of_any_kind_are_cleared(small: Any) -> None:
    root = small.places.releases
    (root / ".building-abc" / "csv").mkdir(parents=True)
    (root / ".building-abc" / "csv" / "reach.csv").write_text("half")
    (root / ".current-4711").symlink_to("nowhere")
    assert versions.clear_leftovers(root) == 2
    assert list(root.iterdir()) == []


def test_a_version_that_stands_there_with_other_content_is_never_replaced(small: Any) -> None:
    small.warehouse()
    published = small.research()
    (published.path / "manifest.json").chmod(0o644)
    (published.path / "manifest.json").write_text("{}")
    with pytest.raises(versions.VersionTaken, match=f"^research/{published.id} is there with other content"):
        small.research()
