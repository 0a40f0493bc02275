"""The command `tfc`: the commands of the night itself, and the groups of the others.

Each command imports what it needs when it runs: most need little.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfc_platform.cli import output
from tfc_platform.cli.accept import accept
from tfc_platform.cli.alerts import alerts
from tfc_platform.cli.check_output import check_output
from tfc_platform.cli.erase import erase
from tfc_platform.cli.inspect import inspect
from tfc_platform.cli.mappings import mappings
from tfc_platform.cli.receipts import receipts
from tfc_platform.cli.recovery import backup, doctor, restore
from tfc_platform.cli.releases import releases
from tfc_platform.cli.report import report
from tfc_platform.disk_errors import disk_sentence
from tfc_platform.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from tfc_platform.cli.nightly import NightResult

__all__ = ["app", "run"]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks show local variables, and those may hold cells
    help="The evaluation data platform of Together for Childhood.",
)
flags = typer.Typer(help="The safeguarding queue: pointers to texts, never a text.")
app.command()(accept)
app.command("check-output")(check_output)
app.command()(backup)
app.command()(doctor)
app.command()(restore)
app.command()(erase)
app.command()(inspect)
app.command()(receipts)
app.command()(report)
app.add_typer(releases, name="releases")
app.add_typer(flags, name="flags")
app.add_typer(alerts, name="alerts")
app.add_typer(mappings, name="mappings")

USED = ("accepted", "superseded", "duplicate_file")  # what has become of a file that needs no word

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Site = Annotated[str | None, typer.Option("--site", help="One site alone.")]


def run() -> None:
    """Run the command line. A wrong setting, contract or use, or an error of a disk, ends with 2 and one sentence."""
    try:
        app()
    except ConfigurationError as error:
        output.stop(str(error), 2)
    except Exception as error:  # no traceback reaches a person: its lines may quote a cell
        if sentence := disk_sentence(error):
            output.stop(sentence, 2)
        output.stop(f"{type(error).__name__}: nobody expected this. {output.keep_lines(error)}", 1)


def _known_site(settings: Settings, site: str | None) -> None:
    if site is None:
        return
    from tfc_platform.contracts.catalogue import load_nightly_catalogue

    senders = load_nightly_catalogue(settings).senders
    if site not in senders:
        raise ConfigurationError(f"--site: there is no site {site!r}. There are {', '.join(senders)}.")


@app.command()
def demo(
    seed: Annotated[int, typer.Option(help="Another seed gives other returns of the same shapes.")] = 2026,
    night: Annotated[int, typer.Option(min=1, max=2, help="2: what comes a month later, with two bad returns.")] = 1,
    as_json: Json = False,
) -> None:
    """Write synthetic returns of the four sites into the landing zone."""
    from tfc_platform.demo import write

    settings = Settings.load()
    if "://" in settings.landing:
        raise ConfigurationError("TFC_LANDING: demonstration returns are written to a folder alone.")
    answers = write(Path(settings.landing), seed=seed, night=night)
    found = {"landing": settings.landing, "seed": seed, "night": night, "files": len(answers.written)}
    if as_json:
        output.print_json(found)
    else:
        output.say(f"Wrote {found['files']} files to {settings.landing} (seed {seed}). Next: tfc nightly")


@app.command()
def prepare() -> None:
    """Parse the dbt project, so that no night has to. `make setup` does it."""
    from tfc_platform.build import manifest
    from tfc_platform.pipeline import DBT_PROJECT

    manifest.prepare(DBT_PROJECT, Settings.load().target)


@app.command()
def nightly(
    site: Site = None,
    allow_earlier_date: Annotated[
        bool, typer.Option("--allow-earlier-date", help="Publish a day before that of the current release.")
    ] = False,
    allow_new_key: Annotated[
        bool, typer.Option("--allow-new-key", help="Go on with another key of the pseudonyms.")
    ] = False,
    as_json: Json = False,
) -> None:
    """The main job: take in, build, check, publish. Exit 0: released, or nothing new; 1: the gate stayed closed; 2: wrong use."""
    from tfc_platform.cli.nightly import refusals_reported

    with refusals_reported():
        settings = Settings.load()
    switches = {"earlier_date": allow_earlier_date, "new_key": allow_new_key}
    lifted = {name for name, is_given in switches.items() if is_given}
    settings = replace(settings, allowed=settings.allowed | lifted)
    _known_site(settings, site)
    from tfc_platform.cli.nightly import run_nightly
    from tfc_platform.feedback.alerts import AlertSettings
    from tfc_platform.feedback.night_alarms import report_night

    alert_settings = AlertSettings.load()  # a wrong one is reported before the night, not after it
    started = time.monotonic()
    with refusals_reported(settings):
        result = run_nightly(settings, site, output.progress)
    report_night(settings.places, settings.as_of, () if result.success else result.reasons, alert_settings)
    if as_json:
        output.print_json(asdict(result))
    else:
        if not result.nothing_new:
            _print_sites(settings)
        _print_result(result, settings)
        if not result.nothing_new:
            output.say(f"The night took {time.monotonic() - started:.0f} seconds.")
    if not result.success:
        raise typer.Exit(2 if result.is_setting_wrong else 1)


def _print_sites(settings: Settings) -> None:
    """What each site's returns led to, in one table."""
    from tfc_platform.feedback.status import summarise_sites

    columns = {
        "site": "Site",
        "files": "Files",
        "rows_used": "Rows used",
        "rows_refused": "Rows refused",
        "held": "Held",
        "overdue": "Overdue returns",
    }
    rows = [asdict(one) | {"held": ", ".join(one.held)} for one in summarise_sites(settings.places, settings.as_of)]
    output.print_table(rows, columns)


