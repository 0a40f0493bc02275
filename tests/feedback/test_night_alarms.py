"""What a night is reported for: each thing once, by each way for itself, and again when it comes again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.atomic_io import write_json
from tfc_platform.check.row_losses import note_rows
from tfc_platform.feedback import night_alarms, status
from tfc_platform.feedback.alerts import Alert, AlertSettings
from tfc_platform.feedback.night_alarms import notices_of, report_night
from tfc_platform.feedback.status import SourceStatus
from tfc_platform.settings import Places

DAY = date(2026, 5, 1)
BOTH = AlertSettings("https://alerts.example.org/", "mail.example.org:587", "a@example.org", "b@example.org")
SECRET = "2 of 13 rows were rejected"  # what a site's own receipt may say, and an alarm may not


def source(held: date | None = None, overdue: tuple[str, ...] = ()) -> SourceStatus:
    return SourceStatus(
        "east", "log", "east/log.csv", DAY, 10, 0, held, SECRET if held else None, overdue, len(overdue)
    )


class Night:
    """Reports nights of a home and keeps what was sent."""

    def __init__(self, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
        self.places, self.sent, self.broken = places, list[tuple[str, Alert]](), set[str]()
        self.now: list[SourceStatus] = []
        monkeypatch.setattr(status, "status_of", lambda *_: self.now)
        monkeypatch.setattr(night_alarms, "send", self._send)

    def _send(self, alert: Alert, _: AlertSettings, way: str) -> bool:
        if way not in self.broken:
            self.sent.append((way, alert))
        return way not in self.broken

    def report(self, *now: SourceStatus, reasons: tuple[str, ...] = ()) -> list[tuple[str, str]]:
        self.now, self.sent = list(now), []
        report_night(self.places, DAY, reasons, BOTH)
        return [(way, alert.subject.rpartition(": ")[2]) for way, alert in self.sent]


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    return Night(Places(tmp_path), monkeypatch)


def test_what_is_newly_held_is_reported_once_and_again_when_it_is_held_again(night: Night) -> None:
    both = [("webhook", "returns are held"), ("mail", "returns are held")]
    assert night.report(source(held=DAY)) == both
    assert night.report(source(held=DAY)) == []
    assert night.report(source()) == []
    assert night.report(source(held=DAY)) == both


def test_each_return_that_is_overdue_is_reported_once(night: Night) -> None:
    night.report(source(overdue=("2026-03",)))
    night.report(source(overdue=("2026-03", "2026-04")))
    texts = [alert.text for way, alert in night.sent if way == "mail"]
    assert len(texts) == 1
    assert "east/log: 2026-04" in texts[0]
    assert "2026-03" not in texts[0]


def test_a_gate_that_stays_closed_for_the_same_reasons_is_reported_once(night: Night) -> None:
    closed, other = ("The sums do not hold.",), ("The audit failed.",)
    assert len(night.report(reasons=closed)) == 2
    assert "- The sums do not hold." in night.sent[0][1].text
    assert night.report(reasons=closed) == []
    assert len(night.report(reasons=other)) == 2
    assert night.report() == []
    assert len(night.report(reasons=other)) == 2


def test_a_way_that_fails_keeps_no_other_from_its_turn_and_is_tried_after_the_next_night(night: Night) -> None:
    night.broken = {"webhook"}
    assert night.report(source(held=DAY)) == [("mail", "returns are held")]
    night.broken = set()
    assert night.report(source(held=DAY)) == [("webhook", "returns are held")]
    assert night.report(source(held=DAY)) == []


def test_no_sentence_of_a_receipt_is_in_an_alarm(night: Night) -> None:
    night.report(source(held=DAY))
    assert all(SECRET not in alert.text for _, alert in night.sent)
    assert "east/log is held since 01/05/2026." in night.sent[0][1].text


def test_only_a_good_night_leaves_its_heartbeat(night: Night, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    called: list[AlertSettings] = []
    monkeypatch.setattr(night_alarms, "call_heartbeat", called.append)
    file = night.places.evidence / "heartbeat.json"
    night.report(reasons=("Closed.",))
    assert (file.exists(), called) == (False, [])
    night.report()
    assert json.loads(file.read_text()) == {"as_of": "2026-05-01"}
    assert called == [BOTH]


def test_a_record_that_is_damaged_means_that_nothing_was_reported(night: Night) -> None:
    night.report(source(held=DAY))
    (night.places.evidence / "alarms.json").write_text("{")
    assert len(night.report(source(held=DAY))) == 2


def test_a_contract_that_no_longer_takes_its_files_is_reported_once_beside_a_held_return(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(Places(tmp_path), monkeypatch)
    of_contract = replace(source(DAY), held_reason="2 files", contract_reason="2 files")
    assert night.report(of_contract) == [("webhook", "returns are held"), ("mail", "returns are held")]
    assert "the contract no longer takes files that it took" in night.sent[0][1].text
    assert "is held since" not in night.sent[0][1].text
    assert night.report(replace(of_contract, held_reason="3 files", contract_reason="3 files")) == []
    night.report(replace(source(DAY), contract_reason="3 files"))
    assert "is held since" in night.sent[0][1].text


def test_rows_that_are_gone_are_reported_once_and_without_a_count(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert status.rows_lost(places) == {}
    write_json(places.warehouse / "build.json", {"build_id": "b"})
    note_rows(places, "a", None, {"east/log": 30}, ())
    note_rows(places, "b", "a", {"east/log": 3}, ())
    lost = status.rows_lost(places)
    assert lost == {"east/log": "east/log has 3 rows, and had 30 in the last published night."}
    (notice,) = notices_of([], (), lost)
    assert (notice.kind, notice.key) == ("lost", "lost:east/log")
    assert not any(digit in notice.sentence for digit in "0123456789")
