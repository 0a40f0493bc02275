"""What `test_everywhere` compares of a home before and after an erasure, and the copies that senders drop afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from tests.night.nights import Home, tree
from tfc_platform.publication.publication_register import load_register

from .people import (
    APPROVALS,
    FORMS,
    KOBO_SESSIONS,
    LOG,
    QUALTRICS,
    REVISED,
    SMARTSURVEY,
    SPSS,
)


def known(home: Home) -> dict[str, set[str]]:
    """By kind of record how those that the marts are made of are known: by their ids, as they are known behind the pseudonyms.

    The logs of Glasgow and Grimsby have no ids: their sessions are known by day, activity and venue.
    """
    tables = {"session": "fct_session", "story": "fct_story", "respondent": "int_indicator_score"}
    names = {kind: f"{kind}_id" for kind in tables}
    names["session"] = (
        "case when site in ('glasgow', 'grimsby') then concat_ws('|', session_on, activity, area, small_area_code) "
        "else session_id end"
    )
    with duckdb.connect(str(home.places.warehouse_file), read_only=True) as con:
        return {
            kind: {
                name for (name,) in con.execute(f"select distinct {names[kind]} from intermediate.{table}").fetchall()
            }
            for kind, table in tables.items()
        }


def digests(home: Home) -> set[str]:
    """The digests of records that stand beside all versions of all snapshots."""
    files = sorted((home.places.snapshots / "locked").rglob("*.parquet"))
    return {name for path in files for name in pq.read_table(path, columns=["record"])["record"].to_pylist()}


def persons(home: Home) -> dict[str, str]:
    """The SHA-256 of each file of a table about people in the current release."""
    names = {table.table for table in load_register().person_tables}
    files = tree((home.places.releases / "current").resolve())
    return {
        name: sha
        for name, sha in files.items()
        if Path(name).parts[0] in ("csv", "parquet") and Path(name).stem in names
    }


def frozen(home: Home) -> dict[str, str]:
    """The SHA-256 of what is frozen of each snapshot."""
    return {name: sha for name, sha in tree(home.places.snapshots / "locked").items() if name.endswith(".json")}


def snapshots(home: Home) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in home.manifest()["snapshots"]}


def copies(landing: Path) -> None:
    """What senders do: the same bytes under another name, and cumulative exports that hold everything again."""
    for name, other in (
        (QUALTRICS, "glasgow/surveys/TfC old professionals w1 qualtrics.csv"),
        (SMARTSURVEY, "grimsby/surveys/professionals_w1_smartsurvey (2).xlsx"),
        (SPSS[0], "plymouth/surveys/TFC_professionals_w1 final.sav"),
        (REVISED, "grimsby/activity/activity_2026-02 v10.csv"),
        (LOG, "glasgow/activity/Govan activity log 2025-26 H2 v2.xlsx"),
    ):
        if (landing / name).exists():
            shutil.copy(landing / name, landing / other)
    sessions = landing / KOBO_SESSIONS
    text = sessions.read_bytes()
    (sessions.with_name(sessions.name.replace("2026-04-01", "2026-05-01"))).write_bytes(text + b"\r\n")
    latest = max(
        (landing / "plymouth/activity").glob("TfC session record*.xlsx"), key=lambda path: len(path.read_bytes())
    )
    shutil.copy(latest, landing / FORMS.format(999))
    (landing / APPROVALS).write_bytes((landing / APPROVALS).read_bytes() + b"\r\n")
