"""Dagster's own event log in SQLite, with its files kept open.

Belongs here: how that log reaches its files. Does not belong: what it writes, which is Dagster's, table for table: an instance
can be set back to the log that Dagster comes with, and loses nothing.

As it comes, the log opens and closes a file, compiles its SQL anew and waits for the disk at each of a night's eight hundred
events: more than half of the processor time of a night with nothing new (`benchmarks/README.md`). Here the shared index and
the newest run's file stay open, a batch is one transaction, and only a power cut, not a killed process, can cost the last
events.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.pool import NullPool

__all__ = ["OpenEventLog"]

SECONDS_TO_WAIT_FOR_A_LOCK = 30  # as Dagster does


class OpenEventLog(SqliteEventLogStorage):
    """The event log of one Dagster home. `dagster.yaml` names this class; without a setting it stands below DAGSTER_HOME."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._access = threading.RLock()
        self._open: dict[str, Connection] = {}
        self._batch: ExitStack | None = None
        self._in_batch: dict[str, Connection] = {}
        self._there: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> OpenEventLog:
        return cls(str(Path(os.environ["DAGSTER_HOME"]) / "history" / "runs"), inst_data)

    def run_connection(self, run_id: str | None = None) -> AbstractContextManager[Connection]:
        return self._transaction(run_id or "")

    def index_connection(self) -> AbstractContextManager[Connection]:
        return self._transaction(INDEX_SHARD_NAME)

    def store_event(self, event: EventLogEntry) -> None:
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events in one transaction a file; where one fails, none is stored."""
        with self._access, ExitStack() as batch:
            self._batch = batch
            try:
                for event in events:
                    super().store_event(event)
            finally:
                self._batch = None
                self._in_batch.clear()
        for run_id in {event.run_id for event in events}:
            # The UI watches a run's file, and what is written stands at first in SQLite's journal beside it.
            os.utime(self.path_for_shard(run_id))

    # The next three are asked at nearly every event. A table, column or index that is there stays there.

    def has_table(self, table_name: str) -> bool:
        inherited = super().has_table
        return self._lasting(f"table {table_name}", lambda: inherited(table_name))

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        inherited = super()._has_asset_key_col_on_connection
        return self._lasting(f"column {column_name}", lambda: bool(inherited(conn, column_name)))

    def has_secondary_index(self, name: str) -> bool:
        inherited = super().has_secondary_index
        return self._lasting(f"index {name}", lambda: bool(inherited(name)))

    def dispose(self) -> None:
        with self._access:
            for shard in list(self._open):
                self._close(shard)
        super().dispose()

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        with self._access:
            if self._batch is None:
                connection = self._connection(shard)
                with connection.begin():
                    yield connection
                return
            if shard not in self._in_batch:
                connection = self._connection(shard)
                self._batch.enter_context(connection.begin())
                self._in_batch[shard] = connection
            yield self._in_batch[shard]

    def _lasting(self, what: str, look: Callable[[], bool]) -> bool:
        if what not in self._there and look():
            self._there.add(what)
        return what in self._there

    def _connection(self, shard: str) -> Connection:
        if shard not in self._open:
            with self._connect(shard):  # Dagster's way in: it makes the file and its tables where they are missing
                pass
            if shard != INDEX_SHARD_NAME:
                for older in set(self._open) - {INDEX_SHARD_NAME}:
                    self._close(older)
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=NullPool,
                # Threads take turns at `_access`, so that one connection may serve them all.
                connect_args={"timeout": SECONDS_TO_WAIT_FOR_A_LOCK, "check_same_thread": False},
            )
            connection = engine.connect()
            connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
            connection.commit()
            self._open[shard] = connection
        return self._open[shard]

    def _close(self, shard: str) -> None:
        connection = self._open.pop(shard)
        connection.close()
        connection.engine.dispose()
