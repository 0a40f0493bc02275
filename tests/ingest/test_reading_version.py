"""A change of what the readers give raises a number of `reading_version`, so that homes read their vaults again.

`reading_golden.json` holds the versions, and of each fixture a digest of all that was read from it. Where the output changed on
purpose, raise the number of the part and write the file anew: `WRITE_GOLDEN=1 pytest tests/ingest/test_reading_version.py`.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_version import VERSIONS
from tfc_platform.ingest.safeguarding_screen import load_rules
from tfc_platform.privacy.pseudonym import Pseudonyms

GOLDEN = Path(__file__).with_name("reading_golden.json")
RETURNS = Path(__file__).resolve().parents[1] / "bad_returns"
FIXTURES = sorted(path for path in (RETURNS / "files").iterdir() if path.suffix in (".csv", ".xlsx", ".xls"))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue([RETURNS / "contracts"])


SCREEN = load_rules().screen


def digest_of(path: Path, catalogue: Catalogue) -> str:
    """Of everything that a reading gives: status, counts, typed rows, issues, flags, texts, tokens."""
    contract = catalogue.contract("grimsby", "bad_returns")
    file = FileContext(path.name, "grimsby", "0" * 64, contract, catalogue, Pseudonyms(b"k" * 32), SCREEN)
    reading = read_file(path.read_bytes(), file)
    result = reading.result
    everything: list[Any] = [
        (reading.status, reading.cause, reading.message, reading.read_as, reading.hidden),
        (result.received, result.accepted, result.rejected, result.duplicate, result.not_data),
        sorted((name, table.to_pylist()) for name, table in result.tables().items()),
        result.issues,
        result.flags,
        result.texts,
        sorted(result.names),
        result.content.digest if result.content else None,
    ]
    return hashlib.sha256(repr(everything).encode()).hexdigest()[:16]


def test_the_output_of_the_readers_has_the_version_that_is_written_down(catalogue: Catalogue) -> None:
    now = {"versions": VERSIONS, "digests": {path.name: digest_of(path, catalogue) for path in FIXTURES}}
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(json.dumps(now, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    before = json.loads(GOLDEN.read_text(encoding="utf-8"))
    changed = [name for name, digest in now["digests"].items() if before["digests"].get(name) != digest]
    if changed and before["versions"] == VERSIONS:
        pytest.fail(f"These are read otherwise, and no number of reading_version.VERSIONS was raised: {changed}")
    assert before == now, "the numbers were raised: write reading_golden.json anew"
