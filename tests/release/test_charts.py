"""Charts: one image with a name and a description, and every value in words."""

from __future__ import annotations

import re
from dataclasses import replace

import altair as alt

from tfc_platform.disclosure.policy import load_policy
from tfc_platform.pages.chart_drawing import WIDE, rows_axis, value_axis, with_panels
from tfc_platform.pages.charts import BarMark, ChartText, IntervalMark, bar_chart, interval_chart

POLICY = load_policy()


def test_a_chart_is_one_image_with_a_name_and_a_description(written: dict[str, str]) -> None:
    for path, page in written.items():
        for chart in re.findall(r"<svg.*?</svg>", page, flags=re.S):
            opening = chart.split(">", 1)[0]
            assert 'role="img"' in opening, path
            (title,) = re.findall(r'<title id="([^"]+)">[^<]+</title>', chart)
            (description,) = re.findall(r'<desc id="([^"]+)">[^<]+</desc>', chart)
            assert f'aria-labelledby="{title} {description}"' in opening
            assert "aria-hidden" not in chart


def test_the_specifications_are_vega_lites() -> None:
    """By the schema that Altair carries: what is drawn is not validated again each night."""
    bars = [BarMark("a", 1, 2, 3), BarMark("b", state="not shown")]
    layers = [alt.Chart().mark_bar().encode(x=value_axis("value:Q", "Sessions"), y=rows_axis(bars, WIDE))]
    for panels in (bars, [replace(mark, panel=name) for mark in bars for name in ("one", "two")]):
        with_panels(layers, panels, WIDE, 26).to_dict(validate=True)


def test_a_chart_writes_every_value_and_the_word_where_there_is_none() -> None:
    text = ChartText("x", "Title", "Description", "Sessions")
    chart = bar_chart("Caption", text, [BarMark("Ashby", 1360.0), BarMark("Birk", state="not shown")])
    assert chart is not None
    words = re.findall(r"<text[^>]*>([^<]+)</text>", chart.wide)
    assert {"Ashby", "Birk", "1,360", "not shown", "Sessions"} <= set(words)
    intervals = interval_chart("Caption", text, [IntervalMark("Ashby", -2.0, 3.0, 8.0)], reference=0, signed=True)
    assert intervals is not None
    assert "+3" in re.findall(r"<text[^>]*>([^<]+)</text>", intervals.wide)
    assert bar_chart("Caption", text, [BarMark("Birk", state="not shown")]) is None, "the table says why"
    assert interval_chart("Caption", text, [IntervalMark("Birk", state="not shown")]) is None
