"""A release's `index.html`: what the release is, its tables, what is held and what changed.

Belongs here: what that page says. Does not belong: figures; the tables hold them. Everything that comes from data is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfc_platform.protect.released import ReleaseTable
from tfc_platform.publish.html import document, number, table, text

__all__ = ["release_page"]

_STATUSES = (
    ("shown", "The figure as counted. It is not about persons."),
    ("rounded", "A figure about persons, to the nearest 5; a percentage to a whole one."),
    (
        "suppressed",
        "Too few persons to show: none to nine, or too few sessions or answers. The value is in none of the files.",
    ),
    ("suppressed_secondary", "Hidden so that another figure cannot be worked out from it."),
    ("not_applicable", "There can be no such figure here."),
    (
        "not_available",
        "There is no figure: it was not recorded, cannot be worked out, or its period is not locked yet.",
    ),
    ("not_comparable", "The two waves cannot be compared."),
    ("held", "A figure from an earlier return, because the newest one cannot count yet; the note says since when."),
)


def release_page(manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> str:
    """The page of one release, from its manifest (without the files) and its tables' names and sizes."""
    title = f"Together for Childhood: release of {text(manifest['as_of'])}"
    parts = [
        f"<header><h1>{title}</h1><p>Release <code>{text(manifest['id'])}</code>. It never changes; a later night "
        "with something new makes a later release.</p></header>",
        '<main id="main">',
        "<p>What the programme's places delivered, whom it reached and what was learnt, for everyone in the learning loop. "
        "One row is one figure: its keys, the measure, the value, the status, a note.</p>",
        _tables(manifest, tables),
        _held(manifest),
        _changed(manifest),
        table(
            "How to read a status",
            "The statuses of a figure",
            ("Status", "Meaning"),
            [(f"<code>{name}</code>", text(meaning)) for name, meaning in _STATUSES],
        ),
        _about(manifest),
        '<p><a href="audit.html">How safe these figures are, and how that was tried</a></p>',
        "</main>",
    ]
    return document(title, parts)


def _tables(manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> str:
    states = {item["name"]: item.get("statuses", {}) for item in manifest["tables"]}
    rows = [
        (
            f"<strong>{text(one.title)}</strong><br>{text(one.description)}",
            number(len(one.rows)),
            number(states[one.name].get("suppressed", 0) + states[one.name].get("suppressed_secondary", 0)),
            " ".join(
                f'<a href="{folder}/{one.name}.{folder}" aria-label="{text(one.title)} as {label}">{label}</a>'
                for folder, label in (("csv", "CSV"), ("parquet", "Parquet"))
            ),
        )
        for one in tables
    ]
    together = (
        '<p>All tables together: <a href="tables.xlsx">workbook</a>, <a href="tfc.duckdb">DuckDB database</a>. '
        'Described for programs: <a href="datapackage.json">datapackage.json</a>.</p>'
    )
    return table("Tables", "The tables of this release", ("Table", "#Rows", "#Suppressed", "Files"), rows) + together


def _held(manifest: Mapping[str, Any]) -> str:
    if not manifest["held"]:
        return "<h2>Returns that are held</h2><p>None.</p>"
    rows = [tuple(text(item[key]) for key in ("site", "source", "since", "reason")) for item in manifest["held"]]
    caption = "Sources whose newest return cannot count yet; their last good return goes on counting"
    return table("Returns that are held", caption, ("Site", "Source", "Since", "Reason"), rows)


def _changed(manifest: Mapping[str, Any]) -> str:
    heading = "What changed since the last release"
    if manifest["follows"] is None:
        return f"<h2>{heading}</h2><p>This is the first release.</p>"
    if not manifest["changed"]:
        return f"<h2>{heading}</h2><p>No figure; only what is known of the returns.</p>"
    rows = [
        (
            text(item["table"]),
            number(item["added"]),
            number(item["removed"]),
            number(item["changed"]),
            text("; ".join(f"{reason['site']}: {reason['reason']}" for reason in item["reasons"])),
        )
        for item in manifest["changed"]
    ]
    caption = f"Rows that differ from release {text(manifest['follows'])}"
    return table(heading, caption, ("Table", "#Added", "#Removed", "#Changed", "Why"), rows)


def _about(manifest: Mapping[str, Any]) -> str:
    files = sum(len(hashes) for hashes in manifest["admitted"].values())
    return (
        "<h2>About this release</h2><p>"
        f"Made for the night of {text(manifest['as_of'])} from {files} returned files, by version "
        f"{text(manifest['code_version'])} of the platform, under version "
        f"{text(manifest['disclosure_policy_version'])} of "
        'the disclosure policy. The files, the checks and every file\'s SHA-256 stand in <a href="manifest.json">'
        "manifest.json</a>.</p>"
    )
