"""What changed since the last release and why; how to read a figure; the files of this release."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tfc_platform.pages.formatting import humane, status_words
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import (
    CodeText,
    Content,
    LinkText,
    PageSection,
    Paragraph,
    StrongText,
    columns,
    data_table,
    figure_text,
    joined,
)

__all__ = ["changes_section", "files_section", "statuses_section"]


def changes_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or the reasons that name one."""
    section = PageSection("since", "What changed since the last release")
    manifest = release.manifest
    if manifest["follows"] is None:
        section.answers.append("This is the first release.")
    elif not manifest["changed"]:
        section.answers.append("No figure changed, only what is known of the returns.")
    elif site is not None:
        lines = [
            (
                _table_title(release, item["table"]),
                "; ".join(_reason_words(reason["reason"]) for reason in item["reasons"] if reason["site"] == site),
            )
            for item in manifest["changed"]
            if any(reason["site"] == site for reason in item["reasons"])
        ]
        section.answers.append(
            "Figures of this site changed in these tables." if lines else "No figure of this site changed."
        )
        section.add(data_table("Tables in which this site's figures changed, and why", columns("Table", "Why"), lines))
    else:
        _add_all_changes(section, release)
    return section


def _add_all_changes(section: PageSection, release: ReleaseView) -> None:
    manifest = release.manifest
    section.answers.append((figure_text(release.of_manifest("changed")), " tables differ from the release before."))
    section.answers += _reasons(release, [reason for item in manifest["changed"] for reason in item["reasons"]])
    lines = [
        (
            _table_title(release, item["table"]),
            *(figure_text(release.of_manifest("changed", place, key)) for key in ("added", "removed", "changed")),
            "; ".join(_reasons(release, item["reasons"])),
        )
        for place, item in enumerate(manifest["changed"])
    ]
    caption = ("Figures that differ from release ", CodeText(str(manifest["follows"])))
    section.add(
        data_table(caption, columns("Table", "#Added", "#Removed", "#Changed", "Why"), lines, fold="Table: changes")
    )


def _reasons(release: ReleaseView, reasons: list[Mapping[str, str]]) -> list[str]:
    """A line for each site: the manifest's reasons, each once."""
    by_site: dict[str, list[str]] = {}
    for reason in reasons:
        words = _reason_words(reason["reason"])
        if words not in by_site.setdefault(reason["site"], []):
            by_site[reason["site"]].append(words)
    return [f"{release.site_name(site)}: {', '.join(words)}" for site, words in by_site.items()]


def _reason_words(reason: str) -> str:
    """A reason of the manifest in the words of the pages: a period that is locked is final to a reader."""
    return reason.replace("_", " ").replace(" is locked", " is final")


def _table_title(release: ReleaseView, name: str) -> str:
    table = release.tables.get(name)
    return table.title if table is not None else humane(name)


def statuses_section(release: ReleaseView) -> PageSection:
    """What each status means; the numbers of the rules are the policy's."""
    section = PageSection("statuses", "How to read a figure")
    lines = [(CodeText(status), word, meaning) for status, word, meaning in status_words()]
    section.add(
        Paragraph(f"Counts of people are {release.nearest}, and not shown {release.fewest}."),
        data_table(
            "The statuses of a figure, in the files and on these pages",
            columns("Status", "On a page", "Meaning"),
            lines,
        ),
    )
    return section


def files_section(release: ReleaseView) -> PageSection:
    """The files, and by what the release was made."""
    section = PageSection("files", "The figures as files")
    lines = [
        line for place, entry in enumerate(release.manifest["tables"]) if (line := _file_line(release, place, entry))
    ]
    manifest = release.manifest
    section.add(
        Paragraph(
            (
                *("All tables together: ", LinkText("workbook", "tables.xlsx"), ", "),
                *(LinkText("DuckDB database", "tfc.duckdb"), ". Described for programs: "),
                *(LinkText("datapackage.json", "datapackage.json"), ". One row is one figure."),
            )
        ),
        data_table("The tables of this release", columns("Table", "#Rows", "#Not shown", "Files"), lines),
        Paragraph(
            (
                *("Made from the returns of ", figure_text(release.of_manifest("admitted")), " senders, by version "),
                *(CodeText(str(manifest["code_version"])), " of the platform, under version "),
                *(CodeText(str(manifest["disclosure_policy_version"])), " of the disclosure policy. "),
                *(
                    LinkText("manifest.json", "manifest.json"),
                    " lists the files, the checks and the SHA-256 of every file.",
                ),
            )
        ),
        Paragraph(LinkText("How we protect privacy, and how we tested it", "audit.html")),
    )
    return section


def _file_line(release: ReleaseView, place: int, entry: Mapping[str, Any]) -> tuple[Content, ...] | None:
    table = release.tables.get(entry["name"])
    if table is None:
        return None
    hidden = [
        figure_text(release.of_manifest("tables", place, "statuses", status))
        for status in ("suppressed", "suppressed_secondary")
        if status in entry.get("statuses", {})
    ]
    links = [
        LinkText(label, f"{folder}/{table.name}.{folder}", f"{table.title} as {label}")
        for folder, label in (("csv", "CSV"), ("parquet", "Parquet"))
    ]
    return (
        (StrongText(table.title), " ", CodeText(table.name), f": {table.description}"),
        figure_text(release.of_manifest("tables", place, "rows")),
        joined(hidden) if hidden else "none",
        (links[0], " ", links[1]),
    )
