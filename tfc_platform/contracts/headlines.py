"""The headline indicators that the programme declares before its data come, and when and how each wave is asked.

A change of any other indicator is exploratory, whatever its p is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import Field

from tfc_platform.contracts.codebooks import Codebook
from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.parse import read_list
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import StrictModel

__all__ = ["HeadlineFamily", "headline_rows", "read_headlines", "wave_rows"]


class HeadlineFamily(StrictModel):
    """The headline indicators of a survey, and the error rate that all claims of them keep together.

    `surveys` are the sites times the populations that may be asked in one wave. It is declared and not counted, so that a
    verdict does not hang on which of them have come.
    """

    indicators: tuple[str, ...] = Field(min_length=1)
    declared_on: date
    surveys: int = Field(ge=1)
    error_rate: float = Field(default=0.05, gt=0, lt=1)
    power: float = Field(default=0.8, gt=0.5, lt=1)


def read_headlines(paths: Iterable[Path], codebooks: Mapping[str, Codebook]) -> list[HeadlineFamily]:
    """The families of all folders.

    :raises ConfigurationError: naming file and key: an indicator that no codebook has, or one in two families.
    """
    known = {name for codebook in codebooks.values() for name in codebook.indicators}
    families = read_list(paths, HeadlineFamily)
    seen: set[str] = set()
    for number, family in enumerate(families):
        for indicator in family.indicators:
            if indicator not in known:
                raise ConfigurationError(f"headlines.yaml: {number}.indicators: {indicator!r} is in no codebook.")
            if indicator in seen:
                raise ConfigurationError(f"headlines.yaml: {number}.indicators: {indicator!r} is in two families.")
            seen.add(indicator)
    return families


def headline_rows(families: Iterable[HeadlineFamily]) -> list[dict[str, Any]]:
    """The rows of `ref_headline`: one an indicator."""
    return [
        {
            "indicator": indicator,
            "surveys": family.surveys,
            "error_rate": family.error_rate,
            "power": family.power,
        }
        for family in families
        for indicator in family.indicators
    ]


def wave_rows(contracts: Iterable[Contract]) -> list[dict[str, Any]]:
    """The rows of `ref_wave`: one a site, source and wave of which a contract gives the fieldwork or the mode."""
    rows = []
    for contract in contracts:
        if contract.survey is None:
            continue
        fieldwork, modes = contract.survey.fieldwork, contract.survey.modes
        for wave in sorted({*fieldwork, *modes}):
            first, last = fieldwork.get(wave, (None, None))
            days = {"fieldwork_first": first, "fieldwork_last": last, "mode": modes.get(wave)}
            rows += [{"site": site, "source": contract.source, "wave": wave, **days} for site in contract.sites]
    return rows
