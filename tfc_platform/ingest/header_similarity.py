"""When a column's name is nearly one that the contract names: the thresholds, and why they are so strict.

A guess must never fill a field wrongly. So names are compared word by word and never by a share of common letters, by which
“Children attended” and “Adults attended” are alike. Two names are near where, after the words that say nothing are left out,

- they have the same words in the same order, or the same letters without the spaces (`Post code`, `Postcode`); or - they differ
by slips of the pen: one edit (a letter left out, doubled, changed, or two changed round: the optimal string alignment distance,
Boytsov 2011) in a word of at least five letters, and two such words at most.

An edit is no slip where it may make another word: in the first letter (`unable`), in a word with a digit (`Q5_1`), or in the
last two letters (`referred`, `referrer`), but for a plural's `s`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tfc_platform.contracts.names import normal

__all__ = ["bare", "is_alike", "is_near", "words_of"]

WORD = 5  # letters of a word in which a slip can be told from another word
LONG = 12  # letters of a name in which two slips may be
ENDING = 2  # last letters, which make another word of the same stem
# As the standard forms of the common tools decorate a name; `%`, `£`, `#` and `+` say what is counted and stay.
PUNCTUATION = re.compile(r"[\s.,:;*!?()\[\]{}\"'_/\\|-]+")
FORMATS = re.compile(r"[(\[]\s*(?:e\.?g\.?\s*)?(?:[dmy]{1,4}[ ./-]?){2,3}[)\]]")  # (dd/mm/yy)
COUNTING = re.compile(r"^(?:no|nr|num|number)(?: of)? (?:the )?(?=.)")
ALIKE = 80  # per cent of common letters (Indel), from which a name is taken for a personal column's: dropping is the safe side


def bare(name: str) -> str:
    """A name's words without case, punctuation and the format that it asks for."""
    return " ".join(PUNCTUATION.sub(" ", FORMATS.sub(" ", normal(name))).split())


def words_of(name: str, synonyms: Mapping[str, str], is_count: bool) -> tuple[str, ...]:
    """The words that count. `No. of …` says nothing where the column is a count anyway, and much where it is a name."""
    plain = bare(name)
    if is_count:
        plain = COUNTING.sub("", plain)
    return tuple(synonyms.get(word, word) for word in plain.split())


def _is_slip(one: str, other: str) -> bool:
    from rapidfuzz.distance import OSA

    short, long = sorted((one, other), key=len)
    if len(short) < WORD or one[0] != other[0] or any(character.isdigit() for character in one + other):
        return False
    if OSA.distance(one, other) != 1:
        return False
    if long == f"{short}s":
        return True
    same = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(short))
    return same < len(short) - ENDING


def is_near(name: str, wanted: str, synonyms: Mapping[str, str] | None = None, is_count: bool = False) -> bool:
    """Whether `name` can be meant for `wanted`.

    :param synonyms: word to the word that stands for it, as the contract lists them.
    :param is_count: whether the column holds numbers, so that `No. of …` before it says nothing.
    """
    found, asked = (words_of(text, synonyms or {}, is_count) for text in (name, wanted))
    if not found or not asked:
        return False
    if found == asked:
        return True
    letters = "".join(asked)
    if "".join(found) == letters:
        # Digits that were apart and are not so any more are another number: `Q5_1 1`, `Q5_11`.
        return re.findall(r"\d+", " ".join(found)) == re.findall(r"\d+", " ".join(asked))
    if is_count and (found != tuple(bare(name).split()) or asked != tuple(bare(wanted).split())):
        return False  # one kind of difference at a time: “No. of sessions” is no slip for “Session”
    if len(found) != len(asked):
        return False
    unlike = [(a, b) for a, b in zip(found, asked, strict=True) if a != b]
    return len(unlike) <= (2 if len(letters) >= LONG else 1) and all(_is_slip(a, b) for a, b in unlike)


def is_alike(name: str, personal: str) -> bool:
    """Whether `name` may be a personal or free-text column of the contract under another name.

    Far looser than `is_near`: what is wrongly taken for personal is left out and said; what is wrongly taken for none is kept.
    """
    from rapidfuzz.fuzz import ratio, token_set_ratio

    found, asked = bare(name), bare(personal)
    if not found or not asked:
        return False
    return ratio(found, asked) >= ALIKE or (len(asked) >= WORD and token_set_ratio(found, asked) == 100)
