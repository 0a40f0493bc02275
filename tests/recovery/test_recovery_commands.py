"""`tfc doctor`, `tfc backup` and `tfc restore` as people and programs use them: exit codes, sentences, JSON."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tfc_platform.sealed_files import write_seal
from tfc_platform.settings import Places

TFC = Path(sys.executable).with_name("tfc")
SENT = b"a return as it was sent"
VAULTED = hashlib.sha256(SENT).hexdigest()


def tfc(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    own = {"TFC_HOME": str(folder / "home"), "TFC_LANDING": str(folder / "landing"), "TFC_AS_OF": "2026-05-01"}
    own |= {"TFC_PSEUDONYM_KEY": "a key of the tests", **settings}
    return subprocess.run(
        [TFC, *arguments], cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a sealed home that holds one original and a warehouse without a record, and an empty landing zone."""
    places = Places(tmp_path / "home")
    (tmp_path / "landing").mkdir()
    places.make()
    (places.vault / VAULTED[:2]).mkdir()
    (places.vault / VAULTED[:2] / VAULTED).write_bytes(SENT)
    (places.lake / "holds").mkdir()
    (places.lake / "holds" / "one.json").write_text("{}")
    write_seal(places)
    return tmp_path


def test_the_doctor_finds_nothing_repairs_what_it_can_and_names_the_rest(folder: Path) -> None:
    good = tfc(folder, "doctor", "--json")
    assert (good.returncode, json.loads(good.stdout)["good"]) == (0, True)
    (folder / "home/lake/holds/one.json").write_text("{")
    (folder / "home/vault" / VAULTED[:2] / VAULTED).write_bytes(b"other bytes")
    found = tfc(folder, "doctor", "--repair", "--json")
    values = json.loads(found.stdout)
    assert found.returncode == 1
    assert [(item["place"], item["problem"]) for item in values["files"]] == [("vault", "damaged")]
    assert "tfc restore" in values["repaired"][-1]
    assert not (folder / "home/lake/holds/one.json").exists()
    refused = tfc(folder, "nightly")
    assert refused.returncode == 2
    assert VAULTED in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_backup_needs_a_passphrase_and_rebuilds_a_home_that_was_lost(folder: Path) -> None:
    refused = tfc(folder, "backup", "tfc.age")
    assert refused.returncode == 2
    assert "TFC_BACKUP_PASSPHRASE" in refused.stderr
    secret = {"TFC_BACKUP_PASSPHRASE": "a passphrase of the tests"}
    written = tfc(folder, "backup", "tfc.age", "--json", **secret)
    assert written.returncode == 0, written.stderr
    assert json.loads(written.stdout)["files"] == 2
    assert tfc(folder, "restore", "tfc.age", **secret).returncode == 1  # the home is not empty
    (folder / "home").rename(folder / "lost")
    assert tfc(folder, "restore", "tfc.age", **secret).returncode == 0
    assert (folder / "home/vault" / VAULTED[:2] / VAULTED).read_bytes() == SENT
