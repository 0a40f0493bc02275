"""Whether a column looks like persons' data: by its name, and by what its cells look like.

Belongs here: matching by `personal_patterns.yaml`, and the NHS number's check digit. Does not belong: what follows from it.
It gives the kind, never a cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from tfc_platform.contracts.model import normal

__all__ = ["kinds_of", "looks_personal"]

PATTERNS = Path(__file__).with_name("personal_patterns.yaml")
SHARE = 0.3  # of the cells: a column of persons' data may have gaps and slips, and another one has a stray hit at most
CERTAIN = frozenset({"email", "ni_number", "uk_phone"})  # one cell of these is enough: no other thing looks like them


@cache
def _patterns() -> tuple[dict[str, re.Pattern[str]], dict[str, re.Pattern[str]]]:
    read = yaml.safe_load(PATTERNS.read_text(encoding="utf-8"))
    headers, cells = (
        {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in read[part].items()}
        for part in ("headers", "cells")
    )
    return headers, cells


def _is_nhs_number(digits: str) -> bool:
    """Check digit modulo 11, weights 10 to 2 (NHS Data Dictionary, NHS NUMBER)."""
    numbers = [int(digit) for digit in digits if digit.isdigit()]
    check = 11 - sum(weight * number for weight, number in zip(range(10, 1, -1), numbers, strict=False)) % 11
    return check != 10 and numbers[9] == check % 11


def _kind(text: str) -> str | None:
    for kind, pattern in _patterns()[1].items():
        if not pattern.fullmatch(text):
            continue
        if kind == "nhs_number" and not _is_nhs_number(text):
            continue
        if kind == "ip_address" and any(int(part) > 255 for part in text.split(".")):
            continue
        return kind
    return None


def kinds_of(texts: Iterable[str]) -> Counter[str]:
    """How many cells look like which kind."""
    return Counter(kind for text in texts if (kind := _kind(text.strip())))


def looks_personal(header: str, texts: Iterable[str]) -> str | None:
    """The kind of persons' data that a column seems to hold, or None.

    :param texts: its cells that hold anything, in any number.
    """
    name = normal(header).replace("_", " ").replace("/", " ")
    named = next((kind for kind, pattern in _patterns()[0].items() if pattern.fullmatch(name)), None)
    if named:
        return named
    cells = [text for text in texts if text]
    found = kinds_of(cells)
    for kind, hits in found.most_common():
        if kind in CERTAIN or hits >= max(2, SHARE * len(cells)):
            return kind
    return None
