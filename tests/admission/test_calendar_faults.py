"""A file whose rows are all after the calendar's end is the centre's concern, and not the site's error."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tfc_platform.admission.arrivals import Arrival
from tfc_platform.admission.calendar_faults import with_calendar_fault
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt

ARRIVAL = Arrival(
    path="here/log.csv",
    site="here",
    source="log",
    sha256="a",
    first_seen_at=datetime(2026, 6, 2, tzinfo=UTC),
    seen_on=date(2026, 6, 2),
    status="held",
    message="20 of 20 rows were rejected.",
    cause="rejected_rows",
)


@pytest.fixture
def contract() -> Contract:
    columns: dict[str, Any] = {
        "session_on": {"header": "Date", "type": "date", "within": ["2025-04-01", "2026-04-30"]},
        "activity": {"header": "Activity", "type": "activity"},
    }
    named = {"source": "log", "sites": ["here"], "record": "activity", "owner": "team", "description": "A log."}
    files = {"files": "*.csv", "return": {"key": "all"}, "read": {"format": "csv"}}
    return Contract.model_validate({**named, **files, "columns": columns})


def receipt(outside: int, month: str = "2026-05") -> Receipt:
    reasons = {"date_outside_period": outside, "invalid_date": 20 - outside}
    return Receipt(
        *("here", "log", "a", "a", "d", "held", None),
        received=20,
        rejected=20,
        reasons=reasons,
        outside_window={month: outside},
    )


def test_rows_after_the_end_are_the_centres(contract: Contract) -> None:
    found = with_calendar_fault(ARRIVAL, receipt(18), contract)
    assert found.cause == "calendar_ended"
    said = "18 of 20 rows have dates after the end of the programme's calendar on 30/04/2026."
    assert said in (found.message or "")


@pytest.mark.parametrize("month", ["2025-03", "2024-05", "2026-07", "2027-05"])
def test_months_before_the_window_or_still_to_come_are_the_sites(contract: Contract, month: str) -> None:
    assert with_calendar_fault(ARRIVAL, receipt(18, month), contract) is ARRIVAL


def test_other_faults_are_the_sites(contract: Contract) -> None:
    assert with_calendar_fault(ARRIVAL, receipt(5), contract) is ARRIVAL
    before_the_end = replace(ARRIVAL, seen_on=date(2026, 4, 30))
    assert with_calendar_fault(before_the_end, receipt(18), contract) is before_the_end
    other_cause = replace(ARRIVAL, cause="no_header")
    assert with_calendar_fault(other_cause, receipt(18), contract) is other_cause
