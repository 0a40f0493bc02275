"""`tfc releases`: what was published, what changed, whether it is whole and safe, and the way back."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import typer

from tfc_platform.cli import output
from tfc_platform.settings import Settings

__all__ = ["releases"]

releases = typer.Typer(help="The releases: list, show, diff, verify, audit, rollback; and the locked snapshots.")
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Id = Annotated[str, typer.Argument(help="A release's id; `current` without one.")]
CURRENT = "current"


@releases.callback(invoke_without_command=True)
def _default(context: typer.Context, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        _list(as_json)


@releases.command("list")
def list_command(as_json: Json = False) -> None:
    """Every release, the latest first."""
    _list(as_json)


def _list(as_json: bool) -> None:
    from tfc_platform.release.manage import list_releases

    found = [asdict(item) for item in list_releases(Settings.load().places)]
    if as_json:
        output.print_json(found)
        return
    for row in found:
        states = ("current", "removed", "withdrawn")
        row["state"] = next((state for state in states if row[f"is_{state}"]), "")
    columns = {
        "id": "Id",
        "state": "",
        "as_of": "As of",
        "follows": "Follows",
        "tables": "Tables",
        "rows": "Rows",
        "held": "Held",
    }
    output.print_table(found, columns | {"problem": "Problem"})


@releases.command()
def show(release: Id = CURRENT, as_json: Json = False) -> None:
    """A release's manifest."""
    from tfc_platform.release.manage import show_release

    manifest = _or_stop(show_release, Settings.load().places, release)
    if as_json:
        output.print_json(manifest)
        return
    for key in ("id", "as_of", "code_version", "disclosure_policy_version", "follows"):
        if key in manifest:
            output.say(f"{key.replace('_', ' ')}: {manifest[key]}")
    for item in manifest["held"]:
        output.say(f"held: {item['site']}/{item['source']} since {item['since']}: {item['reason']}")
    tables = [{"name": name, **values} for name, values in sorted(_by_name(manifest["tables"]).items())]
    output.print_table(tables, {"name": "Table", "rows": "Rows", "sha256": "SHA-256"})


def _by_name(tables: Any) -> dict[str, dict[str, Any]]:
    if isinstance(tables, dict):
        return tables
    return {item.get("name") or item["table"]: item for item in tables}


@releases.command()
def diff(
    before: Annotated[str, typer.Argument(help="The earlier release's id.")], after: Id = CURRENT, as_json: Json = False
) -> None:
    """What changed between two releases, table by table."""
    from tfc_platform.release.manage import diff_releases

    found = _or_stop(diff_releases, Settings.load().places, before, after)
    if as_json:
        output.print_json(asdict(found))
        return
    if not found.differs:
        output.say("Nothing differs.")
    rows = [
        {
            "table": item.table,
            "before": item.rows_before,
            "after": item.rows_after,
            "added": len(item.added),
            "removed": len(item.removed),
            "changed": len(item.changed),
        }
        for item in found.tables
    ]
    columns = ("table", "before", "after", "added", "removed", "changed")
    output.print_table(rows, {name: name.capitalize() for name in columns})
    for word, items in (("now held", found.held_since), ("no longer held", found.no_longer_held)):
        for item in items:
            output.say(f"{word}: {item['site']}/{item['source']}")


@releases.command()
def verify(release: Id = CURRENT, as_json: Json = False) -> None:
    """Whether a release's bytes are what its manifest says. Exit 1 where they are not."""
    from tfc_platform.release.manage import verify_release

    problems = _or_stop(verify_release, Settings.load().places, release)
    if as_json:
        output.print_json({"release": release, "whole": not problems, "problems": problems})
    else:
        for problem in problems:
            output.say(f"- {problem}")
        if not problems:
            output.say("Whole: every file is what the manifest says.")
    if problems:
        raise typer.Exit(1)


@releases.command()
def audit(
    release: Id = CURRENT,
    twins: Annotated[
        bool, typer.Option("--twins", help="Certify each small group by another dataset. Minutes.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Try what a release and all before it give away, from their files. Exit 1 where a small group can be worked out."""
    from tfc_platform.disclosure.policy import load_policy
    from tfc_platform.publication.publication_register import load_register
    from tfc_platform.release.reaudit import audit_release, twins_of_release

    places, register, policy = Settings.load().places, load_register().person_tables, load_policy()
    report = _or_stop(audit_release, places, release, register, policy)
    found: dict[str, Any] = {"release": release, **asdict(report)}
    reasons = list(report.reasons)
    if twins:
        certified = _or_stop(twins_of_release, places, release, register, policy)
        found["twins"] = {"sought": certified.sought, "certified": certified.certified}
        reasons += certified.reasons
    if as_json:
        output.print_json(found)
    else:
        rows = [
            {
                "table": item.table,
                "cells": item.cells,
                "combinations": item.atoms,
                "given_away": item.failing,
                "narrowest": "" if item.narrowest is None else f"{item.narrowest.width:g}",
            }
            for item in report.tables
        ]
        columns = {"table": "Table", "cells": "Cells", "combinations": "Combinations", "given_away": "Given away"}
        output.print_table(rows, columns | {"narrowest": "Narrowest interval"})
        if twins:
            output.say(f"Twins: {found['twins']['certified']} of {found['twins']['sought']} small groups certified.")
        for reason in reasons:
            output.say(f"- {reason}")
        if not reasons:
            output.say(f"Nothing is given away ({report.seconds:.1f} s).")
    if reasons:
        raise typer.Exit(1)


@releases.command()
def snapshots(as_json: Json = False) -> None:
    """The locked snapshots, with the digest that an exception is bound to. It stays in the restricted zone."""
    from tfc_platform.disclosure.snapshots import Store, latest_versions

    standing = latest_versions(Store(Settings.load().places.snapshots).versions())
    rows = [
        {"snapshot": item.label, "ends_on": item.ends_on, "locked_on": item.locked_on, "sha256": item.content}
        for item in standing.values()
    ]
    if as_json:
        output.print_json(rows)
        return
    columns = {"snapshot": "Snapshot", "ends_on": "Ends", "locked_on": "Locked", "sha256": "SHA-256"}
    output.print_table(rows, columns)


@releases.command()
def rollback(
    release: Annotated[str, typer.Argument(help="The id of the release to go back to.")],
    why: Annotated[str, typer.Option(help="The reason, which is kept.")],
    who: Annotated[str | None, typer.Option(help="Who decides it; you, without it.")] = None,
    as_json: Json = False,
) -> None:
    """Let `releases/current` name an earlier release. What was gone back from does not come back by itself."""
    from tfc_platform.release.manage import rollback as go_back

    done = _or_stop(go_back, Settings.load().places, release, who=who or getpass.getuser(), why=why)
    if as_json:
        output.print_json(asdict(done))
    else:
        output.say(f"releases/current now names {release}.")


def _or_stop(function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    from tfc_platform.publication.released_table import ReleaseError

    try:
        return function(*arguments, **named)
    except ReleaseError as error:
        output.stop(str(error), 1)
