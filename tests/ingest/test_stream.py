"""A long file is taken in piece by piece: it becomes what it would have become whole, and its memory stays small."""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest import ingest_result, lake_writer, value_cache
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.schemas import RECORDS
from tfc_platform.settings import Places
from tfc_platform.sheets import cell_columns
from tfc_platform.sheets.readers import csv_rows, encodings

from .conftest import HEADER, screen

Make = Callable[..., Contract]
Found = dict[str, Any]

# Few values of each kind, so that rows come twice, and some that no column takes.
ROWS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["01/04/2025", "2 Sept 2025", "2025-12-24", "31/02/2025", "1/1/2031", "", "soon"]),
            st.sampled_from(["Choir", " choir ", "Kids' choir", "Chess", ""]),
            st.sampled_from(["Delivered", "cancelled", "postponed", ""]),
            st.sampled_from(["10", "12 ", "~30", "20+", "3-5", "n/a", "", "eleven", "1,200", "\u00a07"]),
            st.sampled_from(["2", "2.0", "1,5", "", "-1", "99"]),
            st.sampled_from(["", "a note", "harmed", "my name is Zorvanna", "café – \u200b"]),
        ),
        st.tuples(st.sampled_from(["Total", "a note under the table", ""]), *[st.sampled_from(["", "33"])] * 3),
        st.tuples(*[st.sampled_from(["x", "", "01/04/2025"])] * 8),
        st.just(()),
    ),
    max_size=40,
)
STORIES = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2", "S3", "S4", "?"]),
        st.sampled_from(["share", "internal", "withdrawn", "perhaps", ""]),
        st.sampled_from(["01/04/2025", "02/04/2025"]),
    ),
    max_size=40,
)
ANSWERS = st.lists(
    st.tuples(st.sampled_from(["R1", "R2", "R3", ""]), *[st.sampled_from(["1", " 2", "9", "", "seven"])] * 3),
    max_size=40,
)


def story_contract(make: Make) -> Contract:
    order = ["withdrawn", "internal", "share"]
    consent = {"header": "Consent", "type": "category", "codes": {word: word for word in order}, "prevails": order}
    return make(
        record="story",
        columns={
            "story_id": {"header": "Story", "type": "id", "required": True, "invalid": "reject"},
            "consent": consent,
            "told_on": {"header": "Told", "type": "date", "invalid": "reject"},
        },
        key=["story_id"],
        free_text=[],
        personal=[],
        ignored=[],
        hold={"above": None},
    )


def survey_contract(make: Make) -> Contract:
    answers = {
        "items": {"A1": "Q1", "A2": "Q2", "A3": "Q3"},
        "codes": [{"values": {"1": 1, "2": 2}}],
        "missing": {"9": "dont_know"},
    }
    return make(
        record="survey_respondent",
        columns={"respondent_id": {"header": "Id", "type": "token"}},
        free_text=[],
        personal=[],
        ignored=[],
        survey={
            "tool": "t",
            "instrument": "i",
            "population": "parents",
            "wave": "w1",
            "answers": [answers],
        },
    )


