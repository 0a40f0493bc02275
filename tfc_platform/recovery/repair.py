"""Make a damaged home one that a night can go on from, or say what a person has to put back.

What can be derived is removed, so that the night makes it again from the vault; nothing else is ever removed. What cannot be
derived stops the night.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from tfc_platform.admission.admit import reading_digests
from tfc_platform.atomic_io import canonical_json, write_bytes
from tfc_platform.contracts.catalogue import load_nightly_catalogue
from tfc_platform.file_lock import file_lock
from tfc_platform.home_inventory import FROM_BACKUP
from tfc_platform.ingest import vault
from tfc_platform.ingest.intake import Intake
from tfc_platform.ingest.lake import read_sightings
from tfc_platform.ingest.landing import Landing
from tfc_platform.privacy.tombstones import Tombstones
from tfc_platform.recovery.damage import FiledReading, filed_readings, is_current_release
from tfc_platform.sealed_files import FileDamage, cut_run_databases, damaged_files, drop_from_seal
from tfc_platform.settings import ConfigurationError, Places, Settings
from tfc_platform.versions import forget, version_ids

__all__ = ["HomeDamagedError", "Repaired", "recover", "repair", "repair_derived"]

log = logging.getLogger(__name__)
REPAIRS = "repairs.jsonl"
MOST_NAMED = 3
READINGS = ("lake", "texts", "gazetteer")
Repaired = tuple[str, ...]  # a sentence for each place


class HomeDamagedError(ConfigurationError):
    """Something in the home is damaged that nothing can make again: the message names it and what to do."""


def recover(settings: Settings, *, runs: bool = False) -> Repaired:
    """Look for damage since the last complete night, and repair what can be derived; gives what was done.

    :param runs: look at Dagster's databases too: where no process has them open.
    :raises HomeDamagedError: where something is damaged that cannot be made again. Nothing is then removed.
    """
    places = settings.places
    if not damaged_files(places) and not (runs and cut_run_databases(places)):
        return ()
    with file_lock(places.evidence / "recovery.lock"):  # another step of the run may have repaired it meanwhile
        return repair(settings, [*damaged_files(places), *(cut_run_databases(places) if runs else ())])


def repair(settings: Settings, damage: Sequence[FileDamage]) -> Repaired:
    """Remove what is damaged and derived, and fetch what is damaged in the vault from the landing zone.

    :raises HomeDamagedError: as `recover`.
    """
    plan = _plan(settings, damage)
    if plan.kept:
        raise HomeDamagedError(_refusal(plan.kept))
    return _carry_out(settings.places, plan)


def repair_derived(settings: Settings, damage: Sequence[FileDamage]) -> Repaired:
    """As `repair`, but what is derived is repaired also where something else has to be put back.

    :raises HomeDamagedError: after that, naming what has to be put back.
    """
    plan = _plan(settings, damage)
    done = _carry_out(settings.places, plan)
    if plan.kept:
        raise HomeDamagedError(" ".join([*done, _refusal(plan.kept)]))
    return done


@dataclass(frozen=True)
class _RepairPlan:
    """What is done about some damage: `fetched` paths are in the vault again, `kept` has to be put back by a person."""

    fetched: frozenset[str]
    earlier_releases: Sequence[FileDamage]
    kept: Sequence[FileDamage]
    derived: Sequence[FileDamage]
    readings: _Readings


def _plan(settings: Settings, damage: Sequence[FileDamage]) -> _RepairPlan:
    places = settings.places
    in_vault = [item for item in damage if item.place.name == "vault"]
    others = [item for item in damage if not item.place.is_derived and item.place.name not in ("vault", "releases")]
    fetched = frozenset[str]() if others else _from_landing(settings, in_vault)
    left = [item for item in damage if item.path not in fetched]
    old = [item for item in left if item.path.startswith("releases/") and not is_current_release(places, item.path)]
    kept = [item for item in left if not item.place.is_derived and item not in old]
    readings = _Readings(settings, [item for item in left if item.place.name in READINGS])
    # The keys and decisions that a reading depends on may be what is damaged: then nobody can tell today's reading.
    underivable = [] if kept else readings.not_derivable()
    lost = {item.path for item in underivable}
    derived = [item for item in left if item.place.is_derived and item.path not in lost]
    if kept:  # receipts wait until what they depend on is put back
        derived = [item for item in derived if item.place.name not in READINGS]
        readings = _Readings(settings, [])
    return _RepairPlan(fetched, old, [*kept, *underivable], derived, readings)


def _carry_out(places: Places, plan: _RepairPlan) -> Repaired:
    done = [f"{path} was damaged and is fetched from the landing zone again." for path in sorted(plan.fetched)]
    if plan.earlier_releases:
        done.append(f"{_named(plan.earlier_releases)}. Readers see the current release, which is whole. {FROM_BACKUP}.")
    lost = {item.path for item in plan.kept}
    removed = _remove(
        places, plan.derived, [one for one in plan.readings.affected if not lost & {one.path, *one.files}]
    )
    drop_from_seal(places, [*removed, *(item.path for item in plan.derived), *plan.fetched])
    done += _sentences(plan.derived)
    for sentence in done:
        log.warning(sentence)
    _record(places, plan.derived)
    return tuple(done)


def _named(damage: Sequence[FileDamage]) -> str:
    rest = f", and {len(damage) - MOST_NAMED} more" if len(damage) > MOST_NAMED else ""
    return ", ".join(item.message for item in damage[:MOST_NAMED]) + rest


def _refusal(kept: Sequence[FileDamage]) -> str:
    return (
        f"TFC_HOME: {_named(kept)}. Nothing can make this again. {kept[0].place.remedy}. `tfc doctor` shows everything."
    )


def _sentences(derived: Iterable[FileDamage]) -> list[str]:
    by_place: dict[str, list[FileDamage]] = {}
    for item in derived:
        if item.place.check != "kept_result":
            by_place.setdefault(item.place.name, []).append(item)
    return [f"{_named(found)}: {found[0].place.remedy}." for _, found in sorted(by_place.items())]


def _record(places: Places, derived: Sequence[FileDamage]) -> None:
    """Add to the record of repairs, so that repeated damage, as by a failing disk, shows."""
    if not derived:
        return
    file = places.evidence / REPAIRS
    before = file.read_bytes() if file.is_file() else b""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    lines = [canonical_json({"at": at, "path": item.path, "problem": item.problem}) for item in derived]
    write_bytes(file, before + "".join(f"{line}\n" for line in lines).encode())


def _from_landing(settings: Settings, damage: Sequence[FileDamage]) -> frozenset[str]:
    """Put contents back into the vault that still lie in the landing zone; gives their paths below TFC_HOME.

    Where rows of the site were erased nothing is fetched: the landing zone may have them still.
    """
    places = settings.places
    wanted = {item.path.rsplit("/", 1)[-1]: item.path for item in damage if vault.AFTER_ERASURE not in item.path}
    if not wanted:
        return frozenset()
    seen = {sighting.path: sighting.sha256 for sighting in read_sightings(places) if sighting.sha256 in wanted}
    if not seen:
        return frozenset()
    tombstones, landing, done = Tombstones.load(places), Landing.of(settings), set[str]()
    try:
        for landed in landing.files():
            sha256 = seen.get(landed.path)
            if sha256 is None or wanted[sha256] in done or tombstones.at(landed.folder) or tombstones.why_file(sha256):
                continue
            content = landing.fetch(landed)
            if vault.identity_of(content) == sha256:
                vault.remove(places.vault, sha256)
                vault.keep(places.vault, content)
                done.add(wanted[sha256])
    except OSError:
        log.warning("The landing zone does not answer: nothing was fetched from it again.")
    return frozenset(done)


class _Readings:
    """The receipts behind damaged files of the lake, the text store and the gazetteer."""

    def __init__(self, settings: Settings, damage: Sequence[FileDamage]) -> None:
        self._settings = settings
        self._damage = {item.path: item for item in damage}
        self._all = list(filed_readings(settings.places)) if damage else []
        missing = [_as_reading(path) for path in self._damage if _is_receipt(path)]
        known = {reading.path for reading in self._all}
        self._all += [reading for reading in missing if reading.path not in known]
        self.affected = [one for one in self._all if one.path in self._damage or self._damage.keys() & set(one.files)]

    def not_derivable(self) -> list[FileDamage]:
        """What was read under an earlier contract and is not readable under today's: nothing can read it again."""
        if not self.affected:
            return []
        intake = Intake.load(self._settings, load_nightly_catalogue(self._settings))
        today = reading_digests(intake)
        good = {
            (one.site, one.source, one.key)
            for one in self._all
            if one not in self.affected
            and one.values is not None
            and one.values.get("status") == "read"
            and today.get((one.site, one.source)) == one.digest
        }
        old = [
            one
            for one in self.affected
            if today.get((one.site, one.source)) != one.digest and (one.site, one.source, one.key) not in good
        ]
        named = {path for one in old for path in (one.path, *one.files) if path in self._damage}
        return [
            replace(self._damage[path], place=replace(self._damage[path].place, made_from="")) for path in sorted(named)
        ]


