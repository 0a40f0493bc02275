"""`tfc receipts`: what each site has to do, as its receipt of the last night says."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from tfc_platform.cli import output
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["receipts"]


def receipts(
    site: Annotated[str | None, typer.Option("--site", help="One site alone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """What each site has to do, and where its receipt is."""
    places = Settings.load().places
    files = [file for file in sorted(places.sites.glob("*/receipt.json")) if site in (None, file.parent.name)]
    if not files:
        raise ConfigurationError(
            f"There is no receipt{f' of {site!r}' if site else ''} yet. Run `tfc nightly` first, or look at `tfc status`."
        )
    found: list[dict[str, Any]] = [json.loads(file.read_bytes()) for file in files]
    if as_json:
        output.print_json([{key: item.get(key) for key in ("site", "as_of", "to_do", "cleared")} for item in found])
        return
    for file, item in zip(files, found, strict=True):
        output.say(f"{item['site']} ({item['as_of']}): {file.with_suffix('.html')}")
        for todo in item["to_do"]:
            since = f" since {todo['since']}" if todo["since"] else ""
            what = [todo["sentence"]] if todo["is_said"] else [todo["sentence"], todo["what_to_do"]]
            source = f"{todo['source']}: " if todo["source"] else ""
            output.say(f"  {todo['kind']}{since}: {source}{todo['title']}. {' '.join(part for part in what if part)}")
        if not item["to_do"]:
            output.say("  Nothing to do.")
        for cleared in item["cleared"]:
            output.say(f"  {cleared['source']}: {cleared['sentence']}")
