"""Locked snapshots (R0): what is frozen of a site's quarter or a survey's wave, and where it is kept.

A snapshot holds counts and estimates by the codes of its grid: no row of a person. Beside it stand its records, each a digest
of one record and the cell that it counts in: a revision needs them to tell how many people came and went, and an erasure
takes the person's out without touching what was frozen. Both are in the restricted zone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tfc_platform.atomic_io import atomic, sha256_text, write_json
from tfc_platform.disclosure.code_lists import Codes
from tfc_platform.disclosure.frozen_content import CHANGE_MART, TREND_MART, FrozenRow, answers_of, content_of
from tfc_platform.disclosure.lock_calendar import Period
from tfc_platform.parquet import read_parquet

__all__ = [
    "FrozenRow",
    "Record",
    "Snapshot",
    "Store",
    "as_records",
    "counted_cells",
    "counted_unit",
    "flow_cell",
    "freeze",
    "latest_versions",
    "read_marts",
    "read_records",
    "record_digest",
]

# site and name of a period to what there is of it
ByPeriod = Mapping[tuple[str, str], Sequence[Any]]


@dataclass(frozen=True)
class _Kept:
    """What is frozen of one mart: `period` gives a row's period in SQL, `names` its variables and figures."""

    mart: str
    period: str
    names: str
    where: str = "true"

    @property
    def columns(self) -> list[str]:
        return self.names.split()


@dataclass(frozen=True)
class _Counted:
    """The records behind a snapshot's counts: `cell` are the variables of the cell that one counts in.

    A record is known by its `id`, where its source has ids of its own, else by its `content`: a return that is sent again has
    other rows, of the same people and sessions. `people` is what the published table of the cell counts.
    """

    relation: str
    period: str
    id: str
    content: str
    cell: tuple[tuple[str, str], ...]  # variable, SQL
    people: str
    where: str = "true"


DIGITS_KEPT = 6  # more than is ever published
_WAVE = "population || ' ' || wave"
# By the contract's record. A mart that is not here is never frozen, so nothing of it about people can be published.
_KEPT: Mapping[str, tuple[_Kept, ...]] = {
    "activity": (
        _Kept(
            "mart_reach_cell",
            "quarter",
            "activity audience_unit area small_area_code sessions sessions_unknown attendances_low attendances_high "
            "largest_session hours sessions_with_hours",
        ),
    ),
    "story": (_Kept("mart_story_cell", "quarter", "change_domain teller_role stories selected"),),
    "survey_respondent": (
        _Kept("mart_outcome_cell", _WAVE, "indicator measure area sector n positive"),
        _Kept(
            "mart_outcome_indicator",
            _WAVE,
            "indicator measure breakdown breakdown_value n_eff n_clusters n_known_clusters estimate ci_low ci_high weighted",
            where="breakdown in ('all', 'area', 'sector')",  # a school is a cluster, and has a name
        ),
        _Kept("mart_outcome_asked", _WAVE, "indicator measure instrument made_of tools mode asked_in"),
        _Kept(
            CHANGE_MART,
            "population || ' ' || wave_to",
            "indicator measure design wave_from wave_to n_from n_to n_pairs improved same worse base_from base_to "
            "difference ci_low ci_high p_adjusted effect_size comparable reason caution comparison family reading "
            "smallest_change n_eff_smallest df",
        ),
        _Kept(
            TREND_MART,
            "population || ' ' || wave_to",
            "indicator measure wave_from wave_to waves wave_names rise rise_low rise_high p_adjusted smallest_rise n_smallest "
            "n_eff_smallest comparable reason family reading",
        ),
    ),
}
_COUNTED: Mapping[str, _Counted] = {
    "activity": _Counted(
        "intermediate.fct_session",
        "quarter",
        "session_id",
        "concat_ws('|', session_on, activity, area, small_area_code)",
        (
            ("activity", "activity"),
            ("audience_unit", "audience_unit"),
            ("area", "area"),
            ("small_area_code", "small_area_code"),
        ),
        # A session of casework is one person's or family's, and the table counts sessions.
        "case when audience_unit = 'individual' then 1 else attendance_low end",
        where="is_delivered and (audience_unit = 'individual' or attendance_low is not null)",
    ),
    "story": _Counted(
        "intermediate.fct_story",
        "quarter",
        "story_id",
        "story_id",  # no story is taken in without an id
        (("change_domain", "change_domain"), ("teller_role", "teller_role")),
        "1",
        where="is_counted",
    ),
    "survey_respondent": _Counted(
        "intermediate.int_indicator_score",
        _WAVE,
        "respondent_id",
        # All that one respondent answered.
        "list(indicator || '=' || y order by indicator, y) over (partition by site, population, wave, respondent_id)::varchar",
        (
            ("indicator", "indicator"),
            ("measure", "measure"),
            ("area", "coalesce(area, 'unknown')"),
            ("answer", "case when measure like 'percent%' and y > 0 then 'positive' else 'other' end"),
        ),
        "1",
    ),
}
# The column of a contract that says that records have ids of their own.
ID_COLUMNS = {"activity": "session_id", "story": "story_id", "survey_respondent": "respondent_id"}


