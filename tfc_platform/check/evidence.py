"""Evidence: which check judged which rows, how many it saw, and with what result; its file, and putting parts together.

It holds counts and names of columns, checks and tables. It has no room for a cell, a sentence of a library or the text
of an exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.atomic_io import atomic
from tfc_platform.check.digest import ALL_SITES
from tfc_platform.parquet import read_parquet
from tfc_platform.schemas import CHECK_RESULT
from tfc_platform.settings import Places

__all__ = [
    "Dimension",
    "Effect",
    "Evidence",
    "EvidenceKey",
    "EvidencePlace",
    "Severity",
    "Verdict",
    "effect_of",
    "evidence_file",
    "merge",
    "read_evidence",
    "write_evidence",
]

EvidencePlace = Literal["source", "intermediate", "mart", "reconciliation", "dbt", "release"]
Severity = Literal["warn", "error"]
Verdict = Literal["passed", "failed", "broken"]
Effect = Literal["none", "warns", "holds_site", "closes"]
# The six of the Government Data Quality Framework.
Dimension = Literal["completeness", "uniqueness", "consistency", "timeliness", "validity", "accuracy"]

EvidenceKey = tuple[str, str, str, str]  # check_id, place, site, source
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, order=True)
class Evidence:
    """One check's result for one site's rows (or `all`); its fields are those of `schemas.CHECK_RESULT`.

    `rows_checked` and `rows_failed` are rows; `rows_failed` is None where a check broke or counts nothing.
    """

    check_id: str
    place: EvidencePlace
    site: str
    source: str
    dimension: Dimension
    severity: Severity
    content_hash: str
    rows_checked: int
    rows_failed: int | None
    verdict: Verdict
    gate_effect: Effect

    def __post_init__(self) -> None:
        for name, allowed in _ALLOWED.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"Evidence of {self.check_id}: {name} must be one of {', '.join(allowed)}.")
        if self.rows_checked < 0 or (self.rows_failed or 0) < 0:
            raise ValueError(f"Evidence of {self.check_id}: a count of rows is negative.")

    @property
    def key(self) -> EvidenceKey:
        return (self.check_id, self.place, self.site, self.source)


_ALLOWED = {
    "place": get_args(EvidencePlace),
    "dimension": get_args(Dimension),
    "severity": get_args(Severity),
    "verdict": get_args(Verdict),
    "gate_effect": get_args(Effect),
}


def effect_of(verdict: Verdict, severity: Severity, place: EvidencePlace, site: str) -> Effect:
    """What one result does to the night.

    A check that broke says nothing of the data, so it closes the gate, whatever its severity.
    A rule that one site's rows fail holds that site; a sum that does not hold, or a table as a whole, closes the gate.
    """
    if verdict == "broken":
        return "closes"
    if verdict == "passed":
        return "none"
    if severity == "warn":
        return "warns"
    return "holds_site" if site != ALL_SITES and place in ("source", "intermediate", "mart") else "closes"


def merge(*parts: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """All evidence, sorted and each piece once. Contradictions stay, for the gate to see."""
    return tuple(sorted({item for part in parts for item in part}, key=_order))


def _order(item: Evidence) -> tuple[object, ...]:
    return (
        *item.key,
        item.verdict,
        item.content_hash,
        item.rows_checked,
        -1 if item.rows_failed is None else item.rows_failed,
        item.severity,
    )


def evidence_file(places: Places, build_id: str) -> Path:
    """Where the evidence of one build is kept.

    :raises ValueError: where the id could lead out of the evidence's folder.
    """
    if not _SAFE_NAME.fullmatch(build_id):
        raise ValueError("A build's id is made of letters, digits, '.', '_' and '-'.")
    return places.evidence / build_id / "evidence.parquet"


def write_evidence(places: Places, build_id: str, evidence: Iterable[Evidence]) -> Path:
    """Write one build's evidence as Parquet, whole or not at all, in one order; return the file."""
    target = evidence_file(places, build_id)
    rows = [asdict(item) for item in merge(evidence)]
    with atomic(target) as temporary:
        pq.write_table(pa.Table.from_pylist(rows, schema=CHECK_RESULT), temporary)
    return target


def read_evidence(path: Path) -> tuple[Evidence, ...]:
    """Read what `write_evidence` wrote.

    :raises FileNotFoundError: where there is none. A gate without evidence stays closed.
    :raises ValueError: where the file's columns or values are not those of evidence.
    """
    table = read_parquet(path)
    names = [field.name for field in fields(Evidence)]
    if table.column_names != names:
        raise ValueError(f"{path.name}: the columns are not those of evidence.")
    return tuple(Evidence(**row) for row in table.to_pylist())
