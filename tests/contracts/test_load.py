"""Contracts: a fifth site needs no code, and a wrong file is named with its key."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tfc_platform.contracts.catalogue import CENTRAL, Catalogue, load_catalogue
from tfc_platform.settings import ConfigurationError

Folder = Callable[..., Path]


@pytest.fixture(scope="module")
def packaged() -> Catalogue:
    return load_catalogue()


def fault(folder: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_catalogue([folder])
    return str(caught.value)


def test_every_packaged_sender_has_its_sources(packaged: Catalogue) -> None:
    by_site = {site: {source for sender, source in packaged.sources if sender == site} for site in packaged.senders}
    assert by_site.pop(CENTRAL) == {"learning_actions", "story_approvals"}
    assert set(map(frozenset, by_site.values())) == {
        frozenset({"activity", "surveys", "stories", "learning", "learning_replies", "contribution_claims"})
    }
    assert set(by_site) == {site.site for site in packaged.sites}


def test_reference_tables_have_their_rows(packaged: Catalogue) -> None:
    tables = packaged.reference_tables()
    assert tables["ref_site"].num_rows == len(packaged.sites)
    assert tables["ref_activity"].num_rows == len(packaged.activities) > 0
    assert tables["ref_footprint_area"].num_rows == len(packaged.areas) > 0


def test_a_fifth_site_in_another_folder(folder: Folder) -> None:
    catalogue = load_catalogue([folder()])
    assert "elsewhere" in catalogue.senders
    assert catalogue.senders[-1] == CENTRAL, "the central team comes after all sites"
    contract = catalogue.contract("elsewhere", "activity")
    assert contract.glob.fullmatch("log/log 2025-04.csv")
    assert catalogue.activity("elsewhere", "  the CHOIR ", date(2025, 8, 31)) == "choir"
    assert catalogue.activity("elsewhere", "The Choir", date(2025, 9, 1)) is None, "the alias holds until August"
    assert catalogue.activity("elsewhere", "Band", date(2025, 8, 31)) is None
    venue = catalogue.venue("elsewhere", "cf101aa")
    assert venue is not None
    assert venue.small_area_code == "W01000001"
    assert catalogue.venue(catalogue.senders[0], "cf101aa") is None, "a venue is its own site's"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("free_text:", "freetext:", "elsewhere/activity.yaml: freetext: Extra inputs"),
        ("type: attendance", "type: headcount", "elsewhere/activity.yaml: columns.attendance.type"),
        ("  attendance:", "  crowd:", "crowd: activity has no such field"),
        ("{header: Date, type: date", "{header: Date, type: number", "columns.session_on.type: number cannot fill"),
        ("record: activity", "record: gatherings", "elsewhere/activity.yaml: record: .*'gatherings' is not a record"),
        ("version: version}", "version: edition}", "return.version: 'edition' is no named group"),
        ("key: '{month}'", "key: '{term}'", "return.key: 'term' is no named group"),
        ("(?P<month>", "(?P<month", "elsewhere/activity.yaml: name: .*not a regular expression"),
        ("{'Yes': delivered, 'No': cancelled}", "{Yes: delivered, No: cancelled}", "status.codes: .*quotation marks"),
        ("{'Yes': delivered, 'No'", "{'Yes': delivered, ' yes'", "columns.status: .*' yes' is given twice"),
        (", codes: {'Yes': delivered, 'No': cancelled}", "", "columns.status: .*open: true"),
        ("required: true, invalid: reject}\n  activity", "within: [2026-01-01, 2025-01-01]}\n  activity", "within: "),
        ("read: {format: csv}", "read: {format: ods}", "elsewhere/activity.yaml: read.format"),
        ("free_text: [Notes]", "key: [session_id]", "key.session_id: not among the columns"),
        ("free_text: [Notes]", "totals: {label: Total, field: hours}", "totals.hours: not among the columns"),
        ("free_text: [Notes]", "hold: {above: 10}", "elsewhere/activity.yaml: hold.above"),
        ("free_text: [Notes]", "expects: {monthly_from: 2025-04-02}", "expects.monthly_from: .*first day"),
        (
            "free_text: [Notes]",
            "source: activity",
            "elsewhere/activity.yaml: line 15: the key 'source' is written twice",
        ),
        ("free_text: [Notes]", "free_text: [Notes", "elsewhere/activity.yaml: line .*: this is not YAML"),
        ("sites: [elsewhere]", "sites: [nowhere]", "elsewhere/activity.yaml: sites: 'nowhere' is in no sites.yaml"),
        ("free_text: [Notes]", "survey: {tool: x, instrument: y, answers: []}", "survey: "),
    ],
)
def test_a_wrong_contract_names_file_and_key(folder: Folder, contract_text: str, old: str, new: str, told: str) -> None:
    assert old in contract_text
    with pytest.raises(ConfigurationError, match=told):
        load_catalogue([folder(contract_text.replace(old, new))])


def test_two_contracts_for_one_source(folder: Folder, contract_text: str) -> None:
    said = fault(folder(second=contract_text))
    assert said.startswith("elsewhere/second.yaml: source: elsewhere has two contracts for 'activity'")
    assert "elsewhere/activity.yaml" in said


SURVEY = """\
source: surveys
sites: [elsewhere]
record: survey_respondent
owner: team
description: Surveys.
files: surveys/*.csv
name: '(?P<population>\\w+) (?P<wave>w\\d)\\.csv'
return: {{key: '{{population}} {{wave}}'}}
read: {{format: csv}}
columns: {{respondent_id: {{header: id, type: token, required: true}}}}
survey:
  tool: redcap
  instrument: tfc_core_1
  answers:
    - items: {{K1: q1}}
      codes: [{{values: {values}}}]
      missing: {missing}
"""


def test_a_survey_is_taken(folder: Folder) -> None:
    text = SURVEY.format(values="{1: 1, 2: 2}", missing="{9: unanswered}")
    contract = load_catalogue([folder(second=text)]).contract("elsewhere", "surveys")
    assert contract.return_key({"population": "parents", "wave": "w1"}) == "parents w1"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("columns: {", "columns: {fpc: {header: N, type: number}, "),
        ("columns: {", "columns: {cluster_2: {header: class, type: number}, "),
        ("columns: {", "columns: {psu: {header: school, type: number}, "),
        ("  instrument: tfc_core_1", "  instrument: tfc_core_1\n  stages: [school, class]"),
        ("  instrument: tfc_core_1", "  instrument: tfc_core_1\n  population_counts: {school: 40}"),
    ],
)
def test_a_design_of_several_stages_is_refused_by_name(folder: Folder, old: str, new: str) -> None:
    text = SURVEY.format(values="{1: 1, 2: 2}", missing="{9: unanswered}")
    assert old in text
    with pytest.raises(ConfigurationError, match="several stages or with population counts is not supported"):
        load_catalogue([folder(second=text.replace(old, new, 1))])


@pytest.mark.parametrize(
    ("values", "missing", "told"),
    [
        ("{Agree: 1, none: 2}", "{None: unanswered}", "survey.answers.0: .*both an answer and missing: none"),
        ("{Agree: 1, AGREE: 2}", "{}", "survey.answers.0.codes.0: .*'AGREE' is given twice"),
        ("{1: one}", "{}", "survey.answers.0.codes.0.values.1"),
        ("{}", "{}", "survey.answers.0.codes.0.values"),
        ("{1: 1}", "{9: lost}", "survey.answers.0.missing.9"),
    ],
)
def test_codes_that_cannot_be_told_apart(folder: Folder, values: str, missing: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        load_catalogue([folder(second=SURVEY.format(values=values, missing=missing))])


def test_the_unit_of_a_session_is_optional_and_one_of_two_words(folder: Folder) -> None:
    head = "site,activity,name,tier,audience,designed_hours,audience_unit\n"
    rows = "elsewhere,choir,Choir,primary,families,,\nelsewhere,band,Band,primary,families,,group\n"
    elsewhere = [
        item for item in load_catalogue([folder(activities=head + rows)]).activities if item.site == "elsewhere"
    ]
    assert [item.audience_unit for item in elsewhere] == [None, "group"]
    assert load_catalogue([folder()]).activities[-1].audience_unit is None, "a file without the column"
    said = fault(folder(activities=head + rows.replace("group", "family")))
    assert said == "reference/activities.csv: audience_unit: Input should be 'group' or 'individual'. (line 3)"


def test_work_with_boards_is_nobodys_casework(folder: Folder) -> None:
    head = (
        "site,activity,name,tier,audience,designed_hours,audience_unit\nelsewhere,choir,Choir,primary,families,,group\n"
    )
    said = fault(folder(activities=head + "elsewhere,board,Board,system,professionals,2,individual\n"))
    assert said.startswith("reference/activities.csv: audience_unit: elsewhere's 'board' is of tier 'system'")
    load_catalogue([folder(activities=head + "elsewhere,board,Board,system,professionals,2,group\n")])


def test_every_packaged_activity_has_its_unit(packaged: Catalogue) -> None:
    assert [item for item in packaged.activities if item.audience_unit is None] == []
    casework = {item.activity for item in packaged.activities if item.audience_unit == "individual"}
    assert "letting_the_future_in" in casework
    assert not casework & {"partnership_board", "speak_out_stay_safe", "hsb_training", "baby_steps", "toy_library"}


def test_reference_data_that_cannot_be_true(folder: Folder) -> None:
    alias = "site,alias,activity,valid_from,valid_to\n"
    cases = {
        "activity_aliases.csv: activity: elsewhere has no activity 'band'": {"aliases": alias + "elsewhere,B,band,,\n"},
        "activity_aliases.csv: site: 'nowhere' is in no": {"aliases": alias + "nowhere,B,choir,,\n"},
        "valid_to: ": {"aliases": alias + "elsewhere,B,choir,,31/08/2025\n"},
        "(line 2)": {"aliases": alias + "elsewhere,B,choir,soon,\n"},
        "(a further cell): Extra": {"aliases": alias + "elsewhere,B,choir,,,2025\n"},
        "venues.csv: postcode: elsewhere has 'cf10 1aa' twice": {
            "venues": "postcode,site,area,small_area_code\nCF10 1AA,elsewhere,A,W1\ncf10 1aa,elsewhere,A,W2\n"
        },
        "sites.yaml: 0.site: ": {"sites": "- {site: Else Where, name: x, nation: Wales}\n"},
        "is a name of the platform's own": {
            "sites": "- {site: elsewhere, name: x, nation: W}\n- {site: central, name: x, nation: W}\n"
        },
        "elsewhere.yaml: 0.direction": {
            "indicators": "- {site: elsewhere, indicator: i, name: n, base: sessions, measure: count, period: month,"
            " direction: up}\n"
        },
        "elsewhere.yaml: 0: numerator_field and numerator_in": {
            "indicators": "- {site: elsewhere, indicator: i, name: n, base: sessions, measure: count, period: month,"
            " direction: at_least, numerator_field: status}\n"
        },
    }
    for told, files in cases.items():
        assert told in fault(folder(**files)), told


def test_one_name_for_two_activities_at_one_time(folder: Folder) -> None:
    activities = (
        "site,activity,name,tier,audience,designed_hours\n"
        "elsewhere,choir,Choir,primary,families,\nelsewhere,band,Band,primary,families,1.5\n"
    )
    head = "site,alias,activity,valid_from,valid_to\nelsewhere,Music,choir,,2025-08-31\n"
    apart = load_catalogue([folder(activities=activities, aliases=head + "elsewhere,MUSIC,band,2025-09-01,\n")])
    assert apart.activity("elsewhere", "music", date(2025, 8, 31)) == "choir"
    assert apart.activity("elsewhere", "music", date(2025, 9, 1)) == "band"
    said = fault(folder(activities=activities, aliases=head + "elsewhere,MUSIC,band,2025-08-31,\n"))
    assert "'MUSIC' of elsewhere is a name of two activities at one time" in said


def test_a_table_saved_in_another_encoding_is_named(folder: Folder) -> None:
    root = folder()
    (root / "reference" / "venues.csv").write_bytes("postcode,site,area\nCF1,elsewhere,Caf\xe9\n".encode("cp1252"))
    assert fault(root) == "reference/venues.csv: this is not text in UTF-8."


def test_a_table_saved_by_a_spreadsheet_with_a_byte_order_mark(folder: Folder) -> None:
    root = folder()
    table = root / "reference" / "venues.csv"
    table.write_bytes(b"\xef\xbb\xbf" + table.read_bytes())
    assert load_catalogue([root]).venue("elsewhere", "CF10 1AA") is not None


def test_the_digest_changes_with_what_a_file_means_and_with_nothing_else(folder: Folder, contract_text: str) -> None:
    def digest(**files: str) -> str:
        catalogue = load_catalogue([folder(**files)])
        return catalogue.digest("elsewhere", catalogue.contract("elsewhere", "activity"))

    first = digest()
    assert digest() == first
    assert digest(contract=contract_text.replace("[Notes]", "[Comments]")) != first
    assert digest(aliases="site,alias,activity,valid_from,valid_to\nelsewhere,Singing,choir,,\n") != first
    assert digest(activities="site,activity,name,tier,audience,designed_hours\nelsewhere,choir,C,x,y,\n") == first


def test_a_further_site_changes_how_columns_of_sites_are_read(packaged: Catalogue, folder: Folder) -> None:
    more = load_catalogue([folder()])
    actions = packaged.contract(CENTRAL, "learning_actions")
    approvals = packaged.contract(CENTRAL, "story_approvals")
    assert more.digest(CENTRAL, actions) != packaged.digest(CENTRAL, actions)
    assert more.digest(CENTRAL, approvals) == packaged.digest(CENTRAL, approvals)


PERSONAL = "free_text: [Notes]\npersonal: {}\n"


def with_personal(contract: str, written: str) -> str:
    assert contract.endswith("free_text: [Notes]\n")
    return contract.removesuffix("free_text: [Notes]\n") + PERSONAL.format(written)


def test_a_personal_column_may_say_whose_name_it_holds(folder: Folder) -> None:
    from .conftest import CONTRACT

    written = "[Email, {column: Worker, kind: staff}, {column: [First, Last], kind: participant}]"
    contract = load_catalogue([folder(with_personal(CONTRACT, written))]).contract("elsewhere", "activity")
    assert [(item.column, item.kind) for item in contract.personal] == [
        (("Email",), None),
        (("Worker",), "staff"),
        (("First", "Last"), "participant"),
    ]
    assert contract.personal_names == ("Email", "Worker", "First", "Last")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[{column: Worker, knd: staff}]", "elsewhere/activity.yaml: personal.0.knd: Extra inputs are not permitted"),
        ("[Email, {column: Worker, kind: boss}]", "elsewhere/activity.yaml: personal.1.kind: Input should be"),
        ("[{kind: staff}]", "elsewhere/activity.yaml: personal.0.column: Field required"),
        (
            "[{column: [], kind: staff}]",
            "elsewhere/activity.yaml: personal.0.column: Value should have at least 1 item",
        ),
    ],
)
def test_a_wrong_personal_column_is_named_with_its_file_and_key(folder: Folder, written: str, said: str) -> None:
    from .conftest import CONTRACT

    assert said in fault(folder(with_personal(CONTRACT, written)))


def test_what_prevails_is_among_the_codes(folder: Folder) -> None:
    from .conftest import CONTRACT

    wrong = CONTRACT.replace("'No': cancelled}", "'No': cancelled}, prevails: [cancelled, called_off]")
    assert "columns.status: prevails: 'called_off' is not among the codes" in fault(folder(wrong))
