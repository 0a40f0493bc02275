"""What a value outside a closed list may be meant for: the nearest listed one, or the list where it is short."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import OSA

from tfc_platform.contracts.names import normal

__all__ = ["suggestion"]

NEAR = 0.7  # of the letters in place: one swap in seven letters is 0.86
SHORT = 12  # a list of so many values is told whole


def suggestion(written: str, listed: Iterable[str]) -> str:
    """A sentence that names what could stand there; empty where nothing is near and the list is long.

    Nearness is one less the optimal string alignment distance as a share of the longer text's length (Damerau 1964).
    """
    values = list(dict.fromkeys(listed))
    text = normal(written)
    near = max(((OSA.normalized_similarity(text, normal(value)), value) for value in values), default=(0.0, ""))
    if near[0] >= NEAR:
        return f" Is “{near[1]}” meant?"
    return f" It can be: {', '.join(values)}." if values and len(values) <= SHORT else ""
