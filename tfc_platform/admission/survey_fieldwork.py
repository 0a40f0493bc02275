"""Whether the answers of a survey were given in the fieldwork of their wave, by the window that the contract names."""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.ingest.file_context import facts_of
from tfc_platform.ingest.ingest_result import RowIssue

__all__ = ["outside_fieldwork"]

FEWEST = 3  # answers outside, before more than half of them hold the file


def outside_fieldwork(item: ReturnRows) -> tuple[ContentHold | None, Sequence[RowIssue]]:
    """Why a survey is held for the days of its answers, or None; and what its site should check.

    Answers without a day say nothing.
    """
    survey = item.contract.survey
    if survey is None or not survey.fieldwork:
        return None, ()
    _, wave = item.contract.population_and_wave(facts_of(item.contract, item.arrival.path.rsplit("/", 1)[-1]) or {})
    if wave not in survey.fieldwork:
        return None, ()
    first, last = survey.fieldwork[wave]
    dated = [(day, rows) for days in item.days.values() for day, rows in days if day is not None]
    answers, outside = sum(rows for _, rows in dated), sum(rows for day, rows in dated if not first <= day <= last)
    if not outside:
        return None, ()
    what = f"{outside} of {answers} answers were given outside the fieldwork of {wave} ({first:%d/%m/%Y} to {last:%d/%m/%Y})"
    issue = RowIssue(None, None, None, "warn", "outside_fieldwork", f"{what}: check that they are of this wave.")
    if outside < FEWEST or 2 * outside <= answers:
        return None, (issue,)
    return ContentHold(
        f"{what}: it seems to be another wave's export under this name. Export this wave and send that. If the dates are right,"
        " the central team has to change the calendar.",
        "other_wave",
    ), (issue,)
