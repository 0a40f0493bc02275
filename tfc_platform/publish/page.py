"""A release's `index.html`: what the release is, its tables, what is held and what changed.

Belongs here: a static page that works from disk, with no script and no outside resource. Does not belong: figures; the
tables hold them. Everything that comes from data is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tfc_platform.publish.tables import ReleaseTable

__all__ = ["release_page"]

_STYLE = """
:root { color-scheme: light }
body { font: 1.05rem/1.55 system-ui, sans-serif; color: #1d1d1d; background: #fff }
body { max-width: 62rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.8rem; line-height: 1.2 } h2 { font-size: 1.3rem; margin-top: 2.2rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; padding: .3rem 0; color: #444 }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid #b1b4b6 }
tbody th { font-weight: normal } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto } a { color: #0b4a8f } a:focus { outline: 3px solid #fd0; background: #fd0; color: #000 }
code { font-size: .92em; overflow-wrap: anywhere } .skip { position: absolute; left: -99rem } .skip:focus { left: 1rem }
@media print { a { color: inherit } body { max-width: none } }
"""
_STATUSES = (
    ("shown", "The figure as counted."),
    ("suppressed", "Too few persons to show, or worked out from such a figure. The value is in none of the files."),
    ("not_available", "There is no figure: it was not recorded, or cannot be worked out."),
    ("held", "A figure from an earlier return, because the newest one cannot count yet; the note says since when."),
)


def release_page(manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> str:
    """The page of one release, from its manifest (without the files) and its tables' names and sizes."""
    title = f"Together for Childhood: release of {_text(manifest['as_of'])}"
    parts = [
        f"<header><h1>{title}</h1><p>Release <code>{_text(manifest['id'])}</code>. It never changes; a later night "
        "with something new makes a later release.</p></header>",
        '<main id="main">',
        "<p>What the programme's places delivered, whom it reached and what was learnt, for everyone in the learning loop. "
        "One row is one figure: its keys, the measure, the value, the status, a note.</p>",
        _tables(manifest, tables),
        _held(manifest),
        _changed(manifest),
        _table(
            "How to read a status",
            "The statuses of a figure",
            ("Status", "Meaning"),
            [(f"<code>{name}</code>", _text(meaning)) for name, meaning in _STATUSES],
        ),
        _about(manifest),
        "</main>",
    ]
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the release</a>\n' + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _tables(manifest: Mapping[str, Any], tables: Sequence[ReleaseTable]) -> str:
    states = {item["name"]: item.get("statuses", {}) for item in manifest["tables"]}
    rows = [
        (
            f"<strong>{_text(table.title)}</strong><br>{_text(table.description)}",
            _number(len(table.rows)),
            _number(states[table.name].get("suppressed", 0) + states[table.name].get("suppressed_secondary", 0)),
            " ".join(
                f'<a href="{folder}/{table.name}.{folder}" aria-label="{_text(table.title)} as {label}">{label}</a>'
                for folder, label in (("csv", "CSV"), ("parquet", "Parquet"))
            ),
        )
        for table in tables
    ]
    together = (
        '<p>All tables together: <a href="tables.xlsx">workbook</a>, <a href="tfc.duckdb">DuckDB database</a>. '
        'Described for programs: <a href="datapackage.json">datapackage.json</a>.</p>'
    )
    return _table("Tables", "The tables of this release", ("Table", "#Rows", "#Suppressed", "Files"), rows) + together


def _held(manifest: Mapping[str, Any]) -> str:
    if not manifest["held"]:
        return "<h2>Returns that are held</h2><p>None.</p>"
    rows = [tuple(_text(item[key]) for key in ("site", "source", "since", "reason")) for item in manifest["held"]]
    caption = "Sources whose newest return cannot count yet; their last good return goes on counting"
    return _table("Returns that are held", caption, ("Site", "Source", "Since", "Reason"), rows)


def _changed(manifest: Mapping[str, Any]) -> str:
    heading = "What changed since the last release"
    if manifest["follows"] is None:
        return f"<h2>{heading}</h2><p>This is the first release.</p>"
    if not manifest["changed"]:
        return f"<h2>{heading}</h2><p>No figure; only what is known of the returns.</p>"
    rows = [
        (
            _text(item["table"]),
            _number(item["added"]),
            _number(item["removed"]),
            _number(item["changed"]),
            _text("; ".join(f"{reason['site']}: {reason['reason']}" for reason in item["reasons"])),
        )
        for item in manifest["changed"]
    ]
    caption = f"Rows that differ from release {_text(manifest['follows'])}"
    return _table(heading, caption, ("Table", "#Added", "#Removed", "#Changed", "Why"), rows)


def _about(manifest: Mapping[str, Any]) -> str:
    files = sum(len(hashes) for hashes in manifest["admitted"].values())
    return (
        "<h2>About this release</h2><p>"
        f"Made for the night of {_text(manifest['as_of'])} from {files} returned files, by version "
        f"{_text(manifest['code_version'])} of the platform, under version "
        f"{_text(manifest['disclosure_policy_version'])} of "
        'the disclosure policy. The files, the checks and every file\'s SHA-256 stand in <a href="manifest.json">'
        "manifest.json</a>.</p>"
    )


def _table(heading: str, caption: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; a name that opens with # is a column of numbers."""
    head = "".join(
        f'<th scope="col"{" class=" + chr(34) + "number" + chr(34) if name[0] == "#" else ""}>{name.lstrip("#")}</th>'
        for name in names
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="number">{cell}</td>'
            if name[0] == "#"
            else (f'<th scope="row">{cell}</th>' if place == 0 else f"<td>{cell}</td>")
            for place, (name, cell) in enumerate(zip(names, row, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<h2>{heading}</h2><div class="wide" role="region" aria-label="{heading}" tabindex="0"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _text(value: Any) -> str:
    return escape(str(value), quote=True)


def _number(value: int) -> str:
    return f"{value:,}"
