"""What a change of the lake reaches in dbt's graph: by brute force on small graphs, and as dbt itself chooses on ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfc_platform.build import dbt
from tfc_platform.build.changed_sources import affected_by
from tfc_platform.build.lake_views import make_views
from tfc_platform.settings import Places

SOURCES = 3


def manifest_of(kinds: list[str], edges: set[tuple[int, int]]) -> dict[str, Any]:
    """Nodes 0 to SOURCES - 1 are tables of the lake; an edge goes from a node to a later one that reads it."""
    nodes = {
        f"n{number}": {
            "resource_type": "test" if kind == "test" else "model",
            "schema": "marts",
            "alias": f"n{number}",
            "config": {"materialized": kind},
            "depends_on": {"nodes": [f"n{a}" for a, b in sorted(edges) if b == number]},
        }
        for number, kind in enumerate(kinds, start=SOURCES)
    }
    sources = {f"n{n}": {"name": f"t{n}", "schema": "lake", "source_name": "lake"} for n in range(SOURCES)}
    return {"nodes": nodes, "sources": sources}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[str], set[tuple[int, int]], set[int]]:
    kinds = draw(st.lists(st.sampled_from(["table", "view", "test"]), max_size=7))
    last = SOURCES + len(kinds)
    pairs = [
        (a, b) for b in range(SOURCES, last) for a in range(b) if a < SOURCES or kinds[a - SOURCES] != "test"
    ]  # nothing reads a test
    edges = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return kinds, edges, draw(st.sets(st.integers(0, SOURCES - 1)))


@given(graphs())
def test_it_is_what_some_path_leads_to_from_a_changed_table(drawn):
    kinds, edges, changed = drawn
    last = SOURCES + len(kinds)
    # Warshall's closure: a second way to say what reads what, through any number of others.
    reads = [[(a, b) in edges for b in range(last)] for a in range(last)]
    for k in range(last):
        for a in range(last):
            for b in range(last):
                reads[a][b] = reads[a][b] or (reads[a][k] and reads[k][b])
    reached = {b for a in changed for b in range(last) if reads[a][b]}
    found = affected_by(manifest_of(kinds, edges), {f"t{n}" for n in changed})
    kind_of = {number: kinds[number - SOURCES] for number in reached}
    assert found.models == {f"n{n}" for n, kind in kind_of.items() if kind == "table"}
    assert found.tests == {f"n{n}" for n, kind in kind_of.items() if kind == "test"}
    assert found.relations == {f"marts.n{n}" for n, kind in kind_of.items() if kind != "test"} | {
        f"lake.t{n}" for n in changed
    }


def test_a_hole_in_the_graph_is_a_fault_and_not_a_smaller_answer():
    broken = manifest_of(["table"], {(0, SOURCES)})
    broken["nodes"]["n3"]["depends_on"]["nodes"] = ["model.gone"]
    with pytest.raises(ValueError, match=r"has no node model.gone, which n3 depends on"):
        affected_by(broken, {"t0"})


def test_an_activity_reaches_the_delivery_and_no_story(project: dict[str, Any]):
    found = affected_by(project, {"activity"})
    assert {"intermediate.fct_session", "marts.mart_delivery", "staging.stg_lake__activity"} <= found.relations
    assert "marts.mart_story_domain" not in found.relations
    assert not any("stg_lake" in name for name in found.models)  # a view


def test_dbt_chooses_the_same_nodes_of_the_project(tmp_path: Path, project: dict[str, Any], project_dir: Path):
    places = Places(tmp_path)
    places.make()
    make_views(places.warehouse_file, {})
    assert dbt.build(places, project_dir).success
    for changed in (["activity", "row_issue"], ["learning_action"], ["source_state", "ref_activity"]):
        found = affected_by(project, changed)
        result = dbt.build(places, project_dir, select=found.select, without_views=True)
        assert result.success
        assert {node.unique_id for node in (*result.models, *result.tests)} == found.models | found.tests, changed
