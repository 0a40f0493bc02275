"""The digest of a table: equal for equal rows, different for any other, whatever the order, file and threads."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfc_platform.check import digest
from tfc_platform.check.digest import TableStates, combined, few_threads, table_digest, table_states

COLUMNS = {"site": "VARCHAR", "n": "BIGINT", "x": "DOUBLE", "on_day": "DATE", "ok": "BOOLEAN", "names": "VARCHAR[]"}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs",)), max_size=4)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.none() | st.integers(-3, 3),
        st.none() | st.sampled_from([0.0, 0.5, 1.0, 2.0]),
        st.none() | st.sampled_from([date(2026, 1, 1), date(2026, 1, 2)]),
        st.none() | st.booleans(),
        st.none() | st.lists(st.none() | TEXT, max_size=2),
    ),
    max_size=6,
)


def _database(rows, columns=COLUMNS, threads=1) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"threads": threads})
    con.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    if rows:
        con.executemany(f"insert into t values ({', '.join('?' for _ in columns)})", [list(row) for row in rows])
    return con


def _multiset(rows) -> Counter:
    return Counter(tuple(tuple(cell) if isinstance(cell, list) else cell for cell in row) for row in rows)


@settings(max_examples=40, deadline=None)
@given(ROWS, ROWS, st.randoms(use_true_random=False))
def test_digests_are_equal_exactly_where_the_rows_are(left, right, rng):
    shuffled = rng.sample(left, len(left))
    with _database(left) as one, _database(shuffled) as same, _database(right) as other:
        assert table_digest(one, "t") == table_digest(same, "t")
        assert (table_digest(one, "t") == table_digest(other, "t")) == (_multiset(left) == _multiset(right))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ([], [None]),
        ([], None),
        ([None], None),
        (["a", "b"], ["b", "a"]),
        (["a, b"], ["a", "b"]),
        ([""], []),
        ([""], [None]),
        (["a", "a"], ["a"]),
    ],
)
def test_lists_that_duckdb_hashes_alike_are_told_apart(left, right):
    columns = {"names": "VARCHAR[]"}
    with _database([(left,)], columns) as one, _database([(right,)], columns) as other:
        assert table_digest(one, "t") != table_digest(other, "t")


def test_any_one_cell_row_or_column_changes_it():
    rows = [("a", n, n / 4, date(2026, 1, 1 + n), n % 2 == 0, [f"p{n}"]) for n in range(8)]
    changes = [rows[:-1], [*rows, rows[0]], [*rows[1:], rows[1]]]
    others = {0: "b", 1: 99, 2: 0.1, 3: date(2025, 1, 1), 4: None, 5: ["q"]}
    for position, value in others.items():
        changed = list(rows)
        changed[3] = tuple(value if n == position else cell for n, cell in enumerate(rows[3]))
        changes.append(changed)
    with _database(rows) as con:
        digests = [table_digest(con, "t")]
        for change in changes:
            with _database(change) as other:
                digests.append(table_digest(other, "t"))
        digests.append(table_digest(con, "(select * exclude (ok) from t)"))
        digests.append(table_digest(con, "(select * rename (n as m) from t)"))
        digests.append(table_digest(con, "(select * replace (n::integer as n) from t)"))
        digests.append(table_digest(con, "(select n, * exclude (n) from t)"))
    assert len(set(digests)) == len(digests)


def test_two_cells_that_swap_rows_change_it():
    columns = {"n": "BIGINT", "m": "BIGINT"}
    with _database([(0, 5), (7, 0)], columns) as one, _database([(0, 0), (7, 5)], columns) as other:
        assert table_digest(one, "t") != table_digest(other, "t")


def test_a_copy_in_another_file_has_the_same_digest_with_any_number_of_threads(tmp_path):
    rows = [("a" if n % 3 else "b", n, n / 8, None, True, [str(n), None]) for n in range(5000)]
    random.Random(4).shuffle(rows)
    with _database([], threads=4) as con:
        con.execute("insert into t select 'a', i, i / 8.0, null, i % 2 = 0, [i::varchar, null] from range(300000) r(i)")
        con.execute(f"attach '{tmp_path / 'copy.duckdb'}' as copy")
        con.execute("create table copy.t as select * from t order by x desc")
        whole = table_digest(con, "t")
        assert whole == table_digest(con, "copy.t")
        con.execute("set threads = 1")
        assert whole == table_digest(con, "copy.t")


def test_states_by_site_are_the_digests_of_the_sites_rows():
    rows = [("a", 1, None, None, None, []), ("b", 2, None, None, None, None), ("b", 2, None, None, None, None)]
    with _database(rows) as con:
        states, empty = table_states(con, "t")
        assert {site: state.rows for site, state in states.items()} == {"a": 1, "b": 2, "all": 3}
        assert states["all"].digest == table_digest(con, "t")
        assert states["b"].digest == table_digest(con, "t", "site = ?", ["b"])
        assert empty.digest == table_digest(con, "t", "false")
        known = TableStates(con)
        assert known.get("t", "nowhere") == empty
        assert known.sites("t") == ("a", "b")
        assert known.digest(("t",), "a") == states["a"].digest
        assert known.digest(("t", "t"), "a") == combined([states["a"].digest] * 2) != states["a"].digest


def test_a_table_that_cannot_be_read_has_no_digest_and_a_copy_is_found_under_the_originals_name():
    with _database([("a", 1, None, None, None, None)]) as con:
        con.execute("create schema moved; create table moved.t as select * from t")
        states = TableStates(con, {"marts.t": "moved.t"})
        assert states.get("nowhere.t") is None
        assert states.sites("nowhere.t") == ()
        assert states.digest(("t", "nowhere.t"), "a") == ""
        assert states.digest((), "a") == ""
        assert states.digest(("marts.t",), "all") == table_digest(con, "t")


def test_a_table_without_sites_has_its_whole_state_only():
    with _database([(1,), (2,)], {"n": "BIGINT"}) as con:
        states, _ = table_states(con, "t")
        assert list(states) == ["all"]
        assert states["all"].rows == 2


def test_the_columns_of_all_tables_together_are_those_of_each_table(tmp_path):
    con = _database([("a", 1, 0.5, date(2026, 1, 1), True, ["x"])])
    con.execute(f"attach '{tmp_path / 'other.duckdb'}' as other")
    con.execute("create table other.t as select 1 as n, 'b' as site")
    con.execute("create schema lake")
    con.execute("create view lake.v as select site, {'n': n} as pair from t")
    for relation in ("main.t", "other.main.t", "lake.v"):
        states = TableStates(con)
        assert states.columns(relation) == tuple(row[0] for row in con.execute(f"describe {relation}").fetchall())
        assert states.digest([relation], "all") == table_states(con, relation)[0]["all"].digest
    assert TableStates(con, {"main.t": "other.main.t"}).columns("main.t") == ("n", "site")
    with pytest.raises(duckdb.Error):
        TableStates(con).columns("main.nowhere")


@pytest.mark.parametrize(("small", "threads"), [(1, 3), (10**9, 1)])
def test_a_small_database_is_asked_by_one_thread(tmp_path, monkeypatch, small, threads):
    monkeypatch.setattr(digest, "SMALL", small)
    with duckdb.connect(str(tmp_path / "t.duckdb"), config={"threads": 3}) as con:
        con.execute("create table t as select 1 as n")
        few_threads(con, tmp_path / "t.duckdb")
        assert con.execute("select current_setting('threads')").fetchone() == (threads,)
