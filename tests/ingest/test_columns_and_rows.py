"""Rows that are accepted by column become what they become one by one: the same rows, issues, notices, texts and digests."""

from __future__ import annotations

import csv
import io
import random
from typing import Any

import numpy as np
import pytest

from benchmarks.long_files import contract_of, write_csv
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest import apply_contract
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.safeguarding_screen import load_rules
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.sheets import cell_columns

SCREEN = load_rules().screen
JOTTINGS = (
    "?",
    "",
    " ",
    "Total",
    "7.0",
    "'3",
    "07/03/2026",
    "12/11/2025",
    "=1+1",
    "a word, and another",
    "\u200b",
    "07700 900123",
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue()


def damaged(content: bytes, delimiter: str, first: int, seed: int) -> bytes:
    """A text in which some cells say something else, some rows come again, and some are shorter or longer."""
    rng = random.Random(seed)
    rows = list(csv.reader(io.StringIO(content.decode()), delimiter=delimiter))
    for row in rows[first:]:
        if rng.random() < 0.15:
            row[rng.randrange(len(row))] = rng.choice(JOTTINGS)
        if rng.random() < 0.01:
            row.pop()
        if rng.random() < 0.01:
            row.append(rng.choice(JOTTINGS))
    for _ in range(12):
        place = rng.randrange(first, len(rows))
        rows.insert(
            place, rng.choice([rng.choice(rows[first:]), rows[0], [""] * len(rows[0]), ["A note under the table"]])
        )
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def all_of(reading: Any) -> dict[str, Any]:
    result = reading.result
    return {
        "verdict": (reading.status, reading.cause, reading.message),
        "counts": [
            (result.received, result.accepted, result.rejected, result.duplicate, result.not_data, result.faults),
            (result.reasons, result.answers, result.unknown_answers, result.ragged, result.repeated_ids),
            (result.months, result.other_months),
        ],
        "tables": {name: table.to_pylist() for name, table in result.tables().items()},
        "issues": result.issues,
        "flags": result.flags,
        "texts": result.texts,
        "names": result.names,
        "personal": result.personal_cells,
        "tallies": list(result.tallies.items()),
        "checks": result.checks,
        "content": result.content.digest if result.content else None,
    }


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("record", "facts"), [("activity", {}), ("survey_respondent", {"population": "community", "wave": "w1"})]
)
def test_rows_by_column_are_what_they_are_one_by_one(
    record: str, facts: dict[str, str], seed: int, catalogue: Catalogue, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, contract = contract_of(catalogue, record, "csv")
    made = write_csv(catalogue, record, tmp_path, 600, facts)
    contract = contract.model_copy(update={"hold": contract.hold.model_copy(update={"above": None, "personal": False})})
    content = damaged(made.path.read_bytes(), contract.read.delimiter, contract.read.header.rows, seed)
    file = FileContext(made.path.name, site, "0" * 64, contract, catalogue, Pseudonyms(b"k" * 32), SCREEN)
    monkeypatch.setattr(cell_columns, "CHUNK", 150)
    by_column = read_file(content, file)
    assert by_column.result.accepted > 300
    # The same reader with every row left to the reading of single rows.
    monkeypatch.setattr(apply_contract, "rows_to_read", lambda *_: np.ones(len(_[2]), np.bool_))
    by_row = read_file(content, file)
    one, other = all_of(by_column), all_of(by_row)
    for name in one:
        assert one[name] == other[name], name
