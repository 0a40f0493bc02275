"""Versions of real files: what they changed, what holds them, who accepts them, and a contract that changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.admission.acceptable import NotAcceptableError, acceptance_of
from tfc_platform.admission.acceptances import ACCEPTED, read_acceptances, record_acceptance
from tfc_platform.admission.admit import Night, admit
from tfc_platform.admission.arrivals import Acceptance, SourceState, VersionChange
from tfc_platform.admission.published_readings import PUBLISHED, keep_published, readings_of
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.reading_version import VERSIONS, reader_digest
from tfc_platform.settings import ConfigurationError, Places, Settings

Make = Callable[..., Intake]
Run = Callable[[Intake], Night]
HEADER = "Date,Activity,Status,People\n"
APRIL = "log 2025-04.csv"


def rows(days: Sequence[int], people: int = 10, month: int = 4) -> bytes:
    return (HEADER + "".join(f"{day:02}/{month:02}/2025,Choir,Delivered,{people + day}\n" for day in days)).encode()


@pytest.fixture
def log(settings: Settings) -> Path:
    folder = Path(settings.landing) / "elsewhere" / "log"
    folder.mkdir(parents=True)
    return folder


def state(night: Night) -> SourceState:
    return next(state for state in night.states if state.site == "elsewhere")


def counted(night: Night) -> list[tuple[str, int]]:
    return [
        (item.arrival.path.rsplit("/", 1)[1], item.arrival.accepted) for item in night.submissions if item.is_counted
    ]


def change(night: Night, name: str = APRIL) -> VersionChange | None:
    return next(item.change for item in reversed(night.submissions) if item.arrival.path.endswith(name))


def test_what_a_version_changed(log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run) -> None:
    (log / APRIL).write_bytes(rows(range(1, 21)))
    assert change(run_night(intake(with_elsewhere))) is None
    corrected = rows(range(1, 21)).replace(b"Delivered,15\n", b"Delivered,51\n")  # the row of the fifth
    (log / APRIL).write_bytes(corrected + b"21/04/2025,Choir,Delivered,9\n22/04/2025,Choir,Delivered,9\n")
    night = run_night(intake(with_elsewhere, 1))
    found = change(night)
    assert found is not None
    assert (found.before, found.now, found.added, found.gone, found.changed, found.by_id) == (20, 22, 2, 0, 1, False)
    (log / APRIL).write_bytes(rows(range(2, 21)))
    found = change(run_night(intake(with_elsewhere, 2)))
    assert found is not None
    assert (found.added, found.gone, found.changed, found.periods) == (0, 3, 1, (("2025-04", 22, 3),))


def test_a_month_whose_upload_stopped(log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run) -> None:
    whole = rows(range(1, 29))
    (log / APRIL).write_bytes(whole)
    run_night(intake(with_elsewhere))
    for night, end in enumerate((len(whole) * 6 // 10, whole.rindex(b"24/04/2025") + 4), start=1):
        (log / APRIL).write_bytes(whole[:end])
        found = run_night(intake(with_elsewhere, night))
        assert (counted(found), state(found).held_cause) == ([(APRIL, 28)], "cut_short")
    (log / APRIL).write_bytes(whole)
    found = run_night(intake(with_elsewhere, 3))
    assert (counted(found), state(found).is_held) == ([(APRIL, 28)], False)


def test_the_full_month_sent_again_with_the_first_bytes(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / APRIL).write_bytes(rows(range(1, 21)))
    run_night(intake(with_elsewhere))
    (log / "log 2025-04 v2.csv").write_bytes(rows(range(1, 19)))
    assert counted(run_night(intake(with_elsewhere, 1))) == [("log 2025-04 v2.csv", 18)]
    (log / "log 2025-04 v3.csv").write_bytes(rows(range(1, 21)))
    night = run_night(intake(with_elsewhere, 2))
    assert counted(night) == [("log 2025-04 v3.csv", 20)]
    assert not state(night).is_held


def test_a_held_version_is_accepted_until_the_next_comes(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / APRIL).write_bytes(rows(range(1, 29)))
    run_night(intake(with_elsewhere))
    with pytest.raises(NotAcceptableError, match="cannot be accepted: it is not held"):
        acceptance_of(intake(with_elsewhere), f"elsewhere/log/{APRIL}", "Ann", "x", date(2025, 7, 1))
    (log / APRIL).write_bytes(rows(range(21, 29)))
    held = run_night(intake(with_elsewhere, 1))
    assert (counted(held), state(held).held_cause) == ([(APRIL, 28)], "shrunk")
    tonight = intake(with_elsewhere, 2)
    sha256 = next(item.arrival.sha256 for item in held.submissions if item.status == "held")
    by_path = acceptance_of(tonight, f"elsewhere/log/{APRIL}", "Ann", "Moved to May.", date(2025, 7, 2))
    assert by_path == acceptance_of(tonight, sha256[:8], "Ann", "Moved to May.", date(2025, 7, 2))
    record_acceptance(tonight.settings.places, by_path)
    night = admit(tonight)
    assert (counted(night), state(night).is_held) == ([(APRIL, 8)], False)
    assert [one.by for one in night.accepted_returns("elsewhere", "log")] == ["Ann"]
    assert "Ann" not in json.dumps([item.message for item in night.submissions])
    (log / APRIL).write_bytes(rows([1]))
    night = run_night(intake(with_elsewhere, 3))
    assert (counted(night), state(night).held_cause) == ([(APRIL, 8)], "shrunk")


def test_what_cannot_be_accepted(log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run) -> None:
    (log / APRIL).write_bytes(b"Date,Nothing\n01/04/2025,x\n")
    run_night(intake(with_elsewhere))
    for file, why in ((f"elsewhere/log/{APRIL}", "no row of it can be used"), ("0" * 64, "No night has seen")):
        with pytest.raises(NotAcceptableError, match=why):
            acceptance_of(intake(with_elsewhere), file, "Ann", "x", date(2025, 7, 1))


def test_words_of_acceptance_are_only_ever_added(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert read_acceptances(places) == {}
    one = Acceptance("east", "log", "a" * 64, "east/log.csv", "Ann", "It is “right”,\nI asked.", date(2026, 5, 1), "r")
    record_acceptance(places, one)
    file = places.acceptances / ACCEPTED
    before = file.read_bytes()
    with file.open("ab") as stream:
        stream.write(b'{"site": "ea')  # a power cut
    assert read_acceptances(places) == {("east", "log", "a" * 64): one}
    other = replace(one, by="Ben")
    record_acceptance(places, other)
    assert file.read_bytes().startswith(before)
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError, match=r"accepted.jsonl, line 2 is damaged"):
        read_acceptances(places)


def changed(catalogue: Catalogue, **columns: dict[str, Any]) -> Catalogue:
    """The catalogue after somebody has edited columns of the log's contract."""

    def edit(contract: Contract) -> Contract:
        if contract.source != "log":
            return contract
        values = contract.model_dump(mode="json", by_alias=True)
        return Contract.model_validate({**values, "columns": {**values["columns"], **columns}})

    return replace(catalogue, contracts=tuple(edit(contract) for contract in catalogue.contracts))


