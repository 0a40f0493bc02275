"""Which returns have a marked copy, and when it is written anew.

A marked copy holds the cells of a return. It is kept in the folder of the site that sent them, which only that site's team may
read. It is made from the vault, so that nothing erased is in it: `tfc erase` removes every copy at once, and the next night makes
them anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath

from tfc_platform.atomic_io import canonical_json, sha256_text, write_bytes, write_json
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.feedback.receipts.schema import IssueLevel, ReceiptFile, SiteReceipt
from tfc_platform.ingest import vault
from tfc_platform.settings import Places

__all__ = ["FOLDER", "keep_marked", "names_a_place"]

log = logging.getLogger(__name__)
FOLDER = "marked"
RECORD = ".made_from.json"  # marked copy → digest of all that it was made from
LONGEST_NAME = 200  # bytes of a file's name, which may have 255 with what is added to it


def keep_marked(receipt: SiteReceipt, catalogue: Catalogue, places: Places) -> dict[str, str]:
    """Bring the marked copies of a site up to its receipt; gives path of a file → its copy below the site's folder.

    A copy whose file and issues are as they were when it was made is left alone.
    """
    root = places.sites / receipt.site / FOLDER
    before, made, names = _record(root), {}, {}
    for file, name in _named(receipt):
        digest = _digest(file, places)
        is_current = before.get(name) == digest and (root / name).is_file()
        if is_current or _write(root / name, file, catalogue, receipt.site, places):
            made[name], names[file.file] = digest, f"{FOLDER}/{name}"
    _clear(root, made)
    if made and made != before:
        write_json(root / RECORD, made)
    return names


def names_a_place(file: ReceiptFile) -> bool:
    """Whether something to correct names a row or a column, or something to check a row: else a copy would help nobody.

    What is to be checked of a column as a whole (an unknown column, say) has no cell to look for.
    """
    return any(
        place.row is not None or (rule.level is IssueLevel.CORRECT and place.column)
        for rule in file.rules
        if rule.level in (IssueLevel.CORRECT, IssueLevel.CHECK)
        for said in rule.said
        for place in said.places
    )


def _named(receipt: SiteReceipt) -> Iterator[tuple[ReceiptFile, str]]:
    taken: set[str] = set()
    for file in receipt.files:
        if not file.asks or not names_a_place(file):
            continue
        below = PurePosixPath(file.file.partition("/")[2] or file.file)
        stem = below.stem if below.suffix.lower() in (".xlsx", ".xlsm") else below.name
        if len(stem.encode()) > LONGEST_NAME:
            stem = f"{stem.encode()[: LONGEST_NAME - 20].decode(errors='ignore')}-{sha256_text(file.file)[:12]}"
        name = below.with_name(f"{stem}.marked.xlsx").as_posix()
        if name.casefold() in taken:
            name = below.with_name(f"{stem}-{sha256_text(file.file)[:12]}.marked.xlsx").as_posix()
        taken.add(name.casefold())
        yield file, name


def _digest(file: ReceiptFile, places: Places) -> str:
    """Of all that a copy is made from: the bytes in the vault (which an erasure changes), the issues, and the code."""
    parts = [_code(), file.file, [rule.model_dump(mode="json") for rule in file.rules], file.read_as]
    if vault.has(places.vault, file.sha256):
        parts.append(vault.identity_of(vault.content_of(places.vault, file.sha256)))
    return sha256_text(canonical_json(parts))


@lru_cache(maxsize=1)
def _code() -> str:
    room = Path(__file__).parent
    sources = (room / name for name in ("marked_copies.py", "marked_workbook.py", "issue_sheet.py", "cell_ranges.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def _write(target: Path, file: ReceiptFile, catalogue: Catalogue, site: str, places: Places) -> bool:
    """Write one copy; a fault of ours in one must stop neither the receipt nor the night."""
    from tfc_platform.feedback.receipts.marked_workbook import marked_copy

    contract = next((item for item in catalogue.of(site) if item.source == file.source), None)
    if contract is None or not vault.has(places.vault, file.sha256):
        return False
    above = [folder for folder in target.parents if folder.is_relative_to(places.sites / site)]
    for folder in reversed(above):  # one by one: those that `parents=True` makes are open to others
        folder.mkdir(mode=0o700, exist_ok=True)
    try:
        write_bytes(target, marked_copy(vault.content_of(places.vault, file.sha256), file, contract))
    except Exception as error:  # only the class: an exception's text may repeat a cell
        log.error(
            "%s: no marked copy could be made of a file (%s, sha256 %s…)", site, type(error).__name__, file.sha256[:12]
        )
        return False
    return True


def _record(root: Path) -> dict[str, str]:
    try:
        record: dict[str, str] = json.loads((root / RECORD).read_text())
    except (OSError, ValueError):
        return {}
    return record


def _clear(root: Path, made: Mapping[str, str]) -> None:
    """Remove the copies that nothing asks for any more, and the folders that are empty then."""
    if not root.is_dir():
        return
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif path.relative_to(root).as_posix() not in made and (path.name != RECORD or not made):
            path.unlink(missing_ok=True)
    if not any(root.iterdir()):
        root.rmdir()
