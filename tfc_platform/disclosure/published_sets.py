"""Every set of tables about people that was ever published, in the restricted zone, so that each audit has them all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from tfc_platform.atomic_io import atomic, canonical_json, sha256_text, write_json
from tfc_platform.disclosure.attacker_view import Published
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.parquet import read_parquet
from tfc_platform.publication.publication_register import PersonTable
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable

__all__ = ["Archive", "digest_of", "set_digest"]


def digest_of(table: ReleaseTable) -> str:
    """The digest of what a table publishes."""
    return sha256_text(canonical_json([table.name, [column.name for column in table.columns], table.rows]))


@dataclass(frozen=True)
class Archive:
    """The folder `snapshots/published/`: tables by their digest, and a file with its rules for each set that was published."""

    root: Path

    @property
    def folder(self) -> Path:
        return self.root / "published"

    def add(self, published: Published) -> None:
        """Keep what is about to be published, before it is: a killed run may make an attacker too strong, never too weak."""
        for table in published.tables:
            target = self.folder / "tables" / f"{digest_of(table)}.parquet"
            if not target.exists():
                with atomic(target) as temporary:
                    pq.write_table(_arrow(table), temporary)
        write_json(self.folder / f"{set_digest(published)}.json", _about(published))

    def digests(self) -> list[str]:
        """The sets that are kept, by their digests."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def read(self) -> list[Published]:
        """Everything published so far."""
        return [self._read(json.loads((self.folder / f"{name}.json").read_text())) for name in self.digests()]

    def _read(self, about: Mapping[str, Any]) -> Published:
        tables = [
            _table(name, read_parquet(self.folder / "tables" / f"{digest}.parquet"))
            for name, digest in sorted(about["tables"].items())
        ]
        register = TypeAdapter(tuple[PersonTable, ...]).validate_python(about["register"])
        return Published(tables, about["versions"], register, DisclosurePolicy.model_validate(about["policy"]))


def _about(published: Published) -> dict[str, Any]:
    return {
        "tables": {table.name: digest_of(table) for table in published.tables},
        "versions": dict(published.versions),
        "register": [spec.model_dump(mode="json") for spec in published.register],
        "policy": published.policy.model_dump(mode="json") | {"story_screen": [], "withheld_notes": []},
    }


def set_digest(published: Published) -> str:
    """The digest of a set of tables, with the rules that they were made by."""
    return sha256_text(canonical_json(_about(published)))


def _arrow(table: ReleaseTable) -> pa.Table:
    return table.arrow().replace_schema_metadata({"keys": str(table.keys)})


def _table(name: str, found: pa.Table) -> ReleaseTable:
    columns = tuple(ReleaseColumn(column.name, column.type, "") for column in found.schema)
    rows: Sequence[tuple[object, ...]] = list(zip(*(column.to_pylist() for column in found.columns), strict=True))
    return ReleaseTable(name, "", "", columns, int(found.schema.metadata[b"keys"]), tuple(rows))
