"""Two nights of the programme's sample returns, end to end, against what an honest platform reports of them."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from tfc_platform.cli.app import app

from .nights import (
    FIRST,
    SECOND,
    Home,
    Ran,
    agree,
    agree_on_files,
    planted_flags,
    released_stories,
    sessions,
    statuses,
    wrong_totals,
)

pytestmark = pytest.mark.shared
HELD = {"plymouth", "stoke"}
SITES = ("glasgow", "grimsby", "plymouth", "stoke")
OUTCOME = ("site", "population", "wave", "indicator", "measure")
QUALITY = (
    "answer_dont_know_share",
    "answer_item_response",
    "answer_not_straight_lined",
    "item_dont_know_few",
    "item_nonresponse_few",
    "respondent_duration_possible",
    "scale_alpha_not_negative",
    "scale_unscorable_few",
)


@dataclass(frozen=True)
class Seen:
    """A home after one of the nights; what stands elsewhere than in a version is kept from the night itself."""

    ran: Ran
    research: str
    release: str
    statuses: dict[str, Any]
    flags: set[tuple[Any, ...]]


@dataclass(frozen=True)
class Nights:
    home: Home
    answers: dict[str, Any]
    first: Seen
    second: Seen


def _seen(home: Home, ran: Ran) -> Seen:
    return Seen(ran, home.research_id, home.release_id, statuses(home), home.flags())


@pytest.fixture(scope="module")
def nights(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    home = Home(tmp_path_factory.mktemp("answers"))
    answers = json.loads((shared / "returns" / "answers.json").read_text())
    shutil.copytree(shared / "returns" / "night1", home.landing)
    ran = home.good_night(FIRST)
    agree(home, answers)  # here, because these are what the first night left as the latest
    first = _seen(home, ran)
    shutil.copytree(shared / "returns" / "night2", home.landing, dirs_exist_ok=True)
    return Nights(home, answers, first, _seen(home, home.good_night(SECOND)))


def test_the_first_night_agrees_with_the_answers(nights: Nights) -> None:
    assert nights.first.ran.outcome.release == nights.first.release
    agree_on_files(nights.first.statuses, nights.answers["files"])


def test_flags_are_the_planted_ones_and_no_other(nights: Nights) -> None:
    assert nights.first.flags == planted_flags(nights.answers)


def test_a_total_that_does_not_add_up_is_a_warning_with_its_sheet(nights: Nights) -> None:
    wanted = {(item["file"], item["sheet"]) for item in nights.answers["totals_wrong"]}
    assert wrong_totals(nights.home) == wanted
    query = "select message from marts.mart_row_issue where reason = 'total_mismatch'"
    ((message,),) = nights.home.rows(query, nights.first.research)
    (wrong,) = nights.answers["totals_wrong"]
    assert wrong["sheet"] in message
    assert f" {wrong['off_by']} more " in message


def test_every_row_issue_points_to_its_row(nights: Nights) -> None:
    """Each rejected or doubled row of a file is one row issue of that file, so a sender can find them all."""
    query = (
        'select file, count(distinct (sheet, "row")) from marts.mart_row_issue'
        " where severity = 'error' or reason = 'duplicate' group by 1"
    )
    found = dict(nights.home.rows(query, nights.first.research))
    read = {name: item for name, item in nights.answers["files"].items() if "received" in item}
    wanted = {name: item.get("rejected", 0) + item.get("duplicate", 0) for name, item in read.items()}
    assert {name: found.get(name, 0) for name in wanted} == wanted


def test_only_approved_texts_are_released(nights: Nights, shared: Path) -> None:
    text = (shared / "returns" / "night1" / "central" / "story_approvals.csv").read_text(encoding="utf-8-sig")
    approved = {row["story_id"]: row["approved_text"].strip() for row in csv.DictReader(io.StringIO(text))}
    told = []
    for path in (shared / "returns" / "night1").glob("*/stories/*.csv"):
        told += [row["story"] for row in csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig")))]
    released = released_stories(nights.home)
    assert released == {story_id: approved[story_id] for story_id in nights.answers["stories"]["publishable"]}
    assert len(told) == nights.answers["stories"]["told"]
    assert not set(released.values()) & {text.strip() for text in told}


def test_the_second_night_gives_each_new_file_its_status(nights: Nights, shared: Path) -> None:
    new = [nights.answers["night2"][site] for site in ("grimsby", "plymouth", "stoke")]
    agree_on_files(nights.second.statuses, nights.answers["files"] | {answer["file"]: answer for answer in new})
    rejected, received = _refused_by_hand(shared / "returns" / "night2" / new[1]["file"])
    counts = {"received": received, "rejected": rejected, "accepted": received - rejected}
    assert nights.second.statuses[new[1]["file"]] == {"status": "held", **counts}
    # The answers count the nonsense that was put in; a few rows of the file had a fault of their own before.
    assert new[1]["because"] == "191 of 382 rows rejected"
    assert received == 382
    assert rejected >= 191


def _refused_by_hand(file: Path) -> tuple[int, int]:
    """The rows of the forms workbook that cannot count, by the README's rules, and all rows."""
    heading, *rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    held_on, came = heading.index("What date was the session?"), heading.index("How many people came?")

    def is_bad(row: tuple[Any, ...]) -> bool:
        day, count = row[held_on], row[came]
        if not isinstance(day, datetime) or not datetime(2025, 4, 1) <= day <= datetime(2026, 4, 30):
            return True
        text = str(count or "n/a")
        return (text.lstrip("-").isdigit() and text[0] == "-") or text in ("lots of people", "#REF!", "#VALUE!")

    return sum(map(is_bad, rows)), len(rows)


