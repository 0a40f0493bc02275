"""The charts of pages, by Altair: bars, intervals, series through time and spans. Equal marks give equal bytes.

Colours are Okabe and Ito's, which colour-blind people can tell apart, and no meaning depends on colour: the earlier wave is a
hollow circle, the later a filled diamond, a target an upright line, and a figure that is not there a word. Values and names are
written at the marks, so that there is no legend. Every chart is drawn at the width at which it is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date

import altair as alt

from tfc_platform.pages.chart_drawing import (
    BLUE,
    DATA,
    GREY,
    INK,
    LINES,
    PAIR_ROW,
    ROW,
    WIDE,
    ChartText,
    Drawing,
    chart_figure,
    missing_layer,
    panel_facet,
    rows_axis,
    value_axis,
    with_panels,
    wrapped,
)
from tfc_platform.pages.formatting import written_number
from tfc_platform.pages.view_models import ChartFigure, Content

__all__ = [
    "BarMark",
    "ChartText",
    "IntervalMark",
    "SeriesPoint",
    "SpanMark",
    "bar_chart",
    "interval_chart",
    "series_chart",
    "span_chart",
]


@dataclass(frozen=True)
class BarMark:
    """A figure from zero, and on to `high`; a target; `state` in place of a value. `written`: words for the value."""

    label: str
    value: float | None = None
    high: float | None = None
    target: float | None = None
    state: str = ""
    panel: str = ""
    unit: str | None = None
    written: str = ""


@dataclass(frozen=True)
class IntervalMark:
    """An estimate with its interval, or `state` in its place. `is_strong` is drawn filled: the later wave, a clear change."""

    label: str
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    is_strong: bool = False
    state: str = ""
    panel: str = ""


@dataclass(frozen=True)
class SeriesPoint:
    """A figure at a time, in the order of time; a line break in `time` is one in its label. `state` in place of a value."""

    time: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    state: str = ""
    panel: str = ""


@dataclass(frozen=True)
class SpanMark:
    """From one day to another; `is_open` where it has not ended, and the other day is the night's."""

    label: str
    start: date
    end: date
    is_open: bool
    panel: str = ""


def bar_chart(
    caption: Content, text: ChartText, marks: Sequence[BarMark], *, with_narrow: bool = False, shares_scale: bool = True
) -> ChartFigure | None:
    """Horizontal bars from zero with their values; a panel for each that the marks name.

    None where no mark has a value: the table says why.
    """
    if all(mark.value is None for mark in marks):
        return None
    rows = [
        asdict(mark)
        | {
            "panel": wrapped(mark.panel, 44),
            "written": mark.state if mark.value is None else mark.written or written_number(mark.value, mark.unit),
            "end": max(mark.value or 0, mark.high or 0, mark.target or 0),
        }
        for mark in marks
    ]

    def drawn(width: int) -> Drawing:
        base = alt.Chart().encode(y=rows_axis(marks, width))
        x = value_axis("value:Q", text.axis, zero=True)
        layers = [
            base.mark_bar(fill="white", stroke=BLUE, strokeWidth=1, size=15)
            .transform_filter("isValid(datum.high) && datum.high > datum.value")
            .encode(x=value_axis("high:Q", text.axis, zero=True)),
            base.mark_bar(color=BLUE, size=15).transform_filter("isValid(datum.value)").encode(x=x),
            base.mark_tick(color=INK, thickness=3, size=21)
            .transform_filter("isValid(datum.target)")
            .encode(x=value_axis("target:Q", text.axis, zero=True)),
            base.mark_text(align="left", dx=6, color=INK)
            .transform_filter("isValid(datum.value)")
            .encode(x=value_axis("end:Q", text.axis, zero=True), text="written:N"),
            missing_layer(base, alt.XDatum(0), "value"),
        ]
        needed = [layer for layer, used in zip(layers, _bar_layers(marks), strict=True) if used]
        return with_panels(needed, marks, width, ROW, shares_scale=shares_scale)

    return chart_figure(caption, text, drawn, rows, with_narrow)


