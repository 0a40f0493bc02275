"""Figures of others: linear programmes solved elsewhere, R's suppression patterns, and what two nights prove."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping

import pytest

from tfc_platform.disclosure.audit import Atom, Interval, PublishedCell, Universe
from tfc_platform.disclosure.audit.intervals import Target, attackers_intervals
from tfc_platform.disclosure.audit.joint_audit import audit

T = 9


def _one(**codes: str) -> dict[str, frozenset[str]]:
    return {variable: frozenset([code]) for variable, code in codes.items()}


def _figures(cells: Iterable[PublishedCell]) -> Counter[tuple[int, int | None]]:
    return Counter((cell.low, cell.high) for cell in cells)


def _intervals_of(rows: Iterable[Mapping[str, str]]) -> Counter[tuple[int, int]]:
    """The published figures of an oracle's file, read as in its README."""
    shown = [row["published"] for row in rows]
    return Counter((0, 9) if v == "c" else (10, 12) if v == "10" else (int(v) - 2, int(v) + 2) for v in shown)


@pytest.mark.parametrize(
    ("name", "cells_of", "failing"),
    [("tfc_full_margins", "with_margins", 23), ("tfc_inner_plus_site_totals", "inner", 0)],
)
def test_people_have_the_intervals_of_the_oracle(people, oracle, name, cells_of, failing):
    cells = getattr(people, cells_of)()
    assert _figures(cells) == _intervals_of(oracle(f"{name}_cells"))
    expected = oracle(f"{name}_atom_intervals")
    targets = [
        Target("people", _one(ward=row["ward"], age=row["age_band"], gender=row["gender"], tier=row["tier"]))
        for row in expected
    ]
    found = attackers_intervals([people.universe], cells, targets)
    for row, interval in zip(expected, found, strict=True):
        assert interval == pytest.approx((float(row["lp_lower"]), float(row["lp_upper"])), abs=1e-6)
    assert len(found) == 640
    assert sum(interval.high < T for interval in found) == failing
    assert Counter(row["passes"] for row in expected)["False"] == failing


def test_people_with_all_margins_are_refused(people):
    report = audit([people.universe], people.with_margins(), least_upper=T)
    assert not report.passed
    assert (report.cells, report.atoms, report.components) == (560, 1920, 1)
    (reason,) = report.reasons
    assert reason == (
        f"{report.failing} combinations of codes can be worked out too closely from tables age_gender, age_tier and geo "
        "together: the narrowest interval that is left is 6 wide, and none may end below 9."
    )
    assert {table.narrowest for table in report.tables} == {Interval(0.0, 6.0)}


def test_people_by_inner_tables_pass(people):
    report = audit([people.universe], people.inner(), least_upper=T)
    assert (report.passed, report.reasons, report.failing) == (True, (), 0)
    assert (report.cells, report.atoms, report.components, report.distinct) == (432, 1920, 4, 4)
    assert {table.table: table.atoms for table in report.tables} == dict.fromkeys(
        ("site", "ward_age", "ward_tier", "site_age_tier", "site_age_gender"), 1920
    )


def test_rounding_traps(oracle):
    cases: dict[str, list[dict[str, str]]] = {}
    for row in oracle("rounding_10_5_intervals"):
        cases.setdefault(row["case"], []).append(row)
    for case, rows in cases.items():
        atoms = json.loads(rows[0]["published_atoms"])
        groups = json.loads(rows[0]["groups"])
        sums = json.loads(rows[0]["published_groups"])
        universe = Universe("u", (("v", tuple(row["atom"] for row in rows)),))
        shown = [*zip([[i] for i in range(len(atoms))], atoms, strict=True), *zip(groups, sums, strict=True)]
        cells = [PublishedCell("t", "u", {"v": frozenset(map(str, group))}, *_read(value)) for group, value in shown]
        targets = [Target("u", _one(v=row["atom"])) for row in rows]
        found = attackers_intervals([universe], cells, targets, whole=True)
        assert found == tuple(Interval(float(row["lo"]), float(row["up"])) for row in rows), case
        report = audit([universe], cells, least_upper=T)
        judged = {row["passes_U_ge_9"] for row in rows} - {""}
        assert report.passed == ("False" not in judged), case


def _read(value: int | str) -> tuple[int, int]:
    return (0, 9) if value == "c" else (10, 12) if value == 10 else (value - 2, value + 2)