def _print_result(result: NightResult, settings: Settings) -> None:
    if not result.success:
        if result.release:
            output.say(f"Released {result.release}, which is not all that there may be. Why:")
        elif result.is_published:
            output.say("Nothing new to release, but this was not a good night. Why:")
        else:
            output.say("Nothing was released. The last release is still served. Why:")
        for reason in result.reasons:
            output.say(f"- {reason}")
    elif result.nothing_new:
        output.say("Nothing is new since the last night, and nothing is due.")
    elif result.release:
        output.say(f"Released {result.release}: {settings.places.releases / 'current' / 'index.html'}")
    else:
        output.say("Nothing new to release.")
    if result.research:
        output.say(f"Research database: {settings.places.research / 'current' / 'tfc.duckdb'}")


@app.command()
def status(as_json: Json = False) -> None:
    """Site by site, source by source: the last return, rows, what is held since when and why, what is published."""
    from tfc_platform.contracts.calendar import ending_windows
    from tfc_platform.contracts.catalogue import load_nightly_catalogue
    from tfc_platform.feedback.status import as_data, published_now, rows_lost, status_of, undeclared_units
    from tfc_platform.ingest.look_faults import read_look_faults
    from tfc_platform.ingest.waiting_files import waiting_files

    settings = Settings.load()
    ending = ending_windows(load_nightly_catalogue(settings).calendar, settings.as_of)
    sources = as_data(status_of(settings.places, settings.as_of))
    published, undeclared = published_now(settings.places), undeclared_units(settings.places)
    waiting, lost = waiting_files(settings.places), rows_lost(settings.places)
    faults = read_look_faults(settings.places)
    if as_json:
        output.print_json(
            {
                "as_of": settings.as_of,
                "sources": sources,
                "published": published,
                "undeclared_units": undeclared,
                "calendar": [{"window": window.name, "last": window.last} for window in ending],
                "waiting": waiting,
                "rows_lost": list(lost.values()),
                "not_read": [asdict(fault) for fault in faults],
            }
        )
        return
    for row in sources:
        last, used = row["last_return"], row["last_counted"]
        row["last_return"] = (last or "none yet").rsplit("/", 1)[-1]
        if last and (row["last_status"] not in USED or used is None):
            row["last_return"] += f" ({row['last_status'].replace('_', ' ')})"
        row["state"] = f"held since {row['held_since']}" if row["held_since"] else "good"
        row["late"] = f"{len(row['overdue'])} overdue, {row['overdue_days']} days" if row["overdue"] else ""
    columns = {
        "site": "Site",
        "source": "Source",
        "rows": "Rows",
        "rejected": "Rejected",
        "state": "State",
        "late": "Returns",
    }
    output.print_table(sources, columns | {"last_return": "Last return"})
    for row in sources:
        if row["last_status"] == "unreadable" and row["last_counted"]:
            what = f"{row['last_counted']}, as received on {row['counted_since']:%d/%m/%Y}"
            output.say(f"{row['site']}/{row['source']}: {row['last_return']}; {what}, is the latest that is used.")
        if row["contract_reason"] and row["contract_reason"] != row["held_reason"]:
            output.say(f"{row['site']}/{row['source']}: {row['contract_reason']}")
        for sentence in row["accepted_returns"]:
            output.say(f"{row['site']}/{row['source']}: {sentence}")
        if row["held_reason"] and not any(
            row["source"] in fault.sources for fault in faults if fault.sender == row["site"]
        ):
            output.say(f"{row['site']}/{row['source']}: {row['held_reason']}")
    for sentence in lost.values():
        output.say(sentence)
    for path in waiting:
        output.say(f"{path} was still being written when the last night looked: it waits for the next one.")
    for fault in faults:
        output.say(f"{fault.path or 'The landing zone'}, since {fault.since:%d/%m/%Y}: {fault.sentence}")
    for site, activities in undeclared.items():
        output.say(
            f"{site}: no audience_unit (group or individual) in reference/activities.csv for {', '.join(activities)}."
            " Until then a session counts as one person's."
        )
    for window in ending:
        end = "ended" if window.last < settings.as_of else "ends"
        output.say(
            f"calendar.yaml: {window.name} ({window.description}) {end} on {window.last}. Dates after it are refused:"
            " move its end, or say is_final: true."
        )
    output.say(f"Receipts: {settings.places.sites / '<site>' / 'receipt.html'}; in short: tfc receipts.")
    output.say(f"Research: {published['research'] or 'none yet'}. Release: {published['release'] or 'none yet'}.")


