"""The words of receipts by id, from `words.yaml`; an id without words is shown by its own name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from tfc_platform.strict_yaml import load_yaml

__all__ = ["cause_words", "is_said", "rule_words", "statuses"]


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    words: dict[str, Any] = load_yaml(Path(__file__).parent / "words.yaml")
    return words


def _of(kind: str, name: str) -> tuple[str, str]:
    words = _words()[kind].get(name, {})
    return words.get("title") or name.replace("_", " ").capitalize(), words.get("do", "")


def rule_words(rule: str) -> tuple[str, str]:
    """A rule's title, and what to do about it; the latter empty where its sentences say all."""
    return _of("rules", rule)


def cause_words(cause: str) -> tuple[str, str]:
    """The same for why a file is not used."""
    return _of("causes", cause)


def is_said(cause: str) -> bool:
    """Whether the sentence of a cause itself says what to do."""
    return bool(_words()["causes"].get(cause, {}).get("said"))


def statuses() -> dict[str, str]:
    """Every status of a file with its meaning, in the order in which they are shown."""
    meanings: dict[str, str] = _words()["statuses"]
    return meanings
