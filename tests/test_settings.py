"""Settings: every default, and every wrong value refused by a message that names its setting."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.settings import ConfigurationError, Places, Settings

NO_DOTENV = Path("/nonexistent/.env")


def load(**env: str) -> Settings:
    return Settings.load(env, dotenv=NO_DOTENV)


def test_defaults_are_those_of_the_interface() -> None:
    settings = load()
    assert settings.landing == "./landing"
    assert settings.home == Path.cwd() / "var"
    assert (settings.target, settings.contracts, settings.pseudonym_key) == ("duckdb", (), None)
    assert abs((settings.as_of - date.today()).days) <= 1


def test_an_empty_value_is_no_value() -> None:
    assert load(TFC_TARGET="", TFC_AS_OF="", TFC_PSEUDONYM_KEY="").target == "duckdb"


@pytest.mark.parametrize("written", ["2026-02-30", "01/05/2026", "20260501", "2026-W18-5", "tomorrow"])
def test_a_date_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(ConfigurationError, match="TFC_AS_OF") as caught:
        load(TFC_AS_OF=written)
    assert written in str(caught.value)
    assert "2026-05-01" in str(caught.value)


def test_a_date_is_taken() -> None:
    assert load(TFC_AS_OF="2026-05-01").as_of == date(2026, 5, 1)


def test_seconds_between_looks() -> None:
    assert [
        load().rest_seconds,
        load(TFC_REST_SECONDS="0").rest_seconds,
        load(TFC_REST_SECONDS="2.5").rest_seconds,
    ] == [1, 0, 2.5]
    for written in ("-1", "31", "soon", "nan"):
        with pytest.raises(ConfigurationError, match=f"TFC_REST_SECONDS is '{written}': write a number from 0 to 30"):
            load(TFC_REST_SECONDS=written)


def test_a_target_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="TFC_TARGET is 'postgres': it must be one of duckdb, spark"):
        load(TFC_TARGET="postgres")


def test_a_missing_folder_of_contracts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"TFC_CONTRACTS names .*nowhere"):
        load(TFC_CONTRACTS=f"{tmp_path}{os.pathsep}{tmp_path / 'nowhere'}")


def test_several_folders_of_contracts(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    assert load(TFC_CONTRACTS=f"{tmp_path}{os.pathsep}{other}").contracts == (tmp_path, other)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(ConfigurationError, match=r"TFC_HOME is .* not a folder"):
        load(TFC_HOME=str(tmp_path / "home"))


def test_a_home_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"TFC_HOME is .*no folder can be made there"):
        load(TFC_HOME=str(tmp_path / "file" / "home")).places.make()


@pytest.mark.parametrize("below", [".", "var", "a/b"])
def test_a_home_in_the_landing_zone_is_refused(tmp_path: Path, below: str) -> None:
    with pytest.raises(ConfigurationError, match="TFC_HOME lies in TFC_LANDING"):
        load(TFC_LANDING=str(tmp_path), TFC_HOME=str(tmp_path / below))


def test_a_home_beside_the_landing_zone_is_taken(tmp_path: Path) -> None:
    assert load(TFC_LANDING=str(tmp_path / "landing"), TFC_HOME=str(tmp_path / "landing2")).home.name == "landing2"


def test_a_short_key_is_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigurationError, match="TFC_PSEUDONYM_KEY is shorter than 16") as caught:
        load(TFC_PSEUDONYM_KEY="swordfish")
    assert "swordfish" not in str(caught.value)


def test_a_key_is_not_shown() -> None:
    assert "swordfish" not in repr(load(TFC_PSEUDONYM_KEY="swordfish-swordfish"))


def test_the_environment_goes_before_dotenv(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("TFC_AS_OF=2026-01-01\nTFC_TARGET=spark\n")
    settings = Settings.load({"TFC_AS_OF": "2026-05-01"}, dotenv=dotenv)
    assert (settings.as_of, settings.target) == (date(2026, 5, 1), "spark")


def test_places_of_rows_are_closed_to_others(tmp_path: Path) -> None:
    places = Places(tmp_path / "home")
    places.make()
    places.make()
    assert {place.stat().st_mode & 0o777 for place in places.restricted} == {0o700}
    assert places.releases.stat().st_mode & 0o005, "readers of releases could not come in"
