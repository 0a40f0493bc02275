"""What the lineage is made of, as text: assets with their groups, and checks with their assets.

`python -m tests.orchestration.keys > tests/orchestration/keys.txt` writes it anew where a change is meant.
Its diff is then reviewed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from unittest import mock

import dagster as dg

from tfc_platform.orchestration.definitions import build_definitions


def lines(definitions: dg.Definitions) -> list[str]:
    """One line an asset and one a check, in the order of their names."""
    graph = definitions.resolve_asset_graph()
    assets = [f"asset {key.to_user_string()} ({graph.get(key).group_name})" for key in graph.get_all_asset_keys()]
    checks = [f"check {key.name} of {key.asset_key.to_user_string()}" for key in graph.asset_check_keys]
    return sorted(assets) + sorted(checks)


def definitions_in(folder: Path) -> dg.Definitions:
    """The definitions of a platform that keeps nothing anywhere but below `folder`."""
    with mock.patch.dict(os.environ, {"TFC_HOME": str(folder / "home"), "TFC_LANDING": str(folder / "landing")}):
        return build_definitions()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        sys.stdout.write("\n".join(lines(definitions_in(Path(scratch)))) + "\n")
