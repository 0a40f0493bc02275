"""A publication in a process of its own, for tests that kill it or run it elsewhere.

Arguments: a folder for TFC_HOME; `publish`, `shuffled`, or where to be killed (`<module>.<function>[:after]`); the first
figure of delivery; the marts to keep, else all, with pages and a workbook. It puts on its output the ids and the SHA-256 of
each file, as JSON.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import os
import random
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.release.tables_only import tables_only


def _world(home: Path) -> Any:
    spec = importlib.util.spec_from_file_location("world", Path(__file__).with_name("conftest.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["world"] = module
    spec.loader.exec_module(module)
    world = module.World(home, module.load_register(), module.load_policy())
    world.places.make()
    return world


def _kill_at(place: str) -> None:
    name, _, after = place.partition(":")
    owner, _, function = name.rpartition(".")
    module = importlib.import_module(owner)
    original = getattr(module, function)

    def killed(*args: Any, **kwargs: Any) -> None:
        if after:
            original(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, function, killed)


def main(home: str, action: str, low: str = "3", *marts: str) -> None:
    world = _world(Path(home))
    if marts:
        world.keep_only(marts)
    world.change("mart_delivery", 0, sessions_delivered=int(low))
    if action == "shuffled":
        for mart in (*world.rows.values(), world.checks, world.stories):
            random.Random(7).shuffle(mart)
    with tables_only() if marts else nullcontext():
        if action not in ("publish", "shuffled"):
            _kill_at(action)
        research_and_release = world.warehouse(), world.research(), world.release()
    found = {
        published.id: {
            path.relative_to(published.path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(published.path.rglob("*"))
            if path.is_file() and not (path.name == "manifest.json" and path.parent.parent.name == "research")
        }
        for published in research_and_release[1:]
        if published is not None
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