def counted_unit(record: str, cell: FrozenRow) -> str:
    """The frozen figure that counts people in a cell: sessions of casework, heads of groups, stories."""
    if record == "story":
        return "stories"
    return "sessions" if cell.get("audience_unit") == "individual" else "attendances_low"


def flow_cell(record: str, row: FrozenRow) -> tuple[tuple[str, Any], ...]:
    """The cell in which people of a frozen row come and leave; who was not asked for an area is in none, as who did not say."""
    names = sorted(name for name, _ in _COUNTED[record].cell)
    return tuple((name, "unknown" if row[name] == "not_asked" else row[name]) for name in names)


@dataclass(frozen=True, order=True)
class Record:
    """One record's digest, the cell that it counts in (canonical JSON of the variables), and for how many people."""

    record: str
    cell: str
    people: int


@dataclass(frozen=True)
class Snapshot:
    """What was frozen: `frozen` has, by mart, rows of the columns named in this module; `codes` is its grid.

    `flows`: of a revised snapshot how many `came` and `left` in each cell since the version before, with the cell's variables.
    None of a first version, and of one that was revised before that was kept.
    `waves`: of a survey's wave the digest of the answers of each other wave, by name, in the marts that it was frozen from: its
    change is from these answers. None where that was not kept.
    """

    id: str
    version: int
    source: str
    site: str
    name: str
    record: str
    ends_on: str
    locked_on: str
    codes: Codes
    frozen: Mapping[str, Sequence[FrozenRow]] = field(repr=False)
    flows: Sequence[FrozenRow] | None = field(default=None, repr=False)
    waves: Mapping[str, str] | None = field(default=None, repr=False)

    @cached_property
    def answers(self) -> str:
        """The digest of a survey's answers, without its change from another wave."""
        return answers_of(self.frozen)

    @cached_property
    def content(self) -> str:
        """The digest of what is frozen. It stays in the restricted zone: counts this small can be guessed from it."""
        return content_of(self.frozen)

    @property
    def label(self) -> str:
        return f"{self.id}@{self.version}"


def counted_cells(snapshot: Snapshot) -> Iterable[tuple[FrozenRow, int]]:
    """The frozen cells in which records count, each with its people: what `read_records` gives, summed."""
    if snapshot.record != "survey_respondent":
        for row in snapshot.frozen["mart_reach_cell" if snapshot.record == "activity" else "mart_story_cell"]:
            yield row, row[counted_unit(snapshot.record, row)] or 0
        return
    for row in snapshot.frozen["mart_outcome_cell"]:
        positive = row["positive"] or 0
        yield {**row, "answer": "positive"}, positive
        yield {**row, "answer": "other"}, row["n"] - positive


def freeze(
    period: Period,
    codes: Codes,
    frozen: Mapping[str, Sequence[FrozenRow]],
    on: date,
    waves: Mapping[str, str] | None = None,
) -> Snapshot:
    """The first version of a snapshot."""
    return Snapshot(
        id=period.id,
        version=1,
        source=period.source,
        site=period.site,
        name=period.name,
        record=period.record,
        ends_on=period.ends_on.isoformat(),
        locked_on=on.isoformat(),
        codes=codes,
        frozen=frozen,
        waves=waves,
    )


def read_marts(con: duckdb.DuckDBPyConnection) -> Callable[[Period], dict[str, list[dict[str, Any]]]]:
    """What the research database at `con` holds, as snapshots freeze it: a function of the period.

    :raises duckdb.Error: where a mart or a column is missing.
    """
    found: dict[str, ByPeriod] = {}

    def rows_of(period: Period) -> dict[str, list[dict[str, Any]]]:
        frozen = {}
        for kept in _KEPT[period.record]:
            if kept.mart not in found:
                found[kept.mart] = _by_period(con, kept)
            frozen[kept.mart] = list(found[kept.mart].get((period.site, period.name), ()))
        return frozen

    return rows_of


def _by_period(con: duckdb.DuckDBPyConnection, kept: _Kept) -> ByPeriod:
    columns = ", ".join(kept.columns)
    sql = f"select site, {kept.period}, {columns} from marts.{kept.mart} where {kept.where} order by all"
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for site, name, *values in con.execute(sql).fetchall():
        found.setdefault((site, name), []).append(dict(zip(kept.columns, map(_settled, values), strict=True)))
    return found


