"""What the pages of a release share: the shell, tables and escaping. Static, with no script and no outside resource.

Belongs here: HTML. Does not belong: anything that a page says.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

__all__ = ["document", "number", "table", "text"]

_STYLE = """
:root { color-scheme: light }
body { font: 1.05rem/1.55 system-ui, sans-serif; color: #1d1d1d; background: #fff }
body { max-width: 62rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.8rem; line-height: 1.2 } h2 { font-size: 1.3rem; margin-top: 2.2rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; padding: .3rem 0; color: #444 }
th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid #b1b4b6 }
tbody th { font-weight: normal } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
.wide { overflow-x: auto } a { color: #0b4a8f } a:focus { outline: 3px solid #fd0; background: #fd0; color: #000 }
code { font-size: .92em; overflow-wrap: anywhere } .skip { position: absolute; left: -99rem } .skip:focus { left: 1rem }
@media print { a { color: inherit } body { max-width: none } }
"""


def document(title: str, parts: Sequence[str], style: str = "") -> str:
    """A whole page; `title` and `parts` are HTML already, `style` is CSS of the page's own."""
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}{style}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to the contents</a>\n' + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def table(heading: str, caption: str, names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; a name that opens with # is a column of numbers."""
    head = "".join(
        f'<th scope="col"{" class=" + chr(34) + "number" + chr(34) if name[0] == "#" else ""}>{name.lstrip("#")}</th>'
        for name in names
    )
    body = "\n".join(
        "<tr>"
        + "".join(
            f'<td class="number">{cell}</td>'
            if name[0] == "#"
            else (f'<th scope="row">{cell}</th>' if place == 0 else f"<td>{cell}</td>")
            for place, (name, cell) in enumerate(zip(names, row, strict=True))
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<h2>{heading}</h2><div class="wide" role="region" aria-label="{heading}" tabindex="0"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def text(value: Any) -> str:
    return escape(str(value), quote=True)


def number(value: int) -> str:
    return f"{value:,}"
