"""The assets of taking in, one for each [site, source], and the lake's tables as admission leaves them.

Belongs here: their specs, and the events that tell what was done. Does not belong: reading a file or judging one.

The assets of one sender are one step, so that one sender's trouble is its own. A bad file is a status, not an exception:
what is retried is a landing zone that does not answer, and where it goes on not answering the other senders go on.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from tfc_platform.check.expected_rows import SURVEY_RECORDS
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.ingest_sender import catch_up, take_in, take_in_unassigned
from tfc_platform.orchestration.error_redaction import without_words
from tfc_platform.orchestration.resources import Platform
from tfc_platform.orchestration.schedules import in_production
from tfc_platform.pipeline import current_night, is_done
from tfc_platform.schemas import RECORDS, SCHEMAS

__all__ = ["intake_assets", "lake_asset", "lake_key", "others_of_the_lake", "records_of"]

KINDS = {"csv": "csv", "workbook": "excel", "spss": "spss"}
RETRIES = 2
SECONDS_BETWEEN = 5
NIGHT_RAN = dg.FreshnessPolicy.cron(
    deadline_cron="0 4 * * *", lower_bound_delta=timedelta(hours=2), timezone="Europe/London"
)
# What the checks leave behind is no input of the marts' figures: it stands in the lineage, and no step of its own makes it.
NOT_ADMITTED = {"check_result": "What each check found, by site and source: written once the marts are judged."}
LAKE_WORDS = {
    "row_issue": "Every rejected or doubled row and every warning, by file, sheet, row and column; never a cell.",
    "submission": "Every file with its status tonight.",
    "admitted": "Every file whose rows count tonight, with the count that its receipt promises.",
    "source_state": "Whether a source is held, since when and why.",
    "expected_return": "Every return that should exist, and whether it came.",
}


def lake_key(table: str) -> dg.AssetKey:
    return dg.AssetKey(["lake", table])


def records_of(contract: Contract) -> tuple[str, ...]:
    """The records that a contract's files become."""
    return SURVEY_RECORDS.get(contract.record, (contract.record,))


def _spec(site: str, contract: Contract) -> dg.AssetSpec:
    due = contract.expects.monthly_from
    return dg.AssetSpec(
        [site, contract.source],
        group_name=site,  # the graph shows the last part of a key alone: a group tells the sites' sources apart
        description=contract.description,
        kinds={"python", KINDS[contract.read.format]},
        owners=[f"team:{site}"],
        tags={"site": site, "record": contract.record},
        # That the night ran. Whether the returns themselves are late is said by the check of expected returns.
        freshness_policy=NIGHT_RAN if in_production() else None,
        metadata={
            "files": contract.files,
            "record": contract.record,
            "owner": contract.owner,
            "due": f"monthly, {contract.expects.days_after_month} days after the month"
            if due
            else "by the contract's dates",
        },
    )


def _sender_asset(site: str, contracts: tuple[Contract, ...]) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"take_in_{site}",
        specs=[_spec(site, contract) for contract in contracts],
        can_subset=True,
        retry_policy=dg.RetryPolicy(max_retries=RETRIES, delay=SECONDS_BETWEEN),
        description=f"Vault, read and type what {site} has dropped; screen every free text; account for every row.",
    )
    @without_words
    def take_in_sender(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        def tell(message: str) -> None:
            context.log.info(message)
            platform.say(message)

        reached, fresh = True, {}
        page = (
            platform.settings.places.sites / site / "receipt.html"
        )  # written later in the night; the centre gets none
        is_site = any(item.site == site for item in platform.catalogue.sites)
        receipt = {"receipt": dg.MetadataValue.path(page)} if is_site else {}
        try:
            fresh = take_in(platform.intake(), site, tell)
        except OSError as error:
            if context.retry_number < RETRIES:
                raise
            reached = False
            context.log.error(f"{site}: the landing zone could not be read ({type(error).__name__}).")
        for key in sorted(context.selected_asset_keys):
            source = key.path[-1]
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={"newly_read_files": fresh.get(source, 0), "landing_zone_reached": reached, **receipt},
            )

    return take_in_sender


def intake_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """One step a sender, one asset a source."""
    return [_sender_asset(site, catalogue.of(site)) for site in catalogue.senders]


def others_of_the_lake() -> list[dg.AssetSpec]:
    """The lake's tables that are not admitted, as assets that nothing here materialises."""
    return [
        dg.AssetSpec(
            lake_key(table), group_name="admit", kinds={"parquet"}, owners=["team:central"], description=description
        )
        for table, description in NOT_ADMITTED.items()
    ]


def lake_asset(catalogue: Catalogue) -> dg.AssetsDefinition:
    """The lake's tables, admitted. Where nothing is new since the last published night, what follows builds and writes
    nothing, and says that what stands was looked at and holds.
    """
    keys = {(site, source): dg.AssetKey([site, source]) for site, source in catalogue.sources}

    def feeders(table: str) -> list[dg.AssetKey]:
        if table.startswith("ref_"):
            return []
        return [
            key
            for (site, source), key in keys.items()
            if table not in RECORDS or table in records_of(catalogue.contract(site, source))
        ]

    specs = [
        dg.AssetSpec(
            lake_key(table),
            deps=feeders(table),
            group_name="admit",
            skippable=True,
            kinds={"parquet"},
            owners=["team:central"],
            description=LAKE_WORDS.get(table)
            or (
                "The programme's reference data."
                if table.startswith("ref_")
                else f"Typed rows of the admitted files: {table}."
            ),
            metadata={"dagster/column_schema": dg.TableSchema([dg.TableColumn(f.name, str(f.type)) for f in schema])},
        )
        for table, schema in SCHEMAS.items()
        if table not in NOT_ADMITTED
    ]

    @dg.multi_asset(name="admit", specs=specs)
    @without_words
    def admit_returns(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        intake = platform.intake()
        for site in catalogue.senders:
            catch_up(intake, site)  # those whose own step was not chosen, after a change of contracts or code
        try:
            take_in_unassigned(intake)
        except OSError as error:
            context.log.error(f"The landing zone could not be read ({type(error).__name__}).")
        night = current_night(intake, platform.rules())
        if is_done(platform.settings.places, night, platform.rules(), platform.due()):
            platform.outcome.nothing_new = True
            context.log.info("Nothing is new since the last published night.")
        rows: dict[str, int] = {}
        for receipt in night.admitted:
            for record, table in receipt.records.items():
                rows[record] = rows.get(record, 0) + table["rows"]
        for state in night.held:
            # The cause from its closed list: the sentence to the site may count the rows of one class's answers.
            cause = (state.held_cause or "failed_check").replace("_", " ")
            message = f"{state.site}/{state.source} is held since {state.held_since} ({cause}): its receipt says more"
            context.log.warning(message)
            if not platform.outcome.nothing_new:
                platform.say(message)
        for spec in specs:
            name = spec.key.path[-1]
            known = {"dagster/row_count": rows.get(name, 0)} if name in RECORDS else {}
            yield dg.MaterializeResult(asset_key=spec.key, metadata=known)

    return admit_returns
