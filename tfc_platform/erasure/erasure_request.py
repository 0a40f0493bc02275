"""Resolve an erasure request to the identities that go, or refuse it with a reason.

A person is erased whole: where a panel number links answers, those of all waves go, and those that it would link later. An id
that means more than one person is refused, with the places where it is found and nothing else of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from datetime import date

from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.contracts.names import normal
from tfc_platform.erasure.affected_releases import released_story
from tfc_platform.ingest import vault
from tfc_platform.ingest.file_context import facts_of
from tfc_platform.ingest.lake import Sighting, read_sightings
from tfc_platform.ingest.row_identities import holds_ids, identities_of, loose_identities
from tfc_platform.privacy.tombstones import (
    ANYTHING,
    Identity,
    Intent,
    Tombstone,
    Tombstones,
    response,
    story,
    story_approval,
)
from tfc_platform.settings import Places
from tfc_platform.sheets.sheet_model import Unreadable

__all__ = [
    "AmbiguousError",
    "NotFoundError",
    "OrderedErasure",
    "RecordScope",
    "order_respondent",
    "order_story",
    "record",
]


@dataclass(frozen=True, order=True)
class RecordScope:
    """Where an id is found, or which of several is meant; empty where that is not given."""

    site: str = ""
    source: str = ""
    population: str = ""
    wave: str = ""

    def matches(self, other: RecordScope) -> bool:
        """Whether a place is one of those that are meant."""
        return all(not want or want == value for want, value in zip(astuple(self), astuple(other), strict=True))


class NotFoundError(Exception):
    """Nothing is held of what was asked for."""


class AmbiguousError(Exception):
    """An id means more than one. `places` are where it is found."""

    def __init__(self, places: Iterable[RecordScope]) -> None:
        self.places = sorted(set(places))
        super().__init__("More than one record has the id.")


@dataclass(frozen=True)
class OrderedErasure:
    """An erasure that is written down. `unopened` are files that nobody could look into: they may hold the record."""

    intent: Intent
    unopened: tuple[str, ...] = ()
    is_new: bool = True


@dataclass(frozen=True)
class _VaultedRow:
    """A row of a vaulted file, with where it is from and whose it is."""

    sha256: str
    where: RecordScope
    identities: tuple[Identity, ...] = field(repr=False)


class Holdings:
    """All rows of the vault that have an id, of one site (and of senders that are no site) or of all."""

    def __init__(self, places: Places, catalogue: Catalogue, site: str | None) -> None:
        self.places, self.catalogue = places, catalogue
        self.unopened: set[str] = set()
        self.sightings = read_sightings(places)
        sites = {item.site for item in catalogue.sites}
        # What the centre adds to a site's stories lies in no site's folder.
        self._chosen = [item for item in self.sightings if not site or item.site == site or item.site not in sites]

    def rows(self) -> Iterator[_VaultedRow]:
        done: set[tuple[str, str, str | None, str]] = set()
        for sighting in self._chosen:
            contract = _contract(self.catalogue, sighting)
            name = sighting.path.rsplit("/", 1)[-1]
            key = (sighting.sha256, sighting.site, sighting.source, name)
            if contract is None or key in done or not vault.has(self.places.vault, sighting.sha256):
                continue
            done.add(key)
            yield from self._rows_of(sighting, contract, name)

    def _rows_of(self, sighting: Sighting, contract: Contract, name: str) -> Iterator[_VaultedRow]:
        content = vault.content_of(self.places.vault, sighting.sha256)
        population, wave = contract.population_and_wave(facts_of(contract, name) or {})
        where = RecordScope(sighting.site, contract.source, population, wave)
        try:
            for place in identities_of(content, contract, contract.read, name, sighting.site):
                yield _VaultedRow(sighting.sha256, where, place.identities)
        except Unreadable:
            if contract.read.format != "csv":
                self.unopened.add(sighting.path)
                return
            for identity in loose_identities(content):
                yield _VaultedRow(sighting.sha256, where, (identity,))


def _contract(catalogue: Catalogue, sighting: Sighting) -> Contract | None:
    contract = next((item for item in catalogue.of(sighting.site) if item.source == sighting.source), None)
    return contract if contract is not None and holds_ids(contract) else None


def _is(identity: Identity, name: str, kinds: tuple[str, ...]) -> bool:
    if identity.kind != ANYTHING and identity.kind not in kinds:
        return False
    return identity.name == name or (identity.kind != "response" and normal(identity.name) == normal(name))


def _one_meaning(hits: list[tuple[_VaultedRow, Identity]]) -> list[tuple[_VaultedRow, Identity]]:
    """The hits, where all that say whose they are say the same.

    :raises AmbiguousError: where they do not.
    """
    meanings = {(identity.kind, identity.scope) for _, identity in hits if identity.scope is not None}
    if len(meanings) > 1 or (not meanings and len({row.where.site for row, _ in hits}) > 1):
        raise AmbiguousError(row.where for row, identity in hits if identity.scope is not None or not meanings)
    sites = {scope[0] for _, scope in meanings if scope}
    return [(row, identity) for row, identity in hits if not sites or row.where.site in sites]


def _named(hits: list[tuple[_VaultedRow, Identity]], name: str) -> set[Identity]:
    """The identities to erase; where no file says which survey it is of, as much as is known."""
    scoped = {identity for _, identity in hits if identity.scope is not None}
    where = hits[0][0].where
    return scoped or {response(where.site, where.source, "", "", name)}


def order_respondent(
    places: Places, catalogue: Catalogue, tombstones: Tombstones, name: str, meant: RecordScope, on: date
) -> OrderedErasure:
    """Write down that a person's answers (or a session's record) go.

    :param name: the tool's own id of the response, or the person's number in a panel.
    :raises NotFoundError: where nothing is held of it.
    :raises AmbiguousError: where it means more than one.
    """
    name, holdings = name.strip(), Holdings(places, catalogue, meant.site or None)
    kinds = ("response", "panel")
    hits = [
        (row, identity)
        for row in holdings.rows()
        for identity in row.identities
        if _is(identity, name, kinds) and meant.matches(row.where)
    ]
    if not hits:
        return _earlier(tombstones, kinds, name, meant, holdings)
    chosen = _one_meaning(hits)
    wanted = _named(chosen, name)
    wanted |= {identity for row, _ in chosen for identity in row.identities if identity.kind == "panel"}
    files = {row.sha256 for row, _ in chosen}
    panels = {identity for identity in wanted if identity.kind == "panel"}
    if panels:
        linked = [row for row in holdings.rows() if panels & set(row.identities)]
        asked = {identity for _, identity in chosen}
        shared = {item for item in panels - asked if _is_shared(item, linked)}
        wanted -= shared
        linked = [row for row in linked if (panels - shared) & set(row.identities)]
        wanted |= {item for row in linked for item in row.identities if item.scope is not None and item not in shared}
        files |= {row.sha256 for row in linked}
    where = chosen[0][0].where
    return OrderedErasure(
        record(tombstones, "respondent", where, on, len(files), wanted), tuple(sorted(holdings.unopened))
    )


def _is_shared(number: Identity, linked: Iterable[_VaultedRow]) -> bool:
    """Whether several answers of one wave have a panel number: then it is a word such as `none`, and nobody's."""
    times = Counter((row.sha256, row.where) for row in linked if number in row.identities)
    return any(count > 1 for count in times.values())


