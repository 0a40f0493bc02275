"""Taking in all that one sender has dropped: the one place where the steps of this room meet the disk.

Run again it repeats nothing: a content that has a receipt under the same reading is left alone. A killed run leaves at
most Parquet files without a receipt, which the next run writes again to the same bytes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace

import pyarrow as pa

from tfc_platform.contracts.catalogue import UNASSIGNED, Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest import lake_writer, vault
from tfc_platform.ingest.arrival import fetched, receive
from tfc_platform.ingest.at_rest import RestingFiles
from tfc_platform.ingest.erased_rows import clean
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.file_ending import ending_of
from tfc_platform.ingest.ingest_result import IngestResult
from tfc_platform.ingest.intake import Intake, content_key, reading_basis, reading_digest, return_of
from tfc_platform.ingest.lake import Receipt, Sighting, has_receipt, read_sightings, write_receipt, write_sighting
from tfc_platform.ingest.landing import Landed, LandingError, LandingLook
from tfc_platform.ingest.landing_walk import UnreadFile
from tfc_platform.ingest.look_faults import look_faults_of, note_look_faults
from tfc_platform.ingest.read_file import read_file, screen_anyway
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.ingest.waiting_files import note_waiting
from tfc_platform.privacy.tombstones import NOT_LOOKED_THROUGH
from tfc_platform.sheets.file_format import is_temporary

__all__ = ["catch_up", "take_in", "take_in_unassigned"]

log = logging.getLogger(__name__)


def _contract(catalogue: Catalogue, site: str, landed: Landed) -> Contract | None:
    if is_temporary(landed.name):
        return None
    return next((contract for contract in catalogue.of(site) if contract.glob.fullmatch(landed.below)), None)


def _see(intake: Intake, site: str, source: str | None, landed: Landed, sha256: str, last: Sighting | None) -> Sighting:
    """The sighting of these bytes under this path: the last one where nothing has changed, else a new one.

    Bytes that another contract takes today than on the night when they came are seen anew, as having come then.
    """
    same = last is not None and last.sha256 == sha256
    if last is not None and same and last.source == source:
        return last
    sighting = Sighting(
        path=landed.path,
        site=site,
        source=source,
        sha256=sha256,
        size=landed.size,
        stamp=landed.stamp,
        number=last.number + 1 if last else 1,
        first_seen_at=last.first_seen_at if last and same else intake.now,
        seen_on=last.seen_on if last and same else intake.settings.as_of,
    )
    write_sighting(intake.settings.places, sighting)
    return sighting


Tables = dict[str, pa.Table]
KeptReading = tuple[FileReading, Tables, str | None]  # the last is how the bytes end
Progress = Callable[[str], None]
TOLD_EVERY = 100_000  # rows


def _counter(path: str, progress: Progress) -> Callable[[int], None]:
    """Tells progress of a long file. A count of so many rows is nobody's secret; one of a short file may be a class."""
    told = 0

    def tell(rows: int) -> None:
        nonlocal told
        if rows // TOLD_EVERY > told:
            told = rows // TOLD_EVERY
            progress(f"{path}: more than {told * TOLD_EVERY:,} rows so far")

    return tell


def _read(
    intake: Intake, contract: Contract, path: str, content: bytes, shelf: lake_writer.Shelf, progress: Progress
) -> tuple[FileReading, Tables]:
    """Read and type one file, whatever it holds: a fault of ours in one must stop neither the site nor the night."""
    site, sha256 = shelf.site, shelf.sha256
    file = FileContext(
        name=_name(path),
        site=site,
        sha256=sha256,
        contract=contract,
        catalogue=intake.catalogue,
        pseudonyms=intake.pseudonyms,
        screen=intake.rules.screen,
        decisions=intake.mappings.of(site, contract.source),
        on_rows=_counter(path, progress),
    )
    try:
        reading = read_file(content, file, shelf)
        return reading, reading.result.tables()
    except Exception as error:
        # Only the class: the text of an exception may repeat a cell.
        log.error(
            "%s/%s: a file could not be read (%s, sha256 %s…)", site, contract.source, type(error).__name__, sha256[:12]
        )
        shelf.spool.drop()
        message = f"The platform could not read this file ({type(error).__name__}). The central team has to look at it."
        return FileReading(
            "unreadable", message, screen_anyway(content, contract, intake.rules.screen), "unreadable"
        ), {}


