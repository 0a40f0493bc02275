"""The charts of a release's pages: Vega-Lite specifications, drawn to static SVG by vl-convert.

Belongs here: three kinds of chart (interval, bar with target, time line), their marks and colours, and the SVG as it stands in
a page. Does not belong: which figures are drawn. Equal specifications give equal bytes.

Colours are of Okabe and Ito's set, which the colour-blind can tell apart, and no meaning hangs on colour: the earlier wave is a
hollow circle, the later a filled diamond, a target a line, and what is withheld a dashed ring with the word beside it. Names
stand at the marks; there is no legend. Names are text marks and not an axis, and panels are headings between rows and not
facets: both halve what a chart costs, most of which goes into measuring texts.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import date
from functools import lru_cache
from html import escape
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import sha256_text, write_bytes

__all__ = ["Bar", "Interval", "Span", "bars", "draw", "intervals", "kept_drawings", "spans"]

Spec = dict[str, Any]

BLUE, SKY, ORANGE, INK, GREY = "#0072B2", "#56B4E9", "#B34A00", "#1d1d1d", "#595959"
WIDTH = 340  # of a whole chart in CSS pixels: what a telephone shows without shrinking the letters
_LETTERS = 22  # of a name in a line
_LETTER = 6.3  # the width of one, a little more than the mean
_HEADING = 46  # of a heading in a line
_RIGHT, _TOP, _BOTTOM = 16, 4, 44
_FONT = "Arial, Helvetica, sans-serif"
_CONFIG: Spec = {
    "font": _FONT,
    "aria": False,
    "background": "#ffffff",
    "view": {"stroke": None, "clip": False},
    "axis": {
        "labelFontSize": 12,
        "labelColor": INK,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": INK,
        "titleAnchor": "end",
        "gridColor": "#dcdcdc",
        "domain": False,
        "tickColor": "#b0b0b0",
        "tickCount": 4,
    },
    "text": {"fontSize": 12, "font": _FONT, "baseline": "middle", "lineBreak": "\n", "lineHeight": 13},
}


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval, or `state`: in a word why there is none. `later` is drawn filled."""

    panel: str
    label: str
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    later: bool = False
    state: str | None = None


@dataclass(frozen=True)
class Bar:
    """A figure from nought, hollow from there to `high` where it is at least that; a target; or `state`."""

    panel: str
    label: str
    value: float | None = None
    high: float | None = None
    target: float | None = None
    state: str | None = None


@dataclass(frozen=True)
class Span:
    """From one day to another; `open` where it has not ended, and the other day is the night's."""

    panel: str
    label: str
    start: date
    end: date
    open: bool


def intervals(
    marks: Sequence[Interval], title: str, domain: tuple[float, float] | None = None, reference: float | None = None
) -> Spec | None:
    """Dots with whiskers; two of a label, an earlier and a later, stand one above the other.

    `reference` is a line (no change, say), which the scale then holds.
    """
    if all(mark.middle is None for mark in marks):
        return None  # the table says why
    names = [(mark.panel, mark.label) for mark in marks]
    shift = 6 if len(set(names)) < len(names) else 0
    scale: Spec = {"domain": list(domain), "nice": False} if domain else {"zero": reference is not None, "nice": True}
    rows = _Rows(marks, shift)
    layers: list[Spec] = []
    if reference is not None:
        layers.append({"mark": _mark("rule", INK), "encoding": {"x": {"datum": reference, **_x(title, scale)}}})
    for later in sorted({mark.later for mark in marks}):
        offset = {"yOffset": shift if later else -shift}
        mine = f"{'' if later else '!'}datum.later"
        if any(mark.low is not None for mark in marks if mark.later == later):
            layers.append(
                {
                    "transform": [{"filter": f"{mine} && isValid(datum.low)"}],
                    "mark": {**_mark("rule", BLUE), "strokeWidth": 2, **offset},
                    "encoding": {"x": {"field": "low", **_x(title, scale)}, "x2": {"field": "high"}, "y": rows.y},
                }
            )
        point: Spec = {
            "type": "point",
            "shape": "diamond" if later else "circle",
            "size": 90 if later else 60,
            "opacity": 1,
        }
        fill = {"filled": True, "fill": BLUE if later else "#ffffff", "stroke": BLUE, "strokeWidth": 1.5, **offset}
        layers.append(
            {
                "transform": [{"filter": f"{mine} && isValid(datum.middle)"}],
                "mark": {**point, **fill},
                "encoding": {"x": {"field": "middle", **_x(title, scale)}, "y": rows.y},
            }
        )
        if any(mark.state for mark in marks if mark.later == later):
            layers += _withheld(rows, domain[0] if domain else 0, offset, f"{mine} && ")
    return rows.chart([asdict(mark) for mark in marks], layers)


