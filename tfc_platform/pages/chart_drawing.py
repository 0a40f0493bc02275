"""How every chart is drawn: its width, letters, rows, panels and colours, and its SVG as an accessible image."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from xml.etree import ElementTree

import altair as alt
import vl_convert
from markupsafe import Markup

from tfc_platform.pages.view_models import ChartFigure, Content

__all__ = [
    "BLUE",
    "DATA",
    "GREY",
    "INK",
    "LETTER",
    "LINES",
    "NARROW",
    "PAIR_ROW",
    "ROW",
    "WIDE",
    "ChartText",
    "Drawing",
    "chart_figure",
    "missing_layer",
    "panel_facet",
    "rows_axis",
    "value_axis",
    "with_panels",
    "wrapped",
]

BLUE, INK, GREY = "#0072B2", "#1d1d1d", "#595959"
WIDE, NARROW = (
    720,
    340,
)  # whole charts, in CSS pixels: the column of text on a screen, and a telephone or half a sheet of paper
ROW, PAIR_ROW = 26, 40  # the height of a row, and of one with two marks
LETTER = 6.6  # the width of a letter, a little more than the mean
LINES = r"split(datum.label, '\n')"  # a label of several lines
DATA = alt.NamedData("marks")  # the rows join when the chart is drawn
_SVG = "{http://www.w3.org/2000/svg}"
_VEGA_LITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
_FONT = "Arial, Helvetica, sans-serif"

Drawing = alt.Chart | alt.LayerChart | alt.FacetChart


@dataclass(frozen=True)
class ChartText:
    """What a chart is called: `id` is its own on the page, `title` and `description` are for who cannot see it."""

    id: str
    title: str
    description: str
    axis: str


class Mark(Protocol):
    """What rows and panels are made of."""

    @property
    def label(self) -> str: ...

    @property
    def panel(self) -> str: ...


Marks = Sequence[Mark]


def _names(marks: Marks) -> list[str]:
    return list(dict.fromkeys(mark.label for mark in marks))


def _letters(width: int) -> int:
    """How many letters of a row's name are in one line."""
    return 44 if width == WIDE else 18


def rows_axis(marks: Marks, width: int) -> alt.Y:
    """Names of rows, in the order of the marks; a long name in several lines."""
    lines = {name: textwrap.wrap(name, _letters(width)) for name in _names(marks)}
    expression = f"({json.dumps(lines)})[datum.value] || datum.value"
    axis = alt.Axis(labelExpr=expression, labelLimit=400, domain=False, ticks=False, grid=False, labelPadding=8)
    return alt.Y("label:N", sort=_names(marks), title=None, axis=axis)


def value_axis(field: str, title: str, *, zero: bool = False, scale: alt.Scale | None = None) -> alt.X:
    return alt.X(field, title=title, scale=scale or alt.Scale(zero=zero, nice=False), axis=alt.Axis(tickCount=5))


def missing_layer(base: alt.Chart, x: alt.XDatum, field: str) -> alt.Chart:
    """The word where a value is missing."""
    layer: alt.Chart = (
        base.transform_filter(f"!isValid(datum.{field}) && datum.state != ''")
        .mark_text(align="left", dx=6, color=GREY, fontStyle="italic")
        .encode(x=x, text="state:N")
    )
    return layer


