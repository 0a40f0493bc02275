"""Tonight's admission, worked out once and kept in a file, since several steps of a night ask for it.

The file is keyed by all that admission depends on, so that another process or a later step reads the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from tfc_platform.admission.acceptances import ACCEPTED
from tfc_platform.admission.admit import Night, admit, reading_digests
from tfc_platform.admission.arrivals import Arrival, ContentHold, SourceState, Submission
from tfc_platform.admission.expected_returns import Expected
from tfc_platform.admission.published_readings import PUBLISHED
from tfc_platform.atomic_io import canonical_json, sha256_text, write_bytes
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.lake import Receipt

__all__ = ["kept_admission"]


@dataclass(frozen=True)
class _KeptAdmission:
    key: str
    submissions: list[Submission]
    states: list[SourceState]
    expected: list[Expected]
    admitted: list[Receipt]
    issues: list[str]
    fingerprint: str
    receipts: list[tuple[Arrival, Receipt]]


_FILE = TypeAdapter(_KeptAdmission)


def _key(intake: Intake, holds: Mapping[str, ContentHold]) -> str:
    """A digest of what `admit` reads: the lake's files by name, size and time, the readings, acceptances, day and holds."""
    lake = intake.settings.places.lake
    files = []
    for folder in ("sightings", "receipts", "looks"):
        for path in sorted((lake / folder).rglob("*.json")):
            stat = path.stat()
            files.append((path.relative_to(lake).as_posix(), stat.st_size, stat.st_mtime_ns))
    accepted = intake.settings.places.acceptances / ACCEPTED
    parts = [
        files,
        *(file.read_text(encoding="utf-8") if file.is_file() else "" for file in (accepted, lake / PUBLISHED)),
        sorted(reading_digests(intake).items()),
        [(*key, intake.catalogue.contract(*key).model_dump(mode="json")) for key in intake.catalogue.sources],
        sha256_text(canonical_json({name: t.to_pylist() for name, t in intake.catalogue.reference_tables().items()})),
        intake.settings.as_of,
        sorted((sha256, hold.reason, hold.cause) for sha256, hold in holds.items()),
        sha256_text("\0".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py")))),
    ]
    return sha256_text(canonical_json(parts))


def _files_are_there(kept: _KeptAdmission, lake: Path) -> bool:
    """Whether what the comparison of returns wrote is still there; `admit` writes it again."""
    paths = [*kept.issues, *(table["path"] for receipt in kept.admitted for table in receipt.records.values())]
    return all((lake / path).is_file() for path in paths)


def kept_admission(intake: Intake, holds: Mapping[str, ContentHold]) -> Night:
    """What counts tonight, as `admit` gives it: read from the file where it has been worked out from the same inputs.

    :param holds: contents that a check of the marts holds back.
    :raises NotTakenInError: where a file has no receipt under today's contracts.
    """
    file, key = intake.settings.places.warehouse / "admission.json", _key(intake, holds)
    try:
        kept = _FILE.validate_json(file.read_bytes())
        if kept.key == key and _files_are_there(kept, intake.settings.places.lake):
            return Night(
                kept.submissions,
                kept.states,
                kept.expected,
                kept.admitted,
                kept.issues,
                kept.fingerprint,
                dict(kept.receipts),
            )
    except (OSError, ValidationError):
        pass  # none yet, or one of another version of the code
    night = admit(intake, holds)
    values = {name: getattr(night, name) for name in ("submissions", "states", "expected", "admitted", "issues")}
    kept = _KeptAdmission(key, **values, fingerprint=night.fingerprint, receipts=list(night.receipts.items()))
    write_bytes(file, _FILE.dump_json(kept))
    return night
