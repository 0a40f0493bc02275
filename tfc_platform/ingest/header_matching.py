"""Columns whose names the contract does not have but is near to: which are read as which, and which are kept out.

A guess is made where one unknown name is near to one name that is missing, and nothing else could be meant. It is never made
where a personal, free-text or ignored column could be meant: such a column is kept out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tfc_platform.contracts.model import Contract, Header, normal
from tfc_platform.ingest.header_similarity import is_alike, is_near

__all__ = ["ContractName", "Decisions", "HeaderGuess", "guarded", "guess"]

GuessState = Literal["guessed", "confirmed"]
Decisions = Mapping[tuple[str, str], str]  # the contract's name and the one found, both normal → confirmed · refused


@dataclass(frozen=True)
class HeaderGuess:
    """A column that is read as one of the contract's under another name."""

    asked: str  # as the contract names it
    found: str  # as the file names it
    state: GuessState


@dataclass(frozen=True)
class ContractName:
    """A name that the contract has, whatever it is for."""

    headers: tuple[Header, ...]
    is_count: bool = False
    is_private: bool = False  # personal, free text, ignored or an id: no guess is made for it

    def near(self, name: str, synonyms: Mapping[str, str]) -> str | None:
        """The one of its names that `name` is near to."""
        plain = (header.name for header in self.headers if "*" not in header.name)
        return next((asked for asked in plain if is_near(name, asked, synonyms, self.is_count)), None)

    def is_beside(self, other: ContractName, synonyms: Mapping[str, str]) -> bool:
        one = any(self.near(header.name, synonyms) for header in other.headers)
        return one or any(other.near(header.name, synonyms) for header in self.headers)


def _synonyms(contract: Contract) -> dict[str, str]:
    return {normal(word): normal(meant) for meant, words in contract.synonyms.items() for word in words}


def guess(
    contract: Contract,
    names: Sequence[str],
    unknown: Iterable[int],
    missing: Iterable[ContractName],
    others: Iterable[ContractName],
    decisions: Decisions,
) -> dict[ContractName, tuple[int, HeaderGuess]]:
    """Which unknown column is read as which missing one.

    :param missing: what the contract names and the file has under no name of the contract.
    :param others: everything else that the contract names.
    """
    synonyms, wanted = _synonyms(contract), list(missing)
    everything = [*wanted, *others]
    near = {index: [known for known in everything if known.near(names[index], synonyms)] for index in unknown}
    found: dict[ContractName, tuple[int, HeaderGuess]] = {}
    for known in wanted:
        if known.is_private:
            continue
        meant = [index for index, candidates in near.items() if known in candidates]
        if len(meant) != 1 or near[meant[0]] != [known]:
            continue
        if any(known.is_beside(other, synonyms) for other in everything if other is not known):
            continue  # two names of the contract that are near each other: a slip in one may be the other
        name = names[meant[0]]
        asked = known.near(name, synonyms) or ""
        decided = decisions.get((normal(asked), normal(name)))
        if decided != "refused":
            found[known] = (meant[0], HeaderGuess(asked, name, "confirmed" if decided == "confirmed" else "guessed"))
    return found


def guarded(names: Sequence[str], unknown: Iterable[int], private: Sequence[str]) -> dict[int, str]:
    """The unknown columns that may be a personal or free-text one under another name, with that name."""
    found = {}
    for index in unknown:
        alike = next((name for name in private if "*" not in name and is_alike(names[index], name)), None)
        if alike is not None:
            found[index] = alike
    return found
