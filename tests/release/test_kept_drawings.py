"""Charts are drawn once for all releases, and what is kept of them is what drawing gives."""

from __future__ import annotations

from pathlib import Path
from unittest import mock

import pytest

from tfc_platform.pages import charts
from tfc_platform.pages.charts import Bar, bars, draw, kept_drawings


@pytest.fixture(autouse=True)
def _forget() -> None:
    charts._drawn.cache_clear()


def chart(value: float) -> str:
    return draw(bars([Bar("Glasgow", "One", value)], "Sessions"), "sessions", "Sessions", "By site")


def test_a_kept_drawing_is_the_very_one_that_is_drawn(tmp_path: Path):
    plain = chart(12)
    charts._drawn.cache_clear()
    with kept_drawings(tmp_path / "charts"):
        assert chart(12) == plain
    charts._drawn.cache_clear()
    with kept_drawings(tmp_path / "charts"), mock.patch.object(charts, "_drawn", side_effect=AssertionError("drawn")):
        assert chart(12) == plain
        with pytest.raises(AssertionError, match="drawn"):
            chart(13)


def test_what_a_release_has_no_use_for_goes_and_a_release_that_failed_takes_nothing_away(tmp_path: Path):
    folder = tmp_path / "charts"
    with kept_drawings(folder):
        chart(12)
    (first,) = folder.iterdir()
    with pytest.raises(RuntimeError), kept_drawings(folder):
        raise RuntimeError
    assert first.is_file()
    with kept_drawings(folder):
        chart(13)
    (second,) = folder.iterdir()
    assert second != first


def test_another_version_of_what_draws_draws_anew(tmp_path: Path):
    with kept_drawings(tmp_path):
        chart(12)
    with mock.patch.object(charts, "version", return_value="99"), kept_drawings(tmp_path):
        chart(12)
        assert len(list(tmp_path.iterdir())) == 2
