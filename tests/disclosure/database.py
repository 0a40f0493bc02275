"""The tables of the small world as Arrow and DuckDB hold them: their columns, and a file of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

__all__ = [
    "ASKED",
    "CHANGE",
    "DELIVERY",
    "EXPECTED",
    "OUTCOME",
    "OUTCOME_CELL",
    "REACH_CELL",
    "SCORE",
    "SESSION",
    "STORY",
    "STORY_CELL",
    "TREND",
    "table",
    "write_database",
]


def _columns(text: str) -> pa.Schema:
    """`site quarter:s n:i` and so on: names without a kind have the kind of the next that names one."""
    found = {"s": pa.string(), "i": pa.int64(), "f": pa.float64(), "b": pa.bool_(), "d": pa.date32()}
    fields: list[pa.Field] = []
    waiting: list[str] = []
    for word in text.split():
        name, _, kind = word.partition(":")
        waiting.append(name)
        if kind:
            fields += [pa.field(name, found[kind]) for name in waiting]
            waiting = []
    return pa.schema(fields)


SESSION = _columns(
    "site quarter session_id:s session_on:d activity audience_unit area small_area_code:s is_delivered:b attendance_low:i"
)
STORY = _columns("site quarter story_id change_domain teller_role:s is_counted:b")
SCORE = _columns("site population wave respondent_id indicator measure area sector:s y:f")
REACH_CELL = _columns(
    "site quarter activity audience_unit area small_area_code:s sessions sessions_unknown attendances_low attendances_high "
    "largest_session:i hours:f sessions_with_hours:i"
)
STORY_CELL = _columns("site quarter change_domain teller_role:s stories selected:i")
OUTCOME_CELL = _columns("site population wave indicator measure area sector:s n positive n_clusters:i")
OUTCOME = _columns(
    "site population wave indicator measure breakdown breakdown_value:s n:i n_eff:f n_clusters n_known_clusters:i "
    "estimate ci_low ci_high:f weighted:b"
)
ASKED = _columns("site population wave indicator measure instrument made_of tools mode asked_in:s")
CHANGE = _columns(
    "site population indicator measure design wave_from wave_to:s n_from n_to n_pairs improved same worse base_from "
    "base_to:i difference ci_low ci_high p_adjusted effect_size smallest_change n_eff_smallest:f comparable:b reason "
    "caution comparison family reading:s df:i"
)
TREND = _columns(
    "site population indicator measure wave_from wave_to:s waves:i wave_names:s rise rise_low rise_high p_adjusted "
    "smallest_rise:f n_smallest:i n_eff_smallest:f comparable:b reason family reading:s"
)
EXPECTED = _columns("site source return_key:s due_on:d status:s")
DELIVERY = _columns(
    "site:s month:d activity audience_unit tier audience:s sessions_delivered sessions_cancelled:i hours:f "
    "sessions_with_hours:i"
)


def table(schema: pa.Schema, rows: Iterable[dict[str, Any]]) -> pa.Table:
    given = list(rows)
    # Arrow would leave out a column that it does not know, and fill one that is missing.
    assert all(set(row) == set(schema.names) for row in given), schema.names
    return pa.Table.from_pylist(given, schema=schema)


def write_database(file: Path, **schemas: dict[str, pa.Table]) -> None:
    """A DuckDB file anew, with these schemas and their tables."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as con:
        con.execute("begin")
        for schema, tables in schemas.items():
            con.execute(f"create schema {schema}")
            for name, table in tables.items():
                con.register("given", table)
                con.execute(f"create table {schema}.{name} as from given")
                con.unregister("given")
        con.execute("commit")
