"""The way back: what a site gets to fill in, and what the platform makes of it once it is returned."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.feedback.learning_feedback import FILE, replies_of, write_learning
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.settings import Places

SITES = ("glasgow", "stoke")


def row(
    item: str, to: str | None, sent: date | None, received: date | None = None, adopted: date | None = None
) -> dict[str, Any]:
    return {
        "learning_id": item,
        "site": "grimsby",
        "to_site": to,
        "sent_on": sent,
        "received_on": received,
        "adopted_on": adopted,
    }


ROWS = [
    row("L-GR-01", "stoke", date(2025, 5, 1), date(2025, 5, 9), date(2025, 6, 1)),
    row("L-GR-02", "stoke", date(2025, 9, 1)),
    row("L-GR-02", "stoke", date(2025, 9, 1)),  # a released row a measure
    row("L-GR-03", "stoke", date(2025, 8, 1)),
    row("L-GR-04", "stoke", date(2025, 4, 1), date(2025, 4, 2)),
    row("L-GR-05", "glasgow", date(2025, 4, 1)),
    row("L-GR-06", None, None),
]


def released(folder: Path, rows: list[dict[str, Any]]) -> Path:
    (folder / "parquet").mkdir(parents=True, exist_ok=True)
    days = [pa.field(name, pa.date32()) for name in ("sent_on", "received_on", "adopted_on")]
    schema = pa.schema([*((name, pa.string()) for name in ("learning_id", "site", "to_site")), *days])
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "parquet" / "learning_action.parquet")
    return folder


def test_what_awaits_an_answer_comes_first_the_oldest_first():
    assert [item["learning_id"] for item in replies_of(ROWS, "stoke")] == ["L-GR-03", "L-GR-02", "L-GR-04", "L-GR-01"]
    assert [item["learning_id"] for item in replies_of(ROWS, "glasgow")] == ["L-GR-05"]
    assert replies_of(ROWS, "plymouth") == []


def test_each_site_gets_its_own_and_one_to_which_nothing_was_sent_any_more_has_none(tmp_path: Path):
    places = Places(tmp_path / "home")
    assert write_learning(places, released(tmp_path / "one", ROWS), SITES) == 2
    file = places.sites / "stoke" / FILE
    before = file.stat().st_mtime_ns
    assert file.read_bytes().startswith(b"\xef\xbb\xbflearning_id,from_site,sent_on,to_site,received_on,adopted_on\r\n")
    assert b"L-GR-05" not in file.read_bytes()
    assert write_learning(places, tmp_path / "one", SITES) == 2
    assert file.stat().st_mtime_ns == before  # the same again is not written
    assert write_learning(places, released(tmp_path / "two", ROWS[:5]), SITES) == 1
    assert not (places.sites / "glasgow" / FILE).exists()
    assert file.stat().st_mode & 0o077 == 0


def test_the_file_filled_in_and_returned_is_read(tmp_path: Path):
    places = Places(tmp_path / "home")
    write_learning(places, released(tmp_path / "one", ROWS), SITES)
    text = (places.sites / "stoke" / FILE).read_text(encoding="utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    lines[0] |= {"received_on": "12/08/2025", "adopted_on": "01/10/2025"}
    lines.append(
        dict.fromkeys(lines[0], "") | {"learning_id": "L-GR-09", "to_site": "glasgow", "received_on": "01/09/2025"}
    )
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, lines[0])
    writer.writeheader()
    writer.writerows(lines)

    catalogue = load_catalogue([])
    contract = catalogue.contract("stoke", "learning_replies")
    file = FileContext(
        "learning_replies.csv", "stoke", "0" * 64, contract, catalogue, Pseudonyms(b"k" * 32), lambda _: []
    )
    read = read_file(out.getvalue().encode(), file)
    result = read.result
    assert (result.received, result.accepted, result.rejected) == (5, 3, 2)
    assert result.columns["learning_action"]["learning_id"] == ["L-GR-03", "L-GR-04", "L-GR-01"]
    assert result.columns["learning_action"]["received_on"] == [date(2025, 8, 12), date(2025, 4, 2), date(2025, 5, 9)]
    assert result.columns["learning_action"]["adopted_on"] == [date(2025, 10, 1), None, date(2025, 6, 1)]
    assert result.columns["learning_action"]["sent_on"] == [None] * 3  # the centre says what was sent
    reasons = {issue.row: issue.reason for issue in result.issues if issue.disposition == "rejected"}
    assert reasons == {3: "not_answered", 6: "other_site"}
    assert (read.status, result.faults) == ("read", 1)
