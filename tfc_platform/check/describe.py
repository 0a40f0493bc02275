"""The checks as a table for readers: the part of `docs/checks.md` that is written from the rules themselves.

Belongs here: that text, and putting it into the page: `python -m tfc_platform.check.describe`. Does not belong: what
a check does.
"""

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
        place = _PLACES[suite.place]
        empty = " Rows are expected where admission counts some." if suite.rows_expected else ""
        parts.append(f"### `{suite.subject}`, {place}: suite `{suite.suite}`\n\n{suite.description}{empty}\n")
        rows = [(check.id, check.rule, check.dimension, check.severity, check.reason) for check in suite.checks]
        parts.append(_table(("check", "rule", "dimension", "severity", "why"), rows))
    parts.append("### Reconciliation\n\nAll of severity error; a sum that does not hold closes the gate.\n")
    sums = [(rule.id, rule.words, DIMENSION, SEVERITY) for rule in reconciliations]
    parts.append(_table(("check", "rule", "dimension", "severity"), sums))
    return "\n".join(parts)


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *((f"`{name}`", *rest) for name, *rest in rows)]
    return "".join("| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |\n" for line in lines)


def page_with(page: str, written: str) -> str:
    """`page` with `written` in place of all that follows the mark.

    :raises ValueError: where the page has no mark.
    """
    before, mark, _ = page.partition(START)
    if not mark:
        raise ValueError(f"{PAGE.name} has lost the line {START!r}.")
    return f"{before}{mark}\n\n{written}"


if __name__ == "__main__":
    text = page_with(PAGE.read_text(encoding="utf-8"), tables(load_suites(), RECONCILIATIONS))
    write_bytes(PAGE, text.encode(), mode=0o644)
