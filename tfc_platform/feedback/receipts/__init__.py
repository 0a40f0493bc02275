"""The receipt of a site: what became of each of its files, and everything there is to correct, the same night."""

from tfc_platform.feedback.receipts.write_receipts import refresh_receipts, write_receipts

__all__ = ["refresh_receipts", "write_receipts"]
