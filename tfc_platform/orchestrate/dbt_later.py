"""What the platform takes from dagster-dbt, imported without dbt-core.

Belongs here: that import. Does not belong: anything made with it (`marts`).

dagster-dbt turns a manifest into assets whether dbt-core is installed or not. Where it is, it imports it: a fifth of the
processor time of a night that has nothing to build. So it is told that there is none, and dbt is imported by who runs it
(`build.dbt`).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

__all__ = ["DagsterDbtTranslator", "DagsterDbtTranslatorSettings", "dbt_assets"]


@contextmanager
def _no_dbt_core() -> Iterator[None]:
    """`dbt.version`, by which dagster-dbt asks for dbt-core, cannot be imported meanwhile."""
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None: not to be imported
    asked = "dbt.version"
    before = modules.get(asked)
    modules[asked] = None
    try:
        yield
    finally:
        modules.pop(asked)
        if before is not None:
            modules[asked] = before


with _no_dbt_core():
    from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
