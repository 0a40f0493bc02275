"""`tfc doctor`, `tfc backup` and `tfc restore`: what is damaged in a home, and how it is put right."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from tfc_platform.cli import output
from tfc_platform.night_lock import night_lock
from tfc_platform.settings import ConfigurationError, Settings

__all__ = ["backup", "doctor", "restore"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MOST_SHOWN = 5  # files named of one place


def _existing_home() -> Settings:
    settings = Settings.load()
    if not settings.home.is_dir():
        raise ConfigurationError(f"TFC_HOME is {str(settings.home)!r}, where there is no folder.")
    return settings


def doctor(
    repair: Annotated[bool, typer.Option("--repair", help="Remove what is damaged and can be made again.")] = False,
    as_json: Json = False,
) -> None:
    """Check every file of TFC_HOME: place, state, what to do. Exit 0: all good; 1: something is damaged."""
    from tfc_platform.recovery.damage import all_damage
    from tfc_platform.recovery.doctor import rows_of
    from tfc_platform.recovery.repair import HomeDamagedError, repair_derived

    settings = _existing_home()
    said: tuple[str, ...] = ()
    with night_lock(settings.home, what="A check of the home"):
        damage = all_damage(settings.places)
        if repair and damage:
            try:
                said = repair_derived(settings, damage)
            except HomeDamagedError as error:
                said = (str(error),)
            damage = all_damage(settings.places)
    rows = rows_of(settings.places, damage)
    if as_json:
        files = [{"path": item.path, "place": item.place.name, "problem": item.problem} for item in damage]
        output.print_json({"good": not damage, "places": rows, "files": files, "repaired": said})
    else:
        columns = {"place": "Place", "kind": "Kind", "files": "Files", "state": "State", "to_do": "What to do"}
        output.print_table(rows, columns)
        for item in damage[: MOST_SHOWN * 4]:
            output.say(item.message)
        for sentence in said:
            output.say(sentence)
        if not damage:
            output.say("Next: tfc nightly" if said else "Everything is as it was left.")
    if damage:
        raise typer.Exit(1)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the backup goes.")], as_json: Json = False
) -> None:
    """Back up what nothing can make again, encrypted with TFC_BACKUP_PASSPHRASE. Exit 0: written and read back; 1: refused."""
    from tfc_platform.recovery.backup import BackupRefusedError, backup_passphrase, write_backup

    settings, passphrase = _existing_home(), backup_passphrase()
    if file.resolve().is_relative_to(settings.home.resolve()):
        raise ConfigurationError("FILE lies in TFC_HOME: a backup of a home is kept elsewhere.")
    with night_lock(settings.home, what="A backup"):
        try:
            written = write_backup(settings, file, passphrase)
        except BackupRefusedError as error:
            output.stop(str(error), 1)
    _report("Backed up", asdict(written), as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup that `tfc backup` wrote.")],
    damaged: Annotated[
        bool, typer.Option("--damaged", help="Put back only what is damaged or missing in this TFC_HOME.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Rebuild TFC_HOME from a backup, or put back what is damaged. Exit 0: done; 1: refused. Next: tfc nightly."""
    from tfc_platform.recovery.backup import BackupRefusedError, backup_passphrase, restore_damaged, restore_home

    try:
        if damaged:
            settings = _existing_home()
            with night_lock(settings.home, what="A restore"):
                done = restore_damaged(settings, file, backup_passphrase(), output.progress)
            _report("Put back", {"files": done}, as_json)
        else:
            _report("Restored", asdict(restore_home(Settings.load(), file, backup_passphrase())), as_json)
    except BackupRefusedError as error:
        output.stop(str(error), 1)


def _report(done: str, found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        output.print_json(found)
        return
    release = f" Release: {found['release']}." if found.get("release") else ""
    output.say(f"{done}: {found['files']} files.{release}" + ("" if done == "Backed up" else " Next: tfc nightly"))
