"""A release's `datapackage.json`: what its CSV files hold, as Data Package version 2 says it.

The same tables in other formats are not listed: programs that read Data Packages cannot check them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tfc_platform.publication.released_table import FIGURE_COLUMNS, ReleaseColumn, ReleaseTable, Status
from tfc_platform.release.description import ReleaseDescription
from tfc_platform.release.metrics import Metric, metrics_in
from tfc_platform.release.schema_version import schema_version

__all__ = ["STATUS_LABELS", "data_package"]

PROFILE = "https://datapackage.org/profiles/2.0/"
STATUS_LABELS = {
    Status.SHOWN: "As counted",
    Status.HELD: "From an earlier return, as the note says",
    Status.ROUNDED: "Rounded by the disclosure policy",
    Status.SUPPRESSED: "Withheld: too few people",
    Status.SUPPRESSED_SECONDARY: "Withheld, because it would give others away",
    Status.NOT_AVAILABLE: "Not recorded, or of a period that is not locked",
    Status.NOT_COMPARABLE: "Two figures that must not be compared",
    Status.NOT_APPLICABLE: "There can be no such figure",
}
MISSING = [{"value": "", "label": "No value; of a figure the column status says why"}]


def data_package(
    release: str,
    as_of: str,
    tables: Sequence[ReleaseTable],
    files: Mapping[str, Mapping[str, Any]],
    description: ReleaseDescription,
) -> dict[str, Any]:
    """The descriptor; `files` gives, by path in the release, bytes and sha256."""
    metrics = metrics_in(tables)
    licence = {"name": description.licence.name, "title": description.licence.title}
    if description.licence.path is not None:
        licence["path"] = description.licence.path
    return {
        "$schema": f"{PROFILE}datapackage.json",
        "name": "together-for-childhood-release",
        "title": description.title,
        "description": description.description,
        "version": release,
        "schemaVersion": schema_version(),  # a property of our own, which the profile allows
        "created": f"{as_of}T00:00:00Z",
        "keywords": list(description.keywords),
        "licenses": [licence],
        "contributors": [{"title": item.title, "roles": [item.role]} for item in description.contributors],
        "sources": [{"title": item.title} for item in description.sources],
        "resources": [_resource(table, files, metrics.get(table.name, ())) for table in tables],
    }


def _resource(table: ReleaseTable, files: Mapping[str, Mapping[str, Any]], metrics: Sequence[Metric]) -> dict[str, Any]:
    path = f"csv/{table.name}.csv"
    return {
        "$schema": f"{PROFILE}dataresource.json",
        "name": table.name.replace("_", "-"),
        "path": path,
        "title": table.title,
        "description": table.description,
        "type": "table",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": files[path]["bytes"],
        "hash": f"sha256:{files[path]['sha256']}",
        "schema": {
            "$schema": f"{PROFILE}tableschema.json",
            "fields": [_field(column, metrics) for column in table.columns],
            # Not a primaryKey: a key may be empty (an item that was sent nowhere), which a primary key may not be.
            "uniqueKeys": [_unique(table)],
            "missingValues": MISSING,
        },
    }


def _unique(table: ReleaseTable) -> list[str]:
    measure = FIGURE_COLUMNS[0]
    is_of_figures = measure in [column.name for column in table.columns] and measure not in table.key_names
    return [*table.key_names, *([measure] if is_of_figures else [])]


def _field(column: ReleaseColumn, metrics: Sequence[Metric]) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _type(column.kind), "description": column.description}
    if column.name == "status":
        field["constraints"] = {"required": True, "enum": [status.value for status in Status]}
        field["categories"] = [{"value": status.value, "label": label} for status, label in STATUS_LABELS.items()]
    elif column.name == FIGURE_COLUMNS[0] and metrics:
        field["constraints"] = {"required": True, "enum": [metric.measure for metric in metrics]}
        field["categories"] = [{"value": m.measure, "label": f"{m.label} ({m.unit})"} for m in metrics]
    return field


def _type(kind: pa.DataType) -> str:
    if pa.types.is_date(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "integer"
    return "number" if pa.types.is_floating(kind) else "string"
