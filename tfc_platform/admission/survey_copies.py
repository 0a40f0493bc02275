"""Answers that stand twice: another survey's, exported again under another name, or the file's own, under other ids.

Two people may answer alike, and the more so the more alike all answers are. So only combinations of answers are compared that one
person gave in either file, and they are weighed against those that two people of one file gave: were both files drawn from the
same people, the number of combinations that are single in both is in expectation at most twice the number of those that are
double in the larger one. For a combination with probability p, and n people in each, these are (np)² exp(-2np) and
(np)² exp(-np) / 2 (the frequencies of frequencies of Good 1953).

In one file the numbers of combinations that one, two and three people gave are bound too: k! times the k-th is the k-th moment of
the same measure, and so (2 f₂)² is in expectation at most f₁ times 6 f₃. Rows that were pasted twice are double and never triple.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import duckdb

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_rows import ReturnRows
from tfc_platform.sql_text import quote_literal

__all__ = ["copied_surveys", "is_beyond_chance", "is_doubled"]

FEWEST_ITEMS = 5  # answered, of one instrument: fewer say too little of a person
FEWEST_ALIKE = 5
ALIKE_SHARE = 0.2  # of the smaller file's people; a panel may have a few who answer as they did
STANDARD_ERRORS = 5

# The codes as the tool wrote them, so that another numbering of the answers changes nothing.
_ANSWERS = """
    select {number} as number, instrument, respondent_id,
        string_agg(item || '=' || coalesce(code, missing_reason, ''), ' ' order by item) as said
    from read_parquet({file})
    group by instrument, respondent_id
    having count(value) >= {fewest}
"""
_COUNTS = """
    create or replace temp table said as
    with answers as ({answers})
    select number, instrument, said, count(*) as people from answers group by all
"""
_ALIKE = """
    select one.number, other.number, one.instrument, count(*)
    from said as one join said as other
        on one.instrument = other.instrument and one.said = other.said and one.number < other.number
    where one.people = 1 and other.people = 1
    group by all order by all
"""
_SIZES = """
    select number, instrument, sum(people)::bigint,
        count(*) filter (people = 1), count(*) filter (people = 2), count(*) filter (people = 3)
    from said group by all order by all
"""


def is_beyond_chance(alike: int, doubles: int, smaller: int) -> bool:
    """Whether two files share more single combinations of answers than people who answer alike explain.

    :param alike: combinations that one person gave in each of the two files.
    :param doubles: combinations that two people gave in the larger file.
    :param smaller: people in the smaller file.
    """
    by_chance = 2 * doubles
    return (
        alike >= FEWEST_ALIKE
        and alike >= ALIKE_SHARE * smaller
        and alike > by_chance + STANDARD_ERRORS * math.sqrt(by_chance + 1)
    )


def is_doubled(people: int, singles: int, doubles: int, triples: int) -> bool:
    """Whether more combinations of answers stand twice in a file than people who answer alike explain.

    :param people: in the file.
    :param singles: combinations that one of them gave; `doubles` and `triples` likewise.
    """
    most_triples = triples + 2 * math.sqrt(triples) + 4  # that their expectation may be, where so many were seen
    by_chance = math.sqrt(1.5 * singles * most_triples)
    return (
        doubles >= FEWEST_ALIKE
        and 2 * doubles >= ALIKE_SHARE * people
        and doubles > by_chance + STANDARD_ERRORS * math.sqrt(by_chance + 1)
    )


def copied_surveys(
    con: duckdb.DuckDBPyConnection, surveys: Sequence[ReturnRows]
) -> Iterator[tuple[ReturnRows, ContentHold]]:
    """Each survey that has an earlier one's answers, or its own twice. Of two the later is held: whose return came later.

    :param con: a database in memory.
    :param surveys: the returns of all sites that are used tonight.
    """
    ordered = sorted((item for item in surveys if "survey_answer" in item.files), key=lambda item: item.order)
    if not ordered:
        return
    answers = " union all ".join(
        _ANSWERS.format(number=number, file=quote_literal(str(item.files["survey_answer"])), fewest=FEWEST_ITEMS)
        for number, item in enumerate(ordered)
    )
    con.execute(_COUNTS.format(answers=answers))
    pairs = con.execute(_ALIKE).fetchall()
    sizes = {}
    for number, instrument, people, *by_times in con.execute(_SIZES).fetchall():
        sizes[(number, instrument)] = (people, by_times[1])
        if is_doubled(people, *by_times):
            yield ordered[number], _held_as_doubled(by_times[1])
    for earlier, later, instrument, alike in pairs:
        smaller, larger = sorted((sizes[(earlier, instrument)], sizes[(later, instrument)]))
        if is_beyond_chance(alike, larger[1], smaller[0]):
            yield ordered[later], _hold(ordered[earlier], alike)


def _held_as_doubled(doubles: int) -> ContentHold:
    return ContentHold(
        f"{doubles} combinations of answers stand in the file twice, under two ids: its rows seem to have been pasted or exported"
        " twice. Export this survey again and send that.",
        "copied_answers",
    )


def _hold(earlier: ReturnRows, alike: int) -> ContentHold:
    return ContentHold(
        f"{alike} people gave the very answers that are in {earlier.arrival.path} too, statement for statement: it seems to be"
        " that survey under another name. Export this survey and send that.",
        "copied_answers",
    )