def _may_be(item: Tombstone, meant: RecordScope) -> bool:
    """Whether a tombstone lies within what is meant, as far as its scope says."""
    if item.kind == "panel":
        site, population = item.scope
        scope = RecordScope(site, population=population)
    else:
        scope = RecordScope(*item.scope)
    pairs = zip(astuple(meant), astuple(scope), strict=True)
    return all(not want or not have or want == have for want, have in pairs)


def _earlier(
    tombstones: Tombstones, kinds: tuple[str, ...], name: str, meant: RecordScope, holdings: Holdings
) -> OrderedErasure:
    """The erasure that took it away, where one did.

    :raises NotFoundError: where none did.
    """
    for intent in tombstones.intents:
        for item in intent.tombstones:
            if item.kind not in kinds or not _may_be(item, meant):
                continue
            if item.token in {tombstones.token(item.kind, item.scope, form) for form in (name, normal(name))}:
                return OrderedErasure(intent, tuple(sorted(holdings.unopened)), is_new=False)
    raise NotFoundError


def order_story(
    places: Places, catalogue: Catalogue, tombstones: Tombstones, name: str, meant: RecordScope, on: date
) -> OrderedErasure:
    """Write down that a story goes, with its approval. The approvals of its id go whatever site they meant.

    :raises NotFoundError: where nothing is held of it.
    :raises AmbiguousError: where two sites have a story of that id.
    """
    name, holdings = name.strip(), Holdings(places, catalogue, meant.site or None)
    hits = [
        (row, identity)
        for row in holdings.rows()
        for identity in row.identities
        if _is(identity, name, ("story", "story_approval"))
    ]
    stories = [(row, identity) for row, identity in hits if identity.kind == "story"]
    sites = {row.where.site for row, _ in stories} or ({meant.site} if meant.site else set())
    if not hits:
        return _earlier(tombstones, ("story", "story_approval"), name, RecordScope(meant.site), holdings)
    if len(sites) > 1:
        raise AmbiguousError(RecordScope(row.where.site, row.where.source) for row, _ in stories)
    where = RecordScope(next(iter(sites), hits[0][0].where.site), (stories or hits)[0][0].where.source)
    # A release may show the text as the other site's, where two have the id.
    wanted = {story(where.site, name), story_approval(name), released_story(name)}
    files = {row.sha256 for row, _ in hits}
    return OrderedErasure(record(tombstones, "story", where, on, len(files), wanted), tuple(sorted(holdings.unopened)))


def record(
    tombstones: Tombstones,
    kind: str,
    where: RecordScope,
    on: date,
    files: int,
    wanted: Iterable[Identity],
    sha256: str | None = None,
) -> Intent:
    """Write the intent down.

    :param sha256: the file that goes whole, where it is one.
    """
    number = 1 + max((item.number for item in tombstones.intents), default=0)
    entries = {tombstones.of(identity) for identity in wanted}
    if sha256 is not None:
        entries.add(tombstones.of_file(sha256))
    intent = Intent(
        number,
        kind,
        where.site,
        where.source,
        on,
        files,
        tuple(sorted(entries, key=lambda item: (item.kind, item.token))),
    )
    tombstones.record(intent)
    return intent
