"""The answers agree with themselves, and with the files as a plain look into them finds them."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import yaml

from tfc_platform import demo
from tfc_platform.demo.data_entry_errors import SessionEntry, WrittenAttendance
from tfc_platform.demo.expected_results import session_answers
from tfc_platform.demo.file_ledgers import ACCEPTED, FileLedger
from tfc_platform.demo.people import NOTHING, Remark

REASONS = {"invalid_date", "date_outside_period", "invalid_attendance", "not_approved", "preview", "incomplete"}
WORDING = yaml.safe_load((Path(demo.__file__).parent / "wording.yaml").read_text(encoding="utf-8"))
READ = {"accepted", "superseded", "held"}


def test_sums_hold_and_reasons_make_up_the_rejected(nights: Any) -> None:
    met: Counter[str] = Counter()
    for name, answer in nights.second.files.items():
        if "received" not in answer:
            assert answer["status"] in ("unreadable", "duplicate_file", "unrecognised", "rejected"), name
            continue
        rejected = answer.get("rejected", 0)
        assert answer["received"] == answer["accepted"] + rejected + answer.get("duplicate", 0), name
        reasons = {key: n for key, n in answer.items() if key in REASONS}
        assert sum(reasons.values()) == rejected, name
        assert rejected <= 0.1 * answer["received"] or answer["status"] == "held", name
        met.update(reasons)
        met["duplicate"] += answer.get("duplicate", 0)
    assert set(met) == REASONS | {"duplicate"}, "every end of a row occurs"
    assert {answer["status"] for answer in nights.second.files.values()} == {
        "accepted", "superseded", "duplicate_file", "unreadable", "unrecognised", "rejected", "held",
    }  # fmt: skip


def test_every_written_file_has_an_answer(nights: Any) -> None:
    there = {path.relative_to(nights.landing).as_posix() for path in nights.landing.rglob("*") if path.is_file()}
    assert there == set(nights.second.files)


def test_received_rows_are_the_rows_in_the_file(nights: Any) -> None:
    for name, answer in nights.second.files.items():
        if "received" not in answer:
            continue
        if name.endswith(".csv"):
            header_rows = 3 if "qualtrics" in name else 1
            rows = sum(any(record) for _, record in nights.records(name)) - header_rows
        else:
            hidden = "OLD do not use"
            rows = len({(c.sheet, c.row) for c in nights.cells(name) if c.sheet != hidden})
        assert rows == answer["received"] + answer.get("not_data", 0), name


def test_flags_point_at_disclosures_and_no_disclosure_is_without_one(nights: Any) -> None:
    flags = {(f["file"], f["sheet"], f["row"], f["column"]) for f in nights.second.safeguarding_flags}
    assert len(flags) == len(nights.second.safeguarding_flags) > 20
    found = set()
    for name, answer in nights.second.files.items():
        if answer["status"] in ("accepted", "superseded", "held", "rejected"):
            for cell in nights.cells(name):
                if any(sentence in cell.text for sentence in WORDING["disclosures"]):
                    found.add((name, cell.sheet, cell.row, cell.column))
    assert found == flags


def test_totals_of_the_log_are_right_but_for_one(nights: Any) -> None:
    (wrong,) = nights.first.totals_wrong
    off = []
    for name, answer in nights.first.files.items():
        if "activity log" not in name or answer["status"] != "accepted":
            continue
        for sheet in openpyxl.load_workbook(nights.landing / name).worksheets:
            if sheet.sheet_state != "visible":
                continue
            seen, right = set(), 0
            for row in sheet.iter_rows(min_row=5, values_only=True):
                if row[0] == "Total":
                    if row[5] != right:
                        off.append({"file": name, "sheet": sheet.title, "off_by": row[5] - right})
                    break
                right += _exact(row) if row not in seen else 0
                seen.add(row)
    assert off == [wrong]


def _exact(row: tuple[Any, ...]) -> int:
    """The exact count of a delivered row with a date in 2025 or 2026, worked out without the generator's words."""
    day, status, count = row[0], row[2], row[5]
    dated = day.year in (2025, 2026) if hasattr(day, "year") else any(c.isdigit() for c in str(day or ""))
    if status != "Delivered" or not dated:
        return 0
    if isinstance(count, int):
        return max(count, 0)
    words = str(count or "").split()
    return int(words[0]) + int(words[2]) if len(words) == 4 and words[1] == "adults" else 0


