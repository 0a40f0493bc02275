"""A small release by hand: two sites, a year and a part of the one before it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable, figure_columns


def a_table(name: str, keys: list[str], rows: list[tuple[Any, ...]], attributes: tuple[str, ...] = ()) -> ReleaseTable:
    """Rows are keys, attributes, then measure, value, status and note."""
    kinds = {"month": pa.date32()}
    labels = (*keys, *attributes)
    columns = tuple(
        ReleaseColumn(key, kinds.get(key, pa.date32() if key.endswith("_on") else pa.string()), "") for key in labels
    )
    return ReleaseTable(name, name.capitalize(), "", (*columns, *figure_columns("x")), len(keys), tuple(rows))


def months(
    site: str, first: int, values: list[float | None], measure: str = "sessions_delivered"
) -> list[tuple[Any, ...]]:
    """A figure a month from April of `first` on; none is not available."""
    return [
        (
            site,
            date(first + (3 + n) // 12, (3 + n) % 12 + 1, 1),
            "stay_and_play",
            measure,
            value,
            "shown" if value is not None else "not_available",
            None,
        )
        for n, value in enumerate(values)
    ]


def dictionary(*rows: tuple[str, str, str, str, str]) -> ReleaseTable:
    """The release's own table `metric`: table, measure, label, unit and definition."""
    names = (
        "table_name",
        "measure",
        "label",
        "unit",
        "definition",
        "numerator",
        "denominator",
        "never_add",
        "disclosure_rule",
    )
    columns = tuple(ReleaseColumn(name, pa.string(), "") for name in names)
    return ReleaseTable(
        "metric", "Metric dictionary", "", columns, 2, tuple((*row, None, None, None, "") for row in rows)
    )


@pytest.fixture
def delivery() -> ReleaseTable:
    rows = [
        *months("north", 2025, [1.0] * 12),
        *months("south", 2025, [2.0] * 11),
        *months("north", 2024, [3.0] * 12),
    ]
    return a_table("delivery", ["site", "month", "activity"], rows)


@pytest.fixture
def tables(delivery: ReleaseTable) -> tuple[ReleaseTable, ...]:
    return (
        delivery,
        dictionary(
            (
                "delivery",
                "sessions_delivered",
                "Sessions delivered",
                "sessions",
                "Sessions with groups that took place.",
            ),
            ("reach_year", "attendances_low", "Attendances at least", "attendances", "One who comes twice is two."),
        ),
        a_table(
            "reach_year",
            ["site", "year"],
            [
                ("north", "2025-26", "attendances_low", 120.0, "rounded", None),
                ("south", "2025-26", "attendances_low", None, "suppressed", None),
                ("north", "2024-25", "attendances_low", 100.0, "rounded", None),
            ],
        ),
        a_table("source_state", ["site", "source"], [("south", "activity", "is_held", 1.0, "shown", None)]),
        a_table(
            "expected_return",
            ["site", "source", "return_key", "due_on", "return_status"],
            [
                ("south", "activity", "2026-03", date(2026, 4, 5), "overdue", "returns", 1.0, "shown", None),
                ("north", "activity", "2026-06", date(2026, 7, 5), "overdue", "returns", 1.0, "shown", None),
            ],
        ),
        a_table(
            "learning_action",
            ["learning_id", "site", "to_site"],
            [
                (
                    "L1",
                    "north",
                    "south",
                    date(2025, 5, 1),
                    date(2025, 6, 1),
                    date(2025, 6, 9),
                    None,
                    "days_to_send",
                    31.0,
                    "shown",
                    None,
                ),
                (
                    "L1",
                    "north",
                    "east",
                    date(2025, 5, 1),
                    date(2025, 6, 1),
                    None,
                    None,
                    "days_to_send",
                    31.0,
                    "shown",
                    None,
                ),
                ("L2", "north", None, date(2025, 7, 1), None, None, None, "days_to_send", None, "not_available", None),
                ("L3", "north", None, date(2025, 3, 31), None, None, None, "days_to_send", None, "not_available", None),
            ],
            ("noted_on", "sent_on", "received_on", "adopted_on"),
        ),
    )
