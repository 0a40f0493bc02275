"""Every place of TFC_HOME as data: whether it can be made again, how a file of it is verified, and what restores it.

The night, `tfc doctor` and `tfc backup` read this one list. A file belongs to the first place whose pattern it matches.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from tfc_platform.atomic_io import WRITING

__all__ = ["FROM_BACKUP", "HOME_PLACES", "HomePlace", "place_of"]

# whole: its bytes never change. added_to: it only grows. rewritten: commands change it, so it must only be readable.
# kept_result: nights write it anew, and one that differs from the last complete night's is dropped without a word.
Check = Literal["whole", "added_to", "rewritten", "kept_result"]

FROM_BACKUP = "Put it back from a backup: tfc restore FILE --damaged"
NEXT_NIGHT = "tfc nightly makes it again"


@dataclass(frozen=True)
class HomePlace:
    """One place. `pattern` matches paths below TFC_HOME; `made_from` is empty where nothing can make it again."""

    name: str
    pattern: str
    check: Check
    made_from: str = ""

    @property
    def is_derived(self) -> bool:
        """Whether a night can make it again."""
        return bool(self.made_from)

    @property
    def remedy(self) -> str:
        """What a person does about a damaged file."""
        return f"{NEXT_NIGHT}, from {self.made_from}" if self.is_derived else FROM_BACKUP


HOME_PLACES = (
    HomePlace("keys", r"keys/.+", "whole"),
    HomePlace("vault", r"vault/.+", "whole"),
    HomePlace("ledger of erasures", r"erasures/ledger\.jsonl", "added_to"),
    HomePlace("tombstones", r"erasures/tombstones\.jsonl", "rewritten"),
    HomePlace("acceptances", r"acceptances/.+", "added_to"),
    HomePlace("mappings", r"mappings/.+", "rewritten"),
    HomePlace("ledger of snapshots", r"snapshots/ledger\.jsonl", "added_to"),
    HomePlace("audits", r"snapshots/audits/.+", "whole", "the snapshots"),
    HomePlace("withheld parts", r"snapshots/withheld\.json", "rewritten"),
    HomePlace("outputs that left", r"snapshots/outputs/.+", "whole"),
    HomePlace("snapshots", r"snapshots/.+", "whole"),
    HomePlace("sightings", r"lake/sightings/.+", "whole"),
    HomePlace("holds", r"lake/holds/.+", "rewritten", "the lake"),
    HomePlace("published readings", r"lake/published_readings\.json", "rewritten", "the lake"),
    HomePlace("lake", r"lake/(?!looks/|contracts/).+", "whole", "the vault"),
    HomePlace("texts", r"text/.+", "whole", "the vault"),
    HomePlace("gazetteer", r"gazetteer/.+", "whole", "the vault"),
    HomePlace("flags", r"sites/[^/]+/flags/.+", "rewritten"),
    HomePlace("receipts", r"sites/[^/]+/receipt\.(json|html)", "rewritten", "the lake"),
    HomePlace("rollbacks and removals", r"evidence/(rollbacks|removals)\.jsonl", "added_to"),
    HomePlace("evidence", r"evidence/[0-9a-f]{20}/.+", "whole", "the warehouse"),
    HomePlace("charts", r"warehouse/charts/.+", "whole", "the release's tables"),
    HomePlace("admission", r"warehouse/admission\.json", "kept_result", "the lake"),
    HomePlace("warehouse", r"warehouse/(tfc\.duckdb|build\.json)", "rewritten", "the lake"),
    HomePlace("research", r"research/[^/]+/.+", "whole", "the warehouse"),
    HomePlace("releases", r"releases/[^/]+/.+", "whole"),
    HomePlace("runs", r"dagster/.+\.db", "rewritten", "the runs to come: the history begins anew"),
)


@lru_cache(maxsize=65536)
def place_of(path: str) -> HomePlace | None:
    """The place that a path below TFC_HOME belongs to; none for locks, files on their way, and what nobody reads again."""
    if any(part.startswith((WRITING, ".")) for part in PurePosixPath(path).parts) or path.endswith(".lock"):
        return None
    return next((place for place in HOME_PLACES if re.fullmatch(place.pattern, path)), None)
