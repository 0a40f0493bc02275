"""`tfc alerts`: try the alarms, and ask whether nights come at all."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from tfc_platform.cli import output

__all__ = ["alerts"]

alerts = typer.Typer(no_args_is_help=True, help="Who hears of a failed night.")


Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@alerts.command("check")
def check(as_json: Json = False) -> None:
    """Report once where no night came for too long, or one does not end. Exit 0: all is well; 1: it is not.

    It reads files of TFC_HOME only, so that cron can ask it whatever else has stopped.
    """
    from tfc_platform.feedback.alerts import AlertSettings
    from tfc_platform.feedback.night_watch import report_watch, watch
    from tfc_platform.settings import Settings

    alert_settings, home = AlertSettings.load(), Settings.load().home
    notices = watch(home, alert_settings, datetime.now(UTC))
    sent = report_watch(home, alert_settings, notices)
    if as_json:
        output.print_json({"notices": [asdict(notice) for notice in notices], "sent": sent})
    else:
        output.say("\n".join(notice.sentence for notice in notices) or "Nights come, and none runs for too long.")
    if notices:
        raise typer.Exit(1)


@alerts.command("test")
def send_test(as_json: Json = False) -> None:
    """Send a test alarm by webhook and by mail, as they are set. Exit 0: all took it; 1: one did not; 2: none is set."""
    from tfc_platform.feedback.alerts import Alert, AlertSettings, send
    from tfc_platform.settings import ConfigurationError

    settings = AlertSettings.load()
    if not settings.ways:
        raise ConfigurationError("No alarm is set: TFC_ALERT_WEBHOOK, or TFC_ALERT_SMTP with TFC_ALERT_FROM and _TO.")
    alert = Alert("TfC Platform: a test", "This is a test of the alarms. Nothing has happened.")
    taken = {way: send(alert, settings, way) for way in settings.ways}
    if as_json:
        output.print_json(taken)
    else:
        for way, worked in taken.items():
            output.say(f"{way}: {'sent' if worked else 'could not be sent'}.")
    if not all(taken.values()):
        raise typer.Exit(1)
