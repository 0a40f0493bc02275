"""`tfc inspect FILE --against SITE/SOURCE`: whether a contract would take a file, and what would happen. It keeps nothing."""

from __future__ import annotations

import logging
from dataclasses import asdict
from typing import TYPE_CHECKING

from tfc_platform.cli import output
from tfc_platform.settings import ConfigurationError, Settings

if TYPE_CHECKING:
    from tfc_platform.admission.arrivals import VersionChange
    from tfc_platform.admission.file_verdict import FileVerdict, IssuePlace

__all__ = ["inspect_against"]

COLUMNS = {"severity": "Severity", "reason": "Reason", "count": "Times", "where": "Where"}


def inspect_against(content: bytes, name: str, against: str, as_json: bool) -> bool:
    """Print what tonight would decide on a file; gives whether it would count.

    :param name: by which the contract would know the file.
    :param against: a site or the central team, and its source: `SITE/SOURCE`.
    :raises ConfigurationError: where there is no such contract, or a setting cannot be used.
    """
    from tfc_platform.admission.file_verdict import judge_file
    from tfc_platform.contracts.catalogue import load_nightly_catalogue

    settings = Settings.load()
    catalogue = load_nightly_catalogue(settings)
    site, _, source = against.partition("/")
    if (site, source) not in catalogue.sources:
        known = ", ".join("/".join(pair) for pair in catalogue.sources)
        raise ConfigurationError(f"--against: there is no contract {against!r}. There are {known}.")
    log = logging.getLogger("tfc_platform")
    level = log.level
    log.setLevel(logging.CRITICAL)  # the verdict says it
    try:
        verdict = judge_file(settings, catalogue, content, name, (site, source))
    finally:
        log.setLevel(level)
    if as_json:
        output.print_json(asdict(verdict))
    else:
        _print_verdict(verdict)
    return verdict.would_count


def _print_verdict(verdict: FileVerdict) -> None:
    answer = "would count" if verdict.would_count else "would not count"
    output.say(f"{verdict.file}: {answer} for {verdict.site}/{verdict.source} (status {verdict.status}).")
    if verdict.message:
        output.say(verdict.message)
    output.say(
        f"Rows: {verdict.received} received, {verdict.accepted} accepted, {verdict.rejected} rejected,"
        f" {verdict.duplicate} duplicate. Beside them {verdict.not_data} rows are no data."
    )
    if verdict.supersedes:
        output.say(f"It would take the place of {verdict.supersedes}.")
    if verdict.change is not None:
        output.say(_change_sentence(verdict.change))
    if verdict.issues:
        rows = [{**asdict(issue), "where": _where(issue.places, issue.count)} for issue in verdict.issues]
        output.print_table(rows, COLUMNS)
    for other in verdict.others:
        output.say(f"{other.file}: {other.status} today, {other.would_be} with this file.")
    for remark in verdict.remarks:
        output.say(remark)
    output.say("Nothing was kept.")


def _change_sentence(change: VersionChange) -> str:
    return (
        f"Against {change.path} of {change.seen_on:%d/%m/%Y}: {change.before} rows before, {change.now} now;"
        f" {change.added} added, {change.gone} gone, {change.changed} changed."
    )


def _where(places: tuple[IssuePlace, ...], count: int) -> str:
    """The first places of a reason, in words."""
    shown = []
    for place in places:
        at = place.cell or (f"row {place.row}" if place.row is not None else "")
        column = f"column {place.column}" if place.column and not place.cell else ""
        shown.append(" ".join(part for part in (place.sheet or "", at, column) if part))
    written = "; ".join(dict.fromkeys(text for text in shown if text))
    return f"{written} and more" if written and count > len(places) else written
