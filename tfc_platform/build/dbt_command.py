"""The dbt command, run as a process of its own.

A process of its own lets go of the warehouse when it ends: dbt keeps the database open for as long as its process lives.
Nothing that dbt writes to its output is passed on by default, since a database's error can quote a cell.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfc_platform.settings import ConfigurationError

__all__ = ["DbtProject", "run_dbt"]

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class DbtProject:
    """Which project dbt reads, for which engine, and where it writes its artifacts.

    `warehouse_file` is called `tfc.duckdb`, as `profiles.yml` names it, and dbt runs in its folder. So the path is no
    part of what dbt parses, and what it has parsed once (`parsed`) holds for every warehouse.
    """

    project_dir: Path
    target: str
    target_path: Path
    warehouse_file: Path
    parsed: Path | None = None

    def options(self) -> list[str]:
        """The options of a dbt command that do not depend on what it does; all paths are absolute."""
        project, artifacts = str(self.project_dir.resolve()), str(self.target_path.resolve())
        return [
            *("--project-dir", project, "--profiles-dir", project, "--target", self.target),
            *("--target-path", artifacts, "--log-path", artifacts, "--log-level-file", "none"),
            *("--no-print", "--no-use-colors", "--no-version-check", "--no-send-anonymous-usage-stats"),
            *(("--partial-parse-file-path", str(self.parsed.resolve())) if self.parsed else ()),
        ]


def run_dbt(project: DbtProject, arguments: Sequence[str], log_level: str = "none") -> subprocess.CompletedProcess[str]:
    """Run the dbt that is installed beside this Python, wait for it, and return its exit code and output.

    :param log_level: what dbt may write to its output. Anything but `none` is only for commands that read no data.
    :raises ConfigurationError: when dbt is not installed beside this Python.
    """
    program = shutil.which("dbt", path=str(Path(sys.executable).parent))
    if program is None:
        raise ConfigurationError("dbt is not installed beside this Python: run `make setup`.")
    folder = project.warehouse_file.resolve().parent
    for place in (project.target_path, folder):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The profile names a plugin of this package: the child has to find the same package as its parent.
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    # A shell's own settings of dbt are not the night's: one of them would copy failing rows into tables.
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "TFC_WAREHOUSE"))}
    command = [program, *arguments, *project.options(), "--log-level", log_level]
    # The child ends when this end of the pipe closes: with this process, however it ends.
    read_end, write_end = os.pipe()
    try:
        return subprocess.run(  # the program is ours, and the arguments come from no return
            [sys.executable, "-P", "-m", "tfc_platform.build.dbt_child", *command],
            env=own | {"PYTHONPATH": path},
            cwd=folder,
            stdin=read_end,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    finally:
        os.close(read_end)
        os.close(write_end)
        for pickled in project.target_path.glob(
            "*.gpickle"
        ):  # dbt's graph: nobody reads it, and reading it would run it
            pickled.unlink()
