"""The page of a receipt: whole, safe, and usable without a mouse."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tfc_platform.feedback.receipts.receipt_page import INLINE, receipt_page
from tfc_platform.feedback.receipts.wording import statuses

from .conftest import HEADER, House, log_file, row


class Seen(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "link", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def page(house: House) -> str:
    """A page with something of every kind."""
    april = [
        row(1 + number % 28, "lots" if number % 2 else f"{number + 1}", kind="test" if number == 40 else "") + ","
        for number in range(60)
    ]
    house.drop("log/log 2025-04.csv", log_file(april, header=HEADER.replace("Kind", "Kind") + ",<b>Phone & fax</b>"))
    house.drop("log/log 2025-05 v2.csv", b"\x00\x01PK")
    house.drop("log/log 2025-05.csv", log_file([row(day, month=5) for day in range(1, 29)]))
    house.drop("minutes.docx", b"PK")
    house.told()
    return house.page


def test_it_says_everything_and_every_place(house: House, page: str) -> None:
    seen = Seen(page)
    assert seen.open == []
    receipt = house.receipt()
    for item in receipt.to_do:
        assert item.title in seen.text
        assert item.sentence in seen.text
    for file in receipt.files:
        assert file.file in seen.text
    numbers = set(map(int, re.findall(r"\b\d+\b", seen.text.split("Attendance is not a number")[1])))
    rows = {issue.row_number for file in receipt.files if file.asks for issue in file.issues if issue.row_number}
    assert len(rows) > INLINE
    assert rows <= numbers, "those beyond the first few are one click away, none is hidden"
    assert "more places" in seen.text
    for status in statuses():
        assert status.replace("_", " ") in seen.text
    assert "2025-06, due" not in seen.text
    assert "Test answers" in seen.text, "what was left out is said, with nothing to do"


def test_what_to_do_comes_before_what_happened_to_each_file(page: str) -> None:
    headings = re.findall(r'<h2 id="[a-z]+-h">(.+?)</h2>', page)
    assert headings[:3] == ["What you need to do", "Please check", "What happened to each file"]
    assert headings[-1] == "What the words mean"


def test_it_loads_nothing_and_runs_nothing(page: str) -> None:
    seen = Seen(page)
    assert not {tag for tag, _ in seen.tags} & {"script", "link", "img", "iframe", "object", "form"}
    assert not [attrs for _, attrs in seen.tags if any(name == "src" or name.startswith("on") for name in attrs)]
    links = [attrs["href"] for tag, attrs in seen.tags if tag == "a"]
    assert links
    assert all(link and link.startswith(("#", "marked/")) for link in links)
    assert "url(" not in page
    assert "http:" not in page
    assert "https:" not in page


def test_what_comes_from_data_is_escaped(page: str) -> None:
    assert "Elsewhere &amp; Co" in page
    assert "<b>Phone" not in page


def test_it_can_be_used_by_keyboard_and_screen_reader(house: House, page: str) -> None:
    seen = Seen(page)
    assert [tag for tag, _ in seen.tags].count("h1") == 1
    assert [tag for tag, _ in seen.tags].count("main") == 1
    ids = [attrs["id"] for _, attrs in seen.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    inside = {str(attrs["href"])[1:] for tag, attrs in seen.tags if tag == "a" and str(attrs["href"]).startswith("#")}
    assert inside <= set(ids)
    labelled = {attrs["aria-labelledby"] for tag, attrs in seen.tags if tag == "section"}
    assert labelled <= set(ids)
    levels = [int(tag[1]) for tag, _ in seen.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    copies = [attrs for tag, attrs in seen.tags if tag == "a" and str(attrs["href"]).startswith("marked/")]
    assert all(str(attrs["aria-label"]).startswith("Marked copy of ") for attrs in copies)
    assert ("html", {"lang": "en-GB"}) in seen.tags
    for attrs in copies:
        assert (house.folder / str(attrs["href"]).replace("%20", " ")).is_file()


def test_with_nothing_sent_it_says_so(house: House) -> None:
    text = Seen(receipt_page(house.receipt())).text
    assert "Nothing has come yet." in text
    assert "returns have not come" in text
