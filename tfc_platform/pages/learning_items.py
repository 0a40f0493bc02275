"""What was learnt: sent to whom, received, adopted, and what waits since when.

Belongs here: the section. A learning item is what a team noticed, not a person. Does not belong: its text, which is not released.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tfc_platform.pages.charts import Span, draw, spans
from tfc_platform.pages.components import Section, cell, chart, day, number, table
from tfc_platform.pages.formatting import join
from tfc_platform.pages.html import text
from tfc_platform.pages.page_figures import Release, Row

__all__ = ["learning"]

_OPEN = ("sent", "received")
_WORDS = {"none": "not sent yet", "sent": "sent", "received": "received", "adopted": "adopted"}


def learning(release: Release, site: str | None = None) -> Section:
    """Of all sites, or of one: what was sent to it, what waits at it, and what others took up of its own."""
    found = Section("learning", "What was learnt, sent and adopted")
    rows = release.rows("learning_action")
    if not rows:
        found.body.append("<p>No learning items are in this release.</p>")
        return found
    if site is None:
        found.answers += _overall(release, rows)
        found.body.append(_chart(release, [row for row in rows if row["action_status"] != "none"]))
        found.body.append(
            _table(release, rows, "Every learning item and each site that it was sent to", "All learning items")
        )
        return found
    arrived = [row for row in rows if row["to_site"] == site]
    waiting = [row for row in arrived if row["action_status"] in _OPEN]
    own = [row for row in rows if row["site"] == site]
    counted: Callable[..., str] = lambda **where: number(release.count("learning_action", "days_to_send", **where))  # noqa: E731
    found.answers.append(
        f"Sent to this site: {counted(to_site=site)}; adopted: {counted(to_site=site, action_status='adopted')}; "
        f"waiting for an answer: {counted(to_site=site, action_status=list(_OPEN))}."
    )
    found.answers += _longest(release, waiting)
    taken = [row for row in own if row["action_status"] == "adopted"]
    found.answers.append(
        f"Of this site's own learning, others adopted {counted(site=site, action_status='adopted')}"
        + (f": {join([_item(release, row) for row in taken])}." if taken else ".")
    )
    unsent = [row for row in own if row["action_status"] == "none"]
    if unsent:
        found.answers.append(f"Noted here and sent nowhere yet: {counted(site=site, action_status='none')}.")
    found.body.append(_chart(release, [row for row in (*arrived, *own) if row["action_status"] != "none"]))
    found.body.append(_table(release, arrived, "Sent to this site", "Sent to this site"))
    found.body.append(_table(release, own, "Noted by this site", "Noted by this site"))
    return found


def _overall(release: Release, rows: list[Row]) -> list[str]:
    counted: Callable[..., str] = lambda **where: number(release.count("learning_action", "days_to_send", **where))  # noqa: E731
    return [
        f"Learning sent from one site to another: {counted(action_status=['sent', 'received', 'adopted'])}. Adopted: "
        f"{counted(action_status='adopted')}. Waiting for an answer: {counted(action_status=list(_OPEN))}. Noted and not sent "
        f"yet: {counted(action_status='none')}.",
        *_longest(release, [row for row in rows if row["action_status"] in _OPEN]),
    ]


def _longest(release: Release, waiting: list[Row]) -> list[str]:
    dated = [row for row in waiting if isinstance(row["sent_on"], date)]
    if not dated:
        return []
    oldest = min(dated, key=lambda row: (row["sent_on"], str(row["learning_id"])))
    age = release.days(oldest, oldest.figures["days_to_send"], "sent_on")
    return [
        f"The one that waits longest is {_item(release, oldest)}: {'' if age is None else number(age)} days since it was sent."
    ]


def _item(release: Release, row: Row) -> str:
    return f"<code>{text(row['learning_id'])}</code> ({text(_way(release, row))})"


def _way(release: Release, row: Row) -> str:
    there = f" to {release.site_name(row['to_site']).partition(' (')[0]}" if row["to_site"] else ""
    return release.site_name(row["site"]).partition(" (")[0] + there


def _chart(release: Release, rows: list[Row]) -> str:
    dated = sorted(
        (row for row in rows if isinstance(row["sent_on"], date)),
        key=lambda row: (row["sent_on"], str(row["learning_id"])),
    )
    marks = []
    for is_open, panel in ((True, "Waiting for an answer"), (False, "Adopted")):
        marks += [
            Span(
                panel,
                f"{row['learning_id']}, to {release.site_name(row['to_site']).partition(' (')[0]}",
                row["sent_on"],
                release.as_of if is_open else row["adopted_on"],
                is_open,
            )
            for row in dated
            if (row["action_status"] in _OPEN) == is_open and (is_open or isinstance(row["adopted_on"], date))
        ]
    svg = draw(
        spans(marks, "From sending to adopting, or to the night of this release"),
        "learning",
        "Learning sent: when, and when it was adopted",
        "A line an item, from the day it was sent (hollow) to the day it was adopted (diamond). Dashed: it still waits.",
    )
    return chart([svg], "How long learning took from being sent to being adopted", "") if svg else ""


def _table(release: Release, rows: list[Row], caption: str, fold: str) -> str:
    lines = [
        (
            f"<code>{text(row['learning_id'])}</code>",
            text(release.site_name(row["site"])),
            text(release.site_name(row["to_site"])) if row["to_site"] else "–",
            day(row["noted_on"]),
            day(row["sent_on"]),
            cell(row, "days_to_send"),
            text(_WORDS.get(str(row["action_status"]), str(row["action_status"]))),
            day(row["adopted_on"]) if row["action_status"] == "adopted" else _age(release, row),
        )
        for row in rows
    ]
    heads = ("Item", "From", "To", "Noted", "Sent", "#Days to send", "How far", "Adopted, or days since sent")
    return table(caption, heads, lines, fold=fold)


def _age(release: Release, row: Row) -> str:
    age = release.days(row, row.figures["days_to_send"], "sent_on") if row["action_status"] in _OPEN else None
    return "–" if age is None else f"{number(age)} days"
