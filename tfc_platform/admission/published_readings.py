"""By which reading each content was used in the last published night, so that a loss since then is held and not published."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pyarrow.parquet as pq

from tfc_platform.admission.arrivals import Arrival
from tfc_platform.atomic_io import write_json
from tfc_platform.ingest.lake import Receipt, read_receipt
from tfc_platform.schemas import RECORDS
from tfc_platform.settings import Places

__all__ = ["PUBLISHED", "PublishedReadings", "keep_published", "readings_of"]

PUBLISHED = "published_readings.json"  # below the lake
# What is refused today for its personal data is not used by an earlier reading.
PRIVACY = frozenset({"personal_column"})


def readings_of(admitted: Mapping[Arrival, Receipt]) -> list[list[str | None]]:
    """What `keep_published` keeps of the returns that are used: site, source, SHA-256, path, return, and the reading."""
    rows = [
        [item.site, item.source, item.sha256, arrival.path, arrival.return_key, item.key, item.digest]
        for arrival, item in admitted.items()
    ]
    return sorted(rows, key=str)


def keep_published(places: Places, readings: Iterable[list[str | None]]) -> None:
    """Keep the readings of a night that was published."""
    write_json(places.lake / PUBLISHED, list(readings))


@dataclass(frozen=True)
class _Reading:
    path: str
    return_key: str | None
    key: str
    digest: str


class PublishedReadings:
    """The readings of the last published night; none where none was published."""

    def __init__(self, places: Places) -> None:
        self._places = places
        try:
            rows = json.loads((places.lake / PUBLISHED).read_bytes())
            self._of = {(site, source, sha256): _Reading(*reading) for site, source, sha256, *reading in rows}
        except (OSError, ValueError, TypeError):  # none, or none that can be read: nothing is compared this night
            self._of = {}

    def receipt(self, today: Receipt) -> Receipt | None:
        """The receipt by which a content was published, where it was read otherwise than today and can still be used.

        It cannot where its rows are gone or have other columns, where people have decided on names of columns since, or where
        today's reading refuses the file for its personal data.
        """
        known = self._of.get((today.site, today.source, today.sha256))
        if known is None or known.digest == today.digest or known.key != today.key or today.cause in PRIVACY:
            return None
        receipt = read_receipt(self._places, today.site, today.source, known.key, known.digest)
        if receipt is None or receipt.status != "read" or receipt.mappings != today.mappings:
            return None
        for record, table in receipt.records.items():
            file = self._places.lake / table["path"]
            if record not in RECORDS or not file.is_file() or not pq.read_schema(file).equals(RECORDS[record]):
                return None
        return receipt

    def merged(self, arrivals: Iterable[Arrival]) -> dict[Arrival, str]:
        """The returns that were several in the published night and are one by today's contract, each with what it was.

        :param arrivals: with the return that today's contract takes each for.
        """
        keys = {}
        for item in arrivals:
            known = self._of.get((item.site, item.source, item.sha256))
            if known is not None and known.path == item.path and known.return_key and item.return_key:
                keys[item] = known.return_key
        together = Counter((item.site, item.source, item.return_key) for item in keys)
        return {item: key for item, key in keys.items() if together[item.site, item.source, item.return_key] > 1}