def bars(marks: Sequence[Bar], title: str, top: float | None = None) -> Spec | None:
    """Bars from nought, in the order in which they are given."""
    if not marks:
        return None
    rows = _Rows(marks, 0)
    x = _x(title, {"domain": [0, top]} if top is not None else {"zero": True, "nice": True})
    bar: Spec = {"type": "bar", "stroke": BLUE, "strokeWidth": 1, "height": 11}
    layers: list[Spec] = [
        {
            "transform": [{"filter": "isValid(datum.value)"}],
            "mark": {**bar, "color": SKY},
            "encoding": {"x": {"field": "value", "stack": None, **x}, "y": rows.y},
        }
    ]
    if any(mark.high is not None for mark in marks):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.value) && isValid(datum.high)"}],
                "mark": {**bar, "color": "#ffffff"},
                "encoding": {"x": {"field": "value", **x}, "x2": {"field": "high"}, "y": rows.y},
            }
        )
    if any(mark.target is not None for mark in marks):
        layers.append(
            {
                "transform": [{"filter": "isValid(datum.target)"}],
                "mark": {"type": "tick", "color": INK, "thickness": 3, "size": 18, "orient": "vertical"},
                "encoding": {"x": {"field": "target", **x}, "y": rows.y},
            }
        )
    if any(mark.state for mark in marks):
        layers += _withheld(rows, 0, {}, "")
    return rows.chart([asdict(mark) for mark in marks], layers)


def spans(marks: Sequence[Span], title: str) -> Spec | None:
    """What began when, and ended when; open ones are dashed up to the night, and end in nothing."""
    if not marks:
        return None
    rows = _Rows(marks, 0)
    axis = {"title": title, "format": "%b %y", "labelOverlap": True}
    x: Spec = {"type": "temporal", "axis": axis, "scale": {"type": "utc"}}
    layers: list[Spec] = []
    for is_open in sorted({mark.open for mark in marks}):
        chosen = [{"filter": f"{'' if is_open else '!'}datum.open"}]
        colour = ORANGE if is_open else BLUE
        line = {**_mark("rule", colour), "strokeWidth": 2, **({"strokeDash": [4, 3]} if is_open else {})}
        point: Spec = {"type": "point", "filled": True, "stroke": colour, "opacity": 1}
        layers += [
            {
                "transform": chosen,
                "mark": line,
                "encoding": {"x": {"field": "start", **x}, "x2": {"field": "end"}, "y": rows.y},
            },
            {
                "transform": chosen,
                "mark": {**point, "shape": "circle", "fill": "#ffffff"},
                "encoding": {"x": {"field": "start", **x}, "y": rows.y},
            },
        ]
        if not is_open:
            layers.append(
                {
                    "transform": chosen,
                    "mark": {**point, "shape": "diamond", "size": 80, "fill": colour},
                    "encoding": {"x": {"field": "end", **x}, "y": rows.y},
                }
            )
    written = [{**asdict(mark), "start": mark.start.isoformat(), "end": mark.end.isoformat()} for mark in marks]
    return rows.chart(written, layers)


def _mark(kind: str, colour: str) -> Spec:
    return {"type": kind, "color": colour}


def _x(title: str, scale: Spec) -> Spec:
    return {"type": "quantitative", "scale": scale, "axis": {"title": title}}


def _withheld(rows: _Rows, start: float, offset: Mapping[str, float], mine: str) -> list[Spec]:
    """A dashed ring and the word, at the scale's start: where there is no value, nothing stands for one."""
    chosen = [{"filter": f"{mine}isValid(datum.state)"}]
    ring: Spec = {"type": "point", "shape": "circle", "size": 60, "filled": False, "opacity": 1, "xOffset": 8}
    word: Spec = {"type": "text", "align": "left", "dx": 18, "fontStyle": "italic"}
    at = {"x": {"datum": start, "type": "quantitative"}, "y": rows.y}
    return [
        {"transform": chosen, "mark": {**ring, "stroke": GREY, "strokeDash": [2, 2], **offset}, "encoding": at},
        {
            "transform": chosen,
            "mark": {**word, "color": GREY, **offset},
            "encoding": {**at, "text": {"field": "state"}},
        },
    ]


