"""What personal data look like, in the name of a column or in its cells, by `personal_patterns.yaml`.

Only kinds and counts come out, never a cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from tfc_platform.contracts.names import normal
from tfc_platform.privacy.person_names import is_person_name
from tfc_platform.strict_yaml import load_yaml

__all__ = [
    "NAMES_SHARE",
    "PATTERNS_FILE",
    "PersonalDataTally",
    "kind_of_header",
    "kind_words",
    "kinds_of",
    "looks_personal",
    "seems_personal",
]

PATTERNS_FILE = Path(__file__).with_name("personal_patterns.yaml")
# One filled cell in ten: a column made for such data is filled with them, and a jotting in a long column is no such column.
# In a column of less than ten cells one is enough, since nothing says that the next would not hold another.
SHARE = 0.1
LONGEST_LOOKED_AT = 4000  # characters of a cell: these patterns are near the start of a text, or often in it
NAMES_SHARE = 0.3  # of a column's filled cells that are people's names: the list of given names has most, and not all
FEWEST_NAMES = 3
DIGIT_OR_AT = re.compile(r"[\d@]")
COUNT = re.compile(r"\d{1,4}(?:\.0+)?", re.ASCII)
DECIMALS = re.compile(r"-?\d{1,3}\.\d{3,}")


def _is_nhs(digits: str) -> bool:
    """The check digit of an NHS number: modulus 11 over the first nine digits (NHS Data Dictionary)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:9], range(10, 1, -1), strict=True))
    check = 11 - total % 11
    return check != 10 and int(digits[9]) == check % 11 and len(set(digits)) > 1


UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"  # no I, O or S


def _is_upn(text: str) -> bool:
    """The check letter of a unique pupil number: modulus 23 over the twelve signs behind it (DfE, UPN guide)."""
    signs = text.upper()
    values = [int(sign) if sign.isdigit() else UPN_LETTERS.find(sign) for sign in signs[1:]]
    total = sum(value * weight for value, weight in zip(values, range(2, 14), strict=True))
    return min(values) >= 0 and signs[0] == UPN_LETTERS[total % 23]


CHECKS: dict[str, Callable[[str], bool]] = {"nhs": lambda text: _is_nhs(re.sub(r"\D", "", text)), "upn": _is_upn}


@dataclass(frozen=True)
class _Kind:
    """One form in which a kind is written."""

    name: str
    said: str
    pattern: re.Pattern[str]
    is_whole: bool
    check: Callable[[str], bool] | None
    share: float

    def count(self, text: str) -> int:
        matches = [self.pattern.fullmatch(text)] if self.is_whole else self.pattern.finditer(text)
        return sum(match is not None and (self.check is None or self.check(match.group())) for match in matches)


@dataclass(frozen=True)
class _Patterns:
    kinds: tuple[_Kind, ...]
    said: dict[str, str]
    any_kind: re.Pattern[str]  # finds something in every text that holds one of the forms
    headers: tuple[tuple[str, re.Pattern[str]], ...]  # kind, and words anywhere in a name
    whole_headers: dict[str, str]
    position: re.Pattern[str]


FORMS = {
    "uk_mobile_without_0": "uk_phone",
    "nhs_number_unspaced": "nhs_number",
    "pupil_number_in_text": "pupil_number",
}  # other forms of a kind


def _plain(header: str) -> str:
    """A header's words: what is between them becomes one space, so that `Child_name:` is `child name`."""
    return " ".join(re.sub(r"[^\w'.]|_", " ", normal(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header))).split()).strip(". ")


