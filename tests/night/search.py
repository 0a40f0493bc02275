"""Looking for secrets in everything that a home holds: in the bytes, and in what the bytes say once they are unpacked.

A secret is looked for as it was written, in lower case, and as JSON, XML and Python escape it.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import sqlite3
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pyreadstat

GRAM = 4  # bytes; every secret has as many
HASHED = 20  # bits: a table that fits into the processor's cache


class Secrets:
    """A set of secrets that can be found in any bytes, thousands of them at once."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self.secrets = set(secrets)
        self._by_gram: dict[int, list[tuple[bytes, str]]] = defaultdict(list)
        for secret in self.secrets:
            for form in _forms(secret):
                assert len(form) >= GRAM, secret
                # By its end: surnames differ there, while all telephone numbers begin alike.
                self._by_gram[int.from_bytes(form[-GRAM:], "little")].append((form, secret))
        grams = np.array(list(self._by_gram), dtype=np.uint32)
        self._may_end = np.zeros(1 << HASHED, dtype=bool)  # by what a gram comes down to: most bytes end here
        self._may_end[_hashed(grams)] = True
        self._said: dict[tuple[bytes, str], set[str]] = {}  # what bytes said that were looked through before

    def in_bytes(self, content: bytes) -> set[str]:
        if len(content) < GRAM:
            return set()
        array = np.frombuffer(content, dtype=np.uint8).astype(np.uint32)
        grams = array[:-3] | array[1:-2] << 8 | array[2:-1] << 16 | array[3:] << 24
        found = set()
        for at in np.flatnonzero(self._may_end[_hashed(grams)]).tolist():
            end = at + GRAM
            for form, secret in self._by_gram.get(int(grams[at]), ()):
                if content[end - len(form) : end] == form:
                    found.add(secret)
        return found

    def below(self, folder: Path, leave_out: Iterable[Path] = ()) -> dict[str, set[str]]:
        """The secrets found in each file of a folder, by its path there; the names of the files are looked through too."""
        left_out, found = tuple(leave_out), {}
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file() or any(path.is_relative_to(place) for place in left_out):
                continue
            name = path.relative_to(folder).as_posix()
            hits = self.in_bytes(name.encode()) | self._in_file(path)
            if hits:
                found[name] = hits
        return found

    def _in_file(self, path: Path) -> set[str]:
        """Of the same bytes once only: most of a home is the same after another night."""
        key = (hashlib.sha256(path.read_bytes()).digest(), path.suffix)
        if key not in self._said:
            self._said[key] = set().union(*(self.in_bytes(content) for content in said_by(path)))
        return self._said[key]


def _hashed(grams: np.ndarray) -> np.ndarray:
    """The leading bits of each gram times an odd constant (Knuth's multiplicative hashing)."""
    hashed: np.ndarray = (grams * np.uint32(2654435761)) >> np.uint32(32 - HASHED)
    return hashed


def _forms(secret: str) -> set[bytes]:
    texts = {secret, secret.casefold(), html.escape(secret), json.dumps(secret)[1:-1], ascii(secret)[1:-1]}
    return {text.encode() for text in texts} | {secret.encode("utf-16-le")}


def said_by(path: Path) -> Iterator[bytes]:
    """A file's bytes, and all text that a reader gets from it."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".parquet":
        yield _written(_reader(), f"read_parquet('{path}')")
        yield str(pq.read_schema(path).metadata).encode()
    elif zipfile.is_zipfile(path):  # in the vault a workbook has no name
        with zipfile.ZipFile(path) as book:
            yield from (book.read(name) for name in book.namelist())
    elif path.suffix == ".duckdb":
        yield from _database(path)
    elif content.startswith(b"SQLite format 3"):
        yield from _sqlite(path)
    elif content.startswith(b"$FL"):
        columns, _ = pyreadstat.read_sav(io.BytesIO(content), user_missing=True, output_format="dict")
        yield str({name: list(values) for name, values in columns.items()}).encode()


def _database(path: Path) -> Iterator[bytes]:
    with duckdb.connect(str(path), read_only=True) as con:
        for catalogue in ("duckdb_tables()", "duckdb_views()", "duckdb_columns()"):
            yield str(con.execute(f"select * from {catalogue}").fetchall()).encode()
        names = con.execute("select table_schema, table_name from information_schema.tables").fetchall()
        for schema, name in names:
            # An analyst's views may look at tables that are not there any more; nothing of them can be read then.
            yield _written(con, f'"{schema}"."{name}"')


@cache
def _reader() -> duckdb.DuckDBPyConnection:
    """One connection for all Parquet files: opening one takes longer than reading most of them."""
    return duckdb.connect()


def _written(con: duckdb.DuckDBPyConnection, table: str) -> bytes:
    """A table's rows as lines of text, by DuckDB: to fetch each value takes far longer."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "rows.csv")
        con.execute(f"copy (from {table}) to '{file}' (format csv, quote '', delim '\t', escape '')")
        return file.read_bytes()


def _sqlite(path: Path) -> Iterator[bytes]:
    con = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for (name,) in con.execute("select name from sqlite_master where type = 'table'").fetchall():
        yield "\n".join(map(str, con.execute(f'select * from "{name}"').fetchall())).encode()
    con.close()
