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

from tfc_platform.publish.context import Held
from tfc_platform.publish.releases import verify_release
from tfc_platform.publish.tables import ReleaseError
from tfc_platform.settings import ConfigurationError

Figures = Callable[[Path, str], list[dict[str, Any]]]
HIDDEN_HIGH = 7919  # of the row whose low is 9: a number that stands nowhere else


def manifest(path: Path) -> dict[str, Any]:
    return json.loads((path / "manifest.json").read_text())


def value(figures: list[dict[str, Any]], measure: str, **keys: Any) -> tuple[Any, str]:
    (found,) = [f for f in figures if f["measure"] == measure and all(f[k] == v for k, v in keys.items())]
    return found["value"], found["status"]


def test_a_release_has_the_files_and_tables_of_the_interface(world: Any) -> None:
    path = world.night().path
    names = {p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()}
    tables = {table.table for table in world.register.tables} | {"stories"}
    assert names == {
        *("tfc.duckdb", "tables.xlsx", "datapackage.json", "manifest.json", "index.html"),
        *(f"parquet/{table}.parquet" for table in tables),
        *(f"csv/{table}.csv" for table in tables),
    }
    assert (world.places.releases / "current").resolve() == path
    assert all(stat.S_IMODE((path / name).stat().st_mode) == 0o444 for name in names)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_every_format_holds_the_same_rows(released: Path, figures: Figures) -> None:
    path = released
    book = openpyxl.load_workbook(path / "tables.xlsx")
    with duckdb.connect(str(path / "tfc.duckdb"), read_only=True) as con:
        for entry in manifest(path)["tables"]:
            name, expected = entry["name"], [tuple(row.values()) for row in figures(path, entry["name"])]
            assert len(expected) == entry["rows"]
            assert con.execute(f'from main."{name}"').fetchall() == expected
            with (path / "csv" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
                written = list(csv.reader(stream))
            assert len(written) == len(expected) + 1
            assert book[name].max_row == len(expected) + 1
            assert [cell.value for cell in book[name][1]] == written[0]
        comments = dict(con.execute("select table_name, comment from duckdb_tables()").fetchall())
    assert comments["reach"].startswith("Attendances by site, month and activity.")


def test_a_row_is_a_figure_with_its_keys_in_order(released: Path) -> None:
    text = (released / "csv" / "reach.csv").read_text()
    lines = text.split("\n")
    assert lines[:4] == [
        "site,month,activity,audience,measure,value,status,note",
        "glasgow,2025-05-01,toy_library,families,attendances_low,10,shown,",
        "glasgow,2025-05-01,toy_library,families,attendances_high,14,shown,",
        "glasgow,2025-05-01,toy_library,families,sessions_unknown,0,shown,",
    ]
    assert "\r" not in text


def test_counts_of_persons_below_ten_are_suppressed_with_all_that_is_made_of_them(
    released: Path, figures: Figures
) -> None:
    path = released
    reach = figures(path, "reach")
    may, june = date(2025, 5, 1), date(2025, 6, 1)
    assert value(reach, "attendances_low", site="glasgow", month=may) == (10, "shown")
    assert value(reach, "attendances_low", site="glasgow", month=june) == (None, "suppressed")
    assert value(reach, "attendances_high", site="glasgow", month=june) == (None, "suppressed")
    assert value(reach, "sessions_unknown", site="glasgow", month=june) == (1, "shown")
    area = figures(path, "reach_area")
    assert value(area, "rate_per_1000", small_area_code="S01") == (276.24, "shown")
    assert value(area, "rate_per_1000", small_area_code="S02") == (None, "suppressed")
    assert value(area, "population", small_area_code="S02") == (1900, "shown")
    stories = figures(path, "story_domain")
    assert value(stories, "stories", teller_role="practitioner") == (23, "shown")
    assert value(stories, "selected", teller_role="practitioner") == (12, "shown")
    assert value(stories, "selected", site="glasgow", teller_role="parent") == (None, "suppressed")
    assert value(stories, "stories", site="stoke") == (None, "suppressed")
    own = figures(path, "local_indicator")
    assert value(own, "indicator_value", period="2025-Q2") == (80, "shown")
    assert value(own, "indicator_value", period="2025-Q3") == (None, "suppressed")
    assert value(own, "met", period="2025-Q3") == (None, "suppressed")
    assert value(own, "denominator", period="2025-26") == (None, "not_available")


def test_figures_of_a_held_source_say_so_with_the_date(world: Any, figures: Figures) -> None:
    path = world.night().path
    note = "From an earlier return: activity held since 2026-04-28."
    reach = [figure for figure in figures(path, "reach") if figure["site"] == "stoke"]
    assert {figure["status"] for figure in reach} == {"held", "suppressed"}
    assert {figure["note"] for figure in reach} == {note}
    # What is not from the held source is not marked, nor is any other site.
    assert all(f["note"] is None for f in figures(path, "story_domain"))
    assert all(f["note"] is None for f in figures(path, "reach") if f["site"] != "stoke")
    assert manifest(path)["held"] == [
        {
            "site": "stoke",
            "source": "activity",
            "since": "2026-04-28",
            "reason": world.register.held_reasons["missing_column"],
        }
    ]


def test_a_hold_on_a_shared_sender_marks_every_site(world: Any, figures: Figures) -> None:
    world.context = replace(
        world.context, held=(Held("central", "learning_actions", date(2026, 4, 29), "no such reason"),)
    )
    path = world.night().path
    notes = {figure["note"] for figure in figures(path, "learning_action")}
    assert notes == {"From an earlier return: learning_actions held since 2026-04-29."}
    assert manifest(path)["held"][0]["reason"] == world.register.held_reasons["other"]


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


def test_a_failed_check_does_not_hide_behind_a_passed_one_of_the_same_name(world: Any, figures: Figures) -> None:
    world.checks.append((*world.checks[0][:7], False, "closes"))
    path = world.night().path
    quality = figures(path, "data_quality")
    assert value(quality, "passed", check_id="activity_dates") == (0, "shown")
    assert value(quality, "passed", check_id="survey_codes") == (0, "shown")
    assert len(quality) == 2


def test_evidence_has_counts_only_where_rows_are_no_persons(released: Path) -> None:
    evidence = {item["check"]: item for item in manifest(released)["evidence"]}
    assert evidence["activity_dates"] == {
        "check": "activity_dates",
        "place": "source",
        "site": "glasgow",
        "subject": "activity",
        "severity": "error",
        "verdict": "passed",
        "rows_checked": 400,
        "rows_failed": 0,
    }
    assert evidence["survey_codes"].keys() == {"check", "place", "site", "subject", "severity", "verdict"}
    assert evidence["survey_codes"]["verdict"] == "failed"


def test_the_manifest_says_what_the_release_is_made_of(released: Path) -> None:
    published = released
    found = manifest(published)
    assert found["id"] == published.name
    assert (found["made_at"], found["code_version"], found["disclosure_policy_version"]) == ("2026-05-01", "0.1.0", "1")
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


def test_a_suppressed_value_is_in_no_file(released: Path) -> None:
    path = released
    numbers, content = numbers_in(path), unpacked(path)
    digits = {
        number: re.search(rf"(?<![\d.a-f]){number}(?![\d.a-f])".encode(), content) is not None for number in (7919, 905)
    }
    # 905 is published, and stands beside what is not: the search finds what is there.
    assert 905 in numbers
    assert digits[905]
    assert HIDDEN_HIGH not in numbers
    assert not digits[HIDDEN_HIGH]
    for form in ("<d", ">d", "<q", "<i"):
        assert struct.pack(form, HIDDEN_HIGH) not in content


def test_no_byte_of_a_release_depends_on_what_is_suppressed(world: Any, make_world: Callable[..., Any]) -> None:
    """Two programmes that differ in hidden values alone publish the same bytes: so no byte can tell them."""
    twin = make_world("twin")
    twin.change("mart_reach", 1, value_low=2, value_high=None)
    twin.change("mart_reach", 3, value_low=7, value_high=8)
    twin.change("mart_reach_area", 1, attendances_low=1, rate_per_1000=0.5263)
    twin.change("mart_story_domain", 2, stories=9, selected=9)
    twin.change("mart_story_domain", 0, selected=0)
    twin.change("mart_local_indicator", 1, numerator=3.0, value=3.0, met=False)
    one, other = world.night(), twin.night()
    assert one.id == other.id
    assert {p.name: p.read_bytes() for p in one.path.rglob("*") if p.is_file()} == {
        p.name: p.read_bytes() for p in other.path.rglob("*") if p.is_file()
    }


def test_text_that_a_spreadsheet_would_run_is_made_harmless(world: Any, make_story: Callable[..., Any]) -> None:
    danger = '=HYPERLINK("x")'
    world.stories = [make_story("GL-001", danger), make_story("GL-002", "+1\x07 more"), make_story("GL-003", "－2+3")]
    path = world.night().path
    with (path / "csv" / "stories.csv").open(encoding="utf-8", newline="") as stream:
        assert [row[-1] for row in csv.reader(stream)][1:] == ["'" + danger, "'+1\x07 more", "'－2+3"]
    book = openpyxl.load_workbook(path / "tables.xlsx")
    cells = [book["stories"].cell(row, 5) for row in (2, 3, 4)]
    assert [cell.value for cell in cells] == ["'" + danger, "'+1 more", "'－2+3"]
    assert {cell.data_type for cell in cells} == {"s"}
    assert pq.read_table(path / "parquet" / "stories.parquet")["text"][0].as_py() == danger


def test_a_workbook_says_what_is_missing(released: Path) -> None:
    book = openpyxl.load_workbook(released / "tables.xlsx")
    header = [cell.value for cell in book["reach"][1]]
    shown = [row[header.index("value")] for row in book["reach"].iter_rows(min_row=2, values_only=True)]
    assert shown[:6] == [10, 14, 0, "[c]", "[c]", 1]
    assert all(cell.font.bold for cell in book["reach"][1])
    assert any(row[0].value == "[c]" for row in book["Cover"].iter_rows())
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


def test_consent_that_is_withdrawn_takes_the_text_out_of_the_next_release(
    world: Any, make_story: Callable[..., Any], figures: Figures
) -> None:
    world.night()
    world.stories = [make_story(consent="withdrawn")]
    second = world.release()
    assert figures(second.path, "stories") == []
    (change,) = manifest(second.path)["changed"]
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
    text = (path / "index.html").read_text(encoding="utf-8")
    page = _Page()
    page.feed(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<td>a&amp;b</td>" in text
    assert not re.search(r"https?://|//", text.replace("<!doctype", ""))
    files = [link for link in page.links if not link.startswith("#")]
    assert {"tables.xlsx", "tfc.duckdb", "manifest.json", "csv/reach.csv", "parquet/stories.parquet"} <= set(files)
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
    assert len({resource["name"] for resource in package["resources"]}) == len(package["resources"]) == 26
    (reach,) = [resource for resource in package["resources"] if resource["name"] == "reach"]
    assert reach["schema"]["uniqueKeys"] == [["site", "month", "activity", "measure"]]
    fields = {field["name"]: field for field in reach["schema"]["fields"]}
    assert list(fields) == (path / "csv" / "reach.csv").read_text().split("\n")[0].split(",")
    assert (fields["month"]["type"], fields["value"]["type"]) == ("date", "number")
    assert "suppressed_secondary" in fields["status"]["constraints"]["enum"]


def test_nothing_new_releases_nothing_also_on_another_day(world: Any) -> None:
    first = world.night()
    assert world.release() is None
    world.context = replace(world.context, as_of=date(2026, 5, 2), code_version="0.2.0")
    assert world.night() is None
    assert (world.places.releases / "current").resolve() == first.path


def test_what_changed_is_said_with_its_reasons(world: Any) -> None:
    first = world.night()
    world.change("mart_reach", 0, value_low=12)
    world.rows["mart_delivery"].append(("stoke", date(2025, 7, 1), "street_play", "primary", "children", 1, 0, 1.0, 1))
    world.context = replace(
        world.context,
        as_of=date(2026, 5, 2),
        admitted={"glasgow": ["a" * 64, "b" * 64, "9" * 64], "stoke": ["8" * 64]},
        held=(),
    )
    second = world.night()
    found = manifest(second.path)
    assert (found["follows"], found["number"]) == (first.id, 2)
    changed = {item["table"]: item for item in found["changed"]}
    reach, delivery = changed["reach"], changed["delivery"]
    # Stoke is no longer held: its figures change their status though not their values.
    assert (reach["added"], reach["removed"], reach["changed"]) == (0, 0, 7)
    assert (delivery["added"], delivery["removed"], delivery["changed"]) == (4, 0, 4)
    assert reach["reasons"] == [
        {"site": "glasgow", "reason": "new returns"},
        {"site": "stoke", "reason": "activity no longer held"},
        {"site": "stoke", "reason": "returns revised"},
    ]
    assert set(changed) == {"reach", "delivery", "local_indicator", "reach_area"}
    assert "glasgow: new returns" in (second.path / "index.html").read_text()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"code_version": "0.2.0"}, {"site": "all", "reason": "another version of the platform"}),
        ({"as_of": date(2026, 5, 14)}, {"site": "all", "reason": "another date"}),
        ({}, {"site": "all", "reason": "worked out again"}),
    ],
)
def test_a_change_without_returns_has_a_reason_too(world: Any, change: dict[str, Any], reason: dict[str, str]) -> None:
    world.night()
    world.change("mart_expected_return", 1, status="overdue")
    world.context = replace(world.context, **change)
    (changed,) = manifest(world.night().path)["changed"]
    assert (changed["table"], changed["reasons"]) == ("expected_return", [reason])


