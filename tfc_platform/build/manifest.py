"""dbt's `manifest.json`, parsed once and kept: no command has to parse the project to know what is in it.

The kept file is named by a digest of everything that it is made from, so that a change of the project is seen without dbt.
"""

from __future__ import annotations

import json
import os
import platform
import tempfile
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import write_bytes
from tfc_platform.build.dbt_command import DbtProject, run_dbt
from tfc_platform.settings import ConfigurationError

__all__ = ["ProjectError", "as_json", "kept_parse", "prepare", "project_digest"]

_READ_BY_DBT = (".sql", ".yml", ".yaml", ".csv", ".md")
_NOT_SOURCE = frozenset({"target", "logs", "dbt_packages"})
_PACKAGES = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-duckdb", "dbt-spark")


class ProjectError(ConfigurationError):
    """The dbt project cannot be parsed. The project is code without data, so dbt's own words can be passed on."""


def project_digest(project_dir: Path, target: str) -> str:
    """A digest of everything that the manifest is made from: the project's files and place, target, dbt and Python."""
    digest = sha256()
    parts = [str(project_dir.resolve()), target, platform.python_version(), *map(_installed, _PACKAGES)]
    digest.update("\0".join(parts).encode())
    for folder, names, files in os.walk(project_dir):
        names[:] = sorted(name for name in names if name not in _NOT_SOURCE)
        for name in sorted(files):
            if name.endswith(_READ_BY_DBT):
                path = Path(folder, name)
                digest.update(f"\0{path.relative_to(project_dir).as_posix()}\0".encode())
                digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def prepare(project_dir: Path, target: str = "duckdb") -> Path:
    """The kept manifest of the project, parsed first if there is none or if it is no longer true.

    It is in `<project_dir>/target/`, named by its digest. Two processes that prepare it at once write files of
    the same meaning under the same name, each in one step. Beside it is what dbt needs to parse only what has changed.

    :raises ProjectError: when dbt cannot parse the project.
    """
    kept, parse = _kept_files(project_dir, target)
    if not kept.is_file():
        manifest, parsed = _parse(project_dir, target)
        write_bytes(parse, parsed)
        write_bytes(kept, manifest)
        for older in (*kept.parent.glob(f"manifest-{target}-*"), *kept.parent.glob(f"parse-{target}-*")):
            if older.name not in (kept.name, parse.name):
                older.unlink(missing_ok=True)
    return kept


def kept_parse(project_dir: Path, target: str = "duckdb") -> Path | None:
    """dbt's own record of the parsed project (`--partial-parse-file-path`), or None where it was not prepared."""
    _, parse = _kept_files(project_dir, target)
    return parse if parse.is_file() else None


def _kept_files(project_dir: Path, target: str) -> tuple[Path, Path]:
    folder, digest = project_dir / "target", project_digest(project_dir, target)[:20]
    return folder / f"manifest-{target}-{digest}.json", folder / f"parse-{target}-{digest}.msgpack"


def as_json(project_dir: Path, target: str = "duckdb") -> dict[str, Any]:
    """The project's manifest as the dictionary of dbt's `manifest.json`.

    :raises ProjectError: when dbt cannot parse the project.
    """
    for _ in range(3):
        try:
            manifest: dict[str, Any] = json.loads(prepare(project_dir, target).read_bytes())
            return manifest
        except FileNotFoundError:
            # Another process prepared a later one meanwhile and took this one away.
            continue
        except ValueError:
            for file in _kept_files(project_dir, target):  # a disk that was full, or a fault: parsed again
                file.unlink(missing_ok=True)
    raise ProjectError("The dbt project changes while it is being prepared: prepare it when it is at rest.")


def _parse(project_dir: Path, target: str) -> tuple[bytes, bytes]:
    """dbt's manifest, and its record of what it parsed."""
    # The database is never opened, but its stem, `tfc`, is the database's name in the manifest.
    with tempfile.TemporaryDirectory(prefix="tfc-parse-") as scratch:
        project = DbtProject(project_dir, target, Path(scratch), Path(scratch, "tfc.duckdb"))
        done = run_dbt(project, ["parse", "--no-partial-parse"], log_level="error")
        if done.returncode != 0:
            raise ProjectError(f"dbt cannot parse {project_dir.name}: {(done.stdout + done.stderr).strip()}")
        return Path(scratch, "manifest.json").read_bytes(), Path(scratch, "partial_parse.msgpack").read_bytes()


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} none"
