"""Parquet on its way: small files as pyarrow writes them whole, long ones in row groups, and nothing that is half-written."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfc_platform.ingest.spool import Spool

SCHEMA = pa.schema([pa.field("n", pa.int64(), nullable=False), pa.field("word", pa.string())])


def table(*numbers: int) -> pa.Table:
    return pa.Table.from_pylist([{"n": n, "word": f"w{n}"} for n in numbers], schema=SCHEMA)


@pytest.mark.parametrize("rows", [(), (1,), (1, 2, 3)])
def test_one_piece_has_the_bytes_of_a_file_that_was_written_whole(tmp_path: Path, rows: tuple[int, ...]) -> None:
    whole = io.BytesIO()
    pq.write_table(table(*rows), whole, compression="zstd", store_schema=False, write_statistics=["n"])
    with Spool() as spool:
        spool.add(tmp_path / "a.parquet", table(*rows))
        assert spool.place(tmp_path / "a.parquet") == len(rows)
    assert (tmp_path / "a.parquet").read_bytes() == whole.getvalue()
    assert (tmp_path / "a.parquet").stat().st_mode & 0o777 == 0o600


def test_pieces_are_row_groups_in_their_order(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "a.parquet"
    with Spool() as spool:
        for piece in (table(1, 2), table(3), table()):
            spool.add(target, piece)
            assert not target.exists(), "nothing is there before it is whole"
        assert target in spool
        assert spool.place(target) == 3
        assert target not in spool
    found = pq.ParquetFile(target)
    assert [found.metadata.row_group(i).num_rows for i in range(found.num_row_groups)] == [2, 1]
    assert found.read().equals(table(1, 2, 3))


def test_rows_that_were_written_before_can_be_mended(tmp_path: Path) -> None:
    target = tmp_path / "a.parquet"
    with Spool() as spool:
        for piece in (table(0, 1), table(2, 3), table(4)):
            spool.add(target, piece)
        spool.amend(target, {"word": {1: "x", 2: None, 4: "z"}, "n": {3: 30}})
        assert spool.place(target) == 5
    found = pq.read_table(target)
    assert found["word"].to_pylist() == ["w0", "x", None, "w3", "z"]
    assert found["n"].to_pylist() == [0, 1, 2, 30, 4]
    assert found.schema == SCHEMA
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_what_is_not_placed_is_dropped(tmp_path: Path) -> None:
    def broken() -> None:
        with Spool() as spool:
            spool.add(tmp_path / "a.parquet", table(1))
            assert len(list(tmp_path.iterdir())) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    assert list(tmp_path.iterdir()) == []
