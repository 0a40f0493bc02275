"""Which content a person means who accepts a return, and whether it is held for a reason that a person can lift."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from tfc_platform.admission.admit import admit, reading_digests
from tfc_platform.admission.arrivals import Acceptance, Submission, latest_of_each_path
from tfc_platform.admission.version_holds import UNACCEPTABLE
from tfc_platform.ingest.intake import Intake

__all__ = ["NotAcceptableError", "acceptance_of", "content_meant"]

ACCEPTABLE_FAULTS = frozenset({"rows_lost", "returns_merged"})  # today's reading takes rows of it
DIGITS = re.compile(r"[0-9a-f]{8,64}")


class NotAcceptableError(Exception):
    """Nobody can accept this, and the message says why."""


def content_meant(submissions: Sequence[Submission], file: str) -> Submission:
    """The content that lies under a path, or that has this beginning of its SHA-256.

    :param file: a path in the landing zone, or at least eight digits.
    :raises NotAcceptableError: where there is none, or several.
    """
    of_path = [item for item in latest_of_each_path(submissions) if item.arrival.path == file]
    if of_path:
        return of_path[0]
    contents = [item for item in submissions if DIGITS.fullmatch(file) and item.arrival.sha256.startswith(file)]
    shown = [item for item in contents if item.status != "duplicate_file"] or contents
    if len({item.arrival.sha256 for item in shown}) > 1:
        raise NotAcceptableError(f"Several files begin with {file}: give more digits, or the path.")
    if not shown:
        raise NotAcceptableError(
            f"No night has seen {file}. Give the path as `tfc status` or the receipt has it, or the first digits of the SHA-256."
        )
    return max(shown, key=lambda item: (item.status == "held", item.arrival.order))


def acceptance_of(intake: Intake, file: str, by: str, because: str, on: date) -> Acceptance:
    """The word to be recorded.

    :param file: as `content_meant` takes it.
    :raises NotAcceptableError: where the file is not held, or for a reason that no word lifts.
    :raises NotTakenInError: where files have not been read under today's contracts.
    """
    item = content_meant(admit(intake).submissions, file)
    arrival = item.arrival
    hold = intake.settings.places.lake / "holds" / f"{arrival.sha256}.json"
    if hold.is_file() or (item.hold is not None and item.hold.cause in UNACCEPTABLE):
        raise NotAcceptableError(
            f"{arrival.path} is held because its rows break a rule that all figures keep: its sender has to correct it."
        )
    is_held = item.status == "held" and arrival.accepted > 0
    if arrival.contract_fault and arrival.contract_fault not in ACCEPTABLE_FAULTS:
        raise NotAcceptableError(f"{arrival.path} is not taken by the contract as it is now: correct the contract.")
    if arrival.source is None or not (is_held or arrival.contract_fault):
        what = "no row of it can be used" if item.status in ("held", "rejected", "unreadable") else "it is not held"
        raise NotAcceptableError(f"{arrival.path} cannot be accepted: {what}.")
    reading = reading_digests(intake)[(arrival.site, arrival.source)]
    return Acceptance(arrival.site, arrival.source, arrival.sha256, arrival.path, by, because, on, reading)