def with_panels(
    layers: Sequence[alt.Chart], marks: Marks, width: int, row: int, *, shares_scale: bool = True
) -> Drawing:
    """The layers over the marks: one chart, or a panel for each that the marks name, side by side where there is room."""
    panels = list(dict.fromkeys(mark.panel for mark in marks))
    lines = [textwrap.wrap(name, _letters(width)) for name in _names(marks)]
    room = int(max(len(line) for name in lines for line in name) * LETTER) + 16
    tight = 0 if width == WIDE else 4
    height = {"step": max(row - tight, 15 * max(map(len, lines)) + 9 - tight), "for": "position"}
    if panels == [""]:
        return alt.LayerChart(layer=layers, width=width - room - 50, height=height, data=DATA)
    rows = {panel: [mark.label for mark in marks if mark.panel == panel] for panel in panels}
    # Panels with other rows, or another scale, have their names and axes to themselves.
    is_alike = shares_scale and all(names == rows[panels[0]] for names in rows.values())
    columns = max(1, min(len(panels), (width - room) // 150)) if is_alike and width == WIDE else 1
    panel_width = (width - room - 20 * (columns - 1)) // columns - (50 if columns == 1 else 14)
    return alt.FacetChart(
        spec=alt.LayerChart(layer=layers, width=panel_width, height=height),
        facet=panel_facet([wrapped(panel, 44) for panel in panels]),
        columns=columns,
        data=DATA,
        spacing=20,
        resolve=alt.Resolve(
            scale=alt.ScaleResolveMap(
                x="shared" if shares_scale else "independent", y="shared" if is_alike else "independent"
            )
        ),
    )


def panel_facet(panels: Sequence[str]) -> alt.Facet:
    """A panel for each name, in this order, its name above it."""
    header = alt.Header(
        labelExpr=LINES,
        labelFontSize=13,
        labelFontWeight="bold",
        labelAnchor="start",
        labelColor=INK,
        labelLimit=320,
        labelOrient="top",
    )
    return alt.Facet("panel:N", sort=list(panels), title=None, header=header)


def wrapped(text: str, letters: int) -> str:
    return "\n".join(textwrap.wrap(text, letters)) or text


def chart_figure(
    caption: Content,
    text: ChartText,
    drawn: Callable[[int], Drawing],
    rows: Sequence[Mapping[str, Any]],
    with_narrow: bool,
) -> ChartFigure:
    narrow = _svg(drawn(NARROW), rows, text, "-narrow") if with_narrow else ""
    return ChartFigure(caption, _svg(drawn(WIDE), rows, text, ""), narrow)


@cache
def _config() -> Mapping[str, Any]:
    """What all charts share."""
    axis = alt.AxisConfig(
        labelFontSize=12,
        labelColor=INK,
        titleFontSize=12,
        titleFontWeight="normal",
        titleColor=INK,
        titleAnchor="start",
        gridColor="#dcdcdc",
        domain=False,
        tickColor="#b0b0b0",
    )
    config: Mapping[str, Any] = alt.Config(
        font=_FONT,
        background="white",
        aria=False,
        axis=axis,
        view=alt.ViewConfig(stroke=None),
        text=alt.MarkConfig(fontSize=12, font=_FONT, baseline="middle"),
    ).to_dict()
    return config


def _svg(chart: Drawing, rows: Sequence[Mapping[str, Any]], text: ChartText, suffix: str) -> Markup:
    """The chart as an image with a title and a description; its ids are its own on the page."""
    specification = chart.to_dict(validate=False) | {"config": _config(), "datasets": {"marks": list(rows)}}
    drawing = vl_convert.vegalite_to_svg(specification, vl_version=_VEGA_LITE)
    root = ElementTree.fromstring(drawing)  # noqa: S314 - drawn by vl-convert a line above
    name = f"chart-{text.id}{suffix}"
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)  # within a page, SVG needs no namespace
        for attribute, value in list(element.attrib.items()):
            if attribute.startswith("aria-") or attribute in ("role", "class"):
                del element.attrib[attribute]  # an image has one name; that of each mark is noise when read out
            elif attribute == "id":
                element.set(attribute, f"{name}-{value}")
            elif "url(#" in value:
                element.set(attribute, value.replace("url(#", f"url(#{name}-"))
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title {name}-desc")
    for place, (tag, content) in enumerate((("title", text.title), ("desc", text.description))):
        element = ElementTree.Element(tag, {"id": f"{name}-{tag}"})
        element.text = content
        root.insert(place, element)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - written by an XML library, which escapes
