"""Cutting elements out of XML by their places in the bytes, so that every other byte stays as it was.

A parser that reads and writes a document again loses prefixes and declarations that office programs insist on. Belongs here:
where elements are, and cutting. Does not belong: what any element means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.parsers import expat

from tfc_platform.ingest.redact.failure import CannotRedact

__all__ = ["Element", "cut", "elements"]


@dataclass
class Element:
    """An element: its name without prefix, its attributes, its text (its own, not its children's), and where it stands."""

    name: str
    attributes: dict[str, str]
    parent: Element | None
    start: int
    inner_start: int = -1
    inner_end: int = -1
    end: int = -1
    text: str = field(default="", repr=False)
    children: list[Element] = field(default_factory=list, repr=False)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def elements(content: bytes, seen: Callable[[Element], None]) -> None:
    """Tell `seen` of every element as it ends, children before parents.

    :raises CannotRedact: where the bytes are not well-formed XML in UTF-8.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = False
    open_ones: list[Element] = []
    waiting: list[Callable[[int], None]] = []  # places that are known once the next thing begins

    def settle() -> None:
        at = parser.CurrentByteIndex
        for tell in waiting:
            tell(at)
        waiting.clear()

    def start(name: str, attributes: dict[str, str]) -> None:
        settle()
        element = Element(
            _local(name),
            {_local(key): value for key, value in attributes.items()},
            open_ones[-1] if open_ones else None,
            parser.CurrentByteIndex,
        )
        open_ones.append(element)

        def inner(at: int) -> None:
            element.inner_start = at

        waiting.append(inner)

    def end(_: str) -> None:
        settle()
        element = open_ones.pop()
        element.inner_end = parser.CurrentByteIndex

        def ended(at: int) -> None:
            element.end = at
            if element.parent is not None:
                element.parent.children.append(element)
            seen(element)
            element.children.clear()

        waiting.append(ended)

    def characters(text: str) -> None:
        settle()
        if open_ones:
            open_ones[-1].text += text

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.DefaultHandler = lambda _: settle()
    try:
        parser.Parse(content, True)
    except expat.ExpatError:
        raise CannotRedact("A part of the workbook is not well-formed XML.") from None
    for tell in waiting:
        tell(len(content))


def cut(content: bytes, places: Iterable[tuple[int, int]]) -> bytes:
    """The bytes without those places; places may lie within one another."""
    pieces, done = [], 0
    for start, end in sorted(places):
        if start > done:
            pieces.append(content[done:start])
        done = max(done, end)
    return b"".join([*pieces, content[done:]])
