"""Whether a cell is a person's name by its form. Given names are a list; a place that is named after somebody is no person."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from tfc_platform.privacy.name_tokens import load_words, words_of
from tfc_platform.strict_yaml import load_yaml

__all__ = ["GIVEN_NAMES_FILE", "is_person_name"]

GIVEN_NAMES_FILE = Path(__file__).with_name("given_names.yaml")
MOST_WORDS = 4
LONGEST = 60  # characters
# Words of one to four, apart by spaces, hyphens, points and apostrophes, with one comma at most: `O'Neill, Anne-Marie J.`
_FORM = re.compile(
    r"[^\W\d_][^\W\d_'’‘`´.\- ]*(?:[ '’‘`´.\-]+[^\W\d_]+)*\.?(?:, ?[^\W\d_]+(?:[ '’‘`´.\-]+[^\W\d_]+)*\.?)?"
)
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx"})


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    return frozenset(load_yaml(GIVEN_NAMES_FILE)["names"].split())


def is_person_name(text: str) -> bool:
    """Whether a text is a person's name and nothing else: a given name, with further names or without, or a title and a name.

    A text with a word for places is none (`Victoria Park`, `Thomas Street`), and none has digits. It is a sign, and no proof:
    a column is judged by many cells.
    """
    plain = " ".join(text.split())
    if not 1 < len(plain) <= LONGEST or _FORM.fullmatch(plain) is None:
        return False
    first, comma, second = plain.partition(",")
    keys = [word.key for word in words_of(f"{second} {first}" if comma else plain)]
    title = bool(keys) and keys[0] in _TITLES
    names = keys[1:] if title else keys
    if not 0 < len(names) <= MOST_WORDS:
        return False
    if any(key in load_words().place_words for key in names[1:] if len(key) > 1):
        return False
    return title or names[0] in _given_names()
