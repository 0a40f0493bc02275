"""The ledger of erasures: that something was erased, when, of which site and source, from how many files; never which record.

It is only added to. Where published figures of a locked period differ from the marts, it gives the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from tfc_platform.atomic_io import canonical_json, write_bytes
from tfc_platform.privacy.tombstones import ASKED, Intent
from tfc_platform.settings import Places

__all__ = ["Erasure", "last_erasure", "pending", "read", "record_finished"]

FILE = "ledger.jsonl"


@dataclass(frozen=True)
class Erasure:
    """One erasure that was carried out. `kind`: respondent · story · file. `releases` were removed because of it.

    `removed_whole`: files that went whole, because the record could not be taken out of them.
    """

    number: int
    kind: str
    site: str
    source: str
    ordered_on: date
    finished_on: date
    files: int
    releases: tuple[str, ...] = ()
    removed_whole: int = 0


def read(places: Places) -> tuple[Erasure, ...]:
    """All erasures, in the order in which they were finished; none where there never was one."""
    file = places.erasures / FILE
    erasures = []
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else []:
        values = json.loads(line)
        dates = {name: date.fromisoformat(values[name]) for name in ("ordered_on", "finished_on")}
        erasures.append(Erasure(**{**values, **dates, "releases": tuple(values["releases"])}))
    return tuple(erasures)


def last_erasure(places: Places) -> date | None:
    """The day on which an erasure was finished last; none where there never was one."""
    return max((erasure.finished_on for erasure in read(places)), default=None)


def pending(places: Places, intents: Iterable[Intent]) -> list[Intent]:
    """The erasures that were ordered and are not finished."""
    done = {erasure.number for erasure in read(places)}
    return [intent for intent in intents if intent.number not in done]


def record_finished(
    places: Places, intents: Iterable[Intent], finished_on: date, removed: Mapping[int, tuple[str, ...]]
) -> None:
    """Add a line for each erasure that was carried out. The file is written anew and swapped in, so no line is ever cut.

    :param removed: the releases that went because of each erasure, by its number.
    """
    new = [
        Erasure(
            intent.number,
            intent.kind,
            intent.site,
            intent.source,
            intent.ordered_on,
            finished_on,
            intent.files,
            removed.get(intent.number, ()),
            sum(item.why != ASKED for item in intent.tombstones),
        )
        for intent in intents
    ]
    lines = [canonical_json(asdict(item)) for item in (*read(places), *new)]
    write_bytes(places.erasures / FILE, "".join(f"{line}\n" for line in lines).encode())
