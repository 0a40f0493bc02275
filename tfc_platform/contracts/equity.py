"""Breakdowns for equity: the harmonised codes that a contract's columns may give, and the residents that a group is a part of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Literal

from tfc_platform.contracts.model import Contract
from tfc_platform.schemas import EQUITY
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import StrictModel

__all__ = ["HarmonisedCode", "ResidentGroup", "check_equity", "codes_by_field"]


class HarmonisedCode(StrictModel):
    """A code of a breakdown, after the harmonised standards of the Government Statistical Service."""

    field: Literal["age_band", "sex", "ethnic_group", "disability", "deprivation_quintile"]
    code: str
    label: str


class ResidentGroup(StrictModel):
    """An age group of residents that the people of a breakdown's value are a part of; a value may have several."""

    breakdown: Literal["age_band", "audience"]
    breakdown_value: str
    residents: Literal["pop_0_4", "pop_5_11", "pop_12_17", "pop_18_plus"]


def codes_by_field(codes: Iterable[HarmonisedCode]) -> dict[str, set[str]]:
    """The codes of each field.

    :raises ConfigurationError: for a code that is given twice.
    """
    by_field: dict[str, set[str]] = {}
    for item in codes:
        if item.code in by_field.setdefault(item.field, set()):
            raise ConfigurationError(f"reference/harmonised_codes.csv: {item.field}: {item.code!r} is given twice.")
        by_field[item.field].add(item.code)
    return by_field


def check_equity(name: str, contract: Contract, codes: Mapping[str, Set[str]]) -> None:
    """Refuse a column of a breakdown whose codes are not harmonised: figures of two sites would not be of the same groups.

    :param name: of the contract's file, for the message.
    :raises ConfigurationError: naming file and key.
    """
    for key, column in contract.columns.items():
        field = key.split("@")[0]
        if field not in EQUITY:
            continue
        if column.type != "category" or column.open:
            raise ConfigurationError(f"{name}: columns.{key}: a category with codes, since its codes are harmonised.")
        for value in column.codes.values():
            if value not in codes.get(field, set()):
                raise ConfigurationError(
                    f"{name}: columns.{key}.codes: {value!r} is no code of {field} in reference/harmonised_codes.csv."
                )
