"""A version that has lost much of the one before is held until it is sent again, or somebody accepts it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from tfc_platform.admission.arrivals import Acceptance, Arrival, ContentHold, Submission, VersionChange
from tfc_platform.admission.version_holds import VersionEvidence
from tfc_platform.admission.version_verdicts import decide, source_states
from tfc_platform.contracts.model import Hold

NIGHT = datetime(2026, 5, 1, 2, tzinfo=UTC)


def sent(night: int, rows: int, sha256: str, path: str = "here/log.csv", **other: Any) -> Arrival:
    return Arrival(
        path=path,
        site="here",
        sha256=sha256,
        first_seen_at=NIGHT + timedelta(days=night),
        seen_on=date(2026, 5, 1) + timedelta(days=night),
        received=rows,
        accepted=rows,
        **{"number": night + 1, "source": "log", "status": "read", "return_key": "all", **other},
    )


def statuses(submissions: Sequence[Submission]) -> list[tuple[str, str, bool]]:
    return [(item.arrival.sha256, item.status, item.is_counted) for item in submissions]


@pytest.mark.parametrize(("before", "after"), [(421, 43), (40, 12), (36, 3), (28, 13), (22, 3), (5, 1)])
def test_a_version_that_lost_many_rows_is_held(before: int, after: int) -> None:
    found = decide([sent(0, before, "a"), sent(1, after, "b")])
    assert statuses(found) == [("a", "accepted", True), ("b", "held", False)]
    (state,) = source_states([("here", "log")], found)
    assert (state.is_held, state.held_cause, state.held_since) == (True, "shrunk", date(2026, 5, 2))
    assert f"It has {after} rows that count, and here/log.csv before it has {before}" in (state.held_reason or "")


@pytest.mark.parametrize(("before", "after"), [(421, 400), (40, 35), (5, 4), (3, 2), (40, 60)])
def test_a_version_that_lost_few_rows_counts(before: int, after: int) -> None:
    found = decide([sent(0, before, "a"), sent(1, after, "b")])
    assert statuses(found) == [("a", "superseded", False), ("b", "accepted", True)]


def test_the_whole_return_again_ends_the_hold() -> None:
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), sent(2, 41, "c")])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["c"]
    assert not source_states([("here", "log")], found)[0].is_held


def test_the_same_file_sent_again_under_another_name_counts() -> None:
    again = sent(2, 12, "b", path="here/log (2).csv", number=1)
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), again])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["b"]
    assert not source_states([("here", "log")], found)[0].is_held


def test_a_second_copy_of_the_same_night_is_no_answer() -> None:
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), sent(1, 12, "b", path="here/log (1).csv", number=1)])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["a"]


def test_a_later_version_that_is_as_short_is_asked_about_as_well() -> None:
    """A filter that stays on gives a further file each time: none of them says that the rows are meant to be gone."""
    found = decide([sent(0, 40, "a"), sent(1, 12, "b"), sent(2, 14, "c")])
    assert [item.arrival.sha256 for item in found if item.is_counted] == ["a"]


def test_an_earlier_content_that_is_sent_again_is_compared_as_any_version() -> None:
    found = decide([sent(0, 12, "a"), sent(1, 40, "b"), sent(2, 12, "a", path="here/log (2).csv", number=1)])
    assert statuses(found) == [("a", "held", False), ("a", "superseded", False), ("b", "accepted", True)]


def accepted(sha256: str) -> VersionEvidence:
    one = Acceptance("here", "log", sha256, "here/log.csv", "Ann", "Moved.", date(2026, 5, 3), "reading")
    return VersionEvidence(accepted={("here", "log", sha256): one})


def test_what_somebody_accepts_counts_and_the_next_version_is_compared_with_it() -> None:
    versions = [sent(0, 40, "a"), sent(1, 12, "b")]
    found = decide(versions, evidence=accepted("b"))
    assert statuses(found) == [("a", "superseded", False), ("b", "accepted", True)]
    assert found[1].message == "Rows that count: 12 of 12. It was accepted on 03/05/2026."
    assert found[1].acceptance is not None
    assert not source_states([("here", "log")], found)[0].is_held
    for rows, wanted in ((11, "c"), (2, "b")):
        later = decide([*versions, sent(2, rows, "c")], evidence=accepted("b"))
        assert [item.arrival.sha256 for item in later if item.is_counted] == [wanted]


def test_a_return_with_too_many_faults_can_be_accepted_and_a_broken_rule_cannot() -> None:
    faulty = sent(1, 38, "b", status="held", message="Too many rows were refused.", cause="rejected_rows")
    found = decide([sent(0, 40, "a"), faulty], evidence=accepted("b"))
    assert statuses(found) == [("a", "superseded", False), ("b", "accepted", True)]
    rule = {"b": ContentHold("Its rows break a rule.")}
    found = decide([sent(0, 40, "a"), sent(1, 38, "b")], rule, accepted("b"))
    assert statuses(found) == [("a", "accepted", True), ("b", "held", False)]


def test_an_acceptance_is_of_one_content() -> None:
    found = decide([sent(0, 40, "a"), sent(1, 12, "b")], evidence=accepted("c"))
    assert statuses(found) == [("a", "accepted", True), ("b", "held", False)]


def compared(**lost: Any) -> VersionEvidence:
    """Evidence in which each version changed this against the one before."""

    def change(last: Arrival, arrival: Arrival) -> VersionChange:
        return VersionChange(last.path, last.seen_on, last.accepted, arrival.accepted, **lost)

    return VersionEvidence(change=change)


LOSSES: dict[str, tuple[dict[str, Any], str | None, str]] = {
    "ids of another form": (
        {"gone": 40, "added": 40, "by_id": True},
        "ids_lost",
        "40 of the 40 records that here/log.csv",
    ),
    "ids corrected": ({"gone": 3, "added": 3, "by_id": True}, None, ""),
    "without ids rows that say something else": ({"gone": 30, "added": 30}, None, ""),
    "a month": ({"gone": 5, "periods": (("2025-05", 5, 5),)}, "period_lost", "May 2025 lost 5 of 5 rows"),
    "most of a month": ({"gone": 18, "periods": (("2025-05", 20, 18),)}, "period_lost", "May 2025 lost 18 of 20 rows"),
    "two rows of a month": ({"gone": 2, "periods": (("2025-05", 2, 2),)}, None, ""),
    "half of a month": ({"gone": 5, "periods": (("2025-05", 10, 5),)}, None, ""),
    "a sheet": ({"gone": 6, "sheets": (("May 25", 6),)}, "sheet_lost", "“May 25” with 6 rows"),
    "a sheet whose name may be a person's": ({"gone": 6, "sheets": (("", 6),)}, "sheet_lost", "one with 6 rows"),
}


@pytest.mark.parametrize("case", LOSSES)
def test_what_a_version_of_nearly_as_many_rows_may_have_lost(case: str) -> None:
    lost, cause, said = LOSSES[case]
    found = decide([sent(0, 40, "a"), sent(1, 38, "b")], evidence=compared(**lost))
    (state,) = source_states([("here", "log")], found)
    assert (state.held_cause, said in (state.held_reason or "")) == (cause, True)
    assert found[1].change is not None


def _same_hold(hold: Hold, _: object) -> Hold:
    return hold


def test_the_limits_are_the_contracts() -> None:
    versions = [sent(0, 100, "a"), sent(1, 60, "b")]
    for limit, is_held in ((0.25, True), (0.6, False), (None, False)):
        hold = Hold(rows_lost=limit)
        evidence = VersionEvidence(hold=partial(_same_hold, hold))
        assert source_states([("here", "log")], decide(versions, evidence=evidence))[0].is_held == is_held, limit


def test_a_file_that_is_cut_is_held_also_as_a_first_version() -> None:
    for arrivals in ([sent(0, 40, "a", ending="cut")], [sent(0, 40, "a"), sent(1, 39, "b", ending="cut")]):
        (state,) = source_states([("here", "log")], decide(arrivals))
        assert (state.is_held, state.held_cause) == (True, "cut_short")


@pytest.mark.parametrize(
    ("before", "after", "begins", "rows", "is_held"),
    [
        ("line", "open", False, 39, True),  # it lost rows and the end of its last line
        ("open", "open", False, 39, False),  # its tool never writes one
        ("open", "open", True, 39, True),  # the beginning of the version before
        ("line", "line", True, 36, True),  # cut where a row ends
        ("line", "line", True, 39, False),  # somebody took the last row out
        ("line", "open", False, 41, False),  # saved by another program
    ],
)
def test_a_file_that_ends_early(before: str, after: str, begins: bool, rows: int, is_held: bool) -> None:
    arrivals = [sent(0, 40, "a", ending=before), sent(1, rows, "b", ending=after)]
    (state,) = source_states([("here", "log")], decide(arrivals, evidence=VersionEvidence(begins=lambda _, __: begins)))
    assert (state.is_held, state.held_cause) == (is_held, "cut_short" if is_held else None)


@pytest.mark.parametrize(
    ("rows", "first", "is_asked"),
    [([28, 30, 27], 5, True), ([28, 30, 27], 16, False), ([28, 30], 5, False), ([4, 4, 4], 1, False)],
)
def test_a_month_that_comes_first_with_few_rows_is_asked_about_and_counts(
    rows: list[int], first: int, is_asked: bool
) -> None:
    months = [
        sent(0, count, str(month), path=f"here/{month}.csv", return_key=f"2025-{month:02}", number=1)
        for month, count in enumerate([*rows, first], start=4)
    ]
    found = decide(months)
    assert all(item.is_counted for item in found)
    asked = [item.arrival.path for item in found if "is this one whole?" in (item.message or "")]
    assert asked == ([f"here/{3 + len(months)}.csv"] if is_asked else [])
    if is_asked:
        assert (
            found[-1].message
            == f"Rows that count: {first} of {first}. The months before have 28 rows as a rule: is this one whole?"
        )