def _bar_layers(marks: Sequence[BarMark]) -> tuple[bool, ...]:
    """Which layers of a bar chart have something to draw."""
    has_high = any(mark.high is not None and mark.value is not None and mark.high > mark.value for mark in marks)
    return (has_high, True, any(mark.target is not None for mark in marks), True, any(mark.state for mark in marks))


def interval_chart(
    caption: Content,
    text: ChartText,
    marks: Sequence[IntervalMark],
    *,
    reference: float | None = None,
    signed: bool = False,
    with_narrow: bool = False,
) -> ChartFigure | None:
    """Estimates with their 95% intervals, each with its value; two of a label are one above the other.

    `reference` is an upright line (no change, say). The axis shows the range of the data. None where no mark has a value.
    """
    ends = [value for mark in marks for value in (mark.low, mark.middle, mark.high) if value is not None]
    if not ends:
        return None
    if reference is not None:
        ends.append(reference)
    room = (max(ends) - min(ends)) * 0.06 or 1
    scale = alt.Scale(domain=[min(ends) - room, max(ends) + room * 2.5], nice=False, zero=False)
    rows = [
        asdict(mark)
        | {
            "panel": wrapped(mark.panel, 44),
            "written": "" if mark.middle is None else written_number(mark.middle, signed=signed),
            "end": mark.high if mark.high is not None else mark.middle,
            "turn": str(int(mark.is_strong)),
        }
        for mark in marks
    ]
    names = [(mark.panel, mark.label) for mark in marks]
    has_pairs = len(set(names)) < len(names)

    def drawn(width: int) -> Drawing:
        base = alt.Chart().encode(y=rows_axis(marks, width))
        if has_pairs:
            base = base.encode(yOffset=alt.YOffset("turn:N", sort=["0", "1"]))
        has_value = base.transform_filter("isValid(datum.middle)")
        x = value_axis("middle:Q", text.axis, scale=scale)
        layers: list[alt.Chart] = []
        if reference is not None:
            layers.append(alt.Chart().mark_rule(color=INK).encode(x=alt.XDatum(reference)))
        layers += [
            has_value.mark_rule(color=BLUE, strokeWidth=2).encode(
                x=value_axis("low:Q", text.axis, scale=scale), x2="high:Q"
            ),
            has_value.mark_point(
                shape="circle", size=55, filled=True, fill="white", stroke=BLUE, strokeWidth=1.5, opacity=1
            )
            .transform_filter("!datum.is_strong")
            .encode(x=x),
            has_value.mark_point(shape="diamond", size=85, filled=True, color=BLUE, opacity=1)
            .transform_filter("datum.is_strong")
            .encode(x=x),
            has_value.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(
                x=value_axis("end:Q", text.axis, scale=scale), text="written:N"
            ),
        ]
        if any(mark.state for mark in marks):
            place = alt.XDatum(min(ends) if reference is None else reference)
            layers.append(missing_layer(base, place, "middle"))
        return with_panels(layers, marks, width, PAIR_ROW if has_pairs else ROW)

    return chart_figure(caption, text, drawn, rows, with_narrow)


