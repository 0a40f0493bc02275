"""Make a release: from the research database to `releases/<id>/`, which everyone in the learning loop may read.

A release is made from the research database only, which is what passed the gate; the warehouse is not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any

from tfc_platform.atomic_io import write_bytes
from tfc_platform.check.evidence import Evidence
from tfc_platform.disclosure.attacker_knowledge import require_units
from tfc_platform.disclosure.audit_evidence import SHARE, audit_evidence, required_audits, subjects_of
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.protect import Prepared
from tfc_platform.file_lock import file_lock
from tfc_platform.gate import judge
from tfc_platform.publication.publication_register import Register
from tfc_platform.publication.released_table import ReleaseError, ReleaseTable
from tfc_platform.release import rollbacks
from tfc_platform.release.code_lists import PERIOD_COLUMNS, period_list
from tfc_platform.release.compare import compare_tables, reasons_for
from tfc_platform.release.datapackage import data_package
from tfc_platform.release.description import ReleaseDescription, load_description
from tfc_platform.release.evidence import evidence_table, read_evidence_of_nobody
from tfc_platform.release.manifest import MANIFEST, content_of, describe, file_entries, read_manifest, read_tables, seal
from tfc_platform.release.metrics import load_metrics, metric_table, metrics_in
from tfc_platform.release.questions import load_questions
from tfc_platform.release.release_context import ReleaseContext, held_note
from tfc_platform.release.release_tables import long_table, read_marts
from tfc_platform.release.sav import has_sav, write_sav
from tfc_platform.release.story_selection import (
    StoryText,
    TextKind,
    contribution_table,
    learning_table,
    publishable,
    stories_table,
)
from tfc_platform.release.table_files import check_row_counts, write_csv, write_database, write_parquet
from tfc_platform.release.workbook import WorkbookCover, write_workbook
from tfc_platform.research import GateClosed, PublishedVersion, publication_lock
from tfc_platform.settings import Places
from tfc_platform.versions import building, clear_leftovers, current_id, install, switch, version_ids

__all__ = ["Decision", "decide", "publish_release", "release_tables", "write_release"]


CODEBOOK = "ddi-codebook.xml"


class Decision(Enum):
    """What the night does with its figures."""

    PUBLISH = "publish"
    FINISH = "finish"  # the release is in its place; a killed run did not point to it
    UNCHANGED = "unchanged"
    WITHDRAWN = "withdrawn"  # it is what someone went back from


@dataclass(frozen=True)
class _Made:
    id: str
    number: int
    content: str


def decide(
    content: str, current: _Made | None, others: Iterable[_Made], withdrawn: frozenset[str]
) -> tuple[Decision, str | None]:
    """Whether `content` is released; for FINISH also the id to point to. `withdrawn` are contents gone back from.

    What was rolled back does not come back by itself on the next, unchanged night. Other content is released.
    """
    if current is not None and current.content == content:
        return Decision.UNCHANGED, None
    if content in withdrawn:
        return Decision.WITHDRAWN, None
    newer = [made for made in others if made.content == content and (current is None or made.number > current.number)]
    if newer:
        return Decision.FINISH, max(newer, key=lambda made: made.number).id
    return Decision.PUBLISH, None


def release_tables(
    research_file: Path,
    stories: Sequence[StoryText],
    context: ReleaseContext,
    register: Register,
    policy: DisclosurePolicy,
    protected: Prepared | None = None,
) -> tuple[tuple[ReleaseTable, ...], tuple[str, ...]]:
    """All tables of a release, by name; and a sentence for each approved story that is not published.

    `protected` are the tables about people; without them the release holds none.

    :raises ConfigurationError: where the register and the marts do not fit.
    :raises ReleaseError: where a mart has two rows with the same keys.
    """
    passed, blocked = publishable(stories, policy)
    tables = [
        long_table(wide, register, lambda spec, site: held_note(context, register, spec, site))
        for wide in read_marts(research_file, register)
    ]
    about_people = protected.tables if protected is not None else ()
    texts = {kind: [text for text in passed if text.kind is kind] for kind in TextKind}
    approved = [
        stories_table(texts[TextKind.STORY]),
        learning_table(texts[TextKind.LEARNING]),
        contribution_table(texts[TextKind.CONTRIBUTION]),
    ]
    made = [*tables, *about_people, *approved, *_evidence(research_file, context, about_people, passed)]
    explained = [metric_table(made, register, policy, load_metrics()), *_code_lists(made, context)]
    ordered = sorted([*made, *explained], key=lambda table: table.name)
    return tuple(ordered), tuple(item.message for item in blocked)


def _evidence(
    research_file: Path, context: ReleaseContext, about_people: Iterable[ReleaseTable], passed: Sequence[StoryText]
) -> list[ReleaseTable]:
    if not context.framework.outcomes:
        return []
    changes = next((table for table in about_people if table.name == "outcome_change"), None)
    return [evidence_table(context, read_evidence_of_nobody(research_file), changes, passed)]


def _code_lists(tables: Sequence[ReleaseTable], context: ReleaseContext) -> list[ReleaseTable]:
    if not context.code_lists:
        return []
    cells = [
        row[place]
        for table in tables
        for place, name in enumerate(table.key_names)
        if name in PERIOD_COLUMNS
        for row in table.rows
    ]
    return [*context.code_lists, period_list(cells)]


def publish_release(
    places: Places,
    research_file: Path,
    stories: Sequence[StoryText],
    context: ReleaseContext,
    *,
    register: Register,
    policy: DisclosurePolicy,
    protected: Prepared | None = None,
) -> PublishedVersion | None:
    """Make the release of the night and let `releases/current` name it; none where there is nothing new to release.

    :raises GateClosed: where the joint audit did not pass for the very tables about people that are to be published.
    :raises ConfigurationError: where the register and the marts do not fit.
    :raises ReleaseError: where the release cannot be made; the one before stays.
    """
    require_units((spec.table, measure.unit) for spec in register.tables for measure in spec.measures if measure.unit)
    coarse: tuple[str, ...] = ()
    if protected is not None:
        judged = _judged(protected, policy)
        context = replace(context, evidence=[*context.evidence, *map(asdict, judged)])
        coarse = tuple(
            f"Too much of {item.source} is suppressed: {item.rows_failed} of {item.rows_checked} cells. "
            "Its register is too fine and is to be coarsened."
            for item in judged
            if item.check_id == SHARE and item.verdict == "failed"
        )
    tables, notes = release_tables(research_file, stories, context, register, policy, protected)
    notes = (*(protected.notes if protected is not None else ()), *coarse, *notes)
    content = content_of(tables, context, register, policy.version, protected)
    root = places.releases
    with file_lock(publication_lock(places)):
        clear_leftovers(root)
        before = current_id(root)
        current = None if before is None else _made(root / before)
        if before is not None and current is None:
            notes = (*notes, f"Release {before} cannot be read: this one is not compared with it. Verify it.")
        if current is not None and current.content == content:
            return None  # the ordinary unchanged night reads one manifest, not all
        found_others = (_made(root / version) for version in version_ids(root) if version != before)
        others = [made for made in found_others if made is not None]
        withdrawn = rollbacks.withdrawn_contents(rollbacks.read(places.evidence))
        decision, found = decide(content, current, others, withdrawn)
        if decision in (Decision.UNCHANGED, Decision.WITHDRAWN):
            return None
        if decision is Decision.FINISH and found is not None:
            switch(root, found)
            return PublishedVersion(found, root / found, notes)
        number = 1 + max((made.number for made in [*others, *([current] if current else [])]), default=0)
        manifest = describe(tables, context, register, policy, number, before, protected)
        manifest["changed"] = _changes(root, before, tables, manifest, register)
        with building(root) as folder:
            version = write_release(folder, tables, manifest, policy, context.codebook)
            if protected is not None:
                protected.keep(places.snapshots)
            path = install(folder, root, version, keep_from_others=False, same=_same_files)
            switch(root, version)
    return PublishedVersion(version, path, notes)


def _judged(protected: Prepared, policy: DisclosurePolicy) -> tuple[Evidence, ...]:
    """The audit's evidence, once the gate has let it through."""
    evidence = audit_evidence(protected.report, protected.tables, policy)
    verdict = judge(required_audits(protected.tables), evidence, subjects_of(protected.tables))
    if not verdict.open or not protected.report.passed:
        raise GateClosed((*protected.report.reasons, *verdict.reasons))
    return evidence


