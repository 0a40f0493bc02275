"""Dagster's own event log in SQLite, with its files kept open.

Belongs here: how that log reaches its files. Does not belong: what it writes, which is Dagster's, table for table: an instance
can be set back to the log that Dagster comes with, and loses nothing.

As it comes, the log opens and closes a file, compiles its SQL anew and waits for the disk at each of a night's eight hundred
events: more than half of the processor time of a night with nothing new (`benchmarks/README.md`). Here the shared index and
the newest run's file stay open, and the many outputs of a step are one transaction. A killed process, or a power cut, can
cost the outputs of the step that it was in; the run is then one that ended without a word, and the next does it all again.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import bindparam, create_engine
from sqlalchemy.engine import Connection, RootTransaction
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.base import DialectKWArgs

from tfc_platform.atomic_io import WRITING, write_bytes
from tfc_platform.lean_import import lean_import

# Dagster makes and migrates its tables with alembic, which brings what it needs for databases that are not SQLite, and for
# writing migrations: half of its import. So this module is to be imported before anything opens Dagster's instance.
_LEFT_OUT = tuple(f"alembic.ddl.{name}" for name in ("mssql", "mysql", "oracle", "postgresql"))
# Its tables name options for databases that are not SQLite; to check these SQLAlchemy loads all that it has for each.
_UNCHECKED = dict.fromkeys(("mysql", "postgresql"))
with (
    lean_import(left_out=lambda module: module.startswith(_LEFT_OUT), on_use=("mako",)),
    mock.patch.dict(DialectKWArgs._kw_registry, _UNCHECKED),
):
    import_module("dagster._core.storage.sqlite_storage")  # the log's, and those of runs and schedules, which are alike
    from dagster import AssetKey
    from dagster._core.definitions.asset_checks.asset_check_evaluation import AssetCheckEvaluation
    from dagster._core.event_api import EventLogRecord
    from dagster._core.events import (
        ASSET_CHECK_EVENTS,
        ASSET_EVENTS,
        EVENT_TYPE_TO_PIPELINE_RUN_STATUS,
        DagsterEventType,
    )
    from dagster._core.events.log import EventLogEntry
    from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
    from dagster._core.storage.event_log.schema import (
        AssetCheckExecutionsTable,
        AssetKeyTable,
        SqlEventLogStorageTable,
    )
    from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
    from dagster._serdes import ConfigurableClassData, deserialize_value

__all__ = ["OpenEventLog"]

SECONDS_TO_WAIT_FOR_A_LOCK = 30  # as Dagster does
LONGEST_WAIT = 0.5  # seconds that an event may wait for those after it; meanwhile nobody else can write to the index
_BY_THE_HUNDRED = frozenset(
    {
        *(DagsterEventType.ASSET_CHECK_EVALUATION, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED),
        *(DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_MATERIALIZATION_PLANNED),
        DagsterEventType.STEP_OUTPUT,
    }
)
_IN_THE_INDEX = ASSET_EVENTS | ASSET_CHECK_EVENTS | set(EVENT_TYPE_TO_PIPELINE_RUN_STATUS)

_NEW_EVENT = SqlEventLogStorageTable.insert()
_ASSET = AssetKeyTable.update().where(AssetKeyTable.c.asset_key == bindparam("of_asset"))
_CHECK = AssetCheckExecutionsTable.update().where(
    AssetCheckExecutionsTable.c.asset_key == bindparam("of_asset"),
    AssetCheckExecutionsTable.c.check_name == bindparam("of_check"),
    AssetCheckExecutionsTable.c.run_id == bindparam("of_run"),
    AssetCheckExecutionsTable.c.partition.is_(None),
)


class OpenEventLog(SqliteEventLogStorage):
    """The event log of one Dagster home. `dagster.yaml` names this class; without a setting it stands below DAGSTER_HOME."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._access = threading.RLock()
        self._open: dict[str, Connection] = {}
        self._batch: ExitStack | None = None
        self._in_batch: set[str] = set()
        self._late: dict[str, RootTransaction] = {}  # by file, what has been written and waits to be committed
        self._waits_since = 0.0
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
        """Store events; where one fails, none of them is stored.

        Outputs of a step come by the hundred, and no two of them a while apart: they are committed with what comes after
        them, or when the first of them has waited long. Till then only this process sees them.
        """
        with self._access:
            is_whole = False
            try:
                with ExitStack() as self._batch:
                    for event in events:
                        self._store(event)
                is_whole = True
            finally:
                self._batch = None
                self._in_batch.clear()
                waits = is_whole and all(event.dagster_event_type in _BY_THE_HUNDRED for event in events)
                if not waits or time.monotonic() - self._waits_since > LONGEST_WAIT:
                    for shard in list(self._late):
                        self._commit(shard)

    def _commit(self, shard: str) -> None:
        if shard in self._late:
            self._late.pop(shard).commit()
            if shard != INDEX_SHARD_NAME:
                # The UI watches a run's file, and what is written stands at first in SQLite's journal beside it.
                os.utime(self.path_for_shard(shard))

    def _store(self, event: EventLogEntry) -> None:
        """Write what Dagster's own log writes of an event; it is put into words once, by statements that were built once."""
        row = self._event_to_row(event)
        with self.run_connection(event.run_id) as connection:
            connection.execute(_NEW_EVENT, row)
        kind = event.dagster_event_type if event.is_dagster_event else None
        if kind not in _IN_THE_INDEX:
            return
        with self.index_connection() as connection:
            number = connection.execute(_NEW_EVENT, row).lastrowid
            if kind in ASSET_EVENTS:
                self._store_asset_event_tags(connection, [event], [number])
                self._store_asset_event(connection, event, number)
            if kind in ASSET_CHECK_EVENTS and not self._is_evaluated(connection, event, row, number):
                self.store_asset_check_event(event, number)

    def _store_asset_event(self, conn: Connection, event: EventLogEntry, event_id: int) -> None:
        """Tell the asset of its newest event. Nearly every asset is known from earlier nights: so it is looked for first."""
        key = event.dagster_event.asset_key if event.dagster_event else None
        values = self._get_asset_entry_values(event, event_id, self._has_asset_key_index_cols_on_connection(conn))
        if key and values and not conn.execute(_ASSET, {"of_asset": key.to_string(), **values}).rowcount:
            super()._store_asset_event(conn, event, event_id)

    def _is_evaluated(self, conn: Connection, event: EventLogEntry, row: Mapping[str, Any], event_id: int) -> bool:
        """Whether a check's outcome found the one check of this run that waited for it; any other case is Dagster's."""
        check = event.dagster_event.event_specific_data if event.dagster_event else None
        if event.dagster_event_type != DagsterEventType.ASSET_CHECK_EVALUATION or not event.run_id:
            return False
        if not isinstance(check, AssetCheckEvaluation) or check.partition is not None:
            return False
        status = AssetCheckExecutionRecordStatus
        judged = check.target_materialization_data
        values = {
            "of_asset": check.asset_key.to_string(),
            "of_check": check.check_name,
            "of_run": event.run_id,
            "execution_status": (status.SUCCEEDED if check.passed else status.FAILED).value,
            "evaluation_event": row["event"],
            "evaluation_event_timestamp": row["timestamp"],
            "evaluation_event_storage_id": event_id,
            "materialization_event_storage_id": judged.storage_id if judged else None,
        }
        return conn.execute(_CHECK, values).rowcount == 1

    def _get_latest_materialization_records(
        self, raw_asset_rows: Sequence[Mapping[str, Any]]
    ) -> Mapping[AssetKey, EventLogRecord | None]:
        """As Dagster does, without a second question to the file where no asset was wiped or is of an older Dagster."""
        found: dict[AssetKey, EventLogRecord | None] = {}
        for row in raw_asset_rows:
            key, kept = AssetKey.from_db_string(row["asset_key"]), row["last_materialization"]
            record = deserialize_value(kept) if kept and not row["asset_details"] else None
            if key is None or not isinstance(record, EventLogRecord):
                return super()._get_latest_materialization_records(raw_asset_rows)
            found[key] = record
        return found

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
            connection = self._connection(shard)
            if self._batch is not None:
                if shard not in self._in_batch:
                    self._write_late(shard, connection)
                    self._batch.enter_context(_all_or_nothing(connection))
                    self._in_batch.add(shard)
                yield connection
            else:
                with _all_or_nothing(connection) if shard in self._late else connection.begin():
                    yield connection

    def _write_late(self, shard: str, connection: Connection) -> None:
        if shard in self._late:
            return
        if not self._late:
            self._waits_since = time.monotonic()
        self._late[shard] = connection.begin()
        # At once, for who begins by reading and writes later is refused where somebody else has written meanwhile.
        connection.exec_driver_sql("begin immediate")

    def _lasting(self, what: str, look: Callable[[], bool]) -> bool:
        if what not in self._there and look():
            self._there.add(what)
        return what in self._there

    def _connection(self, shard: str) -> Connection:
        if shard not in self._open:
            if not self._copied(shard):
                self._made(shard)
            if shard != INDEX_SHARD_NAME:
                for older in set(self._open) - {INDEX_SHARD_NAME} - self._in_batch:
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

    @property
    def _empty_file(self) -> Path:
        """A run's file before its first event, of this version of Dagster; beside the folder of runs, not in it."""
        return Path(self._base_dir).with_name(f"empty-run-{version('dagster')}.db")

    def _copied(self, shard: str) -> bool:
        """Whether the file of a new run could be had as a copy: to make it anew is to make tables and ask for migrations."""
        place = Path(self.path_for_shard(shard))
        if shard == INDEX_SHARD_NAME or place.exists() or not self._empty_file.is_file():
            return False
        draft = place.with_name(f"{WRITING}{shard}-{os.getpid()}")
        shutil.copyfile(self._empty_file, draft)
        try:
            place.hardlink_to(draft)  # unlike a move, it never takes the place of a file that another process just made
        except OSError:
            return False
        finally:
            draft.unlink()
        self._initialized_dbs.add(shard)
        return True

    def _made(self, shard: str) -> None:
        place = Path(self.path_for_shard(shard))
        is_new = shard != INDEX_SHARD_NAME and not place.exists()
        with self._connect(shard):  # Dagster's way in: it makes the file and its tables where they are missing
            pass
        # With a journal beside it the file is not all there is: then somebody else has it open.
        if is_new and not place.with_name(f"{place.name}-wal").exists():
            with suppress(OSError):
                write_bytes(self._empty_file, place.read_bytes())

    def _close(self, shard: str) -> None:
        self._commit(shard)
        connection = self._open.pop(shard)
        connection.close()
        connection.engine.dispose()


@contextmanager
def _all_or_nothing(connection: Connection) -> Iterator[None]:
    """Within a transaction: what is done here is undone where it fails, and nothing else is."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("savepoint part")
    try:
        yield
    except BaseException:
        driver.execute("rollback to part")
        raise
    finally:
        driver.execute("release part")