def series_chart(
    caption: Content, text: ChartText, points: Sequence[SeriesPoint], *, per_row: int = 3, zero: bool = True
) -> ChartFigure | None:
    """Figures through time: a panel each, a line with a value at every point. None where no point has a value."""
    if all(point.value is None for point in points):
        return None
    times = list(dict.fromkeys(point.time for point in points))
    panels = list(dict.fromkeys(point.panel for point in points))
    rows = [
        asdict(point)
        | {
            "panel": wrapped(point.panel, 30),
            "written": "" if point.value is None else written_number(point.value),
        }
        for point in points
    ]
    columns = min(per_row, len(panels))
    gap = 46
    width = (WIDE - 60 - gap * (columns - 1)) // columns
    has_intervals = any(point.low is not None for point in points)
    base = alt.Chart().encode(
        x=alt.X("time:N", sort=times, title=None, axis=alt.Axis(labelAngle=0, labelExpr=LINES, labelOverlap=True))
    )
    has_value = base.transform_filter("isValid(datum.value)")
    y = alt.Y("value:Q", title=text.axis, scale=alt.Scale(zero=zero, nice=True), axis=alt.Axis(tickCount=4))
    written = has_value.mark_text(dy=-11, color=INK)
    if has_intervals:
        written = has_value.mark_text(align="left", dx=8, color=INK)
    layers = [has_value.mark_line(color=BLUE, strokeWidth=2).encode(y=y)]
    if has_intervals:
        layers.append(
            has_value.mark_rule(color=BLUE, strokeWidth=1.5).encode(y=alt.Y("low:Q", title=text.axis), y2="high:Q")
        )
    layers += [
        has_value.mark_point(filled=True, color=BLUE, size=45, opacity=1).encode(y=y),
        written.encode(y=y, text="written:N"),
    ]
    if any(point.state for point in points):
        layers.append(
            base.transform_filter("!isValid(datum.value) && datum.state != ''")
            .mark_text(color=GREY, fontStyle="italic", fontSize=11, dy=-8)
            .encode(y=alt.value(150), text="state:N")
        )
    chart: Drawing
    if panels == [""]:
        chart = alt.LayerChart(layer=layers, width=width, height=150, data=DATA)
    else:
        chart = alt.FacetChart(
            spec=alt.LayerChart(layer=layers, width=width, height=150),
            facet=panel_facet([wrapped(panel, 30) for panel in panels]),
            columns=columns,
            data=DATA,
            spacing=gap,
            resolve=alt.Resolve(axis=alt.AxisResolveMap(x="independent")),
        )
    return chart_figure(caption, text, lambda _: chart, rows, with_narrow=False)


def span_chart(
    caption: Content, text: ChartText, marks: Sequence[SpanMark], *, with_narrow: bool = False
) -> ChartFigure | None:
    """A line a mark, from the day it began (hollow) to the day it ended (diamond), dashed where it is still open."""
    if not marks:
        return None
    rows = [
        {
            "label": mark.label,
            "start": mark.start.isoformat(),
            "end": mark.end.isoformat(),
            "is_open": mark.is_open,
            "written": written_number((mark.end - mark.start).days) + " days",
        }
        for mark in marks
    ]

    def drawn(width: int) -> Drawing:
        base = alt.Chart().encode(y=rows_axis(marks, width))
        axis = alt.Axis(format="%b %Y", tickCount=5 if width == WIDE else 3, labelAngle=0)
        days = alt.Scale(type="utc")  # the same picture in every time zone
        start = alt.X("start:T", title=text.axis, axis=axis, scale=days)
        end = alt.X("end:T", title=text.axis, axis=axis, scale=days)
        return with_panels(
            [
                base.transform_filter("datum.is_open")
                .mark_rule(color=BLUE, strokeWidth=2, strokeDash=[4, 3])
                .encode(x=start, x2="end:T"),
                base.transform_filter("!datum.is_open")
                .mark_rule(color=BLUE, strokeWidth=2)
                .encode(x=start, x2="end:T"),
                base.mark_point(
                    shape="circle", size=55, filled=True, fill="white", stroke=BLUE, strokeWidth=1.5, opacity=1
                ).encode(x=start),
                base.transform_filter("!datum.is_open")
                .mark_point(shape="diamond", size=85, filled=True, color=BLUE, opacity=1)
                .encode(x=end),
                base.mark_text(align="left", dx=7, color=INK).encode(x=end, text="written:N"),
            ],
            marks,
            width,
            ROW,
        )

    return chart_figure(caption, text, drawn, rows, with_narrow)
