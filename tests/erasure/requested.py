"""Small homes of which something is asked to be erased: returns taken in, edited and counted, without a night."""

from __future__ import annotations

from collections.abc import Callable

from tests.night.nights import FIRST, Home
from tfc_platform.admission.admit import admit
from tfc_platform.cli.erase import carry_out
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.erasure.erasure_request import OrderedErasure, RecordScope
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake

from .people import Returns


def loaded(home: Home) -> Intake:
    settings = home.settings(FIRST)
    return Intake.load(settings, load_catalogue(settings.contracts))


def taken_in(home: Home) -> Intake:
    intake = loaded(home)
    for site in intake.catalogue.senders:
        take_in(intake, site)
    return intake


def only(home: Home, *names: str) -> None:
    """Leave these files alone in the landing zone."""
    for path in sorted(home.landing.rglob("*")):
        if path.is_file() and path.relative_to(home.landing).as_posix() not in names:
            path.unlink()


def edit(home: Home, name: str, change: Callable[[list[list[str]]], None], delimiter: str = ",") -> None:
    rows = rows_of(home, name, delimiter)
    change(rows)
    Returns.there(home.landing).write_csv(name, rows, delimiter)


def rows_of(home: Home, name: str, delimiter: str = ",") -> list[list[str]]:
    return Returns.there(home.landing).csv_rows(name, delimiter)


def erase(home: Home, kind: str, name: str, **meant: str) -> OrderedErasure:
    return carry_out(home.settings(FIRST), kind, name, RecordScope(**meant))[0]


def statuses(intake: Intake) -> dict[str, tuple[str, str | None, int, int]]:
    return {
        item.arrival.path: (item.status, item.message, item.arrival.received, item.arrival.accepted)
        for item in admit(intake).submissions
    }
