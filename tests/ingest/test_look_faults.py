"""What could not be looked at is noted with the sources that it may belong to, and holds them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.admission.arrivals import SourceState
from tfc_platform.admission.source_faults import with_look_faults
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.landing import Landing, LandingError
from tfc_platform.ingest.look_faults import LookFault, note_look_faults, read_look_faults, reasons_not_good
from tfc_platform.settings import Places

Make = Callable[..., Intake]
DAY, NEXT = date(2026, 5, 1), date(2026, 5, 2)


def fault(path: str, kind: str = "not_looked_at", *sources: str) -> LookFault:
    return LookFault("here", kind, path, "why", sources, DAY)


def test_a_fault_keeps_its_first_day_and_goes_when_it_is_over(tmp_path: Path) -> None:
    places = Places(tmp_path)
    note_look_faults(places, "here", [fault("here/a")], DAY)
    note_look_faults(places, "there", [fault("there/a")], DAY)
    note_look_faults(places, "here", [fault("here/b"), fault("here/a")], NEXT)
    assert {item.path: item.since for item in read_look_faults(places, "here")} == {"here/a": DAY, "here/b": NEXT}
    note_look_faults(places, "here", [], NEXT)
    assert read_look_faults(places, "here") == []
    assert len(read_look_faults(places)) == 1


@pytest.mark.parametrize("content", [b"", b"[{", b'[{"sender": 1}]', b'{"a": 1}', b"\xff", b"7"])
def test_a_damaged_note_is_a_look_that_failed_until_the_next(tmp_path: Path, content: bytes) -> None:
    places = Places(tmp_path)
    file = places.lake / "looks" / "here.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (found,) = read_look_faults(places)
    assert (found.sender, found.kind) == ("here", "not_looked_at")
    note_look_faults(places, "here", [fault("here/a")], NEXT)
    assert [(item.path, item.since) for item in read_look_faults(places)] == [("here/a", NEXT)]


def test_only_sources_that_were_not_looked_at_or_have_no_right_contract_are_held() -> None:
    states = [SourceState("here", name, False) for name in "abc"] + [SourceState("there", "a", False)]
    faults = [
        fault("here/x", "not_looked_at", "a"),
        fault("here/y", "refused_unread", "b"),
        fault("z", "contract_error", "c"),
    ]
    held = {
        (one.site, one.source): (one.held_cause, one.held_since)
        for one in with_look_faults(states, faults)
        if one.is_held
    }
    assert held == {("here", "a"): ("not_looked_at", DAY), ("here", "c"): ("contract_error", DAY)}
    assert len(reasons_not_good(faults)) == 2


def test_a_hold_of_a_return_comes_first() -> None:
    state = SourceState("here", "a", True, DAY, "Correct it.", "rejected_rows", "here/a.csv")
    assert with_look_faults([state], [fault("here/x", "not_looked_at", "a")]) == [state]


def test_a_folder_names_the_sources_that_may_be_in_it(
    intake: Make,
    landing: Path,
    csv_of: Callable[..., bytes],
    session: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (landing / "here" / "log" / "log 2025-04.csv").write_bytes(csv_of([session(1)]))
    (landing / "here" / "log" / "log 2025-05.csv").write_bytes(csv_of([session(1, Date="01/05/2025")]))
    fetch = Landing.fetch

    def refuse(self: Landing, landed: Any) -> bytes:
        if "2025-04" in landed.path:
            raise LandingError("no", may_pass=False)
        return fetch(self, landed)

    monkeypatch.setattr(Landing, "fetch", refuse)
    tonight = intake()
    assert take_in(tonight, "here") == {"log": 1}, "the other file is taken in"
    (found,) = read_look_faults(tonight.settings.places)
    assert (found.kind, found.path, found.sources) == ("not_looked_at", "here/log/log 2025-04.csv", ("log",))


def test_a_sender_whose_folder_went_away_was_not_looked_at(
    intake: Make, landing: Path, csv_of: Callable[..., bytes], session: Callable[..., Any]
) -> None:
    tonight = intake()
    (landing / "here" / "log" / "log 2025-04.csv").write_bytes(csv_of([session(1)]))
    take_in(tonight, "here")
    assert read_look_faults(tonight.settings.places) == []
    (landing / "here").rename(landing / "moved")
    take_in(intake(night=1), "here")
    (found,) = read_look_faults(tonight.settings.places)
    assert (found.kind, found.path, found.sources) == ("not_looked_at", "here", ("log",))
    (landing / "moved").rename(landing / "here")
    take_in(intake(night=2), "here")
    assert read_look_faults(tonight.settings.places) == []
