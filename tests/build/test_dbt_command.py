"""How dbt is started: with absolute paths, without the shell's settings of dbt, and with nothing of its output passed on."""

from __future__ import annotations

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.build.dbt_command import DbtProject, run_dbt
from tfc_platform.settings import ConfigurationError

PROGRAM = """#!{python}
import json, os, sys
from itertools import pairwise
from pathlib import Path
Path({file!r}).write_text(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}))
print("Conversion Error: could not convert 'Jane Doe'")
print("Traceback: 'Jane Doe'", file=sys.stderr)
sys.exit(2)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DbtProject:
    monkeypatch.chdir(tmp_path)
    return DbtProject(Path("project"), "duckdb", Path("artifacts"), Path("home") / "tfc.duckdb")


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in dbt's place that writes down how it was started."""
    file, program = tmp_path / "started.json", tmp_path / "bin" / "dbt"
    program.parent.mkdir()
    program.write_text(PROGRAM.format(python=sys.executable, file=str(file)))
    program.chmod(0o755)
    program.with_name("python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))
    return file


def test_it_gets_absolute_paths_and_no_setting_of_the_shell(
    project: DbtProject, started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBT_STORE_FAILURES", "true")
    monkeypatch.setenv("TFC_WAREHOUSE", "elsewhere.duckdb")
    assert run_dbt(project, ["build", "--select", "mart_reach"]).returncode == 2
    seen: dict[str, Any] = json.loads(started.read_text())
    arguments = seen["arguments"]
    assert arguments[:3] == ["build", "--select", "mart_reach"]
    options = dict(pairwise(arguments))
    assert options["--project-dir"] == options["--profiles-dir"] == str(tmp_path / "project")
    assert options["--target-path"] == options["--log-path"] == str(tmp_path / "artifacts")
    assert (options["--log-level"], options["--log-level-file"]) == ("none", "none")
    assert "--vars" not in arguments
    assert seen["folder"] == str(tmp_path / "home")  # where `profiles.yml` finds the warehouse
    assert "TFC_WAREHOUSE" not in seen["environment"]
    assert "--partial-parse-file-path" not in arguments
    assert not [name for name in seen["environment"] if name.startswith("DBT_")]


def test_what_it_writes_is_not_passed_on(
    project: DbtProject, started: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run_dbt(project, ["build"])
    assert started.exists()
    assert capfd.readouterr() == ("", "")
    assert (tmp_path / "artifacts").stat().st_mode & 0o777 == 0o700


def test_without_dbt_it_says_what_to_do(project: DbtProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(ConfigurationError, match="make setup"):
        run_dbt(project, ["build"])
