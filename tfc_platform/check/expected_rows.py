"""The rows that admission counts for each site and record: which checks a site must pass, and where no rows is a fault.

They come from tonight's admitted files, so a source that a site has not begun to send is no fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import duckdb

__all__ = ["NO_RECORD", "SURVEY_RECORDS", "AdmittedRows", "admitted_rows", "are_rows_expected", "sites_of"]

# (site, record) to the rows admitted tonight: 0 where there is a contract and nothing has come yet.
AdmittedRows = Mapping[tuple[str, str], int]

# Marks a site that files came from though no contract is its own: it has rows in the tables about files, in no others.
NO_RECORD = ""

# A survey's contract names its respondents; their answers come with them.
SURVEY_RECORDS = {"survey_respondent": ("survey_respondent", "survey_answer")}


def admitted_rows(con: duckdb.DuckDBPyConnection, contracted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The rows that admission counts for each (site, record) of the contracts.

    Read from `lake.admitted`; the sites that files came from, from `lake.submission`.

    :raises duckdb.Error: where one of the two cannot be read.
    """
    rows = con.execute("select site, record, sum(accepted)::bigint from lake.admitted group by all").fetchall()
    senders = con.execute("select distinct site from lake.submission").fetchall()
    counted = {(str(site), str(record)): int(count) for site, record, count in rows}
    wanted = {(site, part) for site, record in contracted for part in SURVEY_RECORDS.get(record, (record,))}
    pairs = wanted | set(counted)
    strangers = {(str(site), NO_RECORD) for (site,) in senders} - {(site, NO_RECORD) for site, _ in pairs}
    return {pair: counted.get(pair, 0) for pair in sorted(pairs | strangers)}


def sites_of(admitted: AdmittedRows, record: str | None) -> tuple[str, ...]:
    """The sites for which rows of `record` are judged; for no record, every site."""
    return tuple(sorted({site for site, name in admitted if record is None or name == record}))


def are_rows_expected(admitted: AdmittedRows, record: str, site: str) -> bool:
    """Whether no rows of `record` for `site` would be a fault: admission counts some, or it counts nothing of anybody.

    A night without a single row is a fault for everybody.
    """
    return not any(admitted.values()) or admitted.get((site, record), 0) > 0
