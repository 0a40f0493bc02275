"""Lateness and holds: which returns are overdue, which sources are held, which checks the data failed.

Belongs here: the section. Does not belong: names of files, rows or cells; those are in a site's receipt.
"""

from __future__ import annotations

from tfc_platform.pages.components import Section, cell, day, number, table
from tfc_platform.pages.formatting import humane, join
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release

__all__ = ["returns"]


def returns(release: Release, site: str | None = None) -> Section:
    """Of all senders, or of one."""
    found = Section("returns", "Late or held returns")
    where = {} if site is None else {"site": site}
    overdue = release.rows("expected_return", return_status="overdue", **where)
    held = [item for item in release.manifest["held"] if site is None or item["site"] == site]
    if overdue:
        count = number(release.count("expected_return", "returns", return_status="overdue", **where))
        late = dict.fromkeys(row["site"] for row in overdue)
        places = "" if site else f" ({join([text(release.site_name(name)) for name in late])})"
        found.answers.append(f"Returns overdue: {count}{places}.")
    else:
        found.answers.append("No return is overdue.")
    if held:
        found.answers.append(
            "Held at the last good return: "
            + join(
                [
                    ("" if site else f"{text(release.site_name(item['site']))}, ")
                    + text(humane(item["source"]).lower())
                    for item in held
                ]
            )
            + "."
        )
    else:
        found.answers.append("No source is held.")
    failed = release.rows("data_quality", **where)
    if failed:
        broken = number(release.count("data_quality", "passed", value__below=1, **where))
        checked = number(release.count("data_quality", "passed", **where))
        found.answers.append(f"Of {checked} checks of the data, {broken} found something to look at.")
    found.body.append(
        table(
            "Sources whose newest return cannot count yet; their last good return goes on counting",
            ("Site", "Source", "Since", "Reason"),
            [
                (
                    text(release.site_name(item["site"])),
                    text(humane(item["source"])),
                    f'<time datetime="{text(item["since"])}">{text(item["since"])}</time>',
                    text(item["reason"]),
                )
                for item in held
            ],
        )
    )
    lines = []
    for row in overdue:
        age = release.days(row, row.figures["returns"], "due_on")
        lines.append(
            (
                text(release.site_name(row["site"])),
                text(humane(row["source"])),
                f'<span class="code">{text(row["return_key"])}</span>',
                day(row["due_on"]),
                "–" if age is None else number(age),
            )
        )
    found.body.append(
        table(
            "Returns that were due and have not come",
            ("Site", "Source", "Return", "Due", "#Days late"),
            lines,
            fold="All overdue returns",
        )
    )
    if site is not None:
        found.body.append(_files(release, site))
    return found


def _files(release: Release, site: str) -> str:
    lines = [
        (text(humane(row["source"])), text(humane(row["file_status"])), cell(row, "files"))
        for row in release.rows("submission_status", site=site)
    ]
    caption = "Files of this site, by what became of them. Which rows to mend stands in the site's own receipt."
    return table(caption, ("Source", "What became of them", "#Files"), lines)
