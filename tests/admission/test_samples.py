"""The programme's two sample nights, one after the other in one home: every status, and what is held since when."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.admission.admit import Night
from tfc_platform.admission.arrivals import latest_of_each_path
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Settings

pytestmark = pytest.mark.shared


@dataclass(frozen=True)
class NoRules:
    """In place of the safeguarding rules, which admission does not depend on and which take their time."""

    digest: str = "none"

    def screen(self, text: str) -> list[str]:
        return []


def shown(night: Night) -> dict[str, str]:
    return {item.arrival.path: item.status for item in latest_of_each_path(night.submissions)}


def accepted(night: Night, site: str, source: str) -> dict[str, int]:
    return {item.sha256: item.accepted for item in night.admitted if (item.site, item.source) == (site, source)}


def test_two_nights(
    shared: Path, settings: Settings, intake: Callable[..., Intake], run_night: Callable[[Intake], Night]
) -> None:
    returns, landing, catalogue = shared / "returns", Path(settings.landing), load_catalogue()
    answers: dict[str, Any] = json.loads((returns / "answers.json").read_text())

    shutil.copytree(returns / "night1", landing, dirs_exist_ok=True)
    first = run_night(replace(intake(catalogue, 0, date(2026, 4, 30)), rules=NoRules()))
    assert shown(first) == {name: values["status"] for name, values in answers["files"].items()}
    assert [state for state in first.states if state.is_held] == []

    shutil.copytree(returns / "night2", landing, dirs_exist_ok=True)
    second = run_night(replace(intake(catalogue, 1, date(2026, 5, 1)), rules=NoRules()))
    now = shown(second)
    files = {site: values["file"] for site, values in answers["night2"].items() if isinstance(values, dict)}
    assert set(now) == {*shown(first), *files.values()}
    assert now[files["grimsby"]] == "accepted"
    assert now[files["stoke"]] == "rejected"
    assert now[files["plymouth"]] == "held"
    assert {name: status for name, status in now.items() if name not in files.values()} == shown(first)

    held = {(state.site, state.source): (state.held_since, state.held_file) for state in second.states if state.is_held}
    assert held == {(site, "activity"): (date(2026, 5, 1), files[site]) for site in ("stoke", "plymouth")}
    causes = {state.site: state.held_cause for state in second.states if state.is_held}
    assert causes == {"stoke": "missing_column", "plymouth": "rejected_rows"}

    for site, source in catalogue.sources:
        before, after = accepted(first, site, source), accepted(second, site, source)
        gained = sum(after.values()) - sum(before.values())
        assert set(before) <= set(after), "what counted goes on counting"
        assert gained == (answers["night2"]["grimsby"]["accepted"] if (site, source) == ("grimsby", "activity") else 0)
    april = next(
        item
        for item in second.expected
        if (item.site, item.source, item.return_key) == ("grimsby", "activity", "2026-04")
    )
    assert (april.due_on, april.status) == (date(2026, 5, 5), "received")
    assert sum(item.is_counted for item in second.submissions) == len(second.admitted)
