"""Tombstones: what ingest consults so that an erased record does not come back, as keyed tokens and never as ids.

The tombstones of an erasure are its intent: they are written before anything is removed, and an erasure without a line in the
ledger is still to be carried out. A token is HMAC-SHA-256 under a key of its own, cut to 128 bits. It is not the key of the
pseudonyms: a change of that key must not bring back everyone who was ever erased.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

from tfc_platform.atomic_io import canonical_json, write_bytes
from tfc_platform.contracts.names import normal
from tfc_platform.privacy.pseudonym import make_key
from tfc_platform.settings import SHORTEST_KEY, ConfigurationError, Places

__all__ = [
    "ANYTHING",
    "LONG_ID",
    "Identity",
    "Intent",
    "Tombstone",
    "Tombstones",
    "panel",
    "response",
    "story",
    "story_approval",
]

# From so many characters on an id is one that a tool makes once (a uuid, a ResponseId); a shorter one may be a count that
# each survey begins anew, and means one person only within its own survey.
LONG_ID = 12
ANYTHING = "anything"  # a cell of which nobody can tell what it is
IN_ROWS = frozenset({"response", "panel", "story", "story_approval"})  # what a cell of a return may be
ASKED, CANNOT_BE_REDACTED, NOT_LOOKED_THROUGH = "asked", "cannot_be_redacted", "not_looked_through"


@dataclass(frozen=True)
class Identity:
    """Who or what something is: a kind, where the id means anything, and the id, which no log or traceback may show.

    `scope` is None where nobody can tell it: then any scope of the site is meant.
    """

    kind: str
    scope: tuple[str, ...] | None
    name: str = field(repr=False)


def response(site: str, source: str, population: str, wave: str, name: str) -> Identity:
    """A tool's own id of a response; a long one means the same wherever it is at its site."""
    return Identity("response", (site,) if len(name) >= LONG_ID else (site, source, population, wave), name)


def panel(site: str, population: str, name: str) -> Identity:
    """The number of a person in a panel, the same in all waves."""
    return Identity("panel", (site, population), normal(name))


def story(site: str, name: str) -> Identity:
    return Identity("story", (site,), normal(name))


def story_approval(name: str) -> Identity:
    """An approval names a story and no site."""
    return Identity("story_approval", (), normal(name))


def _forms(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((name, normal(name))))


@dataclass(frozen=True)
class Tombstone:
    """The token of one erased identity, with where it means anything. `why`: asked · cannot_be_redacted · not_looked_through."""

    kind: str
    scope: tuple[str, ...]
    token: str
    why: str = ASKED


@dataclass(frozen=True)
class Intent:
    """One erasure as it was ordered: what the ledger will have of it, and its tombstones.

    `number` counts from 1; `kind` is respondent, story or file; `files` is in how many files of the vault it was found.
    """

    number: int
    kind: str
    site: str
    source: str
    ordered_on: date
    files: int
    tombstones: tuple[Tombstone, ...]


def _file(places: Places) -> Any:
    return places.erasures / "tombstones.jsonl"


def _parse(line: str) -> tuple[Intent, str]:
    values = json.loads(line)
    fingerprint = values.pop("key")
    entries = tuple(Tombstone(**{**item, "scope": tuple(item["scope"])}) for item in values.pop("tombstones"))
    values["ordered_on"] = date.fromisoformat(values["ordered_on"])
    return Intent(**values, tombstones=entries), fingerprint


