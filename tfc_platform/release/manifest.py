"""A release's manifest: what it is made of, and the seal that its id is.

The id is the night's date and a digest of the manifest: of everything in it but the id itself and the hashes of those
files that name the id. A release whose figures, evidence or provenance were touched no longer has its own name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from math import isinf
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import canonical_json, sha256_file, sha256_text
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.protect import Prepared
from tfc_platform.parquet import read_parquet
from tfc_platform.publication.publication_register import Register
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseError, ReleaseTable
from tfc_platform.release.release_context import ReleaseContext, public_evidence, public_held
from tfc_platform.release.schema_version import schema_version

__all__ = [
    "MANIFEST",
    "content_of",
    "describe",
    "file_entries",
    "names_the_release",
    "read_manifest",
    "read_tables",
    "seal",
    "table_content",
]

MANIFEST = "manifest.json"
# `dcat.jsonld` is in releases made before 2026-12.
_NAMING_FILES = frozenset({"datapackage.json", "dcat.jsonld", "tables.xlsx"})
_PAGES = ".html"  # each names the release
ID_DIGITS = 12


def table_content(table: ReleaseTable) -> str:
    """The digest of a table's columns and rows, whatever files they are written to."""
    columns = [[column.name, str(column.kind), column.description] for column in table.columns]
    return sha256_text(canonical_json([table.title, table.description, columns, table.rows]))


def content_of(
    tables: Sequence[ReleaseTable],
    context: ReleaseContext,
    register: Register,
    version: str,
    protected: Prepared | None = None,
) -> str:
    """What makes a release new: tables, names, holds, the files that count, snapshots, policy, instruments. Not the date."""
    parts = {
        "tables": {table.name: table_content(table) for table in tables},
        "held": public_held(context, register),
        "admitted": _admitted(context),
        "disclosure_policy_version": version,
        **_about_people(protected),
        **_codebook(context),
        "labels": context.labels,
    }
    return sha256_text(canonical_json(parts))


def describe(
    tables: Sequence[ReleaseTable],
    context: ReleaseContext,
    register: Register,
    policy: DisclosurePolicy,
    number: int,
    follows: str | None,
    protected: Prepared | None = None,
) -> dict[str, Any]:
    """The manifest without id, changes and files. Nothing here depends on the clock."""
    return {
        "number": number,
        "made_at": context.as_of.isoformat(),
        "as_of": context.as_of.isoformat(),
        "code_version": context.code_version,
        "schema_version": schema_version(),
        "disclosure_policy_version": policy.version,
        "register": sha256_text(canonical_json(register.model_dump(mode="json"))),
        "content": content_of(tables, context, register, policy.version, protected),
        "admitted": _admitted(context),
        "evidence": public_evidence(context, register),
        "held": public_held(context, register),
        **_about_people(protected),
        "audit": _audited(protected),
        **_codebook(context),
        "labels": dict(context.labels),
        "rules": {"rounding_base": policy.rounding_base, "threshold_persons": policy.threshold_persons},
        "follows": follows,
        "tables": [
            {
                "name": table.name,
                "title": table.title,
                "rows": len(table.rows),
                "keys": list(table.key_names),
                "statuses": _statuses(table),
            }
            for table in tables
        ],
    }


def _about_people(protected: Prepared | None) -> dict[str, Any]:
    """Which tables are about people, the locked snapshots behind them, and the exceptions that hold."""
    if protected is None:
        return {"person_tables": [], "snapshots": [], "exceptions": []}
    return {
        "person_tables": sorted(table.name for table in protected.tables),
        "snapshots": list(protected.snapshots),
        "exceptions": list(protected.exceptions),
    }


def _codebook(context: ReleaseContext) -> dict[str, str]:
    """A digest of the instruments' document: other instruments are another release, also where no figure has changed."""
    return {} if context.codebook is None else {"codebook": sha256_text(context.codebook)}


def _audited(protected: Prepared | None) -> list[dict[str, Any]]:
    """What the joint audit found, a line a table. How long it took is left out: equal snapshots give equal bytes."""
    if protected is None:
        return []
    return [
        {
            "table": item.table,
            "cells": item.cells,
            "combinations": item.atoms,
            "combinations_given_away": item.failing,
            "narrowest_interval": None if item.narrowest is None else _width(item.narrowest.width),
        }
        for item in protected.report.tables
    ]


def _width(width: float) -> float | str:
    return "unbounded" if isinf(width) else round(width, 3)


def _admitted(context: ReleaseContext) -> dict[str, list[str]]:
    return {site: sorted(set(hashes)) for site, hashes in sorted(context.admitted.items())}


def _statuses(table: ReleaseTable) -> dict[str, int]:
    names = [column.name for column in table.columns]
    if "status" not in names:
        return {}
    place = names.index("status")
    return dict(sorted(Counter(str(row[place]) for row in table.rows).items()))


def file_entries(folder: Path) -> dict[str, dict[str, Any]]:
    """Every file below `folder` but the manifest, by its path there: bytes and sha256."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256_file(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() != MANIFEST
    }


def seal(manifest: Mapping[str, Any]) -> str:
    """The id that a release with this manifest has."""
    sealed = {key: value for key, value in manifest.items() if key not in ("id", "files")}
    sealed["files"] = [entry for entry in manifest["files"] if not names_the_release(entry["path"])]
    return f"{manifest['as_of']}-{sha256_text(canonical_json(sealed))[:ID_DIGITS]}"


def names_the_release(path: str) -> bool:
    """Whether a file of a release holds its id: then the id cannot be made of its hash. The manifest lists it all the same."""
    return path in _NAMING_FILES or path.endswith(_PAGES)


def read_manifest(folder: Path) -> dict[str, Any]:
    """:raises ReleaseError: where there is none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not {"id", "number", "as_of", "content", "tables", "files", "held"} <= manifest.keys():
            raise ValueError
    except (OSError, ValueError, AttributeError):
        raise ReleaseError(f"The manifest of release {folder.name} cannot be read.") from None
    return dict(manifest)


def read_tables(folder: Path, manifest: Mapping[str, Any]) -> tuple[ReleaseTable, ...]:
    """A release's tables, from its Parquet files.

    :raises ReleaseError: where one cannot be read.
    """
    tables = []
    for entry in manifest["tables"]:
        try:
            content = read_parquet(folder / "parquet" / f"{entry['name']}.parquet")
        except (OSError, ValueError):  # pyarrow's own errors are ValueErrors and OSErrors
            raise ReleaseError(f"Table {entry['name']} of release {folder.name} cannot be read.") from None
        columns = tuple(ReleaseColumn(field.name, field.type, "") for field in content.schema)
        rows = tuple(zip(*(column.to_pylist() for column in content.columns), strict=True))
        tables.append(ReleaseTable(entry["name"], entry["title"], "", columns, len(entry["keys"]), rows))
    return tuple(tables)
