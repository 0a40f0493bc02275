"""What a page says, as a reader and as a program see it."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class Read(HTMLParser):
    """A page as a program reads it: marked numbers, ids, links, tags, and the text in which nothing is marked."""

    HIDDEN = frozenset({"title", "style", "svg", "code", "time", "data", "blockquote"})  # a title repeats the heading
    VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.marked: list[dict[str, str]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.heads: list[int] = []
        self.plain = ""
        self._open: list[tuple[str, bool]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes += list(given.items())
        if "id" in given:
            self.ids.append(given["id"])
        self.links += [given[name] for name in ("href", "src") if name in given]
        if re.fullmatch("h[1-6]", tag):
            self.heads.append(int(tag[1]))
        if tag == "data":
            self.marked.append(given | {"text": ""})
        if tag not in self.VOID:
            # Footnotes are the release's own notes, word for word.
            hidden = tag in self.HIDDEN or given.get("class") in ("period", "code", "footnotes")
            self._open.append((tag, hidden))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][0] == "data":
            self.marked[-1]["text"] += data
        elif not any(hidden for _, hidden in self._open):
            self.plain += data + " "
