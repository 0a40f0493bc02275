"""The middle of a night: admit, build, check; hold a site's latest returns where its rows break a rule, and build again.

Everything that a later step needs is in files: the record of the build, its evidence, and the note that it was published.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from tfc_platform import __version__
from tfc_platform.admission.admission_tables import write_tables
from tfc_platform.admission.admit import Night
from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.kept_admission import kept_admission
from tfc_platform.admission.published_readings import readings_of
from tfc_platform.admission.rows_used_once import prune_used_once
from tfc_platform.atomic_io import canonical_json, sha256_text, write_json
from tfc_platform.build import dbt, lake_views, last_build, manifest
from tfc_platform.build.last_build import LastBuild
from tfc_platform.check import reconcile as reconciling
from tfc_platform.check.digest import ALL_SITES, TableStates, few_threads
from tfc_platform.check.evidence import Evidence, evidence_file, merge, write_evidence
from tfc_platform.check.expected_rows import SURVEY_RECORDS, admitted_rows
from tfc_platform.check.from_dbt import DbtTest, data_tests, evidence_from_dbt
from tfc_platform.check.gx_runner import run_suites
from tfc_platform.check.reconciliation_rules import RECONCILIATIONS
from tfc_platform.check.row_losses import note_rows
from tfc_platform.check.suites import SUITES, Suite, load_suites
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.gate import OWN_EVIDENCE, Required, required_for, sites_to_hold
from tfc_platform.ingest.intake import Intake
from tfc_platform.night_record import read_record
from tfc_platform.settings import PROJECT, ConfigurationError, Places, Settings

__all__ = [
    "DBT_PROJECT",
    "BuildEndedError",
    "Rules",
    "Tonight",
    "build_some",
    "build_tonight",
    "contents_to_hold",
    "current_night",
    "is_done",
    "judge_now",
    "lake_versions",
    "mark_done",
    "note_receipts",
    "read_build",
    "run_tests",
    "unchanged_until",
]

DBT_PROJECT = PROJECT / "dbt_project"
PACKAGES = ("duckdb", "great-expectations", "pandas", "scipy")  # beside dbt's own: they work out figures and digests
SENTENCES = ("held_reason", "contract_reason")  # they count rows and files
MOST_REBUILDS = 5  # the last of them is without everything of a site whose rows still fail
Say = Callable[[str], None]


@dataclass(frozen=True)
class Rules:
    """What the marts are judged by, loaded once a night."""

    suites: tuple[Suite, ...]
    dbt_tests: tuple[DbtTest, ...]
    digest: str  # of the suites, sums, dbt project, code, and the packages that build and judge
    dbt_manifest: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(cls, dbt_manifest: Mapping[str, Any], target: str, suites: tuple[Suite, ...] | None = None) -> Rules:
        """:param suites: those of `expectations/`, where the caller has just read them."""
        texts = [path.read_text(encoding="utf-8") for path in sorted(SUITES.glob("*.yaml"))]
        packages = [f"{name} {version(name)}" for name in PACKAGES]
        sums = [(rule.id, rule.sql) for rule in RECONCILIATIONS]
        parts = [*texts, manifest.project_digest(DBT_PROJECT, target), __version__, *packages, _code_digest(), sums]
        tests = data_tests(dbt_manifest, without=(OWN_EVIDENCE,))
        return cls(suites or load_suites(), tests, sha256_text(canonical_json(parts)), dbt_manifest)


def _code_digest() -> str:
    """Of what comes after admission: a night is done again where it has changed."""
    package = Path(__file__).resolve().parent
    rooms = ("build", "check", "disclosure", "pages", "publication", "release")
    kinds = (".py", ".j2", ".css", ".yaml")  # templates and words of the pages are code of a release as well
    sources = sorted(path for room in rooms for path in (package / room).rglob("*") if path.suffix in kinds)
    sources += [
        package / name
        for name in ("gate.py", "pipeline.py", "research.py", "schemas.py", "strict_yaml.py", "versions.py")
    ]
    return sha256_text("\0".join(path.read_text(encoding="utf-8") for path in sources))


class BuildEndedError(ConfigurationError):
    """dbt ended without its results: not by the data, but by the machine that it runs on."""


@dataclass(frozen=True)
class Tonight:
    """What was built and judged."""

    night: Night
    build_id: str
    result: dbt.BuildResult
    evidence: tuple[Evidence, ...]
    required: tuple[Required, ...]
    tables: Mapping[str, str]  # a digest of the rows of each table that was built


def _holds_folder(places: Places) -> Path:
    return places.lake / "holds"


def _read_holds(places: Places, rules: Rules) -> dict[str, ContentHold]:
    """Holds by content; those that other rules led to are judged anew."""
    found = {}
    for path in sorted(_holds_folder(places).glob("*.json")):
        values = _read_json(path)
        if values is not None and values.get("rules") == rules.digest:
            found[values["sha256"]] = ContentHold(values["reason"])
    return found


def _sources_of(catalogue: Catalogue, site: str, record: str | None) -> set[str]:
    """A site's sources that give a record; for no record, all of them."""
    own = {source: catalogue.contract(site, source).record for sender, source in catalogue.sources if sender == site}
    return {source for source, given in own.items() if record is None or record in SURVEY_RECORDS.get(given, (given,))}