def _settled(value: Any) -> Any:
    """Without the last digits of a sum, which hang on the order of its terms and would look like a change."""
    return round(value, DIGITS_KEPT) if isinstance(value, float) else value


def read_records(con: duckdb.DuckDBPyConnection, record: str, with_ids: Iterable[str]) -> Callable[[Period], pa.Table]:
    """The records that count in a period (`record`, `cell`, `people`), from the warehouse at `con`; keys are reduced to digests.

    `with_ids` are the sites whose source gives records ids of their own. One query for all periods of a record: a first night
    locks dozens.

    :raises duckdb.Error: where the table behind them is missing.
    """
    counted = _COUNTED[record]
    # The names in order, as canonical JSON has them.
    cell = ", ".join(f"{name} := {sql}" for name, sql in sorted(counted.cell))
    key = f"case when list_contains($sites::varchar[], site) then {counted.id} else {counted.content} end"
    records = con.sql(
        f"select site, {counted.period} as name, {_DIGEST.format(id=key)} as record, "
        f"to_json(struct_pack({cell}))::varchar as cell, ({counted.people})::bigint as people "
        f"from {counted.relation} where {counted.where} order by all",
        params={"sites": sorted(with_ids)},
    ).to_arrow_table()

    def of(period: Period) -> pa.Table:
        mine = pc.and_(pc.equal(records["site"], period.site), pc.equal(records["name"], period.name))
        return records.filter(mine).select(_RECORDS.names).cast(_RECORDS)

    return of


_DIGEST = "left(sha256('snapshot record|' || {id}), 24)"


def record_digest(record: str) -> str:
    """How a record is named beside a snapshot: `_DIGEST` in SQL."""
    return sha256_text(f"snapshot record|{record}")[:24]


# The column was `persons` while records were known by file and row, and casework by its heads.
_RECORDS = pa.schema([("record", pa.string()), ("cell", pa.string()), ("people", pa.int64())])


def latest_versions(versions: Mapping[tuple[str, int], Snapshot]) -> dict[str, Snapshot]:
    """The latest version of each snapshot, by id."""
    return {key: versions[(key, version)] for key, version in sorted(versions)}


@dataclass(frozen=True)
class Store:
    """The snapshots in `TFC_HOME/snapshots/`: a folder each, a file a version. What was written is never changed."""

    root: Path

    def _folder(self, snapshot_id: str) -> Path:
        return self.root / "locked" / snapshot_id

    def versions(self) -> dict[tuple[str, int], Snapshot]:
        """Every version of every snapshot, by id and version."""
        paths = sorted((self.root / "locked").rglob("v*.json"))
        found = (json.loads(path.read_text(encoding="utf-8")) for path in paths)
        return {(values["id"], values["version"]): Snapshot(**values) for values in found}

    def add(self, snapshot: Snapshot, records: pa.Table) -> None:
        """Keep a snapshot; its records first, so that a killed run leaves no snapshot without them."""
        folder = self._folder(snapshot.id)
        _write_records(folder / f"v{snapshot.version}.parquet", records)
        write_json(folder / f"v{snapshot.version}.json", asdict(snapshot))

    def records(self, snapshot: Snapshot) -> list[Record] | None:
        """The records of a snapshot that were not erased since; none where they were kept in the earlier way."""
        path = self._folder(snapshot.id) / f"v{snapshot.version}.parquet"
        return as_records(read_parquet(path)) if _is_current(path) else None

    def renew_records(self, snapshot: Snapshot, behind: Callable[[], pa.Table]) -> None:
        """Keep the records of a snapshot anew, where they were kept in the earlier way; `behind` gives them."""
        path = self._folder(snapshot.id) / f"v{snapshot.version}.parquet"
        if not _is_current(path):
            _write_records(path, behind())

    def forget_all_but(self, snapshot: Snapshot, standing: pa.Table) -> int:
        """Take out of a snapshot's records, in all its versions, those that are no longer in the marts; gives how many."""
        gone = 0
        for path in sorted(self._folder(snapshot.id).glob("v*.parquet")):
            records = read_parquet(path)
            if not _is_current(path):  # its records cannot be told apart from erased ones, so all go
                _write_records(path, _RECORDS.empty_table())
                gone += records.num_rows
                continue
            left = records.filter(pc.is_in(records["record"], value_set=standing["record"].combine_chunks()))
            if left.num_rows < records.num_rows:
                _write_records(path, left)
                gone += records.num_rows - left.num_rows
        return gone


def as_records(table: pa.Table) -> list[Record]:
    """Records one by one, as a revision compares them."""
    return [Record(**row) for row in table.to_pylist()]


def _is_current(path: Path) -> bool:
    return bool(pq.read_schema(path).names == _RECORDS.names)


def _write_records(target: Path, records: pa.Table) -> None:
    with atomic(target) as temporary:
        pq.write_table(records, temporary)
