"""One Parquet file is read as Arrow's own reader of folders reads it, and what is wrong with it is said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfc_platform.parquet import read_parquet


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"site": ["north", None], "n": [3, 4], "words": [["a"], []]}), path)
    return path


def test_the_rows_are_those_that_were_written(file: Path) -> None:
    assert read_parquet(file).equals(pq.read_table(file))
    assert read_parquet(file, ["n", "site"]).to_pylist() == [{"site": "north", "n": 3}, {"site": None, "n": 4}]


def test_a_column_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(ValueError, match=r"^rows\.parquet has no column area, token\.$"):
        read_parquet(file, ["token", "n", "area"])


def test_what_is_no_such_file_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_parquet(tmp_path / "nowhere.parquet")
    (tmp_path / "text.parquet").write_text("site,n")
    with pytest.raises(ValueError, match="Parquet"):
        read_parquet(tmp_path / "text.parquet")


def test_arrow_s_library_of_data_sets_stays_away(file: Path) -> None:
    code = (
        "import sys, pathlib; from tfc_platform.parquet import read_parquet;"
        "read_parquet(pathlib.Path(sys.argv[1])); assert 'pyarrow.dataset' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(file)], cwd=Path(__file__).parents[1], check=True)
