"""The rules for one row of an analyst's output: R0, R2, R4, R5 and R7 for the rows of a mart that it sums over.

What is about people in each mart is written down here. Of a mart that is not here a person has to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tfc_platform.disclosure import cell_rules
from tfc_platform.disclosure.policy import DisclosurePolicy

__all__ = ["CHECKED_MARTS", "SAFE", "CheckedMart", "Judgement", "OutputVerdict", "judge_parts", "worst"]

Part = Mapping[str, Any]


class OutputVerdict(StrEnum):
    """What is to be done with a figure; the worst is last."""

    SAFE = "safe"
    REVIEW = "review"
    WITHHOLD = "withhold"


@dataclass(frozen=True)
class Judgement:
    """A verdict with its reasons."""

    verdict: OutputVerdict
    reasons: tuple[str, ...] = ()


SAFE = Judgement(OutputVerdict.SAFE)


def worst(*judgements: Judgement) -> Judgement:
    """The worst of some verdicts, with the reasons of all."""
    order = list(OutputVerdict)
    verdict = max((each.verdict for each in judgements), key=order.index)
    return Judgement(verdict, tuple(dict.fromkeys(reason for each in judgements for reason in each.reasons)))


@dataclass(frozen=True)
class CheckedMart:
    """`keys` say where something belongs and count nobody; `counts` are judged; `of_groups` count nobody where an activity is
    of groups. Any other column is a person's to judge."""

    keys: frozenset[str]
    counts: frozenset[str] = frozenset()
    of_groups: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SURVEY = "site population wave indicator measure"
CHECKED_MARTS: Mapping[str, CheckedMart] = {
    "mart_reach_cell": CheckedMart(
        _names("site quarter reporting_year activity area small_area_code audience_unit tier"),
        _names("attendances_low attendances_high"),
        _names("sessions sessions_unknown sessions_cancelled hours sessions_with_hours"),
    ),
    "mart_story_cell": CheckedMart(_names("site quarter reporting_year change_domain teller_role"), _names("stories")),
    "mart_outcome_cell": CheckedMart(_names(f"{_SURVEY} area sector"), _names("n positive")),
    "mart_outcome_indicator": CheckedMart(
        _names(f"{_SURVEY} breakdown breakdown_value ci_method weighted weight_status instrument"),
        _names("n n_eff estimate se ci_low ci_high n_clusters n_known_clusters n_strata df"),
    ),
    # What counts nobody.
    "mart_expected_return": CheckedMart(_names("site source return_key due_on status")),
    "mart_source_state": CheckedMart(_names("site source is_held held_since held_reason")),
    "mart_learning_action": CheckedMart(
        _names("learning_id site to_site noted_on sent_on received_on adopted_on status days_to_send days_to_adopt")
    ),
}


def judge_parts(mart: str, parts: Sequence[Part], policy: DisclosurePolicy) -> Judgement:
    """What the rules say of the people whom these rows of a mart count together; without what else is known of them."""
    if not parts:
        return Judgement(OutputVerdict.WITHHOLD, ("R4: nobody is counted, which looks like nine.",))
    if mart == "mart_reach_cell":
        return _attendances(parts, policy)
    if mart == "mart_story_cell":
        return _at_least(sum(part["stories"] for part in parts), policy)
    if mart == "mart_outcome_cell":
        return _answers(parts, policy)
    if mart == "mart_outcome_indicator":
        return _estimate(parts, policy)
    return Judgement(OutputVerdict.SAFE)


def _at_least(people: float, policy: DisclosurePolicy) -> Judgement:
    if cell_rules.enough_people(people, policy):
        return Judgement(OutputVerdict.SAFE)
    return Judgement(OutputVerdict.WITHHOLD, (f"R4: fewer than {policy.threshold_persons} people.",))


def _attendances(parts: Sequence[Part], policy: DisclosurePolicy) -> Judgement:
    """R5 of groups; R4 of casework, where a session is one person's. Both together are no figure of either."""
    units = {part["audience_unit"] for part in parts}
    if units != {"group"}:
        if "group" in units:
            return Judgement(OutputVerdict.WITHHOLD, ("R5: sessions of groups and of single people are added up.",))
        return _at_least(sum(part["sessions"] for part in parts), policy)
    limits = policy.head_count
    largest = max((part["largest_session"] or 0 for part in parts), default=0)
    if cell_rules.enough_heads(sum(part["sessions"] for part in parts), largest, policy):
        return Judgement(OutputVerdict.SAFE)
    reason = f"R5: fewer than {limits.sessions} sessions, or no session of {limits.largest_session} people."
    return Judgement(OutputVerdict.WITHHOLD, (reason,))


def _answers(parts: Sequence[Part], policy: DisclosurePolicy) -> Judgement:
    """R7. Clusters of two cells can be the same ones: there are at least as many as in one of them."""
    if len({(part["indicator"], part["measure"]) for part in parts}) > 1:
        return Judgement(OutputVerdict.REVIEW, ("Answers to several questions are added up: these are no people.",))
    base = sum(part["n"] for part in parts)
    is_share = str(parts[0]["measure"]).startswith("percent")
    positive = sum(part["positive"] or 0 for part in parts) if is_share else None
    clusters = max(part["n_clusters"] or 0 for part in parts)
    return _respondents(base, positive, clusters, None, policy)


def _estimate(parts: Sequence[Part], policy: DisclosurePolicy) -> Judgement:
    if len(parts) > 1:
        return Judgement(OutputVerdict.REVIEW, ("Estimates are added up: use mart_outcome_cell.",))
    (part,) = parts
    is_share = str(part["measure"]).startswith("percent") and part["estimate"] is not None
    # Of a weighted percentage the number that answered so is not here: the audit has it from the snapshot.
    positive = round(part["estimate"] * part["n"] / 100) if is_share else None
    return _respondents(part["n"], positive, part["n_known_clusters"] or 0, part["n_eff"], policy)


def _respondents(
    base: int, positive: int | None, clusters: int, effective: float | None, policy: DisclosurePolicy
) -> Judgement:
    limits, reasons = policy.survey, []
    if base < limits.base:
        reasons.append(f"R7: fewer than {limits.base} answers.")
    if effective is not None and effective < limits.base <= base:
        reasons.append(f"R7: dominance: the answers count as fewer than {limits.base} in effect.")
    if clusters < limits.clusters:
        reasons.append(f"R7: dominance: fewer than {limits.clusters} clusters.")
    if positive is not None and min(positive, base - positive) < limits.part:
        reasons.append(f"R7: fewer than {limits.part} on one side.")
    return Judgement(OutputVerdict.WITHHOLD if reasons else OutputVerdict.SAFE, tuple(reasons))