def test_two_nights_prove_arrivals(oracle):
    """Someone who is there on both nights, has left, or has arrived: a night is the sum of two of these."""
    rows = oracle("two_nightly_releases")
    presence = ("both", "left", "arrived")
    variables = tuple((name, tuple(sorted({row[name] for row in rows}))) for name in ("ward", "age"))
    universe = Universe("u", (*variables, ("presence", presence)))
    nights = sorted({row["release"] for row in rows})
    there = dict(zip(nights, ({"both", "left"}, {"both", "arrived"}), strict=True))
    cells = [
        PublishedCell(
            row["release"],
            "u",
            {**_one(ward=row["ward"], age=row["age"]), "presence": frozenset(there[row["release"]])},
            *_read(row["rule_10_5"] if row["rule_10_5"] == "c" else int(row["rule_10_5"])),
        )
        for row in rows
    ]
    for row in oracle("two_nightly_releases_delta"):
        who = _one(ward=row["ward"], age=row["age"])
        change = Target("u", who | _one(presence="arrived"), who | _one(presence="left"))
        for whole in (False, True):
            (found,) = attackers_intervals([universe], cells, [change], whole=whole)
            assert found == (float(row["r105_delta_lo"]), float(row["r105_delta_hi"]))
            assert ("proves" in row["verdict_105"]) == (found.low >= 1)


def _exact(table: str, where: Mapping[str, frozenset[str]], count: str) -> PublishedCell:
    return PublishedCell(table, "u", where, int(count), int(count))


@pytest.mark.shared
@pytest.mark.parametrize(("name", "column"), [("z1_maxN4", "hovedint"), ("d2s", "main_income")])
def test_intervals_of_hidden_cells(shared_oracle, name, column):
    rows = shared_oracle(f"expected/{name}_intervals")
    count = "ant" if "ant" in rows[0] else "freq"
    codes = {c: sorted({row[c] for row in rows} - {"Total"}) for c in ("region", column)}
    universe = Universe("u", tuple((c, tuple(codes[c])) for c in codes))

    def where(row: Mapping[str, str]) -> dict[str, frozenset[str]]:
        return _one(**{c: row[c] for c in codes if row[c] != "Total"})

    cells = [_exact("t", where(row), row[count]) for row in rows if row["suppressed"] == "FALSE"]
    asked = [row for row in rows if row["lo"]]
    assert len(asked) >= 4
    for whole in (False, True):
        found = attackers_intervals([universe], cells, [Target("u", where(row)) for row in asked], whole=whole)
        assert found == tuple(Interval(float(row["lo"]), float(row["up"])) for row in asked)


@pytest.mark.shared
def test_linked_tables_are_safe_alone_and_not_together(shared_oracle):
    regions = shared_oracle("inputs/linked_regions")
    expected = {row["cell"]: row for row in shared_oracle("expected/linked_regions_intervals_maxN3")}
    universe = Universe("u", (("region", tuple(row["region"] for row in regions)),))

    def table(name: str, grouping: str) -> list[PublishedCell]:
        cells = [_exact(name, _one(region=r["region"]), r["n"]) for r in regions if int(r["n"]) > 3]
        for group in {row[grouping] for row in regions}:
            inside = [row for row in regions if row[grouping] == group]
            where = {"region": frozenset(row["region"] for row in inside)}
            cells.append(_exact(name, where, str(sum(int(row["n"]) for row in inside))))
        return cells

    one, other = table("by_county", "county"), table("by_size", "size")
    hidden = {row["region"] for row in regions if int(row["n"]) <= 3}
    assert hidden == set(expected)
    targets = [Target("u", _one(region=region)) for region in sorted(hidden)]
    for cells, column in ((one, "table1_only"), (other, "table2_only"), ([*one, *other], "both")):
        found = attackers_intervals([universe], cells, targets)
        assert found == tuple(
            Interval(float(expected[region][f"{column}_lo"]), float(expected[region][f"{column}_up"]))
            for region in sorted(hidden)
        )
    # Hidden are 0 to 3, so a hidden region must be able to have 4.
    assert audit([universe], one, least_upper=4, largest_guarded=3).passed
    assert audit([universe], other, least_upper=4, largest_guarded=3).passed
    report = audit([universe], [*one, *other], least_upper=4, largest_guarded=3)
    assert report.reasons == (
        "1 combinations of codes can be worked out too closely from tables by_county and by_size together: "
        "the narrowest interval that is left is 0 wide, and none may end below 4.",
    )
    assert [(table.failing, table.narrowest) for table in report.tables] == [(1, Interval(3.0, 3.0))] * 2


