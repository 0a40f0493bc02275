"""What was learnt: sent to which site, received, adopted, and what still waits. A learning item is what a team noticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from tfc_platform.pages.charts import ChartText, SpanMark, span_chart
from tfc_platform.pages.formatting import short
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.view_models import (
    CodeText,
    Content,
    FigureText,
    PageSection,
    Paragraph,
    cell,
    columns,
    data_table,
    date_text,
    figure_text,
    joined,
)

__all__ = ["OPEN", "days_waiting", "item_counts", "learning_section"]

OPEN = ("sent", "received")
_STATUS_WORDS = {"none": "not sent yet", "sent": "sent", "received": "received", "adopted": "adopted"}


def learning_section(release: ReleaseView, site: str | None = None) -> PageSection:
    """Of all sites, or of one: what was sent to it, what it has not answered, and what others adopted of its own."""
    section = PageSection("learning", "What was learnt, sent and adopted")
    rows = release.rows("learning_action")
    if not rows:
        section.add(Paragraph("This release has no learning items."))
        return section
    if site is None:
        section.answers += _overall(release, rows)
        section.add(
            *_texts(release, release.records("learning")),
            _chart(release, rows),
            _table(release, rows, "Every learning item and each site that it was sent to", "all items"),
        )
        return section
    arrived = [row for row in rows if row["to_site"] == site]
    own = [row for row in rows if row["site"] == site]
    section.answers.append(
        (
            *("Sent to this site: ", item_counts(release, to_site=site)),
            *("; adopted: ", item_counts(release, to_site=site, action_status="adopted")),
            *("; waiting for an answer: ", item_counts(release, to_site=site, action_status=list(OPEN)), "."),
        )
    )
    section.answers += _longest(release, [row for row in arrived if row["action_status"] in OPEN])
    adopted = [_item(release, row) for row in own if row["action_status"] == "adopted"]
    section.answers.append(
        (
            *("Other sites adopted ", item_counts(release, site=site, action_status="adopted")),
            " of this site's own items",
            *((": ", joined(adopted)) if adopted else ()),
            ".",
        )
    )
    if any(row["action_status"] == "none" for row in own):
        section.answers.append(
            ("Noted here and not sent yet: ", item_counts(release, site=site, action_status="none"), ".")
        )
    sent = {row["learning_id"] for row in arrived}
    texts = [text for text in release.records("learning") if text["site"] == site or text["learning_id"] in sent]
    section.add(
        *_texts(release, texts),
        _table(release, arrived, "Learning sent to this site", "sent to this site"),
        _table(release, own, "Learning noted by this site", "noted by this site"),
    )
    return section


def item_counts(release: ReleaseView, **where: Any) -> FigureText:
    """How many sendings match: an item that was sent to two sites counts twice."""
    return figure_text(release.count("learning_action", "days_to_send", **where))


def days_waiting(release: ReleaseView, rows: list[ReleaseRow]) -> FigureText | None:
    """For how many days the oldest of the unanswered rows has waited."""
    oldest = _oldest(rows)
    age = None if oldest is None else release.days(oldest, oldest.figures["days_to_send"], "sent_on")
    return None if age is None else figure_text(age)


def _oldest(rows: list[ReleaseRow]) -> ReleaseRow | None:
    dated = [row for row in rows if row["action_status"] in OPEN and isinstance(row["sent_on"], date)]
    return min(dated, key=lambda row: (row["sent_on"], str(row["learning_id"])), default=None)


def _texts(release: ReleaseView, texts: Sequence[dict[str, Any]]) -> list[Any]:
    """What items are, and where they were adopted: a line for each that has an approved text."""
    lines = []
    for text in texts:
        adopted = release.rows("learning_action", learning_id=text["learning_id"], action_status="adopted")
        places = joined([release.site_name(row["to_site"]) for row in adopted]) if adopted else "–"
        lines.append((CodeText(str(text["learning_id"])), release.site_name(text["site"]), str(text["text"]), places))
    if not lines:
        return []
    heads = columns("Item", "From", "What was noticed and tried", "Adopted by")
    return [data_table("What was noticed and tried. A person approved each of these texts.", heads, lines)]


def _overall(release: ReleaseView, rows: list[ReleaseRow]) -> list[Content]:
    counts: Content = (
        *(
            "Learning sent from one site to another: ",
            item_counts(release, action_status=["sent", "received", "adopted"]),
        ),
        *(". Adopted: ", item_counts(release, action_status="adopted")),
        *(". Waiting for an answer: ", item_counts(release, action_status=list(OPEN))),
        *(". Noted and not sent yet: ", item_counts(release, action_status="none"), "."),
    )
    return [counts, *_longest(release, rows)]


def _longest(release: ReleaseView, rows: list[ReleaseRow]) -> list[Content]:
    oldest, days = _oldest(rows), days_waiting(release, rows)
    if oldest is None or days is None:
        return []
    return [("The item that has waited longest is ", _item(release, oldest), ": ", days, " days since it was sent.")]


def _item(release: ReleaseView, row: ReleaseRow) -> Content:
    there = f" to {short(release.site_name(row['to_site']))}" if row["to_site"] else ""
    return (CodeText(str(row["learning_id"])), f" ({short(release.site_name(row['site']))}{there})")


def _chart(release: ReleaseView, rows: list[ReleaseRow]) -> Any:
    dated = sorted(
        (row for row in rows if isinstance(row["sent_on"], date)),
        key=lambda row: (row["sent_on"], str(row["learning_id"])),
    )
    marks = [
        SpanMark(
            f"{row['learning_id']}, to {short(release.site_name(row['to_site']))}",
            row["sent_on"],
            release.as_of if row["action_status"] in OPEN else row["adopted_on"],
            row["action_status"] in OPEN,
        )
        for row in dated
        if row["action_status"] in OPEN or isinstance(row["adopted_on"], date)
    ]
    text = ChartText(
        "learning",
        "Learning sent: when, and when it was adopted",
        "A line for each item, from the day it was sent (circle) to the day it was adopted (diamond). Dashed: it still waits.",
        "",
    )
    return span_chart("From sending (○) to adopting (◆); dashed: no answer yet", text, marks)


def _table(release: ReleaseView, rows: list[ReleaseRow], caption: str, fold: str) -> Any:
    lines = [
        (
            CodeText(str(row["learning_id"])),
            release.site_name(row["site"]),
            release.site_name(row["to_site"]) if row["to_site"] else "–",
            date_text(row["noted_on"]),
            date_text(row["sent_on"]),
            cell(row, "days_to_send"),
            _STATUS_WORDS.get(str(row["action_status"]), str(row["action_status"])),
            date_text(row["adopted_on"]) if row["action_status"] == "adopted" else _age(release, row),
        )
        for row in rows
    ]
    heads = columns(*("Item", "From", "To", "Noted", "Sent", "#Days to send", "Status", "Adopted, or days since sent"))
    return data_table(caption, heads, lines, fold=f"Table: learning, {fold}")


def _age(release: ReleaseView, row: ReleaseRow) -> Content:
    age = release.days(row, row.figures["days_to_send"], "sent_on") if row["action_status"] in OPEN else None
    return "–" if age is None else (figure_text(age), " days")
