"""The dbt project as Dagster assets: its lineage from the manifest, and one build a night through `tonight`.

Belongs here: keys, groups and owners of the models, and the events of a build. Does not belong: running dbt (`build.dbt`).

dbt runs in this process by its own runner: a subprocess costs some five seconds more. So the events are made here, from
the build's results and the warehouse's catalogue, and not from dbt's log.
"""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from tfc_platform.build.dbt import BuildResult, NodeResult
from tfc_platform.build.warehouse_catalogue import WarehouseTable, read_catalogue
from tfc_platform.orchestration.error_redaction import without_words
from tfc_platform.orchestration.resources import Platform
from tfc_platform.pipeline import build_tonight
from tfc_platform.settings import Places

__all__ = ["TABLE_TESTS", "Translator", "mart_keys", "marts_asset"]

TABLE_TESTS = "dbt_tests"


class Translator(DagsterDbtTranslator):
    """Models stand under their schema, in its group, with the owner that the project names."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True))

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        if node["resource_type"] == "source":
            return spec.replace_attributes(key=dg.AssetKey(["lake", node["name"]]))
        return spec.replace_attributes(
            key=dg.AssetKey([node["schema"], node["alias"]]),
            group_name=node["schema"],
            owners=["team:central"],
            kinds={"dbt", "duckdb"},
            skippable=True,
        )

    def get_asset_check_spec(
        self, asset_spec: dg.AssetSpec, manifest: Mapping[str, Any], unique_id: str, project: Any
    ) -> dg.AssetCheckSpec | None:
        # One check a table, whose metadata has a line for each test: a check for each test would be half of a night's
        # events. The gate closes on a failed test, with its reasons. A check that blocks would skip the gate, and say none.
        return dg.AssetCheckSpec(TABLE_TESTS, asset=asset_spec.key, description="dbt's tests of this table.")


def mart_keys(manifest: Mapping[str, Any]) -> list[dg.AssetKey]:
    """The keys of the marts, in the order of their names."""
    marts = [n for n in manifest["nodes"].values() if n["resource_type"] == "model" and n["schema"] == "marts"]
    return sorted(dg.AssetKey(["marts", node["alias"]]) for node in marts)


def _schema(table: WarehouseTable, described: Mapping[str, Any]) -> dg.TableSchema:
    """The columns as they stand, in the words of the dbt project."""
    words = {name: column.get("description") or None for name, column in described.get("columns", {}).items()}
    return dg.TableSchema([dg.TableColumn(c.name, c.type, description=words.get(c.name)) for c in table.columns])


def _materialised(
    node: NodeResult | None, table: WarehouseTable | None, key: dg.AssetKey, described: Mapping[str, Any]
) -> dg.MaterializeResult[Any]:
    """:param node: dbt's result; none for a table that was not built again."""
    metadata: dict[str, Any] = {"built_again": node is not None, "seconds": round(node.seconds, 3) if node else 0.0}
    if table is not None:
        metadata["dagster/column_schema"] = _schema(table, described)
        if table.rows is not None:
            metadata["dagster/row_count"] = table.rows
    return dg.MaterializeResult(asset_key=key, metadata=metadata)


def _events(
    context: dg.AssetExecutionContext, result: BuildResult, places: Places, manifest: Mapping[str, Any]
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Of every table that there is, and of every test that ran."""
    tables = read_catalogue(places.warehouse_file)
    results = {node.unique_id: node for node in result.models}
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    # Dagster takes a table's event only after those of the tables that it is made from.
    parents = {
        name: [parent for parent in node["depends_on"]["nodes"] if parent in models] for name, node in models.items()
    }
    for unique_id in TopologicalSorter(parents).static_order():
        described = models[unique_id]
        relation = f"{described['schema']}.{described['alias']}"
        key, node, table = dg.AssetKey(relation.split(".")), results.get(unique_id), tables.get(relation)
        if node is None and (table is None or table.rows is None):
            continue  # a view that nobody waits for: it was not made again, and holds nothing that could be new
        if (node is None or node.good) and key in context.selected_asset_keys:
            yield _materialised(node, table, key, described)
    tests: dict[str, list[NodeResult]] = {}
    for node in result.nodes:
        if node.resource_type == "test":
            tests.setdefault(node.relation, []).append(node)
    for check in sorted(context.selected_asset_check_keys):
        judged = tests.get(".".join(check.asset_key.path))
        if judged:
            yield _check_result(check, judged)


def _check_result(check: dg.AssetCheckKey, tests: Sequence[NodeResult]) -> dg.AssetCheckResult:
    """dbt's tests of one table as one check: how many rows break each rule."""
    failed = [node for node in tests if node.status != "pass"]
    serious = [node for node in failed if node.severity != "warn"]
    lines = [dg.TableRecord({"test": n.name, "status": n.status, "failing_rows": n.failures or 0}) for n in tests]
    columns = [dg.TableColumn("test"), dg.TableColumn("status"), dg.TableColumn("failing_rows", "int")]
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if serious else dg.AssetCheckSeverity.WARN,
        description=f"{len(tests) - len(failed)} of {len(tests)} tests passed.",
        metadata={"tests": dg.MetadataValue.table(lines, dg.TableSchema(columns))},
    )


def marts_asset(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """Every model of the project, built in one dbt invocation a night."""

    @dbt_assets(manifest=manifest, name="build_marts", dagster_dbt_translator=Translator())
    @without_words
    def build_marts(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        def tell(message: str) -> None:
            context.log.info(message)
            platform.say(message)

        places = platform.settings.places
        result = BuildResult(True, 0.0, (), None)
        if not platform.outcome.nothing_new:
            result = build_tonight(platform.intake(), platform.rules(), tell).result
        yield from _events(context, result, places, manifest)
        broken = [node for node in result.models if not node.good]
        if broken or result.error:
            names = ", ".join(f"{node.name} ({node.error or node.status})" for node in broken) or result.error
            platform.outcome.reasons = (f"dbt could not build {names}.",)
            raise dg.Failure(f"dbt could not build {names}.", allow_retries=False)

    built: dg.AssetsDefinition = build_marts
    return built