@pytest.mark.shared
def test_quarterly_releases_are_safe_alone_and_not_together(shared_oracle):
    """IncrementalTimeSuppression hides in each release what that release would give away, and not what two would.

    By hand: wages of BIG were 20 in Q1 and Q2 (second release) and 37 in Q1 to Q3 (third), so 17 in Q3; BIG in Q3 is 191, of
    which 103 assistance and 71 pensions, so "other" is 191 - 103 - 71 - 17 = 0, which was to be hidden.
    """
    quarters = ("Q1", "Q2", "Q3", "Q4")
    rows = shared_oracle("inputs/ssb_d2s_4quarters")
    names = {c: tuple(sorted({row[c] for row in rows})) for c in ("main_income", "size")}
    universe = Universe("u", (("quarter", quarters), *names.items()))
    spans = {
        **{quarter: quarters[i : i + 1] for i, quarter in enumerate(quarters)},
        **{f"quarter_Q1_Q{n}": quarters[:n] for n in (2, 3)},
        "Total": quarters,
    }

    def where(row: Mapping[str, str]) -> dict[str, frozenset[str]]:
        codes = {c: row[c] for c in names if row[c] != "Total"}
        return {**_one(**codes), "quarter": frozenset(spans[row["quarter"]])}

    def learnt(cells: list[PublishedCell], release: list[dict[str, str]]) -> set[tuple[str, ...]]:
        hidden = [row for row in release if row["primary"] == "TRUE"]
        found = attackers_intervals([universe], cells, [Target("u", where(row)) for row in hidden])
        assert all(i.low <= int(row["freq"]) <= i.high for i, row in zip(found, hidden, strict=True))
        return {
            (row["quarter"], row["main_income"], row["size"], row["freq"])
            for i, row in zip(found, hidden, strict=True)
            if i.width < 1e-6
        }

    everything: list[PublishedCell] = []
    together = set()
    for name in ("incr_q1", "incr_q1q2", "incr_q1q3", "incr_q1q4_total"):
        release = shared_oracle(f"expected/{name}")
        cells = [_exact(name, where(row), row["freq"]) for row in release if row["suppressed"] == "FALSE"]
        assert learnt(cells, release) == set(), name
        everything += cells
        together |= learnt(everything, release)
    assert together == {("Q3", "other", "BIG", "0"), ("Q3", "wages", "BIG", "17")}


@pytest.mark.shared
def test_no_primary_suppression_of_r_is_determined_in_one_table(shared_oracle):
    for name, column in (("z1_maxN4", "hovedint"), ("d2s_region_income_maxN5", "main_income")):
        rows = shared_oracle(f"expected/{name}")
        count = "ant" if "ant" in rows[0] else "freq"
        names = {c: sorted({row[c] for row in rows} - {"Total"}) for c in ("region", column)}
        universe = Universe("u", tuple((c, tuple(codes)) for c, codes in names.items()))
        wheres = [_one(**{c: row[c] for c in names if row[c] != "Total"}) for row in rows]
        shown = [_exact("t", w, r[count]) for w, r in zip(wheres, rows, strict=True) if r["suppressed"] == "FALSE"]
        hidden = [Target("u", w) for w, r in zip(wheres, rows, strict=True) if r["primary"] == "TRUE"]
        assert all(interval.width > 1e-6 for interval in attackers_intervals([universe], shown, hidden))


def test_the_truth_of_the_people_lies_in_every_cell(people):
    """The 10-5 rule of these tests against counting: otherwise the oracle would be compared with nothing."""
    assert sum(people.truth.values()) == 1500
    for cell in people.with_margins():
        inside = sum(
            count
            for atom, count in people.truth.items()
            if all(
                code in cell.where.get(variable, {code})
                for variable, code in zip(people.VARIABLES, atom.codes, strict=True)
            )
        )
        assert cell.low <= inside <= cell.high
    assert isinstance(next(iter(people.truth)), Atom)
