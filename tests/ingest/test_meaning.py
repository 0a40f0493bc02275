"""Meanings that are remembered are those that would be worked out anew, and memory is bounded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest import value_cache
from tfc_platform.ingest.cell_values import TYPES, CellContext, value_of
from tfc_platform.ingest.value_cache import ValueCache
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets.cell_columns import key_of
from tfc_platform.sheets.sheet_model import CellError


@pytest.fixture
def context(catalogue: Catalogue, pseudonyms: Pseudonyms) -> CellContext:
    return CellContext("here", catalogue, pseudonyms, "purpose", "panel")


def of(contract: Callable[..., Contract], context: CellContext, name: str) -> ValueCache:
    return ValueCache(contract().columns[name], context)


def test_cells_that_python_takes_for_equal_are_told_apart() -> None:
    cells: list[Any] = [1, 1.0, True, "1", None, "", CellError("1"), date(2025, 4, 3), datetime(2025, 4, 3)]
    assert len({key_of(cell) for cell in cells}) == len(cells)


def test_true_is_no_count_though_it_equals_one(contract: Any, context: CellContext) -> None:
    people = of(contract, context, "attendance")
    assert people.of(1, None)[1] is None
    assert people.of(True, None)[1] is not None
    assert people.of(1, None)[1] is None


def test_a_name_that_holds_for_a_time_is_asked_day_by_day(contract: Any, context: CellContext) -> None:
    activity = of(contract, context, "activity")
    days = [date(2025, 8, 31), date(2025, 9, 1), date(2025, 8, 31), None]
    assert [activity.of("Kids\u2019 choir", day)[0] for day in days] == ["unmapped", "choir", "unmapped", "choir"]


def test_what_is_remembered_is_what_is_worked_out(contract: Any, context: CellContext) -> None:
    cells: list[Any] = ["03/04/2025", "Choir", "Delivered", "12", 12, 12.5, None, "", "  ", "x", CellError("#REF!")]
    for name, column in contract().columns.items():
        remembered = of(contract, context, name)
        for cell in cells * 2:
            assert remembered.of(cell, None) == value_of(cell, column, context)
        assert remembered.known


def test_memory_is_bounded(contract: Any, context: CellContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(value_cache, "REMEMBERED", 10)
    people = of(contract, context, "attendance")
    for count in range(95):
        assert people.of(str(count), None)[0].low == count
        assert len(people.known) <= 10


def test_identifiers_are_not_remembered(contract: Any, context: CellContext) -> None:
    column = contract().columns["activity"].model_copy(update={"type": "token"})
    tokens = ValueCache(column, context)
    assert tokens.of("R1", None) == tokens.of("R1", None) != tokens.of("R2", None)
    assert not tokens.known


def test_each_type_is_remembered_in_a_way_that_is_known() -> None:
    """A type that is named nowhere is remembered day by day, which is always right."""
    assert TYPES.keys() >= value_cache.ANY_DAY | value_cache.ONCE
    assert not value_cache.ANY_DAY & value_cache.ONCE
