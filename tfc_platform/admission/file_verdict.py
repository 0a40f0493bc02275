"""What tonight would decide on one file that nobody has sent yet: taken in and admitted on a linked copy of the lake.

The reading and the admission are the night's own functions. The copy is a private temporary folder, which is removed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow.parquet as pq

from tfc_platform.admission.admit import Night, NotTakenInError, admit
from tfc_platform.admission.arrivals import Submission, VersionChange, latest_of_each_path
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.file_lock import scratch_folder
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Places, Settings

__all__ = ["FileVerdict", "IssueCount", "IssuePlace", "OtherFile", "judge_file"]

SHOWN_PLACES = 10  # of one reason
NO_NIGHT = "No night has run in this TFC_HOME: the file was compared with no earlier return."
STALE = (
    "The contracts or the code have changed since the last night: the file was compared with no earlier return. Run tfc nightly"
    " first."
)


@dataclass(frozen=True)
class IssuePlace:
    """Where an issue is, as the file's sender sees it."""

    sheet: str | None
    row: int | None
    column: str | None
    cell: str | None


@dataclass(frozen=True)
class IssueCount:
    """How often a reason was found, and its first places; no cell."""

    severity: str
    reason: str
    count: int
    places: tuple[IssuePlace, ...]


@dataclass(frozen=True)
class OtherFile:
    """A file that came on an earlier night, whose status the new one would change."""

    file: str
    status: str
    would_be: str


@dataclass(frozen=True)
class FileVerdict:
    """What would become of a file: `status`, `message` and `cause` as admission gives them, and the counts of its reading.

    `supersedes` is the file that counts today and would not any more; `change` is what the file changes against the version
    before it. `remarks` say what was not compared.
    """

    site: str
    source: str
    file: str
    would_count: bool
    status: str
    message: str | None
    cause: str | None = None
    received: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    not_data: int = 0
    issues: tuple[IssueCount, ...] = ()
    supersedes: str | None = None
    change: VersionChange | None = None
    others: tuple[OtherFile, ...] = ()
    remarks: tuple[str, ...] = ()


def _path_of(contract: Contract, name: str) -> str:
    """Where a file of this name lies below its sender's folder, by the contract's pattern."""
    folders = [part for part in contract.files.split("/")[:-1] if "*" not in part]
    return "/".join([*folders, name])


def _link_tree(source: Path, target: Path) -> None:
    """The same folders with links to the files: what is written there replaces a link and never a file."""
    for folder, _, files in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in files:
            (place / name).symlink_to(Path(folder) / name)


def _copied_places(places: Places, home: Path) -> None:
    """All that taking in and admission read. What is large is linked; what people have said is small, and copied."""
    copy = Places(home)
    copy.make()
    for large, its_copy in ((places.lake, copy.lake), (places.vault, copy.vault)):
        if large.is_dir():
            _link_tree(large.absolute(), its_copy)
    small = ((places.mappings, copy.mappings), (places.acceptances, copy.acceptances))
    for said, its_copy in (*small, (places.erasures, copy.erasures), (places.keys, copy.keys)):
        if said.is_dir():
            shutil.copytree(said, its_copy, dirs_exist_ok=True)


def _issue_counts(files: Iterable[Path]) -> tuple[IssueCount, ...]:
    """The row issues of a reading by severity and reason, errors first."""
    order = {"error": 0, "warn": 1, "info": 2}
    places: dict[tuple[str, str], list[IssuePlace]] = {}
    counts: dict[tuple[str, str], int] = {}
    for file in files:
        for row in pq.read_table(file).to_pylist():
            key = (row["severity"], row["reason"])
            counts[key] = counts.get(key, 0) + 1
            shown = places.setdefault(key, [])
            if len(shown) < SHOWN_PLACES:
                shown.append(IssuePlace(row["sheet"], row["row_number"], row["column_name"], row["cell"]))
    ranked = sorted(counts, key=lambda key: (order.get(key[0], 3), -counts[key], key[1]))
    return tuple(IssueCount(*key, counts[key], tuple(places[key])) for key in ranked)


