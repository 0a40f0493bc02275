"""What a reader reads off survey estimates and changes between waves: numerators and bases, taken as known exactly.

The answers to one question are one universe, and so are the bands of one scale: the last of them is what the others leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from tfc_platform.disclosure.attacker_view import (
    ELSEWHERE,
    AuditCells,
    Paired,
    Published,
    PublishedRow,
    Shared,
    Surveyed,
    flows_of,
    rule_out_unmoved,
    run_codes,
    version_codes,
)
from tfc_platform.disclosure.audit import PublishedCell
from tfc_platform.disclosure.change_tables import COMMON_CLUSTERS, MOVES, change_row
from tfc_platform.disclosure.outcome_tables import domain_of
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.snapshot_set import band_of
from tfc_platform.disclosure.snapshots import Snapshot
from tfc_platform.publication.publication_register import ALL, ChangeTable, OutcomeTable, PersonTable
from tfc_platform.publication.released_table import CellValue, Status

__all__ = ["ANSWER", "BOTH_WAVES", "OTHER", "POSITIVE", "SurveyReader", "surveyed_population"]

ANSWER, POSITIVE, OTHER = "answer", "positive", "other"
NO_BAND = "no band"
BOTH_WAVES = "both waves"


@dataclass(frozen=True)
class _Estimate:
    """A published estimate of one survey's answers: its cell, and how it is published by which rules."""

    snapshot: Snapshot
    indicator: str
    measure: str
    key: tuple[str, tuple[CellValue, ...]]
    status: str
    policy: DisclosurePolicy

    @property
    def is_shown(self) -> bool:
        return self.status == Status.ROUNDED


