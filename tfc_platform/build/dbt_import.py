"""dbt, imported once, late and without what a build does not touch.

Belongs here: that import. Does not belong: anything that is done with it (`dbt`, `manifest`).

dbt is the dearest import of a night that builds. Its classes write their serialising code when they are defined, which is a
quarter of it: here each writes it when that is used first, as few ever are. Its parsers are imported by who parses. Of
networkx it takes some walks through a graph, and not the algorithms of other sciences.
"""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress

from tfc_platform.generated_code import compile_once_in
from tfc_platform.lean_import import lean_import

__all__ = ["import_dbt"]

_MODULES = ("dbt.contracts.graph.manifest", "dbt.cli.main", "dbt.task.build", "dbt.compilation", "dbt.adapters.duckdb")
_ALGORITHMS = (
    *("approximation", "assortativity", "bipartite", "centrality", "coloring", "community", "connectivity", "flow"),
    *("isomorphism", "link_analysis", "minors", "operators", "tree"),
)
# How the names of these modules begin.
LEFT_OUT = (
    *(f"networkx.algorithms.{name}" for name in _ALGORITHMS),
    *(f"networkx.{name}" for name in ("drawing", "linalg", "readwrite")),
)
ON_USE = ("dbt.parser", "slugify")  # the latter makes names of columns where somebody draws a table


def import_dbt() -> None:
    """Import what a build needs of dbt; nothing happens the second time."""
    if _MODULES[-1] in sys.modules:
        return
    # It is dbt that needs the package: where it needs another one some day, the import takes longer and nothing else.
    with suppress(ImportError):
        from mashumaro.config import BaseConfig
        from mashumaro.core.meta.code import builder

        BaseConfig.lazy_compilation = True
        compile_once_in(builder, "exec")  # what a class writes instead is one of a few sources, a thousand times over
    with lean_import(left_out=lambda module: module.startswith(LEFT_OUT), on_use=ON_USE):
        for name in _MODULES:
            importlib.import_module(name)
