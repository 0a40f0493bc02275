"""Which returns are overdue, which sources use a previous file, which checks the data failed.

No name of a file, row or cell: those are in a site's own data check.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from tfc_platform.pages.formatting import code_words, humane, join, short
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.view_models import (
    Content,
    PageSection,
    SmallText,
    cell,
    columns,
    data_table,
    date_text,
    figure_text,
    joined,
)

__all__ = ["held_sentences", "overdue_sentence", "submissions_section"]


def submissions_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all senders, or of one."""
    section = PageSection("returns", "Late returns, and files that could not be used")
    where = {} if site is None else {"site": site}
    section.answers.append(overdue_sentence(release, site) or "No return is overdue.")
    section.answers += held_sentences(release, site) or ["Every source uses its latest file."]
    if release.rows("data_quality", **where):
        failed = figure_text(release.count("data_quality", "passed", value__below=1, **where))
        checked = figure_text(release.count("data_quality", "passed", **where))
        section.answers.append((failed, " of ", checked, " checks of the data found something to look at."))
    section.add(_held_table(release, site), _overdue_table(release, where))
    if site is not None:
        section.add(_files_table(release, site))
    return section


def overdue_sentence(release: ReleaseView, site: str | None = None) -> Content | None:
    """How many returns are overdue and from whom; none where all have come."""
    where = {} if site is None else {"site": site}
    rows = release.rows("expected_return", return_status="overdue", **where)
    if not rows:
        return None
    count = figure_text(release.count("expected_return", "returns", return_status="overdue", **where))
    names = [] if site else list(dict.fromkeys(short(release.site_name(row["site"])) for row in rows))
    return ("Returns overdue: ", count, *((" (", joined(names), ")") if names else ()), ".")


def held_sentences(release: ReleaseView, site: str | None = None) -> list[Content]:
    """A sentence for each kind of source of which a latest file could not be used."""
    held = [item for item in release.manifest["held"] if site is None or item["site"] == site]
    sentences: list[Content] = []
    for source in dict.fromkeys(item["source"] for item in held):
        names = [short(release.site_name(item["site"])) for item in held if item["source"] == source]
        where = "" if site else f"{join(list(dict.fromkeys(names)))}: "
        name = code_words("sources", source).lower()
        sentence = (
            f"{where}the latest file of the source “{name}” could not be used. Figures are from the previous file."
        )
        sentences.append(sentence[:1].upper() + sentence[1:])
    return sentences


def _held_table(release: ReleaseView, site: str | None) -> Any:
    lines = [
        (
            release.site_name(item["site"]),
            code_words("sources", item["source"]),
            date_text(date.fromisoformat(item["since"])) if item["since"] else "–",
            item["reason"],
        )
        for item in release.manifest["held"]
        if site is None or item["site"] == site
    ]
    caption = "Sources whose latest file cannot be used yet. The previous file is used until a good one comes."
    return data_table(caption, columns("Site", "Source", "Since", "Reason"), lines)


def _overdue_table(release: ReleaseView, where: dict[str, Any]) -> Any:
    lines = []
    for row in release.rows("expected_return", return_status="overdue", **where):
        age = release.days(row, row.figures["returns"], "due_on")
        lines.append(
            (
                *(release.site_name(row["site"]), code_words("sources", row["source"])),
                *(SmallText(str(row["return_key"])), date_text(row["due_on"])),
                "–" if age is None else figure_text(age),
            )
        )
    heads = columns("Site", "Source", "Return", "Due", "#Days late")
    return data_table("Returns that were due and have not come", heads, lines, fold="Table: all overdue returns")


def _files_table(release: ReleaseView, site: str) -> Any:
    lines = [
        (code_words("sources", row["source"]), humane(row["file_status"]), cell(row, "files"))
        for row in release.rows("submission_status", site=site)
    ]
    caption = "Files of this site by status. The site's own data check says which rows to correct."
    return data_table(caption, columns("Source", "Status", "#Files"), lines)