@pytest.mark.parametrize("night", ["first", "second"])
def test_each_night_publishes_every_outcome_of_the_answers(nights: Nights, night: str) -> None:
    """All 352 figures with their bases and standard errors, and no other; the answers are rounded to six decimals."""
    version = getattr(nights, night).research
    query = """select site, population, wave, indicator, measure, n, n_clusters, estimate, se, ci_low, ci_high, reason
               from marts.mart_outcome_indicator where breakdown = 'all'"""
    found = {row[:5]: row[5:] for row in nights.home.rows(query, version)}
    wanted = {tuple(row[name] for name in OUTCOME): row for row in nights.answers["outcomes"]}
    assert len(wanted) == 352
    assert set(found) == set(wanted)
    for key, row in wanted.items():
        n, clusters, estimate, se, low, high, reason = found[key]
        assert (n, clusters, estimate, se) == (
            row["n"],
            row["n_clusters"],
            rounded(row["estimate"]),
            rounded(row["se"]),
        ), key
        assert (low is None) == (reason is not None)
        assert low is None or low < estimate < high or estimate in (0, 100)


@pytest.mark.parametrize("night", ["first", "second"])
def test_each_night_publishes_every_paired_change_of_the_answers(nights: Nights, night: str) -> None:
    version = getattr(nights, night).research
    query = """select site, population, indicator, design, n_pairs, difference, se, linkage_rate, n_from
               from marts.mart_outcome_change where design = 'panel'"""
    found = {row[:4]: row[4:] for row in nights.home.rows(query, version)}
    assert len(nights.answers["paired_change"]) == 12
    for row in nights.answers["paired_change"]:
        pairs, difference, se, linkage, base = found[row["site"], row["population"], row["indicator"], row["design"]]
        assert (pairs, difference, se) == (row["n_pairs"], rounded(row["difference"]), rounded(row["se"]))
        assert linkage == pytest.approx(pairs / base, abs=5e-5)


def rounded(figure: float | None) -> Any:
    return figure if figure is None else pytest.approx(figure, abs=0.5e-6 * 1.000001)


@pytest.mark.parametrize("night", ["first", "second"])
def test_the_quality_of_the_answers_is_judged_site_by_site(nights: Nights, night: str) -> None:
    """Each of these warns at most; every site has its own line, with the rows that it was judged by."""
    version = getattr(nights, night).research
    query = f"""select check_id, site, severity, verdict, rows_checked, gate_effect from marts.mart_data_quality
                where check_id in {QUALITY} order by all"""
    found = nights.home.rows(query, version)
    assert {(check, site) for check, site, *_ in found} == {(check, site) for check in QUALITY for site in SITES}
    for check, site, severity, verdict, rows, effect in found:
        assert severity == "warn", check
        assert effect == ("none" if verdict == "passed" else "warns"), (check, site)
        assert rows > 0, (check, site)


def test_grimsby_gains_its_month_and_no_other_figure_moves(nights: Nights, shared: Path) -> None:
    before = sessions(nights.home, nights.first.research)
    after = sessions(nights.home, nights.second.research)
    gained = [row for row in after if row not in before]
    assert [row for row in before if row not in after] == []
    assert {(row["site"], row["month"]) for row in gained} == {("grimsby", "2026-04")}
    # The month, counted by hand from the file: a row counts where its first cell is a date.
    answer = nights.answers["night2"]["grimsby"]
    text = (shared / "returns" / "night2" / answer["file"]).read_bytes().decode("cp1252")
    rows = [
        row for row in csv.DictReader(io.StringIO(text)) if (row["Date of session"] or "")[-5:] in ("/2026", "04/26")
    ]
    ends = Counter(row["Outcome"].casefold() for row in rows)
    assert len(rows) == answer["accepted"]
    assert sum(row.get("delivered", 0) for row in gained) == ends["delivered"]
    assert sum(row.get("cancelled", 0) for row in gained) == ends["cancelled"]


