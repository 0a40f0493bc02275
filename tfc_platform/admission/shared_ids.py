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
FEWEST = (
    2  # shared ids, and half of the return's: fewer are slips, which the checks of learning items and of stories report
)
_IDS = """
    select distinct {number} as number, {record} as record, {site} as site, {since}::timestamptz as since, {used} as is_used,
        {id} as id
    from read_parquet({file}) where {id} is not null
"""
# Beside each used return the other sites' used returns with the same ids, where this site did not have the id before the other.
_SHARED = """
    with ids as ({ids}),
    brought as (select site, record, id, min(since) as since from ids group by all),
    used as (select ids.number, site, record, id, brought.since from ids join brought using (site, record, id) where is_used)
    select one.number, other.number, count(*)
    from used as one join used as other
        on one.record = other.record and one.id = other.id and one.site <> other.site and one.since >= other.since
    group by all order by all
"""


def shared_ids(
    con: duckdb.DuckDBPyConnection, read: Sequence[ReturnRows], used: Collection[ReturnRows]
) -> Iterator[tuple[ReturnRows, ContentHold]]:
    """Each return that is held for ids that another site's return of the same kind has.

    :param con: any database; nothing is written to it.
    :param read: every version that was read, which says when a site first sent an id.
    :param used: those that are used tonight.
    """
    own = [
        item
        for item in read
        if item.contract.record in IDS and item.contract.key and item.main_file and item.arrival.site != CENTRAL
    ]
    if len({item.arrival.site for item in own}) < 2:
        return
    ids = " union all ".join(
        _IDS.format(
            number=number,
            record=quote_literal(item.contract.record),
            site=quote_literal(item.arrival.site),
            since=quote_literal(item.arrival.first_seen_at.isoformat()),
            used=item in used,
            id=quote_identifier(IDS[item.contract.record]),
            file=quote_literal(str(item.main_file)),
        )
        for number, item in enumerate(own)
    )
    for one, other, count in con.execute(_SHARED.format(ids=ids)).fetchall():
        if count >= FEWEST and 2 * count >= own[one].receipt.accepted:
            yield own[one], _hold(own[one], own[other], count)


def _hold(item: ReturnRows, owner: ReturnRows, count: int) -> ContentHold:
    return ContentHold(
        f"{sentence_of_rows(count, item.receipt.accepted)} of this file have ids that are in {owner.arrival.path} too, which is"
        " another site's: one of the two seems to be the other's return. Send your own return under this name, with the ids that"
        " the programme gave you.",
        "shared_ids",
    )
