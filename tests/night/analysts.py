"""Analysts who read all night: a process that opens what `current` names again and again, and tells what it saw."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .nights import Home

READER = r"""
import hashlib, json, os, sys, time
import duckdb

home, stop = sys.argv[1], sys.argv[2]
seen = {"research": [], "releases": [], "errors": []}
QUERY = {"research": "select count(*) from marts.mart_delivery", "releases": "select count(*) from delivery"}

def read(place):
    folder = os.path.realpath(f"{home}/{place}/current")  # who opens more than one file resolves the pointer once
    with duckdb.connect(f"{folder}/tfc.duckdb", read_only=True) as con:
        ((count,),) = con.execute(QUERY[place]).fetchall()
    with open(f"{folder}/manifest.json") as stream:
        manifest = json.load(stream)
    for entry in manifest.get("files", []):
        with open(f"{folder}/{entry['path']}", "rb") as stream:
            if hashlib.sha256(stream.read()).hexdigest() != entry["sha256"]:
                raise ValueError(entry["path"])
    return [manifest["id"], count]

print("ready", flush=True)
last = False
while not last:
    last = os.path.exists(stop)  # and once more after the night
    for place in QUERY:
        try:
            seen[place].append(read(place))
        except BaseException as error:
            seen["errors"].append(f"{place}: {error!r}")
    time.sleep(0.2)
print(json.dumps(seen))
"""


@contextmanager
def readers(home: Home) -> Iterator[dict[str, list[Any]]]:
    """Read while the block runs; what was seen stands in the dictionary after it: id and rows by place, and errors."""
    stop = home.folder / "stop reading"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(home.places.home), str(stop)], stdout=subprocess.PIPE, text=True
    )
    seen: dict[str, list[Any]] = {}
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    try:
        yield seen
    finally:
        stop.touch()
        output, _ = reader.communicate(timeout=60)
        stop.unlink()
    seen.update(json.loads(output))