@dataclass
class Tombstones:
    """All tombstones of a home, under its key. `places` is None where there is no home: nothing was erased there."""

    places: Places | None
    key: bytes = field(repr=False)
    intents: list[Intent] = field(default_factory=list)

    @classmethod
    def none(cls) -> Tombstones:
        return cls(None, b"")

    @classmethod
    def load(cls, places: Places, make: bool = False) -> Tombstones:
        """Those of a home.

        :param make: whether to make the key where there is none; else a home without one has no tombstones.
        :raises ConfigurationError: where the key is missing or is another one than the tombstones were made with: the
            erased would come back, so nothing is taken in until the kept copy of the key is put back.
        """
        path = places.keys / "erasure.key"
        lines = _file(places).read_text(encoding="utf-8").splitlines() if _file(places).is_file() else []
        if not path.exists() and make and not lines:
            path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
            make_key(path)
        key = path.read_bytes() if path.exists() else b""
        tombstones = cls(places, key)
        parsed = [_parse(line) for line in lines if line.strip()]
        if parsed and (len(key) < SHORTEST_KEY or any(mark != tombstones.fingerprint for _, mark in parsed)):
            raise ConfigurationError(
                f"TFC_HOME: {path.parent.name}/{path.name} is not the key of the erasures that are on record: put the kept"
                " copy back. Without it what was erased would be taken in again."
            )
        tombstones.intents = [intent for intent, _ in parsed]
        return tombstones

    def token(self, kind: str, scope: Sequence[str], name: str) -> str:
        message = "\x1f".join((kind, *scope, name)).encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, hashlib.sha256).hex()[:32]

    @property
    def fingerprint(self) -> str:
        """Tells one key from another without telling either."""
        return self.token("fingerprint", (), "")[:8]

    def of(self, identity: Identity, why: str = ASKED) -> Tombstone:
        scope = identity.scope or ()
        return Tombstone(identity.kind, scope, self.token(identity.kind, scope, identity.name), why)

    def of_file(self, sha256: str, why: str = ASKED) -> Tombstone:
        return Tombstone("file", (), self.token("file", (), sha256), why)

    def record(self, intent: Intent) -> None:
        """Write down an erasure before anything of it is done; one with a number that is there takes its place."""
        assert self.places is not None
        others = [item for item in self.intents if item.number != intent.number]
        self.intents = sorted([*others, intent], key=lambda item: item.number)
        lines = [canonical_json({**asdict(item), "key": self.fingerprint}) for item in self.intents]
        write_bytes(_file(self.places), "".join(f"{line}\n" for line in lines).encode())
        for name in ("_tokens", "_scopes"):
            self.__dict__.pop(name, None)

    def give_up(self, sha256: str, number: int, why: str = CANNOT_BE_REDACTED) -> None:
        """Note that a file which holds, or may hold, an erased record cannot be redacted, and is therefore not kept at all."""
        intent = next(item for item in self.intents if item.number == number)
        entry = self.of_file(sha256, why)
        if entry not in intent.tombstones:
            self.record(replace(intent, tombstones=(*intent.tombstones, entry)))

    @cached_property
    def _tokens(self) -> Mapping[str, tuple[int, str]]:
        """Each token's erasure, and why."""
        return {item.token: (intent.number, item.why) for intent in self.intents for item in intent.tombstones}

    @cached_property
    def _scopes(self) -> frozenset[tuple[str, tuple[str, ...]]]:
        kept = (item for intent in self.intents for item in intent.tombstones if item.kind in IN_ROWS)
        return frozenset((item.kind, item.scope) for item in kept)

    def at(self, site: str | None) -> bool:
        """Whether any row of a site (of any site where it is None) was ever erased."""
        return any(_is_of(scope, site) for _, scope in self._scopes)

    def latest_at(self, site: str) -> int:
        """The last erasure that may concern a site's rows. There is one: see `at`."""
        return max(
            intent.number
            for intent in self.intents
            if any(item.kind in IN_ROWS and _is_of(item.scope, site) for item in intent.tombstones)
        )

    def number_of(self, identity: Identity, site: str | None) -> int | None:
        """The erasure that an identity is part of, or None.

        :param site: where the identity is entry, for one whose scope nobody can tell; None: any site.
        """
        if identity.scope is not None:
            entry = self._tokens.get(self.token(identity.kind, identity.scope, identity.name))
            return entry[0] if entry else None
        for kind, scope in self._scopes:
            if identity.kind in (kind, ANYTHING) and _is_of(scope, site):
                for name in _forms(identity.name):
                    entry = self._tokens.get(self.token(kind, scope, name))
                    if entry is not None:
                        return entry[0]
        return None

    def first_of(self, identities: Iterable[Identity], site: str | None) -> int | None:
        """The first erasure that one of several identities is part of."""
        return next((n for item in identities if (n := self.number_of(item, site)) is not None), None)

    def why_file(self, sha256: str) -> str | None:
        """Why a file is not taken in (see `Tombstone`), or None where it is."""
        if not self.intents:
            return None
        entry = self._tokens.get(self.token("file", (), sha256))
        return entry[1] if entry else None


def _is_of(scope: tuple[str, ...], site: str | None) -> bool:
    return site is None or not scope or scope[0] == site
