"""Names as keyed tokens: what the personal columns of the returns hold, kept so that it can be found and not read.

A name is cut into words without case, accents, apostrophes and hyphens. Each run of one to three words is written together
("Anne-Marie", "Anne Marie" and "Annemarie" are one) and kept as an HMAC under the platform's key, for this purpose only. So
the list of tokens answers one question, whether a word that one holds already is in it, and only to whoever has the key.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.strict_yaml import read_model

__all__ = [
    "LONGEST_RUN",
    "WORDS_FILE",
    "NameWords",
    "TextWord",
    "introduced",
    "load_words",
    "name_keys",
    "token",
    "words_of",
]

WORDS_FILE = Path(__file__).with_name("name_words.yaml")
PURPOSE = (
    "gazetteer"  # nothing else is ever hashed for it: a token here can be compared with no other token of the platform
)
LONGEST_RUN = 3  # words
SHORT = 2  # letters: by itself such a name (Jo, Ng) is found only as an ordinary word is
SHORTEST_PLACE = 4  # letters of a place's word that is kept by itself
LONGEST_CELL = 200  # characters; a longer cell is no name
PEOPLE = frozenset({"participant", "staff"})

# Letters that no decomposition takes apart.
_PLAIN = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ŋ": "ng"}
)
_APOSTROPHES = "'’‘`´ʼ＇"
_WORD = re.compile(rf"[^\W\d_](?:[{_APOSTROPHES}]?[^\W\d_])*")
_POSSESSIVE = re.compile(rf"[{_APOSTROPHES}][sS]$")
_QUOTES = re.compile(rf"(?:(?<=\s)|^)[{_APOSTROPHES}](?=\w)")  # those that open a quotation
_LIFTED = re.compile(f"[{_APOSTROPHES}]")
_APART = re.compile(r"[\W_]+")
_ENDS = re.compile(r"[.!?…:;\n\r\"“”()\[\]]")


def _list(value: object) -> object:
    """Words apart by spaces; phrases apart by commas where there are any."""
    if not isinstance(value, str):
        return value
    return value.split(",") if "," in value else value.split()


_Words = Annotated[frozenset[str], BeforeValidator(_list)]


class NameWords(BaseModel):
    """The lists of `name_words.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    version: int
    ordinary: _Words
    never_alone: _Words
    known: _Words
    titles: _Words
    particles: _Words
    before_a_name: _Words
    after_a_name: _Words
    introductions: tuple[str, ...]
    introductions_capital: tuple[str, ...]
    place_words: _Words

    def is_ordinary(self, key: str) -> bool:
        """Whether a word is no name by itself: it is on a list, it is the plural of such a word, or very short."""
        forms = {key, key.removesuffix("s")}
        return len(key) <= SHORT or not forms.isdisjoint(self.ordinary) or not forms.isdisjoint(self.never_alone)

    @cached_property
    def known_runs(self) -> frozenset[tuple[str, ...]]:
        return frozenset(tuple(word.key for word in words_of(phrase)) for phrase in self.known)

    @cached_property
    def introducing(self) -> dict[str, list[tuple[tuple[str, ...], bool]]]:
        """Each run of words after which somebody says a name, by its first word, the longest first; and whether the name
        needs a capital."""
        texts = [(text, False) for text in self.introductions] + [(text, True) for text in self.introductions_capital]
        by_first_word: dict[str, list[tuple[tuple[str, ...], bool]]] = {}
        for text, needs_capital in sorted(texts, key=lambda item: -len(item[0].split())):
            run = tuple(text.split())
            by_first_word.setdefault(run[0], []).append((run, needs_capital))
        return by_first_word

    @cached_property
    def _phrases(self) -> tuple[str, ...]:
        return tuple(f" {text} " for text in (*self.introductions, *self.introductions_capital))

    def may_introduce(self, text: str) -> bool:
        """False where nobody in a text gives a name: a quick test, since few texts have any of these words."""
        plain = f" {_APART.sub(' ', _LIFTED.sub('', text.lower()))} "
        return any(phrase in plain for phrase in self._phrases)


@lru_cache(maxsize=1)
def load_words() -> NameWords:
    """:raises ConfigurationError: naming file and key."""
    return read_model(WORDS_FILE, NameWords)


@dataclass(frozen=True)
class TextWord:
    """A word of a text: as it is compared, without a possessive `s`, and where it is."""

    key: str
    bare: str  # without the `'s` that it ends with; else the same
    is_capital: bool  # its first letter
    is_shouted: bool  # all its letters, two at least
    opens: bool  # a sentence, a quotation or a bracket
    start: int
    end: int

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,) if self.key == self.bare else (self.key, self.bare)


