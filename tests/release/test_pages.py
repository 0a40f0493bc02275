"""The pages of a release: every number is the release's, nothing is shown that is withheld, nothing comes from outside.

Where a number stands is looked up in the tables with SQL written here, not with the pages' own look-up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.release.page_reader import Read
from tests.release.paged import HELD, NOT_LOCKED, PERSONS, SITES, made, manifest, tables
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.pages.page_figures import ReleaseView
from tfc_platform.pages.write_pages import pages, write_pages
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.manifest import read_manifest, read_tables

# Digits that are no figure: of rules and of Childline's number. Taken out as whole phrases, so that no other number hides.
RULES = (
    *(
        "95% interval",
        "adjusted p below 0.05",
        "0800 1111",
        "per 1,000 residents",
        "points of 0 to 100",
    ),
    *("rounded to the nearest 5", "not shown below 10", "SHA-256"),
)
POLICY = load_policy()
LIMITS = (
    f"no group of 1 to {POLICY.audit.group - 1} people",
    f"at least {POLICY.audit.width} different sizes remain possible",
)
EVERY_PAGE = {"index.html", "all-figures.html", "young-people.html", "about.html", "audit.html", "evidence.html"}


def looked_up(mark: Mapping[str, str], said: Mapping[str, Any], con: duckdb.DuckDBPyConnection) -> float:
    """What the release says at the place that a number names."""
    if "data-manifest" in mark:
        found: Any = said
        for part in mark["data-manifest"].split("/"):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return float(found if isinstance(found, (int, float)) else len(found))
    op = mark.get("data-op", "value")
    conditions, values = ([], []) if op == "rows" else (["measure = ?"], [mark["data-measure"]])
    for name, value in json.loads(mark["data-key"]).items():
        column, _, bound = name.partition("__")
        sign = {"": "is not distinct from", "from": ">=", "before": "<", "below": "<"}[bound]
        if isinstance(value, list):
            conditions.append(f'"{column}" in ({", ".join("?" for _ in value)})')
            values += value
        else:
            conditions.append(f'"{column}" {sign} ?')
            values.append(value)
    where = " and ".join(conditions) or "true"
    if op == "rows":
        return float(con.execute(f"select count(*) from {mark['data-table']} where {where}", values).fetchone()[0])
    if op == "days":
        ((day,),) = con.execute(
            f'select distinct "{mark["data-column"]}" from {mark["data-table"]} where {where}', values
        ).fetchall()
        return float((date.fromisoformat(said["as_of"]) - day).days)
    ((rows, total, gaps),) = con.execute(
        f"select count(*), sum(value), count(*) filter (where value is null) from {mark['data-table']} where {where}",
        values,
    ).fetchall()
    if op == "count":
        return float(rows)
    assert rows, mark
    assert not gaps, mark
    if op == "value":
        assert rows == 1, mark
    else:
        assert op == "sum"
        assert mark["data-table"] not in PERSONS, "figures about people are not added"
    return float(total)


def printed(text: str) -> float | None:
    if text in ("yes", "no"):
        return float(text == "yes")
    if text == "<0.01":
        return 0.0
    return float(text.replace(",", "").replace("−", "-").replace("+", "").rstrip("%"))


def database(found: Sequence[ReleaseTable]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for one in found:
        con.register(one.name, one.arrow())
    return con


def check_numbers(said: Mapping[str, Any], found: Sequence[ReleaseTable], html: Mapping[str, str]) -> int:
    """Every marked number is what the release has at its place, as value and as printed; how many there were."""
    checked = 0
    with database(found) as con:
        for path, page in html.items():
            for mark in Read(page).marked:
                expected = looked_up(mark, said, con)
                assert float(mark["value"]) == pytest.approx(expected, rel=1e-9), (path, mark)
                shown = printed(mark["text"])
                as_share = mark["text"].endswith("%") and str(mark.get("data-measure")).endswith(
                    ("_share", "_completeness")
                )
                assert shown == pytest.approx(expected * (100 if as_share else 1), abs=0.5 if as_share else 0.005), (
                    path,
                    mark,
                )
                checked += 1
    return checked


def test_every_number_on_a_page_is_the_releases(
    release: tuple[dict[str, Any], tuple[ReleaseTable, ...]], written: dict[str, str]
) -> None:
    assert check_numbers(*release, written) > 300


def test_every_number_of_a_release_that_was_published_is_its_own(released: Path) -> None:
    """From the files that readers open, not from what the pages were made of."""
    said = read_manifest(released)
    html = {path.relative_to(released).as_posix(): path.read_text() for path in released.rglob("*.html")}
    assert {"index.html", "all-figures.html", "young-people.html", "sites/glasgow.html", "audit.html"} < set(html)
    assert check_numbers(said, read_tables(released, said), html) > 50


def test_a_number_that_is_not_the_releases_is_found(release: tuple[dict[str, Any], tuple[ReleaseTable, ...]]) -> None:
    """The test of numbers fails where a page says another one: printed, as its value, or of another place."""
    said, found = release
    page = pages(said, found, POLICY)["index.html"]
    mark = re.search(r'<data value="(\d+)" data-table=\'delivery\'[^>]*>(\d+)</data>', page)
    assert mark
    for wrong in (
        page.replace(mark[0], mark[0].replace(f">{mark[2]}<", ">99999<")),
        page.replace(mark[0], mark[0].replace(f'value="{mark[1]}"', 'value="99999"')),
        page.replace(mark[0], mark[0].replace("sessions_delivered", "sessions_cancelled")),
    ):
        with pytest.raises(AssertionError):
            check_numbers(said, found, {"index.html": wrong})


def test_no_number_stands_unmarked(written: dict[str, str]) -> None:
    for path, page in written.items():
        plain = Read(page).plain
        for rule in (*RULES, *LIMITS):
            plain = plain.replace(rule, "")
        plain = re.sub(r"\b[A-Z]\d\b|L-\d", "", plain)  # codes of items
        assert not re.findall(r"[^\n]{0,30}\d[^\n]{0,20}", plain), path


@pytest.mark.parametrize("path", sorted({*EVERY_PAGE, "sites/ashby.html"}))
def test_a_page_needs_nothing_from_outside_and_runs_nothing(written: dict[str, str], path: str) -> None:
    page = Read(written[path])
    assert not {"script", "link", "img", "iframe", "object", "embed", "use", "image"} & set(page.tags)
    assert not re.search(r"https?:|//|url\(|@import", written[path].replace("<!doctype html>", ""))
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "default-src 'none'" in written[path]
    known = set(written) | {"manifest.json", "datapackage.json", "tables.xlsx", "tfc.duckdb"}
    for link in page.links:
        if link.startswith("#"):
            assert link[1:] in page.ids, link
        elif not link.startswith(("csv/", "parquet/", "tel:")):
            assert link.removeprefix("../") in known, link


def test_hostile_texts_are_shown_and_not_run(written: dict[str, str]) -> None:
    for path, page in written.items():
        assert "<script" not in page, path
    shown = "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; &#39;quoted&#39;"
    assert f"A story {shown}" in written["index.html"]
    assert f"A story {shown}" in written["all-figures.html"]
    assert shown in written["young-people.html"]


def test_evidence_is_beside_each_other_with_its_limits_and_never_counted(written: dict[str, str]) -> None:
    page = Read(written["evidence.html"]).plain
    for words in ("Notice", "Better", "Below design", "Short sessions.", "not clear", "neither way"):
        assert words in page, words
    assert "A claim &lt;script&gt;" in written["evidence.html"]
    assert "<data" not in written["evidence.html"], "no number is made of pieces"


def test_what_is_not_shown_is_a_word_with_its_reason_and_no_number(
    release: tuple[dict[str, Any], tuple[ReleaseTable, ...]], written: dict[str, str]
) -> None:
    page = written["sites/ashby.html"]
    assert re.search(r'<span class="none suppressed">not shown</span><sup>[a-z]</sup>', page)
    assert re.search(r'<span class="none not_available">not final yet</span><sup>[a-z]</sup>', page)
    assert '<span class="none not_comparable">cannot compare</span>' in page
    assert ">not shown</text>" in page, "a chart writes the word"
    assert f"</sup> {NOT_LOCKED}</li>" in page, "the release's own note is the reason"
    assert "</sup> Not shown, to protect the people behind the figure.</li>" in page
    assert f"</sup> {HELD}</li>" in written["sites/birk.html"]


def test_equal_releases_have_equal_pages(
    release: tuple[dict[str, Any], tuple[ReleaseTable, ...]], tmp_path: Path
) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        write_pages(tmp_path / name, *release, POLICY)
    one, other = (
        {p.relative_to(f).as_posix(): p.read_bytes() for p in f.rglob("*.html")}
        for f in (tmp_path / "one", tmp_path / "other")
    )
    assert one == other
    assert set(one) == {*EVERY_PAGE, "sites/ashby.html", "sites/birk.html"}


@pytest.mark.parametrize("sites", [SITES[:1], SITES])
def test_any_number_of_sites_has_its_pages(sites: tuple[str, ...]) -> None:
    said, found = made(sites)
    written = pages(said, found, POLICY)
    assert [path for path in written if path.startswith("sites/")] == [f"sites/{site}.html" for site in sites]
    assert check_numbers(said, found, {k: v for k, v in written.items() if k != "index.html"}) > 50
    for site in sites:
        assert f'<a href="sites/{site}.html">{site.capitalize()} (Town)</a>' in written["index.html"]
    assert "sites/central.html" not in written, "who only sends is no place"


def test_an_empty_release_says_so_and_breaks_nothing() -> None:
    for found in ((), tuple(replace(one, rows=()) for one in tables())):
        said = manifest(found, (), follows=None, changed=[], labels={})
        written = pages(said, found, POLICY)
        assert set(written) == (EVERY_PAGE if found else EVERY_PAGE - {"evidence.html"})
        assert "No group sessions are in this release" in written["index.html"]
        assert "This is the first release." in written["about.html"]
        assert "No survey figures are published yet" in written["index.html"]
        assert "We have no answers to show yet." in written["young-people.html"]
        check_numbers(said, found, written)


def test_ids_are_a_pages_own_and_headings_in_order(written: dict[str, str]) -> None:
    for path, page in written.items():
        read = Read(page)
        assert len(read.ids) == len(set(read.ids)), path
        assert read.heads[0] == 1
        assert read.heads.count(1) == 1
        assert all(after <= before + 1 for before, after in zip(read.heads, read.heads[1:], strict=False)), path
        assert {"nav", "main", "header", "footer"} <= set(read.tags)
        assert read.tags.count("table") == read.tags.count("caption"), path
        assert ("lang", "en-GB") in read.attributes


def test_figures_about_persons_are_never_added(release: tuple[dict[str, Any], tuple[ReleaseTable, ...]]) -> None:
    with pytest.raises(ValueError, match="reach is about people: its figures are not added"):
        ReleaseView(*release).sum("reach", "sessions_delivered")


def test_a_sum_with_a_gap_is_no_number(release: tuple[dict[str, Any], tuple[ReleaseTable, ...]]) -> None:
    said, found = release
    assert ReleaseView(said, found).sum("process", "dose_ratio") is None  # one of them is not available
    total = ReleaseView(said, found).sum("delivery", "sessions_delivered", site="birk")
    assert total is not None
    assert total.status == "held", "a held figure is in it"


def test_only_what_the_release_calls_a_clear_change_is_said_to_have_changed(written: dict[str, str]) -> None:
    page = written["all-figures.html"]
    told = page[page.index('<section id="changed"') : page.index('<section id="targets"')]
    sentence, trend = re.findall(r"<li>Ashby \(Town\), residents: (.*?)</li>", told)
    assert trend.startswith("over ")
    assert "9,123" in trend
    assert "9,101" in trend
    assert "Trend over three or more waves" in told
    assert "Know" in sentence
    assert "K1" not in sentence  # its adjusted p is 0.31
    site = written["sites/ashby.html"]
    assert (
        "I know"
        not in site[site.index('<section id="changed"') : site.index('<section id="targets"')].split("</ul>")[0]
    )


def test_a_missed_target_of_a_period_whose_returns_are_overdue_is_not_the_answer(written: dict[str, str]) -> None:
    """2026-Q1 missed its target, and the return of March is overdue: the latest complete quarter is 2025-Q4."""
    page = written["all-figures.html"]
    answers = page[page.index('<section id="targets"') :].split("</ul>")[0]
    assert "Target met in the latest complete period" in answers
    assert "Target missed" not in answers
    assert "(in part)" in page


def test_a_code_that_is_no_name_of_a_file_has_no_page() -> None:
    said, found = made(("ashby",), labels={})
    moved = tuple(
        replace(one, rows=tuple(("../x", *row[1:]) if row[0] == "ashby" else row for row in one.rows))
        if one.name == "delivery"
        else one
        for one in found
    )
    assert [path for path in pages(said, moved, POLICY) if "x" in path.removesuffix(".html") and "/" in path] == []


def test_dates_are_dates() -> None:
    assert pa.types.is_date(
        next(c.kind for t in tables() if t.name == "delivery" for c in t.columns if c.name == "month")
    )


def test_the_first_page_is_short_and_says_each_finding_with_its_chart_and_table(written: dict[str, str]) -> None:
    page = written["index.html"]
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.S).split()
    assert len(words) < 900
    points = page[page.index('<section class="points"') :].split("</section>")[0]
    assert 4 <= points.count("<li>") <= 6
    for finding in ("delivered", "reached", "learning", "stories"):
        section = page[page.index(f'<section id="{finding}"') :].split("</section>")[0]
        assert "<svg" in section, finding
        assert section.count("<table") == 1, finding
    assert page.count("<h1>") == 1
    assert 'results to <span class="period">November 2025</span>' in page, "the last month with sessions"
