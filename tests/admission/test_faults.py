"""The faulty returns of `shared/faults`, each taken in alone as its site would send it: nothing is taken in wrongly in silence.

`shared/faults/README.md` says what is expected of each. Further files of the same kinds are in the tests of each rule.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tfc_platform.admission.admit import Night, admit
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.ingest_sender import take_in
from tfc_platform.ingest.intake import Intake
from tfc_platform.settings import Settings

pytestmark = pytest.mark.shared
AS_OF = date(2026, 5, 1)
JUNE, JULY = "activity_2025-06.csv", "activity_2025-07.csv"
FIRST_WAVE, SECOND_WAVE = "TfC community w1 qualtrics.csv", "TfC community w2 qualtrics.csv"
H1 = "Govan activity log 2025-26 H1.xlsx"


def nights(shared: Path, home: Path, folder: str, files: Sequence[Sequence[str]]) -> Night:
    """What the last of some nights admits, to each of which the site sends the named files."""
    settings = Settings(str(home / "landing"), home / "var", (), "duckdb", AS_OF, "a key of the tests, not a secret")
    settings.places.make()
    target = home / "landing" / folder
    target.mkdir(parents=True)
    for sent in files:
        for prefix in sent:
            (file,) = (shared / "faults").glob(f"{prefix}_*")
            shutil.copy(file, target / file.name.split("__")[1])
        intake = Intake.load(settings, load_catalogue())
        take_in(intake, folder.split("/")[0], lambda _: None)
    return admit(intake)


def statuses(night: Night) -> dict[str, tuple[str, int]]:
    """Each file's status and accepted rows. The sums hold."""
    found = {}
    for item in night.submissions:
        file = item.arrival
        assert file.received == file.accepted + file.rejected + file.duplicate
        found[Path(file.path).name] = (item.status, file.accepted)
    return found


@pytest.mark.parametrize(
    ("folder", "sent", "expected", "cause"),
    [
        pytest.param(
            "grimsby/activity", [["01a"], ["01b"]], {JUNE: ("accepted", 6), JULY: ("held", 0)}, "other_month", id="01b"
        ),
        pytest.param(
            "grimsby/activity", [["01a", "01b"]], {JUNE: ("accepted", 6), JULY: ("held", 0)}, "other_month", id="01ab"
        ),
        pytest.param(
            "grimsby/activity", [["01a", "01c"]], {JUNE: ("accepted", 6), JULY: ("accepted", 6)}, None, id="01c"
        ),
        pytest.param(
            "plymouth/activity",
            [["02a"], ["02b"]],
            {"TfC session record(1-40).xlsx": ("accepted", 40), "TfC session record(1-60).xlsx": ("held", 12)},
            "shrunk",
            id="02",
        ),
        pytest.param(
            "plymouth/activity", [["03"]], {"TfC session record(1-40).xlsx": ("held", 20)}, "repeated_ids", id="03"
        ),
        pytest.param(
            "glasgow/surveys",
            [["05a"], ["05b"]],
            {FIRST_WAVE: ("accepted", 40), SECOND_WAVE: ("held", 40)},
            "other_wave",
            id="05",
        ),
        pytest.param("glasgow/surveys", [["06a"], ["06b"]], {SECOND_WAVE: ("held", 3)}, "cut_short", id="06"),
        pytest.param(
            "plymouth/surveys", [["09"]], {"TFC_community_w2.sav": ("rejected", 0)}, "contradicting_labels", id="09"
        ),
        pytest.param("glasgow/activity", [["12a"], ["12b"]], {H1: ("accepted", 12)}, None, id="12"),
    ],
)
def test_the_return_has_the_outcome_that_its_sender_may_expect(
    shared: Path,
    tmp_path: Path,
    folder: str,
    sent: Sequence[Sequence[str]],
    expected: dict[str, tuple[str, int]],
    cause: str | None,
) -> None:
    night = nights(shared, tmp_path, folder, sent)
    assert statuses(night) == expected
    assert [state.held_cause for state in night.held] == ([cause] if cause else [])


def test_codes_written_as_decimals_are_read(shared: Path, tmp_path: Path) -> None:
    """04: every answer of the 40 people is on the scale or a reason that the contract knows."""
    night = nights(shared, tmp_path, "glasgow/surveys", [["04"]])
    (receipt,) = night.admitted
    answers = tmp_path / "var" / "lake" / receipt.records["survey_answer"]["path"]
    counts = "count(distinct respondent_id), count(value), count(*) filter (missing_reason = 'invalid')"
    with duckdb.connect() as con:
        found = con.execute(f"select {counts} from '{answers}'").fetchone()
    assert found is not None
    people, values, invalid = found
    assert (people, invalid) == (40, 0)
    assert values > 0