PEOPLE = {"type": "attendance", "required": True, "invalid": "reject"}


def test_what_was_good_under_the_contract_as_it_was_stays(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / APRIL).write_bytes(rows(range(1, 21)))
    before = run_night(intake(with_elsewhere))
    renamed = changed(with_elsewhere, attendance={**PEOPLE, "header": "Heads"})
    (log / "log 2025-05.csv").write_bytes(rows(range(1, 6), month=5).replace(b"People", b"Heads"))
    night = run_night(intake(renamed, 1))
    assert counted(night) == [(APRIL, 20), ("log 2025-05.csv", 5)]
    assert {item.digest for item in before.admitted} < {item.digest for item in night.admitted}, "the reading as it was"
    held = state(night)
    assert (held.held_cause, held.held_since) == ("contract_change", date(2025, 7, 1))
    assert "does not take 1 file that it took before (missing column)" in (held.held_reason or "")
    (log / "log 2025-05.csv").write_bytes(b"Date,Heads\n")
    both_held = state(run_night(intake(renamed, 1)))
    assert (both_held.held_cause, both_held.contract_reason) == ("missing_column", held.held_reason)
    (log / "log 2025-05.csv").write_bytes(rows(range(1, 6), month=5).replace(b"People", b"Heads"))
    back = run_night(intake(with_elsewhere, 2))
    assert counted(back) == [(APRIL, 20), ("log 2025-05.csv", 5)]
    assert "does not take 1 file" in (state(back).held_reason or ""), "now it is May's"
    both = changed(with_elsewhere, attendance={**PEOPLE, "header": ["People", "Heads"]})
    cured = run_night(intake(both, 3))
    assert (counted(cured), state(cured).is_held) == ([(APRIL, 20), ("log 2025-05.csv", 5)], False)