def _words(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{'|'.join(re.escape(_plain(word)) for word in words)})(?![\w'])")


@lru_cache(maxsize=1)
def _load() -> _Patterns:
    values = load_yaml(PATTERNS_FILE)
    kinds = tuple(
        _Kind(
            name=FORMS.get(name, name),
            said=kind["said"],
            pattern=re.compile(kind.get("whole") or kind["pattern"], re.IGNORECASE),
            is_whole="whole" in kind,
            check=CHECKS[kind["check"]] if "check" in kind else None,
            share=kind.get("share", SHARE),
        )
        for name, kind in values["kinds"].items()
    )
    said = {kind.name: kind.said for kind in kinds} | {
        "name_header": "name of a person",
        "name": "names of people",
        "address": "address",
    }
    every = (rf"\A(?:{kind.pattern.pattern})\Z" if kind.is_whole else f"(?:{kind.pattern.pattern})" for kind in kinds)
    return _Patterns(
        kinds=kinds,
        any_kind=re.compile("|".join(every), re.IGNORECASE),
        said=said,
        headers=tuple((name, _words(words)) for name, words in values["headers"].items()),
        whole_headers={_plain(word): name for name, words in values["whole_headers"].items() for word in words},
        position=_words(values["position_headers"]),
    )


def kind_words(kind: str) -> str:
    """The kind as a message says it, in the singular."""
    return _load().said[kind]


def _forms_in(text: str) -> list[tuple[_Kind, int]]:
    """The forms that a text holds, each with how often. An NHS number in groups is no telephone number as well."""
    text = text[:LONGEST_LOOKED_AT]
    if DIGIT_OR_AT.search(text) is None:
        return []  # every pattern but the mail address has digits
    patterns = _load()
    if patterns.any_kind.search(text) is None:  # as in most texts, by one search
        return []
    return [(kind, count) for kind in patterns.kinds if (count := kind.count(text))]


def seems_personal(text: str) -> bool:
    """Whether a text seems to hold personal data of any kind."""
    return bool(_forms_in(text))


def kinds_of(texts: Iterable[str]) -> Counter[str]:
    """How many times some texts hold each kind of personal data. No text comes out."""
    counts: Counter[str] = Counter()
    for text in texts:
        for kind, count in _forms_in(text):
            counts[kind.name] += count
    return counts


def kind_of_header(header: str) -> str | None:
    """The kind of personal data that a column's name says, or None."""
    patterns, plain = _load(), _plain(header)
    whole = patterns.whole_headers.get(plain)
    return whole or next((kind for kind, pattern in patterns.headers if pattern.search(plain)), None)


@dataclass
class PersonalDataTally:
    """The cells of one column, counted as they pass: what is kept of them are counts."""

    header: str
    filled: int = 0
    decimals: int = 0
    counts: int = 0  # cells that are a small whole number
    names: int = 0  # cells that are a person's name and nothing else
    found: Counter[str] = field(default_factory=Counter)  # kind to how often the column holds it
    cells: Counter[tuple[str, float]] = field(default_factory=Counter)  # kind and its share to cells that hold it

    def add(self, text: str, cells: int = 1) -> tuple[str, ...]:
        """Count a filled cell; gives the kinds of personal data that it seems to hold.

        :param cells: how many cells hold the text.
        """
        self.filled += cells
        self.decimals += cells * (DECIMALS.fullmatch(text) is not None)
        self.counts += cells * (COUNT.fullmatch(text) is not None)
        self.names += cells * is_person_name(text)
        forms = _forms_in(text)
        for kind, count in forms:
            self.found[kind.name] += cells * count
            self.cells[(kind.name, kind.share)] += cells
        return tuple(sorted({kind.name for kind, _ in forms}))

    @property
    def kind(self) -> str | None:
        """The kind of personal data that the column is for, by its name or by its cells; None: it looks like none."""
        if not self.filled:
            return None
        named = kind_of_header(self.header)
        if named == "name_header" and self.counts == self.filled:
            return None  # `Child` and `Parent` over numbers say how many came
        if named:
            return named
        if self.decimals * 2 > self.filled and _load().position.search(_plain(self.header)):
            return "position"
        ranked = sorted(self.cells.items(), key=lambda item: -item[1])
        by_form = next((kind for (kind, share), cells in ranked if cells >= share * self.filled), None)
        return by_form or ("name" if self.holds_names else None)

    @property
    def holds_names(self) -> bool:
        """Whether the column's cells are people's names, whatever the column is called."""
        return self.names >= FEWEST_NAMES and self.names >= NAMES_SHARE * self.filled


def looks_personal(header: str, texts: Iterable[str]) -> str | None:
    """The kind of personal data that a column is for, or None.

    :param texts: the column's filled cells as text.
    """
    tally = PersonalDataTally(header)
    for text in texts:
        tally.add(text)
    return tally.kind
