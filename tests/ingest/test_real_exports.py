"""Files that real tools wrote, read in place: what the README beside them says that a correct reader finds."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers import open_grid
from tfc_platform.sheets.sheet_model import CellError, Grid, Unreadable, text_of

pytestmark = pytest.mark.shared
EXPORTS = Path(__file__).resolve().parents[3] / "shared" / "real_exports"


def grid(name: str) -> Grid:
    return open_grid((EXPORTS / name).read_bytes(), Reading(format="csv"), name)


def table(found: Grid, sheet: int = 0) -> list[list[str]]:
    rows = list(found.sheets[sheet].rows)
    width = max(len(row.cells) for row in rows)
    return [[text_of(row.at(index)) for index in range(width)] for row in rows]


def column(found: Grid, name: str, header_rows: int = 1) -> list[str]:
    rows = table(found)
    index = rows[0].index(name)
    return [row[index] for row in rows[header_rows:]]


def test_surveymonkey() -> None:
    stars = grid("surveymonkey/star_wars_survey.csv")
    assert stars.read_as is not None
    assert stars.read_as.encoding == "cp1252"
    seen = column(stars, "Have you seen any of the 6 films in the Star Wars franchise?", 2)
    assert (len(seen), seen.count("Yes"), seen.count("No")) == (1186, 936, 250)
    assert table(stars)[0].count("") == 23
    steak = table(grid("surveymonkey/steak_survey.csv"))
    assert len(steak) - 2 == 550
    assert any("$50,000 - $99,999" in row for row in steak)


def test_qualtrics() -> None:
    assert len(table(grid("qualtrics/qualtrics_3header_ropensci_sample.csv"))) == 3 + 1
    legacy = grid("qualtrics/qualtrics_legacy_2header_ropensci.csv")
    assert table(legacy)[0][0] == "V1", "the mark of the encoding is no part of it"
    assert table(legacy)[0][-1] == ""
    assert len(table(legacy)) == 2 + 1


def test_jisc_keeps_not_chosen_apart_from_not_asked() -> None:
    found = grid("jisc/bossier_example.sav")
    assert len(table(found)) - 1 == 13
    chosen = column(found, "Q3_1")
    assert "0" in chosen
    assert set(chosen) <= {"0", "1"}
    about = {variable.name: variable for variable in found.variables}
    assert about["Q3_1"].missing == ("0",)
    assert sum(variable.missing == ("0",) for variable in found.variables) == 22
    assert about["Q2"].codes == {"1": "Dogs", "2": "Cats", "3": "Parrots", "4": "Monkeys", "5": "Whales"}


def test_spss() -> None:
    codes = {variable.name: variable for variable in grid("spss/haven_umlauts.sav").variables}
    assert codes["var1"].codes == {"1": "the ä umlaut", "2": "the ü umlaut", "3": "the ö umlaut"}
    missing = {variable.name: variable.missing for variable in grid("spss/pyreadstat_sample_missing.sav").variables}
    assert missing["mynum"] == ("2000..3000", "-1")
    kinds = [variable.kind for variable in grid("spss/pyreadstat_sample.sav").variables]
    assert kinds == ["text", "number", "date", "datetime", "number", "number", "time"]
    ona = table(grid("spss/ona_childrens_survey.sav"))
    assert "@_geolocation_latitude" in ona[0]
    far = grid("spss/haven_datetime.sav")
    assert table(far)[1][:2] == ["2014-09-22", "6306150067200"], "a year that Python has not stays a number"
    assert table(far)[2][:2] == ["2014-09-23", "2014-09-23T15:59:20"], "and the other dates are dates"
    assert [notice.reason for notice in far.warnings] == ["dates_out_of_range"]


def test_kobo_and_ona() -> None:
    safi = column(grid("kobo_odk/SAFI_clean.csv"), "no_membrs")
    assert len(safi) == 131
    assert statistics.mean(map(int, safi)) == pytest.approx(7.19084, abs=1e-5)
    ona = table(grid("kobo_odk/ona_transportation_export.csv"))
    assert len(ona) - 1 == 4
    assert {"True", "False", "n/a"} <= {cell for row in ona for cell in row}


def test_redcap() -> None:
    assert any("\n" in cell for row in table(grid("redcap/simple/data.csv")) for cell in row)
    assert any("___" in name for name in table(grid("redcap/checkboxes-1/data.csv"))[0])


def test_workbooks() -> None:
    day = [row for row in table(grid("bad/calamine_date_1904.xlsx")) if any("2021" in cell for cell in row)]
    assert "2021-01-01" in day[0]
    strict = grid("bad/calamine_strict_iso_paths.xlsx")
    assert len(table(strict)) == 76
    dirty = grid("messy_xlsx/janitor_dirty_data.xlsx")
    assert CellError("#REF!") in [cell for row in dirty.sheets[0].rows for cell in row.cells]
    messy = grid("messy_xlsx/SAFI_messy.xlsx")
    assert {"-99", "-999"} <= {cell for place in (0, 1) for row in table(messy, place) for cell in row}
    with pytest.raises(Unreadable, match="Remove the password"):
        grid("bad/msoffcrypto_example_password.xlsx")


def test_children() -> None:
    assert len(table(grid("uk_children/ssda903_uasc.csv"))) - 1 == 132
