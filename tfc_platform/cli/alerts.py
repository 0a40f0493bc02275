"""`tfc alerts test`: send a test alarm by every way that is set."""

from __future__ import annotations

from typing import Annotated

import typer

from tfc_platform.cli import output

__all__ = ["alerts"]

alerts = typer.Typer(no_args_is_help=True, help="Who hears of a failed night.")


@alerts.callback()
def _group() -> None:
    """Make `test` a command of a group, though it is the only one."""


@alerts.command("test")
def send_test(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
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
