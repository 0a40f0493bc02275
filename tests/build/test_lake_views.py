"""The lake's views: exactly the files given, with the types that the schemas promise."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfc_platform import schemas
from tfc_platform.build.lake_views import LakeFileError, column_type, make_views

from .lake import write_table


def rows(warehouse: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_without_files_every_table_is_there_without_rows_and_with_its_types(tmp_path: Path) -> None:
    warehouse = tmp_path / "tfc.duckdb"
    make_views(warehouse, {})
    found = rows(
        warehouse,
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'lake' order by all",
    )
    promised = [
        (table, field.name, column_type(field.type)) for table, schema in schemas.SCHEMAS.items() for field in schema
    ]
    assert found == sorted(promised)
    assert rows(warehouse, "select count(*) from lake.activity") == [(0,)]


def test_types_are_the_same_with_files_and_without(tmp_path: Path) -> None:
    filled, empty = tmp_path / "filled.duckdb", tmp_path / "empty.duckdb"
    make_views(empty, {})
    make_views(filled, {name: [write_table(tmp_path, name, [])] for name in schemas.SCHEMAS})
    sql = "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'lake' order by all"
    assert rows(filled, sql) == rows(empty, sql)


def test_a_view_shows_exactly_the_files_that_it_was_given(tmp_path: Path) -> None:
    warehouse = tmp_path / "tfc.duckdb"
    first = write_table(tmp_path, "story", [{"story_id": "s1"}], part=1)
    second = write_table(tmp_path, "story", [{"story_id": "s2"}, {"story_id": "s3"}], part=2)
    write_table(tmp_path, "story", [{"story_id": "not admitted"}], part=3)
    make_views(warehouse, {"story": [first, second]})
    assert rows(warehouse, "select story_id from lake.story order by 1") == [("s1",), ("s2",), ("s3",)]
    make_views(warehouse, {"story": [second]})
    assert rows(warehouse, "select story_id from lake.story order by 1") == [("s2",), ("s3",)]
    make_views(warehouse, {})
    assert rows(warehouse, "select story_id from lake.story") == []


def test_a_path_with_a_quotation_mark_or_a_star_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "the site's [lake] *"
    folder.mkdir()
    warehouse = tmp_path / "tfc.duckdb"
    make_views(warehouse, {"story": [write_table(folder, "story", [{"story_id": "s1"}])]})
    assert rows(warehouse, "select story_id from lake.story") == [("s1",)]


def test_a_file_of_another_type_is_refused_by_table_file_and_column_and_not_by_value(tmp_path: Path) -> None:
    schema = schemas.SCHEMAS["activity"]
    at = schema.get_field_index("hours")
    wrong = schema.set(at, pa.field("hours", pa.string()))
    path = tmp_path / "wrong.parquet"
    cells = {field.name: None for field in wrong} | {"hours": "Jane Doe"}
    cells |= {"site": "north", "source": "activity", "file_sha256": "aa", "row_number": 1}
    pq.write_table(pa.Table.from_pylist([cells], schema=wrong), path)
    with pytest.raises(LakeFileError) as caught:
        make_views(tmp_path / "tfc.duckdb", {"activity": [path]})
    assert str(caught.value) == "activity: wrong.parquet: hours is string and must be double."


def test_a_file_without_a_promised_column_is_refused(tmp_path: Path) -> None:
    schema = schemas.SCHEMAS["ref_site"]
    path = tmp_path / "short.parquet"
    pq.write_table(pa.Table.from_pylist([], schema=schema.remove(schema.get_field_index("nation"))), path)
    with pytest.raises(LakeFileError, match=r"^ref_site: short\.parquet has no column nation\.$"):
        make_views(tmp_path / "tfc.duckdb", {"ref_site": [path]})


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LakeFileError, match=r"^story: gone\.parquet cannot be read \(FileNotFoundError\)\.$"):
        make_views(tmp_path / "tfc.duckdb", {"story": [tmp_path / "gone.parquet"]})
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"Jane Doe")
    with pytest.raises(LakeFileError, match=r"^story: broken\.parquet cannot be read \(Arrow\w+\)\.$"):
        make_views(tmp_path / "tfc.duckdb", {"story": [broken]})


def test_an_unknown_table_is_refused_and_leaves_the_views_as_they_were(tmp_path: Path) -> None:
    warehouse = tmp_path / "tfc.duckdb"
    make_views(warehouse, {"story": [write_table(tmp_path, "story", [{"story_id": "s1"}])]})
    with pytest.raises(LakeFileError, match=r"^The lake has no table named stories\.$"):
        make_views(warehouse, {"stories": []})
    assert rows(warehouse, "select story_id from lake.story") == [("s1",)]


def test_a_type_that_no_table_uses_is_refused() -> None:
    with pytest.raises(LakeFileError, match="no DuckDB type for Arrow's decimal128"):
        column_type(pa.decimal128(10, 2))
