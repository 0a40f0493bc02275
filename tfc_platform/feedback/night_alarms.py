"""What a night is to be reported for, once each: no good night, a file refused, a source newly held, a return newly overdue.

A good night leaves `evidence/heartbeat.json` and calls the heartbeat's address. Whoever watches one of the two hears of nights
that did not run at all, since neither depends on what would have run them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tfc_platform.atomic_io import sha256_text, write_json
from tfc_platform.feedback.alerts import Alert, AlertSettings, call_heartbeat, send
from tfc_platform.settings import Places

if TYPE_CHECKING:
    from tfc_platform.feedback.status import SourceStatus
    from tfc_platform.ingest.look_faults import LookFault

__all__ = ["HEARTBEAT", "NightNotice", "notices_of", "report_night", "report_refusal", "send_new"]

log = logging.getLogger(__name__)
HEARTBEAT = "heartbeat.json"
RECORD = "alarms.json"  # way → keys of the notices that it has taken
SUBJECTS = {
    "failed": "TfC Platform: this was not a good night",
    "refused": "TfC Platform: files were refused unread",
    "held": "TfC Platform: returns are held",
    "lost": "TfC Platform: rows are gone",
    "overdue": "TfC Platform: returns are overdue",
    "missing": "TfC Platform: there was no good night",
    "stuck": "TfC Platform: a night does not end",
    "home": "TfC Platform: TFC_HOME is out of reach",
}
ENDS = {
    "failed": "`tfc status` says what is published.",
    "refused": "The receipt of the site has the reason.",
    "held": "The last good returns are used. `tfc status` and the site's receipt have the reasons.",
    "lost": "No version that somebody accepted, and no erasure, explains it. The figures are published without them.",
    "overdue": "`tfc status` lists them.",
    "missing": "Nothing has been taken in since. docs/running.md, “No night came”, says what to look at.",
    "stuck": "No other can begin. docs/running.md, “A night does not end”, says what to do.",
    "home": "No night can begin. Put the disk, the mount or the permission right.",
}


@dataclass(frozen=True)
class NightNotice:
    """One thing to report. `key` is the same as long as the thing lasts.

    `kind` is one of SUBJECTS.
    """

    kind: str
    key: str
    sentence: str


def notices_of(
    statuses: Iterable[SourceStatus],
    reasons: Sequence[str],
    losses: Iterable[str] = (),
    refused: Iterable[LookFault] = (),
) -> list[NightNotice]:
    """All that there is to report of a night.

    :param reasons: why it was not a good one; none after a good night.
    :param losses: sources that have lost rows.
    :param refused: files that were refused unread.
    """
    # No count: a source's rows may be one class's.
    lost = "has far fewer rows than in the last published night"
    notices = [NightNotice("lost", f"lost:{source}", f"- {source} {lost}.") for source in losses]
    if reasons:
        text = "\n".join(f"- {reason}" for reason in reasons)
        notices.append(NightNotice("failed", f"failed:{sha256_text(text)[:16]}", text))
    for fault in refused:
        notices.append(NightNotice("refused", f"refused:{fault.path}", f"- {fault.path}: {fault.sentence}"))
    for status in statuses:
        name = f"{status.site}/{status.source}"
        is_of_contract = status.contract_reason is not None and status.held_reason == status.contract_reason
        if status.held_since is not None and not is_of_contract:
            sentence = f"- {name} is held since {status.held_since:%d/%m/%Y}."
            notices.append(NightNotice("held", f"held:{name}:{status.held_since}", sentence))
        if status.contract_reason is not None:
            # No count: it changes with each file that is sent, and the thing lasts.
            sentence = (
                f"- {name}: the contract no longer takes files that it took. They are used as they were read before."
            )
            notices.append(NightNotice("held", f"contract:{name}", sentence))
        for item in status.overdue:
            notices.append(NightNotice("overdue", f"overdue:{name}:{item}", f"- {name}: {item}"))
    return notices


def report_night(places: Places, as_of: date, reasons: Sequence[str], settings: AlertSettings) -> list[str]:
    """Report what has not been reported yet, by each way that is set; gives the kinds that were sent.

    A way that fails is tried again after the next night, and keeps no other way from being tried.

    :param reasons: why the night was not a good one; none after a good night.
    """
    if not reasons:
        write_json(places.evidence / HEARTBEAT, {"as_of": as_of})
        call_heartbeat(settings)
    if not settings.ways:
        return []
    from tfc_platform.feedback.status import rows_lost, status_of  # it reads Parquet: a quiet night does without
    from tfc_platform.ingest.look_faults import REFUSED_UNREAD, read_look_faults

    refused = [fault for fault in read_look_faults(places) if fault.kind == REFUSED_UNREAD]
    notices = notices_of(status_of(places, as_of), reasons, rows_lost(places), refused)
    return send_new(places.evidence / RECORD, notices, settings)


def report_refusal(places: Places | None, reason: str, settings: AlertSettings) -> None:
    """Report that a night was refused before it began.

    :param places: of the home, where the settings give one: what has been reported is kept there.
    """
    notice = NightNotice("failed", f"failed:{sha256_text(reason)[:16]}", f"- {reason}")
    has_home = places is not None and places.evidence.is_dir()
    send_new(places.evidence / RECORD if places is not None and has_home else None, [notice], settings, are_all=False)


def send_new(
    file: Path | None, notices: Sequence[NightNotice], settings: AlertSettings, *, are_all: bool = True
) -> list[str]:
    """Send the notices that have not been sent yet, by each way that is set; gives the kinds that were sent.

    :param file: where it is kept what was sent; where there is none, everything is sent.
    :param are_all: a notice that is no longer among them has ended, and is sent again when it comes again.
    """
    record, sent = _record(file), []
    lasting = {notice.key for notice in notices}
    for way in settings.ways:
        taken = set(record.get(way, ()))
        if are_all:
            taken &= lasting
        for kind, subject in SUBJECTS.items():
            new = [notice for notice in notices if notice.kind == kind and notice.key not in taken]
            text = "\n".join([*(notice.sentence for notice in new), "", ENDS[kind]])
            if new and send(Alert(subject, text), settings, way):
                taken |= {notice.key for notice in new}
                sent.append(kind)
        record[way] = sorted(taken)
    if file is not None and settings.ways:
        try:
            write_json(file, record)
        except OSError as error:  # a full disk: they are sent again after the next night
            log.error("It could not be kept which alarms were sent (%s).", type(error).__name__)
    return sent


def _record(file: Path | None) -> dict[str, list[str]]:
    try:
        record: dict[str, list[str]] = json.loads(file.read_text()) if file is not None else {}
    except (OSError, ValueError):
        return {}
    return record
