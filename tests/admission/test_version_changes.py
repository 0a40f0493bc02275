"""Rows of two versions compared in the lake: by id where there is one, else by what they say; months and sheets that are gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfc_platform.admission.arrivals import Arrival, VersionChange
from tfc_platform.admission.version_changes import id_columns, row_changes
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt
from tfc_platform.schemas import RECORDS

Row = dict[str, Any]


def session(number: int, **other: Any) -> Row:
    values = {
        "session_id": f"s{number}",
        "session_on": date(2025, 4 + number % 2, 1 + number % 28),
        "activity": "choir",
        "attendance_low": number,
        "partners": ["p1", "p2"],
    }
    return values | other


@dataclass
class Lake:
    """Parquet files of two versions, and what one changed against the other."""

    folder: Path
    contract: Contract

    def _version(self, name: str, records: dict[str, list[Row]]) -> tuple[Arrival, Receipt]:
        tables = {}
        for record, rows in records.items():
            own = {"site": "here", "source": "log", "file_sha256": name}
            given = [{**own, "row_number": number, **row} for number, row in enumerate(rows, start=2)]
            pq.write_table(
                pa.Table.from_pylist(given, schema=RECORDS[record]), self.folder / f"{name}-{record}.parquet"
            )
            tables[record] = {"path": f"{name}-{record}.parquet", "rows": len(rows)}
        count = len(records.get(self.contract.record, ()))
        seen = datetime(2026, 5, 1, tzinfo=UTC)
        arrival = Arrival(f"{name}.csv", "here", "log", name, seen, date(2026, 5, 1), accepted=count)
        return arrival, Receipt("here", "log", name, name, "digest", "read", None, accepted=count, records=tables)

    def change(self, before: dict[str, list[Row]], now: dict[str, list[Row]]) -> VersionChange:
        return row_changes(self.folder, self.contract, self._version("a", before), self._version("b", now))

    def sessions(self, before: list[Row], now: list[Row]) -> VersionChange:
        return self.change({"activity": before}, {"activity": now})


@pytest.fixture
def lake(tmp_path: Path, with_elsewhere: Catalogue) -> Callable[..., Lake]:
    """A lake of one contract: the first of the packaged ones with this record, and with a key or without."""

    def make(record: str = "activity", has_key: bool = True) -> Lake:
        return Lake(
            tmp_path,
            next(one for one in with_elsewhere.contracts if one.record == record and bool(id_columns(one)) == has_key),
        )

    return make


def counts(change: VersionChange) -> tuple[int, int, int, bool]:
    return change.added, change.gone, change.changed, change.by_id


@pytest.mark.parametrize("has_key", [True, False])
def test_the_same_rows_in_another_order_changed_nothing(lake: Callable[..., Lake], has_key: bool) -> None:
    rows = [session(number) for number in range(10)]
    change = lake(has_key=has_key).sessions(rows, rows[::-1])
    assert counts(change) == (0, 0, 0, has_key)
    assert not change.is_any


def test_by_id(lake: Callable[..., Lake]) -> None:
    before = [session(number) for number in range(10)]
    now = [
        session(0, attendance_low=99),
        session(1, session_on=date(2025, 7, 1)),
        *before[2:8],
        session(20),
        session(21),
    ]
    change = lake().sessions(before, now)
    assert counts(change) == (2, 2, 2, True)
    assert change.periods == (("2025-04", 5, 1), ("2025-05", 5, 1)), "one that was given another date is not gone"


def test_by_what_rows_say(lake: Callable[..., Lake]) -> None:
    """Without an id a corrected row is one that is gone and one that came, in its month."""
    before = [session(number, session_id=f"before {number}") for number in range(10)]
    now = [session(number, session_id=f"now {number}") for number in range(10)]
    now[0]["attendance_low"] = 99  # April
    change = lake(has_key=False).sessions(before, now[:9])  # the last one is of May
    assert counts(change) == (0, 1, 1, False)
    assert change.periods == (("2025-05", 5, 1),)
    assert counts(lake(has_key=False).sessions(before, [*now[1:], session(9)])) == (1, 1, 0, False), (
        "a row that came twice"
    )


def test_sheets(lake: Callable[..., Lake]) -> None:
    april = [session(number, sheet="Apr 25") for number in range(0, 20, 2)]
    may = [session(number, sheet="May 25") for number in range(1, 20, 2)]
    of = lake(has_key=False)
    assert of.sessions([*april, *may], april).sheets == (("May 25", 10),)
    renamed = [{**row, "sheet": "May25"} for row in may]
    assert of.sessions([*april, *may], [*april, *renamed]).sheets == ()
    assert of.sessions([*april, *may], [*april, *renamed[:4]]).sheets == (("May 25", 10),)
    of_person = [{**row, "sheet": "Zebedee"} for row in may]
    assert of.sessions([*april, *of_person], april).sheets == (("", 10),), "a name that may be a person's"


def test_an_answer_that_was_corrected_is_a_changed_respondent(lake: Callable[..., Lake]) -> None:
    people = [{"respondent_id": f"r{number}", "population": "community", "wave": "w1"} for number in range(3)]
    answers = [
        {"respondent_id": row["respondent_id"], "instrument": "x", "item": item, "value": 3}
        for row in people
        for item in ("K1", "K2")
    ]
    corrected = [{**row, "value": 4} if place == 1 else row for place, row in enumerate(answers)]
    of = lake("survey_respondent")
    before = {"survey_respondent": people, "survey_answer": answers}
    assert counts(of.change(before, {**before, "survey_answer": corrected[::-1]})) == (0, 0, 1, True)
    gone = {"survey_respondent": people[1:], "survey_answer": answers[2:]}
    assert counts(of.change(before, gone)) == (0, 1, 0, True)


def test_a_version_without_a_row(lake: Callable[..., Lake]) -> None:
    rows = [session(number) for number in range(4)]
    assert counts(lake().change({"activity": rows}, {})) == (0, 4, 0, True)
    assert counts(lake().change({}, {"activity": rows})) == (4, 0, 0, True)
