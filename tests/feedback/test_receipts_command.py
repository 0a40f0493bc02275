"""`tfc receipts`: the head of each receipt, and a sentence where there is none."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from tfc_platform.cli.app import app
from tfc_platform.settings import ConfigurationError

from .conftest import SITE, House


def run(house: House, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    monkeypatch.setenv("TFC_HOME", str(house.settings.home))
    monkeypatch.setenv("TFC_LANDING", house.settings.landing)
    result = CliRunner().invoke(app, ["receipts", *arguments])
    if isinstance(result.exception, ConfigurationError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_it_prints_what_is_to_be_done_and_where_more_is(
    house: House, drop_bad_april: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop_bad_april(13)
    house.told(1)
    said = run(house, monkeypatch)
    assert f"{SITE} (2025-07-01): {house.folder / 'receipt.html'}" in said
    assert "held since 2025-07-01: log: Too many rows were refused. 13 of 40 rows were rejected, more than 10%." in said
    assert "mend: log: Attendance is not a number. 13 rows refused. Write how many people came" in said
    (found,) = json.loads(run(house, monkeypatch, "--site", SITE, "--json"))
    assert [item["kind"] for item in found["to_do"]][:2] == ["held", "overdue"]
    drop_bad_april(0, version=2)
    house.told(2)
    assert "log: Corrected since 02/07/2025: 13 of 13 rows" in run(house, monkeypatch)


def test_without_a_receipt_it_says_what_to_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigurationError, match=r"There is no receipt of 'nowhere' yet\. Run `tfc nightly` first"):
        run(house, monkeypatch, "--site", "nowhere")
