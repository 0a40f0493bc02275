"""The receipt of a site: what became of each of its files, and everything there is to mend, the same night.

Belongs here: `receipt.json` (`gather`, `shape`), `receipt.html` (`page`), and marked copies of returns (`marked`, `marks`).
Does not belong: judging anything, or anything for the central team.
"""

from tfc_platform.feedback.receipts.write_receipts import refresh_receipts, write_receipts

__all__ = ["refresh_receipts", "write_receipts"]
