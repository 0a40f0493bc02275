"""Which sources have far fewer rows tonight than in the last night that was published, and nobody said that it is right."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tfc_platform.admission.published_readings import keep_published
from tfc_platform.atomic_io import write_json
from tfc_platform.ingest.error_rate import is_too_much
from tfc_platform.settings import Places

__all__ = ["SourceLoss", "losses_of", "lost_rows", "note_published", "note_rows"]

MOST_LOST = 0.25  # of a source's rows, beyond chance


@dataclass(frozen=True)
class SourceLoss:
    """A source, as `site/source`, with its admitted rows in the last published night and tonight."""

    source: str
    before: int
    now: int


def lost_rows(before: Mapping[str, int], now: Mapping[str, int], explained: Collection[str]) -> list[SourceLoss]:
    """The sources whose loss somebody in the centre has to look at.

    Versions and contracts are compared file by file at admission, and never lose as much unasked. What is left is what nobody
    thought of: a contract that is gone, another reader, a lake that was damaged.

    :param before: admitted rows by source in the last published night.
    :param explained: sources of which somebody accepted a return, or a record was erased.
    """
    return [
        SourceLoss(source, rows, now.get(source, 0))
        for source, rows in sorted(before.items())
        if source not in explained and is_too_much(max(rows - now.get(source, 0), 0), rows, MOST_LOST)
    ]


def _file(places: Places, build_id: str) -> Path:
    # They are counts, so they are in the lake and not in the evidence.
    return places.lake / "admitted_rows" / f"{build_id}.json"


def note_rows(
    places: Places,
    build_id: str,
    published: str | None,
    rows: Mapping[str, int],
    explained: Collection[str],
    readings: Sequence[Sequence[str | None]] = (),
) -> None:
    """Keep the admitted rows of a build by source, and which sources have lost some. They close no gate.

    :param published: the last published build; only its rows and those of this one are kept.
    :param readings: of the returns that are used, for `admission.published_readings`.
    """
    target = _file(places, build_id)
    before = _file(places, published) if published is not None else target
    earlier = json.loads(before.read_text())["rows"] if before.is_file() else {}
    if not target.is_file():
        losses = [asdict(loss) for loss in lost_rows(earlier, rows, explained)]
        write_json(target, {"rows": dict(sorted(rows.items())), "losses": losses, "readings": list(readings)})
    for file in target.parent.glob("*.json"):
        if file not in (target, before):
            file.unlink()


def note_published(places: Places, build_id: str) -> None:
    """A build has been published: its readings are those with which the next night is compared."""
    file = _file(places, build_id)
    if file.is_file():
        keep_published(places, json.loads(file.read_text()).get("readings", ()))


def losses_of(places: Places, build_id: str) -> list[SourceLoss]:
    """What a build lost against the published one before it; nothing where nobody noted it."""
    file = _file(places, build_id)
    return [SourceLoss(**loss) for loss in json.loads(file.read_text())["losses"]] if file.is_file() else []