def contents_to_hold(
    night: Night, suites: Iterable[Suite], catalogue: Catalogue, evidence: Iterable[Evidence], *, every_night: bool
) -> dict[str, ContentHold]:
    """For each error rule that a site's rows fail, the latest contents of the sources that the failing table comes from.

    :param every_night: hold what the site sent on any night, and not only on the latest: its rows still fail without
        that, and would close the gate for all sites.
    """
    about = {rule.id: (suite, rule) for suite in suites for rule in suite.expectations}
    broken: dict[str, list[str]] = {}  # the rules that each content breaks
    for site, checks in sites_to_hold(evidence).items():
        for suite, rule in (about[check] for check in checks if check in about):
            sources = _sources_of(catalogue, site, suite.record)
            contents = night.counted_contents(site, sources) if every_night else night.latest_contents(site, sources)
            for sha256 in contents:
                broken.setdefault(sha256, []).append(rule.description.rstrip("."))
    reason = "Its rows break a rule that every published figure keeps: {}. Correct them and send it again."
    return {sha256: ContentHold(reason.format("; ".join(rules))) for sha256, rules in broken.items()}


def _keep_holds(places: Places, rules: Rules, holds: Mapping[str, ContentHold]) -> None:
    for sha256, hold in holds.items():
        values = {"sha256": sha256, "reason": hold.reason, "rules": rules.digest}
        write_json(_holds_folder(places) / f"{sha256}.json", values)


def _contracted(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(site, catalogue.contract(site, source).record) for site, source in catalogue.sources]


@dataclass(frozen=True)
class _Judged:
    evidence: tuple[Evidence, ...]
    required: tuple[Required, ...]
    tables: Mapping[str, str]


def _judge(intake: Intake, rules: Rules, result: dbt.BuildResult) -> _Judged:
    with duckdb.connect(str(intake.settings.places.warehouse_file), read_only=True) as con:
        few_threads(con, intake.settings.places.warehouse_file)
        states = TableStates(con)
        admitted = admitted_rows(con, _contracted(intake.catalogue))
        evidence = merge(
            run_suites(con, rules.suites, admitted, intake.settings.as_of, states),
            reconciling.reconcile(con, RECONCILIATIONS, admitted, states),
            evidence_from_dbt(rules.dbt_tests, result.nodes, states),
        )
        nodes = rules.dbt_manifest["nodes"]
        built = [
            node.relation
            for node in result.models
            if node.relation and nodes[node.unique_id]["config"]["materialized"] != "view"
        ]
        tables = {relation: states.digest((relation,), ALL_SITES) for relation in built}
        return _Judged(evidence, required_for(rules.suites, admitted, rules.dbt_tests, RECONCILIATIONS), tables)


def build_id_of(night: Night, rules: Rules) -> str:
    return sha256_text(f"{night.fingerprint}|{rules.digest}")[:20]


