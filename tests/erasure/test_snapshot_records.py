"""The digest of an erased record goes from beside a snapshot also where another record of the same cell takes its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.disclosure.world import make_world
from tfc_platform.disclosure.protect import prepare
from tfc_platform.disclosure.snapshots import latest_versions, record_digest


def test_counts_that_stay_the_same_keep_no_digest_of_the_erased(tmp_path: Path) -> None:
    """One story is erased and one like it comes late, in one night: no figure of the marts says that anything happened."""
    world = make_world(tmp_path, quarters=1)
    day = world.lock_day("2025-Q2")
    world.release(day)
    gone = world.stories.pop(0)
    world.stories.append(replace(gone, id="another-story"))
    world.write()

    def standing() -> set[str]:
        return {
            item.record
            for one in latest_versions(world.store.versions()).values()
            for item in world.store.records(one) or ()
        }

    before = standing()
    assert record_digest(gone.id) in before
    prepare(world.inputs(day + timedelta(days=1)))
    assert standing() == before  # nobody was erased
    prepare(world.inputs(day + timedelta(days=1), last_erasure=day + timedelta(days=1)))
    assert standing() == before - {record_digest(gone.id)}
    told = [(entry.snapshot, entry.what) for entry in world.ledger.read() if entry.what in ("erased", "changed")]
    assert told == [(f"stories/{gone.site}/2025-Q2", "erased")]