def test_a_contract_by_which_many_rows_are_lost_is_asked_about(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / APRIL).write_bytes(rows(range(1, 21)))
    run_night(intake(with_elsewhere))
    early = {
        "header": "Date",
        "type": "date",
        "required": True,
        "invalid": "reject",
        "within": ["2025-04-01", "2025-04-19"],
    }
    first = run_night(intake(changed(with_elsewhere, session_on=early), 1))
    assert (counted(first), state(first).is_held) == ([(APRIL, 19)], False), "one row of twenty"
    stricter = changed(with_elsewhere, session_on={**early, "within": ["2025-04-01", "2025-04-05"]})
    tonight = intake(replace(stricter, contracts=tuple(_never_held(one) for one in stricter.contracts)), 2)
    night = run_night(tonight)
    assert (counted(night), state(night).held_cause) == ([(APRIL, 19)], "contract_change")
    path = f"elsewhere/log/{APRIL}"
    record_acceptance(
        tonight.settings.places, acceptance_of(tonight, path, "Ann", "They are no sessions.", date(2025, 7, 3))
    )
    night = admit(tonight)
    assert (counted(night), state(night).is_held) == ([(APRIL, 5)], False)


def published(night: Night, settings: Settings) -> None:
    """What a complete night keeps."""
    used = {item.arrival: night.receipts[item.arrival] for item in night.submissions if item.is_counted}
    keep_published(settings.places, readings_of(used))


def test_what_another_reader_loses_since_the_last_release_is_held(
    log: Path,
    with_elsewhere: Catalogue,
    intake: Make,
    run_night: Run,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The reader changes with the contract, so that no earlier reading is one under the contract as it was."""
    (log / APRIL).write_bytes(rows(range(1, 21)))
    (log / "log 2025-05.csv").write_bytes(rows(range(1, 21), month=5))
    first = run_night(intake(with_elsewhere))
    monkeypatch.setitem(VERSIONS, "rows", 1000)
    reader_digest.cache_clear()
    early = {"header": "Date", "type": "date", "required": True, "invalid": "reject"}
    stricter = changed(with_elsewhere, session_on={**early, "within": ["2025-04-01", "2025-04-05"]})
    tonight = intake(replace(stricter, contracts=tuple(_never_held(one) for one in stricter.contracts)), 1)
    assert counted(run_night(tonight)) == [(APRIL, 5)], "nothing was published"
    published(first, settings)
    night = admit(tonight)
    assert counted(night) == [(APRIL, 20), ("log 2025-05.csv", 20)]
    assert state(night).held_cause == "contract_change"
    assert "The contract or the program as it is now does not take 2 files" in (state(night).held_reason or "")
    word = acceptance_of(tonight, f"elsewhere/log/{APRIL}", "Ann", "They are no sessions.", date(2025, 7, 3))
    record_acceptance(tonight.settings.places, word)
    assert counted(admit(tonight)) == [(APRIL, 5), ("log 2025-05.csv", 20)]
    (settings.places.lake / PUBLISHED).write_text("{")
    assert counted(admit(tonight)) == [(APRIL, 5)], "a damaged file says nothing, and stops nothing"
    reader_digest.cache_clear()


def test_returns_that_a_contract_makes_one_stay_apart(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run, settings: Settings
) -> None:
    """Without what was published, the second month would take the first one's place."""
    (log / APRIL).write_bytes(rows(range(1, 21)))
    (log / "log 2025-05.csv").write_bytes(rows(range(1, 21), month=5))
    published(run_night(intake(with_elsewhere)), settings)
    one = tuple(
        contract.model_copy(update={"identity": contract.identity.model_copy(update={"key": "log"})})
        if contract.source == "log"
        else contract
        for contract in with_elsewhere.contracts
    )
    tonight = intake(replace(with_elsewhere, contracts=one), 1)
    night = run_night(tonight)
    assert counted(night) == [(APRIL, 20), ("log 2025-05.csv", 20)]
    assert "(returns merged)" in (state(night).held_reason or "")
    (settings.places.lake / PUBLISHED).unlink()
    assert len(counted(admit(tonight))) == 1


def _never_held(contract: Contract) -> Contract:
    return contract.model_copy(update={"hold": contract.hold.model_copy(update={"above": None})})


def test_the_limits_of_a_contract_ask_for_no_new_reading(
    log: Path, with_elsewhere: Catalogue, intake: Make, run_night: Run
) -> None:
    (log / APRIL).write_bytes(rows(range(1, 29)))
    run_night(intake(with_elsewhere))
    (log / APRIL).write_bytes(rows(range(15, 29)))
    assert state(run_night(intake(with_elsewhere, 1))).is_held
    wider = tuple(
        one.model_copy(update={"hold": one.hold.model_copy(update={"rows_lost": 0.5, "period_lost": 0.9})})
        for one in with_elsewhere.contracts
    )
    night = admit(intake(replace(with_elsewhere, contracts=wider), 2))  # nothing was taken in again
    assert (counted(night), state(night).is_held) == ([(APRIL, 14)], False)
