"""Names as they may be shown: characters that a terminal or a page obeys are spelt out."""

from __future__ import annotations

import re

__all__ = ["printable"]

# Control characters of both sets, marks that turn the direction of writing, and the separators of lines and paragraphs.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def printable(text: str, keep: str = "") -> str:
    """The text with each such character spelt out, as `\\x1b` or `\\u202e`.

    :param keep: characters that are left as they are, such as the ends of lines.
    """

    def spelt(match: re.Match[str]) -> str:
        character = match.group()
        if character in keep:
            return character
        number = ord(character)
        return _SHORT.get(character) or (f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}")

    return _OBEYED.sub(spelt, text)
