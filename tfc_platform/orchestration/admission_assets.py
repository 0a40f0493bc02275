"""Admission: which version of each return counts tonight, and the lake's tables that follow from it.

The lake's tables are assets that no step of their own makes. Admission reports those that changed, with their data version.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import pyarrow as pa

from tfc_platform.admission.admit import Night, admit
from tfc_platform.admission.arrivals import Acceptance, SourceState
from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.kept_files import ContractFault
from tfc_platform.feedback.receipts.write_receipts import refresh_receipts, write_receipts
from tfc_platform.ingest.ingest_sender import take_in, take_in_unassigned
from tfc_platform.ingest.landing import LandingError
from tfc_platform.ingest.look_faults import REFUSED_UNREAD, LookFault, read_look_faults, reasons_not_good
from tfc_platform.night_record import NO_SENDER, complete_night, list_landing, note_start, write_reasons
from tfc_platform.orchestration.code_references import code_references
from tfc_platform.orchestration.error_redaction import redact_errors
from tfc_platform.orchestration.ingest_assets import records_of
from tfc_platform.orchestration.progress import report_progress
from tfc_platform.orchestration.resources import Platform, start_of_run
from tfc_platform.pipeline import build_id_of, is_done, lake_versions, note_receipts, unchanged_until
from tfc_platform.printable import printable
from tfc_platform.schemas import ADMISSION_TABLES, RECORDS, REFERENCE, SCHEMAS

__all__ = ["ADMISSION", "RETURN_COUNTS", "admission_assets", "lake_key", "latest_return_checks"]

ADMISSION = dg.AssetKey("admission")
RETURN_COUNTS = "latest_return_counts"
CONTRACTS_RIGHT = "contracts_are_right"
DATA_VERSION_TAG = "dagster/data_version"
REFERENCE_ASSET = "reference"
LAKE_DESCRIPTIONS = {
    "row_issue": "Every rejected or doubled row and every warning, by file, sheet, row and column; never a cell.",
    "check_result": "What each check found, by site and source: written once the marts are judged.",
    REFERENCE_ASSET: "The programme's reference data: areas, activities, instruments and what may be compared.",
}


def lake_key(table: str) -> dg.AssetKey:
    """The asset that a table of the lake is part of.

    What admission works out is one asset, and so is the reference data: each of them changes as a whole.
    """
    if table in ADMISSION_TABLES:
        return ADMISSION
    return dg.AssetKey(["lake", REFERENCE_ASSET if table in REFERENCE else table])


def _lake_specs(catalogue: Catalogue) -> list[dg.AssetSpec]:
    sources = {key: dg.AssetKey(list(key)) for key in catalogue.sources}

    def upstream(table: str) -> list[dg.AssetKey]:
        if table in (REFERENCE_ASSET, "check_result"):
            return []
        return [
            key
            for source, key in sources.items()
            if table not in RECORDS or table in records_of(catalogue.contract(*source))
        ]

    tables = dict.fromkeys(lake_key(table).path[-1] for table in SCHEMAS if lake_key(table) != ADMISSION)
    return [
        dg.AssetSpec(
            ["lake", table],
            deps=upstream(table),
            group_name="admit",
            kinds={"parquet"},
            owners=["team:central"],
            description=LAKE_DESCRIPTIONS.get(table) or f"Typed rows of the admitted files: {table}.",
            metadata={
                **code_references(take_in),
                **({"dagster/column_schema": _column_schema(SCHEMAS[table])} if table in SCHEMAS else {}),
            },
        )
        for table in tables
    ]


def _column_schema(schema: pa.Schema) -> dg.TableSchema:
    return dg.TableSchema([dg.TableColumn(column.name, str(column.type)) for column in schema])


def admission_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """The step that admits, and the lake's tables."""

    @dg.asset(
        key=ADMISSION,
        deps=[dg.AssetKey(list(key)) for key in catalogue.sources],
        group_name="admit",
        kinds={"python"},
        owners=["team:central"],
        metadata=code_references(admit),
        description="Which version of each return counts tonight, what is held, and what is overdue.",
    )
    @redact_errors
    def admit_returns(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult[Any]:
        platform.hold_night(context)
        intake = platform.intake(start_of_run(context))
        for sentence in platform.repaired:
            context.log.warning(sentence)
        platform.catch_up()  # for senders whose own step was not chosen
        take_in_unassigned(intake)
        try:
            listing = list_landing(intake.landing, catalogue.senders)
            note_start(platform.settings, context.run.run_id, {NO_SENDER: listing[NO_SENDER]})
        except LandingError as error:
            context.log.error(str(error))
        night = platform.admission()
        nothing_new = is_done(platform.places, night, platform.rules, platform.due())
        if nothing_new:
            _bring_up_to_date(context, platform, night)
        else:
            _report_held(context, night)
        versions = lake_versions(night, platform.places)
        of_admission = versions.pop("admission")
        _report_lake(context, platform, night, versions)
        return dg.MaterializeResult(
            metadata={
                "nothing_new": nothing_new,
                "files_that_count": len(night.admitted),
                "held_sources": len(night.held),
            },
            data_version=dg.DataVersion(of_admission[:20]),
        )

    return [admit_returns, *_lake_specs(catalogue)]


def _contracts_right(faults: Sequence[ContractFault]) -> dg.AssetCheckResult:
    lines = [f"{fault.file} ({', '.join(fault.sites) or 'no site of its own'}): {fault.sentence}" for fault in faults]
    return dg.AssetCheckResult(
        asset_key=ADMISSION,
        check_name=CONTRACTS_RIGHT,
        passed=not faults,
        description="\n".join(map(printable, lines)) or None,
    )


def _bring_up_to_date(context: dg.AssetExecutionContext, platform: Platform, night: Night) -> None:
    """Nothing is new: bring receipts to today's date, and record that the night is complete."""
    context.log.info("Nothing is new since the last published night.")
    places, as_of, catalogue = platform.places, platform.settings.as_of, platform.catalogue
    sites = [site.site for site in catalogue.sites]
    if anew := refresh_receipts(places, as_of, sites):
        write_receipts(night, catalogue, places, as_of, anew)
    build_id = build_id_of(night, platform.rules)
    note_receipts(places, build_id, sites)
    until = unchanged_until(night, catalogue, platform.due, as_of)
    complete_night(platform.settings, context.run.run_id, build_id, until, sites)


def _report_held(context: dg.AssetExecutionContext, night: Night) -> None:
    report = report_progress(context)
    for state in night.held:
        report(
            f"{state.site}/{state.source} is held since {state.held_since} ({_cause(state)}). Its receipt says more."
        )


def _cause(state: SourceState) -> str:
    # From its closed list: the sentence to the site may count the rows of one class's answers.
    return (state.held_cause or "failed_check").replace("_", " ")


def _report_lake(
    context: dg.AssetExecutionContext, platform: Platform, night: Night, versions: Mapping[str, str]
) -> None:
    """Report the lake's tables whose rows are others than those last reported."""
    rows: dict[str, int] = {}
    for receipt in night.admitted:
        for record, written in receipt.records.items():
            rows[record] = rows.get(record, 0) + written["rows"]
    reference = platform.catalogue.reference_tables()
    of_reference = {name: table.to_pylist() for name, table in sorted(reference.items())}
    for table, version in {**versions, REFERENCE_ASSET: sha256_text(canonical_json(of_reference))}.items():
        key = dg.AssetKey(["lake", table])
        last = context.instance.get_latest_materialization_event(key)
        known = last.asset_materialization if last is not None else None
        if known is None or (known.tags or {}).get(DATA_VERSION_TAG) != version[:20]:
            context.log_event(
                dg.AssetMaterialization(
                    key,
                    metadata={"dagster/row_count": rows.get(table, 0)} if table in RECORDS else {},
                    tags={DATA_VERSION_TAG: version[:20]},
                )
            )


def latest_return_checks(catalogue: Catalogue, after: dg.AssetKey) -> dg.AssetChecksDefinition:
    """For each source whether its latest return counts; a held source says since when, why and which file.

    The step fails at its end where the night could not look at everything, or a contract is in error: such a night is not good,
    although what could be read was taken in and published.

    :param after: the asset that is made before: a check of the marts may hold a return.
    """

    @dg.multi_asset_check(
        name="latest_returns",
        specs=[
            dg.AssetCheckSpec(
                CONTRACTS_RIGHT,
                asset=ADMISSION,
                additional_deps=[after],
                description="No contract file is in error. One that is stops the sources that it is about, and no others.",
            ),
            *(
                dg.AssetCheckSpec(
                    RETURN_COUNTS,
                    asset=dg.AssetKey(list(key)),
                    additional_deps=[after],
                    description="The latest return of this source counts. Where it is held, the last good one does.",
                )
                for key in catalogue.sources
            ),
        ],
        can_subset=True,
        description="Show which sources are held: since when, why, and by which file.",
    )
    @redact_errors
    def latest_returns(context: dg.AssetCheckExecutionContext, platform: Platform) -> Iterator[dg.AssetCheckResult]:
        platform.hold_night(context)
        platform.catch_up()
        night = platform.admission()
        states = {(state.site, state.source): state for state in night.states}
        faults = read_look_faults(platform.places)
        for key in sorted(context.selected_asset_check_keys, key=lambda item: item.asset_key):
            if key.name == CONTRACTS_RIGHT:
                yield _contracts_right(platform.catalogue.faults)
                continue
            source = (key.asset_key.path[0], key.asset_key.path[1])
            refused = [fault for fault in faults if fault.kind == REFUSED_UNREAD and _is_of(fault, source)]
            yield _return_counts(key, states[source], night.accepted_returns(*source), refused)
        if reasons := reasons_not_good(faults):
            write_reasons(platform.places, context.run.run_id, reasons)
            raise dg.Failure(" ".join(reasons[:10]), allow_retries=False)

    return latest_returns


def _is_of(fault: LookFault, source: tuple[str, str]) -> bool:
    return fault.sender == source[0] and source[1] in fault.sources


def _return_counts(
    key: dg.AssetCheckKey, state: SourceState, accepted: Sequence[Acceptance], refused: Sequence[LookFault]
) -> dg.AssetCheckResult:
    said = [f"{one.path} was accepted by {one.by} on {one.on:%d/%m/%Y}." for one in accepted]
    said += [f"{fault.path}: {fault.sentence}" for fault in refused]
    if not state.is_held and refused:
        return dg.AssetCheckResult(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=False,
            severity=dg.AssetCheckSeverity.WARN,
            description=" ".join(said),
        )
    if not state.is_held:
        return dg.AssetCheckResult(
            asset_key=key.asset_key, check_name=key.name, passed=True, description=" ".join(said) or None
        )
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description=" ".join(
            [f"Held since {state.held_since}: {_cause(state)}. The last good return counts. See the receipt.", *said]
        ),
        metadata={
            "held_since": str(state.held_since),
            "cause": _cause(state),
            "file": state.held_file or "none",
        },
    )