def _others(before: Night, after: Night, path: str) -> tuple[OtherFile, ...]:
    was = {item.arrival.path: item.status for item in latest_of_each_path(before.submissions)}
    return tuple(
        OtherFile(item.arrival.path, was[item.arrival.path], item.status)
        for item in latest_of_each_path(after.submissions)
        if item.arrival.path != path and item.arrival.path in was and item.status != was[item.arrival.path]
    )


def _superseded(before: Night, after: Night, own: Submission) -> str | None:
    """The version of the same return that counts before and not after, where the new one does."""
    counted = {(item.arrival.path, item.arrival.sha256) for item in after.submissions if item.is_counted}
    key = (own.arrival.site, own.arrival.source, own.arrival.return_key)
    if not own.is_counted:
        return None
    return next(
        (
            item.arrival.path
            for item in before.submissions
            if item.is_counted
            and (item.arrival.site, item.arrival.source, item.arrival.return_key) == key
            and (item.arrival.path, item.arrival.sha256) not in counted
        ),
        None,
    )


def _judge_in(settings: Settings, catalogue: Catalogue, site: str, path: str) -> tuple[Night, Night, Submission]:
    """The nights before and after the file that lies in the landing zone of a copy, and its own submission."""
    intake = replace(Intake.load(settings, catalogue), watch=None)
    before = admit(intake)
    take_in(intake, site)
    after = admit(intake)
    own = max((item for item in after.submissions if item.arrival.path == path), key=lambda item: item.arrival.number)
    return before, after, own


def judge_file(
    settings: Settings, catalogue: Catalogue, content: bytes, name: str, where: tuple[str, str]
) -> FileVerdict:
    """What tonight would decide on a file, beside all that came on earlier nights. Nothing below TFC_HOME is changed.

    :param name: of the file, without folders: the contract says by it which return it is.
    :param where: the site and the source whose contract is asked.
    :raises ConfigurationError: where the key or another setting cannot be used.
    """
    site, source = where
    contract = catalogue.contract(site, source)
    below = _path_of(contract, name)
    path = f"{site}/{below}"
    taker = next((other for other in catalogue.of(site) if other.glob.fullmatch(below)), None)
    if taker is not contract:
        other = (
            f"the contract {taker.source} takes a file of this name"
            if taker
            else "no contract takes a file of this name"
        )
        message = f"{other[0].upper()}{other[1:]}. The contract {source} takes {contract.files}."
        return FileVerdict(site, source, path, False, "unrecognised", message, "name")
    with scratch_folder("tfc-inspect-") as folder:
        landing = folder / "landing"
        (landing / path).parent.mkdir(parents=True)
        (landing / path).write_bytes(content)
        remarks: tuple[str, ...] = ()
        copy = replace(settings, home=folder / "home", landing=str(landing))
        if not (settings.places.lake / "sightings").is_dir():
            remarks = (NO_NIGHT,)
        else:
            _copied_places(settings.places, copy.home)
        try:
            before, after, own = _judge_in(copy, catalogue, site, path)
        except NotTakenInError:
            remarks = (STALE,)
            copy = replace(copy, home=folder / "home-without-returns")
            before, after, own = _judge_in(copy, catalogue, site, path)
        receipt = after.receipts.get(own.arrival)
        files = [copy.places.lake / receipt.issues] if receipt is not None and receipt.issues else []
        return FileVerdict(
            site=site,
            source=source,
            file=path,
            would_count=own.is_counted,
            status=own.status,
            message=own.message,
            cause=own.cause,
            received=own.arrival.received,
            accepted=own.arrival.accepted,
            rejected=own.arrival.rejected,
            duplicate=own.arrival.duplicate,
            not_data=own.arrival.not_data,
            issues=_issue_counts(files),
            supersedes=_superseded(before, after, own),
            change=own.change,
            others=_others(before, after, path),
            remarks=remarks,
        )