@pytest.mark.parametrize("mart", ["mart_delivery", "mart_reach", "mart_reach_area", "mart_process", "mart_partnership"])
@pytest.mark.parametrize("site", ["glasgow", "plymouth", "stoke"])
def test_the_others_marts_are_what_they_were(nights: Nights, site: str, mart: str) -> None:
    query = f"select * from marts.{mart} where site = '{site}' order by all"
    before = nights.home.rows(query, nights.first.research)
    assert before
    assert nights.home.rows(query, nights.second.research) == before


def test_the_bad_returns_are_held_since_the_night_that_brought_them(nights: Nights) -> None:
    query = "select site, source, held_since, held_reason, held_file from marts.mart_source_state where is_held order by site"
    assert nights.home.rows(query, nights.first.research) == []
    plymouth, stoke = nights.home.rows(query, nights.second.research)
    assert plymouth[:3] == ("plymouth", "activity", SECOND)
    assert re.match(r"\d{3} of 382 rows were rejected, more than 10%\.", plymouth[3])
    assert plymouth[4] == nights.answers["night2"]["plymouth"]["file"]
    assert stoke[:3] == ("stoke", "activity", SECOND)
    assert "attendance/total" in stoke[3]
    assert stoke[4] == nights.answers["night2"]["stoke"]["file"]


def test_the_release_says_what_is_held_and_shows_the_earlier_figures(nights: Nights) -> None:
    held = nights.home.manifest()["held"]
    assert {(item["site"], item["source"], item["since"]) for item in held} == {
        (site, "activity", SECOND.isoformat()) for site in HELD
    }
    assert all(item["reason"] for item in held)
    with nights.home.release() as con:
        by_site = con.execute(
            """select site, count(*) filter (status = 'held'), count(*) filter (status = 'shown'),
                      bool_and(note like '%2026-05-20%') filter (status = 'held')
               from delivery where value is not null group by site order by site"""
        ).fetchall()
    for site, kept, shown, dated in by_site:
        assert (kept > 0, shown > 0) == (site in HELD, site not in HELD)
        assert dated is (True if site in HELD else None)


def test_the_first_release_and_research_still_stand_as_they_were(nights: Nights) -> None:
    assert nights.first.release != nights.second.release
    assert nights.home.manifest(nights.first.release)["held"] == []
    assert nights.home.manifest()["follows"] == nights.first.release
    changed = {item["table"]: item for item in nights.home.manifest()["changed"]}
    assert "delivery" in changed
    assert "stories" not in changed


def test_status_shows_the_held_sources_with_their_reasons(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(nights.home.folder)
    run = CliRunner().invoke(app, ["status", "--json"], env=nights.home.env(SECOND))
    assert run.exit_code == 0
    found = json.loads(run.stdout)
    held = {(row["site"], row["source"]): row for row in found["sources"] if row["held_since"]}
    assert set(held) == {(site, "activity") for site in HELD}
    assert held["stoke", "activity"]["held_since"] == "2026-05-20"
    assert "attendance/total" in held["stoke", "activity"]["held_reason"]
    assert found["published"]["release"] == nights.second.release
    rows = {(row["site"], row["source"]): row["rows"] for row in found["sources"]}
    accepted = [
        item["accepted"]
        for name, item in nights.answers["files"].items()
        if name.startswith("stoke/activity/") and item["status"] == "accepted"
    ]
    assert rows["stoke", "activity"] == sum(accepted)  # of the last good export
    shown = CliRunner().invoke(app, ["status"], env=nights.home.env(SECOND))
    assert "held since 2026-05-20" in shown.stdout


def test_the_second_night_raises_flags_in_what_it_does_not_count(nights: Nights) -> None:
    new = nights.second.flags - nights.first.flags
    assert nights.first.flags <= nights.second.flags
    assert {file for file, *_ in new} <= {
        nights.answers["night2"][site]["file"] for site in ("grimsby", "plymouth", "stoke")
    }
    # Both held returns are later exports of the same forms: what was disclosed stands in them again.
    assert {file.split("/")[0] for file, *_ in new} >= HELD
