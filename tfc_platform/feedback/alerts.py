"""Telling people that a night failed: a webhook, or mail, by setting.

Belongs here: the message and how it is sent. Its words name the job, the run and the steps; the reasons are looked up in the UI,
where access is controlled. An alarm that cannot be sent is logged and stops nothing.
"""

from __future__ import annotations

import json
import logging
import os
import smtplib
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

__all__ = ["Alert", "send"]

log = logging.getLogger(__name__)
SECONDS = 20


@dataclass(frozen=True)
class Alert:
    subject: str
    text: str

    @classmethod
    def of_failed_run(cls, job: str, run_id: str, steps: Sequence[str]) -> Alert:
        where = f" in {', '.join(sorted(steps))}" if steps else ""
        return cls(
            subject=f"TfC Platform: {job} failed",
            text=f"Run {run_id[:8]} of {job} failed{where}. The last release is still served."
            " The run's page of the Dagster UI has the reasons.",
        )


def _post(address: str, alert: Alert) -> None:
    if not address.startswith(("https://", "http://")):
        raise ValueError("TFC_ALERT_WEBHOOK must begin with https:// or http://.")
    body = json.dumps({"text": f"{alert.subject}\n{alert.text}"}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})  # noqa: S310 (checked above)
    with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
        pass


def _mail(server: str, sender: str, receivers: str, alert: Alert) -> None:
    host, _, port = server.partition(":")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = alert.subject, sender, receivers
    message.set_content(alert.text)
    with smtplib.SMTP(host, int(port or 25), timeout=SECONDS) as smtp:
        if smtp.has_extn("starttls"):
            smtp.starttls()
        smtp.send_message(message)


def send(alert: Alert, env: Mapping[str, str] | None = None) -> list[str]:
    """Send an alarm by every way that is set; gives the ways that worked."""
    values = os.environ if env is None else env
    worked = []
    for way, setting in (("webhook", "TFC_ALERT_WEBHOOK"), ("mail", "TFC_ALERT_SMTP")):
        address = values.get(setting)
        if not address:
            continue
        try:
            if way == "webhook":
                _post(address, alert)
            else:
                _mail(address, values.get("TFC_ALERT_FROM", ""), values.get("TFC_ALERT_TO", ""), alert)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            log.error("The alarm could not be sent by %s (%s).", way, type(error).__name__)
        else:
            worked.append(way)
    return worked
