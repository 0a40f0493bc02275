"""The programme's framework: goals, outcomes, and what would show a change in them; validated against the other contracts.

`framework.yaml` of further folders adds to it. The marts and the release link evidence to outcomes by it and by nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import Field, model_validator

from tfc_platform.contracts.codebooks import Codebook
from tfc_platform.contracts.parse import read_one
from tfc_platform.contracts.reference import Activity, Site
from tfc_platform.settings import ConfigurationError
from tfc_platform.strict_yaml import StrictModel, file_label

__all__ = ["EvidenceKind", "EvidenceReading", "Framework", "FrameworkTarget", "KnownNames", "Outcome", "read_framework"]

EvidenceKind = Literal["survey_change", "delivery", "story", "learning", "contribution"]
# What each kind of evidence can find. The marts and the release work these out; framework.yaml says how each is read.
FINDINGS: Mapping[EvidenceKind, frozenset[str]] = {
    "survey_change": frozenset(
        {
            *("better", "worse", "no_clear_change", "exploratory", "indicative", "no_interval"),
            *("not_comparable", "not_available"),
        }
    ),
    "delivery": frozenset({"as_designed", "below_design", "length_unknown", "not_delivered"}),
    "story": frozenset({"told"}),
    "learning": frozenset({"noted"}),
    "contribution": frozenset({"strong", "moderate", "weak", "none"}),
}
LINKS = ("activities", "story_domains", "learning_tags")  # keys of the file: what is linked to outcomes


class Goal(StrictModel):
    """What the programme is for."""

    name: str


class Outcome(StrictModel):
    """What should change, and what would show it. The first of `indicators` is the headline."""

    name: str
    statement: str
    goals: tuple[str, ...] = Field(min_length=1)
    indicators: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_once(self) -> Outcome:
        for name in self.indicators:
            if self.indicators.count(name) > 1:
                raise ValueError(f"indicators: {name!r} is given twice")
        return self


class FrameworkTarget(StrictModel):
    """The level that an indicator should reach, and the wave of its baseline; without a site or population for all of them."""

    indicator: str
    baseline_wave: str
    target: float
    site: str | None = None
    population: str | None = None


class EvidenceReading(StrictModel):
    """How a finding of one kind of evidence is read."""

    direction: Literal["for", "against", "neither", "unclear"]
    grade: Literal["measured", "indicative", "recorded", "observed", "argued", "illustrative", "none"]
    limits: str = Field(min_length=1)


class FrameworkFile(StrictModel):
    """One `framework.yaml`."""

    goals: dict[str, Goal] = Field(default_factory=dict)
    sites: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    outcomes: dict[str, Outcome] = Field(default_factory=dict)
    activities: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    story_domains: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    learning_tags: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    targets: tuple[FrameworkTarget, ...] = ()
    evidence: dict[EvidenceKind, dict[str, EvidenceReading]] = Field(default_factory=dict)


@dataclass(frozen=True)
class Framework:
    """The framework of all folders, by code. `links`: by key (`LINKS`) and code the outcomes that it is linked to."""

    goals: Mapping[str, Goal] = field(default_factory=dict)
    sites: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    targets: tuple[FrameworkTarget, ...] = ()
    evidence: Mapping[EvidenceKind, Mapping[str, EvidenceReading]] = field(default_factory=dict)

    def linked(self, key: str, outcome: str) -> tuple[str, ...]:
        """The codes under a key of `LINKS` that are linked to an outcome, in the order of the file."""
        return tuple(code for code, outcomes in self.links.get(key, {}).items() if outcome in outcomes)

    def sites_of(self, outcome: str) -> tuple[str, ...]:
        """The sites that work on a goal of an outcome, in the order of the file."""
        goals = set(self.outcomes[outcome].goals)
        return tuple(site for site, own in self.sites.items() if goals & set(own))

    def reference_rows(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of the lake's tables `ref_outcome`, `ref_outcome_link`, `ref_outcome_target` and `ref_evidence_reading`."""
        return {
            "ref_outcome": [
                {"site": site, "outcome": code, "name": outcome.name, "statement": outcome.statement}
                for code, outcome in self.outcomes.items()
                for site in self.sites_of(code)
            ],
            "ref_outcome_link": [
                *(
                    {"outcome": code, "kind": "indicators", "code": name, "is_headline": number == 0}
                    for code, outcome in self.outcomes.items()
                    for number, name in enumerate(outcome.indicators)
                ),
                *(
                    {"outcome": outcome, "kind": kind, "code": code, "is_headline": False}
                    for kind in LINKS
                    for code, outcomes in self.links.get(kind, {}).items()
                    for outcome in outcomes
                ),
            ],
            "ref_outcome_target": [target.model_dump() for target in self.targets],
            "ref_evidence_reading": [
                {"kind": kind, "finding": finding, **reading.model_dump()}
                for kind, readings in self.evidence.items()
                for finding, reading in readings.items()
            ],
        }


