"""Invented people and what they write in free text. A remark knows which words in it are secret and whether it discloses harm."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from random import Random
from typing import Any

from tfc_platform.demo.seeded_random import lot

__all__ = ["NOTHING", "People", "Person", "Remark", "capacity", "surname"]

# Inward halves of real postcodes never hold these letters, so a postcode made of them is nobody's home.
NEVER_INWARD = "CIKMOV"


@dataclass(frozen=True)
class Person:
    first: str
    last: str
    email: str
    phone: str
    address: str  # of their machine

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Remark:
    """Free text: `secrets` are the strings in it that identify somebody."""

    text: str
    secrets: tuple[str, ...] = ()
    disclosure: bool = False


NOTHING = Remark("")


def capacity(syllables: list[list[str]]) -> int:
    first, middle, last = syllables
    return len(first) * len(middle) * len(last)


def surname(number: int, syllables: list[list[str]]) -> str:
    """The surname of a person's number: different numbers below `capacity` give different surnames."""
    first, middle, last = syllables
    number, end = divmod(number, len(last))
    start, between = divmod(number, len(middle))
    return first[start] + middle[between] + last[end]


class People:
    """Makes people one after another; no two have the same surname. Raises ValueError when the surnames run out."""

    def __init__(self, seed: str, wording: Mapping[str, Any]) -> None:
        self._rng = lot(seed, "people")
        self._wording = wording
        self._syllables: list[list[str]] = wording["names"]["surname"]
        self._capacity = capacity(self._syllables)
        self._offset = self._rng.randrange(self._capacity)
        # A step prime to the capacity visits every surname once before any comes again.
        self._step = next(
            n for n in range(self._rng.randrange(1000, 4000), self._capacity) if gcd(n, self._capacity) == 1
        )
        self._made = 0

    def person(self) -> Person:
        if self._made >= self._capacity:
            raise ValueError("wording.yaml, names.surname: too few syllables for the number of people")
        last = surname((self._offset + self._made * self._step) % self._capacity, self._syllables)
        first = self._rng.choice(self._wording["names"]["first"])
        self._made += 1
        plain = unicodedata.normalize("NFKD", first + last).encode("ascii", "ignore").decode().lower()
        phone = f"07700 900{self._rng.randrange(1000):03d}"
        return Person(
            first, last, f"{plain}{self._made}@example.org", phone, f"203.0.113.{self._rng.randrange(1, 255)}"
        )

    def postcode(self, district: str) -> str:
        """A home postcode of the district that no home has."""
        return f"{district} {self._rng.randrange(1, 9)}{self._rng.choice(NEVER_INWARD)}{self._rng.choice(NEVER_INWARD)}"

    def fill(self, template: str) -> Remark:
        """The template with a new person in it."""
        person = self.person()
        parts = {"name": person.name, "phone": person.phone, "email": person.email}
        return Remark(
            text=template.format(**parts),
            secrets=tuple(value for key, value in parts.items() if "{" + key + "}" in template),
        )

    def remark(self, rng: Random, broken_lines: bool = False) -> Remark:
        """Something or nothing: an ordinary remark, or one that names somebody. Never a disclosure."""
        remarks = self._wording["remarks"]
        shares = remarks["shares"]
        kind = rng.choices(list(shares), weights=list(shares.values()))[0]
        if kind == "none":
            return NOTHING
        if kind == "personal":
            return self.fill(rng.choice(remarks["personal"]))
        plain = remarks["plain"] + (remarks["broken_over_lines"] if broken_lines else [])
        return Remark(rng.choice(plain))

    def disclosure(self, rng: Random) -> Remark:
        """A sentence that discloses harm, half of the time with a name behind it."""
        sentence = rng.choice(self._wording["disclosures"])
        if rng.random() < 0.5:
            return Remark(sentence, disclosure=True)
        person = self.person()
        return Remark(f"{sentence} ({person.name})", secrets=(person.name,), disclosure=True)
