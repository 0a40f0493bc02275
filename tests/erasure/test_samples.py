"""One record out of every sample return that has ids: nothing that it alone held is left in the bytes; no other row differs."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.night.search import Secrets
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.contracts.model import Reading
from tfc_platform.ingest.erased_rows import clean
from tfc_platform.ingest.row_identities import holds_ids, identities_of, open_whole
from tfc_platform.privacy.tombstones import Intent, Tombstones
from tfc_platform.settings import Places
from tfc_platform.sheets.sheet_model import Sheet, is_blank, text_of

pytestmark = pytest.mark.shared
SUFFIX = {"workbook": ".xlsx", "spss": ".sav", "csv": ".csv"}


@pytest.mark.parametrize("night", ["night1", "night2"])
def test_one_record_out_of_every_return_that_has_ids(shared: Path, tmp_path: Path, night: str) -> None:
    catalogue, tried = load_catalogue(), Counter[str]()
    for number, path in enumerate(sorted((shared / "returns" / night).rglob("*"))):
        if not path.is_file():
            continue
        site, _, below = path.relative_to(shared / "returns" / night).as_posix().partition("/")
        contract = next((item for item in catalogue.of(site) if item.glob.fullmatch(below)), None)
        if contract is None or not holds_ids(contract):
            continue
        content = path.read_bytes()
        places = list(identities_of(content, contract, contract.read, path.name, site))
        chosen = places[len(places) // 2]
        home = Places(tmp_path / str(number))
        home.make()
        tombstones = Tombstones.load(home, make=True)
        marks = tuple(tombstones.of(item) for item in chosen.identities)
        tombstones.record(Intent(1, "respondent", site, contract.source, date(2026, 4, 20), 1, marks))
        cleaned = clean(content, contract, path.name, site, tombstones)
        assert cleaned.content is not None, below
        assert cleaned.erasures == {1}, below

        def sheets_of(kept: bytes, reading: Reading = contract.read) -> list[Sheet]:
            grid = open_whole(kept, reading)
            return [*grid.sheets, *grid.aside]

        rows = {
            (sheet.name, row.number): [text_of(cell) for cell in row.cells]
            for sheet in sheets_of(content)
            for row in sheet.rows
        }
        after = {
            (sheet.name, row.number): [text_of(cell) for cell in row.cells]
            for sheet in sheets_of(cleaned.content)
            for row in sheet.rows
            if not all(map(is_blank, row.cells))
        }
        rows = {place: cells for place, cells in rows.items() if any(cells)}
        gone = rows.keys() - after.keys()
        assert (chosen.sheet, chosen.row) in gone, below
        names = {item.name.casefold() for item in chosen.identities}
        assert all(names & {cell.casefold() for cell in rows[place]} for place in gone), (
            below
        )  # the record, and its repetitions
        assert after == {place: cells for place, cells in rows.items() if place not in gone}, below
        kept = {cell for cells in after.values() for cell in cells}
        own = {cell for place in gone for cell in rows[place] if len(cell) >= 6} - kept
        if contract.read.format == "workbook":  # dates are numbers there, and are looked for as cells above
            own = {cell for cell in own if not cell[:4].isdigit()}
        file = tmp_path / f"{number}{SUFFIX[contract.read.format]}"
        file.write_bytes(content)
        assert not own or Secrets(own).below(tmp_path, [home.home]), below
        file.unlink()
        file = file.with_suffix(".jsonl")
        file.write_bytes(cleaned.content)
        assert not own or Secrets(own).below(tmp_path, [home.home]) == {}, below
        file.unlink()
        tried[f"{site}/{contract.source}"] += 1
    assert {"glasgow/surveys", "grimsby/surveys", "plymouth/surveys", "stoke/surveys", "glasgow/stories"} <= set(
        tried
    ) or (night == "night2")
