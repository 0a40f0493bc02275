"""Evidence: its fields, its file, and how parts of it are put together."""

from __future__ import annotations

from dataclasses import fields, replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tfc_platform import schemas
from tfc_platform.check.evidence import Evidence, effect_of, evidence_file, merge, read_evidence, write_evidence
from tfc_platform.settings import Places

ONE = Evidence("c1", "mart", "a", "mart_x", "validity", "error", "h1", 10, 0, "passed", "none")


def test_its_fields_are_those_of_the_lakes_table():
    assert [field.name for field in fields(Evidence)] == schemas.CHECK_RESULT.names


def test_what_is_written_is_read_sorted_and_once(tmp_path):
    places = Places(tmp_path)
    broken = replace(ONE, check_id="b9", rows_failed=None, verdict="broken", gate_effect="closes")
    path = write_evidence(places, "20260501-1", [ONE, broken, ONE])
    assert path == tmp_path / "evidence" / "20260501-1" / "evidence.parquet"
    assert read_evidence(path) == (broken, ONE)
    assert pq.read_schema(path).equals(schemas.CHECK_RESULT)
    first = path.read_bytes()
    write_evidence(places, "20260501-1", [ONE, broken])
    assert path.read_bytes() == first
    assert [file.name for file in path.parent.iterdir()] == ["evidence.parquet"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_no_evidence_is_a_file_without_rows(tmp_path):
    assert read_evidence(write_evidence(Places(tmp_path), "b", [])) == ()


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "evidence.parquet"
    pq.write_table(pa.table({"check_id": ["c1"]}), path)
    with pytest.raises(ValueError, match=r"evidence\.parquet: the columns are not those of evidence"):
        read_evidence(path)


@pytest.mark.parametrize("name", ["../escape", "", ".hidden", "a/b"])
def test_a_builds_id_leads_nowhere_else(tmp_path, name):
    with pytest.raises(ValueError, match="letters, digits"):
        evidence_file(Places(tmp_path), name)


def test_merging_keeps_contradictions():
    failed = replace(ONE, verdict="failed", rows_failed=2, gate_effect="holds_site")
    assert merge([ONE], [failed, ONE]) == (failed, ONE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "skipped"}, "verdict must be one of passed, failed, broken"),
        ({"severity": "critical"}, "severity must be one of warn, error"),
        ({"place": "lake"}, "place must be one of source, intermediate, mart, reconciliation, dbt"),
        ({"dimension": "beauty"}, "dimension must be one of completeness"),
        ({"gate_effect": "opens"}, "gate_effect must be one of none, warns, holds_site, closes"),
        ({"rows_checked": -1}, "a count of rows is negative"),
        ({"rows_failed": -1}, "a count of rows is negative"),
    ],
)
def test_what_is_no_evidence_cannot_be_made(change, message):
    with pytest.raises(ValueError, match=f"Evidence of c1: {message}"):
        replace(ONE, **change)


@pytest.mark.parametrize(
    ("verdict", "severity", "place", "site", "effect"),
    [
        ("passed", "error", "mart", "a", "none"),
        ("passed", "warn", "mart", "a", "none"),
        ("failed", "warn", "mart", "a", "warns"),
        ("failed", "warn", "dbt", "all", "warns"),
        ("failed", "error", "mart", "a", "holds_site"),
        ("failed", "error", "source", "a", "holds_site"),
        ("failed", "error", "intermediate", "a", "holds_site"),
        ("failed", "error", "intermediate", "all", "closes"),
        ("failed", "error", "mart", "all", "closes"),
        ("failed", "error", "reconciliation", "a", "closes"),
        ("failed", "error", "dbt", "all", "closes"),
        ("broken", "warn", "mart", "a", "closes"),
        ("broken", "error", "source", "a", "closes"),
    ],
)
def test_the_effect_of_a_result(verdict, severity, place, site, effect):
    assert effect_of(verdict, severity, place, site) == effect
