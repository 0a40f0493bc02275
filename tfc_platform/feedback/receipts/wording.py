"""The words of receipts by id, from `words.yaml`; an id without words is shown by its own name."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from tfc_platform.admission.arrivals import VersionChange
from tfc_platform.strict_yaml import load_yaml

__all__ = ["cause_words", "change_sentence", "is_said", "rule_words", "statuses"]


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


def change_sentence(change: VersionChange) -> str:
    """What a version changed in its rows that count, in a sentence."""
    against = f"Against {change.path.rsplit('/', 1)[-1]} of {change.seen_on:%d/%m/%Y}"
    if not change.is_any:
        return f"{against}: the same rows count."
    counts = {"added": change.added, "gone": change.gone, "changed": change.changed}
    parts = [f"{count} row{'s' if count != 1 else ''} {what}" for what, count in counts.items() if count]
    return f"{against}: {', '.join(parts)}."
