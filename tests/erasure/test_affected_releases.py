"""Which releases go with an erasure: those that hold an approved text of what was erased, whatever table has it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from tfc_platform.atomic_io import sha256_text
from tfc_platform.erasure.affected_releases import released_story, released_text, remove_releases
from tfc_platform.privacy.tombstones import Identity, Intent, Tombstones
from tfc_platform.settings import Places

ON = date(2026, 5, 1)
HELD, OTHER = "2026-04-20-aaaaaaaaaaaa", "2026-04-21-bbbbbbbbbbbb"
TEXT = "More chairs are wanted."


def release(places: Places, name: str, table: str, key: str, item: str, text: str) -> None:
    folder = places.releases / name
    rows = pa.table({key: [item], "site": ["north"], "text": [text]})
    for part in ("parquet", "csv"):
        (folder / part).mkdir(parents=True)
    pq.write_table(rows, folder / "parquet" / f"{table}.parquet")
    pyarrow.csv.write_csv(rows, folder / "csv" / f"{table}.csv")


@pytest.fixture
def places(tmp_path: Path) -> Places:
    found = Places(tmp_path / "home")
    found.make()
    return found


@pytest.mark.parametrize(
    ("table", "key"), [("stories", "story_id"), ("learning", "learning_id"), ("contribution", "claim_id")]
)
@pytest.mark.parametrize("erased", [released_story("N-07"), released_text(sha256_text(TEXT))], ids=["id", "file"])
@pytest.mark.parametrize("damage", ["none", "parquet", "all"])
def test_a_release_with_an_erased_text_goes_and_another_stays(
    places: Places, table: str, key: str, erased: Identity, damage: str
) -> None:
    release(places, HELD, table, key, "N-07", TEXT)
    release(places, OTHER, table, key, "N-08", "Nothing of it.")
    for part in {"none": (), "parquet": ("parquet",), "all": ("parquet", "csv")}[damage]:
        (places.releases / HELD / part / f"{table}.{part}").write_bytes(b"\xff\xfe broken")
    tombstones = Tombstones.load(places, make=True)
    tombstones.record(Intent(1, "story", "central", "story_approvals", ON, 1, (tombstones.of(erased),)))
    assert remove_releases(places, tombstones, ON) == 1
    assert {path.name for path in places.releases.iterdir()} == {OTHER}


def test_without_an_erasure_every_release_stays(places: Places) -> None:
    release(places, HELD, "learning", "learning_id", "N-07", TEXT)
    assert remove_releases(places, Tombstones.load(places), ON) == 0
