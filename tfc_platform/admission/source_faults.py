"""Sources that are held for no fault of a return: nobody could look at them tonight, or their contract is in error."""

from __future__ import annotations

from collections.abc import Iterable

from tfc_platform.admission.arrivals import SourceState
from tfc_platform.ingest.look_faults import CONTRACT_ERROR, NOT_LOOKED_AT, LookFault

__all__ = ["with_look_faults"]


def with_look_faults(states: Iterable[SourceState], faults: Iterable[LookFault]) -> list[SourceState]:
    """The states, with those held whose source has such a fault. A hold of a return comes before it.

    A file that was refused unread holds nothing: the other files of its source are whole without it.
    """
    first: dict[tuple[str, str], LookFault] = {}
    for fault in faults:
        if fault.kind in (NOT_LOOKED_AT, CONTRACT_ERROR):
            for source in fault.sources:
                first.setdefault((fault.sender, source), fault)
    return [_held(state, first.get((state.site, state.source))) for state in states]


def _held(state: SourceState, fault: LookFault | None) -> SourceState:
    if fault is None or state.is_held:
        return state
    return SourceState(
        state.site,
        state.source,
        True,
        held_since=fault.since,
        held_reason=f"{fault.path}: {fault.sentence} Until then the returns before are used.",
        held_cause=fault.kind,
        held_file=fault.path,
    )
