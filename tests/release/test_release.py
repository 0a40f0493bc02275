"""A release: its tables and files, what they say, and what is in none of them."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.release.accessible import table_rows
from tfc_platform.release.manifest import read_manifest
from tfc_platform.release.release_context import Held

Figures = Callable[[Path, str], list[dict[str, Any]]]
# Of casework and of an indicator that counts persons: numbers of the marts (conftest) that stand nowhere else.
NOT_RELEASED = (7919, 6113.25, 5557, 4243, 3394.4)


def value(figures: list[dict[str, Any]], measure: str, **keys: Any) -> tuple[Any, str]:
    (found,) = [f for f in figures if f["measure"] == measure and all(f[k] == v for k, v in keys.items())]
    return found["value"], found["status"]


def test_a_release_has_the_files_and_tables_of_the_interface(world: Any, released: Path) -> None:
    path = released
    names = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()}
    figures = {table.table for table in world.register.tables}
    tables = figures | {"stories", "learning", "contribution", "metric"}
    assert names == {
        *("tfc.duckdb", "tables.xlsx", "datapackage.json", "manifest.json", "index.html", "audit.html"),
        *("all-figures.html", "about.html", "young-people.html", "sites/glasgow.html", "sites/stoke.html"),
        *(f"parquet/{table}.parquet" for table in tables),
        *(f"csv/{table}.csv" for table in tables),
        *(f"sav/{table}.sav" for table in figures),
    }
    assert (path.parent / "current").resolve() == path
    assert all(stat.S_IMODE((path / name).stat().st_mode) == 0o444 for name in names)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_every_format_holds_the_same_rows(released: Path, figures: Figures) -> None:
    path = released
    book = openpyxl.load_workbook(path / "tables.xlsx")
    with duckdb.connect(str(path / "tfc.duckdb"), read_only=True) as con:
        for entry in read_manifest(path)["tables"]:
            name, expected = entry["name"], [tuple(row.values()) for row in figures(path, entry["name"])]
            assert len(expected) == entry["rows"]
            assert con.execute(f'from main."{name}"').fetchall() == expected
            with (path / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
                written = list(csv.reader(stream))
            assert len(written) == len(expected) + 1
            headers, shown = table_rows(book[name])
            assert (headers, len(shown)) == (
                written[0],
                max(1, len(expected)),
            )  # a table without rows has one that says so
        comments = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert comments["delivery"].startswith("Sessions and hours of groups by site, month and activity.")


def test_a_row_is_a_figure_with_its_keys_in_order(released: Path) -> None:
    text = (released / "csv" / "delivery.csv").read_text()
    lines = text.split("\n")
    assert lines[:4] == [
        "site,month,activity,tier,audience,measure,value,status,note",
        "glasgow,2025-05-01,toy_library,primary,families,sessions_delivered,3,shown,",
        "glasgow,2025-05-01,toy_library,primary,families,sessions_cancelled,1,shown,",
        "glasgow,2025-05-01,toy_library,primary,families,hours,4.5,shown,",
    ]
    assert "\r" not in text


def test_work_with_groups_is_released_every_night_and_casework_is_not(released: Path, figures: Figures) -> None:
    delivery = figures(released, "delivery")
    assert {(row["site"], row["activity"]) for row in delivery} == {
        ("glasgow", "toy_library"),
        ("stoke", "street_play"),
    }
    assert value(delivery, "sessions_delivered", site="glasgow") == (3, "shown")
    assert {row["activity"] for row in figures(released, "process")} == {"toy_library"}
    # Of all sessions with a partner, those of groups alone.
    assert value(figures(released, "partnership"), "sessions_with_partner") == (2, "shown")
    own = figures(released, "local_indicator")
    assert {row["indicator"] for row in own} == {"boards"}
    assert value(own, "indicator_value") == (4, "held")
    assert value(own, "denominator") == (None, "not_available")
    assert not {"reach", "reach_area", "story_domain"} & {path.stem for path in released.rglob("*")}


@pytest.mark.usefixtures("without_pages")
def test_figures_of_a_held_source_say_so_with_the_date(world: Any, figures: Figures) -> None:
    path = world.night().path
    note = "From an earlier return: activity held since 2026-04-28."
    for table in ("delivery", "local_indicator"):
        mine = [figure for figure in figures(path, table) if figure["site"] == "stoke"]
        assert "held" in {figure["status"] for figure in mine} <= {"held", "not_available"}
        assert {figure["note"] for figure in mine} == {note}
    # What is not from the held source is not marked, nor is any other site.
    assert all(f["note"] is None for f in figures(path, "learning_action"))
    assert all(f["note"] is None for f in figures(path, "delivery") if f["site"] != "stoke")
    assert read_manifest(path)["held"] == [
        {
            "site": "stoke",
            "source": "activity",
            "since": "2026-04-28",
            "reason": world.register.held_reasons["missing_column"],
        }
    ]


@pytest.mark.usefixtures("without_pages")
def test_a_hold_on_a_shared_sender_marks_every_site(world: Any, figures: Figures) -> None:
    world.context = replace(
        world.context, held=(Held("central", "learning_actions", date(2026, 4, 29), "no such reason"),)
    )
    path = world.night().path
    notes = {figure["note"] for figure in figures(path, "learning_action")}
    assert notes == {"From an earlier return: learning_actions held since 2026-04-29."}
    assert read_manifest(path)["held"][0]["reason"] == world.register.held_reasons["other"]


def test_returns_are_counted_without_names_rows_or_people(released: Path, figures: Figures) -> None:
    path = released
    assert [tuple(row.values()) for row in figures(path, "submission_status")] == [
        ("glasgow", "activity", "accepted", "files", 2.0, "shown", None),
        ("glasgow", "surveys", "accepted", "files", 1.0, "shown", None),
        ("stoke", "activity", "rejected", "files", 1.0, "shown", None),
    ]
    everything = b"".join(file.read_bytes() for file in path.rglob("*") if file.is_file())
    for secret in (b"Jane Doe", b"form.csv", b"log2.xlsx", b"31 rows", b"A column is missing."):
        assert secret not in everything


@pytest.mark.usefixtures("without_pages")
def test_a_failed_check_does_not_hide_behind_a_passed_one_of_the_same_name(world: Any, figures: Figures) -> None:
    world.checks.append((*world.checks[0][:7], False, "closes"))
    path = world.night().path
    quality = figures(path, "data_quality")
    assert value(quality, "passed", check_id="activity_dates") == (0, "shown")
    assert value(quality, "passed", check_id="survey_codes") == (0, "shown")
    assert len(quality) == 2


def test_evidence_has_counts_only_where_rows_are_no_persons(released: Path) -> None:
    evidence = {item["check"]: item for item in read_manifest(released)["evidence"]}
    assert evidence["learning_dates"] == {
        "check": "learning_dates",
        "place": "source",
        "site": "glasgow",
        "subject": "learning",
        "severity": "error",
        "verdict": "passed",
        "rows_checked": 12,
        "rows_failed": 0,
    }
    # All sessions less those of groups would be those of casework.
    for check in ("activity_dates", "survey_codes"):
        assert evidence[check].keys() == {"check", "place", "site", "subject", "severity", "verdict"}
    assert evidence["survey_codes"]["verdict"] == "failed"


def test_the_manifest_says_what_the_release_is_made_of(released: Path) -> None:
    published = released
    found = read_manifest(published)
    assert found["id"] == published.name
    assert (found["made_at"], found["code_version"], found["disclosure_policy_version"]) == ("2026-05-01", "0.1.0", "4")
    assert found["admitted"] == {"glasgow": ["a" * 64, "b" * 64], "stoke": ["d" * 64]}
    assert (found["follows"], found["changed"]) == (None, [])
    for entry in found["files"]:
        content = (published / entry["path"]).read_bytes()
        assert (entry["bytes"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    for entry in found["tables"]:
        parquet = (published / "parquet" / f"{entry['name']}.parquet").read_bytes()
        assert entry["sha256"] == hashlib.sha256(parquet).hexdigest()


def numbers_in(path: Path) -> set[float]:
    """Every number that any file of a release holds, in its cells and in Parquet's statistics."""
    found: set[float] = set()
    with duckdb.connect(str(path / "tfc.duckdb"), read_only=True) as con:
        for (table,) in con.execute("select table_name from duckdb_tables()").fetchall():
            found.update(cell for row in con.execute(f'from "{table}"').fetchall() for cell in row if _is_number(cell))
    for file in path.glob("parquet/*.parquet"):
        for row in pq.read_table(file).to_pylist():
            found.update(cell for cell in row.values() if _is_number(cell))
        groups = pq.read_metadata(file).row_group(0)
        for column in range(groups.num_columns):
            statistics = groups.column(column).statistics
            if statistics is not None and statistics.has_min_max:
                found.update(x for x in (statistics.min, statistics.max) if _is_number(x))
    return found


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def unpacked(path: Path) -> bytes:
    """All bytes of a release, with what stands in the workbook unpacked."""
    parts = [file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()]
    with zipfile.ZipFile(path / "tables.xlsx") as book:
        parts += [book.read(name) for name in book.namelist()]
    return b"\n".join(parts)