def _keep(
    intake: Intake, contract: Contract, keyed: tuple[str, str], path: str, kept: KeptReading, shelf: lake_writer.Shelf
) -> Receipt:
    """Write what a file became; the receipt last, so that a file without one is taken in again, whole.

    :param keyed: the content's key and the reading's digest.
    """
    (key, digest), (read, tables, ending) = keyed, kept
    places, result = intake.settings.places, read.result
    lake_writer.raise_flags(shelf, path, result.flags, intake.now, intake.pseudonyms)
    receipt = Receipt(
        site=shelf.site,
        source=shelf.source,
        sha256=shelf.sha256,
        key=key,
        digest=digest,
        status=read.status,
        message=read.message,
        cause=read.cause,
        received=result.received,
        accepted=result.accepted,
        rejected=result.rejected,
        duplicate=result.duplicate,
        not_data=result.not_data,
        reasons=dict(result.reasons),
        outside_window=dict(sorted(result.outside_window.items())),
        months=tuple(sorted(result.months)),
        unknown_columns=tuple(result.unknown_columns),
        mappings=tuple(dict.fromkeys(result.mappings)),
        content=result.content.digest if result.content is not None else None,
        changed=result.checks.changed(),
        records=lake_writer.write_records(shelf, tables, result.amended),
        issues=lake_writer.write_issues(shelf, result.issues),
        texts=lake_writer.write_texts(shelf, result.texts),
        names=lake_writer.write_names(shelf, result.names),
        read_as=read.read_as._asdict() if read.read_as else {},
        hidden=read.hidden,
        ending=ending,
        return_key=return_of(contract, _name(path))[0],
        basis=reading_basis(shelf.site, shelf.source, intake.pseudonyms, intake.mappings),
        read_on=intake.settings.as_of.isoformat(),
        read_at=intake.now.isoformat(),
    )
    write_receipt(places, receipt)
    return receipt


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


ERASED = {
    "asked": "This file was erased, as somebody with the right to it has asked. It is not taken in again.",
    "cannot_be_redacted": "The file holds a record that was erased and cannot be taken out of it, so it was not kept."
    " Take the record out and send the file again.",
    "not_looked_through": "The platform could not look through this file for records that were erased, so it was not kept."
    " The central team has to look at it.",
}


def _vaulted(intake: Intake, site: str, contract: Contract, path: str, sha256: str, sent: bytes | None) -> bytes | None:
    """The bytes of a file as they may be read, which stand in the vault from now on; None for one that was erased.

    :param sent: the bytes as they lie in the landing zone; None: what the vault has. Where the vault has them it is
        asked alike, since what was erased from them is there no more.
    """
    places, tombstones = intake.settings.places, intake.tombstones
    if tombstones.why_file(sha256) is not None:
        vault.remove(places.vault, sha256)  # a vault that was restored from before the erasure has it again
        return None
    is_there = vault.has(places.vault, sha256)
    content = vault.content_of(places.vault, sha256) if is_there or sent is None else sent
    try:
        cleaned = clean(content, contract, _name(path), site, tombstones)
    except Exception as error:  # a fault of ours in one file must stop neither the site nor the night
        log.error("%s/%s: a file could not be looked through (%s)", site, contract.source, type(error).__name__)
        if is_there:
            return content  # each erasure has looked it through since it came
        tombstones.give_up(sha256, tombstones.latest_at(site), NOT_LOOKED_THROUGH)
        return None
    if cleaned.content is None:
        tombstones.give_up(sha256, min(cleaned.erasures))
        vault.remove(places.vault, sha256)
    elif cleaned.is_changed:
        vault.replace(places.vault, sha256, cleaned.content)
    elif not is_there:
        vault.keep(places.vault, cleaned.content, sha256)
    return cleaned.content


def _receive(
    intake: Intake,
    site: str,
    contract: Contract,
    path: str,
    sha256: str,
    sent: bytes | None = None,
    progress: Progress = lambda _: None,
) -> Receipt | None:
    """Keep and read a content as the file of a path, or None where it has its receipt under today's reading.

    :param sent: the bytes, where they have just come; else they are those of the vault.
    """
    places = intake.settings.places
    digest = reading_digest(intake.catalogue, site, contract, intake.rules, intake.pseudonyms, intake.mappings)
    key = content_key(contract, _name(path), sha256)
    if has_receipt(places, site, contract.source, key, digest):
        if sent is not None and not vault.has(places.vault, sha256):
            _vaulted(intake, site, contract, path, sha256, sent)
        return None
    content = _vaulted(intake, site, contract, path, sha256, sent)
    shelf = lake_writer.Shelf(places, site, contract.source, sha256, f"{key}-{digest}")
    with shelf.spool:
        if content is None:
            why = intake.tombstones.why_file(sha256) or "asked"
            read, tables = FileReading("erased", ERASED[why], IngestResult(), "erased"), dict[str, pa.Table]()
        else:
            read, tables = _read(intake, contract, path, content, shelf, progress)
            if read.cause == "unsafe_file":
                log.warning("security event: %s was not opened. %s", path, read.message)
        ending = ending_of(content, read.read_as._asdict()) if content is not None and read.read_as else None
        return _keep(intake, contract, (key, digest), path, (read, tables, ending), shelf)


def _read_again(intake: Intake, site: str, sightings: Iterable[Sighting], progress: Progress = lambda _: None) -> int:
    """Contents of earlier nights that have no receipt under today's reading, from the vault; gives how many."""
    done = 0
    contracts = {contract.source: contract for contract in intake.catalogue.of(site)}
    for sighting in sightings:
        contract = contracts.get(sighting.source or "")
        if contract is None:
            continue
        done += _receive(intake, site, contract, sighting.path, sighting.sha256, None, progress) is not None
    return done


