"""Which version counts: every case that the programme's rules name, worked by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.admission.decided import arrival, held, told
from tfc_platform.admission.arrivals import Arrival, ContentHold, Submission, latest_of_each_path
from tfc_platform.admission.version_verdicts import decide, source_states

FREE = (False, None, None)
CASES: dict[str, tuple[list[Arrival], dict[tuple[str, int], str], tuple[bool, int | None, str | None]]] = {
    "one good file": ([arrival("a.csv", "A")], {("a.csv", 1): "accepted*"}, FREE),
    "the same bytes under another name": (
        [arrival("a (1).csv", "A"), arrival("a.csv", "A")],
        {("a.csv", 1): "accepted*", ("a (1).csv", 1): "duplicate_file"},
        FREE,
    ),
    "the same bytes as another month's": (
        [arrival("may.csv", "A", 2, key="2025-05"), arrival("april.csv", "A", 1)],
        {("april.csv", 1): "accepted*", ("may.csv", 1): "duplicate_file"},
        FREE,
    ),
    "equal versions on one night: the plainer name came first": (
        [arrival("a (1).csv", "B"), arrival("a.csv", "A")],
        {("a.csv", 1): "superseded", ("a (1).csv", 1): "accepted*"},
        FREE,
    ),
    "a higher version in the name": (
        [arrival("a v2.csv", "B", rank=(2,)), arrival("a.csv", "A", 2)],
        {("a v2.csv", 1): "accepted*", ("a.csv", 1): "superseded"},
        FREE,
    ),
    "a tenth version is above a second": (
        [arrival("a v10.csv", "B", rank=(10,)), arrival("a v2.csv", "A", 2, rank=(2,))],
        {("a v10.csv", 1): "accepted*", ("a v2.csv", 1): "superseded"},
        FREE,
    ),
    "a new content under the same name": (
        [arrival("a.csv", "A"), arrival("a.csv", "B", 2, number=2)],
        {("a.csv", 1): "superseded", ("a.csv", 2): "accepted*"},
        FREE,
    ),
    "a path that goes back to earlier bytes": (
        [arrival("a.csv", "A"), arrival("a.csv", "B", 2, number=2), arrival("a.csv", "A", 3, number=3)],
        {("a.csv", 2): "superseded", ("a.csv", 3): "accepted*"},
        FREE,
    ),
    "an earlier content that is sent again as a version": (
        [arrival("a.csv", "A"), arrival("a.csv", "B", 2, number=2), arrival("again a.csv", "A", 3)],
        {("a.csv", 1): "superseded", ("a.csv", 2): "superseded", ("again a.csv", 1): "accepted*"},
        FREE,
    ),
    "the first bytes once more as a third version": (
        [arrival("a.csv", "A"), arrival("a v2.csv", "B", 2, rank=(2,)), arrival("a v3.csv", "A", 3, rank=(3,))],
        {("a.csv", 1): "superseded", ("a v2.csv", 1): "superseded", ("a v3.csv", 1): "accepted*"},
        FREE,
    ),
    "a second version that is overwritten by the first bytes": (
        [
            arrival("a.csv", "A"),
            arrival("a v2.csv", "B", 2, rank=(2,)),
            arrival("a v2.csv", "A", 3, rank=(2,), number=2),
        ],
        {("a.csv", 1): "superseded", ("a v2.csv", 1): "superseded", ("a v2.csv", 2): "accepted*"},
        FREE,
    ),
    "the first bytes once more end a hold": (
        [arrival("a.csv", "A"), arrival("a v2.csv", "B", 2, "held", rank=(2,)), arrival("a v3.csv", "A", 3, rank=(3,))],
        {("a.csv", 1): "superseded", ("a v2.csv", 1): "held", ("a v3.csv", 1): "accepted*"},
        FREE,
    ),
    "a copy of an earlier content that came with it, and not after the next": (
        [arrival("a.csv", "A"), arrival("a (1).csv", "A"), arrival("a.csv", "B", 2, number=2)],
        {("a.csv", 1): "superseded", ("a (1).csv", 1): "duplicate_file", ("a.csv", 2): "accepted*"},
        FREE,
    ),
    "the first bytes once more after a file that could not be read": (
        [arrival("a.csv", "A"), arrival("a.csv", "U", 2, "unreadable", number=2), arrival("b.csv", "A", 3)],
        {("a.csv", 1): "superseded", ("a.csv", 2): "unreadable", ("b.csv", 1): "accepted*"},
        FREE,
    ),
    "two empty files": (
        [arrival("a.csv", "0", status="unreadable"), arrival("b.csv", "0", status="unreadable", key="2025-05")],
        {("a.csv", 1): "unreadable", ("b.csv", 1): "unreadable"},
        FREE,
    ),
    "an unreadable file replaces nothing": (
        [arrival("a.csv", "A"), arrival("a v2.csv", "B", 2, "unreadable", rank=(2,))],
        {("a.csv", 1): "accepted*", ("a v2.csv", 1): "unreadable"},
        FREE,
    ),
    "a bad latest version": (
        [arrival("a.csv", "A"), arrival("a v2.csv", "B", 2, "held", rank=(2,))],
        {("a.csv", 1): "accepted*", ("a v2.csv", 1): "held"},
        (True, 2, "a v2.csv"),
    ),
    "held since the first bad one above the good": (
        [
            arrival("a.csv", "A"),
            arrival("a.csv", "B", 2, "held", number=2),
            arrival("a.csv", "C", 4, "rejected", number=3),
        ],
        {("a.csv", 1): "accepted*", ("a.csv", 2): "held", ("a.csv", 3): "rejected"},
        (True, 2, "a.csv"),
    ),
    "a good one releases": (
        [arrival("a.csv", "A"), arrival("a v2.csv", "B", 2, "held", rank=(2,)), arrival("a v3.csv", "C", 3, rank=(3,))],
        {("a.csv", 1): "superseded", ("a v2.csv", 1): "held", ("a v3.csv", 1): "accepted*"},
        FREE,
    ),
    "a good one of a lower version does not": (
        [arrival("a v3.csv", "B", 1, "held", rank=(3,)), arrival("a v2.csv", "C", 2, rank=(2,))],
        {("a v3.csv", 1): "held", ("a v2.csv", 1): "accepted*"},
        (True, 1, "a v3.csv"),
    ),
    "a bad one of a lower version that comes late holds nothing": (
        [arrival("a v2.csv", "A", rank=(2,)), arrival("a.csv", "B", 2, "held")],
        {("a v2.csv", 1): "accepted*", ("a.csv", 1): "held"},
        FREE,
    ),
    "a bad one with nothing before it": (
        [arrival("a.csv", "A", 1, "rejected")],
        {("a.csv", 1): "rejected"},
        (True, 1, "a.csv"),
    ),
    "a copy of a bad one is its duplicate": (
        [arrival("a.csv", "A", 1, "held"), arrival("a (1).csv", "A", 2, "held")],
        {("a.csv", 1): "held", ("a (1).csv", 1): "duplicate_file"},
        (True, 1, "a.csv"),
    ),
    "a good month does not release another": (
        [arrival("a.csv", "A", 1, "held"), arrival("b.csv", "B", 2, key="2025-05")],
        {("a.csv", 1): "held", ("b.csv", 1): "accepted*"},
        (True, 1, "a.csv"),
    ),
    "a name that says no return cannot count": (
        [arrival("harvest.csv", "A", 1, "rejected", key=None)],
        {("harvest.csv", 1): "rejected"},
        (True, 1, "harvest.csv"),
    ),
    "the same bytes under a corrected name": (
        [arrival("harvest.csv", "A", 1, "rejected", key=None), arrival("a.csv", "A", 2)],
        {("harvest.csv", 1): "duplicate_file", ("a.csv", 1): "accepted*"},
        FREE,
    ),
    "a corrected file under a corrected name": (
        [arrival("harvest.csv", "A", 1, "rejected", key=None), arrival("a.csv", "B", 2)],
        {("harvest.csv", 1): "rejected", ("a.csv", 1): "accepted*"},
        FREE,
    ),
    "a month dropped under the wrong month's name, then both put right": (
        [
            arrival("may.csv", "A", 1, key="2025-05"),
            arrival("april.csv", "A", 2, key="2025-04"),
            arrival("may.csv", "M", 2, key="2025-05", number=2),
        ],
        {("may.csv", 1): "duplicate_file", ("april.csv", 1): "accepted*", ("may.csv", 2): "accepted*"},
        FREE,
    ),
    "a file that no contract takes": (
        [arrival("minutes.docx", "A", status=None, key=None, source=None)],
        {("minutes.docx", 1): "unrecognised"},
        FREE,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_cases(case: str) -> None:
    arrivals, wanted, state = CASES[case]
    submissions = decide(arrivals)
    assert told(submissions) == wanted
    assert held(submissions) == state


def message(submissions: Sequence[Submission], path: str) -> str:
    return next(item.message or "" for item in submissions if item.arrival.path == path)


def test_messages_say_what_counts_instead() -> None:
    bad = decide([arrival("a.csv", "A"), arrival("a v2.csv", "B", 2, "held", rank=(2,))])
    assert message(bad, "a v2.csv") == "held because. a.csv is used instead."
    assert message(bad, "a.csv") == "Rows that count: 18 of 20; rejected: 1; came twice: 1."
    corrected = decide([arrival("a.csv", "A", 1, "held"), arrival("b.csv", "B", 2)])
    assert message(corrected, "a.csv") == "held because. b.csv has come since and is used."
    later = decide([arrival("a.csv", "A"), arrival("b.csv", "B", 2)])
    assert message(later, "a.csv") == "A later version of this return, b.csv, has taken its place."
    assert [item.superseded_by for item in later] == ["b.csv", None]
    copies = decide([arrival("a.csv", "A"), arrival("b.csv", "A", 2)])
    assert message(copies, "b.csv") == "The same bytes came as a.csv: they are used once."


def test_what_a_check_of_the_marts_holds_back() -> None:
    arrivals = [arrival("a.csv", "A"), arrival("a.csv", "B", 2, number=2)]
    submissions = decide(arrivals, {"B": ContentHold("Its rows break a rule.")})
    assert told(submissions) == {("a.csv", 1): "accepted*", ("a.csv", 2): "held"}
    (state,) = source_states([("here", "log")], submissions)
    assert (state.is_held, state.held_since, state.held_cause) == (True, date(2026, 5, 2), "failed_check")
    assert state.held_reason == (
        "Its rows break a rule. What was received under this name on 01/05/2026 is used instead."
    )
    released = decide([*arrivals, arrival("a.csv", "C", 3, number=3)], {"B": ContentHold("x")})
    assert told(released)[("a.csv", 3)] == "accepted*"
    assert held(released) == FREE


def test_a_held_source_says_the_latest_reason_and_its_cause() -> None:
    submissions = decide([arrival("a.csv", "A", 1, "held"), arrival("b.csv", "B", 2, "rejected", key="2025-05")])
    (state,) = source_states([("here", "log")], submissions)
    assert (state.held_since, state.held_file, state.held_cause) == (date(2026, 5, 1), "b.csv", "rejected")
    assert state.held_reason == "rejected because."


def test_sites_and_sources_are_apart() -> None:
    arrivals = [
        arrival("here/a.csv", "A", 1, "held"),
        arrival("there/a.csv", "A", 1, site="there"),
        arrival("here/s.csv", "A", 1, source="stories"),
    ]
    submissions = decide(arrivals)
    assert told(submissions) == {
        ("here/a.csv", 1): "held",
        ("there/a.csv", 1): "accepted*",
        ("here/s.csv", 1): "accepted*",
    }
    sources = [("here", "log"), ("here", "stories"), ("there", "log"), ("there", "none")]
    assert [state.is_held for state in source_states(sources, submissions)] == [True, False, False, False]


def test_a_path_is_shown_as_it_lies_there_now() -> None:
    submissions = decide([arrival("a.csv", "A"), arrival("a.csv", "B", 2, number=2), arrival("b.csv", "B", 3)])
    assert [(item.arrival.path, item.arrival.number) for item in latest_of_each_path(submissions)] == [
        ("a.csv", 2),
        ("b.csv", 1),
    ]


NAMES = [
    ("a.csv", "k1", 1),
    ("a (1).csv", "k1", 1),
    ("a v2.csv", "k1", 2),
    ("b.csv", "k2", 1),
    ("harvest.csv", None, 0),
]


@st.composite
def histories(draw: Callable[..., object]) -> list[Arrival]:
    """What some paths held night after night; a content reads the same wherever its name says a return."""
    statuses = {content: draw(st.sampled_from(["read", "held", "rejected", "unreadable"])) for content in "ABCD"}
    found = []
    for path, key, rank in NAMES:
        contents = draw(st.lists(st.sampled_from("ABCD"), max_size=4))
        assert isinstance(contents, list)
        nights = sorted(draw(st.sets(st.integers(1, 9), min_size=len(contents), max_size=len(contents))))  # type: ignore[call-overload]
        last, number = None, 0
        for content, night in zip(contents, nights, strict=True):
            if content == last:
                continue
            last, number = content, number + 1
            status = statuses[content]
            if key is None and status != "unreadable":
                status = "rejected"
            found.append(arrival(path, content, night, str(status), key, (rank,), number))
    return found


@settings(max_examples=200, deadline=None)
@given(histories(), st.randoms())
def test_whatever_came_the_verdict_is_one(arrivals: list[Arrival], random: object) -> None:
    submissions = decide(arrivals)
    shuffled = list(arrivals)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert decide(shuffled) == submissions, "the order of the list does not matter"
    states = source_states([("here", "log")], submissions)
    assert source_states([("here", "log")], decide(shuffled)) == states

    counted = [item.arrival for item in submissions if item.is_counted]
    assert len({item.return_key for item in counted}) == len(counted), "one version of a return at most"
    assert len({item.sha256 for item in counted}) == len(counted), "one content once"
    assert all(item.status == "read" and item.return_key for item in counted)
    assert all((item.status == "accepted") == item.is_counted for item in submissions)

    shown = latest_of_each_path(submissions)
    assert sorted(item.arrival.path for item in shown) == sorted({item.path for item in arrivals}), "each path once"

    for item in arrivals:
        latest = max(other.number for other in arrivals if other.path == item.path)
        if item.status == "read" and item.number == latest:
            of_content = {other.return_key for other in arrivals if other.sha256 == item.sha256}
            assert any(other.return_key in of_content for other in counted), "a good content counts, or a better one"
    if states[0].is_held:
        assert states[0].held_file in {item.path for item in arrivals if item.status in ("held", "rejected")}
