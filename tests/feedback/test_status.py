"""What `tfc status` says beside the sources."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tfc_platform.feedback.status import undeclared_units
from tfc_platform.schemas import REFERENCE
from tfc_platform.settings import Places


def lay_out(places: Places, activities: list[tuple[str, str, str | None]], schema: pa.Schema) -> None:
    rows = [{"site": site, "activity": activity, "audience_unit": unit} for site, activity, unit in activities]
    folder = places.warehouse / "inputs"
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "ref_activity.parquet")


def test_activities_whose_unit_nobody_has_declared_are_named_by_site(tmp_path: Path) -> None:
    places = Places(tmp_path)
    assert undeclared_units(places) == {}, "before the first night"
    given = [("east", "choir", None), ("west", "choir", "group"), ("east", "casework", "individual")]
    lay_out(places, [*given, ("east", "band", None)], REFERENCE["ref_activity"])
    assert undeclared_units(places) == {"east": ("choir", "band")}


def test_what_a_night_before_units_laid_out_says_nothing(tmp_path: Path) -> None:
    earlier = pa.schema([field for field in REFERENCE["ref_activity"] if field.name != "audience_unit"])
    lay_out(Places(tmp_path), [("east", "choir", None)], earlier)
    assert undeclared_units(Places(tmp_path)) == {}