def build_tonight(intake: Intake, rules: Rules, say: Say = lambda _: None) -> Tonight:
    """Admit, build the marts, judge them; where one site's rows fail an error rule, hold its latest returns and do it again.

    Where the warehouse holds a finished build of the same rules, dbt builds only what reads a changed table of the lake;
    after a hold, or where anything is in doubt, it builds everything. Every test, suite and sum is judged in both cases.

    :param say: told what is being done; it gets names and counts.
    """
    settings, places = intake.settings, intake.settings.places
    holds = _read_holds(places, rules)
    for attempt in range(MOST_REBUILDS):
        night = kept_admission(intake, holds)
        build_id = build_id_of(night, rules)
        before = None if attempt else last_build.read(places)
        is_kept = before is not None and before.can_be_built_upon(places, rules.digest)
        last_build.delete(places)  # before anything is touched that the warehouse is made of
        if not attempt and (before is None or not before.is_in(places)):
            last_build.delete_warehouse(places)  # what a killed build or a fault left may not even open
        files = night.files(places) | write_tables(night, intake.catalogue, places)
        inputs = last_build.input_digests(files, places)
        select = last_build.selectors(before.changed(inputs)) if before is not None and is_kept else None
        # The mart of check results is a view over this file, which is filled once the checks have run.
        files["check_result"] = [write_evidence(places, build_id, ())]
        lake_views.make_views(places.warehouse_file, files)
        say("building the marts" if not attempt else "building the marts again, without what is held")
        result = _build_models(places, settings.target, select)
        say("checking them")
        judged = _judge(intake, rules, result)
        fresh = contents_to_hold(
            night, rules.suites, intake.catalogue, judged.evidence, every_night=attempt == MOST_REBUILDS - 2
        )
        if not fresh:
            break
        _keep_holds(places, rules, fresh)
        holds |= fresh
    write_evidence(places, build_id, judged.evidence)
    write_json(
        places.evidence / build_id / "build.json",
        {
            "build_id": build_id,
            "dbt_success": result.success,
            "required": [asdict(item) for item in judged.required],
            "admitted": sorted((item.site, item.source, item.sha256) for item in night.admitted),
            # Without the sentence to the site, which counts rows of one file.
            "held": [{k: v for k, v in asdict(state).items() if k not in SENTENCES} for state in night.held],
        },
    )
    _note_rows(places, build_id, night)
    warehouse = last_build.warehouse_digest(places)
    last_build.write(places, LastBuild(build_id, rules.digest, inputs, warehouse, result.success))
    prune_used_once(night.receipts.values(), places)
    return Tonight(night, build_id, result, judged.evidence, judged.required, judged.tables)


def _build_models(places: Places, target: str, select: Sequence[str] | None) -> dbt.BuildResult:
    """Build, and see that the disk has all of it.

    :raises BuildEndedError: where dbt ended before it could say what it built.
    :raises duckdb.Error: where the disk does not take the warehouse.
    """
    result = dbt.build(places, DBT_PROJECT, select=select, target=target)
    if result.error:
        raise BuildEndedError(
            f"{result.error}. Memory may have run out, or the disk of TFC_HOME refuses to be written to: look at both, "
            "then run the night again."
        )
    last_build.write_back(places)
    return result


def _note_rows(places: Places, build_id: str, night: Night) -> None:
    rows: Counter[str] = Counter()
    for receipt in night.admitted:
        rows[f"{receipt.site}/{receipt.source}"] += receipt.accepted
    explained = {
        f"{item.arrival.site}/{item.arrival.source}"
        for item in night.submissions
        if item.status == "erased" or (item.is_counted and item.acceptance)
    }
    record = read_record(places)
    used = {item.arrival: night.receipts[item.arrival] for item in night.submissions if item.is_counted}
    published = record.build_id if record is not None else None
    note_rows(places, build_id, published, rows, explained, readings_of(used))


def build_some(intake: Intake, rules: Rules, models: Iterable[str]) -> dbt.BuildResult:
    """Build some models, and what they need, over tonight's admission; judge nothing.

    The warehouse is then no finished build: the next night builds all of it, and nothing is published from this one.

    :param models: names of models.
    :raises NotTakenInError: where a file has no receipt under today's contracts.
    """
    places = intake.settings.places
    night = current_night(intake, rules)
    build_id = build_id_of(night, rules)
    last_build.delete(places)
    files = night.files(places) | write_tables(night, intake.catalogue, places)
    file = evidence_file(places, build_id)
    files["check_result"] = [file if file.is_file() else write_evidence(places, build_id, ())]
    lake_views.make_views(places.warehouse_file, files)
    select = [f"+{model}" for model in sorted(models)]
    return _build_models(places, intake.settings.target, select)


