"""The dbt-duckdb plugin that registers our functions of statistics. `dbt_project/profiles.yml` names this module."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from tfc_platform.build import statistics

__all__ = ["Plugin"]


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt-duckdb has no types
    """Registers the functions once for a database; the threads' cursors share them."""

    def configure_connection(self, conn: Any) -> None:
        """Called by dbt-duckdb with the connection of which all cursors are copies.

        :raises ImportError: when scipy is not installed; dbt then stops before the first model.
        """
        statistics.register(conn)
