"""Which names of columns may be repeated: people head columns and sheets with the names of children.

A name that the contract does not know is repeated only where all of its words are ordinary words, words that surveys and logs
head their columns with, or words of the contract's own names. Any other column is called by its number.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.names import normal
from tfc_platform.privacy.name_tokens import load_words
from tfc_platform.strict_yaml import load_yaml

__all__ = ["WORDS_FILE", "is_sayable"]

WORDS_FILE = Path(__file__).with_name("header_words.yaml")
CODE = re.compile(r"[a-z]{0,3}\d[\w.]*|[a-z]")  # `q5_1`, `v12`, `3a`, and single letters
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|\d+")


@lru_cache(maxsize=1)
def _header_words() -> frozenset[str]:
    return frozenset(load_yaml(WORDS_FILE)["words"].split())


@lru_cache(maxsize=1)
def _sheet_words() -> frozenset[str]:
    return frozenset(load_yaml(WORDS_FILE)["sheets"].split())


@lru_cache(maxsize=64)
def _own_words(contract_names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for name in contract_names for word in WORD.findall(normal(name)))


def _names_of(contract: Contract) -> tuple[str, ...]:
    headers = [header.name for column in contract.columns.values() for header in column.header]
    texts = [header.name for several in contract.free_text for header in several]
    return (*headers, *texts, *contract.personal_names, *contract.ignored)


def is_sayable(name: str, contract: Contract | None, *, is_sheet: bool = False) -> bool:
    """Whether a column's name holds nothing but words that name columns.

    :param contract: without one, words of its own names are none.
    :param is_sheet: the name is a sheet's, which has further words.
    """
    own = _own_words(_names_of(contract)) if contract is not None else frozenset[str]()
    ordinary, listed = load_words(), _header_words()
    if is_sheet:
        listed |= _sheet_words()
    words = WORD.findall(normal(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)))
    return all(
        word in listed or word in own or CODE.fullmatch(word) or (len(word) > 2 and ordinary.is_ordinary(word))
        for word in words
    )