def _made(folder: Path) -> _Made | None:
    """None where its manifest cannot be read: a damaged release of the past stops no night."""
    try:
        manifest = read_manifest(folder)
    except ReleaseError:
        return None
    return _Made(folder.name, int(manifest["number"]), str(manifest["content"]))


def _changes(
    root: Path, before: str | None, tables: Sequence[ReleaseTable], manifest: dict[str, Any], register: Register
) -> list[dict[str, Any]]:
    """What differs from the release that readers saw until now, table by table, with reasons."""
    if before is None:
        return []
    try:
        earlier = read_manifest(root / before)
        tables_before = read_tables(root / before, earlier)
    except ReleaseError:
        return []  # a note of the night says so
    return [
        {
            "table": diff.table,
            "rows_before": diff.rows_before,
            "rows_after": diff.rows_after,
            "added": len(diff.added),
            "removed": len(diff.removed),
            "changed": len(diff.changed),
            "reasons": reasons_for(diff, earlier, manifest, register.shared_senders),
        }
        for diff in compare_tables(tables_before, tables)
        if diff.differs
    ]


def _same_files(one: Path, other: Path) -> bool:
    return file_entries(one) == file_entries(other) and read_manifest(one) == read_manifest(other)


def write_release(
    folder: Path,
    tables: Sequence[ReleaseTable],
    manifest: dict[str, Any],
    policy: DisclosurePolicy,
    codebook: str | None = None,
) -> str:
    """Write every file of a release into the empty `folder`, and give the release's id.

    `codebook` is the text of the instruments' DDI document; none where there is no survey. Equal arguments give equal bytes.

    :raises ReleaseError: where a file has not as many rows as its table, or changes while others are written.
    """
    # Altair takes a second to import, and most nights publish nothing.
    from tfc_platform.pages.write_pages import write_pages

    description = load_description()
    _write_tables(folder, tables, manifest, policy, description)
    if codebook is not None:
        write_bytes(folder / CODEBOOK, codebook.encode(), 0o644)
    data = file_entries(folder)
    described = [
        {**entry, "sha256": data[f"parquet/{entry['name']}.parquet"]["sha256"]} for entry in manifest["tables"]
    ]
    sealed = {**manifest, "tables": described, "files": _listed(data)}
    version = seal(sealed)
    named = {"id": version, **sealed}
    write_workbook(tables, _cover(named, description), _day(named), folder / "tables.xlsx")
    check_row_counts(folder, tables)
    write_pages(folder, named, tables, policy)
    _write_json(folder / "datapackage.json", data_package(version, named["as_of"], tables, data, description))
    named["files"] = _listed(file_entries(folder))
    if seal(named) != version:
        raise ReleaseError("A file of the release changed while it was written.")
    _write_json(folder / MANIFEST, named)
    return version