class _Rows:
    """The rows of a chart: headings of panels, where there is more than one, and names."""

    def __init__(self, marks: Sequence[Interval] | Sequence[Bar] | Sequence[Span], shift: int) -> None:
        panels = list(dict.fromkeys(mark.panel for mark in marks))
        self.names: list[Spec] = []
        for number, panel in enumerate(panels):
            if len(panels) > 1:
                for place, line in enumerate(textwrap.wrap(panel, _HEADING, break_on_hyphens=False)):
                    self.names.append({"row": f"{number}.{place}", "name": line, "kind": "heading"})
            for label in dict.fromkeys(mark.label for mark in marks if mark.panel == panel):
                lines = textwrap.wrap(label, _LETTERS, break_on_hyphens=False)
                kind = "one" if len(lines) == 1 else "two"
                name = "\n".join([*lines[:1], " ".join(lines[1:])] if kind == "two" else lines)
                self.names.append({"row": _row(panel, label), "name": name, "kind": kind})
        tall = any(name["kind"] == "two" for name in self.names)
        self.step = 28 if shift or tall else 20
        written = max(
            len(line) for name in self.names if name["kind"] != "heading" for line in name["name"].split("\n")
        )
        self.labels = round(min(written, _LETTERS) * _LETTER) + 8
        domain = [name["row"] for name in self.names]
        self.y: Spec = {"field": "row", "type": "nominal", "scale": {"domain": domain}, "axis": None}

    def chart(self, marks: list[dict[str, Any]], layers: list[Spec]) -> Spec:
        data = [{**mark, "row": _row(mark["panel"], mark["label"])} for mark in marks]
        kinds = sorted({name["kind"] for name in self.names})
        return {
            "data": {"values": data},
            "config": _CONFIG,
            "autosize": {"type": "none"},
            "padding": {"left": self.labels + 8, "right": _RIGHT, "top": _TOP, "bottom": _BOTTOM},
            "width": WIDTH - self.labels - 8 - _RIGHT,
            "height": self.step * len(self.names),
            "layer": [*layers, *(self._named(kind) for kind in kinds)],
        }

    def _named(self, kind: str) -> Spec:
        marked: Spec = {"type": "text", "color": INK, "align": "right", "x": -8}
        if kind == "heading":
            marked |= {"align": "left", "x": -self.labels - 6, "fontWeight": "bold"}
        if kind == "two":
            marked |= {"dy": -6, "fontSize": 11}
        return {
            "data": {"values": [name for name in self.names if name["kind"] == kind]},
            "mark": marked,
            "encoding": {"y": self.y, "text": {"field": "name", "type": "nominal"}},
        }


def _row(panel: str, label: str) -> str:
    return f"{panel}\t{label}"


# The same chart stands on two pages: it is drawn once. A pure function of the specification.
@lru_cache(maxsize=256)
def _drawn(spec: str) -> str:
    import vl_convert

    # Nothing is ever fetched: the data stand in the specification.
    return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]))


_KEPT: ContextVar[Path | None] = ContextVar("kept", default=None)  # where drawings are kept
_USED: ContextVar[set[str]] = ContextVar("used")  # the names of those of this release


@contextmanager
def kept_drawings(folder: Path) -> Iterator[None]:
    """Within, charts are drawn once for all releases: most are the same as on the night before.

    A drawing is known by its specification and by what drew it, so that it is the same as if it were drawn anew. What this
    release has no use for goes.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = {path.name for path in folder.glob("*.svg")}
    token = _KEPT.set(folder)
    used = _USED.set(set())
    try:
        yield
        for name in before - _USED.get():
            (folder / name).unlink(missing_ok=True)
    finally:
        _KEPT.reset(token)
        _USED.reset(used)


def _svg(spec: str) -> str:
    folder = _KEPT.get()
    if folder is None:
        return _drawn(spec)
    name = sha256_text(f"{version('vl-convert-python')}\n{spec}")[:32] + ".svg"
    _USED.get().add(name)
    target = folder / name
    if target.is_file():
        return target.read_text(encoding="utf-8")
    drawing = _drawn(spec)
    write_bytes(target, drawing.encode())
    return drawing


_IDS = re.compile(r'(id="|href="#|url\(#|url\(&quot;#)([A-Za-z_][\w-]*)')


# A picture has one name, its own: what Vega says of each mark is noise to a screen reader.
_TAG = re.compile(r"<(?:g|path|text|rect|line)\b[^>]*>")
_SAID = re.compile(r' (?:role|class|aria-[a-z]+)="[^"]*"')


def draw(spec: Spec | None, name: str, title: str, description: str) -> str:
    """A specification as inline SVG with a title and a description; `name` is its own on the page."""
    if spec is None:
        return ""
    drawn = _svg(json.dumps(spec))
    opening, _, rest = drawn.partition(">")
    box = re.search(r'viewBox="([^"]+)"', opening)
    width = re.search(r'width="([\d.]+)"', opening)
    name = f"chart-{name}"  # no id of a section
    rest = _IDS.sub(lambda found: f"{found[1]}{name}-{found[2]}", rest)
    rest = _TAG.sub(lambda found: _SAID.sub("", found[0]), rest)
    return (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" viewBox="{box[1] if box else ""}" '
        f'width="{width[1] if width else WIDTH}"><title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>{rest}'
    )