def test_what_the_register_does_not_let_out_is_in_no_file(released: Path) -> None:
    numbers, content = numbers_in(released), unpacked(released)

    def is_written(number: float) -> bool:
        return re.search(rf"(?<![\d.a-f]){re.escape(str(number))}(?![\d.a-f])".encode(), content) is not None

    # 4.5 hours are published, and stand beside what is not: the search finds what is there.
    assert 4.5 in numbers
    assert is_written(4.5)
    assert struct.pack("<d", 4.5) in content
    for number in NOT_RELEASED:
        assert number not in numbers
        assert not is_written(number)
        for form in ("<d", ">d", *(("<q", "<i") if isinstance(number, int) else ())):
            assert struct.pack(form, number) not in content


def test_no_byte_of_a_release_depends_on_what_the_register_does_not_let_out(
    released: Path, make_world: Callable[..., Any]
) -> None:
    """Two programmes that differ in casework and in counts of people alone publish the same bytes."""
    twin = make_world("twin")
    twin.change("mart_delivery", 1, sessions_delivered=2, sessions_cancelled=3, hours=1.5, activity="phone_calls")
    twin.change("mart_process", 1, sessions_delivered=2, hours=1.5, mean_hours=0.75)
    twin.rows["mart_process"].append(twin.rows["mart_process"][1])  # two rows alike that are not released stop nothing
    twin.change("mart_partnership", 0, sessions_with_partner=2)
    twin.change("mart_local_indicator", 0, numerator=3.0, value=3.0, denominator=100.0, met=False)
    del twin.rows["mart_local_indicator"][1]
    for number in range(4):
        twin.change("mart_reach", number, value_low=number, value_high=None)
    twin.rows["mart_reach_area"], twin.rows["mart_story_domain"] = [], []
    other = twin.night()
    assert released.name == other.id
    contents = [
        {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
        for path in (released, other.path)
    ]
    assert contents[0] == contents[1]


def test_text_that_a_spreadsheet_would_run_is_made_harmless(world: Any, make_story: Callable[..., Any]) -> None:
    danger = '=HYPERLINK("x")'
    world.stories = [make_story("GL-001", danger), make_story("GL-002", "+1\x07 more"), make_story("GL-003", "－2+3")]
    path = world.night().path
    with (path / "csv" / "stories.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[-1] for row in csv.reader(stream)][1:] == ["\t" + danger, "\t+1\x07 more", "\t－2+3"]
    book = openpyxl.load_workbook(path / "tables.xlsx")
    assert [row[-1] for row in table_rows(book["stories"])[1]] == ["\t" + danger, "\t+1 more", "\t－2+3"]
    assert not any(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert pq.read_table(path / "parquet" / "stories.parquet")["text"][0].as_py() == danger


def test_a_workbook_says_what_is_missing(released: Path) -> None:
    book = openpyxl.load_workbook(released / "tables.xlsx")
    header, rows = table_rows(book["learning_action"])
    assert [row[header.index("value")] for row in rows] == [31, "[x]", "[x]", "[x]"]
    assert any(str(cell.value).startswith("[x] not available") for cell in book["learning_action"]["A"])
    held = "Held: stoke, activity, since 2026-04-28: The latest return lacks a column that is needed."
    assert held in [row[0].value for row in book["Cover"].iter_rows()]
    assert [book.properties.created.date(), book.properties.modified.date()] == [date(2026, 5, 1)] * 2


def test_approved_stories_alone_are_released_and_a_blocked_one_is_noted(
    world: Any, make_story: Callable[..., Any], figures: Figures
) -> None:
    world.stories = [
        make_story("GL-001"),
        make_story("GL-002", "Inside only.", consent="internal"),
        make_story("GL-003", "Ring 01632 960123."),
        make_story("GL-004", "Taken back.", consent="withdrawn"),
    ]
    published = world.night()
    assert [row["story_id"] for row in figures(published.path, "stories")] == ["GL-001"]
    assert published.notes == ("Story GL-003 of glasgow is not published: the screen's rule uk_phone.",)
    content = unpacked(published.path)
    for secret in (b"Inside only", b"960123", b"Taken back", b"GL-002", b"GL-003", b"GL-004", b"2025-05-20"):
        assert secret not in content


@pytest.mark.usefixtures("without_pages")
def test_consent_that_is_withdrawn_takes_the_text_out_of_the_next_release(
    world: Any, make_story: Callable[..., Any], figures: Figures
) -> None:
    world.night()
    world.stories = [make_story(consent="withdrawn")]
    second = world.release()
    assert figures(second.path, "stories") == []
    (change,) = read_manifest(second.path)["changed"]
    assert (change["table"], change["rows_before"], change["rows_after"], change["removed"]) == ("stories", 1, 0, 1)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [text for name, text in attrs if name in ("href", "src") and text]


def test_the_page_stands_alone_and_escapes_what_it_is_given(world: Any) -> None:
    world.context = replace(
        world.context, code_version="<script>alert(1)</script>", held=(Held("<b>", "a&b", date(2026, 4, 1), "other"),)
    )
    path = world.night().path
    text = (path / "about.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<td>A&amp;b</td>" in text
    assert not re.search(r"https?://|//", text.replace("<!doctype", ""))
    files = [link for link in page.links if not link.startswith("#")]
    assert {"tables.xlsx", "tfc.duckdb", "manifest.json", "csv/delivery.csv", "parquet/stories.parquet"} <= set(files)
    assert all((path / link).is_file() for link in files)
    assert '<html lang="en-GB">' in text
    assert page.tags.count("table") == page.tags.count("caption")
    assert "This is the first release." in text


def test_the_data_package_describes_every_file(released: Path) -> None:
    path = released
    package = json.loads((path / "datapackage.json").read_text())
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert package["created"] == "2026-05-01T00:00:00Z"
    assert package["version"] == path.name
    for resource in package["resources"]:
        assert re.fullmatch(r"[a-z0-9-]+", resource["name"])
        content = (path / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert len({resource["name"] for resource in package["resources"]}) == len(package["resources"]) == 13
    (delivery,) = [resource for resource in package["resources"] if resource["name"] == "delivery"]
    assert delivery["schema"]["uniqueKeys"] == [["site", "month", "activity", "measure"]]
    fields = {field["name"]: field for field in delivery["schema"]["fields"]}
    assert list(fields) == (path / "csv" / "delivery.csv").read_text().split("\n")[0].split(",")
    assert (fields["month"]["type"], fields["value"]["type"]) == ("date", "number")
    assert "suppressed_secondary" in fields["status"]["constraints"]["enum"]
