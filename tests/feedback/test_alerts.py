"""Alarms go where the settings say: by each way for itself, with several attempts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from tfc_platform.cli.app import app
from tfc_platform.feedback import alerts
from tfc_platform.feedback.alerts import Alert, AlertSettings, call_heartbeat, send
from tfc_platform.settings import ConfigurationError

ALERT = Alert("TfC Platform: nothing was released", "The gate is closed.")
MAIL = {"TFC_ALERT_SMTP": "127.0.0.1:9", "TFC_ALERT_FROM": "a@example.org", "TFC_ALERT_TO": "b@example.org"}


class Web:
    """A server on this machine that keeps what it gets; its first answers may be failures."""

    def __init__(self) -> None:
        self.posts: list[dict[str, str]] = []
        self.gets = 0
        self.failures = 0


@pytest.fixture
def web() -> Iterator[tuple[str, Web]]:
    kept = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            is_well = self._is_well()
            if is_well:
                kept.posts.append(json.loads(body))
            self._answer(is_well)

        def do_GET(self) -> None:
            is_well = self._is_well()
            kept.gets += is_well
            self._answer(is_well)

        def _is_well(self) -> bool:
            is_well = not kept.failures
            kept.failures -= not is_well
            return is_well

        def _answer(self, is_well: bool) -> None:
            """Last of all: who called goes on as soon as it has the answer."""
            self.send_response(200 if is_well else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", kept
    server.shutdown()


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "WAITS", (0.0, 0.0, 0.0))


def test_it_reaches_the_webhook(web: tuple[str, Web]) -> None:
    address, kept = web
    settings = AlertSettings.load({"TFC_ALERT_WEBHOOK": address})
    assert settings.ways == ("webhook",)
    assert send(ALERT, settings, "webhook")
    assert kept.posts == [{"text": f"{ALERT.subject}\n{ALERT.text}"}]


def test_a_webhook_that_fails_twice_is_tried_a_third_time_and_not_a_fourth(web: tuple[str, Web]) -> None:
    address, kept = web
    settings = AlertSettings.load({"TFC_ALERT_WEBHOOK": address})
    kept.failures = 2
    assert send(ALERT, settings, "webhook")
    assert len(kept.posts) == 1
    kept.failures = 3
    assert not send(ALERT, settings, "webhook")
    assert (len(kept.posts), kept.failures) == (1, 0)


def test_without_a_setting_there_is_no_way() -> None:
    assert AlertSettings.load({}).ways == ()
    assert not call_heartbeat(AlertSettings.load({}))


def _odd_server(answer: bytes) -> str:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(answer)
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.parametrize(
    "address",
    [lambda: "http://127.0.0.1:9/", lambda: _odd_server(b"no answer of the web\r\n\r\n"), lambda: _odd_server(b"")],
    ids=["nobody listens", "an odd answer", "no answer"],
)
def test_a_way_that_fails_stops_nothing_and_is_logged(
    address: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    settings = AlertSettings.load({"TFC_ALERT_WEBHOOK": address()})
    assert not send(ALERT, settings, "webhook")
    assert "could not be sent by webhook" in caplog.text
    assert "no answer of the web" not in caplog.text


def test_the_heartbeat_calls_its_address(web: tuple[str, Web]) -> None:
    address, kept = web
    assert call_heartbeat(AlertSettings.load({"TFC_HEARTBEAT_URL": address}))
    assert kept.gets == 1


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"TFC_ALERT_WEBHOOK": "file:///etc/passwd"}, "TFC_ALERT_WEBHOOK"),
        ({"TFC_ALERT_WEBHOOK": "https://"}, "TFC_ALERT_WEBHOOK"),
        ({"TFC_HEARTBEAT_URL": "example.org/beat"}, "TFC_HEARTBEAT_URL"),
        ({**MAIL, "TFC_ALERT_SMTP": "mail.example.org:smtp"}, "TFC_ALERT_SMTP"),
        ({**MAIL, "TFC_ALERT_TO": ""}, "TFC_ALERT_TO"),
        ({**MAIL, "TFC_ALERT_FROM": "the platform"}, "TFC_ALERT_FROM"),
    ],
)
def test_a_wrong_setting_is_named_without_sending(values: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{named}: "):
        AlertSettings.load(values)


def test_the_command_sends_by_every_way_and_reports_each(web: tuple[str, Web], monkeypatch: pytest.MonkeyPatch) -> None:
    address, kept = web
    none = CliRunner().invoke(app, ["alerts", "test"], env=dict.fromkeys(alerts.SETTINGS, ""))
    assert isinstance(none.exception, ConfigurationError)
    both = CliRunner().invoke(app, ["alerts", "test", "--json"], env={"TFC_ALERT_WEBHOOK": address, **MAIL})
    assert both.exit_code == 1, "the mail server is not there"
    assert json.loads(both.stdout) == {"webhook": True, "mail": False}
    assert "a test" in kept.posts[0]["text"]
