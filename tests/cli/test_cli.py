"""The commands as people and programs use them: exit codes, sentences, JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TFC = Path(sys.executable).with_name("tfc")
Finished = subprocess.CompletedProcess[str]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "landing").mkdir()
    return {"TFC_HOME": str(tmp_path / "home"), "TFC_LANDING": str(tmp_path / "landing"), "TFC_AS_OF": "2026-04-20"}


def tfc(settings: dict[str, str], *arguments: str) -> Finished:
    cwd = Path(settings["TFC_HOME"]).parent
    environment = {**os.environ, **settings}
    return subprocess.run([TFC, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("setting", "value", "words"),
    [
        ("TFC_AS_OF", "20/04/2026", "TFC_AS_OF"),
        ("TFC_TARGET", "oracle", "TFC_TARGET"),
        ("TFC_LANDING", "nowhere", "TFC_LANDING"),
        ("TFC_CONTRACTS", "nowhere", "TFC_CONTRACTS"),
    ],
)
def test_a_wrong_setting_ends_with_two_and_is_named(home: dict[str, str], setting: str, value: str, words: str) -> None:
    found = tfc({**home, setting: value}, "nightly")
    assert found.returncode == 2
    assert words in found.stderr
    assert "Traceback" not in found.stderr


def test_an_unknown_site_is_refused(home: dict[str, str]) -> None:
    found = tfc(home, "nightly", "--site", "atlantis")
    assert found.returncode == 2
    assert "atlantis" in found.stderr


def test_before_the_first_night_there_is_nothing_to_say(home: dict[str, str]) -> None:
    status = tfc(home, "status", "--json")
    assert json.loads(status.stdout)["sources"] == []
    assert json.loads(tfc(home, "flags", "--json").stdout) == []
    assert json.loads(tfc(home, "releases", "--json").stdout) == []
    assert tfc(home, "releases", "verify").returncode == 1
    assert tfc(home, "explain", "mart_delivery", "site=x").returncode == 2


def test_help_names_every_command(home: dict[str, str]) -> None:
    text = tfc(home, "--help").stdout
    commands = "accept alerts backup demo docs doctor erase explain flags inspect mappings nightly prepare receipts"
    commands += " releases report restore status ui"
    listed = {line.split()[1] for line in text.splitlines() if line.startswith("│ ") and line[2:3].strip()}
    assert listed >= set(commands.split())


def test_a_return_that_no_night_has_seen_is_not_accepted(home: dict[str, str]) -> None:
    nothing = tfc(home, "accept", "x/y.csv", "--by", "Ann", "--because", "It is right.")
    assert (nothing.returncode, "No night has seen x/y.csv" in nothing.stderr) == (1, True)
    assert tfc(home, "accept", "x/y.csv", "--by", " ", "--because", "It is right.").returncode == 2
    assert tfc(home, "accept", "x/y.csv").returncode == 2


def test_mappings_are_listed_confirmed_and_refused(home: dict[str, str]) -> None:
    from tfc_platform.atomic_io import write_json
    from tfc_platform.settings import Places

    site = "plymouth"
    assert "No column" in tfc(home, "mappings", "list", "--site", site).stdout
    receipt = {"source": "activity", "key": "a", "mappings": [["Activity", "Actvity", "guessed"]]}
    write_json(Places(Path(home["TFC_HOME"])).lake / "receipts" / site / "activity" / "a-b.json", receipt)
    (guess,) = json.loads(tfc(home, "mappings", "list", "--site", site, "--json").stdout)
    assert (guess["state"], guess["asked"], guess["found"]) == ("guessed", "Activity", "Actvity")
    for command, state in (("confirm", "confirmed"), ("refuse", "refused")):
        done = tfc(home, "mappings", command, guess["id"], "--site", site)
        assert (done.returncode, "The next night reads its files again" in done.stdout) == (0, True)
        assert json.loads(tfc(home, "mappings", "list", "--site", site, "--json").stdout)[0]["state"] == state
    unknown = tfc(home, "mappings", "confirm", "00000000", "--site", site)
    assert (unknown.returncode, "has no mapping 00000000" in unknown.stderr) == (1, True)
    nowhere = tfc(home, "mappings", "list", "--site", "nowhere")
    assert (nowhere.returncode, "there is no site" in nowhere.stderr) == (2, True)
