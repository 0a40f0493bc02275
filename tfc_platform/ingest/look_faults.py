"""What a night could not look at, what it refused unread, and contracts in error, by sender: for admission, receipts and status.

A source that was not looked at, or whose contract is in error, is held: its last good returns are used, and everything that is
published says so. Nothing here is decided; see `admission.source_faults`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path

from tfc_platform.atomic_io import write_json
from tfc_platform.contracts.catalogue import UNASSIGNED, Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.landing_walk import UnreadFile
from tfc_platform.settings import LONDON, Places

__all__ = [
    "CONTRACT_ERROR",
    "NOT_LOOKED_AT",
    "REFUSED_UNREAD",
    "LookFault",
    "look_faults_of",
    "note_look_faults",
    "read_look_faults",
    "reasons_not_good",
    "refused_unread",
]

NOT_LOOKED_AT = "not_looked_at"
REFUSED_UNREAD = "refused_unread"
CONTRACT_ERROR = "contract_error"


@dataclass(frozen=True)
class LookFault:
    """One thing that was not read. `sources` are those that it may belong to; none where no contract takes it."""

    sender: str
    kind: str  # not_looked_at · refused_unread · contract_error
    path: str
    reason: str
    sources: tuple[str, ...] = ()
    since: date | None = None
    may_pass: bool = False  # whether another attempt in a moment may succeed

    @property
    def sentence(self) -> str:
        """What is wrong, without the path."""
        if self.kind == NOT_LOOKED_AT:
            return f"It could not be looked at: {self.reason}. The next night looks again."
        if self.kind == REFUSED_UNREAD:
            return f"It was refused unread: {self.reason}."
        return self.reason


def look_faults_of(
    catalogue: Catalogue, sender: str, failed: Iterable[UnreadFile], refused: Iterable[UnreadFile]
) -> list[LookFault]:
    """The faults of a look, with the sources that each of them may belong to, and the sender's contracts in error."""
    contracts = catalogue.of(sender)
    faults = [
        LookFault(sender, kind, item.path, item.reason, _sources_at(contracts, sender, item), may_pass=item.may_pass)
        for kind, items in ((NOT_LOOKED_AT, failed), (REFUSED_UNREAD, refused))
        for item in items
    ]
    faults += [
        LookFault(sender, CONTRACT_ERROR, fault.file, fault.sentence, fault.sources_of(sender))
        for fault in catalogue.faults
        if fault.is_about(sender)
        or (
            sender == UNASSIGNED and not any(catalogue.of(site) for site in fault.sites)
        )  # nobody else takes in for them
    ]
    return sorted(faults, key=lambda fault: (fault.kind, fault.path))


def _sources_at(contracts: Iterable[Contract], sender: str, item: UnreadFile) -> tuple[str, ...]:
    below = item.path.removeprefix(sender).lstrip("/")
    if item.is_folder:
        return tuple(sorted(contract.source for contract in contracts if _may_be_below(contract.files, below)))
    return tuple(sorted(contract.source for contract in contracts if contract.glob.fullmatch(below)))[:1]


def _may_be_below(pattern: str, folder: str) -> bool:
    """Whether files of a contract's pattern may be in a folder: as far as both are spelt out, they agree."""
    fixed = []
    for part in pattern.split("/")[:-1]:
        if re.search(r"[*?\[{]", part):
            break
        fixed.append(part)
    return all(ours == theirs for ours, theirs in zip(fixed, filter(None, folder.split("/")), strict=False))


def refused_unread(places: Places, sender: str) -> list[LookFault]:
    """What of a sender was refused unread."""
    return [fault for fault in read_look_faults(places, sender) if fault.kind == REFUSED_UNREAD]


def reasons_not_good(faults: Iterable[LookFault]) -> list[str]:
    """Why a night is not a good one, though what could be read was published; a sentence for each fault."""
    lasting = [fault for fault in faults if fault.kind != REFUSED_UNREAD]
    return [
        f"{fault.path or 'The landing zone'}: {fault.sentence}"
        + (f" Held: {', '.join(f'{fault.sender}/{source}' for source in fault.sources)}." if fault.sources else "")
        for fault in lasting
    ]


def _place(places: Places, sender: str) -> Path:
    return places.lake / "looks" / f"{sender}.json"


def note_look_faults(places: Places, sender: str, faults: Iterable[LookFault], as_of: date) -> None:
    """Keep a sender's faults in place of those before; one that lasts keeps the day on which it began."""
    before = {(fault.kind, fault.path): fault for fault in read_look_faults(places, sender)}
    now = []
    for fault in faults:
        known = before.get((fault.kind, fault.path))
        now.append(replace(fault, since=known.since if known is not None else as_of))
    file = _place(places, sender)
    if not now:
        file.unlink(missing_ok=True)
    elif now != list(before.values()):
        write_json(file, [asdict(fault) for fault in now])


def read_look_faults(places: Places, sender: str | None = None) -> list[LookFault]:
    """What is noted, of one sender where it is given."""
    files = [_place(places, sender)] if sender else sorted((places.lake / "looks").glob("*.json"))
    return [fault for file in files if file.is_file() for fault in _noted(file)]


def _noted(file: Path) -> list[LookFault]:
    """What a file holds; one that is damaged is as good as a look that failed, until the next has written it anew."""
    try:
        return [
            LookFault(**{**item, "sources": tuple(item["sources"]), "since": date.fromisoformat(item["since"])})
            for item in json.loads(file.read_bytes())
        ]
    except (ValueError, KeyError, TypeError):
        since = datetime.fromtimestamp(file.stat().st_mtime, LONDON).date()
        return [LookFault(file.stem, NOT_LOOKED_AT, file.stem, "the note of the last look is damaged", since=since)]
