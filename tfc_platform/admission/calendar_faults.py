"""A return whose dates are outside its contract because the programme's calendar has ended: that is for the centre to correct."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tfc_platform.admission.arrivals import Arrival
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt

__all__ = ["with_calendar_fault"]

CAUSES = ("rejected_rows", "nothing_counts")  # a file that is not used for its rows
REASON = "date_outside_period"


def _ended(contract: Contract, on: date) -> date | None:
    """The end of the latest window of a date column, where it lies before a day."""
    ends = [column.within[1] for column in contract.columns.values() if column.within]
    return max(ends) if ends and max(ends) < on else None


def with_calendar_fault(arrival: Arrival, receipt: Receipt, contract: Contract) -> Arrival:
    """The arrival, with the sentence and the cause of a calendar that has ended where half of its rows are outside it."""
    outside = receipt.reasons.get(REASON, 0)
    last = _ended(contract, arrival.seen_on)
    if last is None or arrival.cause not in CAUSES or 2 * outside < receipt.received:
        return arrival
    message = (
        f"{outside} of {receipt.received} rows have dates outside the programme's calendar, which ended on {last:%d/%m/%Y}."
        " The central team has to see whether the calendar goes on. You need not correct anything unless it asks you to."
    )
    return replace(arrival, message=message, cause="calendar_ended")
