"""The last assets of a night: the research database, the release, and each site's receipt.

Nothing here trusts that a check ran before it. The gate's verdict is drawn from the evidence on file, about the very rows that
are in the warehouse, each time that something is to be published.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from tfc_platform import __version__
from tfc_platform.atomic_io import sha256_file
from tfc_platform.check.digest import ALL_SITES, TableStates, few_threads
from tfc_platform.check.evidence import evidence_file, read_evidence
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.audit_evidence import AUDIT, SHARE
from tfc_platform.disclosure.exceptions import load_exceptions
from tfc_platform.disclosure.policy import DisclosurePolicy, load_policy
from tfc_platform.disclosure.protect import Inputs, Prepared, prepare
from tfc_platform.erasure.erasure_ledger import last_erasure
from tfc_platform.feedback.learning_feedback import write_learning
from tfc_platform.feedback.receipts.write_receipts import write_receipts
from tfc_platform.gate import OWN_EVIDENCE, Required, judge, subjects
from tfc_platform.night_record import complete_night, write_reasons
from tfc_platform.orchestration.code_references import code_references
from tfc_platform.orchestration.dbt_assets import BUILD
from tfc_platform.orchestration.error_redaction import redact_errors
from tfc_platform.orchestration.progress import report_progress
from tfc_platform.orchestration.resources import Platform
from tfc_platform.pipeline import mark_done, note_receipts, read_build, unchanged_until
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.release.approved_texts import approved_texts
from tfc_platform.release.code_lists import code_lists
from tfc_platform.release.ddi import codebook_document
from tfc_platform.release.description import load_description
from tfc_platform.release.labels import release_labels
from tfc_platform.release.manifest import read_manifest
from tfc_platform.release.name_finder import load_finder
from tfc_platform.release.publish import publish_release
from tfc_platform.release.release_context import Held, ReleaseContext
from tfc_platform.release.research_extras import research_extras
from tfc_platform.release.story_selection import StoryText, publishable
from tfc_platform.research import GateClosed, descriptions_of, publish_research
from tfc_platform.settings import Places

__all__ = ["publishing_assets"]

RESEARCH = dg.AssetKey("research")
RELEASE = dg.AssetKey("release")


def _build(places: Places) -> dict[str, Any]:
    build = read_build(places)
    if build is None:
        raise dg.Failure("The warehouse holds no finished build: run the job `nightly`.", allow_retries=False)
    return build


def _required(build: Mapping[str, Any]) -> list[Required]:
    return [Required(**{**item, "relations": tuple(item["relations"])}) for item in build["required"]]


def _closed(context: dg.AssetExecutionContext, platform: Platform, closed: GateClosed) -> dg.Failure:
    write_reasons(platform.places, context.run.run_id, closed.reasons)
    return dg.Failure(
        f"The gate is closed. {' '.join(closed.reasons[:10])}",
        metadata={"reasons": dg.MetadataValue.md("\n".join(f"- {reason}" for reason in closed.reasons))},
        allow_retries=False,
    )


def _research_asset(marts: Sequence[str]) -> dg.AssetsDefinition:
    tables = [table for table in marts if table.partition(".")[2] != OWN_EVIDENCE]

    @dg.asset(
        key=RESEARCH,
        deps=[BUILD],
        group_name="publish",
        kinds={"duckdb"},
        owners=["team:central"],
        metadata=code_references(publish_research),
        description="The marts as they passed the quality gate, for named researchers: pseudonymised, not disclosure-controlled.",
    )
    @redact_errors
    def research(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult[Any]:
        platform.hold_night(context)
        settings = platform.settings
        places = settings.places
        build = _build(places)
        evidence = read_evidence(evidence_file(places, build["build_id"]))
        with duckdb.connect(str(places.warehouse_file), read_only=True) as con:
            few_threads(con, places.warehouse_file)
            states = TableStates(con)
            required = _required(build)
            verdict = judge(required, evidence, subjects(required, states, tables))
            judged = {table.partition(".")[2]: states.digest((table,), ALL_SITES) for table in tables}
        try:
            published = publish_research(
                places,
                places.warehouse_file,
                verdict,
                judged,
                settings.as_of,
                keep=load_policy().research_versions_kept,
                descriptions=descriptions_of(platform.dbt_manifest),
                extras=research_extras(places.warehouse_file, platform.catalogue, load_register(), load_policy()),
            )
        except GateClosed as closed:
            raise _closed(context, platform, closed) from None
        current = (places.research / "current").readlink().name
        warned = sorted({f"{item.check_id} ({item.site})" for item in evidence if item.gate_effect == "warns"})
        return dg.MaterializeResult(
            metadata={
                "id": current,
                "new": published is not None,
                "checks": len(evidence),
                "warnings": dg.MetadataValue.md("\n".join(f"- {name}" for name in warned) or "none"),
            },
            data_version=dg.DataVersion(current),
        )

    return research


def _context(platform: Platform, build: Mapping[str, Any], register: Register) -> ReleaseContext:
    admitted: dict[str, list[str]] = {}
    for site, _, sha256 in build["admitted"]:
        admitted.setdefault(site, []).append(sha256)
    night = platform.admission()
    return ReleaseContext(
        as_of=platform.settings.as_of,
        code_version=__version__,
        admitted=admitted,
        evidence=[asdict(item) for item in read_evidence(evidence_file(platform.places, build["build_id"]))],
        held=[
            Held(state.site, state.source, state.held_since, state.held_cause or "other")
            for state in night.held
            if state.held_since
        ],
        codebook=codebook_document(platform.catalogue, load_description()),
        labels=release_labels(platform.catalogue, register),
        code_lists=code_lists(platform.catalogue, register),
        framework=platform.catalogue.framework,
    )


def _stories(context: dg.AssetExecutionContext, platform: Platform, policy: DisclosurePolicy) -> tuple[StoryText, ...]:
    """The stories whose approved text may be published; of the others the night says the story and the rule, never the text."""
    intake, report = platform.intake(), report_progress(context)
    approved = approved_texts(intake, platform.admission())
    passed, blocked = publishable(approved, policy, load_finder(intake).find)
    for item in blocked:
        report(item.message)
    return passed


@dg.asset(
    key=RELEASE,
    deps=[RESEARCH],
    group_name="publish",
    kinds={"duckdb", "parquet", "excel"},
    owners=["team:central"],
    metadata=code_references(publish_release),
    description="What everyone in the learning loop may read: figures that are safe to show, hashed and swapped in whole.",
    check_specs=[
        dg.AssetCheckSpec(
            AUDIT,
            asset=RELEASE,
            description="No small group can be worked out from all that was ever published together.",
        ),
        dg.AssetCheckSpec(
            SHARE,
            asset=RELEASE,
            description="No table about people is suppressed beyond use: else its register is too fine.",
        ),
    ],
)
@redact_errors
def release(context: dg.AssetExecutionContext, platform: Platform) -> Iterator[dg.MaterializeResult[Any]]:
    platform.hold_night(context)
    yield _release(context, platform)


def _release(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult[Any]:
    places = platform.places
    build = _build(places)
    research_file = (places.research / "current").resolve() / "tfc.duckdb"
    register, policy = load_register(), load_policy()
    protected = prepare(
        Inputs(
            root=places.snapshots,
            research_file=research_file,
            warehouse_file=places.warehouse_file,
            catalogue=platform.catalogue,
            register=register.person_tables,
            columns=register.columns,
            policy=policy,
            exceptions=load_exceptions(),
            as_of=platform.settings.as_of,
            last_erasure=last_erasure(places),
        )
    )
    try:
        published = publish_release(
            places,
            research_file,
            _stories(context, platform, policy),
            _context(platform, build, register),
            register=register,
            policy=policy,
            protected=protected,
        )
    except GateClosed as closed:
        raise _closed(context, platform, closed) from None
    report = report_progress(context)
    for note in published.notes if published else protected.notes:
        report(note)
    current = (places.releases / "current").resolve()
    sites = [site.site for site in platform.catalogue.sites]
    write_learning(places, current, sites)
    research = (places.research / "current").readlink().name
    mark_done(places, build["build_id"], platform.due(), research, current.name)
    until = unchanged_until(platform.admission(), platform.catalogue, platform.due, platform.settings.as_of)
    complete_night(platform.settings, context.run.run_id, build["build_id"], until, sites)
    checks = sorted(key.name for key in context.selected_asset_check_keys)
    return _released(places, published is not None, protected, checks)


def _released(places: Places, is_new: bool, protected: Prepared, checks: Iterable[str]) -> dg.MaterializeResult[Any]:
    current = (places.releases / "current").readlink().name
    folder = places.releases / current
    names = {"page": "index.html", "audit": "audit.html", "gate_evidence": "manifest.json"}
    paths = {name: dg.MetadataValue.path(folder / file) for name, file in names.items()}
    held = [
        f"- {one['site']}, {one['source']}, since {one['since']}: {one['reason']}"
        for one in read_manifest(folder)["held"]
    ]
    audited = {"snapshots": len(protected.snapshots), "audit_from_file": protected.reused}
    return dg.MaterializeResult(
        metadata={
            "id": current,
            "new": is_new,
            "held": dg.MetadataValue.md("\n".join(held) or "nothing"),
            **paths,
            **audited,
        },
        data_version=dg.DataVersion(current),
        check_results=[_audit_result(places, current, check) for check in checks],
    )


def _audit_result(places: Places, release: str, check: str) -> dg.AssetCheckResult:
    """One check of the tables about people, from the release's own manifest: a line a table, of published cells."""
    evidence = [e for e in read_manifest(places.releases / release)["evidence"] if e["check"] == check]
    rows = [
        dg.TableRecord(
            {
                "rule": check,
                "table": item["subject"],
                "verdict": item["verdict"],
                "rows_checked": item["rows_checked"],
                "rows_failed": item["rows_failed"],
            }
        )
        for item in evidence
    ]
    columns = [dg.TableColumn(name, "string") for name in ("rule", "table", "verdict")]
    columns += [dg.TableColumn(name, "int") for name in ("rows_checked", "rows_failed")]
    return dg.AssetCheckResult(
        check_name=check,
        passed=all(item["verdict"] == "passed" for item in evidence),
        severity=dg.AssetCheckSeverity.ERROR if check == AUDIT else dg.AssetCheckSeverity.WARN,
        metadata={"rules": dg.MetadataValue.table(rows, dg.TableSchema(columns))} if rows else {},
    )


