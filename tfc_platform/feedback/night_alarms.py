"""What a night is to be reported for, once each: no good night, a file refused, a source newly held, a return newly overdue.

A good night leaves `evidence/heartbeat.json` and calls the heartbeat's address. Whoever watches one of the two hears of nights
that did not run at all, since neither depends on what would have run them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from tfc_platform.atomic_io import sha256_text, write_json
from tfc_platform.feedback.alerts import Alert, AlertSettings, call_heartbeat, send
from tfc_platform.settings import Places

if TYPE_CHECKING:
    from tfc_platform.feedback.status import SourceStatus
    from tfc_platform.ingest.look_faults import LookFault

__all__ = ["HEARTBEAT", "NightNotice", "notices_of", "report_night"]

HEARTBEAT = "heartbeat.json"
RECORD = "alarms.json"  # way → keys of the notices that it has taken
SUBJECTS = {
    "failed": "TfC Platform: this was not a good night",
    "refused": "TfC Platform: files were refused unread",
    "held": "TfC Platform: returns are held",
    "lost": "TfC Platform: rows are gone",
    "overdue": "TfC Platform: returns are overdue",
}
ENDS = {
    "failed": "`tfc status` says what is published.",
    "refused": "The receipt of the site has the reason.",
    "held": "The last good returns are used. `tfc status` and the site's receipt have the reasons.",
    "lost": "No version that somebody accepted, and no erasure, explains it. The figures are published without them.",
    "overdue": "`tfc status` lists them.",
}


@dataclass(frozen=True)
class NightNotice:
    """One thing to report. `key` is the same as long as the thing lasts.

    `kind` is failed, refused, held, lost or overdue.
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
    record, sent = _record(places), []
    lasting = {notice.key for notice in notices}
    for way in settings.ways:
        taken = set(record.get(way, ())) & lasting
        for kind, subject in SUBJECTS.items():
            new = [notice for notice in notices if notice.kind == kind and notice.key not in taken]
            text = "\n".join([*(notice.sentence for notice in new), "", ENDS[kind]])
            if new and send(Alert(subject, text), settings, way):
                taken |= {notice.key for notice in new}
                sent.append(kind)
        record[way] = sorted(taken)
    write_json(places.evidence / RECORD, record)
    return sent


def _record(places: Places) -> dict[str, list[str]]:
    try:
        record: dict[str, list[str]] = json.loads((places.evidence / RECORD).read_text())
    except (OSError, ValueError):
        return {}
    return record
