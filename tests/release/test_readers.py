"""Readers in a loop while publications happen: none ever sees an error, or half of anything."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

READER = r"""
import hashlib, json, os, sys, threading, time
import duckdb

home, stop = sys.argv[1], sys.argv[2]
seen = {"research": [], "release": [], "errors": []}

def research():
    with duckdb.connect(f"{home}/research/current/tfc.duckdb", read_only=True) as con:
        lows = con.execute("select value_low from marts.mart_reach where site = 'grimsby'").fetchall()
        hours = con.execute("select hours from marts.mart_delivery where site = 'grimsby'").fetchall()
    assert lows[0][0] == hours[0][0], (lows, hours)
    return lows[0][0]

def release():
    # Whoever opens more than one file resolves the pointer once.
    folder = os.path.realpath(f"{home}/releases/current")
    with open(f"{folder}/manifest.json") as stream:
        manifest = json.load(stream)
    for entry in manifest["files"]:
        with open(f"{folder}/{entry['path']}", "rb") as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == entry["sha256"], entry["path"]
    with duckdb.connect(f"{folder}/tfc.duckdb", read_only=True) as con:
        query = "select value from {} where site = 'grimsby' and measure = '{}'"
        low = con.execute(query.format("partnership", "sessions_with_partner")).fetchall()[0][0]
        hours = con.execute(query.format("delivery", "hours")).fetchall()[0][0]
    assert low == hours, (low, hours)
    return low

def loop(name, read):
    while not os.path.exists(stop):
        try:
            seen[name].append(read())
        except BaseException as error:
            seen["errors"].append(f"{name}: {error!r}")
        time.sleep(0.05)

threads = [threading.Thread(target=loop, args=(name, read)) for name, read in (("research", research), ("release", release))]
for thread in threads:
    thread.start()
print("ready", flush=True)
for thread in threads:
    thread.join()
print(json.dumps(seen))
"""


def test_readers_never_see_an_error_while_the_night_publishes(small: Any, tmp_path: Path) -> None:
    def generation(number: int) -> None:
        small.rows["mart_reach"][4:] = [("grimsby", date(2025, 5, 1), "a", "b", "attendances", number, number, 0)]
        small.rows["mart_partnership"][1:] = [("grimsby", "2025-Q2", 1, number, 0, number, 1, True)]
        delivery = ("grimsby", date(2025, 5, 1), "a", "t", "b", 1, 0, float(number), 1, "group")
        small.rows["mart_delivery"][3:] = [delivery]
        small.night()

    generation(100)
    stop = tmp_path / "stop"
    reader = subprocess.Popen(
        [sys.executable, "-c", READER, str(small.home), str(stop)], stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "ready\n"
    generations = list(range(101, 105))
    for number in generations:
        generation(number)  # `keep` is 3: older research versions go away under the readers
    stop.touch()
    output, _ = reader.communicate(timeout=60)
    seen = json.loads(output)
    assert seen["errors"] == []
    for name in ("research", "release"):
        assert len(seen[name]) >= len(generations) / 2
        assert seen[name] == sorted(seen[name])  # never back in time
        assert len(set(seen[name])) > 2  # publications did happen under its eyes
