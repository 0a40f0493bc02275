"""What all tests share: where the programme's sample returns are, and that no test reads a setting of the machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: no deadline, and no complaint of slow drawing. CI draws the same examples each time.
settings.register_profile(
    "tfc", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=bool(os.environ.get("CI"))
)
settings.load_profile("tfc")

SHARED = Path(__file__).resolve().parents[2] / "shared"


# The dearest files, which begin first, so that no process is alone with one of them at the end. Two that need the same home
# are apart, so that one does not wait while the other makes it.
DEAREST = (
    "erasure/test_everywhere.py",
    "night/test_again.py",
    "night/test_secrets.py",
    "night/test_questions.py",
    "night/test_answers.py",
    "night/test_gate_holds.py",
    "night/test_side_channels.py",
    "night/test_killed.py",
    "recovery/test_night_after_damage.py",
    "night/test_executor.py",
    "erasure/test_killed_erasure.py",
    "night/test_partial_first_night.py",
    "night/test_contract_in_error.py",
    "night/test_kept_home.py",
    "fifth_site/test_fifth_site.py",
    "night/test_in_part.py",
    "release/test_kills.py",
    "disclosure/test_attackers.py",
    "release/test_persons.py",
)


def _turn(item: pytest.Item) -> int:
    file = item.path.relative_to(Path(__file__).parent).as_posix()
    return DEAREST.index(file) if file in DEAREST else len(DEAREST)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason="../shared is not beside this checkout")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of sample returns and oracles; for tests that are marked `shared`."""
    return SHARED


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("TFC_", "DAGSTER_"))]:
        monkeypatch.delenv(name)
