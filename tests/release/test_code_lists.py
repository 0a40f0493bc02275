"""Code lists, wide views and the version of the schema: a reader of either database finds what a code means, under one name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.disclosure.policy import load_policy
from tfc_platform.publication.publication_register import Register, load_register
from tfc_platform.publication.released_table import ReleaseColumn, ReleaseTable, figure_columns
from tfc_platform.release.code_lists import code_lists, period_list
from tfc_platform.release.evidence import evidence_table
from tfc_platform.release.metrics import all_metrics, load_metrics, metric_table, metrics_in
from tfc_platform.release.release_context import ReleaseContext
from tfc_platform.release.schema_version import load_schema_changes
from tfc_platform.release.story_selection import contribution_table, learning_table, stories_table
from tfc_platform.release.table_files import write_database
from tfc_platform.release.wide_views import release_views, research_views
from tfc_platform.settings import ConfigurationError

NO_EVIDENCE = ReleaseContext(as_of=date(2026, 5, 1), code_version="1")
SCHEMA_PAGE = Path(__file__).resolve().parents[2] / "docs" / "schema.md"


def test_a_period_has_its_kind_and_its_days() -> None:
    cells = [
        "2026-Q1",
        date(2024, 2, 1),
        "2025-26",
        "2025-06",
        "2026-Q1",
        "not_stated",
        None,
        "2025-13",
        date(2025, 1, 2),
    ]
    assert {row[0]: (row[1], row[3], row[4]) for row in period_list(cells).rows} == {
        "2024-02-01": ("month", date(2024, 2, 1), date(2024, 2, 29)),
        "2025-06": ("month", date(2025, 6, 1), date(2025, 6, 30)),
        "2025-26": ("year", date(2025, 4, 1), date(2026, 3, 31)),
        "2026-Q1": ("quarter", date(2026, 1, 1), date(2026, 3, 31)),
    }


def test_every_code_of_the_contracts_is_in_its_list_once() -> None:
    catalogue = load_catalogue()
    lists = {table.name: table for table in code_lists(catalogue, load_register())}
    for table in lists.values():
        keys = [row[: table.keys] for row in table.rows]
        assert len(set(keys)) == len(keys)
        assert all(column.description for column in table.columns)
    assert {row[0] for row in lists["code_site"].rows} == {site.site for site in catalogue.sites}
    assert {row[:2] for row in lists["code_activity"].rows} == {(a.site, a.activity) for a in catalogue.activities}
    assert {row[:2] for row in lists["code_area"].rows} == {(a.site, a.small_area_code) for a in catalogue.areas}
    scales = {code for book in catalogue.codebooks for code in book.scales}
    assert scales <= {row[0] for row in lists["code_indicator"].rows}


def test_no_wording_that_its_licence_keeps_back_is_in_a_list() -> None:
    catalogue = load_catalogue()
    closed = {code for book in catalogue.codebooks if book.wording == "not_reproduced" for code in book.items}
    rows = next(table for table in code_lists(catalogue, load_register()) if table.name == "code_indicator").rows
    assert closed
    assert {row[3] for row in rows if row[0] in closed} <= {None}


def _reach(rows: list[tuple[object, ...]]) -> ReleaseTable:
    keys = [ReleaseColumn(name, pa.string(), f"The {name}.") for name in ("site", "quarter", "activity")]
    return ReleaseTable("reach", "Reach", "Attendances.", (*keys, *figure_columns("m")), 3, tuple(rows))


def test_a_wide_view_has_a_row_for_each_key_and_a_column_for_each_measure(tmp_path: Path) -> None:
    register = load_register()
    reach = _reach(
        [
            ("here", "2025-Q2", "play", "attendances_low", 40.0, "rounded", None),
            ("here", "2025-Q2", "play", "attendances_high", None, "suppressed", "R5"),
            ("here", "2025-Q2", "all", "attendances_low", 60.0, "rounded", None),
        ]
    )
    columns = [ReleaseColumn(name, pa.string(), name) for name in ("site", "activity", "tier")]
    activities = ReleaseTable("code_activity", "", "", tuple(columns), 2, (("here", "play", "primary"),))
    metric = metric_table([reach], register, load_policy(), load_metrics())
    write_database([reach, activities, metric], tmp_path / "tfc.duckdb", {})
    with duckdb.connect(str(tmp_path / "tfc.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select activity, tier, attendances_low, attendances_low_status, attendances_high, attendances_high_status, notes "
            "from wide.reach order by activity"
        ).fetchall()
        silent = con.execute(
            "select column_name from duckdb_columns() where schema_name = 'wide' and comment is null"
        ).fetchall()
    assert rows == [
        ("all", None, 60.0, "rounded", None, None, None),
        ("play", "primary", 40.0, "rounded", None, "suppressed", "R5"),
    ]
    assert silent == []


def test_a_measure_has_one_name_in_both_databases() -> None:
    register = load_register()
    specs = {spec.table: spec for spec in (*register.tables, *register.person_tables)}
    metrics = all_metrics(register, load_policy(), load_metrics())
    released = [
        ReleaseTable(
            name,
            "",
            "",
            (*(ReleaseColumn(column, pa.string(), column) for column in spec.column_names), *figure_columns("m")),
            len(spec.keys),
            (),
        )
        for name, spec in specs.items()
    ]
    activities = ReleaseTable("code_activity", "", "", (), 0, ())
    in_release = {view.name: set(view.columns) for view in release_views([*released, activities, metrics])}
    research = research_views(register, [m for rows in metrics_in([metrics]).values() for m in rows])
    assert {"reach", "outcome_indicator", "delivery"} <= {view.name for view in research}
    for view in research:
        assert set(view.columns) <= in_release[view.name]
    assert {"tier", "attendances_low"} <= set(next(v for v in research if v.name == "reach").columns)


def test_a_description_is_that_of_its_table() -> None:
    register = load_register()
    assert "site's own" in register.description_of("local_indicator", "indicator")
    for table in ("outcome_indicator", "outcome_change"):
        assert "site's own" not in register.description_of(table, "indicator")
        assert "count or" not in register.description_of(table, "indicator_measure")


def test_a_description_of_no_column_is_refused() -> None:
    said = load_register().model_dump()
    said["columns"] = {**said["columns"], "reach.wave": "There is none."}
    with pytest.raises(ValueError, match=r"'reach\.wave' is no table's column"):
        Register.model_validate(said)


def test_versions_of_the_schema_follow_each_other_and_the_page_has_them_all() -> None:
    page = SCHEMA_PAGE.read_text(encoding="utf-8")
    for change in load_schema_changes():
        assert f"| {change.version} | {'yes' if change.breaks_readers else 'no'} |" in page
        assert all(sentence in page for sentence in change.changes)


@pytest.mark.parametrize(
    ("versions", "fault"),
    [(["1.2", "1.0"], "1.2 does not follow 1.0"), (["3.0", "1.0"], "does not follow"), (["2.0"], "is 1.0")],
)
def test_a_version_that_is_left_out_is_refused(tmp_path: Path, versions: list[str], fault: str) -> None:
    file = tmp_path / "schema_register.yaml"
    file.write_text("".join(f"- version: '{version}'\n  changes: [Something.]\n" for version in versions))
    with pytest.raises(ConfigurationError, match=fault):
        load_schema_changes(file)


def test_the_version_of_the_schema_rises_with_the_schema() -> None:
    """Where this fails: add a version to schema_register.yaml and docs/schema.md, then write these columns to schema.txt."""
    register = load_register()
    lines = [f"version {load_schema_changes()[0].version}"]
    lines += [f"{spec.table}: {', '.join(spec.column_names)}" for spec in (*register.tables, *register.person_tables)]
    lists = [
        *(stories_table([]), learning_table([]), contribution_table([]), evidence_table(NO_EVIDENCE, [], None, [])),
        *code_lists(load_catalogue(), register),
        period_list([]),
        all_metrics(register, load_policy(), load_metrics()),
    ]
    lines += [f"{table.name}: {', '.join(f'{c.name} {c.kind}' for c in table.columns)}" for table in lists]
    lines += [f"{row[0]} measures {row[1]} in {row[3]}" for row in lists[-1].rows]
    assert (Path(__file__).with_name("schema.txt")).read_text(encoding="utf-8").splitlines() == lines
