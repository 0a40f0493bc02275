"""Secrets planted in every column that may hold one: nothing outside the vault has them, and the text store its own alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake

Make = Callable[..., Intake]

FREE = "zorvannafree"
OTHERS = {
    name: f"zorvanna{name}"
    for name in ("personal", "unknown", "ignored", "unnamed", "date", "people", "status", "hours")
}


@pytest.fixture
def planted(landing: Path, csv_of: Any, session: Any) -> None:
    header = ("Date", "Activity", "Status", "People", "Hours", "Notes", "Email", "Room", "Mood", "")
    beside = (OTHERS["personal"], OTHERS["ignored"], OTHERS["unknown"], OTHERS["unnamed"])
    rows = [
        (*session(1, Notes=f"harmed {FREE}"), *beside, OTHERS["unnamed"]),
        (*session(2, Date=OTHERS["date"], Notes=FREE), *beside),
        (*session(3, People=OTHERS["people"]), *beside),
        (*session(4, Status=OTHERS["status"]), *beside),
        (*session(5, Hours=OTHERS["hours"]), *beside),
        (*session(1, Notes=f"harmed {FREE}"), *beside, OTHERS["unnamed"]),
        *((*session(number), *beside) for number in range(10, 50)),
        (OTHERS["personal"],),
    ]
    log = landing / "here" / "log"
    (log / "log 2025-04.csv").write_bytes(csv_of(rows, header))
    (log / "log 2025-05.csv").write_bytes(csv_of(rows, ("Date", "Activity", "Status", "x", "y", "Notes", "Email")))
    (log / "log 2025-06.csv").write_bytes(csv_of(rows, ["nothing"] * 10))
    (log / "harvest.csv").write_bytes(csv_of(rows, header))
    (log / "log 2025-07.csv").write_bytes(csv_of(rows, header) + f'"{OTHERS["personal"]}'.encode())
    (log / "log 2025-08.csv").write_bytes(b"$FL2 " + OTHERS["personal"].encode())


def everything(folder: Path) -> str:
    """All that the files of a folder hold: their bytes, and the cells, names and statistics of Parquet."""
    parts = []
    for path in folder.rglob("*"):
        if not path.is_file():
            continue
        parts += [path.name, path.read_bytes().decode("latin-1")]
        if path.suffix == ".parquet":
            table = pq.read_table(path)
            parts.append(repr(table.to_pydict()))
            parts.append(repr(pq.read_metadata(path).to_dict()))
    return "\n".join(parts)


def found(text: str) -> set[str]:
    return {secret for secret in (FREE, *OTHERS.values()) if secret in text.casefold()}


def test_no_secret_leaves_the_vault(intake: Make, planted: None, caplog: pytest.LogCaptureFixture) -> None:
    told: list[str] = []
    with caplog.at_level(logging.DEBUG):
        take_in(intake(), "here", told.append)
    places = intake().settings.places
    assert found(everything(places.vault)) == {FREE, *OTHERS.values()}, "the search finds them where they are"
    assert found(everything(places.lake)) == set()
    assert found(everything(places.sites)) == set()
    assert found(everything(places.text)) == {FREE}
    assert found(caplog.text + repr(told)) == set()
    assert len(told) == 6
    for place in (places.warehouse, places.research, places.releases, places.evidence, places.keys):
        assert everything(place) == ""