def catch_up(intake: Intake, site: str) -> int:
    """Bring what came on earlier nights under today's contracts, without looking at the landing zone; gives how many files."""
    return _read_again(intake, site, read_sightings(intake.settings.places, site))


def take_in(intake: Intake, site: str, progress: Progress = lambda _: None) -> dict[str, int]:
    """Take in every file of one sender; gives how many files were newly read, by source.

    What came on earlier nights is brought under today's contracts first, so that it stands even where the landing zone
    does not answer.

    What cannot be looked at, and what is refused unread, is noted (`look_faults`); everything else is taken in.

    :param progress: told, file by file, what is being done; it gets paths and counts, never a cell.
    """
    sightings = read_sightings(intake.settings.places, site)
    again = _read_again(intake, site, sightings, progress)
    if again:
        progress(f"{site}: {again} earlier files read again, because their contract or the reader has changed")
    last = {sighting.path: sighting for sighting in sorted(sightings, key=lambda item: item.number)}
    fresh = {contract.source: 0 for contract in intake.catalogue.of(site)}
    found = _files_of(intake, site, bool(sightings))
    waiting, failed = set(found.waiting), list(found.failed)
    for landed in found.files:
        try:
            source = _take_one(intake, site, landed, last.get(landed.path), waiting, progress)
        except LandingError as error:
            failed.append(UnreadFile(landed.path, "it cannot be read", may_pass=error.may_pass))
            continue
        if source is not None:
            fresh[source] += 1
    note_waiting(intake.settings.places, site, waiting)
    faults = look_faults_of(intake.catalogue, site, failed, found.refused)
    note_look_faults(intake.settings.places, site, faults, intake.settings.as_of)
    for path in sorted(waiting):
        progress(f"{path}: is still being written, and waits for the next night")
    for fault in faults:
        place = fault.path or site
        progress(f"{place}: {fault.sentence.removeprefix(f'{place}: ')}")
    return fresh


def _files_of(intake: Intake, site: str, is_known: bool) -> RestingFiles:
    """What lies in a sender's folder, or that it could not be looked at.

    :param is_known: whether files of this sender were seen before: its folder is then expected to be there.
    """
    try:
        found = intake.files(site)
        is_gone = is_known and not found.files and not intake.landing.has_folder(site)
        failure = UnreadFile(site, "the folder is not there any more", True) if is_gone else None
    except LandingError as error:
        found = RestingFiles(())
        failure = UnreadFile(site, str(error).rstrip("."), True, error.may_pass)
    return replace(found, failed=(*found.failed, failure)) if failure is not None else found


def _note(intake: Intake, site: str, landed: Landed, last: Sighting | None) -> None:
    """Put down a file that no contract takes, whose bytes are left where they lie."""
    digest = fetched(intake.landing.digest, landed)
    if digest is not None:
        _see(intake, site, None, landed, digest, last)


def _take_one(
    intake: Intake, site: str, landed: Landed, last: Sighting | None, waiting: set[str], progress: Progress
) -> str | None:
    """Take in one landed file; gives its source where it was newly read.

    :param waiting: gets its path where it has grown since it was listed.
    """
    contract = _contract(intake.catalogue, site, landed)
    if contract is None:
        _note(intake, site, landed, last)
        return None
    if any(contract.source in fault.sources_of(site) for fault in intake.catalogue.faults):
        return None  # it waits where it lies until its contract is right
    arrived = receive(intake.landing, intake.settings.places.vault, intake.tombstones, site, landed, last)
    if arrived is None:
        return None
    sha256, content = arrived
    if content is not None and landed.size and len(content) != landed.size:
        waiting.add(landed.path)
        return None
    receipt = _receive(intake, site, contract, landed.path, sha256, content, progress)
    _see(intake, site, contract.source, landed, sha256, last)
    if receipt is None:
        return None
    # No count: a file may be one class's answers, and this is said where more people read than returns.
    progress(f"{landed.path}: {receipt.status}")
    return contract.source


def take_in_unassigned(intake: Intake) -> int:
    """Note files that lie in no sender's folder; gives how many. What of them cannot be read is noted as well."""
    sightings = read_sightings(intake.settings.places, UNASSIGNED)
    last = {sighting.path: sighting for sighting in sorted(sightings, key=lambda item: item.number)}
    senders = set(intake.catalogue.senders)
    failed: list[UnreadFile] = []
    try:
        look = intake.landing.look()
    except LandingError as error:
        look = LandingLook((), (UnreadFile("", str(error).rstrip("."), True, error.may_pass),))
    found = [landed for landed in look.files if landed.folder not in senders]
    for landed in found:
        try:
            _note(intake, UNASSIGNED, landed, last.get(landed.path))
        except LandingError as error:
            failed.append(UnreadFile(landed.path, "it cannot be read", may_pass=error.may_pass))
    others = [item for item in (*look.failed, *failed) if item.path.split("/", 1)[0] not in senders]
    refused = [item for item in look.refused if item.path.split("/", 1)[0] not in senders]
    faults = look_faults_of(intake.catalogue, UNASSIGNED, others, refused)
    note_look_faults(intake.settings.places, UNASSIGNED, faults, intake.settings.as_of)
    return len(found)
