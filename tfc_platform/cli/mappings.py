"""`tfc mappings`: list the columns whose names were guessed, and record whether a guess is right."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from tfc_platform.cli import output
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["mappings"]

mappings = typer.Typer(help="Columns that were read under another name: list, confirm, refuse.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Site = Annotated[str, typer.Option("--site", help="The site whose files are meant.")]
Id = Annotated[str, typer.Argument(help="The mapping's id, as `tfc mappings list` and the receipt have it.")]


@mappings.command("list")
def list_command(site: Site, as_json: Json = False) -> None:
    """Every column of a site's files that was read under another name, and every one that was confirmed or refused."""
    from tfc_platform.ingest.column_mappings import list_mappings

    settings = _settings(site)
    found = [asdict(item) for item in list_mappings(settings.places, site)]
    if as_json:
        output.print_json(found)
        return
    if not found:
        output.say(f"No column of {site} was read under another name.")
        return
    columns = {"id": "Id", "source": "Source", "found": "Column in the file", "asked": "Read as", "state": "State"}
    output.print_table(found, columns | {"files": "Files", "on": "Since"})


@mappings.command()
def confirm(mapping: Id, site: Site, as_json: Json = False) -> None:
    """Say that a guess is right: the column is read under that name from now on, without a warning."""
    _decide(site, mapping, "confirmed", as_json)


@mappings.command()
def refuse(mapping: Id, site: Site, as_json: Json = False) -> None:
    """Say that a guess is wrong: the column is not read, and the one that it was read as counts as missing."""
    _decide(site, mapping, "refused", as_json)


def _settings(site: str) -> Settings:
    from tfc_platform.contracts.catalogue import load_nightly_catalogue

    settings = Settings.load()
    senders = load_nightly_catalogue(settings).senders
    if site not in senders:
        raise ConfigurationError(f"--site: there is no site {site!r}. There are {', '.join(senders)}.")
    settings.places.make()
    return settings


def _decide(site: str, mapping: str, state: Literal["confirmed", "refused"], as_json: bool) -> None:
    """Exit 0: it is kept. 1: there is no such mapping. 2: a night is running, whose files would be read in two ways."""
    from tfc_platform.ingest.column_mappings import Decided, list_mappings, remember
    from tfc_platform.night_lock import night_lock

    settings = _settings(site)
    known = next((item for item in list_mappings(settings.places, site) if item.id == mapping), None)
    if known is None:
        output.stop(
            f"{site} has no mapping {mapping}. `tfc mappings list --site {site}` shows those that there are.", 1
        )
    with night_lock(settings.home, what="A decision on a column"):
        decided = Decided(known.asked, known.found, state, settings.as_of.isoformat())
        remember(settings.places, site, known.source, decided)
    if as_json:
        output.print_json({**asdict(known), "state": state, "on": decided.on})
        return
    what = f"“{known.found}” is “{known.asked}”" if state == "confirmed" else f"“{known.found}” is not “{known.asked}”"
    output.say(f"Kept for {site} {known.source}: {what}. The next night reads its files again. Next: tfc nightly")
