"""Trends over three or more waves, under the changes between two: the release's own, and no other."""

from __future__ import annotations

from typing import Any

from tfc_platform.pages.formatting import code_words
from tfc_platform.pages.indicators import indicator_words, wave_text
from tfc_platform.pages.page_figures import ReleaseRow, ReleaseView
from tfc_platform.pages.view_models import Content, cell, columns, data_table, interval_text

__all__ = ["trend_sentences", "trend_table"]

_ENDS = ("rise_low", "rise_high")


def trend_sentences(release: ReleaseView, site: str | None, leading: list[str]) -> list[Content]:
    """A sentence for each trend that is claimed: of the leading scales, or of one site all."""
    sentences: list[Content] = []
    for row in _rows(release, site):
        if (
            row["reading"] == "change"
            and row.value("rise") is not None
            and (site is not None or row["indicator"] in leading)
        ):
            name = code_words("populations", row["population"])
            sentences.append(
                (
                    name if site is not None else f"{release.site_name(row['site'])}, {name.lower()}",
                    ": over ",
                    cell(row, "waves"),
                    " waves ",
                    indicator_words(release, row["indicator"]),
                    " ",
                    cell(row, "rise", signed=True),
                    " (",
                    interval_text(row, signed=True, measures=_ENDS),
                    ") points.",
                )
            )
    return sentences


def trend_table(release: ReleaseView, site: str | None) -> Any:
    """Every trend, with what may be said of it; none where no population has three waves."""
    lines = [
        (
            code_words("populations", row["population"]),
            *((release.site_name(row["site"]),) if site is None else ()),
            indicator_words(release, row["indicator"]),
            (wave_text(row["wave_from"]), " to ", wave_text(row["wave_to"])),
            cell(row, "waves"),
            cell(row, "rise", signed=True),
            interval_text(row, signed=True, measures=_ENDS),
            cell(row, "p_adjusted", "p"),
            _claim(row),
        )
        for row in _rows(release, site)
        if site is not None or release.indicator(row["indicator"]).get("kind", "scale") == "scale"
    ]
    heads = columns(
        *("Who was asked", *(("Site",) if site is None else ()), "Indicator", "Waves", "#How many"),
        *("#Rise, points", "95% interval", "#Adjusted p", "Clear trend"),
    )
    caption = "Trend over three or more waves: the rise along a straight line from the first to the last wave"
    return data_table(caption, heads, lines, fold="Table: trends over three or more waves")


def _rows(release: ReleaseView, site: str | None) -> list[ReleaseRow]:
    where = {} if site is None else {"site": site}
    return release.by_site(release.rows("outcome_trend", **where))


def _claim(row: ReleaseRow) -> str:
    if row.value("p_adjusted") is None:
        return "–"
    if row["family"] == "exploratory":
        return "exploratory"
    return "yes" if row["reading"] == "change" else "no"
