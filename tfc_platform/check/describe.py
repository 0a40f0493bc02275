"""The tables of `docs/checks.md`, written from the rules: `python -m tfc_platform.check.describe`."""

from __future__ import annotations

from collections.abc import Iterable

from tfc_platform.atomic_io import write_bytes
from tfc_platform.check.reconcile import DIMENSION, SEVERITY, Reconciliation
from tfc_platform.check.reconciliation_rules import RECONCILIATIONS
from tfc_platform.check.suites import Suite, load_suites
from tfc_platform.settings import PROJECT

__all__ = ["PAGE", "START", "page_with", "tables"]

PAGE = PROJECT / "docs" / "checks.md"
_PLACES = {"source": "the source", "intermediate": "between lake and marts", "mart": "the mart"}
START = "<!-- from here on written by: python -m tfc_platform.check.describe -->"


def tables(suites: Iterable[Suite], reconciliations: Iterable[Reconciliation]) -> str:
    """Markdown: a table for each suite and one for the reconciliations."""
    parts = []
    for suite in suites:
        parts.append(f"### `{suite.subject}`, {_PLACES[suite.place]}: suite `{suite.name}`\n\n{suite.notes}\n")
        rows = [
            (rule.id, rule.description, rule.meta.dimension, rule.severity, rule.notes) for rule in suite.expectations
        ]
        parts.append(_table(("check", "rule", "dimension", "severity", "why"), rows))
    parts.append("### Reconciliation\n\nAll of severity error; a sum that does not hold closes the gate.\n")
    sums = [(rule.id, rule.description, DIMENSION, SEVERITY) for rule in reconciliations]
    parts.append(_table(("check", "rule", "dimension", "severity"), sums))
    return "\n".join(parts)


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *((f"`{name}`", *rest) for name, *rest in rows)]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def page_with(page: str, written: str) -> str:
    """`page` with `written` in place of all that follows the mark.

    :raises ValueError: if the page has no mark.
    """
    before, mark, _ = page.partition(START)
    if not mark:
        raise ValueError(f"{PAGE.name} has lost the line {START!r}.")
    return f"{before}{mark}\n\n{written}"


if __name__ == "__main__":
    text = page_with(PAGE.read_text(encoding="utf-8"), tables(load_suites(), RECONCILIATIONS))
    write_bytes(PAGE, text.encode(), mode=0o644)
