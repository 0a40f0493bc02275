"""Evidence of the build before, where it still holds: the same rule on the very same rows need not be judged again.

Belongs here: when a verdict may be carried over. Does not belong: judging (`expect`), or what the gate makes of it: a
verdict that was carried over is evidence like any other, about the digest that the gate asks for.

A verdict is carried over only where nothing can have changed it: the check, its severity, the rows, and for a rule that
looks at the date of the night that date. The rules' digest is compared by whoever hands the evidence over (`tonight`).
A verdict that holds a site or closes the gate is never carried over: what stops something is judged anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from tfc_platform.check.evidence import Evidence, EvidenceKey

__all__ = ["Earlier"]

_HARMLESS = frozenset({"none", "warns"})


@dataclass(frozen=True)
class Earlier:
    """The evidence of a finished build, judged by the same rules as tonight's, and the date that its night worked for."""

    as_of: date
    evidence: tuple[Evidence, ...]
    _by_key: dict[EvidenceKey, Evidence] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_key", _without_contradictions(self.evidence))

    def holding(
        self, key: EvidenceKey, severity: str, dimension: str, content_hash: str, on: date | None
    ) -> Evidence | None:
        """The earlier verdict of this check on these very rows; none where there is none that still holds.

        :param content_hash: the digest of the rows as they are now; empty where it is not known, and then nothing holds.
        :param on: the date that the night works for, where the rule looks at it; else none.
        """
        found = self._by_key.get(key)
        if found is None or not content_hash or found.content_hash != content_hash:
            return None
        if (found.severity, found.dimension) != (severity, dimension) or found.gate_effect not in _HARMLESS:
            return None
        return found if on is None or on == self.as_of else None


def _without_contradictions(evidence: Iterable[Evidence]) -> dict[EvidenceKey, Evidence]:
    items = tuple(evidence)
    times = Counter(item.key for item in items)
    return {item.key: item for item in items if times[item.key] == 1}