def run_tests(settings: Settings) -> tuple[dbt.NodeResult, ...]:
    """Run dbt's data tests on the warehouse as it is, and build nothing."""
    return _build_models(settings.places, settings.target, ["test_type:data"]).tests


def judge_now(intake: Intake, rules: Rules, suites: Sequence[Suite]) -> tuple[Evidence, ...]:
    """Judge the warehouse as it is by some suites and by all reconciliations; nothing is written.

    :raises duckdb.Error: where there is no warehouse.
    """
    with duckdb.connect(str(intake.settings.places.warehouse_file), read_only=True) as con:
        few_threads(con, intake.settings.places.warehouse_file)
        states = TableStates(con)
        admitted = admitted_rows(con, _contracted(intake.catalogue))
        return merge(
            run_suites(con, suites, admitted, intake.settings.as_of, states),
            reconciling.reconcile(con, RECONCILIATIONS, admitted, states),
        )


def lake_versions(night: Night, places: Places) -> dict[str, str]:
    """For each table of admitted records a digest of the files that count tonight, and of what admission says of them."""
    admission = [[asdict(item) for item in night.submissions], [asdict(item) for item in night.states]]
    admission.append([asdict(item) for item in night.expected])
    tables = last_build.input_digests(night.files(places), places)
    return tables | {"admission": sha256_text(canonical_json(admission))}


def unchanged_until(night: Night, catalogue: Catalogue, due: Callable[[date], str], as_of: date) -> date:
    """The first day after `as_of` on which the calendar changes something though nothing has come, at most a year on.

    These are the days on which a return becomes overdue or a further one is expected, and those on which `due` changes.

    :param due: what the calendar asks to be published on a day (`disclosure.protect.due_on`).
    """
    days = [as_of + timedelta(days=366)]
    days += [item.due_on + timedelta(days=1) for item in night.expected if item.status == "not_yet_due"]
    if any(catalogue.contract(*key).expects.monthly_from for key in catalogue.sources):
        days.append(date(as_of.year + as_of.month // 12, as_of.month % 12 + 1, 1))
    last, today, day = max(min(days), as_of + timedelta(days=1)), due(as_of), as_of + timedelta(days=1)
    while day < last and due(day) == today:
        day += timedelta(days=1)
    return day


def read_build(places: Places) -> dict[str, Any] | None:
    """The record of the build that stands in the warehouse, or None where none was ever finished."""
    current = last_build.read(places)
    if current is None or not re.fullmatch(r"[0-9a-f]{20}", current.build_id):
        return None
    return _read_json(places.evidence / current.build_id / "build.json")


def _read_json(file: Path) -> dict[str, Any] | None:
    """None where there is no such file, or it is damaged: the step that wrote it does so again."""
    try:
        values = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def current_night(intake: Intake, rules: Rules) -> Night:
    """Tonight's admission, with the holds that stand from earlier nights."""
    return kept_admission(intake, _read_holds(intake.settings.places, rules))


def is_done(places: Places, night: Night, rules: Rules, due: str) -> bool:
    """Whether these very inputs were built, judged and published before: then there is nothing to do.

    :param due: what the calendar asks for tonight (`protect.night.due_on`): a snapshot locks though nothing has come.
    """
    build = read_build(places)
    if build is None or build["build_id"] != build_id_of(night, rules):
        return False
    published = _read_json(_published_record(places, build["build_id"]))
    if published is None or published.get("due") != due:
        return False
    return all((folder / "current").is_symlink() for folder in (places.research, places.releases))


def mark_done(places: Places, build_id: str, due: str, research: str | None, release: str | None) -> None:
    """Note that a build has been published, or had nothing new to publish, on a day when the calendar asked for `due`."""
    values = {"build_id": build_id, "due": due, "research": research, "release": release}
    write_json(_published_record(places, build_id), values)


def note_receipts(places: Places, build_id: str, sites: Iterable[str]) -> None:
    """Note the sites that have receipts of a build."""
    write_json(evidence_file(places, build_id).with_name("receipts.json"), {"sites": sorted(sites)})


def _published_record(places: Places, build_id: str) -> Path:
    return evidence_file(places, build_id).with_name("published.json")
