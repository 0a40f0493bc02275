"""The sources as assets, one for each [site, source]; the assets of one sender are one step.

A bad file is a status and no exception. What is retried is a look that may succeed in a moment; where it does not, that is noted
and everything else is taken in all the same.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dagster as dg

from tfc_platform.atomic_io import canonical_json, sha256_text
from tfc_platform.check.expected_rows import SURVEY_RECORDS
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.lake import read_sightings
from tfc_platform.ingest.landing import LandingError
from tfc_platform.ingest.look_faults import NOT_LOOKED_AT, read_look_faults
from tfc_platform.ingest.waiting_files import waiting_files
from tfc_platform.night_record import list_landing, note_start
from tfc_platform.orchestration.code_references import code_references
from tfc_platform.orchestration.error_redaction import redact_errors
from tfc_platform.orchestration.progress import report_together
from tfc_platform.orchestration.resources import Platform, start_of_run
from tfc_platform.orchestration.schedules import in_production
from tfc_platform.settings import Places

__all__ = ["SENDER", "ingest_assets", "records_of"]

SENDER = "site"  # the tag of a source that names who sends it
KINDS = {"csv": "csv", "workbook": "excel", "spss": "spss"}
RETRIES = 2
SECONDS_BETWEEN = 5
NIGHT_RAN = dg.FreshnessPolicy.cron(
    deadline_cron="0 4 * * *", lower_bound_delta=timedelta(hours=2), timezone="Europe/London"
)


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
        tags={SENDER: site, "record": contract.record},
        # That the night ran. Whether the returns themselves are late is said by the check of expected returns.
        freshness_policy=NIGHT_RAN if in_production() else None,
        metadata={
            **code_references(take_in),
            "files": contract.files,
            "record": contract.record,
            "owner": contract.owner,
            "due": f"monthly, {contract.expects.days_after_month} days after the month"
            if due
            else "by the contract's dates",
        },
    )


def _source_version(places: Places, site: str, source: str) -> str:
    """A digest of everything that ever came for a source: paths with their contents, and what each was read as."""
    seen = [(item.path, item.sha256) for item in read_sightings(places, site) if item.source == source]
    folder = places.lake / "receipts" / site / source
    return sha256_text(canonical_json([seen, sorted(path.name for path in folder.glob("*.json"))]))[:20]


def _sender_asset(site: str, contracts: tuple[Contract, ...], is_site: bool) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name=f"take_in_{site}",
        specs=[_spec(site, contract) for contract in contracts],
        can_subset=True,
        retry_policy=dg.RetryPolicy(max_retries=RETRIES, delay=SECONDS_BETWEEN),
        description=f"Vault, read and type what {site} has dropped; screen every free text; account for every row.",
    )
    @redact_errors
    def take_in_sender(context: dg.AssetExecutionContext, platform: Platform) -> Iterator[dg.MaterializeResult[Any]]:
        platform.hold_night(context)
        intake = platform.intake(start_of_run(context))
        places = platform.places
        for sentence in platform.repaired:
            context.log.warning(sentence)
        # The centre sends returns and gets no receipt.
        receipt = {"receipt": dg.MetadataValue.path(places.sites / site / "receipt.html")} if is_site else {}
        try:
            listing = list_landing(intake.landing, [site], only=site)
        except LandingError:
            listing = {}  # taking in reports what it could not look at
        with report_together(context) as report:
            fresh = take_in(intake, site, report)
        faults = read_look_faults(places, site)
        if context.retry_number < RETRIES and any(fault.may_pass for fault in faults):
            raise LandingError(f"{site}: not everything could be looked at; it is tried again.")
        # They are new to the next look, whatever they look like by then.
        left = {*waiting_files(places, site), *(fault.path for fault in faults if fault.kind == NOT_LOOKED_AT)}
        note_start(
            platform.settings,
            context.run.run_id,
            {
                sender: {path: seen for path, seen in files.items() if path not in left}
                for sender, files in listing.items()
            },
        )
        not_read = [f"- {fault.path}: {fault.sentence}" for fault in faults]
        for key in sorted(context.selected_asset_keys):
            source = key.path[-1]
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "newly_read_files": fresh.get(source, 0),
                    "files_still_written": len(waiting_files(places, site)),
                    "looked_at_everything": not any(fault.kind == NOT_LOOKED_AT for fault in faults),
                    **({"not_read": dg.MetadataValue.text("\n".join(not_read))} if not_read else {}),
                    **receipt,
                },
                data_version=dg.DataVersion(_source_version(places, site, source)),
            )

    return take_in_sender


def ingest_assets(catalogue: Catalogue) -> list[dg.AssetsDefinition]:
    """One step a sender, one asset a source."""
    sites = {item.site for item in catalogue.sites}
    senders = [(sender, catalogue.of(sender)) for sender in catalogue.senders]
    return [_sender_asset(sender, contracts, sender in sites) for sender, contracts in senders if contracts]
