"""`tfc check-output`: an analyst's query over research, judged by the rules for releases. Nothing is released by it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfc_platform.cli import output
from tfc_platform.settings import Settings

if TYPE_CHECKING:
    from tfc_platform.disclosure.output_check import CheckedOutput

__all__ = ["check_output"]


def check_output(
    query: Annotated[Path, typer.Argument(metavar="QUERY.sql", help="A file with one SELECT over the marts.")],
    out: Annotated[
        Path | None, typer.Option(help="Where to write the judged table. Default: QUERY.checked.csv.")
    ] = None,
    version: Annotated[str, typer.Option(help="A version of the research database.")] = "current",
    by: Annotated[
        str,
        typer.Option("--by", metavar="NAME", help="Who lets it leave: its safe figures are kept, for later checks."),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Judge a query's output as a release would be: by the rules, and by the audit with all that was released or has left.

    The file has the output, a verdict beside each figure, and the reasons. It is restricted as research is. With --by NAME its
    safe figures are written down as having left, and later outputs are judged beside them.

    Exit codes: 0 every figure is safe; 1: some are to be withheld or a person has to judge them; 2: wrong use.
    """
    from tfc_platform.atomic_io import write_bytes
    from tfc_platform.disclosure import output_check
    from tfc_platform.disclosure.output_query import QueryError
    from tfc_platform.disclosure.output_register import OutputRegister
    from tfc_platform.disclosure.policy import load_policy
    from tfc_platform.file_lock import file_lock
    from tfc_platform.publication.publication_register import load_register

    settings = Settings.load()
    research = settings.places.research / version / "tfc.duckdb"
    if not query.is_file():
        output.stop(f"There is no file {query}.", 2)
    if not research.is_file():
        output.stop(f"There is no version {version} of the research database.", 2)
    kept, who = OutputRegister(settings.places.snapshots), " ".join(by.split())
    try:
        sql = query.read_text(encoding="utf-8")
        with file_lock(kept.lock) if who else nullcontext():
            checked = output_check.check_output(sql, research, kept.root, load_register(), load_policy())
            if who and checked.told:
                kept.keep(sql, who, settings.as_of, research.resolve().parent.name, checked.told)
    except (QueryError, UnicodeDecodeError) as error:
        output.stop(str(error) if isinstance(error, QueryError) else f"{query} is no text in UTF-8.", 2)
    target = out or query.with_suffix(".checked.csv")
    write_bytes(target, _as_csv(checked).encode())
    figures = {verdict.value: checked.count(verdict) for verdict in output_check.OutputVerdict}
    reasons = Counter(
        reason for row in checked.rows for one in row.judgements if one is not None for reason in one.reasons
    )
    if as_json:
        shown = {"output": target, "rows": len(checked.rows), "figures": figures, "unclear": checked.unclear}
        shown["kept"] = bool(who and checked.told)
        output.print_json({**shown, "reasons": dict(reasons.most_common())})
    else:
        output.say(f"{len(checked.rows)} rows: {target}")
        output.say(", ".join(f"{number} figures: {verdict}" for verdict, number in figures.items()) + ".")
        for reason, number in reasons.most_common():
            output.say(f"  {number} figures: {reason}")
        if who and checked.told:
            output.say("What is safe is kept as having left: later outputs are judged beside it.")
        elif checked.told:
            output.say("Nothing is kept. Before it leaves, run this again with --by NAME.")
    if figures["review"] or figures["withhold"]:
        raise SystemExit(1)


def _as_csv(checked: CheckedOutput) -> str:
    """The output with a column of verdicts beside each column of figures, and the reasons at the end."""
    is_figure = [
        any(row.judgements[number] is not None for row in checked.rows) for number in range(len(checked.columns))
    ]
    stream = io.StringIO()
    writer = csv.writer(stream)
    names = list(zip(checked.columns, is_figure, strict=True))
    writer.writerow(
        [one for name, figure in names for one in ((name, f"{name}_verdict") if figure else (name,))] + ["reasons"]
    )
    for row in checked.rows:
        cells = []
        for value, judgement, figure in zip(row.values, row.judgements, is_figure, strict=True):
            cells += [value, "" if judgement is None else judgement.verdict.value] if figure else [value]
        reasons = dict.fromkeys(r for one in row.judgements if one is not None for r in one.reasons)
        writer.writerow([*cells, " ".join(reasons)])
    return stream.getvalue()