def _receipts_asset(catalogue: Catalogue) -> dg.AssetsDefinition:
    sites = [site.site for site in catalogue.sites]

    @dg.multi_asset(
        name="write_receipts",
        specs=[
            dg.AssetSpec(
                ["receipt", site],
                # After the build: a check of the marts may hold a return, and the site is to hear of it the same night.
                deps=[BUILD],
                group_name="feedback",
                kinds={"json"},
                owners=[f"team:{site}"],
                metadata=code_references(write_receipts),
                description="The status of each file that the site sent and every row to correct, whatever the gate says.",
            )
            for site in sites
        ],
        can_subset=True,
    )
    @redact_errors
    def receipts(context: dg.AssetExecutionContext, platform: Platform) -> Iterator[dg.MaterializeResult[Any]]:
        platform.hold_night(context)
        chosen = sorted(key.path[-1] for key in context.selected_asset_keys)
        places, night = platform.places, platform.admission()
        write_receipts(night, platform.catalogue, places, platform.settings.as_of, chosen)
        if chosen == sorted(sites):
            note_receipts(places, _build(places)["build_id"], chosen)
        for site in chosen:
            names = {"receipt": "receipt.json", "page": "receipt.html"}
            paths = {name: dg.MetadataValue.path(places.sites / site / file) for name, file in names.items()}
            receipt = places.sites / site / names["receipt"]
            yield dg.MaterializeResult(
                asset_key=["receipt", site],
                metadata={"held": dg.MetadataValue.text(_held_of(receipt)), **paths},
                data_version=dg.DataVersion(sha256_file(receipt)[:20]),
            )

    return receipts


def _held_of(receipt: Path) -> str:
    """What a site's receipt says is held, since when and why, a line a source; no Markdown, which eats underscores of names."""
    held = json.loads(receipt.read_text(encoding="utf-8"))["held"]
    return "\n".join(f"- {item['source']}, since {item['since']}: {item['reason']}" for item in held) or "nothing"


def publishing_assets(catalogue: Catalogue, marts: Sequence[str]) -> list[dg.AssetsDefinition]:
    """What a night publishes.

    :param marts: the tables of the research database, as `marts.name`.
    """
    return [_research_asset(marts), release, _receipts_asset(catalogue)]
