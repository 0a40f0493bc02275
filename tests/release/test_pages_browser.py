"""The pages in Chromium: axe-core finds nothing serious, nothing runs sideways, a keyboard gets everywhere, paper fits."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.release.paged import manifest, tables
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.pages.write_pages import write_pages

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
PAGES = ("index.html", "all-figures.html", "sites/ashby.html", "young-people.html", "about.html", "audit.html")
WIDTHS = (390, 768, 1440)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed: the pages are not tried in a browser"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tables()
    target = tmp_path_factory.mktemp("pages")
    write_pages(target, manifest(made), made, load_policy())
    return target


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        # Without a sandbox where the tests run as root, as they do in containers: the pages are our own.
        arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        started = running.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_serious_violation(folder: Path, browser: Any, name: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    page = browser.new_page(viewport={"width": 800, "height": 1000}, bypass_csp=True)
    page.goto((folder / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.Axe().run(page).response["violations"]
    serious = [
        (item["id"], item["nodes"][0]["html"][:200]) for item in found if item["impact"] in ("serious", "critical")
    ]
    page.close()
    assert serious == []


def test_axe_would_find_one(browser: Any, tmp_path: Path) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-core is not installed")
    (tmp_path / "bad.html").write_text('<html><body><p style="color:#bbb">Pale</p><img src="x.png"></body></html>')
    page = browser.new_page()
    page.goto((tmp_path / "bad.html").as_uri())
    found = {
        item["id"] for item in axe.Axe().run(page).response["violations"] if item["impact"] in ("serious", "critical")
    }
    page.close()
    assert {"color-contrast", "image-alt", "html-has-lang"} <= found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_sideways_and_nothing_is_fetched(folder: Path, browser: Any, name: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    fetched: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto((folder / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    shrunk = "s => s.checkVisibility() && s.getBoundingClientRect().width / s.viewBox.baseVal.width < 0.99"
    small = page.evaluate(f"[...document.querySelectorAll('svg')].filter({shrunk}).length")
    page.close()
    assert sideways <= 0
    assert small == 0, "a chart's letters are shrunk beyond reading"
    assert fetched == [(folder / name).as_uri()]
    assert said == []


def test_the_keyboard_reaches_the_contents_and_wide_tables_and_is_seen(folder: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.goto((folder / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    seen = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break  # the end of the page
        seen.add(page.evaluate("document.activeElement.tagName + '.' + document.activeElement.className"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"
    page.close()
    assert {"A.", "DIV.wide"} <= seen


def test_the_first_page_is_two_sheets_of_paper(folder: Path, browser: Any) -> None:
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
    page.close()
    assert 1 <= sheets <= 2


def test_a_telephone_gets_the_narrow_charts_and_a_screen_the_wide_ones(folder: Path, browser: Any) -> None:
    seen = "[...document.querySelectorAll('svg')].filter(s => s.checkVisibility()).map(s => s.viewBox.baseVal.width)"
    for width, fits in ((390, lambda drawn: drawn <= 358), (768, lambda drawn: 500 < drawn <= 736)):
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto((folder / "index.html").as_uri())
        drawn = page.evaluate(seen)
        page.close()
        assert len(drawn) == 4, "one chart each of delivery, attendances, learning and stories"
        assert all(map(fits, drawn)), (width, drawn)


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_it_fits_and_folded_tables_are_open(folder: Path, browser: Any, name: str) -> None:
    page = browser.new_page(viewport={"width": 688, "height": 1000})  # A4 less its margins, at 96 dots an inch
    page.goto((folder / name).as_uri())
    page.emulate_media(media="print")
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    hidden = page.evaluate(
        "[...document.querySelectorAll('details table')].filter(t => t.getBoundingClientRect().height === 0).length"
    )
    navigation = page.evaluate("getComputedStyle(document.querySelector('.pages')).display")
    size = len(page.pdf(format="A4"))
    page.close()
    assert sideways <= 0
    assert hidden == 0
    assert navigation == "none"
    assert size > 10_000
