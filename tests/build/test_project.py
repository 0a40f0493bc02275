"""What every model of the dbt project has to have, read from its manifest."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tfc_platform import schemas

# From interface.md: people's scripts use these names.
MARTS = {
    "mart_delivery": "site month activity tier audience sessions_delivered sessions_cancelled hours sessions_with_hours"
    " audience_unit",
    "mart_reach": "site month activity audience measure value_low value_high sessions_unknown audience_unit",
    "mart_reach_area": "site month area small_area_code index_name nation_quintile population attendances_low rate_per_1000"
    " area_basis",
    "mart_local_indicator": "site indicator period value numerator denominator target direction met about_persons"
    " is_beside_casework",
    "mart_process": "site quarter activity audience_unit",
    "mart_partnership": "site quarter partners_active sessions_with_partner boards_held group_sessions_with_partner"
    " group_partners_active has_group_sessions",
    "mart_story_domain": "site change_domain teller_role stories selected",
    "mart_learning_action": "learning_id site to_site noted_on sent_on received_on adopted_on status days_to_send"
    " days_to_adopt",
    "mart_submission_status": "site source file sha256 status received accepted rejected duplicate not_data message"
    " first_seen_at superseded_by",
    "mart_row_issue": "site file sheet row column severity reason message",
    "mart_data_quality": "site source check_id dimension severity rows_checked rows_failed passed gate_effect",
    "mart_outcome_indicator": "site population wave indicator measure breakdown breakdown_value n n_eff n_clusters"
    " n_known_clusters n_strata estimate se ci_low ci_high ci_method weighted",
    "mart_outcome_asked": "site population wave indicator measure instrument made_of tools mode asked_in weight_status",
    "mart_outcome_change": "site population indicator measure design wave_from wave_to n_from n_to n_pairs difference se"
    " ci_low ci_high p_value p_adjusted effect_size comparable reason improved same worse base_from base_to comparison family"
    " reading smallest_change",
    "mart_outcome_trend": "site population indicator measure wave_from wave_to waves slope se ci_low ci_high p_value p_adjusted"
    " comparable reason family reading",
    "mart_dose": "site population wave_from wave_to area from_day to_day recorded_share sessions sessions_with_attendance"
    " attendances_low hours residents sessions_per_1000 attendances_per_1000",
    "mart_outcome_target": "site population indicator measure target baseline_wave baseline latest_wave n latest ci_low ci_high"
    " share_of_way finding",
    "mart_reach_group": "site quarter breakdown breakdown_value attendances_low residents rate_per_1000",
    "mart_evidence": "site outcome kind piece finding direction grade limits is_headline about_persons",
    # What disclosure control cuts releases from.
    "mart_reach_cell": "site quarter activity area small_area_code audience_unit sessions sessions_unknown attendances_low"
    " attendances_high largest_session hours sessions_with_hours sessions_cancelled",
    "mart_outcome_cell": "site population wave indicator measure area sector n positive",
    "mart_story_cell": "site quarter reporting_year change_domain teller_role stories selected",
    "mart_expected_return": "site source return_key due_on status",
    "mart_source_state": "site source is_held held_since held_reason held_file",
}


def models(project: dict[str, Any], schema: str | None = None) -> list[dict[str, Any]]:
    found = [node for node in project["nodes"].values() if node["resource_type"] == "model"]
    return [node for node in found if schema in (None, node["schema"])]


def data_tests_of(project: dict[str, Any], model: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        node
        for node in project["nodes"].values()
        if node["resource_type"] == "test" and node.get("attached_node") == model["unique_id"]
    ]


def test_the_marts_are_those_that_people_rely_on(project: dict[str, Any]) -> None:
    found = {node["name"]: set(node["columns"]) for node in models(project, "marts")}
    assert set(found) == set(MARTS)
    missing = {name: set(columns.split()) - found[name] for name, columns in MARTS.items()}
    assert missing == {name: set() for name in MARTS}


def test_every_mart_has_an_enforced_contract_with_types(project: dict[str, Any]) -> None:
    for node in models(project, "marts"):
        assert node["config"]["contract"]["enforced"] is True, node["name"]
        assert all(column["data_type"] for column in node["columns"].values()), node["name"]


def keys_of(project: dict[str, Any], model: dict[str, Any]) -> list[list[str]]:
    """The primary keys that tests of a model name, of severity error."""
    return [
        test["test_metadata"]["kwargs"]["columns"]
        for test in data_tests_of(project, model)
        if test["test_metadata"]["name"] == "primary_key" and test["config"]["severity"].lower() == "error"
    ]


def test_every_mart_has_one_primary_key_of_its_own_columns(project: dict[str, Any]) -> None:
    for node in models(project, "marts"):
        (key,) = keys_of(project, node)
        assert set(key) <= set(node["columns"]), node["name"]


# From interface.md: two suites said otherwise, and were wrong.
@pytest.mark.parametrize(
    ("mart", "grain"),
    [
        ("mart_reach", ["site", "month", "activity", "measure"]),
        ("mart_submission_status", ["file"]),
        ("mart_outcome_change", ["site", "population", "indicator", "design", "wave_from", "wave_to"]),
    ],
)
def test_a_primary_key_is_the_published_grain(project: dict[str, Any], mart: str, grain: list[str]) -> None:
    (node,) = [node for node in models(project, "marts") if node["name"] == mart]
    assert keys_of(project, node) == [grain]


def test_a_test_is_one_rule_and_its_name_says_of_which_table(project: dict[str, Any]) -> None:
    by_rule: dict[str, list[str]] = {}
    for model in models(project):
        for test in data_tests_of(project, model):
            assert test["name"].startswith(f"{model['name']}_"), test["name"]
            rule = json.dumps([test["test_metadata"]["name"], test["test_metadata"]["kwargs"]], sort_keys=True)
            by_rule.setdefault(rule, []).append(test["name"])
    assert [names for names in by_rule.values() if len(names) > 1] == []  # no rule is said twice


def test_facts_and_dimensions_are_core_and_core_is_nothing_else(project: dict[str, Any]) -> None:
    in_core = {node["name"] for node in models(project) if node["path"].startswith("core/")}
    assert in_core == {node["name"] for node in models(project) if node["name"].startswith(("fct_", "dim_"))}
    assert {node["schema"] for node in models(project)} == {"staging", "intermediate", "marts"}


def test_every_model_names_its_grain_its_group_and_all_its_columns(project: dict[str, Any]) -> None:
    for node in models(project):
        assert node["description"], node["name"]
        assert re.search(r"[Gg]rain|one row", node["description"]), node["name"]
        assert node["group"] in {group["name"] for group in project["groups"].values()}, node["name"]
        without = [column["name"] for column in node["columns"].values() if not column["description"]]
        assert node["columns"], node["name"]
        assert without == [], node["name"]


def test_descriptions_are_of_the_columns_that_there_are(project: dict[str, Any]) -> None:
    lake = {node["name"]: set(node["columns"]) for node in project["sources"].values()}
    assert lake == {name: set(schema.names) for name, schema in schemas.SCHEMAS.items()}
    for source in project["sources"].values():
        assert all(column["description"] for column in source["columns"].values()), source["name"]


def test_groups_have_owners_and_marts_are_public(project: dict[str, Any]) -> None:
    assert all(group["owner"]["name"] for group in project["groups"].values())
    assert {node["access"] for node in models(project, "marts")} == {"public"}
    assert {node["access"] for node in models(project) if node["schema"] != "marts"} == {"protected"}


def test_no_model_selects_everything(project: dict[str, Any]) -> None:
    starred = [
        node["name"] for node in models(project) if re.search(r"select\s+(distinct\s+)?(\w+\.)?\*", node["raw_code"])
    ]
    assert starred == []


def test_no_file_of_the_project_names_a_site_or_an_activity(project_dir: Path) -> None:
    reference = project_dir.parent / "tfc_platform" / "contracts"
    sites = [site["site"] for site in yaml.safe_load((reference / "sites.yaml").read_text())]
    lines = (reference / "reference" / "activities.csv").read_text().splitlines()[1:]
    # an activity's name as code: what is also a plain word of the fixtures would say nothing
    words = {*sites, *(line.split(",")[1] for line in lines)} - {"toy_library"}
    assert {"glasgow", "speak_out_stay_safe"} <= words
    found = [
        (path.name, word)
        for path in sorted(project_dir.rglob("*"))
        if path.suffix in {".sql", ".yml"} and "target" not in path.parts
        for word in words
        if word in path.read_text().lower()
    ]
    assert found == []


def test_nothing_is_left_to_a_command_line(project: dict[str, Any], project_dir: Path) -> None:
    assert not (project_dir / "packages.yml").exists()
    reading = [node["name"] for node in models(project) if "env_var" in node["raw_code"]]
    assert reading == []
    assert {
        test["config"]["store_failures"] for test in project["nodes"].values() if test["resource_type"] == "test"
    } <= {
        False,
        None,
    }


def test_every_unit_test_gives_its_reason(project: dict[str, Any]) -> None:
    tests = project["unit_tests"].values()
    assert all(len(test["description"]) > 60 for test in tests)
    tested = {test["model"] for test in tests}
    rules = {"mart_delivery", "mart_reach", "mart_reach_area", "mart_process", "mart_partnership", "mart_story_domain"}
    rules |= {"mart_outcome_indicator", "mart_outcome_change", "int_wave_pair", "int_comparability", "int_change_panel"}
    rules |= {"mart_reach_cell", "mart_outcome_cell", "mart_story_cell", "dim_activity"}
    assert rules | {"mart_learning_action", "mart_local_indicator", "fct_session", "fct_story"} <= tested


def test_exposures_name_every_mart(project: dict[str, Any]) -> None:
    exposures = {exposure["name"]: exposure for exposure in project["exposures"].values()}
    names = "learning_loop_release locked_snapshots annual_report site_pages outcome_analysis"
    assert set(exposures) == set(names.split())
    released = {name.rsplit(".", 1)[1] for name in exposures["learning_loop_release"]["depends_on"]["nodes"]}
    # What people answered goes only to named researchers until its disclosure control is decided.
    asked = "mart_outcome_asked"
    outcomes = {
        "mart_outcome_indicator",
        asked,
        "mart_outcome_change",
        "mart_outcome_trend",
        "mart_reach_group",
        "mart_dose",
        "mart_outcome_target",
    }
    cells = {"mart_reach_cell", "mart_outcome_cell", "mart_story_cell"}
    assert released == set(MARTS) - outcomes - cells
    snapshots = {name.rsplit(".", 1)[1] for name in exposures["locked_snapshots"]["depends_on"]["nodes"]}
    assert snapshots == cells | {"mart_outcome_change", "mart_outcome_trend", asked}
    assert {name.rsplit(".", 1)[1] for name in exposures["outcome_analysis"]["depends_on"]["nodes"]} == outcomes


@pytest.mark.parametrize("name", sorted(MARTS))
def test_the_analysts_page_names_every_column(name: str, project: dict[str, Any], project_dir: Path) -> None:
    page = (project_dir.parent / "docs" / "marts.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, flags=re.MULTILINE | re.DOTALL)
    assert section is not None
    model = next(node for node in models(project, "marts") if node["name"] == name)
    assert [column for column in model["columns"] if f"`{column}`" not in section[1]] == []