class SurveyReader:
    """Atoms are a breakdown's codes by the answer, or by the bands of a scale."""

    def __init__(self, cells: AuditCells, snapshots: Mapping[tuple[str, int], Snapshot]) -> None:
        self._cells = cells
        self._by_name = {(s.record, s.site, s.name, s.version): s for s in snapshots.values()}
        self._revised: dict[tuple[str, str], tuple[Snapshot, tuple[frozenset[str], frozenset[str]]]] = {}
        self._versions: dict[str, list[int]] = {}
        for key, version in sorted(snapshots):
            self._versions.setdefault(key, []).append(version)

    def read(self, spec: PersonTable, rows: Iterable[PublishedRow], release: Published) -> None:
        """Add the cells of a table of estimates or of changes."""
        if isinstance(spec, OutcomeTable):
            for row in rows:
                self._add_estimate(spec, row, release)
        elif isinstance(spec, ChangeTable):
            for row in rows:
                if row.figures["difference"][1] == Status.ROUNDED:
                    self._add_change(spec, row, release)

    def _snapshot(self, record: str, site: str, name: str, release: Published) -> Snapshot | None:
        return self._by_name.get((record, site, name, release.versions.get(f"{record}/{site}/{name}", 0)))

    def _add_estimate(self, spec: OutcomeTable, row: PublishedRow, release: Published) -> None:
        site, population, wave, indicator, breakdown, value = map(str, row.keys)
        snapshot = self._snapshot(spec.record, site, f"{population} {wave}", release)
        if snapshot is None:
            return  # not locked: nothing of it is published
        measure = _measure(snapshot, indicator)
        where = {} if breakdown == ALL else {breakdown: frozenset([value])}
        status = row.figures["estimate"][1]
        estimate = _Estimate(snapshot, indicator, measure, (spec.table, row.keys), status, release.policy)
        self._add_answers(estimate, where)

    def _add_change(self, spec: ChangeTable, row: PublishedRow, release: Published) -> None:
        """Of a panel its three directions and both waves' bases, of other samples both waves' numerators and bases.

        Without the number of pairs a reader knows of each direction that R8 asks for so many. Of clusters of both waves their
        bases and the whole ones.
        """
        site, population, indicator, design, *waves = map(str, row.keys)
        earlier, later = (self._snapshot(spec.record, site, f"{population} {wave}", release) for wave in waves)
        frozen = None if later is None else change_row(later, (indicator, design, *waves))
        if earlier is None or later is None or frozen is None:
            return
        key = (spec.table, row.keys)
        if design == "panel":
            paired = Paired((later.id, later.version), (indicator, design, *waves))
            hides_pairs = row.figures["n_pairs"][0] is None
            for move in MOVES:
                count = int(frozen[move])
                bounds: tuple[int, int | None] = (release.policy.panel.part, None) if hides_pairs else (count, count)
                where = {"move": frozenset([move])}
                universe = f"{later.label}|{indicator}|{waves[0]}|pairs"
                self._cells.add(PublishedCell(spec.table, universe, where, *bounds, key), paired)
        if design == COMMON_CLUSTERS:
            for wave, base in ((earlier, "n_from"), (later, "n_to")):
                whole = domain_of(wave, indicator, frozen["measure"], ALL, ALL).base
                shared = Shared((later.id, later.version), (indicator, design, *waves), base, whole)
                self._add_shared(shared, wave, int(frozen[base] or 0), key)
            return
        for wave in (earlier, later):
            estimate = _Estimate(wave, indicator, frozen["measure"], key, Status.ROUNDED, release.policy)
            self._add_answers(estimate, {}, base_only=design != "repeated_cross_section")

    def _add_shared(self, shared: Shared, wave: Snapshot, inside: int, key: tuple[str, tuple[CellValue, ...]]) -> None:
        """A wave's base in the clusters of both waves, and its whole base: what is left was asked in other clusters.

        By itself: whoever is in which cluster is put together with no other code.
        """
        universe = f"{wave.label}|{'|'.join(shared.row)}|clusters"
        for codes, count in (((BOTH_WAVES,), inside), ((BOTH_WAVES, ELSEWHERE), shared.whole)):
            cell = PublishedCell(key[0], universe, {"clusters": frozenset(codes)}, count, count, key)
            self._cells.add(cell, shared)

    # ----------------------------------------------------------------------------------------------------- one survey's answers

    def _add_answers(self, estimate: _Estimate, where: Mapping[str, frozenset[str]], base_only: bool = False) -> None:
        """The cells behind one estimate. One that is hidden bounds nothing, since a reader is not told which of R7's limits it
        missed; of a hidden band beside shown ones it can only be the numerator."""
        snapshot, indicator, measure = estimate.snapshot, estimate.indicator, estimate.measure
        (name, codes), *_ = [*where.items(), (ALL, frozenset([ALL]))]
        (code,) = codes
        domain = domain_of(snapshot, indicator, measure, name, code)
        if where and not domain.base:
            return  # nobody of the code is in the base, which a reader is taken to know
        surveyed, band = surveyed_population(snapshot, indicator, measure)
        universe = f"{snapshot.id}|{surveyed.indicator}"
        others = self._codes(snapshot, surveyed, where)
        parts: list[tuple[Mapping[str, frozenset[str]], int]] = [({}, domain.base)]
        if domain.positive is not None and not base_only:
            chosen = {ANSWER: frozenset([POSITIVE if band is None else band])}
            rest = {ANSWER: frozenset(others[ANSWER]) - chosen[ANSWER]}
            parts = [(chosen, domain.positive), (rest, domain.base - domain.positive)]
        for answer, count in parts:
            within = {**where, **answer}
            part = estimate.policy.survey.part
            is_small_band = band is not None and {band} == set(answer.get(ANSWER, ())) and count < part
            bounds: tuple[int, int | None] = (count, count) if estimate.is_shown else (0, None)
            if is_small_band and estimate.status == Status.SUPPRESSED:
                bounds = (0, part - 1)
            codes_in = {**within, **self._version(snapshot)}
            self._cells.add(PublishedCell(estimate.key[0], universe, codes_in, *bounds, estimate.key), surveyed, others)
            if estimate.is_shown and band is None:
                self._add_flows(estimate, surveyed, within)

    def _codes(
        self, snapshot: Snapshot, surveyed: Surveyed, where: Mapping[str, frozenset[str]]
    ) -> dict[str, tuple[str, ...]]:
        """All codes of a universe: answers or bands, those who are in no code of the breakdown, and versions."""
        codes: dict[str, tuple[str, ...]] = {}
        if surveyed.bands:
            rows = [domain_of(snapshot, name, surveyed.measure, ALL, ALL) for name, _ in surveyed.bands]
            in_bands = sum(domain.positive or 0 for domain in rows)
            left_over = (NO_BAND,) if in_bands < max(domain.base for domain in rows) else ()
            codes[ANSWER] = (*(band for _, band in surveyed.bands), *left_over)
        elif surveyed.measure.startswith("percent"):
            codes[ANSWER] = (POSITIVE, OTHER)
        for name in where:
            listed = {code[name] for code in snapshot.codes.get(name, ())}
            if any(
                row["n"] and row[name] not in listed
                for row in snapshot.frozen["mart_outcome_cell"]
                if (row["indicator"], row["measure"]) == (surveyed.indicator, surveyed.measure)
                or row["indicator"] in dict(surveyed.bands)
            ):
                codes[name] = (ELSEWHERE,)
        return codes

    # ------------------------------------------------------------------------------------------------------------- versions

    def _version(self, snapshot: Snapshot) -> dict[str, frozenset[str]]:
        versions = self._versions[snapshot.id]
        return {} if len(versions) == 1 else {"version": version_codes("", snapshot.version, versions)}

    def _add_flows(self, estimate: _Estimate, surveyed: Surveyed, within: Mapping[str, frozenset[str]]) -> None:
        """Of a revised wave: a cell gained nobody or enough people, and lost nobody or enough (R2)."""
        snapshot = estimate.snapshot
        known, version = self._versions[snapshot.id], snapshot.version
        if version - 1 not in known:
            return
        group = {name: next(iter(codes)) for name, codes in within.items()}
        flows = flows_of(snapshot, {"indicator": surveyed.indicator, "measure": surveyed.measure, **group})
        if flows is None:
            return
        runs = (
            run_codes("", known, lambda first, _: first == version),
            run_codes("", known, lambda _, last: last == version - 1),
        )
        universe, key = f"{snapshot.id}|{surveyed.indicator}", estimate.key
        for count, codes in zip(flows, runs, strict=True):
            if count:
                where = {**within, "version": codes}
                least = estimate.policy.revision.minimum
                self._cells.add(PublishedCell(key[0], universe, where, least, None, key), surveyed)
        self._revised[universe, snapshot.label] = (_of_indicator(snapshot, surveyed), runs)

    def finish(self) -> None:
        """Add what needs all tables: where nobody came or left."""
        for (universe, _), (snapshot, runs) in sorted(self._revised.items()):
            rule_out_unmoved(self._cells, universe, snapshot, {"version": runs})


def _of_indicator(snapshot: Snapshot, surveyed: Surveyed) -> Snapshot:
    """The snapshot with the flows of one indicator."""
    wanted = (surveyed.indicator, surveyed.measure)
    return replace(
        snapshot, flows=[row for row in snapshot.flows or () if (row["indicator"], row["measure"]) == wanted]
    )


def _measure(snapshot: Snapshot, indicator: str) -> str:
    return next(
        str(asked["measure"]) for asked in snapshot.codes.get("indicator", ()) if asked["indicator"] == indicator
    )


def surveyed_population(snapshot: Snapshot, indicator: str, measure: str) -> tuple[Surveyed, str | None]:
    """The universe that an indicator of a survey is in, and of a band which of its codes it is."""
    band = band_of(indicator)
    if band is None or measure != "percent_in_band":
        return Surveyed(snapshot.id, indicator, measure), None
    bands = [
        (str(asked["indicator"]), one[1])
        for asked in snapshot.codes.get("indicator", ())
        if (one := band_of(str(asked["indicator"]))) is not None and one[0] == band[0]
    ]
    return Surveyed(snapshot.id, band[0], measure, tuple(bands)), band[1]
