"""What changed since the last release and why; the tables and statuses of this one.

Belongs here: what the manifest says. Does not belong: figures of the programme.
"""

from __future__ import annotations

from collections.abc import Mapping

from tfc_platform.pages.components import Section, number, table
from tfc_platform.pages.formatting import STATUSES, humane
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release

__all__ = ["about", "since", "statuses"]


def since(release: Release, site: str | None = None) -> Section:
    """Of all sites, or the reasons that name one."""
    found = Section("since", "What changed since the last release")
    manifest = release.manifest
    if manifest["follows"] is None:
        found.answers.append("This is the first release.")
        return found
    if not manifest["changed"]:
        found.answers.append("No figure; only what is known of the returns.")
        return found
    if site is not None:
        told = [
            (
                text(_title(release, item["table"])),
                text("; ".join(r["reason"] for r in item["reasons"] if r["site"] == site)),
            )
            for item in manifest["changed"]
            if any(reason["site"] == site for reason in item["reasons"])
        ]
        found.answers.append(
            "Figures of this site changed in these tables." if told else "No figure of this site changed."
        )
        found.body.append(table("Tables in which this site's figures changed, and why", ("Table", "Why"), told))
        return found
    found.answers.append(f"{number(release.of_manifest('changed'))} tables differ from the release before.")
    found.answers += _why(release, [reason for item in manifest["changed"] for reason in item["reasons"]])
    rows = [
        (
            text(_title(release, item["table"])),
            *(number(release.of_manifest("changed", place, key)) for key in ("added", "removed", "changed")),
            "; ".join(_why(release, item["reasons"])),
        )
        for place, item in enumerate(manifest["changed"])
    ]
    caption = f"Figures that differ from release <code>{text(manifest['follows'])}</code>"
    found.body.append(table(caption, ("Table", "#Added", "#Removed", "#Changed", "Why"), rows))
    return found


def _why(release: Release, reasons: list[Mapping[str, str]]) -> list[str]:
    """A line a site: the manifest's reasons, each once."""
    of: dict[str, list[str]] = {}
    for reason in reasons:
        said = text(reason["reason"].replace("_", " "))
        if said not in of.setdefault(reason["site"], []):
            of[reason["site"]].append(said)
    return [f"{text(release.site_name(site))}: {', '.join(said)}" for site, said in of.items()]


def _title(release: Release, name: str) -> str:
    found = release.tables.get(name)
    return found.title if found is not None else humane(name)


def statuses(release: Release) -> Section:
    """What each status means; the numbers of the rules are the policy's."""
    rows = [(f"<code>{status}</code>", text(word), text(meaning)) for status, word, meaning in STATUSES]
    found = Section("statuses", "How to read a figure")
    found.body.append(f"<p>Counts of persons are {release.nearest}, and withheld {release.fewest}.</p>")
    found.body.append(
        table("The statuses of a figure, in the files and on these pages", ("Status", "On a page", "Meaning"), rows)
    )
    return found


def about(release: Release) -> Section:
    """The files, and by what the release was made."""
    found = Section("files", "The figures as files")
    rows = []
    for place, entry in enumerate(release.manifest["tables"]):
        one = release.tables.get(entry["name"])
        if one is None:
            continue
        hidden = [
            number(release.of_manifest("tables", place, "statuses", status))
            for status in ("suppressed", "suppressed_secondary")
            if status in entry.get("statuses", {})
        ]
        rows.append(
            (
                f"<strong>{text(one.title)}</strong> <code>{text(one.name)}</code><br>{text(one.description)}",
                number(release.of_manifest("tables", place, "rows")),
                " and ".join(hidden) if hidden else "none",
                " ".join(
                    f'<a href="{folder}/{text(one.name)}.{folder}" aria-label="{text(one.title)} as {label}">{label}</a>'
                    for folder, label in (("csv", "CSV"), ("parquet", "Parquet"))
                ),
            )
        )
    manifest = release.manifest
    found.body += [
        '<p>All tables together: <a href="tables.xlsx">workbook</a>, <a href="tfc.duckdb">DuckDB database</a>. Described for '
        'programs: <a href="datapackage.json">datapackage.json</a>. One row is one figure.</p>',
        table("The tables of this release", ("Table", "#Rows", "#Withheld", "Files"), rows),
        f"<p>Made from {number(release.of_manifest('admitted'))} senders' returns, by version "
        f"<code>{text(manifest['code_version'])}</code> of the platform, under version "
        f"<code>{text(manifest['disclosure_policy_version'])}</code> of the disclosure policy. The files, the checks and every "
        'file\'s SHA-256 stand in <a href="manifest.json">manifest.json</a>.</p>',
        '<p><a href="audit.html">How safe these figures are, and how that was tried</a></p>',
    ]
    return found
