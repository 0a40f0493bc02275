"""A release's `datapackage.json`: what its files hold, as Data Package version 2 says it.

Belongs here: the description of tables and columns for programs. Does not belong: provenance (`manifest`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tfc_platform.protect.figures import Status
from tfc_platform.protect.released import FIGURE_COLUMNS
from tfc_platform.publish.tables import Column, ReleaseTable

__all__ = ["data_package"]

PROFILE = "https://datapackage.org/profiles/2.0/"


def data_package(
    release: str, as_of: str, tables: Sequence[ReleaseTable], files: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The descriptor; `files` gives, by path in the release, bytes and sha256."""
    return {
        "$schema": f"{PROFILE}datapackage.json",
        "name": "together-for-childhood-release",
        "title": "Together for Childhood: a release to the learning loop",
        "version": release,
        "created": f"{as_of}T00:00:00Z",
        "resources": [resource for table in tables for resource in (_csv(table, files), _parquet(table, files))],
    }


def _csv(table: ReleaseTable, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return _resource(table, f"csv/{table.name}.csv", table.name, "csv", "text/csv", files) | {"encoding": "utf-8"}


def _parquet(table: ReleaseTable, files: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    kind = "application/vnd.apache.parquet"
    return _resource(table, f"parquet/{table.name}.parquet", f"{table.name}-parquet", "parquet", kind, files)


def _resource(
    table: ReleaseTable, path: str, name: str, kind: str, media: str, files: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    return {
        "$schema": f"{PROFILE}dataresource.json",
        "name": name.replace("_", "-"),
        "path": path,
        "title": table.title,
        "description": table.description,
        "format": kind,
        "mediatype": media,
        "bytes": files[path]["bytes"],
        "hash": f"sha256:{files[path]['sha256']}",
        "schema": {
            "$schema": f"{PROFILE}tableschema.json",
            "fields": [_field(column) for column in table.columns],
            # Not a primaryKey: a key may be empty (an item that was sent nowhere), which a primary key may not be.
            "uniqueKeys": [[*table.key_names, *(["measure"] if FIGURE_COLUMNS[0] in _names(table) else [])]],
            "missingValues": [""],
        },
    }


def _names(table: ReleaseTable) -> list[str]:
    return [column.name for column in table.columns]


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _type(column.kind), "description": column.description}
    if column.name == "status":
        field["constraints"] = {"required": True, "enum": [status.value for status in Status]}
    return field


def _type(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) else "string"