@flags.callback(invoke_without_command=True)
def _flags(context: typer.Context, site: Site = None, as_json: Json = False) -> None:
    if context.invoked_subcommand is None:
        _list_flags(site, as_json)


@flags.command("list")
def flags_list(site: Site = None, as_json: Json = False) -> None:
    """Each disclosure once, with its latest place; as JSON every flag, of which several may point to one text."""
    _list_flags(site, as_json)


def _list_flags(site: str | None, as_json: bool) -> None:
    from tfc_platform.feedback.flags import FIELDS, disclosures, list_flags

    settings = Settings.load()
    _known_site(settings, site)
    found = list_flags(settings.places, site)
    if as_json:
        output.print_json([{name: flag[name] for name in (*FIELDS, "id", "disclosure")} for flag in found])
        return
    columns = {
        "id": "Id",
        "site": "Site",
        "file": "File",
        "sheet": "Sheet",
        "row": "Row",
        "column": "Column",
        "rule": "Rule",
    }
    columns |= {"other_places": "Other places", "raised_at": "Raised", "acknowledged_at": "Taken up"}
    output.print_table(disclosures(found), columns)


@flags.command("acknowledge")
def flags_acknowledge(
    ids: Annotated[list[str], typer.Argument(help="Ids as `tfc flags list` gives them.")],
    site: Site = None,
    as_json: Json = False,
) -> None:
    """Note that a person has taken these flags up. They stay in the queue."""
    from tfc_platform.feedback.flags import acknowledge

    settings = Settings.load()
    _known_site(settings, site)
    try:
        noted = acknowledge(settings.places, ids, site)
    except KeyError as error:
        output.stop(f"There is no flag {error.args[0]}.", 1)
    if as_json:
        output.print_json({"acknowledged": noted})
    else:
        output.say(f"Noted: {noted}.")


@app.command()
def explain(
    table: Annotated[str, typer.Argument(help="A mart, as mart_delivery.")],
    keys: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE…", help="What chooses the figure, as site=… month=2025-04.")
    ],
    as_json: Json = False,
) -> None:
    """For a figure of the restricted marts: the files and row numbers behind it."""
    from tfc_platform.build import manifest
    from tfc_platform.feedback.explain import explain as rows_behind
    from tfc_platform.pipeline import DBT_PROJECT

    settings = Settings.load()
    found = rows_behind(settings.places, manifest.as_json(DBT_PROJECT, settings.target), table, keys)
    rows = [asdict(origin) for origin in found]
    if as_json:
        output.print_json(rows)
        return
    output.print_table(rows, {"file": "File", "sheet": "Sheet", "row": "Row", "fact": "Fact"})
    output.say(f"{len(rows)} rows.")


@app.command()
def docs() -> None:
    """Write dbt's documentation of the marts as one page."""
    from tfc_platform.build import dbt
    from tfc_platform.pipeline import DBT_PROJECT

    settings = Settings.load()
    output.say(str(dbt.docs(settings.places, DBT_PROJECT, settings.target)))


@app.command()
def ui(port: Annotated[int, typer.Option(help="On this machine alone.")] = 3000) -> None:
    """The Dagster UI, on this machine alone."""
    from tfc_platform.build import manifest
    from tfc_platform.orchestration.dagster_home import use_dagster_home
    from tfc_platform.pipeline import DBT_PROJECT
    from tfc_platform.settings import PROJECT

    settings = Settings.load()
    manifest.prepare(DBT_PROJECT, settings.target)
    use_dagster_home(settings)
    program = Path(sys.executable).with_name("dagster")
    workspace = str(PROJECT / "workspace.yaml")
    os.execv(program, [str(program), "dev", "-w", workspace, "-h", "127.0.0.1", "-p", str(port)])  # noqa: S606
