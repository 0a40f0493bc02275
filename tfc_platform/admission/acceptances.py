"""What people accepted: held contents that count all the same, each with who said so and why.

The file is only ever added to. A word is about one content, so the next version of the return ends it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from tfc_platform.admission.arrivals import Acceptance
from tfc_platform.settings import ConfigurationError, Places

__all__ = ["ACCEPTED", "read_acceptances", "record_acceptance"]

ACCEPTED = "accepted.jsonl"
Accepted = Mapping[tuple[str, str | None, str], Acceptance]


def record_acceptance(places: Places, acceptance: Acceptance) -> None:
    """Add one line, and have it on the disk before this returns."""
    places.acceptances.mkdir(parents=True, mode=0o700, exist_ok=True)
    file = places.acceptances / ACCEPTED
    line = json.dumps(asdict(acceptance), ensure_ascii=False, default=str) + "\n"
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "ab") as stream:
        if stream.tell() and not file.read_bytes().endswith(b"\n"):
            stream.write(b"\n")  # a line that a power cut left unfinished ends here
        stream.write(line.encode())
        stream.flush()
        os.fsync(stream.fileno())


def read_acceptances(places: Places) -> dict[tuple[str, str | None, str], Acceptance]:
    """The latest word on each content, by site, source and SHA-256.

    :raises ConfigurationError: where a line but the last cannot be read: without it a held return would be held again.
    """
    file = places.acceptances / ACCEPTED
    if not file.is_file():
        return {}
    accepted: dict[tuple[str, str | None, str], Acceptance] = {}
    lines = file.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            values: dict[str, Any] = json.loads(line)
            one = Acceptance(**{**values, "on": date.fromisoformat(values["on"])})
        except (ValueError, TypeError, KeyError):
            if number == len(lines):
                continue  # a power cut left it unfinished, and nobody was told that it is kept
            where = f"{places.acceptances.name}/{ACCEPTED}, line {number}"
            raise ConfigurationError(f"TFC_HOME: {where} is damaged: put the kept copy back.") from None
        accepted[(one.site, one.source, one.sha256)] = one
    return accepted
