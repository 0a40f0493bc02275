"""The kept manifest: made once, made again when the project changes, and whole when two processes make it at once."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from tfc_platform.build import manifest


@pytest.fixture
def project_copy(tmp_path: Path, project_dir: Path) -> Path:
    return Path(copytree(project_dir, tmp_path / "dbt_project", ignore=ignore_patterns("target", "logs")))


def test_a_manifest_is_made_once_and_again_when_a_file_changes(
    project_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[str] = []

    def parse(folder: Path, target: str) -> tuple[bytes, bytes]:  # dbt's own takes seconds, and is tried below
        parsed.append(target)
        return json.dumps({"parsed": len(parsed)}).encode(), b"parsed"

    monkeypatch.setattr(manifest, "_parse", parse)
    first = manifest.prepare(project_copy)
    kept = first.read_bytes()
    assert manifest.prepare(project_copy) == first
    assert first.read_bytes() == kept
    assert len(parsed) == 1
    model = project_copy / "models" / "marts" / "mart_source_state.sql"
    model.write_text(model.read_text() + "-- a word more\n")
    second = manifest.prepare(project_copy)
    assert len(parsed) == 2
    assert second != first
    # those that are no longer true are gone, and nothing half-written is left
    kept_parse = manifest.kept_parse(project_copy)
    assert kept_parse is not None
    assert {path.name for path in second.parent.iterdir()} == {second.name, kept_parse.name}
    assert manifest.as_json(project_copy) == {"parsed": 2}
    # a kept one that was cut is parsed again
    second.chmod(0o600)
    second.write_bytes(second.read_bytes()[:5])
    assert manifest.as_json(project_copy) == {"parsed": 3}


def test_the_digest_knows_names_texts_target_and_place(project_copy: Path, project_dir: Path) -> None:
    base = manifest.project_digest(project_copy, "duckdb")
    assert manifest.project_digest(project_copy, "spark") != base
    assert manifest.project_digest(project_dir, "duckdb") != base
    (project_copy / "target").mkdir()
    (project_copy / "target" / "notes.yml").write_text("no part of the project")
    assert manifest.project_digest(project_copy, "duckdb") == base
    (project_copy / "macros" / "share.sql").rename(project_copy / "macros" / "part.sql")
    assert manifest.project_digest(project_copy, "duckdb") != base


def test_two_processes_at_once_leave_one_whole_manifest(project_copy: Path) -> None:
    code = "import sys; from pathlib import Path; from tfc_platform.build import manifest; "
    code += "print(len(manifest.as_json(Path(sys.argv[1]))['nodes']))"
    root = Path(__file__).resolve().parents[2]
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(project_copy)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root
        )
        for _ in range(2)
    ]
    ended = [(run.communicate(timeout=120), run.returncode) for run in runs]
    assert [status for _, status in ended] == [0, 0], [err.decode() for (_, err), _ in ended]
    counts = {out for (out, _), _ in ended}
    assert len(counts) == 1
    assert int(counts.pop()) > 100
    assert len(list((project_copy / "target").iterdir())) == 2


def test_a_project_that_cannot_be_parsed_says_so(project_copy: Path) -> None:
    (project_copy / "models" / "marts" / "mart_bad.sql").write_text("select 1 as one from {{ ref('no_such_model') }}")
    with pytest.raises(manifest.ProjectError, match="no_such_model"):
        manifest.prepare(project_copy)
    assert not (project_copy / "target").exists()
