"""Ids of the programme that two sites have sent: one of them has sent the other's return, or they use the same numbers.

That is the trouble of those two sites. Which of them is wrong cannot be seen where both came in one night, so both are held; a
return that came later than the other is held by itself. Either is used again once the ids are one site's only.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import duckdb

from tfc_platform.admission.arrivals import ContentHold
from tfc_platform.admission.return_rows import ReturnRows, sentence_of_rows
from tfc_platform.contracts.catalogue import CENTRAL
from tfc_platform.sql_text import quote_identifier, quote_literal

__all__ = ["shared_ids"]

# The ids that are the programme's, by record. A survey's ids are tokens of its site, and no two sites have one.
IDS = {"activity": "session_id", "learning_item": "learning_id", "story": "story_id"}
_IDS = """
    select distinct {number} as number, {site} as site, {since}::timestamptz as since, {used} as is_used, {id} as id
    from read_parquet({file}) where {id} is not null
"""
# Beside each used return the other sites' used returns with the same ids, where this site did not have the id before the other.
_SHARED = """
    with ids as ({ids}),
    brought as (select site, id, min(since) as since from ids group by all),
    used as (select ids.number, ids.site, ids.id, brought.since from ids join brought using (site, id) where is_used)
    select one.number, other.number, count(*)
    from used as one join used as other on one.id = other.id and one.site <> other.site and one.since >= other.since
    group by all order by all
"""


def shared_ids(read: Sequence[ReturnRows], used: Collection[ReturnRows]) -> Iterator[tuple[ReturnRows, ContentHold]]:
    """Each return that is held for ids that another site's return of the same kind has.

    :param read: every version that was read, which says when a site first sent an id.
    :param used: those that are used tonight.
    """
    for record, name in IDS.items():
        own = [item for item in read if item.contract.record == record and item.main_file is not None]
        own = [item for item in own if item.arrival.site != CENTRAL and item.contract.key]
        if len({item.arrival.site for item in own}) > 1:
            yield from _of_record(own, set(used), name)


def _of_record(
    read: Sequence[ReturnRows], used: Collection[ReturnRows], name: str
) -> Iterator[tuple[ReturnRows, ContentHold]]:
    ids = " union all ".join(
        _IDS.format(
            number=number,
            site=quote_literal(item.arrival.site),
            since=quote_literal(item.arrival.first_seen_at.isoformat()),
            used=item in used,
            id=quote_identifier(name),
            file=quote_literal(str(item.main_file)),
        )
        for number, item in enumerate(read)
    )
    with duckdb.connect() as con:
        pairs = con.execute(_SHARED.format(ids=ids)).fetchall()
    for one, other, count in pairs:
        yield read[one], _hold(read[one], read[other], count)


def _hold(item: ReturnRows, owner: ReturnRows, count: int) -> ContentHold:
    have = "has an id that is" if count == 1 else "have ids that are"
    return ContentHold(
        f"{sentence_of_rows(count, item.receipt.accepted)} of this file {have} in {owner.arrival.path} too, which is another"
        " site's: one of the two seems to be the other's return. Send your own return under this name, with the ids that the"
        " programme gave you.",
        "shared_ids",
    )
