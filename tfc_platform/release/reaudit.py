"""Audit a release again as an attacker reads it: from its own files, and from all that was published before it."""

from __future__ import annotations

from collections.abc import Sequence

from tfc_platform.disclosure.attacker_view import Problem, Published, problem
from tfc_platform.disclosure.audit import AuditReport
from tfc_platform.disclosure.audit.counterexamples import Twins, find_twins
from tfc_platform.disclosure.audit.joint_audit import audit
from tfc_platform.disclosure.policy import DisclosurePolicy
from tfc_platform.disclosure.published_sets import Archive
from tfc_platform.disclosure.snapshots import Store
from tfc_platform.disclosure.true_counts import true_counts
from tfc_platform.publication.publication_register import PersonTable
from tfc_platform.release.manage import folder_of
from tfc_platform.release.manifest import read_manifest, read_tables
from tfc_platform.settings import Places

__all__ = ["audit_release", "twins_of_release"]


def audit_release(
    places: Places, release: str, register: Sequence[PersonTable], policy: DisclosurePolicy
) -> AuditReport:
    """The joint audit of a release's tables about people, with everything that was ever published beside it.

    :raises ReleaseError: where there is no such release, or it cannot be read.
    """
    whole = _problem(places, release, register, policy)
    limits = policy.audit
    return audit(whole.universes, whole.cells, least_upper=limits.least_upper, largest_guarded=limits.group - 1)


def twins_of_release(places: Places, release: str, register: Sequence[PersonTable], policy: DisclosurePolicy) -> Twins:
    """For each small group another dataset that has all published figures. What it returns is restricted.

    :raises ReleaseError: where there is no such release, or it cannot be read.
    """
    whole = _problem(places, release, register, policy)
    truth = true_counts(whole, Store(places.snapshots).versions())
    limits = policy.audit
    return find_twins(
        whole.universes, whole.cells, truth, least_upper=limits.least_upper, largest_guarded=limits.group - 1
    )


def _problem(places: Places, release: str, register: Sequence[PersonTable], policy: DisclosurePolicy) -> Problem:
    folder = folder_of(places, release)
    manifest = read_manifest(folder)
    names = {spec.table for spec in register}
    tables = [table for table in read_tables(folder, manifest) if table.name in names]
    versions = {f"{s['record']}/{s['site']}/{s['name']}": int(s["version"]) for s in manifest.get("snapshots", ())}
    published = [*Archive(places.snapshots).read(), Published(tables, versions, register, policy)]
    return problem(published, Store(places.snapshots).versions())
