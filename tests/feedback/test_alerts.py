"""Alarms: what they say, and that they go where the settings say."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tfc_platform.feedback.alerts import Alert, send

ALERT = Alert.of_failed_run("nightly", "0123456789abcdef", ["research"])


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, str]]]]:
    got: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", got
    server.shutdown()


def test_an_alarm_names_job_run_and_step() -> None:
    assert ALERT.subject == "TfC Platform: nightly failed"
    assert "Run 01234567 of nightly failed in research." in ALERT.text
    assert "The last release is still served." in ALERT.text


def test_it_reaches_the_webhook(webhook: tuple[str, list[dict[str, str]]]) -> None:
    address, got = webhook
    assert send(ALERT, {"TFC_ALERT_WEBHOOK": address}) == ["webhook"]
    assert got == [{"text": f"{ALERT.subject}\n{ALERT.text}"}]


def test_without_a_setting_nobody_is_told() -> None:
    assert send(ALERT, {}) == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/", "file:///etc/passwd"])
def test_a_way_that_fails_stops_nothing_and_is_logged(address: str, caplog: pytest.LogCaptureFixture) -> None:
    assert send(ALERT, {"TFC_ALERT_WEBHOOK": address}) == []
    assert "could not be sent by webhook" in caplog.text
