"""Whether nights come at all, from the files of TFC_HOME only: no night for too long, one that does not end, a home out of reach.

It depends on nothing that runs a night, so a program such as cron can ask it when everything else has stopped.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tfc_platform.atomic_io import sha256_text
from tfc_platform.disk_errors import disk_sentence
from tfc_platform.feedback.alerts import AlertSettings
from tfc_platform.feedback.night_alarms import HEARTBEAT, NightNotice, send_new
from tfc_platform.night_lock import lock_state

__all__ = ["report_watch", "watch"]

RECORD = "watch_alarms.json"  # way → keys of the notices that it has taken


def watch(home: Path, settings: AlertSettings, now: datetime) -> list[NightNotice]:
    """What is wrong with the nights of a home.

    :param now: with its time zone.
    """
    try:
        if not home.is_dir():
            return [NightNotice("home", "home:gone", f"- TFC_HOME is {str(home)!r}, where there is no folder.")]
        return [*_missing(home, settings.missing_hours, now), *_stuck(home, settings.stuck_hours, now)]
    except OSError as error:
        sentence = disk_sentence(error) or f"It cannot be used ({type(error).__name__})."
        return [NightNotice("home", "home:unusable", f"- TFC_HOME is {str(home)!r}. {sentence}")]


def _missing(home: Path, hours: float, now: datetime) -> list[NightNotice]:
    file = home / "evidence" / HEARTBEAT
    try:
        last = _changed(file)
    except FileNotFoundError:
        # The first night of a new home has as long as any other.
        made = min(map(_changed, home.iterdir()), default=now)
        is_new = now - made <= timedelta(hours=hours)
        return [] if is_new else [NightNotice("missing", "missing:none yet", "- No good night is on record.")]
    if now - last <= timedelta(hours=hours):
        return []
    return [NightNotice("missing", f"missing:{last.isoformat()}", f"- The last good night ended at {_at(last)}.")]


def _changed(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _stuck(home: Path, hours: float, now: datetime) -> list[NightNotice]:
    state = lock_state(home)
    if not state.is_held or state.since is None or now - state.since <= timedelta(hours=hours):
        return []
    what = "A night" if state.what == "Another night" else state.what
    return [NightNotice("stuck", f"stuck:{state.since.isoformat()}", f"- {what} is running since {_at(state.since)}.")]


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d/%m/%Y %H:%M} UTC"


def report_watch(home: Path, settings: AlertSettings, notices: Sequence[NightNotice]) -> list[str]:
    """Send what has not been sent yet, by each way that is set; gives the kinds that were sent.

    What was sent is kept in the home, or, where that is out of reach, in the folder of temporary files.
    """
    elsewhere = Path(tempfile.gettempdir(), f"tfc-alarms-{sha256_text(str(home))[:12]}.json")
    is_out_of_reach = any(notice.kind == "home" for notice in notices)
    return send_new(elsewhere if is_out_of_reach else home / "evidence" / RECORD, notices, settings)
