"""Another executor gives the same night: steps share nothing but files and data versions."""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

import dagster as dg

from tfc_platform.ingest.landing import Landing
from tfc_platform.night_record import look
from tfc_platform.orchestration.dagster_home import use_dagster_home

from .multiprocess_job import nightly_in_processes
from .nights import SECOND, Home, small_returns, tree

# Each step's process is a fork of one that has imported what most of them need; else imports take most of the time.
PRELOADED = {
    "forkserver": {
        "preload_modules": [
            "tests.night.multiprocess_job",
            "great_expectations",
            "altair",
            "gptables",
            "openpyxl",
            "scipy.special",
        ]
    }
}


def test_each_step_in_a_process_of_its_own_gives_the_same_release_to_the_byte(
    first_night: Home, second_night: Home, tmp_path: Path
) -> None:
    other = first_night.copied(tmp_path / "processes", kept=True)
    small_returns(other.landing, night=2)
    with mock.patch.dict(os.environ, other.env(SECOND)):
        use_dagster_home(other.settings(SECOND))
        with (
            dg.DagsterInstance.get() as instance,
            dg.execute_job(
                dg.reconstructable(nightly_in_processes),
                instance=instance,
                run_config={"execution": {"config": {"max_concurrent": 2, "start_method": PRELOADED}}},
            ) as result,
        ):
            assert result.success
    assert other.release_id == second_night.release_id != first_night.release_id
    assert tree(other.places.releases) == tree(second_night.places.releases)
    assert not look(other.settings(SECOND), Landing(str(other.landing))).is_needed
