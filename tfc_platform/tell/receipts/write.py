"""Writing the receipts of a night: the marked copies first, then the receipt that names them, then its page.

Belongs here: the order, the places and the modes. Does not belong: what any of them says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tfc_platform.admit.night import Night
from tfc_platform.contracts.load import Catalogue
from tfc_platform.files import write_bytes, write_json
from tfc_platform.settings import Places
from tfc_platform.tell.receipts.gather import receipt_of
from tfc_platform.tell.receipts.marked import keep_marked
from tfc_platform.tell.receipts.page import receipt_page

__all__ = ["write_receipts"]


def write_receipts(night: Night, catalogue: Catalogue, places: Places, as_of: date, sites: Iterable[str]) -> None:
    """Write the receipt of each site into its folder; the same night gives the same bytes.

    :param as_of: the date that the night works for: lateness is counted to it.
    """
    for site in sites:
        folder = places.sites / site
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        receipt = receipt_of(night, catalogue, places, as_of, site)
        names = keep_marked(receipt, catalogue, places)
        files = tuple(file.model_copy(update={"marked": names.get(file.file)}) for file in receipt.files)
        receipt = receipt.model_copy(update={"files": files})
        write_json(folder / "receipt.json", receipt.as_data())
        write_bytes(folder / "receipt.html", receipt_page(receipt).encode())
