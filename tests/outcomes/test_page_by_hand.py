"""docs/estimates.md works one figure by hand: each of its numbers, from the site's own export and without the platform.

The export is read here only with `csv`. That the last numbers are the mart's is in test_outcome_marts.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from math import exp, log, sqrt
from pathlib import Path

import pytest
from scipy.stats import t

from tfc_platform.settings import PROJECT

pytestmark = pytest.mark.shared
CODES = ("1", "2", "3", "4", "5", "6", "7", "-99")


@pytest.fixture(scope="module")
def page() -> str:
    text = (PROJECT / "docs" / "estimates.md").read_text(encoding="utf-8")
    return text.split("## One figure by hand")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def export(shared: Path) -> list[dict[str, str]]:
    path = shared / "returns" / "night1" / "glasgow" / "surveys" / "TfC young_people w1 qualtrics.csv"
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))[2:]  # two more header rows


@pytest.fixture(scope="module")
def counted(export: list[dict[str, str]]) -> list[list[int]]:
    """A row a school, a column a code: of those who finished, each once."""
    people = {row["ResponseId"]: row for row in export if row["Status"] == "0" and row["Finished"] == "1"}
    cells = Counter((row["Q1"], row["Q5_1"]) for row in people.values())
    assert {code for _, code in cells} <= set(CODES)
    return [[cells[school, code] for code in CODES] for school in sorted({school for school, _ in cells})]


def table(page: str, heading: str) -> list[list[str]]:
    """The cells of the page's table whose first row begins so, without that row and the line below it."""
    lines = page[page.index(heading) :].splitlines()
    body = lines[: next(n for n, line in enumerate(lines) if not line.startswith("|"))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body[2:]]


def test_the_rows_that_are_left(page: str, export: list[dict[str, str]]) -> None:
    previews = sum(row["Status"] != "0" for row in export)
    unfinished = sum(row["Status"] == "0" and row["Finished"] != "1" for row in export)
    counts = Counter(row["ResponseId"] for row in export if row["Status"] == "0" and row["Finished"] == "1")
    twice = sum(times - 1 for times in counts.values())
    left = len(export) - previews - unfinished - twice
    assert f"The export has {len(export)} rows: {previews} previews and {unfinished} unfinished ones" in page
    assert f"{twice} came twice. {left} respondents are left" in page


def test_the_answers_are_those_of_the_export(page: str, counted: list[list[int]]) -> None:
    written = [[int(cell) for cell in row[1:]] for row in table(page, "| school | 1 |")]
    assert written == counted


def test_base_and_positives(page: str, counted: list[list[int]]) -> None:
    rows = table(page, "| school | positive |")
    for row, codes in zip(rows, counted, strict=False):
        # positive: 1 and 2; in the base besides them 3 to 5, and don't know, which is 6
        assert re.split(r" = ", row[1])[-1] == str(sum(codes[:2]))
        assert re.split(r" = ", row[2])[-1] == str(sum(codes[:6]))
    assert rows[-1] == [
        "all",
        str(sum(sum(codes[:2]) for codes in counted)),
        f"**n = {sum(sum(c[:6]) for c in counted)}**",
    ]


def test_estimate_error_and_interval(page: str, counted: list[list[int]]) -> None:
    positives, bases = [sum(codes[:2]) for codes in counted], [sum(codes[:6]) for codes in counted]
    n, m = sum(bases), len(bases)
    p = sum(positives) / n
    assert f"{sum(positives)} / {n} = **{100 * p:.1f}%**" in page
    surplus = [positive - p * base for positive, base in zip(positives, bases, strict=True)]  # by n: a school's score
    signs = "".join("−" if value < 0 else "+" for value in surplus)
    squares = [round(value**2) for value in surplus]
    assert (signs, squares) == ("+−+", [1, 9, 4])
    assert (
        f"{m} / ({m} − 1) × ({' + '.join(map(str, squares))}) / {n}² = {m / (m - 1) * sum(squares):.0f} / {n}²" in page
    )
    se = sqrt(m / (m - 1) * sum(value**2 for value in surplus)) / n
    assert f"{se:.6f}, that is **{100 * se:.2f}** percentage points" in page
    quantile, odds = float(t.ppf(0.975, m - 1)), log(p / (1 - p))
    odds_se = se / (p * (1 - p))
    width = quantile * odds_se
    for number in (
        f"{quantile:.4f}",
        f"{odds:.5f}",
        f"{odds_se:.6f}",
        f"{width:.5f}",
        f"{odds - width:.5f}",
        f"{odds + width:.5f}",
    ):
        assert number.replace("-", "−") in page, number
    low, high = (100 / (1 + exp(-end)) for end in (odds - width, odds + width))
    assert f"**{low:.1f} to {high:.1f}**" in page
    # As if the pupils had been drawn one by one.
    alone = 1.959963984540054 * sqrt(p * (1 - p) / n)
    naive = [100 / (1 + exp(-(odds + sign * alone / (p * (1 - p))))) for sign in (-1, 1)]
    assert f"{naive[0]:.1f} to {naive[1]:.1f} and be wrong" in page