def _is_receipt(path: str) -> bool:
    return path.startswith("lake/receipts/")


def _as_reading(path: str) -> FiledReading:
    *_, site, source, name = path.split("/")
    key, _, digest = name.removesuffix(".json").rpartition("-")
    return FiledReading(path, site, source, key, digest, None)


def _remove(places: Places, derived: Sequence[FileDamage], readings: Iterable[FiledReading]) -> list[str]:
    """Remove damaged files with what depends on them; gives the paths that went beside them."""
    removed = [reading.path for reading in readings]
    by_name: dict[str, Callable[[], Any]] = {
        "warehouse": lambda: _forget_build(places),
        "evidence": lambda: _forget_build(places),
        "research": lambda: _forget_research(places),
    }
    for name in {item.place.name for item in derived}:
        by_name.get(name, lambda: None)()
    beside = [f"{item.path}{end}" for item in derived if item.place.name == "runs" for end in ("-wal", "-shm")]
    for path in [*removed, *(item.path for item in derived), *beside]:
        (places.home / path).unlink(missing_ok=True)
    return removed


def _forget_build(places: Places) -> None:
    for name in ("build.json", "tfc.duckdb.wal", "tfc.duckdb"):
        (places.warehouse / name).unlink(missing_ok=True)


def _forget_research(places: Places) -> None:
    """Only the current version is looked at: earlier ones go when they are too many."""
    link = places.research / "current"
    version = link.readlink().name if link.is_symlink() else None
    link.unlink(missing_ok=True)
    if version in version_ids(places.research):
        forget(places.research, [version])