def _key(text: str) -> str:
    if text.isascii():
        return "st" if (key := text.lower().replace("'", "").replace("`", "")) == "saint" else key
    shaped = text.casefold().translate(_PLAIN)
    letters = (c for c in unicodedata.normalize("NFKD", shaped) if unicodedata.category(c) != "Mn")
    key = "".join(c for c in letters if c not in _APOSTROPHES)
    return "st" if key == "saint" else key


def words_of(text: str) -> tuple[TextWord, ...]:
    """The words of a text, in order. Figures are no words; a hyphen parts two."""
    plain = text
    if not text.isascii():
        plain = unicodedata.normalize("NFKC", text.replace("´", "'"))
        plain = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    plain = _QUOTES.sub('"', plain)
    words: list[TextWord] = []
    last = 0
    for match in _WORD.finditer(plain):
        written = match.group()
        between = plain[last : match.start()]
        ends = not words or (_ENDS.search(between) is not None and not _is_abbreviation(words[-1], between))
        key = _key(written)
        bare = written[:-2] if _POSSESSIVE.search(written) else written
        words.append(
            TextWord(
                key=key,
                bare=key if bare is written else _key(bare),
                is_capital=written[0].isupper(),
                is_shouted=bare.isupper() and len(bare) > 1,
                opens=ends,
                start=match.start(),
                end=match.end(),
            )
        )
        last = match.end()
    return tuple(words)


def _is_abbreviation(word: TextWord, between: str) -> bool:
    """Whether a full stop belongs to the word before it: `Mrs. Hill`, `St. Mary's`, `J. Doe`."""
    short = word.is_capital and len(word.key) == 1 and word.key != "i"
    return between.strip() == "." and (short or word.key in {"mr", "mrs", "ms", "mx", "dr", "st", "prof", "rev"})


def runs(keys: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for length in range(1, LONGEST_RUN + 1):
        for start in range(len(keys) - length + 1):
            yield tuple(keys[start : start + length])


def name_keys(kind: str, name: str, words: NameWords) -> frozenset[str]:
    """The parts of a name that are looked for, each written together.

    Of a person: every run of one to three words, but no single title, particle or letter. Of a place: every run in
    which a word is its own (`Larkrise` of `Larkrise Academy`); of single words only those that are no ordinary ones.
    """
    keys = [word.key for word in words_of(name[:LONGEST_CELL])]
    keys_found = set()
    for run in runs(keys):
        if kind in PEOPLE:
            own = [key for key in run if key not in words.particles and len(key) > 1]
            telling = bool(own) and (len(run) > 1 or run[0] not in words.never_alone)
            if len(run) > 1 and len(own) < len(run):
                # `Le Brun` says as much as `Brun`; `O B` says nothing.
                telling = any(not words.is_ordinary(key) for key in own)
        else:
            own = [key for key in run if key not in words.place_words and len(key) > 1]
            telling = bool(own)
            if len(run) == 1:
                telling = telling and len(run[0]) >= SHORTEST_PLACE and not words.is_ordinary(run[0])
        if telling:
            keys_found.add("".join(run))
    return frozenset(keys_found)


def token(pseudonyms: Pseudonyms, key: str) -> str:
    return pseudonyms.token(PURPOSE, key)


def introduced(text_words: Sequence[TextWord], words: NameWords) -> list[range]:
    """Where people say in a text who they are: the places of each such name among the text's words, up to three each."""
    names = []
    for place in range(len(text_words)):
        for run, needs_capital in words.introducing.get(text_words[place].key, ()):
            name = _name_after(text_words, place, run, needs_capital, words)
            if name:
                names.append(name)
                break
    return names


def _name_after(
    text_words: Sequence[TextWord], place: int, run: tuple[str, ...], needs_capital: bool, words: NameWords
) -> range:
    after = place + len(run)
    if any(word.key != wanted for word, wanted in zip(text_words[place:after], run, strict=False)) or after >= len(
        text_words
    ):
        return range(0)
    name: list[str] = []
    for word in text_words[after : after + LONGEST_RUN]:
        plain = words.is_ordinary(word.key) and word.key not in words.particles
        if (name and word.opens) or (plain and not word.is_capital) or (needs_capital and not word.is_capital):
            break
        if needs_capital and not name and (word.is_shouted or words.is_ordinary(word.key)):
            break
        name.append(word.key)
    return range(after, after + len(name))
