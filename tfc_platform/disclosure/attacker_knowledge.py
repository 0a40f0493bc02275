"""What a reader knows of each kind of figure that a release holds: the table from which the audit's constraints are made.

A figure of a kind that has no line here cannot be released. Docs: docs/disclosure.md, "What a reader knows".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tfc_platform.publication.publication_register import CountTable, PersonMeasure, PersonTable
from tfc_platform.publication.released_table import ReleaseError

__all__ = ["KNOWLEDGE", "NIGHTLY", "Constraint", "Knowledge", "knowledge_of", "require_knowledge", "require_units"]

NIGHTLY = "nightly"


class Constraint(StrEnum):
    """How a figure bounds the people behind it. The audit has one piece of code for each of the first six."""

    COUNT = "count"  # shown: as far as rounding goes, and no fewer than the threshold; hidden: fewer than the threshold
    COUNT_BESIDE = "count beside"  # shown: as a count; hidden with the count beside it, whatever its own value
    HEADS = (
        "heads"  # shown: as a count, with one large session in it; hidden with enough sessions: each of them is small
    )
    SESSIONS = "sessions"  # exact: where no session is, nobody is
    ANSWERS = "answers"  # shown: numerator and base exactly
    MOVES = "moves"  # shown: who improved, stayed and got worse, and both waves' bases, exactly
    FOLLOWS = "follows"  # worked out from published figures: tells nothing that they do not
    NO_PEOPLE = "no people"  # counts nobody


@dataclass(frozen=True)
class Knowledge:
    """One line: the constraint, and why it is all that the figure tells."""

    constraint: Constraint
    why: str


# By the table's rule in the register (of tables that are not about people: `nightly`) and the kind of figure: of counts what the
# measure `counts` or where it comes from, of estimates the measure, of nightly tables the unit.
KNOWLEDGE = {
    ("persons", "first"): Knowledge(Constraint.COUNT, "R4: rounded, or fewer than ten."),
    ("persons", "persons"): Knowledge(Constraint.COUNT_BESIDE, "Rounded; hidden with the first measure."),
    ("persons", "with_persons"): Knowledge(Constraint.NO_PEOPLE, "Hours: rounded and hidden with the count."),
    ("persons", "sessions"): Knowledge(Constraint.SESSIONS, "Sessions of groups are exact."),
    ("head_count", "first"): Knowledge(Constraint.HEADS, "R5: rounded; three sessions and one of ten, or hidden."),
    ("head_count", "persons"): Knowledge(Constraint.COUNT_BESIDE, "No less than the first; hidden with it."),
    ("head_count", "with_persons"): Knowledge(Constraint.NO_PEOPLE, "Hours: rounded and hidden with the count."),
    ("head_count", "sessions"): Knowledge(Constraint.SESSIONS, "Sessions of groups are exact."),
    **{
        (rule, kind): knowledge
        for rule in ("persons", "head_count")
        for kind, knowledge in {
            "code": Knowledge(Constraint.NO_PEOPLE, "Official statistics of all who live there."),
            "per_1000_of": Knowledge(Constraint.FOLLOWS, "The published count over official statistics."),
        }.items()
    },
    ("outcome", "n"): Knowledge(Constraint.ANSWERS, "Rounded; taken as known exactly."),
    ("outcome", "estimate"): Knowledge(
        Constraint.ANSWERS, "A whole percentage; its numerator is taken as known exactly."
    ),
    ("outcome", "ci_low"): Knowledge(Constraint.FOLLOWS, "About the published percentage, not about the exact one."),
    ("outcome", "ci_high"): Knowledge(Constraint.FOLLOWS, "About the published percentage, not about the exact one."),
    ("change", "difference"): Knowledge(Constraint.MOVES, "Both waves' counts are taken as known exactly."),
    ("change", "n_from"): Knowledge(Constraint.MOVES, "The earlier wave's base, of a panel as of other samples."),
    ("change", "n_to"): Knowledge(Constraint.MOVES, "The later wave's base."),
    ("change", "n_pairs"): Knowledge(
        Constraint.MOVES, "Improved, same and worse add up to it; hidden, each is what R8 asks for at least."
    ),
    **{
        ("change", name): Knowledge(Constraint.FOLLOWS, "Both waves' counts, taken as known, give it.")
        for name in ("ci_low", "ci_high", "effect_size", "p_adjusted", "smallest_change")
    },
    **{
        ("trend", name): Knowledge(
            Constraint.FOLLOWS, "Of the waves' own figures: each is in the release, and taken as known."
        )
        for name in ("rise", "rise_low", "rise_high", "p_adjusted", "smallest_rise", "n_smallest")
    },
    ("trend", "waves"): Knowledge(Constraint.NO_PEOPLE, "How many surveys there were."),
    (NIGHTLY, "sessions"): Knowledge(Constraint.SESSIONS, "Of groups; by month they add up to those of the quarter."),
    (NIGHTLY, "hours"): Knowledge(Constraint.NO_PEOPLE, "Hours of groups, whoever came."),
    (NIGHTLY, "share"): Knowledge(Constraint.FOLLOWS, "Of numbers of sessions, which are exact."),
    (NIGHTLY, "ratio"): Knowledge(Constraint.FOLLOWS, "Of hours given and hours designed."),
    (NIGHTLY, "rate"): Knowledge(Constraint.FOLLOWS, "A published count over official statistics."),
    (NIGHTLY, "percent"): Knowledge(Constraint.FOLLOWS, "Of counts of sessions or items beside it."),
    (NIGHTLY, "partners"): Knowledge(Constraint.NO_PEOPLE, "Organisations that were at sessions of groups."),
    (NIGHTLY, "days"): Knowledge(Constraint.NO_PEOPLE, "Between two steps of a learning item."),
    (NIGHTLY, "learning_items"): Knowledge(Constraint.NO_PEOPLE, "What a team noticed."),
    (NIGHTLY, "files"): Knowledge(Constraint.NO_PEOPLE, "Returns, by the calendar."),
    (NIGHTLY, "yes_no"): Knowledge(Constraint.NO_PEOPLE, "A state of a check, a source or a target."),
    (NIGHTLY, "residents"): Knowledge(Constraint.NO_PEOPLE, "Official statistics of all who live there."),
    (NIGHTLY, "target"): Knowledge(Constraint.NO_PEOPLE, "Set before any data came."),
}
_ESTIMATES = {
    "outcome": ("n", "estimate", "ci_low", "ci_high"),
    "change": (
        "difference",
        "ci_low",
        "ci_high",
        "effect_size",
        "p_adjusted",
        "n_from",
        "n_to",
        "n_pairs",
        "smallest_change",
    ),
    "trend": ("rise", "rise_low", "rise_high", "p_adjusted", "smallest_rise", "waves", "n_smallest"),
}


def knowledge_of(table: str, rule: str, kind: str) -> Knowledge:
    """The line of one kind of figure.

    :raises ReleaseError: where there is none: it is not known what the figure tells.
    """
    knowledge = KNOWLEDGE.get((rule, kind))
    if knowledge is None:
        raise ReleaseError(f"It is not written down what a reader learns from {kind} of table {table}.")
    return knowledge


def kind_of(spec: CountTable, measure: PersonMeasure) -> str:
    """The kind of figure that a measure of counts is."""
    if measure.column is None:
        return "code" if measure.code is not None else "per_1000_of"
    return "first" if measure is spec.measures[0] else measure.counts


def require_knowledge(spec: PersonTable, measures: Iterable[str]) -> None:
    """Every measure that a released table about people has must have a line.

    :raises ReleaseError: naming table and measure.
    """
    if isinstance(spec, CountTable):
        kinds = {measure.name: kind_of(spec, measure) for measure in spec.measures}
    else:
        kinds = {name: name for name in _ESTIMATES[spec.rule]}
    for measure in measures:
        knowledge_of(spec.table, spec.rule, kinds.get(measure, measure))


def require_units(units: Iterable[tuple[str, str]]) -> None:
    """Every unit of a table that is not about people must have a line; pairs of table and unit.

    :raises ReleaseError: naming table and unit.
    """
    for table, unit in units:
        knowledge_of(table, NIGHTLY, unit)
