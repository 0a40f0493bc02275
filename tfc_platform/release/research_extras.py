"""What the research database has besides the marts: code lists, measures and wide views, named as in a release."""

from __future__ import annotations

from pathlib import Path

import duckdb

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.publication.publication_register import Register
from tfc_platform.publication.released_table import ReleaseTable
from tfc_platform.release.code_lists import PERIOD_COLUMNS, code_lists, period_list
from tfc_platform.release.metrics import all_metrics, load_metrics, metrics_in
from tfc_platform.release.schema_version import schema_version
from tfc_platform.release.wide_views import research_views
from tfc_platform.research import Described, ReferenceTable, ResearchExtras
from tfc_platform.sql_text import quote_identifier

__all__ = ["research_extras"]


def research_extras(
    warehouse_file: Path, catalogue: Catalogue, register: Register, policy: DisclosurePolicy
) -> ResearchExtras:
    """Code lists, the metric dictionary and wide views. Of the warehouse only the names of periods are read."""
    metrics = all_metrics(register, policy, load_metrics())
    tables = [*code_lists(catalogue, register), period_list(_periods(warehouse_file)), metrics]
    by_table = metrics_in([metrics])
    views = research_views(register, [metric for rows in by_table.values() for metric in rows])
    return ResearchExtras(tuple(map(_reference_table, tables)), tuple(views), schema_version())


def _reference_table(table: ReleaseTable) -> ReferenceTable:
    words = {column.name: column.description for column in table.columns}
    return ReferenceTable(table.name, table.arrow(), Described(table.description, words))


def _periods(warehouse_file: Path) -> set[object]:
    with duckdb.connect(str(warehouse_file), read_only=True) as con:
        columns = con.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' and list_contains($1, column_name)",
            [list(PERIOD_COLUMNS)],
        ).fetchall()
        queries = [f"from (select distinct {quote_identifier(c)} from marts.{quote_identifier(t)})" for t, c in columns]
        return {row[0] for query in queries for row in con.execute(query).fetchall() if row[0] is not None}
