"""The version of the code that reads, part by part: raise the number of a part whose output changes.

A receipt holds as long as the versions, the contract and the data files that the reading looks things up in stay the same. After
a change of any of them every file in the vault is read again, which takes half an hour for 13,000 files; so a change that reads
all as before keeps the number. `tests/ingest/test_reading_version.py` fails where the output changes and no number does.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from tfc_platform.atomic_io import canonical_json
from tfc_platform.ingest.sayable_names import WORDS_FILE as HEADER_WORDS_FILE
from tfc_platform.privacy.name_tokens import WORDS_FILE
from tfc_platform.privacy.person_names import GIVEN_NAMES_FILE
from tfc_platform.privacy.personal_data import PATTERNS_FILE
from tfc_platform.schemas import RECORDS

__all__ = ["VERSIONS", "lookup_files", "reader_digest"]

VERSIONS = {
    "csv": 1,
    "workbook": 3,
    "statistics": 1,  # SPSS and Stata
    "other_formats": 1,  # HTML, JSON, zip
    "table": 2,  # header rows, totals, notes, side by side
    "rows": 7,  # fields, duplicates, dispositions, issues
    "survey": 3,
    "privacy": 3,  # name tokens, personal data, pseudonyms
}


def lookup_files() -> tuple[Path, ...]:
    """The data files that every reading looks things up in."""
    return (WORDS_FILE, GIVEN_NAMES_FILE, PATTERNS_FILE, HEADER_WORDS_FILE)


@lru_cache(maxsize=1)
def reader_digest() -> str:
    """Of the versions, the data files and the schemas of the records."""
    digest = hashlib.sha256(canonical_json(VERSIONS).encode())
    digest.update(repr({name: schema.to_string() for name, schema in sorted(RECORDS.items())}).encode())
    for path in lookup_files():
        digest.update(path.read_bytes())
    return digest.hexdigest()
