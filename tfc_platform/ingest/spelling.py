"""How a written text becomes words, and which words of a vocabulary a misspelt one may be meant for.

Everything is deterministic, and works on one text at a time.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from rapidfuzz.distance import OSA

__all__ = ["FUZZY_FROM", "NEVER", "Vocabulary", "Word", "words"]

Word = tuple[str, int]  # a word in plain letters, and its place

FUZZY_FROM = 4  # letters: shorter words have too many neighbours that are other words
NEVER = 99
_TWICE_FROM = 9  # letters: two slips are allowed in a long word
_SENTENCE_END, _BREAK = 2, 1  # in words; a dash or a bracket is a break
_REMEMBERED = 50_000

_SHAPES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "ʼ": "'", "′": "'", "ł": "l", "ø": "o", "æ": "ae"})
_ADDRESS = re.compile(r"\S+@\S+\.\w+|https?://\S+")
_CONTRACTION = re.compile(r"\b(i|you|he|she|it|we|they|who|that|there)'(?:d|ll|re|ve|s|m)\b")
_TOKEN = re.compile(r"[a-z0-9]+(?:[*@$]+[a-z0-9]+)*|[.!?;\n]+|(?<=\s)[-–—]+(?=\s)|—|[()]")
_RUN = re.compile(r"(.)\1{2,}")
_LOOKALIKE = str.maketrans("013457@$", "oieastas")
# Spellings of one sound, in the order in which they are written alike.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in [
        (r"^kn|^gn", "n"),
        (r"^wr", "r"),
        (r"^wh", "w"),
        (r"ph|ff", "f"),
        (r"igh|y(?=.)|ey|ie", "i"),
        (r"gh", ""),
        (r"c(?=[eiy])|z|ss", "s"),
        (r"ck|q|c(?!h)", "k"),
        (r"oo|ui|ue|ou|ew", "u"),
        (r"ai|ay|ei", "a"),
        (r"ea|ee", "e"),
        (r"oa|ow", "o"),
        (r"au|aw", "o"),
        (r"(?<=[skpf])ed$", "t"),
        (r"ings?$|in$|(?<=[^aeiou])n$", "N"),
        (r"e?d$", "d"),
        (r"e?s$", "s"),
        (r"e?r$", "r"),
        (r"e$", ""),
        (r"y$", "i"),
        (r"(.)\1", r"\1"),
    ]
]


def words(text: str, speak: Mapping[str, tuple[str, ...]]) -> list[Word]:
    """The words of a text in plain small letters, each with its place; the end of a sentence takes two more
    places, a dash or a bracket one.

    :param speak: short written forms, and the words that each stands for.
    """
    # The shapes first: NFKC would take some apostrophes apart.
    if text.isascii():
        plain = text.replace("`", "'").lower()  # all that the lines below would do to it
    else:
        plain = unicodedata.normalize("NFKC", text.translate(_SHAPES)).casefold().translate(_SHAPES)
    if not plain.isascii():
        # Accents and the letters that nobody sees (zero-width, soft hyphen) must not hide a word.
        letters = unicodedata.normalize("NFKD", plain)
        plain = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
    if "@" in plain or "://" in plain:
        plain = _ADDRESS.sub(" ", plain)
    if "'" in plain:
        plain = _CONTRACTION.sub(r"\1", plain).replace("'", "")
    found: list[Word] = []
    place = 0
    for token in _TOKEN.findall(plain):
        if not token[0].isalnum():
            place += _SENTENCE_END if token[0] in ".!?;\n" else _BREAK
            continue
        for word in speak.get(token, (token,)):
            found.append((word, place))
            place += 1
    return found


class Vocabulary:
    """Known words by number, and which of them a written word may be meant for.

    Slips are found by deletion neighbours: two words one slip apart share a form with one letter left out. A slip is a
    letter too many, too few, another one, or two in the wrong order. Words written by ear ("brooses", "nocks") are
    found by their sound.
    """

    def __init__(self, ordinary: frozenset[str]) -> None:
        """
        :param ordinary: words that are one slip away from a known one, and are never meant for it.
        """
        self._ids: dict[str, int] = {}
        self._lenient: set[str] = set()
        self._ordinary = ordinary
        self._seen: dict[str, tuple[int, ...]] = {}

    def __contains__(self, word: object) -> bool:
        return word in self._ids

    def add(self, word: str, fuzzy_from: int) -> int:
        """The number of a word; `=` before it means: no misspelling of it.

        :param fuzzy_from: how many letters the word must have for its misspellings to be looked for.
        :raises ValueError: where the word is not written in small plain letters, so that no text could hold it.
        """
        plain = word.removeprefix("=")
        if not re.fullmatch(r"[a-z0-9]+", plain):
            raise ValueError(f"{word!r} is not a word in small plain letters")
        if not word.startswith("=") and len(plain) >= fuzzy_from:
            self._lenient.add(plain)
        return self._ids.setdefault(plain, len(self._ids))

    def meant(self, token: str) -> tuple[int, ...]:
        """The numbers of the words that `token` may be; none for most tokens."""
        known = self._seen.get(token)
        if known is None:
            if len(self._seen) > _REMEMBERED:
                self._seen.clear()
            known = self._seen[token] = tuple(sorted(self._ids[word] for word in self.candidates(token)))
        return known

    def meant_of(self, found: list[Word]) -> list[tuple[int, ...]]:
        """`meant` of each word of a text."""
        seen = self._seen.get
        return [self.meant(word) if (known := seen(word)) is None else known for word, _ in found]

    def candidates(self, token: str) -> set[str]:
        """The words that `token` may be: itself where it is known, else those that a slip or a disguise made it of."""
        if token in self._ids:
            return {token}
        if token in self._ordinary or token.isdigit():
            return set()
        if "*" in token:
            masked = re.compile(re.escape(token).replace(r"\*", "[a-z]"))
            return {word for word in self._lenient if masked.fullmatch(word)}
        # "hurrrt" may be "hurt" and "beeen" "been"; "h1t" is "hit".
        forms = {_RUN.sub(r"\1\1", token), _RUN.sub(r"\1", token), token.translate(_LOOKALIKE)}
        exact = {form for form in forms if form in self._ids}
        if exact or len(token) < FUZZY_FROM or any(letter.isdigit() for letter in token):
            return exact
        return {word for form in forms for word in self._near(form)} | set(self._by_ear.get(_sound(token), ()))

    @cached_property
    def _neighbours(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._lenient):
            for form in _shorter(word, 2 if len(word) >= _TWICE_FROM else 1):
                found[form].append(word)
        return dict(found)

    @cached_property
    def _by_ear(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in sorted(self._lenient):
            found[_sound(word)].append(word)
        return dict(found)

    def _near(self, form: str) -> set[str]:
        near = set()
        for key in _shorter(form, 2 if len(form) >= _TWICE_FROM - 2 else 1):
            for word in self._neighbours.get(key, ()):
                most = 2 if len(word) >= _TWICE_FROM else 1
                # A slip seldom falls on the first letter, and "beat" must not be found in "seat".
                begins = form[0] == word[0] or sorted(form[:2]) == sorted(word[:2])
                # Too many words of four letters are one apart ("home", "hope"): two letters in the wrong order only.
                swapped = len(word) > FUZZY_FROM or sorted(form) == sorted(word)
                if begins and swapped and OSA.distance(form, word, score_cutoff=most) <= most:
                    near.add(word)
        return near


def _sound(word: str) -> str:
    """A word as it is heard, roughly; what is said alike is written alike."""
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word


def _shorter(word: str, most: int) -> set[str]:
    """The word and all forms of it with up to `most` letters left out."""
    forms = {word}
    for _ in range(most):
        forms |= {form[:place] + form[place + 1 :] for form in forms for place in range(len(form))}
    return forms
