"""Which names of a column, of schools say, are likely to be one name that was written in two ways.

They are told and never merged: a person knows. A number or a letter more is another name (`School 1`, `School 12`; `School A`,
`School B`). The time grows with the names and not with their pairs: names are met under what a slip leaves of them both.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

__all__ = ["near_spellings"]

LEAST = 4  # letters of a name that another one may go on from
WORD = 5  # letters of a word in which a slip can be told from another word
# A capital inside a word begins another one: `SchoolA` is a school and its letter.
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_INNER = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")


def near_spellings(names: Iterable[str]) -> list[tuple[str, str]]:
    """The pairs of names that are nearly alike, sorted: one goes on where the other ends, or one has a slip of the pen.

    Names that differ in case, spaces and punctuation alone are one name already.
    """
    by_key: dict[str, str] = {}
    for name in sorted(names):
        by_key.setdefault("".join(_words_of(name)), name)
    by_key.pop("", None)
    pairs = {*_going_on(by_key), *_slips(by_key)}
    return sorted((one, other) if one < other else (other, one) for one, other in pairs)


def _words_of(name: str) -> tuple[str, ...]:
    spaced = _INNER.sub(" ", name.replace("'", "").replace("’", ""))
    return tuple(_WORDS.findall(spaced.casefold()))


def _going_on(by_key: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """`St Marys` and `St Mary's CofE`."""
    for key, name in by_key.items():
        for end in range(LEAST, len(key)):
            rest = key[end:]
            if key[:end] in by_key and (len(rest) > 1 or rest == "s") and not rest.isdigit():
                yield by_key[key[:end]], name


def _slips(by_key: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """`Hillside Academy` and `Hillside Acadmy`: one word differs, by one letter or by two that changed places."""
    met: defaultdict[tuple[tuple[str, ...], int, str], list[tuple[str, str]]] = defaultdict(list)
    for name in by_key.values():
        words = _words_of(name)
        for place, word in enumerate(words):
            if len(word) < WORD - 1 or word.isdigit():
                continue
            others = (*words[:place], "", *words[place + 1 :])
            for form in {word, *(word[:at] + word[at + 1 :] for at in range(1, len(word)))}:
                for earlier, its_name in met[others, place, form]:
                    if _is_slip(earlier, word):
                        yield its_name, name
                met[others, place, form].append((word, name))


def _is_slip(one: str, other: str) -> bool:
    """Whether two words are one, but for a slip: not in the first letter nor in the last, which make another word."""
    from rapidfuzz.distance import OSA

    short, long = sorted((one, other), key=len)
    if len(long) < WORD or one[0] != other[0] or OSA.distance(one, other, score_cutoff=1) != 1:
        return False
    same = next((place for place, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    return same < len(short) - (len(short) == len(long)) or long == f"{short}s"