def test_another_policy_is_a_new_release_and_says_so(world: Any, figures: Figures) -> None:
    world.night()
    stricter = world.policy.model_copy(update={"version": "2", "threshold_persons": 11})
    second = world.release(policy=stricter)
    assert value(figures(second.path, "reach"), "attendances_low", site="glasgow", month=date(2025, 5, 1)) == (
        None,
        "suppressed",
    )
    reasons = [reason for item in manifest(second.path)["changed"] for reason in item["reasons"]]
    assert {"site": "all", "reason": "another disclosure policy"} in reasons


def test_two_rows_with_the_same_keys_stop_the_release_and_no_cell_is_told(world: Any) -> None:
    world.rows["mart_reach"].append(("glasgow", date(2025, 5, 1), "toy_library", "x", "attendances", 31, 31, 0))
    world.warehouse()
    world.research()
    with pytest.raises(ReleaseError, match=r"^mart_reach has two rows with the same site, month, activity\.$"):
        world.release()
    assert list(world.places.releases.iterdir()) == []


def test_rows_of_another_measure_are_not_released(world: Any, figures: Figures) -> None:
    world.rows["mart_reach"].append(("glasgow", date(2025, 5, 1), "toy_library", "x", "people", 6113, 6113, 0))
    path = world.night().path
    assert 6113 not in numbers_in(path)
    assert len(figures(path, "reach")) == 12


def test_a_register_that_does_not_fit_the_marts_releases_nothing(world: Any) -> None:
    world.warehouse()
    world.research()
    reach = next(table for table in world.register.tables if table.table == "reach")
    for change, message in (
        ({"mart": "mart_gone"}, "publication_register.yaml: tables: there is no mart 'mart_gone'."),
        ({"only": {"gone": "x"}}, "publication_register.yaml: tables.reach: mart_reach has no column 'gone'."),
    ):
        register = world.register.model_copy(update={"tables": (reach.model_copy(update=change),)})
        with pytest.raises(ConfigurationError, match=re.escape(message)):
            world.release(register=register)
    assert list(world.places.releases.iterdir()) == []


def test_an_empty_programme_can_be_released(world: Any) -> None:
    world.rows = {name: [] for name in world.rows}
    world.checks, world.stories = [], []
    world.context = replace(world.context, held=(), evidence=(), admitted={})
    path = world.night().path
    assert sum(entry["rows"] for entry in manifest(path)["tables"]) == 0
    assert verify_release(world.places) == []
