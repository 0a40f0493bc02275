"""The last assets of a night: the research database, the release, and each site's receipt.

Belongs here: handing the evidence to the gate, and what it lets through to `publish`. Does not belong: the verdict's rules or
what a release holds. Nothing here trusts that a check ran before it: the verdict is drawn from the evidence on file, about
the very rows that stand in the warehouse, each time that something is to be published.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from tfc_platform import __version__
from tfc_platform.check.digest import ALL_SITES, TableStates, few_threads
from tfc_platform.check.evidence import evidence_file, read_evidence
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.disclosure.audit_evidence import AUDIT, SHARE
from tfc_platform.disclosure.exceptions import load_exceptions
from tfc_platform.disclosure.policy import DisclosurePolicy, load_policy
from tfc_platform.disclosure.protect import Inputs, Prepared, prepare
from tfc_platform.erasure.erasure_ledger import last_erasure
from tfc_platform.feedback.learning_feedback import write_learning
from tfc_platform.feedback.receipts import refresh_receipts, write_receipts
from tfc_platform.gate import OWN_EVIDENCE, Required, judge, subjects
from tfc_platform.orchestration.error_redaction import without_words
from tfc_platform.orchestration.resources import Platform
from tfc_platform.pipeline import current_night, mark_done, read_build
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.release.approved_texts import approved_texts
from tfc_platform.release.ddi import codebook_document
from tfc_platform.release.description import load_description
from tfc_platform.release.labels import release_labels
from tfc_platform.release.manifest import read_manifest
from tfc_platform.release.name_finder import load_finder
from tfc_platform.release.publish import publish_release
from tfc_platform.release.release_context import Held, ReleaseContext
from tfc_platform.release.story_selection import StoryText, publishable
from tfc_platform.research import GateClosed, descriptions_of, publish_research
from tfc_platform.settings import Places

__all__ = ["publishing_assets"]

RESEARCH = dg.AssetKey("research")
RELEASE = dg.AssetKey("release")
TOLD = ("mart_submission_status", "mart_row_issue", "mart_expected_return", "mart_source_state")


def _build(places: Places) -> dict[str, Any]:
    build = read_build(places)
    if build is None:
        raise dg.Failure("No build stands in the warehouse: run the job `nightly`.", allow_retries=False)
    return build


def _required(build: Mapping[str, Any]) -> list[Required]:
    return [Required(**{**item, "relations": tuple(item["relations"])}) for item in build["required"]]


def _closed(platform: Platform, closed: GateClosed) -> dg.Failure:
    platform.outcome.reasons = closed.reasons
    return dg.Failure(
        f"The gate is closed. {' '.join(closed.reasons[:10])}",
        metadata={"reasons": dg.MetadataValue.md("\n".join(f"- {reason}" for reason in closed.reasons))},
        allow_retries=False,
    )


def _research_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    tables = [".".join(key.path) for key in marts if key.path[-1] != OWN_EVIDENCE]

    @dg.asset(
        key=RESEARCH,
        deps=list(marts),
        group_name="publish",
        kinds={"duckdb"},
        owners=["team:central"],
        description="The marts as they passed the quality gate, for named researchers: pseudonymised, not disclosure-controlled.",
    )
    @without_words
    def research(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[Any]:
        settings = platform.settings
        places = settings.places
        if platform.outcome.nothing_new:
            return dg.MaterializeResult(metadata={"id": (places.research / "current").readlink().name, "new": False})
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
            )
        except GateClosed as closed:
            raise _closed(platform, closed) from None
        platform.outcome.research = published.id if published else None
        current = (places.research / "current").readlink().name
        warned = sorted({f"{item.check_id} ({item.site})" for item in evidence if item.gate_effect == "warns"})
        return dg.MaterializeResult(
            metadata={
                "id": current,
                "new": published is not None,
                "checks": len(evidence),
                "warnings": dg.MetadataValue.md("\n".join(f"- {name}" for name in warned) or "none"),
            }
        )

    return research


def _context(platform: Platform, build: Mapping[str, Any], register: Register) -> ReleaseContext:
    admitted: dict[str, list[str]] = {}
    for site, _, sha256 in build["admitted"]:
        admitted.setdefault(site, []).append(sha256)
    night = current_night(platform.intake(), platform.rules())
    return ReleaseContext(
        as_of=platform.settings.as_of,
        code_version=__version__,
        admitted=admitted,
        evidence=[asdict(item) for item in read_evidence(evidence_file(platform.settings.places, build["build_id"]))],
        held=[
            Held(state.site, state.source, state.held_since, state.held_cause or "other")
            for state in night.held
            if state.held_since
        ],
        codebook=codebook_document(platform.catalogue, load_description()),
        labels=release_labels(platform.catalogue, register),
    )


def _stories(context: dg.AssetExecutionContext, platform: Platform, policy: DisclosurePolicy) -> tuple[StoryText, ...]:
    """The stories whose approved text may be published; of the others the night says the story and the rule, never the text."""
    intake = platform.intake()
    approved = approved_texts(intake, current_night(intake, platform.rules()))
    passed, blocked = publishable(approved, policy, load_finder(intake).find)
    for item in blocked:
        context.log.warning(item.message)
        platform.say(item.message)
    return passed


@dg.asset(
    key=RELEASE,
    deps=[RESEARCH],
    group_name="publish",
    kinds={"duckdb", "parquet", "excel"},
    owners=["team:central"],
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
            description="No table about persons is suppressed beyond use: else its register is too fine.",
        ),
    ],
)
@without_words
def release(
    context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
) -> Iterator[dg.MaterializeResult[Any]]:
    yield _release(context, platform)


def _release(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult[Any]:
    places = platform.settings.places
    if platform.outcome.nothing_new:
        return _released(places, is_new=False)
    build = _build(places)
    research_file = (places.research / "current").resolve() / "tfc.duckdb"
    register, policy = load_register(), load_policy()
    persons = prepare(
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
            persons=persons,
        )
    except GateClosed as closed:
        raise _closed(platform, closed) from None
    platform.outcome.release = published.id if published else None
    for note in published.notes if published else persons.notes:
        context.log.warning(note)
        platform.say(note)
    current = (places.releases / "current").resolve()
    write_learning(places, current, [site.site for site in platform.catalogue.sites])
    mark_done(places, build["build_id"], platform.due(), platform.outcome.research, platform.outcome.release)
    return _released(places, published is not None, persons)


def _released(places: Places, is_new: bool, persons: Prepared | None = None) -> dg.MaterializeResult[Any]:
    current = (places.releases / "current").readlink().name
    folder = places.releases / current
    names = {"page": "index.html", "audit": "audit.html", "gate_evidence": "manifest.json"}
    paths = {name: dg.MetadataValue.path(folder / file) for name, file in names.items()}
    held = [
        f"- {one['site']}, {one['source']}, since {one['since']}: {one['reason']}"
        for one in read_manifest(folder)["held"]
    ]
    audited: dict[str, Any] = {}
    if persons is not None:
        audited = {
            "snapshots": len(persons.snapshots),
            "audit_from_file": persons.reused,
        }
    return dg.MaterializeResult(
        metadata={
            "id": current,
            "new": is_new,
            "held": dg.MetadataValue.md("\n".join(held) or "nothing"),
            **paths,
            **audited,
        },
        check_results=[_shown(places, current, check) for check in (AUDIT, SHARE)],
    )


def _shown(places: Places, release: str, check: str) -> dg.AssetCheckResult:
    """One check of the tables about persons, as the release's own manifest tells it: a line a table, of published cells."""
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
                deps=[dg.AssetKey(["marts", mart]) for mart in TOLD],
                group_name="tell",
                kinds={"json"},
                owners=[f"team:{site}"],
                description="What became of each file that the site sent, and every row to mend. It does not wait for the gate.",
            )
            for site in sites
        ],
        can_subset=True,
    )
    @without_words
    def receipts(
        context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.MaterializeResult[Any]]:
        chosen = sorted(key.path[-1] for key in context.selected_asset_keys)
        places = platform.settings.places
        as_of = platform.settings.as_of
        anew = refresh_receipts(places, as_of, chosen) if platform.outcome.nothing_new else chosen
        if anew:
            night = current_night(platform.intake(), platform.rules())
            write_receipts(night, platform.catalogue, places, as_of, anew)
        for site in chosen:
            names = {"receipt": "receipt.json", "page": "receipt.html"}
            paths = {name: dg.MetadataValue.path(places.sites / site / file) for name, file in names.items()}
            held = dg.MetadataValue.text(_held_of(places.sites / site / names["receipt"]))
            yield dg.MaterializeResult(asset_key=["receipt", site], metadata={"held": held, **paths})

    return receipts


def _held_of(receipt: Path) -> str:
    """What a site's receipt says is held, since when and why, a line a source; no Markdown, which eats underscores of names."""
    held = json.loads(receipt.read_text(encoding="utf-8"))["held"]
    return "\n".join(f"- {item['source']}, since {item['since']}: {item['reason']}" for item in held) or "nothing"


def publishing_assets(catalogue: Catalogue, marts: Sequence[dg.AssetKey]) -> list[dg.AssetsDefinition]:
    return [_research_asset(marts), release, _receipts_asset(catalogue)]
