"""An id that comes again on a row that differs makes no duplicate: a few are refused, more hold the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.reading_verdict import FileReading

Make = Callable[..., Contract]
Read = Callable[..., FileReading]
HEADER = ("Id", "Date", "Activity", "Status", "People", "Hours", "Notes")


def keyed(contract: Make) -> Contract:
    columns = {name: column.model_dump(mode="json", exclude_unset=True) for name, column in contract().columns.items()}
    return contract(columns={**columns, "session_id": {"header": "Id", "type": "token"}}, key=["session_id"])


def rows_of(session: Any, ids: list[object], **other: Any) -> list[tuple[object, ...]]:
    return [(number, *session(place, **other)) for place, number in enumerate(ids)]


def counts(found: FileReading) -> tuple[int, int, int, int]:
    result = found.result
    assert result.received == result.accepted + result.rejected + result.duplicate
    return result.received, result.accepted, result.rejected, result.duplicate


def test_the_same_row_twice_is_a_duplicate(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    one, other = (1, *session(0)), (1, *session(0, Notes="another remark, which is in no figure"))
    found = read(csv_of([one, other, (2, *session(1))], HEADER), keyed(contract))
    assert (found.status, counts(found)) == ("read", (3, 2, 0, 1))


def test_a_few_ids_on_rows_that_differ_are_refused_by_name(
    contract: Make, read: Read, csv_of: Any, session: Any
) -> None:
    found = read(csv_of(rows_of(session, [*range(100), 5]), HEADER), keyed(contract))
    assert (found.status, counts(found)) == ("read", (101, 100, 1, 0))
    (issue,) = (issue for issue in found.result.issues if issue.reason == "repeated_id")
    assert (issue.row, issue.column, issue.severity, issue.disposition) == (102, "Id", "error", "rejected")


def test_two_forms_pasted_under_each_other_are_held(contract: Make, read: Read, csv_of: Any, session: Any) -> None:
    found = read(csv_of(rows_of(session, [*range(20), *range(20)]), HEADER), keyed(contract))
    assert (found.status, found.cause, counts(found)) == ("held", "repeated_ids", (40, 20, 20, 0))
    assert found.message is not None
    assert found.message.startswith("20 of 40 rows have an id in “Id” that an earlier row has too")
