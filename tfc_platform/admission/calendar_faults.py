"""A return whose dates are outside its contract because the programme's calendar has ended: that is for the centre to correct."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tfc_platform.admission.arrivals import Arrival
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.lake import Receipt

__all__ = ["with_calendar_fault"]

CAUSES = ("rejected_rows", "nothing_counts")  # a file that is not used for its rows


def _ended(contract: Contract, on: date) -> date | None:
    """The end of the latest window of a date column, where it lies before a day."""
    ends = [column.within[1] for column in contract.columns.values() if column.within]
    return max(ends) if ends and max(ends) < on else None


def with_calendar_fault(arrival: Arrival, receipt: Receipt, contract: Contract) -> Arrival:
    """The arrival, with the sentence and the cause of a calendar that has ended where half of its rows are outside it."""
    last = _ended(contract, arrival.seen_on)
    if last is None or arrival.cause not in CAUSES:
        return arrival
    # Of the months since then that have come: an earlier year, or one that lies ahead, is the site's to correct.
    late = {
        month: n
        for month, n in receipt.outside_window.items()
        if f"{last:%Y-%m}" <= month <= f"{arrival.seen_on:%Y-%m}"
    }
    outside = sum(late.values())
    if 2 * outside < receipt.received:
        return arrival
    message = (
        f"{outside} of {receipt.received} rows have dates after the end of the programme's calendar on {last:%d/%m/%Y}."
        " The central team has to see whether the calendar goes on. You need not correct anything unless it asks you to."
    )
    return replace(arrival, message=message, cause="calendar_ended")
