"""What people say of a guessed name is kept, changes the reading, and is read back as it was said."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.admission.admit import admit
from tfc_platform.ingest.column_mappings import Decided, Mappings, id_of, list_mappings, remember
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake, reading_digest
from tfc_platform.settings import ConfigurationError, Places

Make = Callable[..., Intake]
HEADER = ("Date", "Actvity", "Status", "People", "Hours", "Notes")


@pytest.fixture
def dropped(landing: Path, csv_of: Any, session: Any) -> Path:
    file = landing / "here" / "log" / "log 2025-04.csv"
    file.write_bytes(csv_of([session(1), session(2)], HEADER))
    return file


def with_mappings(intake: Make, night: int = 0) -> Intake:
    return intake(night, mappings=Mappings.load(intake().settings.places))


def statuses(made: Intake) -> list[tuple[str, str | None]]:
    take_in(made, "here")
    return [(item.status, item.arrival.cause) for item in admit(made).submissions]


def decided(state: Any, found: str = "Actvity") -> Decided:
    return Decided("Activity", found, state, "2026-05-01")


def test_guessed_confirmed_refused(intake: Make, dropped: Path) -> None:
    places = intake().settings.places
    assert statuses(with_mappings(intake)) == [("accepted", None)]
    (guess,) = list_mappings(places, "here")
    assert (guess.id, guess.source, guess.asked, guess.found, guess.state, guess.files, guess.on) == (
        id_of("here", "log", "Activity", "Actvity"),
        "log",
        "Activity",
        "Actvity",
        "guessed",
        1,
        None,
    )
    remember(places, "here", "log", decided("refused"))
    assert statuses(with_mappings(intake, 1)) == [("rejected", "missing_column")]
    assert [item.state for item in list_mappings(places, "here")] == ["refused"]
    remember(places, "here", "log", decided("confirmed", " ACTVITY"))
    assert statuses(with_mappings(intake, 2)) == [("accepted", None)], "read again from the vault"
    (kept,) = list_mappings(places, "here")
    assert (kept.state, kept.files, kept.on) == ("confirmed", 1, "2026-05-01")


def test_the_reading_depends_on_what_was_said_of_this_source_alone(intake: Make) -> None:
    made = intake()
    (contract,) = made.catalogue.contracts

    def digest(mappings: Mappings) -> str:
        return reading_digest(made.catalogue, "here", contract, made.rules, made.pseudonyms, mappings)

    said = {state: digest(Mappings({("here", "log"): (decided(state),)})) for state in ("confirmed", "refused")}
    assert len({digest(Mappings.none()), *said.values()}) == 3
    assert digest(Mappings({("there", "log"): (decided("refused"),)})) == digest(Mappings.none())
    assert digest(Mappings({("here", "log"): (decided("refused", "ACTVITY "),)})) == said["refused"]


def test_it_is_kept_for_few_eyes_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    places = Places(tmp_path / "home")
    places.make()
    remember(places, "here", "log", decided("confirmed"))
    remember(places, "here", "log", decided("refused", "Activitty"))
    file = places.mappings / "here" / "log.json"
    assert [item["state"] for item in json.loads(file.read_text())] == ["confirmed", "refused"]
    for folder in (places.mappings, file.parent):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    file.write_text("{")
    with pytest.raises(ConfigurationError, match=r"mappings/here/log\.json is damaged"):
        Mappings.load(places)
