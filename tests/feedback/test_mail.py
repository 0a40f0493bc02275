"""Alarms by mail: who gets what from whom, over which server, and what a server that refuses changes."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from typing import Any

import pytest

from tfc_platform.feedback import alerts
from tfc_platform.feedback.alerts import Alert, AlertSettings, send

ALERT = Alert("TfC Platform: nothing was released", "The gate is closed.")
SETTINGS = {
    "TFC_ALERT_SMTP": "mail.example.org:587",
    "TFC_ALERT_FROM": "platform@example.org",
    "TFC_ALERT_TO": "team@example.org",
}


class Server:
    """Stands for smtplib.SMTP and keeps what it is asked to do."""

    did: list[Any]
    offers_tls = True
    refuses = False

    def __init__(self, host: str, port: int, timeout: float) -> None:
        type(self).did = [(host, port)]
        assert timeout > 0

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None: ...

    def has_extn(self, name: str) -> bool:
        return name == "starttls" and self.offers_tls

    def starttls(self) -> None:
        self.did.append("starttls")

    def send_message(self, message: EmailMessage) -> None:
        if self.refuses:
            raise smtplib.SMTPRecipientsRefused({"team@example.org": (550, b"no such person")})
        self.did.append(message)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    class Own(Server): ...

    monkeypatch.setattr(smtplib, "SMTP", Own)
    monkeypatch.setattr(alerts, "WAITS", (0.0, 0.0, 0.0))
    return Own


def test_a_mail_goes_to_whom_the_settings_name_under_tls(server: type[Server]) -> None:
    assert send(ALERT, AlertSettings.load(SETTINGS), "mail")
    address, tls, message = server.did
    assert address == ("mail.example.org", 587)
    assert tls == "starttls"
    assert (message["From"], message["To"]) == ("platform@example.org", "team@example.org")
    assert message["Subject"] == ALERT.subject
    assert message.get_content().strip() == ALERT.text


def test_the_usual_port_where_none_is_written(server: type[Server]) -> None:
    server.offers_tls = False
    assert send(ALERT, AlertSettings.load({**SETTINGS, "TFC_ALERT_SMTP": "mail.example.org"}), "mail")
    assert server.did[0] == ("mail.example.org", 25)
    assert "starttls" not in server.did


def test_a_server_that_refuses_stops_nothing_and_its_words_are_not_logged(
    server: type[Server], caplog: pytest.LogCaptureFixture
) -> None:
    server.refuses = True
    assert not send(ALERT, AlertSettings.load(SETTINGS), "mail")
    assert "could not be sent by mail (SMTPRecipientsRefused, 3 attempts)" in caplog.text
    assert "no such person" not in caplog.text
