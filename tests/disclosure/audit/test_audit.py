"""The verdict: what passes, what fails, what cannot be decided, and what it says."""

from __future__ import annotations

from dataclasses import replace

import highspy
import pytest

from tfc_platform.disclosure.audit import Interval, ProblemError, PublishedCell, Universe, bounds
from tfc_platform.disclosure.audit.joint_audit import audit
from tfc_platform.disclosure.audit.linear_system import Component

T = 9
CODES = ("Zebedee", "Dougal", "Florence", "Ermintrude")


def _cell(table, codes, low, high, universe="u", variable="v"):
    return PublishedCell(table, universe, {variable: frozenset(codes)}, low, high, ("secret-key", *codes))


@pytest.mark.parametrize(
    ("low", "high", "passed", "narrowest"),
    [
        pytest.param(0, 9, True, Interval(0, 9), id="hidden"),
        pytest.param(0, 8, False, Interval(0, 8), id="hidden below 9"),
        pytest.param(3, 3, False, Interval(3, 3), id="three people"),
        pytest.param(1, 1, False, Interval(1, 1), id="one person"),
        pytest.param(0, 0, True, None, id="certainly nobody"),
        pytest.param(10, 12, True, None, id="ten and more"),
        pytest.param(10, None, True, None, id="hidden secondarily"),
        pytest.param(4, 9, True, Interval(4, 9), id="may be four, and may be nine"),
        pytest.param(5, 9, True, None, id="no small group"),
        pytest.param(5, 8, False, None, id="five to eight fail the rule, though no small group"),
    ],
)
def test_one_figure(single, low, high, passed, narrowest):
    universe = single("u", CODES[:1])
    report = audit([universe], [_cell("t", CODES[:1], low, high)], least_upper=T)
    assert report.passed == passed
    assert report.failing == (0 if passed else 1)
    (table,) = report.tables
    assert (table.table, table.cells, table.atoms, table.failing) == ("t", 1, 1, 0 if passed else 1)
    assert table.narrowest == narrowest
    assert table.pinned_by == (() if passed else ("t",))
    assert report.programmes == 0  # a row with one group needs no solver


def test_nothing_published_passes(single):
    report = audit([single("u", CODES)], [], least_upper=T)
    assert (report.passed, report.tables, report.atoms) == (True, (), 4)


def test_each_release_alone_passes_and_both_together_fail(single):
    """T15: 12 in the first release; 15 in the second, with a newcomer's cell: 1 to 7 people came between."""
    universe = single("u", ("before", "since"))
    first = [_cell("first", ["before"], 10, 12)]
    second = [_cell("second", ["before", "since"], 13, 17)]
    assert audit([universe], first, least_upper=T).passed
    assert audit([universe], second, least_upper=T).passed
    report = audit([universe], [*first, *second], least_upper=T)
    assert report.reasons == (
        "1 combinations of codes can be worked out too closely from tables first and second together: "
        "the narrowest interval that is left is 6 wide, and none may end below 9.",
    )
    assert {table.table: table.narrowest for table in report.tables} == {"first": None, "second": Interval(1, 7)}


def test_the_same_figure_in_many_releases_changes_nothing(single):
    universe = single("u", CODES)
    cells = [_cell("t", [code], 0, 9) for code in CODES] + [_cell("t", CODES, 28, 32)]
    once = audit([universe], cells, least_upper=T)
    often = audit([universe], [replace(cell, table=f"t{i}") for i in range(12) for cell in cells], least_upper=T)
    assert (often.passed, often.failing, often.atoms) == (once.passed, once.failing, once.atoms)
    assert {table.failing for table in often.tables} == {once.tables[0].failing}


def test_a_figure_that_changed_between_releases_narrows(single):
    """First 12 became 10, then 13 became 15: of people who do not change, 13 at least and 12 at most are there."""
    universe = single("u", CODES[:1])
    report = audit([universe], [_cell("first", CODES[:1], 10, 12), _cell("second", CODES[:1], 13, 17)], least_upper=T)
    assert report.reasons == ("The figures of tables first and second contradict each other: they cannot all be true.",)


def test_a_contradiction_names_the_tables_that_prove_it_and_no_other(single):
    universe, other = single("u", CODES), single("w", CODES)
    cells = [
        *(_cell("inner", [code], 10, 12) for code in CODES),
        _cell("total", CODES, 60, 60),
        *(_cell("elsewhere", [code], 0, 9, "w") for code in CODES),
        _cell("elsewhere", CODES, 18, 22, "w"),
        _cell("harmless", CODES[:2], 18, 30),
    ]
    report = audit([universe, other], cells, least_upper=T)
    assert report.reasons == ("The figures of tables inner and total contradict each other: they cannot all be true.",)
    assert not report.passed


