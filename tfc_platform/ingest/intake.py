"""What taking in needs for a night, and by what a reading is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from tfc_platform.atomic_io import canonical_json, sha256_text, sweep
from tfc_platform.contracts.catalogue import Catalogue, keep_contracts
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.at_rest import RestingFiles, RestWatch
from tfc_platform.ingest.column_mappings import Mappings
from tfc_platform.ingest.file_context import facts_of
from tfc_platform.ingest.landing import Landing
from tfc_platform.ingest.reading_version import reader_digest
from tfc_platform.ingest.safeguarding_screen import ScreenRules, load_rules
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.privacy.tombstones import Tombstones
from tfc_platform.settings import Settings

__all__ = ["Intake", "content_key", "reading_basis", "reading_digest", "return_of"]


@dataclass(frozen=True)
class Intake:
    """What taking in needs, loaded once a night."""

    settings: Settings
    catalogue: Catalogue
    pseudonyms: Pseudonyms
    rules: ScreenRules
    landing: Landing
    now: datetime
    tombstones: Tombstones = field(default_factory=Tombstones.none)
    mappings: Mappings = field(default_factory=Mappings.none)
    watch: RestWatch | None = None  # None: every file is taken to be at rest

    @classmethod
    def load(cls, settings: Settings, catalogue: Catalogue) -> Intake:
        places = settings.places
        places.make()
        kept = (places.vault, places.lake, places.text, places.gazetteer, places.keys, places.sites, places.erasures)
        for place in kept:
            sweep(place)
        keep_contracts(settings, catalogue)
        landing = Landing.of(settings)
        return cls(
            settings=settings,
            catalogue=catalogue,
            pseudonyms=Pseudonyms.load(settings),
            rules=load_rules(),
            landing=landing,
            now=datetime.now(UTC),
            tombstones=Tombstones.load(places),
            mappings=Mappings.load(places),
            watch=RestWatch(landing, settings.rest_seconds, catalogue.senders),
        )

    def files(self, site: str) -> RestingFiles:
        """What lies in a sender's folder, by whether it is at rest.

        :raises OSError: where the landing zone does not answer.
        """
        return self.watch.files(site) if self.watch is not None else RestingFiles.of(self.landing.look(site))


def reading_digest(
    catalogue: Catalogue, site: str, contract: Contract, rules: ScreenRules, pseudonyms: Pseudonyms, mappings: Mappings
) -> str:
    """Of everything that a receipt depends on beside the file's bytes and name."""
    said = mappings.digest(site, contract.source)
    parts = [catalogue.digest(site, contract), rules.digest, pseudonyms.fingerprint, said, reader_digest()]
    return sha256_text("|".join(parts))[:16]


def reading_basis(site: str, source: str, pseudonyms: Pseudonyms, mappings: Mappings) -> str:
    """Of what a reading depends on beside the contract: under another reader, key or name of a column no earlier one holds."""
    parts = [pseudonyms.fingerprint, mappings.digest(site, source), reader_digest()]
    return sha256_text("|".join(parts))[:16]


def content_key(contract: Contract, name: str, sha256: str) -> str:
    """Of a file's bytes and of all that its name says but the version: what a receipt speaks of.

    A sender who corrects a name sends the same bytes again; they are then read as the other return that they are.
    """
    facts = facts_of(contract, name)
    said = {group: value for group, value in (facts or {}).items() if group != contract.identity.version}
    return f"{sha256[:32]}-{sha256_text(canonical_json([facts is not None, said]))[:8]}"


def return_of(contract: Contract, name: str) -> tuple[str | None, tuple[int, ...]]:
    """Which return a file of this name is, and its version's rank; the key is None where the name does not say."""
    facts = facts_of(contract, name)
    if facts is None:
        return None, (0,)
    group = contract.identity.version
    written = facts.get(group, "1") if group else "1"
    rank = tuple(int(part) for part in written.replace("-", ".").split(".") if part.isdigit())
    return contract.return_key(facts), rank or (1,)