def csv_bytes(header: tuple[str, ...], lines: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([header, *lines])
    return text.getvalue().encode()


def become(read: FileReading, shelf: lake_writer.Shelf) -> Found:
    """All that a file became, as it stands on the disk."""
    with shelf.spool:
        records = lake_writer.write_records(shelf, read.result.tables(), read.result.amended)
        issues, texts = (
            lake_writer.write_issues(shelf, read.result.issues),
            lake_writer.write_texts(shelf, read.result.texts),
        )
    places = shelf.places
    found: Found = {name: pq.read_table(places.lake / one["path"]).to_pylist() for name, one in records.items()}
    assert {name: len(found[name]) for name in records} == {name: one["rows"] for name, one in records.items()}
    found["issues"] = pq.read_table(places.lake / issues).to_pylist() if issues else []
    found["texts"] = pq.read_table(places.text / texts).to_pylist() if texts else []
    found["flags"], found["names"] = read.result.flags, read.result.names
    found["verdict"] = (read.status, read.message, read.cause)
    one = read.result
    found["counts"] = (one.received, one.accepted, one.rejected, one.duplicate, one.not_data, one.faults)
    found["rest"] = (one.reasons, one.months, one.unknown_columns)
    assert one.received == one.accepted + one.rejected + one.duplicate
    return found


@pytest.fixture(scope="module")
def both(catalogue: Catalogue, pseudonyms: Pseudonyms) -> Callable[[bytes, Contract], tuple[Found, Found]]:
    """What a file becomes whole with every cell worked out anew, and in pieces of three with meanings remembered."""

    def run(content: bytes, contract: Contract) -> tuple[Found, Found]:
        sha256 = hashlib.sha256(content).hexdigest()
        found = []
        for in_pieces in (False, True):
            with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
                shelf = lake_writer.Shelf(Places(Path(folder)), "here", contract.source, sha256, "stem")
                if in_pieces:
                    patch.setattr(csv_rows, "KEPT", 0)
                    patch.setattr(encodings, "PIECE", 7)
                    patch.setattr(cell_columns, "CHUNK", 2)
                    patch.setattr(ingest_result.IngestResult.hand_out, "__defaults__", (3,))
                else:
                    patch.setattr(value_cache, "REMEMBERED", 0)
                drain = shelf if in_pieces else None
                file = FileContext("log 2025-04.csv", "here", sha256, contract, catalogue, pseudonyms, screen)
                read = read_file(content, file, drain)
                found.append(become(read, shelf))
                assert not list(Path(folder).rglob(".*")), "nothing is left under a temporary name"
        return found[0], found[1]

    return run


QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(lines=ROWS)
def test_a_log_becomes_the_same_in_pieces(both: Any, contract: Make, lines: list[tuple[str, ...]]) -> None:
    totals = {"label": "Total", "field": "attendance", "where": {"status": "delivered"}}
    whole, pieces = both(csv_bytes(HEADER, lines), contract(totals=totals, hold={"above": None}))
    assert pieces == whole


@QUICK
@given(lines=STORIES)
def test_a_consent_taken_back_in_a_later_piece_holds(both: Any, contract: Make, lines: list[tuple[str, ...]]) -> None:
    whole, pieces = both(csv_bytes(("Story", "Consent", "Told"), lines), story_contract(contract))
    assert pieces == whole
    said: dict[str, set[str]] = {}
    for story, consent, _ in lines:
        said.setdefault(story, set()).add(consent)
    for row in whole.get("story", []):
        if said[row["story_id"]] & {"withdrawn"}:
            assert row["consent"] in ("withdrawn", None)


@QUICK
@given(lines=ANSWERS)
def test_a_survey_becomes_the_same_in_pieces(both: Any, contract: Make, lines: list[tuple[str, ...]]) -> None:
    whole, pieces = both(csv_bytes(("Id", "Q1", "Q2", "Q3"), lines), survey_contract(contract))
    assert pieces == whole
    assert len(whole.get("survey_answer", [])) == 3 * len(whole.get("survey_respondent", []))


def test_row_groups_are_as_long_as_what_was_handed_out(
    catalogue: Catalogue, pseudonyms: Pseudonyms, contract: Make, session: Any, csv_of: Any, tmp_path: Path
) -> None:
    content = csv_of([session(number, Notes=str(number)) for number in range(10)])
    shelf = lake_writer.Shelf(Places(tmp_path), "here", "log", "f" * 64, "stem")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cell_columns, "CHUNK", 1)
        patch.setattr(ingest_result.IngestResult.hand_out, "__defaults__", (4,))
        file = FileContext("log 2025-04.csv", "here", "f" * 64, contract(), catalogue, pseudonyms, screen)
        read = read_file(content, file, shelf)
    assert len(read.result.columns["activity"]["site"]) < 4, "what was handed out is held no more"
    assert become(read, shelf)["counts"][:2] == (10, 10)
    found = pq.ParquetFile(tmp_path / "lake" / "activity" / "here" / "stem.parquet").metadata
    assert [found.row_group(i).num_rows for i in range(found.num_row_groups)] == [4, 4, 2]


def test_a_file_below_a_chunk_is_one_row_group_of_plain_texts(tmp_path: Path) -> None:
    one = ingest_result.IngestResult()
    one.add("activity", {"site": "here", "source": "log", "file_sha256": "f", "row_number": 2.0, "partners": ["a"]})
    shelf = lake_writer.Shelf(Places(tmp_path), "here", "log", "f" * 64, "stem")
    lake_writer.write_records(shelf, one.tables())
    with pq.ParquetFile(tmp_path / "lake" / "activity" / "here" / "stem.parquet") as written:
        assert written.metadata.num_row_groups == 1
        assert written.schema_arrow.equals(RECORDS["activity"])
