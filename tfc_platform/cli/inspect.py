"""The command `tfc inspect`: what a file is, before or after somebody has written a contract for it.

It keeps nothing, and needs a setting only with `--against`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tfc_platform.cli import output
from tfc_platform.settings import ConfigurationError

__all__ = ["inspect"]


def _read(path: Path, option: str = "", missing: int = 1) -> bytes:
    if path.is_dir():
        raise ConfigurationError(f"{option}{path.name or path} is a folder. Name one file.")
    try:
        return path.read_bytes()
    except OSError as error:
        output.stop(f"{option}{path.name} cannot be read: {error.strerror}.", missing)


def inspect(
    file: Annotated[Path, typer.Argument(help="One file, of any tool.", show_default=False)],
    draft_contract: Annotated[
        bool, typer.Option("--draft-contract", help="Write a contract to edit, as YAML.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write the contract into this file.")] = None,
    dictionary: Annotated[
        Path | None, typer.Option("--dictionary", help="The form's definition: a REDCap data dictionary or an XLSForm.")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option("--against", metavar="SITE/SOURCE", help="Say whether this contract would take the file."),
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="With --against: the name that the file would have.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say which tool wrote a file, and what stands in it: never a cell. Exit 0, or 1 where it cannot be read.

    With --against: exit 0 where it would count, 1 where it would not, 2 where that cannot be said.
    """
    if against is not None:
        if draft_contract or out is not None or dictionary is not None:
            raise ConfigurationError("--against: it goes with --name and --json, and with no other option.")
        from tfc_platform.cli.inspect_against import inspect_against

        called = (name or file.name).rsplit("/", 1)[-1]
        raise typer.Exit(0 if inspect_against(_read(file, missing=2), called, against, as_json) else 1)
    if name is not None:
        raise ConfigurationError("--name: it goes with --against.")
    if draft_contract and as_json:
        raise ConfigurationError("--draft-contract: it writes YAML. Leave --json out.")
    if out is not None and not draft_contract:
        raise ConfigurationError("--out: it goes with --draft-contract.")
    if out is not None and out.exists():
        raise ConfigurationError(f"--out: {out} is there already, and is not written over.")
    content = _read(file)
    definition = _read(dictionary, "--dictionary: ") if dictionary else None
    from tfc_platform.profiling import profile_report
    from tfc_platform.profiling.profile_file import profile_file

    found = profile_file(content, file.name, definition)
    if as_json:
        output.print_json(profile_report.as_data(found))
    elif not found.readable:
        output.stop(f"{file.name}: {' '.join(found.warnings)}", 1)
    elif draft_contract:
        if found.what != "data" or not found.columns:
            output.stop(f"{file.name}: no contract can be drafted. {' '.join(found.warnings)}", 1)
        text = profile_report.draft_contract(found, file.name)
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, encoding="utf-8")
            output.say(f"Wrote {out}. Replace each FILL_IN, and check each guess.")
    else:
        for line in profile_report.facts(found):
            output.say(line)
        output.print_table(profile_report.column_rows(found), profile_report.COLUMNS)
        for title, sentences in (("Take care:", found.warnings), ("Of this tool:", found.notes)):
            for sentence in [title, *(f"- {sentence}" for sentence in sentences)] if sentences else []:
                output.say(sentence)
        output.say(profile_report.next_steps(found))
    if not found.readable:
        sys.stdout.flush()
        raise typer.Exit(1)
