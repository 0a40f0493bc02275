"""Writes the table of `docs/disclosure.md` of how much is withheld: `python -m tests.disclosure.withheld RELEASE`, with the
folder of a release of the demonstration as of 20 October 2026. A test compares the page with what this would write.

A figure is withheld by the rule that its note names. *Before* is without decision 0054: a change was withheld whole, where now
its number of pairs alone is.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from tfc_platform.disclosure.policy import SuppressionRule, load_policy
from tfc_platform.publication.publication_register import load_register

__all__ = ["PAGE", "section", "written"]

PAGE = Path(__file__).resolve().parents[2] / "docs/disclosure.md"
BEGIN, END = "<!-- made by python -m tests.disclosure.withheld -->\n", "<!-- end -->\n"
WITHHELD = ("suppressed", "suppressed_secondary")


def section(release: Path) -> str:
    """The table, a row a table about people: figures that are shown, and those that each rule withholds."""
    lines = ["| table | shown before | withheld before | shown now | withheld now |", "|---|---|---|---|---|"]
    for spec in load_register().person_tables:
        rows = _rows(release, spec.table)
        rules = Counter(_rule(row) for row in rows if row["status"] in WITHHELD)
        shown = sum(row["value"] is not None for row in rows)
        gained = _shown_without_pairs(rows)
        before = Counter(rules)
        if gained:
            before["R8"] += gained + before.pop(SuppressionRule.PAIRS_BESIDE_BASES, 0)
        cells = [f"`{spec.table}`", f"{shown - gained:,}", _said(before), f"{shown:,}", _said(rules)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rows(release: Path, table: str) -> list[dict[str, Any]]:
    cursor = duckdb.sql(f"from read_parquet('{release}/parquet/{table}.parquet')")
    return [dict(zip(cursor.columns, row, strict=True)) for row in cursor.fetchall()]


def _rule(row: Mapping[str, Any]) -> str:
    policy = load_policy()
    return next(rule for rule in SuppressionRule if policy.note(rule) == row["note"])


def _shown_without_pairs(rows: Iterable[Mapping[str, Any]]) -> int:
    """Figures of changes whose number of pairs alone is withheld."""
    keys = ("site", "population", "indicator", "design", "wave_from", "wave_to")
    listed = [(tuple(row.get(key) for key in keys), row) for row in rows]
    without = {key for key, row in listed if row["note"] == load_policy().note(SuppressionRule.PAIRS_BESIDE_BASES)}
    return sum(key in without and row["value"] is not None for key, row in listed)


def _said(rules: Mapping[str, int]) -> str:
    return "; ".join(f"{rule}: {count:,}" for rule, count in sorted(rules.items()) if count) or "0"


def written(page: str, table: str) -> str:
    """The page with another table."""
    return re.sub(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", lambda _: table, page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), section(Path(sys.argv[1]))), encoding="utf-8")
