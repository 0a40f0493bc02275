"""Write the receipts of a night: the marked copies first, then the receipt that names them, then its page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from tfc_platform.admission.admit import Night
from tfc_platform.atomic_io import write_bytes, write_json
from tfc_platform.contracts.catalogue import Catalogue
from tfc_platform.feedback.receipts.build import flags_of, late, receipt_of
from tfc_platform.feedback.receipts.marked_copies import keep_marked
from tfc_platform.feedback.receipts.receipt_page import receipt_page
from tfc_platform.feedback.receipts.schema import SiteReceipt
from tfc_platform.feedback.receipts.todo import to_do_of
from tfc_platform.ingest.look_faults import refused_unread
from tfc_platform.ingest.waiting_files import waiting_files
from tfc_platform.settings import Places

__all__ = ["refresh_receipts", "write_receipts"]


def write_receipts(night: Night, catalogue: Catalogue, places: Places, as_of: date, sites: Iterable[str]) -> None:
    """Write the receipt of each site into its folder; the same night gives the same bytes.

    :param as_of: the date that the night works for: lateness is counted to it.
    """
    for site in sites:
        folder = places.sites / site
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        receipt = receipt_of(night, catalogue, places, as_of, site)
        names = keep_marked(receipt, catalogue, places)
        files = tuple(file.model_copy(update={"marked": names.get(file.file)}) for file in receipt.files)
        receipt = receipt.model_copy(update={"files": files})
        _write(receipt, folder)


def refresh_receipts(places: Places, as_of: date, sites: Iterable[str]) -> list[str]:
    """Bring receipts to the date of a night that had nothing new; gives the sites whose receipt has to be made anew.

    Only what a day changes is changed: how late a return is, and how many texts wait for the safeguarding lead.
    """
    anew = []
    for site in sites:
        folder = places.sites / site
        try:
            before = SiteReceipt.model_validate_json((folder / "receipt.json").read_bytes())
        except (OSError, ValueError):  # gone, or of another version of the platform
            anew.append(site)
            continue
        due = tuple(late(item, as_of) for item in before.due)
        waiting = waiting_files(places, site)
        to_do = tuple(to_do_of(before.files, before.held, due, waiting, refused_unread(places, site)))
        change = {"as_of": as_of, "due": due, "waiting": waiting, "to_do": to_do}
        receipt = before.model_copy(update={**change, "flags": flags_of(places, site)})
        if receipt != before or not (folder / "receipt.html").is_file():
            _write(receipt, folder)
    return anew


def _write(receipt: SiteReceipt, folder: Path) -> None:
    write_json(folder / "receipt.json", receipt.as_data())
    write_bytes(folder / "receipt.html", receipt_page(receipt).encode())
