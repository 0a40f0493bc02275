"""`tfc report`: the annual report's draft from a release."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfc_platform.cli import output
from tfc_platform.settings import Settings

__all__ = ["report"]


def report(
    year: Annotated[str, typer.Option(help="The reporting year, April to March, as 2025-26.")],
    release: Annotated[str, typer.Option(help="A release's id.")] = "current",
    out: Annotated[Path | None, typer.Option(help="Where to write the document.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also over a document that says something else.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """The year's figures for each site and together, in a document that a person finishes.

    Exit codes: 0 written; 1: there is no such release, or it has no figure of the year; 2: wrong use.
    """
    from dataclasses import asdict

    from tfc_platform.publication.released_table import ReleaseError
    from tfc_platform.report.write_report import make_report, write_report

    settings = Settings.load()
    try:
        found = make_report(settings.places, year, release)
    except (ReleaseError, KeyError) as error:
        output.stop(str(error.args[0]), 1)
    target = out or settings.places.reports / f"annual-{year}-{found.release}.html"
    written = write_report(found, target, overwrite)
    if as_json:
        output.print_json({"document": written.document, "csv": written.figures, **asdict(found)})
        return
    output.say(f"{written.count} figures from release {found.release}: {written.document}")
    output.say(f"As a table: {written.figures}")
    output.say("Open the document in a browser or a word processor and write what stands in brackets.")
