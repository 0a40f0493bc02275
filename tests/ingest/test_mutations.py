"""Exports of every tool with accidents: always a status with a sentence, sums that hold, and no cell of a person said.

Seeded and bounded; `make fuzz` tries as many as there is time for, and the real exports too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.ingest.mutations import SECRETS, Sample, faults_of, mutated, own_samples, read_mutated
from tests.profiling import exports

SEEDS = range(100, 106)


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Sample]:
    return own_samples(tmp_path_factory.mktemp("contracts"))


def test_accidents_have_a_status_and_their_sums_hold(samples: Sequence[Sample]) -> None:
    found = {(sample.name, seed): faults_of(sample, seed, SECRETS) for sample in samples for seed in SEEDS}
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_the_accidents_are_of_many_kinds(samples: Sequence[Sample]) -> None:
    """Else the test above would show little: some of the files are read, and some are refused for several reasons."""
    readings = [read_mutated(sample, mutated(sample.content, seed)) for sample in samples[:4] for seed in SEEDS]
    assert {"read", "rejected"} <= {reading.status for reading in readings}
    assert len({reading.cause for reading in readings}) > 4


def test_a_file_that_ends_its_reader_is_unreadable(tmp_path: Path, samples: Sequence[Sample]) -> None:
    """The C library ended the process on this SPSS file: three bytes of its variables differ."""
    content = mutated(exports.jisc().content, 33)
    sample = next(sample for sample in samples if sample.content[:4] == b"$FL2")
    reading = read_mutated(sample, content)
    assert (reading.status, reading.cause) == ("unreadable", "unreadable")
