"""Privacy: what personal data look like, keyed tokens in place of names and ids, and tombstones of what was erased."""
