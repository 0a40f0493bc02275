"""Optional breakdowns of a session and the claims of a site, from the file to the record; words of people stay out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.privacy.pseudonym import Pseudonyms

HEADER = ("Date", "Activity", "Status", "People", "Hours", "Notes", "Age")
AGE = {"header": "Age", "type": "category", "codes": {"Under 5": "0_4", "Rather not say": "prefer_not_to_say"}}


def test_a_breakdown_is_its_code_and_what_is_no_code_is_left_out(
    read: Callable[..., Any], contract: Callable[..., Any], csv_of: Callable[..., bytes]
) -> None:
    columns = contract().model_dump(mode="json", exclude_defaults=True)["columns"] | {"age_band": AGE}
    rows = [
        ("03/04/2025", "Choir", "Delivered", "4", "1", "", "Under 5"),
        ("04/04/2025", "Choir", "Delivered", "5", "1", "", "rather not say"),
        ("05/04/2025", "Choir", "Delivered", "6", "1", "", "ten of them"),
        ("06/04/2025", "Choir", "Delivered", "7", "1", "", ""),
    ]
    result = read(csv_of(rows, HEADER), contract(columns=columns)).result
    assert result.columns["activity"]["age_band"] == ["0_4", "prefer_not_to_say", None, None]
    assert [(issue.row, issue.reason) for issue in result.issues if issue.row] == [(4, "invalid_code")]


def test_a_claim_is_its_judgement_and_none_of_its_words() -> None:
    catalogue = load_catalogue()
    content = (
        b"claim_id,claimed_on,outcome,activity,evidence,strength,alternatives_considered,what_changed,what_we_did\n"
        b"C-ST-01,01/06/2025,address,Talk PANTS,survey,strong,yes,Canary Wren came back,We rang Canary Wren\n"
        b"C-ST-02,01/06/2025,wealth,Talk PANTS,survey,strong,yes,More money,We asked\n"
    )
    file = FileContext(
        "contribution/contribution_claims.csv",
        "stoke",
        "0" * 64,
        catalogue.contract("stoke", "contribution_claims"),
        catalogue,
        Pseudonyms(b"k" * 32),
        lambda _: [],
    )
    result = read_file(content, file).result
    assert (result.received, result.accepted, result.rejected) == (2, 1, 1)
    claim = {name: cells[0] for name, cells in result.columns["contribution_claim"].items()}
    assert (claim["claim_id"], claim["outcome"], claim["strength"]) == ("C-ST-01", "address", "strong")
    assert claim["alternatives_considered"] is True
    assert "Canary" not in repr(result.columns) + repr(result.issues)
