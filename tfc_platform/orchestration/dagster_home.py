"""The folder of the Dagster instance, whose `dagster.yaml` is the user's."""

from __future__ import annotations

import os
from pathlib import Path

from tfc_platform.atomic_io import write_bytes
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["dagster_home", "use_dagster_home"]

INSTANCE_FILE = "dagster.yaml"
# Written where no file is, and from then on the user's. One run at a time: the warehouse has one writer.
DEFAULT_INSTANCE = """\
# The Dagster instance of this home. It is yours to edit: the platform writes it only where there is none.
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1  # the warehouse has one writer
run_monitoring:
  enabled: true
  start_timeout_seconds: 600
  max_runtime_seconds: 14400  # a run that a power cut ended must not block the next night
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 90
      success: 90
"""
# Versions before 0.1.0 wrote a file that names a storage class of their own, under this first line (decision 0018).
EARLIER_FIRST_LINE = "# Written by the platform."
EARLIER_CLASS = "OpenEventLog"


def dagster_home(settings: Settings) -> Path:
    """The folder of the Dagster instance: DAGSTER_HOME where it is set, else `TFC_HOME/dagster`.

    In `TFC_HOME/dagster` a `dagster.yaml` is written where there is none; nobody's file is changed, but for one that an
    earlier version of the platform wrote itself and that names a class which is no longer there.

    :raises ConfigurationError: where DAGSTER_HOME is no folder, or none can be made.
    """
    settings.places.make()
    own = os.environ.get("DAGSTER_HOME")
    if own:
        folder = Path(own).expanduser().absolute()
        if not folder.is_dir():
            raise ConfigurationError(f"DAGSTER_HOME is {own!r}, which is not a folder.")
        return folder
    file = settings.places.dagster / INSTANCE_FILE
    if not file.is_file() or _is_of_an_earlier_version(file.read_text(encoding="utf-8")):
        write_bytes(file, DEFAULT_INSTANCE.encode())
    return settings.places.dagster


def _is_of_an_earlier_version(text: str) -> bool:
    return text.startswith(EARLIER_FIRST_LINE) and EARLIER_CLASS in text


def use_dagster_home(settings: Settings) -> None:
    """Let Dagster, in this process and those that it starts, keep its runs in this home."""
    os.environ["DAGSTER_HOME"] = str(dagster_home(settings))
