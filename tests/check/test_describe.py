"""The page of checks is in step with the rules."""

from __future__ import annotations

import pytest

from tfc_platform.check.describe import PAGE, page_with, tables
from tfc_platform.check.reconciliation_rules import RECONCILIATIONS
from tfc_platform.check.suites import load_suites


def test_the_page_lists_every_check_as_it_is_now():
    suites = load_suites()
    page = PAGE.read_text(encoding="utf-8")
    assert page == page_with(page, tables(suites, RECONCILIATIONS)), "run: python -m tfc_platform.check.describe"
    for suite in suites:
        for rule in suite.expectations:
            line = f"| `{rule.id}` | {rule.description} | {rule.meta.dimension} | {rule.severity} | {rule.notes} |\n"
            assert page.count(line) == 1
    for rule in RECONCILIATIONS:
        assert page.count(f"| `{rule.id}` | {rule.description} |") == 1


def test_a_page_without_the_mark_is_refused():
    with pytest.raises(ValueError, match=r"checks\.md has lost the line"):
        page_with("# Checks\n", "tables")
