"""What the platform takes from dagster-dbt, imported without dbt-core and without what nobody here uses.

Belongs here: that import. Does not belong: anything made with it (`marts`).

dagster-dbt turns a manifest into assets whether dbt-core is installed or not. Where it is, it imports it: a fifth of the
processor time of a night that has nothing to build. So it is told that there is none, and dbt is imported by who runs it
(`build.dbt`). Its clients of dbt Cloud, its components and its own way to start dbt are left out: they are most of the rest.
"""

from tfc_platform.lean_import import lean_import

__all__ = ["DagsterDbtTranslator", "DagsterDbtTranslatorSettings", "dbt_assets"]

# How the names of these modules begin.
LEFT_OUT = ("dagster_dbt.cloud", "dagster_dbt.components", "dagster_dbt.core")

# By `dbt.version` it asks for dbt-core.
with lean_import(left_out=lambda module: module.startswith(LEFT_OUT), missing=("dbt.version",)):
    from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
