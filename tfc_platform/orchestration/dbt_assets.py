"""The dbt project as Dagster assets, with its checks: lineage from the manifest, and one dbt command a build.

The events are made from the build's results and not from dbt's log, in which a database's message may quote a cell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator

from tfc_platform.atomic_io import sha256_text
from tfc_platform.build.dbt import BuildResult, NodeResult
from tfc_platform.build.warehouse_catalogue import WarehouseTable, read_catalogue
from tfc_platform.check.suites import Suite
from tfc_platform.night_record import write_reasons
from tfc_platform.orchestration.admission_assets import ADMISSION, lake_key
from tfc_platform.orchestration.asset_checks import MartChecks
from tfc_platform.orchestration.code_references import code_references
from tfc_platform.orchestration.error_redaction import redact_errors
from tfc_platform.orchestration.progress import report_progress
from tfc_platform.orchestration.resources import Platform
from tfc_platform.pipeline import DBT_PROJECT, build_some, build_tonight, is_done, judge_now, run_tests
from tfc_platform.settings import Places

__all__ = ["BUILD", "Translator", "mart_tables", "marts_asset"]

BUILD = dg.AssetKey("build")


# Folders of models that are assets. What is between them is dbt's own matter: its tables are in the warehouse and in dbt's docs.
SHOWN = frozenset({"core", "marts"})


class Translator(DagsterDbtTranslator):
    """Models are under their schema, in its group; the lake's tables are their sources."""

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: Any) -> dg.AssetSpec:
        """The spec of a model or source of the manifest."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        if node["resource_type"] == "source":
            return spec.replace_attributes(key=lake_key(node["name"]))
        return spec.replace_attributes(
            key=dg.AssetKey([node["schema"], node["alias"]]),
            group_name=node["schema"],
            owners=["team:central"],
            kinds={"dbt", "duckdb"},
            skippable=True,
            metadata={**spec.metadata, **code_references(DBT_PROJECT / node["original_file_path"])},
        )


def _is_shown(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] == "model" and node["fqn"][1] in SHOWN


def _model_specs(manifest: Mapping[str, Any]) -> dict[str, dg.AssetSpec]:
    """The specs of the models that are assets, by unique id. Each depends on the nearest assets above it."""
    translator = Translator()
    nodes = {**manifest["nodes"], **manifest["sources"]}

    def upstream(unique_id: str) -> set[dg.AssetKey]:
        keys = set[dg.AssetKey]()
        for name in nodes[unique_id]["depends_on"]["nodes"]:
            if nodes[name]["resource_type"] == "source" or _is_shown(nodes[name]):
                keys.add(translator.get_asset_spec(manifest, name, None).key)
            elif nodes[name]["resource_type"] == "model":
                keys |= upstream(name)
        return keys

    return {
        name: translator.get_asset_spec(manifest, name, None).replace_attributes(deps=sorted(upstream(name)))
        for name in sorted(nodes)
        if _is_shown(nodes[name])
    }


def mart_tables(manifest: Mapping[str, Any]) -> list[str]:
    """The marts as `marts.name`, in the order of their names."""
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    return sorted(f"marts.{node['alias']}" for node in models if node["schema"] == "marts")


def _column_schema(table: WarehouseTable, described: Mapping[str, Any]) -> dg.TableSchema:
    """The columns of a table, with the descriptions of the dbt project."""
    texts = {name: column.get("description") or None for name, column in described.get("columns", {}).items()}
    return dg.TableSchema([dg.TableColumn(c.name, c.type, description=texts.get(c.name)) for c in table.columns])


class _BuiltModels:
    """What a build made: metadata and data version of each model."""

    def __init__(self, manifest: Mapping[str, Any], result: BuildResult, places: Places) -> None:
        self._nodes = manifest["nodes"]
        self.models = [node for node in result.models if node.good and _is_shown(self._nodes[node.unique_id])]
        self._tables = read_catalogue(places.warehouse_file)

    def metadata(self, node: NodeResult) -> dict[str, Any]:
        table = self._tables.get(node.relation or "")
        found: dict[str, Any] = {"seconds": round(node.seconds, 3)}
        if table is not None:
            found["dagster/column_schema"] = _column_schema(table, self._nodes[node.unique_id])
            if table.rows is not None:
                found["dagster/row_count"] = table.rows
        return found

    def version(self, node: NodeResult, versions: Mapping[str, str]) -> str | None:
        """A digest of its rows where they were digested; a view has no rows of its own."""
        rows = versions.get(node.relation or "")
        return rows[:20] if rows else None


def _results(
    context: dg.AssetExecutionContext, built: _BuiltModels, versions: Mapping[str, str], fallback: str
) -> Iterator[dg.MaterializeResult[Any]]:
    """One result for each chosen model that was built; what it needed and nobody chose is reported beside it."""
    for node in built.models:
        key = dg.AssetKey((node.relation or node.name).split("."))
        version = built.version(node, versions) or sha256_text(f"{fallback}|{node.unique_id}")[:20]
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(
                asset_key=key, metadata=built.metadata(node), data_version=dg.DataVersion(version)
            )
        else:
            context.log_event(
                dg.AssetMaterialization(key, metadata=built.metadata(node), tags={"dagster/data_version": version})
            )


def _fail_if_broken(context: dg.AssetExecutionContext, places: Places, result: BuildResult) -> None:
    broken = [node for node in result.models if not node.good]
    if broken:
        names = ", ".join(f"{node.name} ({node.error or node.status})" for node in broken)
        reason = f"dbt could not build {names}."
        if any("IO Error" in (node.error or "") for node in broken):
            reason += " The disk of TFC_HOME may be full, or may refuse to be written to."
        write_reasons(places, context.run.run_id, [reason])
        raise dg.Failure(reason, allow_retries=False)


def marts_asset(manifest: Mapping[str, Any], suites: Sequence[Suite]) -> dg.AssetsDefinition:
    """Every model of the project and every check of them, and the build as a whole that is then published."""
    models = _model_specs(manifest)
    marts = [spec.key for spec in models.values() if spec.key.path[0] == "marts"]
    checks = MartChecks.of(suites, [spec.key for spec in models.values()], BUILD)
    build = dg.AssetSpec(
        BUILD,
        deps=[ADMISSION, *sorted(marts)],
        group_name="build",
        skippable=True,
        kinds={"dbt", "duckdb"},
        owners=["team:central"],
        metadata=code_references(build_tonight),
        description="The finished build: every mart of tonight's admission, judged. It is what the gate decides on.",
    )

    @dg.multi_asset(name="build_marts", specs=[*models.values(), build], check_specs=checks.specs, can_subset=True)
    @redact_errors
    def build_marts(
        context: dg.AssetExecutionContext, platform: Platform
    ) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
        platform.hold_night(context)
        if BUILD in context.selected_asset_keys:
            yield from _build_all(context, platform, checks)
        elif context.selected_asset_keys:
            yield from _build_chosen(context, platform, checks, models)
        else:
            tests = run_tests(platform.settings) if checks.has_dbt_tests(context.selected_asset_check_keys) else ()
            yield from checks.results(context.selected_asset_check_keys, _judged_now(context, platform, checks), tests)

    return build_marts


def _build_all(
    context: dg.AssetExecutionContext, platform: Platform, checks: MartChecks
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    places, rules = platform.places, platform.rules
    if is_done(places, platform.admission(), rules, platform.due()):
        context.log.info("This build has been published before: there is nothing to build.")
        return
    done = build_tonight(platform.intake(), rules, report_progress(context))
    built = _BuiltModels(platform.dbt_manifest, done.result, places)
    yield from _results(context, built, done.tables, done.build_id)
    yield from checks.results(context.selected_asset_check_keys, done.evidence, done.result.tests)
    _fail_if_broken(context, places, done.result)
    yield dg.MaterializeResult(
        asset_key=BUILD,
        metadata={"build_id": done.build_id, "models_built": len(done.result.models), "checks": len(done.evidence)},
        data_version=dg.DataVersion(done.build_id),
    )


def _build_chosen(
    context: dg.AssetExecutionContext, platform: Platform, checks: MartChecks, models: Mapping[str, dg.AssetSpec]
) -> Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult]:
    """Build some models and what they need. The next night builds all, since the warehouse is then no finished build."""
    platform.catch_up()
    nodes = platform.dbt_manifest["nodes"]
    chosen = [nodes[name]["name"] for name, spec in models.items() if spec.key in context.selected_asset_keys]
    result = build_some(platform.intake(), platform.rules, chosen)
    built = _BuiltModels(platform.dbt_manifest, result, platform.places)
    yield from _results(context, built, {}, platform.admission().fingerprint)
    evidence = _judged_now(context, platform, checks)
    yield from checks.results(context.selected_asset_check_keys, evidence, result.tests)
    _fail_if_broken(context, platform.places, result)


def _judged_now(context: dg.AssetExecutionContext, platform: Platform, checks: MartChecks) -> Iterable[Any]:
    """The evidence of the chosen checks, judged anew on the warehouse as it is."""
    if not context.selected_asset_check_keys:
        return ()
    if not platform.places.warehouse_file.is_file():
        raise dg.Failure("Nothing has been built yet: run the job `nightly`.", allow_retries=False)
    return judge_now(platform.intake(), platform.rules, checks.suites_of(context.selected_asset_check_keys))
