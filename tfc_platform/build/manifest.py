"""dbt's manifest, prepared once and kept: parsing the project costs more than building it.

Belongs here: parsing, the digest that says whether a kept manifest is still true, writing and loading it. Does not belong:
running anything (dbt.py).
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import platform
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfc_platform.atomic_io import write_bytes
from tfc_platform.build.dbt_import import import_dbt
from tfc_platform.settings import ConfigurationError

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

__all__ = ["ProjectError", "as_json", "let_it_be_written", "load", "prepare", "project_digest", "warehouse_variable"]

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

    It stands in `<project_dir>/target/`, named by its digest, as a pickle for dbt and as JSON beside it for other tools.
    Two processes that prepare it at once write the same things under the same names, each file in one step. A pickle loads
    ten times as fast as dbt's own msgpack; it is as trusted as the code that it stands beside, and is to be no more
    writable than that.

    :raises ProjectError: when dbt cannot parse the project.
    """
    place = project_dir / "target" / f"manifest-{target}-{project_digest(project_dir, target)[:20]}.pickle"
    as_json = place.with_suffix(".json")
    if not (place.is_file() and as_json.is_file()):
        manifest = _parse(project_dir, target)
        write_bytes(as_json, json.dumps(_shown(manifest), separators=(",", ":"), default=str).encode())
        write_bytes(place, _pack(manifest))
        for older in place.parent.glob(f"manifest-{target}-*"):
            if older.stem != place.stem:
                older.unlink(missing_ok=True)
    return place


def load(project_dir: Path, target: str = "duckdb") -> Manifest:
    """The project's manifest, to be handed to one dbt invocation: a run writes into it, so load it anew for the next.

    :raises ProjectError: when dbt cannot parse the project.
    """
    return _unpack(_read(project_dir, target, ".pickle"))


def as_json(project_dir: Path, target: str = "duckdb") -> dict[str, Any]:
    """The project's manifest as the dictionary of dbt's `manifest.json`, without importing dbt; macros by name only.

    :raises ProjectError: when dbt cannot parse the project.
    """
    found: dict[str, Any] = json.loads(_read(project_dir, target, ".json"))
    return found


def _read(project_dir: Path, target: str, suffix: str) -> bytes:
    for _ in range(3):
        try:
            return prepare(project_dir, target).with_suffix(suffix).read_bytes()
        except FileNotFoundError:
            # Another process prepared a newer one meanwhile and took this one away.
            continue
    raise ProjectError("The dbt project changes while it is being prepared: prepare it when it is at rest.")


@contextmanager
def warehouse_variable(warehouse_file: Path) -> Iterator[None]:
    """Set TFC_WAREHOUSE, which profiles.yml alone reads, for the length of one dbt invocation."""
    before = os.environ.get("TFC_WAREHOUSE")
    os.environ["TFC_WAREHOUSE"] = str(warehouse_file)
    try:
        yield
    finally:
        if before is None:
            del os.environ["TFC_WAREHOUSE"]
        else:
            os.environ["TFC_WAREHOUSE"] = before


def _parse(project_dir: Path, target: str) -> Manifest:
    import_dbt()
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    # The database is never opened, but its stem, `tfc`, is the database's name in the manifest.
    with tempfile.TemporaryDirectory(prefix="tfc-parse-") as scratch, warehouse_variable(Path(scratch, "tfc.duckdb")):
        result = dbtRunner().invoke(
            [
                *("parse", "--project-dir", str(project_dir), "--profiles-dir", str(project_dir), "--target", target),
                *("--target-path", scratch, "--log-path", scratch, "--log-level", "none", "--log-level-file", "none"),
                *("--no-partial-parse", "--no-write-json", "--no-send-anonymous-usage-stats"),
            ]
        )
    if not result.success or not isinstance(result.result, Manifest):
        raise ProjectError(f"dbt cannot parse {project_dir.name}: {result.exception}")
    return result.result


def _pack(manifest: Manifest) -> bytes:
    # Its public fields, since dbt's own `__reduce_ex__` gives them back in another order (seen in dbt-core 1.11.16); without
    # the project's files, which only parsing reads. What is left out, dbt makes anew.
    public = {field.name: getattr(manifest, field.name) for field in fields(manifest) if not field.name.startswith("_")}
    return pickle.dumps(public | {"files": {}}, protocol=pickle.HIGHEST_PROTOCOL)


def _unpack(content: bytes) -> Manifest:
    import_dbt()
    from dbt.contracts.graph.manifest import Manifest

    # Thousands of small objects, none of them garbage: looking for some while they are made takes longer than making them.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        return Manifest(**pickle.loads(content))  # noqa: S301  # made by `prepare`, see there
    finally:
        if was_enabled:
            gc.enable()


def _shown(manifest: Manifest) -> dict[str, Any]:
    let_it_be_written()
    # The text of dbt's own five hundred macros would be most of the file, and no reader of it runs them.
    shown: dict[str, Any] = manifest.writable_manifest().to_dict(omit_none=False)
    return shown | {"macros": {unique_id: {"name": macro["name"]} for unique_id, macro in shown["macros"].items()}}


def let_it_be_written() -> None:
    """Give dbt the one flag without which it writes no manifest, in a process where it has not run yet."""
    from dbt import flags

    if not hasattr(flags.get_flags(), "SEND_ANONYMOUS_USAGE_STATS"):
        flags.set_flags(Namespace(SEND_ANONYMOUS_USAGE_STATS=False))


def _installed(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} none"
