"""What reading one file depends on beside its bytes, as one object that all steps share."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.cell_values import CellContext
from tfc_platform.ingest.header_matching import Decisions
from tfc_platform.ingest.ingest_result import Screen
from tfc_platform.privacy.pseudonym import Pseudonyms

__all__ = ["FileContext", "facts_of"]


_NO_MONTH = re.compile(r"\d{4}-(?!0[1-9]$|1[0-2]$)\d{2}")


def facts_of(contract: Contract, name: str) -> dict[str, str] | None:
    """What a file's name says by the contract's pattern, or None where it does not match or names a month that is none."""
    match = contract.name_pattern.fullmatch(name)
    facts = {key: value for key, value in match.groupdict().items() if value} if match else None
    return None if facts is not None and _NO_MONTH.fullmatch(facts.get("month", "")) else facts


@dataclass(frozen=True)
class FileContext:
    """One file of one site, the contract that reads it, and all that the reading looks things up in.

    :param name: the file's name without folders, which says which return it is.
    :param screen: the safeguarding rules that a text sets off, by id.
    :param decisions: what people have decided about columns whose names were guessed.
    :param on_rows: called now and then with the number of rows read so far, for progress.
    """

    name: str
    site: str
    sha256: str
    contract: Contract
    catalogue: Catalogue
    pseudonyms: Pseudonyms
    screen: Screen
    decisions: Decisions = field(default_factory=dict)
    on_rows: Callable[[int], None] = lambda _: None

    @cached_property
    def named(self) -> bool:
        """Whether the file's name says which return it is."""
        return facts_of(self.contract, self.name) is not None

    @cached_property
    def facts(self) -> dict[str, str]:
        """What the file's name says; nothing where it does not match the contract."""
        return facts_of(self.contract, self.name) or {}

    @cached_property
    def month(self) -> date | None:
        """The first day of the month that the file's name says."""
        written = self.facts.get("month", "")
        return date.fromisoformat(f"{written}-01") if re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", written) else None

    def cells(self, year: int | None = None) -> CellContext:
        """What the meaning of a cell depends on.

        :param year: that the sheet's name gives.
        """
        population, wave = self.contract.population_and_wave(self.facts)
        return CellContext(
            site=self.site,
            catalogue=self.catalogue,
            pseudonyms=self.pseudonyms,
            purpose=f"{self.contract.source}:{self.site}:{population}:{wave}",
            panel_purpose=f"panel:{self.site}:{population}",
            year=year,
        )
