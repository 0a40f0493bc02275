"""`tfc accept`: say that a return which is held is right, so that the next night uses it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from tfc_platform.cli import output
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["accept"]


def accept(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Its path in the landing zone, or the first digits of its SHA-256.")
    ],
    by: Annotated[str, typer.Option("--by", help="Who accepts it.")],
    because: Annotated[str, typer.Option("--because", help="Why it is right as it is.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """A held version counts from the next night on, until a later version comes. Exit 0: recorded; 1: it is not held."""
    from tfc_platform.admission.acceptable import NotAcceptableError, acceptance_of
    from tfc_platform.admission.acceptances import record_acceptance
    from tfc_platform.admission.admit import NotTakenInError
    from tfc_platform.contracts.catalogue import load_nightly_catalogue
    from tfc_platform.ingest.intake import Intake
    from tfc_platform.night_lock import night_lock

    settings = Settings.load()
    who, why = (" ".join(text.split()) for text in (by, because))
    if not who or not why:
        raise ConfigurationError("--by and --because: say who accepts the return, and why.")
    with night_lock(settings.home, what="An acceptance"):
        intake = Intake.load(settings, load_nightly_catalogue(settings))
        try:
            acceptance = acceptance_of(intake, _path_below(settings, file), who, why, settings.as_of)
        except NotAcceptableError as error:
            output.stop(str(error), 1)
        except NotTakenInError:
            output.stop("The contracts or the code have changed since the last night. Next: tfc nightly", 1)
        record_acceptance(settings.places, acceptance)
    if as_json:
        output.print_json(asdict(acceptance))
        return
    output.say(
        f"Recorded: {acceptance.path} ({acceptance.site}/{acceptance.source}) is accepted by {who}. The next version of this"
        " return ends that. Next: tfc nightly"
    )


def _path_below(settings: Settings, file: str) -> str:
    """A path as the landing zone has it, also where it was written with the landing zone's own."""
    top = settings.landing.rstrip("/") + "/"
    return file.removeprefix(top).removeprefix("./")