def test_second_night_keeps_what_is_held(nights: Any) -> None:
    first = [s for s in nights.first.sessions if s["site"] != "grimsby"]
    assert [s for s in nights.second.sessions if s["site"] != "grimsby"] == first
    gained = [s for s in nights.second.sessions if s not in nights.first.sessions]
    assert gained
    assert {(s["site"], s["month"]) for s in gained} == {("grimsby", "2026-04")}
    (held,) = [a for a in nights.second.files.values() if a["status"] == "held"]
    assert held["rejected"] > held["received"] / 2
    assert held["because"] == f"{held['rejected']} of {held['received']} rows rejected"


def test_accepted_rows_of_admitted_activity_files_are_the_sessions(nights: Any) -> None:
    for answers in (nights.first, nights.second):
        rows: Counter[str] = Counter()
        for name, answer in answers.files.items():
            if answer["status"] == "accepted" and "/activity/" in name:
                rows[name.split("/")[0]] += answer["accepted"]
        sessions: Counter[str] = Counter()
        for cell in answers.sessions:
            sessions[cell["site"]] += cell.get("delivered", 0) + cell.get("cancelled", 0)
        assert rows == sessions


def test_stories_withdrawn_count_nowhere_and_only_shared_ones_are_published(nights: Any) -> None:
    stories = nights.first.stories
    shared, withdrawn = set(), 0
    for name in nights.first.files:
        if name.endswith("stories_of_change.csv"):
            (_, names), *rest = nights.records(name)
            told = [dict(zip(names, record, strict=True)) for _, record in rest]
            shared |= {story["story_id"] for story in told if story["consent"] == "share"}
            withdrawn += sum(story["consent"] == "withdrawn" for story in told)
    approved = {record[0] for _, record in nights.records("central/story_approvals.csv")[1:]}
    assert set(stories["publishable"]) == shared & approved
    assert approved - shared, "an approval without consent is among them"
    assert withdrawn
    assert sum(stories["by_domain_without_withdrawn"].values()) == stories["told"] - withdrawn


def test_learning_without_action(nights: Any) -> None:
    acted = {record[0] for _, record in nights.records("central/learning_actions.csv")[1:]}
    noted = {r[0] for name in nights.first.files if "learning_log" in name for _, r in nights.records(name)[1:]}
    assert nights.first.learning["items"] == len(noted)
    assert nights.first.learning["without_action"] == len(noted - acted)


class _Session:
    """As little of a session as the sums ask for."""

    def __init__(self, delivered: bool, hours: float | None) -> None:
        self.site, self.activity, self.held_on = "a", "b", date(2025, 5, 7)
        self.delivered, self.hours = delivered, hours


def _entry(
    attendance: WrittenAttendance, hours: float | None, delivered: bool = True, end: str = ACCEPTED
) -> SessionEntry:
    return SessionEntry(_Session(delivered, hours), 1, "", "", "", attendance, NOTHING, end)  # type: ignore[arg-type]


def test_session_sums_worked_by_hand() -> None:
    entries = [
        _entry(WrittenAttendance(20, 20), 1.5),
        _entry(WrittenAttendance(15, 20), None),
        _entry(WrittenAttendance(36, None), 2),  # 36+: the high total adds the low
        _entry(WrittenAttendance(None, None), 0.5),
        _entry(WrittenAttendance(44, 44), 3, delivered=False),
        _entry(WrittenAttendance(50, 50), 1, end="invalid_date"),
    ]
    assert session_answers(entries) == [
        {
            "site": "a", "month": "2025-05", "activity": "b", "delivered": 4, "cancelled": 1, "hours_x100": 400,
            "sessions_with_hours": 3, "attendances_low": 71, "attendances_high": 76, "attendance_unknown": 1,
        }
    ]  # fmt: skip
    assert session_answers([_entry(WrittenAttendance(50, 50), 1, end="invalid_date")]) == []


def test_ledger_counts() -> None:
    ledger = FileLedger(not_data=2)
    for end in (ACCEPTED, ACCEPTED, "duplicate", "preview"):
        ledger.row(end)
    assert ledger.counts() == {
        "received": 4, "accepted": 2, "rejected": 1, "duplicate": 1, "not_data": 2, "preview": 1,
    }  # fmt: skip
    ledger.remark(Remark("Łuc came", secrets=("Łuc",), disclosure=True), 7, "Notes", encoding="cp1252")
    assert ledger.secrets == {"?uc"}
    assert ledger.flags == [{"sheet": None, "row": 7, "column": "Notes"}]
