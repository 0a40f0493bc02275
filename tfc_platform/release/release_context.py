"""What a release must know besides its figures, and the part of it that may be published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tfc_platform.contracts.framework import Framework
from tfc_platform.publication.publication_register import Register, TableSpec
from tfc_platform.publication.released_table import ReleaseTable

__all__ = ["Held", "ReleaseContext", "held_note", "public_evidence", "public_held"]


@dataclass(frozen=True)
class Held:
    """A site's source that stays at its last good return. `reason` is a key of the register's `held_reasons`."""

    site: str
    source: str
    since: date
    reason: str


@dataclass(frozen=True)
class ReleaseContext:
    """The night of a release.

    `admitted`: by site, the SHA-256 of each file whose rows count. `evidence`: rows of `schemas.CHECK_RESULT`. `codebook`: the
    instruments' DDI document (`ddi.codebook_document`), none where there is no survey.
    `labels`: what the pages call the codes (`labels.release_labels`); without them they show the codes in words.
    `framework`: links evidence to outcomes; without outcomes a release has no table of evidence.
    `code_lists`: the tables of `code_lists.code_lists`; with them a release has a list of its periods too.
    """

    as_of: date
    code_version: str
    admitted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    evidence: Sequence[Mapping[str, Any]] = ()
    held: Sequence[Held] = ()
    codebook: str | None = None
    labels: Mapping[str, Any] = field(default_factory=dict)
    code_lists: tuple[ReleaseTable, ...] = ()
    framework: Framework = field(default_factory=Framework)


def public_held(context: ReleaseContext, register: Register) -> list[dict[str, str]]:
    """`{site, source, since, reason}` of each held source; the reason is a sentence of the register, nothing else."""
    return [
        {
            "site": held.site,
            "source": held.source,
            "since": held.since.isoformat(),
            "reason": register.public_reason(held.reason),
        }
        for held in sorted(context.held, key=lambda held: (held.site, held.source))
    ]


def held_note(context: ReleaseContext, register: Register, spec: TableSpec, site: str | None) -> str | None:
    """What to say of a site's figures in a table: none where none of its sources is held."""
    holds = [
        f"{held.source} held since {held.since.isoformat()}"
        for held in sorted(context.held, key=lambda held: (held.source, held.site))
        if held.source in spec.sources and (held.site == site or held.site in register.shared_senders)
    ]
    return f"From an earlier return: {', '.join(dict.fromkeys(holds))}." if holds else None


def public_evidence(context: ReleaseContext, register: Register) -> list[dict[str, Any]]:
    """The gate's evidence: check, subject, verdict; counts only where the register says that the rows are no people.

    Content hashes stay inside: that of few rows can be guessed from their possible values.
    """
    told = set(register.evidence_counts)
    items = []
    for row in context.evidence:
        item = {
            "check": row["check_id"],
            "place": row["place"],
            "site": row["site"],
            "subject": row["source"],
            "severity": row["severity"],
            "verdict": row["verdict"],
        }
        # What the audit counts are cells and combinations of published tables, which anybody can count there.
        if row["source"] in told or row["place"] == "release":
            item |= {"rows_checked": row["rows_checked"], "rows_failed": row["rows_failed"]}
        items.append(item)
    return sorted(items, key=lambda item: [str(item.get(key, "")) for key in _EVIDENCE_ORDER])


_EVIDENCE_ORDER = ("site", "subject", "place", "check", "verdict", "severity", "rows_checked", "rows_failed")