def test_people_where_nobody_can_be_are_a_contradiction():
    universe = Universe("u", (("v", CODES), ("w", ("a", "b"))), lambda codes: codes["v"] == CODES[0])
    empty = _cell("t", CODES[:1], 0, 9)
    assert audit([universe], [empty], least_upper=T).passed
    report = audit([universe], [replace(empty, low=1)], least_upper=T)
    assert report.reasons == ("The figures of table t contradict each other: they cannot all be true.",)
    assert report.atoms == 6


def test_what_cannot_be_is_known_to_the_attacker():
    """Two hidden cells under a total of 10 leave room; where one of the two cannot be, the other is all that there is."""
    variables = (("v", ("a", "b", "c")),)
    cells = [_cell("t", ["c"], 10, 12), _cell("t", ["a"], 0, 9), _cell("t", ["a", "b", "c"], 13, 17)]
    assert audit([Universe("u", variables)], cells, least_upper=7).passed
    report = audit([Universe("u", variables, lambda codes: codes["v"] == "b")], cells, least_upper=8)
    assert report.tables[0].narrowest == Interval(1, 7)
    assert not report.passed


def test_atoms_in_the_same_cells_are_interchangeable():
    """A total of exactly 8 over 4 atoms: each can have all 8, and none is certain to have one."""
    report = audit([Universe("u", (("v", CODES),))], [_cell("t", CODES, 8, 8)], least_upper=T)
    assert (report.failing, report.tables[0].narrowest) == (4, Interval(0, 8))


def _four_wards(universe="u"):
    """A pattern that needs the solver: hidden wards in two ways, under totals."""
    return [PublishedCell("by_age", universe, {"ward": frozenset([ward])}, 0, 9) for ward in ("w1", "w2", "w3")] + [
        PublishedCell("by_age", universe, {"age": frozenset(["old"])}, 13, 17),
        PublishedCell("total", universe, {}, 18, 22),
    ]


def _wards(name):
    return Universe(name, (("ward", ("w1", "w2", "w3")), ("age", ("young", "old"))))


def test_alike_parts_are_solved_once(monkeypatch):
    universes = [_wards(f"site{i}") for i in range(4)]
    cells = [cell for universe in universes for cell in _four_wards(universe.name)]
    alone = audit([_wards("site0")], _four_wards("site0"), least_upper=T)
    together = audit(universes, cells, least_upper=T)
    assert (together.components, together.distinct, together.programmes) == (4, 1, alone.programmes)
    assert alone.programmes > 0
    assert together.failing == 4 * alone.failing
    monkeypatch.setattr(Component, "signature", property(lambda self: repr(self.groups).encode()))
    apart = audit(universes, cells, least_upper=T)
    assert apart.distinct == 4
    assert apart.programmes == 4 * alone.programmes
    assert (apart.tables, apart.reasons, apart.failing) == (together.tables, together.reasons, together.failing)


def test_alike_parts_name_their_own_tables():
    first = [replace(cell, table=f"{cell.table}_1") for cell in _four_wards("site1")]
    second = [replace(cell, table=f"{cell.table}_2") for cell in _four_wards("site2")]
    cells = [*first, *second]
    assert audit([_wards("site1"), _wards("site2")], cells, least_upper=T).passed
    report = audit([_wards("site1"), _wards("site2")], cells, least_upper=12)
    assert report.distinct == 1
    assert {table.table: table.pinned_by for table in report.tables} == {
        "by_age_1": ("by_age_1",),
        "total_1": ("by_age_1",),
        "by_age_2": ("by_age_2",),
        "total_2": ("by_age_2",),
    }


def test_time_that_is_over_fails():
    report = audit([_wards("u")], _four_wards(), least_upper=T, time_limit=0.0)
    assert report.reasons == (
        "It could not be decided whether tables by_age and total can be worked out: the time for the audit was over.",
    )
    assert not report.passed