def _write_tables(
    folder: Path,
    tables: Sequence[ReleaseTable],
    manifest: dict[str, Any],
    policy: DisclosurePolicy,
    description: ReleaseDescription,
) -> None:
    """The files that hold tables and do not name the release, whose hashes its id is made of."""
    for kind in ("parquet", "csv", "sav"):
        (folder / kind).mkdir()
    metrics = metrics_in(tables)
    for table in tables:
        own = metrics.get(table.name, ())
        write_parquet(table, folder / "parquet" / f"{table.name}.parquet", own, description, policy.version)
        write_csv(table, folder / "csv" / f"{table.name}.csv")
        if has_sav(table):
            write_sav(table, folder / "sav" / f"{table.name}.sav", own)
    write_database(tables, folder / "tfc.duckdb", manifest, load_questions())


def _listed(files: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"path": path, **entry} for path, entry in sorted(files.items())]


def _write_json(target: Path, value: Any) -> None:
    write_bytes(target, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n", 0o644)


def _day(manifest: dict[str, Any]) -> date:
    return date.fromisoformat(manifest["as_of"])


def _cover(manifest: dict[str, Any], description: ReleaseDescription) -> WorkbookCover:
    """The first sheet of the workbook."""
    held = [f"Held: {i['site']}, {i['source']}, since {i['since']}: {i['reason']}" for i in manifest["held"]]
    return WorkbookCover(
        description.title,
        [
            description.description,
            f"Release {manifest['id']}, of the night of {manifest['as_of']}.",
            f"Published by: {description.publisher.name}. Licence: {description.licence.title}",
            f"Disclosure policy: version {manifest['disclosure_policy_version']}.",
        ],
        [
            "A row of a table is one figure: its keys, measure, value, status, and a note where there is one.",
            "The sheet Contents lists the tables. Above each table is explained what is in place of a value.",
            *(held or ["Held: no source; every figure is from the latest return."]),
        ],
    )
