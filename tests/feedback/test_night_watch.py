"""`tfc alerts check`: nights that do not come, nights that do not end, and a home out of reach, each reported once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tfc_platform.cli.app import app
from tfc_platform.cli.nightly import refusals_reported
from tfc_platform.feedback.alerts import AlertSettings
from tfc_platform.feedback.night_watch import watch
from tfc_platform.night_lock import NightRunningError, night_lock
from tfc_platform.settings import ConfigurationError

from .test_alerts import Web, at_once, web

__all__ = ["at_once", "web"]

NOW = datetime(2026, 5, 2, 8, 0, tzinfo=UTC)
Check = Callable[[], Result]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / "evidence").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def check(home: Path, web: tuple[str, Web], monkeypatch: pytest.MonkeyPatch) -> Check:
    for name, value in {"TFC_HOME": str(home), "TFC_ALERT_WEBHOOK": web[0]}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TFC_LANDING", str(home.parent / "landing"))
    monkeypatch.setenv("TMPDIR", str(home.parent))
    monkeypatch.setattr("tempfile.tempdir", None)
    return lambda: CliRunner().invoke(app, ["alerts", "check"])


def beat(home: Path, ended: datetime) -> None:
    file = home / "evidence" / "heartbeat.json"
    file.write_text("{}")
    os.utime(file, (ended.timestamp(), ended.timestamp()))


@pytest.mark.parametrize(("hours", "kinds"), [(1, []), (25.9, []), (26.1, ["missing"])])
def test_a_night_is_missing_after_so_many_hours(home: Path, hours: float, kinds: list[str]) -> None:
    beat(home, NOW - timedelta(hours=hours))
    assert [notice.kind for notice in watch(home, AlertSettings(), NOW)] == kinds


def test_no_good_night_at_all_and_no_home(home: Path) -> None:
    (home / "keys").mkdir()
    for hours, kinds in ((25.9, []), (26.1, ["missing"])):
        made = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(home / "keys", (made, made))
        assert [notice.kind for notice in watch(home, AlertSettings(), NOW)] == kinds
    assert [notice.kind for notice in watch(home, AlertSettings(), NOW)] == ["missing"]
    assert [notice.kind for notice in watch(home / "gone", AlertSettings(), NOW)] == ["home"]


def test_a_night_that_runs_too_long_is_stuck(home: Path) -> None:
    now = datetime.now(UTC)
    beat(home, now)
    with night_lock(home, "a run"):
        assert watch(home, AlertSettings(), now + timedelta(hours=3)) == []
        (notice,) = watch(home, AlertSettings(), now + timedelta(hours=4, seconds=5))
    assert (notice.kind, notice.sentence[:21]) == ("stuck", "- A night is running ")
    assert watch(home, AlertSettings(), now + timedelta(hours=5)) == []


def test_it_is_sent_once_and_again_when_it_comes_again(home: Path, check: Check, web: tuple[str, Web]) -> None:
    beat(home, datetime.now(UTC) - timedelta(days=2))
    assert [check().exit_code for _ in range(3)] == [1, 1, 1]
    assert len(web[1].posts) == 1
    assert "The last good night ended at" in web[1].posts[0]["text"]
    beat(home, datetime.now(UTC))
    assert check().exit_code == 0
    beat(home, datetime.now(UTC) - timedelta(days=3))
    assert check().exit_code == 1
    assert len(web[1].posts) == 2


def test_a_home_that_is_gone_is_sent_once(home: Path, check: Check, web: tuple[str, Web]) -> None:
    home.rename(home.parent / "unmounted")
    assert [check().exit_code for _ in range(2)] == [1, 1]
    assert len(web[1].posts) == 1
    assert not home.exists()


def test_a_refused_night_is_an_alarm_once(
    home: Path, check: Check, web: tuple[str, Web], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        refused = CliRunner().invoke(app, ["nightly"])
        assert isinstance(refused.exception, ConfigurationError)
    (post,) = web[1].posts
    assert "TFC_LANDING" in post["text"]
    assert json.loads((home / "evidence" / "alarms.json").read_text())["webhook"]
    monkeypatch.setenv("TFC_TARGET", "nowhere")
    assert CliRunner().invoke(app, ["nightly"]).exit_code
    assert "TFC_TARGET is 'nowhere'" in web[1].posts[1]["text"]


def test_a_second_night_beside_another_is_none(check: Check, web: tuple[str, Web]) -> None:
    with pytest.raises(NightRunningError), refusals_reported():
        raise NightRunningError
    assert web[1].posts == []


@pytest.mark.parametrize("name", ["TFC_ALERT_MISSING_HOURS", "TFC_ALERT_STUCK_HOURS"])
def test_hours_that_are_none_are_refused(name: str) -> None:
    for written in ("0", "nan", "soon"):
        with pytest.raises(ConfigurationError, match=f"{name} is '{written}': write a number"):
            AlertSettings.load({name: written})
