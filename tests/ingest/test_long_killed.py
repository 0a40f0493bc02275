"""A long file whose taking in is killed: nothing half-written is ever in its place, and the next run ends as if undisturbed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from benchmarks.long_files import write_csv
from tfc_platform.contracts.catalogue import load_catalogue

KILLER = Path(__file__).with_name("killer.py")
ROWS = 2500
PLACES = [
    "tfc_platform.ingest.landing:Landing:pieces:1",  # nothing of it has been written
    "tfc_platform.atomic_io:Draft:__init__:1",  # on its way to the vault
    "tfc_platform.ingest.vault::receive:1",  # in the vault and not read
    "tfc_platform.ingest.spool:Spool:add:1",  # the first rows are on the disk
    "tfc_platform.ingest.spool:Spool:add:9",  # and many more
    "tfc_platform.ingest.read_file::verdict_on:1",  # all is read, nothing is in its place
    "tfc_platform.ingest.spool:Spool:place:1",  # the rows are in their place, the texts are not
    "tfc_platform.ingest.lake_writer::write_texts:1",  # all but the receipt
]


def run(landing: Path, home: Path, site: str, places: list[str]) -> list[dict[str, Any]]:
    command = [sys.executable, str(KILLER), str(landing), str(home), site, *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"place"')]
    assert len(lines) == len(places) + 1, done.stderr[-3000:]
    return lines


def without_moment(path: Path) -> bytes:
    """A file's bytes; of a receipt all but the moment at which it was written."""
    content = path.read_bytes()
    if "receipts" not in path.parts:
        return content
    return json.dumps({key: value for key, value in json.loads(content).items() if key != "read_at"}).encode()


def tree(home: Path) -> dict[str, str]:
    """Everything that is kept, but what has the time of the night (sightings, flags), and what was left by a kill."""
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(without_moment(path)).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not {"sightings", "flags"} & set(path.parts) and not path.name.startswith(".writing-")
    }


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Path, Path]:
    folder = tmp_path_factory.mktemp("long")
    made = write_csv(load_catalogue(), "activity", folder, ROWS, own=True)
    landing = folder / "landing" / made.site / Path(made.contract.files).parent
    landing.mkdir(parents=True)
    made.path.rename(landing / made.path.name)
    killed, undisturbed = folder / "killed", folder / "undisturbed"
    ends = run(folder / "landing", killed, made.site, PLACES)
    run(folder / "landing", undisturbed, made.site, [])
    return ends, killed, undisturbed


def test_each_was_killed_where_it_was_asked_and_the_last_was_not(homes: Any) -> None:
    assert [end["ended"] for end in homes[0]] == [-9] * len(PLACES) + [0]


def test_no_receipt_before_all_is_written(homes: Any) -> None:
    assert [end["receipts"] for end in homes[0]] == [0] * len(PLACES) + [1]


def test_the_next_run_ends_where_an_undisturbed_one_does_to_the_byte(homes: Any) -> None:
    _, killed, undisturbed = homes
    assert tree(killed) == tree(undisturbed)
    assert len(tree(killed)) >= 4, "the file in the vault, its rows, its texts, its receipt"


def test_the_rows_are_those_of_the_file_in_many_pieces(homes: Any) -> None:
    (rows,) = (homes[1] / "lake" / "activity").rglob("*.parquet")
    (receipt,) = (homes[1] / "lake" / "receipts").rglob("*.json")
    said = json.loads(receipt.read_text())
    assert said["received"] == ROWS == said["accepted"] + said["rejected"] + said["duplicate"]
    assert pq.ParquetFile(rows).metadata.num_rows == said["accepted"]
    assert pq.ParquetFile(rows).num_row_groups > 20


def test_a_kill_leaves_temporary_names_alone(homes: Any) -> None:
    """They are swept when they are an hour old, so that nothing goes that another run writes."""
    ends = homes[0]
    assert ends[0]["left"] == []
    assert ends[4]["left"], "what was being written when the process was killed"
