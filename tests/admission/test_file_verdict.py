"""What a night would decide on a file that nobody has sent, beside what came on earlier nights; nothing of it is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tfc_platform.admission.admit import Night
from tfc_platform.admission.file_verdict import FileVerdict, judge_file
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Settings

HEAD = "Date,Activity,Status,People\n"
WHERE = ("elsewhere", "log")
APRIL = HEAD + "".join(f"{day:02}/04/2025,Choir,Delivered,{day}\n" for day in range(1, 21))
NAME = "log 2025-04.csv"


@pytest.fixture
def judge(settings: Settings, with_elsewhere: Catalogue) -> Callable[..., FileVerdict]:
    def ask(text: str, name: str = NAME, where: tuple[str, str] = WHERE) -> FileVerdict:
        return judge_file(settings, with_elsewhere, text.encode(), name, where)

    return ask


@pytest.fixture
def seen(
    settings: Settings,
    with_elsewhere: Catalogue,
    intake: Callable[..., Intake],
    run_night: Callable[[Intake], Night],
) -> Settings:
    """A home in which April came on an earlier night."""
    target = Path(settings.landing) / "elsewhere" / "log"
    target.mkdir(parents=True)
    (target / NAME).write_text(APRIL)
    run_night(intake(with_elsewhere))
    return settings


def listing(home: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for folder, _, files in os.walk(home):
        for name in files:
            state = (Path(folder) / name).lstat()
            found[str(Path(folder) / name)] = (state.st_size, state.st_mtime_ns)
    return found


def sums_hold(verdict: FileVerdict) -> bool:
    return verdict.received == verdict.accepted + verdict.rejected + verdict.duplicate


def test_a_file_before_the_first_night(judge: Callable[..., FileVerdict], settings: Settings) -> None:
    found = judge(APRIL.replace("03/04/2025", "no day").replace(",Delivered,9\n", ",Delivered,many\n"))
    assert (found.would_count, found.status) == (True, "accepted")
    assert (found.received, found.accepted, found.rejected, found.duplicate) == (20, 18, 2, 0)
    errors = [issue for issue in found.issues if issue.severity == "error"]
    assert {(place.row, place.column) for issue in errors for place in issue.places} == {(4, "Date"), (10, "People")}
    assert "no day" not in repr(found)
    assert [remark.split(":")[0] for remark in found.remarks] == ["No night has run in this TFC_HOME"]
    assert not settings.home.exists()


def test_a_later_version_takes_the_place_of_the_one_before(judge: Callable[..., FileVerdict], seen: Settings) -> None:
    before = listing(seen.home)
    found = judge(APRIL.replace(",Delivered,7\n", ",Delivered,8\n") + "21/04/2025,Choir,Delivered,5\n")
    assert (found.would_count, found.status, found.supersedes) == (True, "accepted", f"elsewhere/log/{NAME}")
    assert found.change is not None
    assert (found.change.before, found.change.now) == (20, 21)
    assert (found.remarks, sums_hold(found)) == ((), True)
    assert listing(seen.home) == before


def test_a_version_that_lost_most_rows_would_be_held(judge: Callable[..., FileVerdict], seen: Settings) -> None:
    before = listing(seen.home)
    found = judge("".join(APRIL.splitlines(keepends=True)[:4]))
    assert (found.would_count, found.status, found.supersedes) == (False, "held", None)
    assert f"elsewhere/log/{NAME}" in (found.message or "")
    assert listing(seen.home) == before


def test_the_same_rows_under_another_name_are_a_copy(judge: Callable[..., FileVerdict], seen: Settings) -> None:
    found = judge(APRIL, "log 2025-04 (1).csv")
    assert (found.would_count, found.status) == (False, "duplicate_file")
    assert NAME in (found.message or "")


def test_a_name_that_no_contract_takes(judge: Callable[..., FileVerdict], settings: Settings) -> None:
    found = judge(APRIL, "export.txt")
    assert (found.would_count, found.status, found.cause) == (False, "unrecognised", "name")
    assert "log/*.csv" in (found.message or "")


def test_a_contract_that_changed_since_the_last_night_is_said(seen: Settings, with_elsewhere: Catalogue) -> None:
    contracts = tuple(
        contract.model_copy(update={"description": "Another."}) if contract.source == "log" else contract
        for contract in with_elsewhere.contracts
    )
    found = judge_file(seen, replace(with_elsewhere, contracts=contracts), APRIL.encode(), NAME, WHERE)
    assert found.would_count
    assert any("have changed since the last night" in remark for remark in found.remarks)