@dataclass(frozen=True)
class KnownNames:
    """What a framework may name. A set that is None is not known tonight, because a contract is in error."""

    sites: Sequence[Site]
    codebooks: Mapping[str, Codebook]
    activities: Sequence[Activity]
    story_domains: Collection[str] | None = None
    learning_tags: Collection[str] | None = None


def read_framework(paths: Iterable[Path], known: KnownNames) -> Framework:
    """The framework of all folders.

    :raises ConfigurationError: naming file and key: a name that is given twice or is nowhere, an outcome without an
        indicator, a goal that no site works on, a target outside its scale, a finding that has no reading.
    """
    parts: dict[str, dict[str, Any]] = {key: {} for key in ("goals", "sites", "outcomes", *LINKS)}
    targets: list[FrameworkTarget] = []
    evidence: dict[EvidenceKind, dict[str, EvidenceReading]] = {}
    for path in paths:
        file, label = read_one(path, FrameworkFile), file_label(path)
        for key, into in parts.items():
            _add(label, key, into, getattr(file, key))
        targets += file.targets
        for kind, readings in file.evidence.items():
            _add(label, f"evidence.{kind}", evidence.setdefault(kind, {}), readings)
    links = {key: parts[key] for key in LINKS if parts[key]}
    framework = Framework(parts["goals"], parts["sites"], parts["outcomes"], links, tuple(targets), evidence)
    _check(framework, known)
    return framework


def _add(label: str, key: str, into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if name in into:
            raise ConfigurationError(f"{label}: {key}: {name!r} is given twice.")
        into[name] = value


def _refuse_unknown(key: str, names: Iterable[str], known: Collection[str], where: str) -> None:
    for name in names:
        if name not in known:
            raise ConfigurationError(f"framework.yaml: {key}: {name!r} is {where}.")


def _check(framework: Framework, known: KnownNames) -> None:
    indicators = {name for book in known.codebooks.values() for name in book.indicators}
    _refuse_unknown("sites", framework.sites, {site.site for site in known.sites}, "in no sites.yaml")
    for site, goals in framework.sites.items():
        _refuse_unknown(f"sites.{site}", goals, framework.goals, "no goal of the framework")
    worked_on = {goal for goals in framework.sites.values() for goal in goals}
    _refuse_unknown("goals", framework.goals, worked_on, "a goal that no site works on")
    for code, outcome in framework.outcomes.items():
        where = f"outcomes.{code}"
        _refuse_unknown(f"{where}.goals", outcome.goals, framework.goals, "no goal of the framework")
        _refuse_unknown(f"{where}.indicators", outcome.indicators, indicators, "an indicator of no codebook")
    names: dict[str, tuple[Collection[str] | None, str]] = {
        "activities": ({item.activity for item in known.activities}, "in no activities.csv"),
        "story_domains": (known.story_domains, "a domain of no story contract"),
        "learning_tags": (known.learning_tags, "a tag of no learning contract"),
    }
    for key, (codes, nowhere) in names.items():
        if codes is not None:
            _refuse_unknown(key, framework.links.get(key, {}), codes, nowhere)
        for code, outcomes in framework.links.get(key, {}).items():
            _refuse_unknown(f"{key}.{code}", outcomes, framework.outcomes, "no outcome of the framework")
    _check_targets(framework, known)
    for kind in get_args(EvidenceKind) if framework.outcomes else ():
        readings = framework.evidence.get(kind, {})
        _refuse_unknown(f"evidence.{kind}", readings, FINDINGS[kind], "a finding that nothing works out")
        _refuse_unknown(f"evidence.{kind}", sorted(FINDINGS[kind]), readings, "a finding without a reading")


def _check_targets(framework: Framework, known: KnownNames) -> None:
    shown = {name for outcome in framework.outcomes.values() for name in outcome.indicators}
    _refuse_unknown("targets", (item.indicator for item in framework.targets), shown, "an indicator of no outcome")
    sites = {site.site for site in known.sites}
    _refuse_unknown("targets", (item.site for item in framework.targets if item.site), sites, "in no sites.yaml")
    for target in framework.targets:
        for book in known.codebooks.values():
            scale = book.scales.get(target.indicator)
            lowest, highest = scale.range if scale is not None else (0, 100)
            if target.indicator in book.indicators and not lowest <= target.target <= highest:
                raise ConfigurationError(
                    f"framework.yaml: targets: the target of {target.indicator!r} is outside {lowest:g} to {highest:g}."
                )
