"""Synthetic returns of four sites, with the results that a correct platform must report.

The results are noted while the files are written, never read back from them. All of it is invented: names, phones of Ofcom's
range for drama, mail at example.org, machines at 203.0.113.0/24.
"""

from __future__ import annotations

from pathlib import Path

from tfc_platform.demo.file_ledgers import DemoAnswers

__all__ = ["DemoAnswers", "write"]


def write(landing: Path, seed: int = 2026, night: int = 1) -> DemoAnswers:
    """Write a night's returns into the folder `landing` and give the answers for all that has come by then.

    Night 1 brings everything; night 2, a month later, only its own files, and is meant for a landing zone that holds
    night 1 of the same seed: one site gains a month, one cumulative export lacks a required column, and half the rows
    of another hold nonsense. The same seed gives the same bytes. Each file is put in place whole.
    Raises ValueError for a night other than 1 or 2.
    """
    # Imported here: the command line tool lists its commands without loading the writers.
    from tfc_platform.atomic_io import write_bytes
    from tfc_platform.demo import config, expected_results, nights, scenario

    if night not in nights.NIGHTS:
        raise ValueError(f"night must be one of {', '.join(map(str, nights.NIGHTS))}, not {night}")
    made = scenario.make(config.load(), seed)
    by_night = [nights.drops_of(made, number) for number in nights.NIGHTS if number <= night]
    for drop in by_night[-1]:
        write_bytes(landing / drop.path, drop.content)
    return expected_results.answers_of(made, seed, night, [drop for drops in by_night for drop in drops], by_night[-1])
