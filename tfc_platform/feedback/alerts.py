"""Alarms to the people whom the settings name: by webhook and by mail, each for itself, tried several times.

The words name jobs, runs, sources and the reasons of the gate, never a row. An alarm that cannot be sent is logged and stops
nothing.
"""

from __future__ import annotations

import json
import logging
import os
import smtplib
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from tfc_platform.settings import ConfigurationError, read_number

__all__ = ["SETTINGS", "Alert", "AlertSettings", "call_heartbeat", "send"]

log = logging.getLogger(__name__)
SETTINGS = (
    "TFC_ALERT_WEBHOOK",
    "TFC_ALERT_SMTP",
    "TFC_ALERT_FROM",
    "TFC_ALERT_TO",
    "TFC_HEARTBEAT_URL",
)
MISSING_HOURS, STUCK_HOURS = 26.0, 4.0
MOST_HOURS = 10_000
SECONDS = 20  # for one attempt
WAITS = (0.0, 2.0, 8.0)  # seconds before each attempt


@dataclass(frozen=True)
class Alert:
    """What one message says."""

    subject: str
    text: str


@dataclass(frozen=True)
class AlertSettings:
    """Who hears of an alarm. What is not set is empty."""

    webhook: str = ""
    smtp: str = ""  # host:port
    sender: str = ""
    receivers: str = ""
    heartbeat_url: str = ""
    missing_hours: float = MISSING_HOURS  # since the last good night, until that is an alarm
    stuck_hours: float = STUCK_HOURS  # for which a night may run, until that is an alarm

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways that are set: webhook, mail."""
        return tuple(way for way, address in (("webhook", self.webhook), ("mail", self.smtp)) if address)

    @classmethod
    def load(cls, env: Mapping[str, str] | None = None) -> AlertSettings:
        """Read the environment, and `.env` below it. Nothing is sent.

        :raises ConfigurationError: naming the setting that is wrong.
        """
        if env is None:
            file = Path.cwd() / ".env"
            below = {key: value for key, value in dotenv_values(file).items() if value} if file.is_file() else {}
            env = {**below, **os.environ}
        written = {name: text for name, value in env.items() if (text := value.strip())}
        webhook, smtp, sender, receivers, heartbeat_url = (written.get(name, "") for name in SETTINGS)
        settings = cls(
            webhook,
            smtp,
            sender,
            receivers,
            heartbeat_url,
            read_number(written, "TFC_ALERT_MISSING_HOURS", MISSING_HOURS, 0.1, MOST_HOURS),
            read_number(written, "TFC_ALERT_STUCK_HOURS", STUCK_HOURS, 0.1, MOST_HOURS),
        )
        for name, address in (("TFC_ALERT_WEBHOOK", settings.webhook), ("TFC_HEARTBEAT_URL", settings.heartbeat_url)):
            if address and not _is_web_address(address):
                raise ConfigurationError(f"{name}: this is no address that begins with https:// or http://.")
        if settings.smtp:
            host, _, port = settings.smtp.partition(":")
            if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)):
                raise ConfigurationError("TFC_ALERT_SMTP: write host:port, such as mail.example.org:587.")
            for name, people in (("TFC_ALERT_FROM", settings.sender), ("TFC_ALERT_TO", settings.receivers)):
                if "@" not in people:
                    raise ConfigurationError(f"{name}: TFC_ALERT_SMTP is set, so a mail address is needed here.")
        return settings


def _is_web_address(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _call(address: str, body: bytes | None = None) -> None:
    headers = {"Content-Type": "application/json"} if body is not None else {}
    request = urllib.request.Request(address, body, headers)  # noqa: S310 (the scheme is checked when settings are read)
    with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310
        pass


def _post(settings: AlertSettings, alert: Alert) -> None:
    _call(settings.webhook, json.dumps({"text": f"{alert.subject}\n{alert.text}"}).encode())


def _mail(settings: AlertSettings, alert: Alert) -> None:
    host, _, port = settings.smtp.partition(":")
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = alert.subject, settings.sender, settings.receivers
    message.set_content(alert.text)
    with smtplib.SMTP(host, int(port or 25), timeout=SECONDS) as smtp:
        if smtp.has_extn("starttls"):
            smtp.starttls()
        smtp.send_message(message)


WAYS: dict[str, Callable[[AlertSettings, Alert], None]] = {"webhook": _post, "mail": _mail}


def _tried(what: str, attempt: Callable[[], None]) -> bool:
    """Whether one of several attempts worked; the last failure is logged by its kind, since its words may repeat anything."""
    for number, wait in enumerate(WAITS, start=1):
        time.sleep(wait)
        try:
            attempt()
        except (OSError, ValueError, HTTPException, smtplib.SMTPException) as error:
            if number == len(WAITS):
                log.error("%s (%s, %d attempts).", what, type(error).__name__, number)
        else:
            return True
    return False


def send(alert: Alert, settings: AlertSettings, way: str) -> bool:
    """Send an alarm by one way; gives whether it was taken.

    :param way: one of `settings.ways`.
    """
    return _tried(f"The alarm could not be sent by {way}", lambda: WAYS[way](settings, alert))


def call_heartbeat(settings: AlertSettings) -> bool:
    """Call the address that expects to hear of each good night, where one is set; gives whether it answered."""
    address = settings.heartbeat_url
    return bool(address) and _tried("The heartbeat could not be sent", lambda: _call(address))