def test_a_solver_that_stops_fails(monkeypatch):
    def lame(component):
        model = bounds_model(component)
        model.setOptionValue("simplex_iteration_limit", 0)
        return model

    bounds_model = bounds._model
    monkeypatch.setattr(bounds, "_model", lame)
    report = audit([_wards("u")], _four_wards(), least_upper=T)
    assert not report.passed
    (reason,) = report.reasons
    assert reason.startswith("It could not be decided whether tables by_age and total can be worked out: the solver")
    assert "limit" in reason


def test_a_solver_that_is_wrong_fails(monkeypatch):
    """A point that has not the published figures certifies nothing, whatever status it comes with."""

    class Wrong:
        def __init__(self, solution):
            self.col_value = [value + 50.0 for value in solution.col_value]
            self.row_dual = solution.row_dual

    plain = highspy.Highs.getSolution
    monkeypatch.setattr(bounds._Silent, "getSolution", lambda self: Wrong(plain(self)), raising=False)
    report = audit([_wards("u")], _four_wards(), least_upper=T)
    assert report.reasons == (
        "It could not be decided whether tables by_age and total can be worked out: "
        "the solver's solution does not have the published figures.",
    )


def test_an_atom_is_only_called_empty_where_the_dual_solution_proves_it(monkeypatch):
    universe = Universe("u", (("v", ("a", "b", "c")),))
    cells = [_cell("t", ["a", "b"], 10, 12), _cell("t", ["a", "b", "c"], 10, 12), _cell("t", ["b", "c"], 12, 12)]
    cells += [_cell("t", ["b"], 12, 12)]
    assert audit([universe], cells, least_upper=T).passed  # b is 12, so a and c are nobody
    monkeypatch.setattr(bounds.Bounds, "_dual_bound", lambda self, group: 5.0)
    report = audit([universe], cells, least_upper=T)
    assert (report.passed, report.failing) == (False, 2)


def test_nothing_is_printed(capfd):
    audit([_wards("u")], _four_wards(), least_upper=T)
    assert capfd.readouterr() == ("", "")


def test_messages_hold_no_code_and_no_key(single):
    universe = single("u", CODES)
    cells = [_cell("t", CODES[:1], 3, 3), _cell("t", CODES[:2], 7, 7), _cell("other", CODES, 11, 11)]
    messages = list(audit([universe], cells, least_upper=T).reasons)
    messages += audit([universe], [*cells, _cell("t", CODES[1:2], 5, 5)], least_upper=T).reasons
    for wrong in (
        replace(cells[0], where={"v": frozenset(["Brian"])}),
        replace(cells[0], where={"Brian": frozenset(["Zebedee"])}),
        replace(cells[0], universe="elsewhere"),
    ):
        with pytest.raises(ProblemError) as caught:
            audit([universe], [wrong], least_upper=T)
        messages.append(str(caught.value).replace("sums over Brian", ""))
    with pytest.raises(ProblemError) as caught:
        _cell("t", CODES[:1], 5, 4)
    messages.append(str(caught.value))
    assert len(messages) >= 6
    for message in messages:
        assert "table" in message.lower()
        assert not any(word in message for word in (*CODES, "Brian", "secret-key"))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Universe("u", ()), "Universe u needs variables"),
        (lambda: Universe("u", (("v", ("a",)), ("v", ("b",)))), "Universe u needs variables, and each of them once"),
        (lambda: Universe("u", (("v", ()),)), "Variable v of universe u needs codes"),
        (lambda: Universe("u", (("v", ("a", "a")),)), "Variable v of universe u needs codes, and each of them once"),
        (
            lambda: PublishedCell("t", "u", {}, -1, 4),
            "A cell of table t has an interval that is empty or begins below zero",
        ),
        (lambda: audit([_wards("u"), _wards("u")], [], least_upper=T), "There are two universes u"),
        (lambda: audit([], [_cell("t", CODES, 0, 9)], least_upper=T), "Table t counts in a universe that is not given"),
        (
            lambda: audit([_wards("u")], [_cell("t", CODES, 0, 9)], least_upper=T),
            "Table t sums over v, which universe u does not have",
        ),
        (
            lambda: audit([_wards("u")], [_cell("t", CODES, 0, 9, variable="ward")], least_upper=T),
            "Table t has a code that variable ward of universe u does not have",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused(make, says):
    with pytest.raises(ProblemError, match=says):
        make()


@pytest.mark.parametrize(("least", "largest"), [(4, 4), (9, 0)])
def test_a_policy_that_makes_no_sense_is_refused(least, largest):
    with pytest.raises(ValueError, match="above the largest group"):
        audit([], [], least_upper=least, largest_guarded=largest)
