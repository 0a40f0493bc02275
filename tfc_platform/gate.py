"""The gate: a pure verdict over evidence, which fails closed. Nothing here reads a file or a clock.

A reason names the check, the site and the table, and no value of a row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tfc_platform.check.digest import ALL_SITES, TableStates, combined
from tfc_platform.check.evidence import Evidence, EvidenceKey, EvidencePlace, Severity, effect_of
from tfc_platform.check.expected_rows import AdmittedRows, are_rows_expected, sites_of
from tfc_platform.check.from_dbt import DbtTest
from tfc_platform.check.reconcile import SEVERITY, Reconciliation
from tfc_platform.check.suites import Suite

__all__ = ["OWN_EVIDENCE", "GateVerdict", "Required", "Subject", "judge", "required_for", "sites_to_hold", "subjects"]

# The mart that shows the evidence cannot be judged before the evidence is complete. Publishing copies it from there.
OWN_EVIDENCE = "mart_data_quality"

# A table (`schema.name`) and a site, or `all`: what can be judged and published as one.
Subject = tuple[str, str]


@dataclass(frozen=True)
class Required:
    """A check that must have judged the rows of `site` in `relations`, as they are about to be published."""

    check_id: str
    place: EvidencePlace
    site: str
    source: str
    severity: Severity
    rows_expected: bool
    relations: tuple[str, ...]

    @property
    def key(self) -> EvidenceKey:
        return (self.check_id, self.place, self.site, self.source)

    @property
    def name(self) -> str:
        return _name(self.key)


@dataclass(frozen=True)
class GateVerdict:
    """Whether to publish; if not, why, in sentences; and the sites whose own rows fail, with the checks."""

    open: bool
    reasons: tuple[str, ...]
    held_sites: Mapping[str, tuple[str, ...]]


def required_for(
    suites: Iterable[Suite],
    admitted: AdmittedRows,
    dbt_tests: Iterable[DbtTest],
    reconciliations: Iterable[Reconciliation],
) -> tuple[Required, ...]:
    """Everything that must have been judged tonight, from the suites, the admitted rows and dbt's manifest.

    A rule sees rows where admission counts some of its source's record for the site. Tables that are made from them may
    be empty (a survey without a readable answer has no indicator): reconciliation compares those with the lake.
    """
    of_suites = [
        Required(
            check_id=rule.id,
            place=suite.place,
            site=site,
            source=suite.subject,
            severity=rule.severity,
            rows_expected=suite.place == "source"
            and suite.record is not None
            and are_rows_expected(admitted, suite.record, site),
            relations=(suite.relation,),
        )
        for suite in suites
        for site in sites_of(admitted, suite.record)
        for rule in suite.expectations
    ]
    of_sums = [
        Required(
            check_id=rule.id,
            place="reconciliation",
            site=site,
            source=rule.source,
            severity=SEVERITY,
            rows_expected=rule.rows_expected(admitted, site),
            relations=rule.relations,
        )
        for rule in reconciliations
        for site in rule.sites(admitted)
    ]
    of_dbt = [
        Required(test.name, "dbt", ALL_SITES, test.source, test.severity, False, test.relations) for test in dbt_tests
    ]
    return (*of_suites, *of_sums, *of_dbt)


def subjects(required: Iterable[Required], states: TableStates, published: Iterable[str]) -> dict[Subject, str]:
    """The digests, as they are now, of all that the required checks judge and of every site's rows in `published`.

    `published` are the tables about to be published (`marts.mart_reach`), without `OWN_EVIDENCE`; `states` those of the
    copy that is to be published, for the tables that it holds.
    """
    wanted = {(relation, item.site) for item in required for relation in item.relations}
    wanted |= {(relation, site) for relation in published for site in _parts(states, relation)}
    return {(relation, site): states.digest((relation,), site) for relation, site in sorted(wanted)}


def _parts(states: TableStates, relation: str) -> tuple[str, ...]:
    """The sites of a table about to be published; the whole where it has no sites, or cannot be read at all."""
    state = states.get(relation)
    return states.sites(relation) or (() if state is not None and not state.rows else (ALL_SITES,))


def judge(
    required: Sequence[Required], evidence: Sequence[Evidence], about_to_publish: Mapping[Subject, str]
) -> GateVerdict:
    """Open only if every required check ran, on what is about to be published, and none of severity error failed.

    Closed as well by evidence of a check that is not required, by two results that contradict each other, and by rows
    in a mart that no required check has judged. A check of severity warn may fail; it may not break or be missing.
    """
    by_key: dict[EvidenceKey, set[Evidence]] = defaultdict(set)
    for result in evidence:
        by_key[result.key].add(result)
    asked = {item.key for item in required}
    reasons = [] if required else ["No check is required, so nothing would have been judged."]
    for item in required:
        reasons += _faults_of(item, by_key.get(item.key, set()), about_to_publish)
    reasons += [f"{_name(key)} is not among the required checks." for key in sorted(set(by_key) - asked)]
    reasons += _unjudged(required, about_to_publish)
    return GateVerdict(not reasons, tuple(dict.fromkeys(reasons)), sites_to_hold(evidence))


def _faults_of(item: Required, results: set[Evidence], about_to_publish: Mapping[Subject, str]) -> list[str]:
    """Why this check closes the gate; nothing where it does not."""
    if not results:
        return [f"{item.name} never ran."]
    if len(results) > 1:
        return [f"{item.name} has {len(results)} results that contradict each other."]
    (result,) = results
    if result.verdict == "broken":
        return [f"{item.name} could not be judged: the check itself broke."]
    reasons = []
    digests = [about_to_publish.get((relation, item.site), "") for relation in item.relations]
    if not all(digests) or not digests:
        reasons.append(f"{item.name}: it is not known what is to be published of {_tables(item.relations)}.")
    elif result.content_hash != combined(digests):
        reasons.append(f"{item.name} judged other data than what is to be published.")
    if item.rows_expected and result.rows_checked == 0:
        reasons.append(f"{item.name} saw no rows where rows are expected.")
    # The stricter of the two counts: a result cannot talk its own check down.
    if result.verdict == "failed" and "error" in (item.severity, result.severity):
        # No count: a reason goes to the console and to alarms, and a rule may be about a few of a site's rows.
        reasons.append(f"{item.name} failed.")
    return reasons


def _unjudged(required: Iterable[Required], about_to_publish: Mapping[Subject, str]) -> list[str]:
    judged = {(relation, item.site) for item in required for relation in item.relations}
    return [
        f"The rows of {_whose(site)} in {relation} were judged by no check."
        for relation, site in sorted(about_to_publish)
        if not {(relation, site), (relation, ALL_SITES)} & judged
    ]


def sites_to_hold(evidence: Iterable[Evidence]) -> dict[str, tuple[str, ...]]:
    """The sites whose own rows fail a rule of severity error, with the checks: their latest returns are to be held.

    A check that broke, a sum that does not hold and a table as a whole are no site's fault and hold nobody.
    """
    held: dict[str, set[str]] = defaultdict(set)
    for item in evidence:
        # Worked out anew: the effect in a piece of evidence is for readers.
        if effect_of(item.verdict, item.severity, item.place, item.site) == "holds_site":
            held[item.site].add(item.check_id)
    return {site: tuple(sorted(checks)) for site, checks in sorted(held.items())}


def _name(key: EvidenceKey) -> str:
    check_id, place, site, source = key
    return f"Check {check_id} ({place}) of {source} for {_whose(site)}"


def _whose(site: str) -> str:
    return "all sites" if site == ALL_SITES else site or "no site"


def _tables(relations: Sequence[str]) -> str:
    return " and ".join(dict.fromkeys(relations))
