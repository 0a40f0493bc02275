"""Compare headers, codes and file names as people mean them: case, spaces and the shape of apostrophes do not count."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

__all__ = ["applies", "can_meet", "normal", "wildcard"]

# Curly and straight apostrophes are one, and so are hyphens and dashes; zero-width characters are none.
_APOSTROPHES = dict.fromkeys("’‘`´ʼ", "'")
_DASHES = dict.fromkeys("‐‑–—−", "-")
_NOTHING: dict[str, str | None] = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_SHAPES = str.maketrans({**_APOSTROPHES, **_DASHES, **_NOTHING})


def normal(text: object) -> str:
    """A header or a name as people mean it: case, spaces of any kind and the shape of apostrophes do not count."""
    written = str(text)
    # NFKC turns an acute accent that stands for an apostrophe into a space and an accent: shapes come first.
    shaped = unicodedata.normalize("NFKC", written.translate(_SHAPES)) if not written.isascii() else written
    return " ".join(shaped.replace("`", "'").split()).casefold()


def wildcard(pattern: str, crosses: str = "") -> str:
    """A regular expression for names in which `*` stands for any characters but those of `crosses`.

    Every other character, brackets and question marks too, stands for itself: headers are full of them.
    """
    some = f"[^{re.escape(crosses)}]*" if crosses else ".*"
    return some.join(re.escape(part) for part in pattern.split("*"))


def applies(when: Mapping[str, str | list[str]], facts: Mapping[str, str]) -> bool:
    """Whether what a file's name says (`facts`) is what `when` asks for."""
    return all(facts.get(key) in (want if isinstance(want, list) else [want]) for key, want in when.items())


def can_meet(one: Mapping[str, str | list[str]], other: Mapping[str, str | list[str]]) -> bool:
    """Whether one file's name can be what both ask for."""

    def values(want: str | list[str]) -> set[str]:
        return set(want) if isinstance(want, list) else {want}

    return all(values(one[key]) & values(other[key]) for key in one.keys() & other.keys())
