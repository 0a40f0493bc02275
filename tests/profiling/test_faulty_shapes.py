"""Files that fooled profiling: no header, tools' own variants, events, counts under a person's word."""

from __future__ import annotations

import pytest

from tests.profiling import export_files
from tfc_platform.contracts.parse import FILL_IN
from tfc_platform.profiling import profile_report
from tfc_platform.profiling.profile_file import profile_file

NAMES = ("Arlo", "Bron", "Cuthbert")
PEOPLE = "".join(f"{name} Penhale,{name}@example.org,10/03/2014,DN31 2SY,Attended well\n" for name in NAMES)


def test_a_list_of_people_without_a_header_shows_no_cell() -> None:
    found = profile_file(PEOPLE.encode(), "list.csv")
    assert (found.columns, found.header_rows) == ([], 0)
    shown = repr((profile_report.as_data(found), profile_report.facts(found), found.warnings))
    assert "Arlo" not in shown
    assert "DN31" not in shown


def test_a_table_whose_first_row_says_what_the_next_ones_say_has_no_header() -> None:
    lines = ["Zorvanna,Choir,good", "Quillon,Choir,good", "Arlo,Art,bad", "Bron,Art,good"]  # two of three columns
    assert profile_file("\n".join(lines).encode(), "list.csv").columns == []
    found = profile_file("\n".join(["Who,What,How", *lines]).encode(), "list.csv")
    assert [column.name for column in found.columns] == ["Who", "What", "How"]


def legacy(questions: int) -> bytes:
    names = [f"V{n}" for n in range(1, 11)] + [f"Q{n}" for n in range(1, questions + 1)]
    labels = (
        "ResponseID,ResponseSet,Name,ExternalDataReference,EmailAddress,IPAddress,Status,StartDate,EndDate,Finished"
    )
    cells = ["R_1", "Default", "", "", "", "", "0", "2016-06-20 10:00:00", "2016-06-20 10:10:00", "1"]
    rows = [names, [*labels.split(","), *(f"Text {n}" for n in range(questions))], [*cells, *["3"] * questions]]
    return "\n".join(",".join(row) for row in rows).encode()


def test_the_old_qualtrics_export_of_any_length() -> None:
    assert {profile_file(legacy(questions), "x.csv").tool for questions in (1, 30, 40, 200)} == {"qualtrics_legacy"}


LIMESURVEY = """id,submitdate,lastpage,startlanguage,seed,startdate,ipaddr,refurl,token,G1Q1,G1Q2[SQ001],G1Q2[SQ002]
1,,1,en,1,2026-01-01 10:00:00,203.0.113.1,https://example.org/?token=tk1,tk1,A1,,
2,2026-01-01 10:09:00,3,en,2,2026-01-01 10:00:00,203.0.113.2,https://example.org/?token=tk2,tk2,A2,Y,
3,2026-01-01 10:19:00,3,en,3,2026-01-01 10:10:00,203.0.113.3,https://example.org/?token=tk3,tk3,A2,Y,Y
"""


def test_limesurvey() -> None:
    found = profile_file(LIMESURVEY.encode(), "results.csv")
    assert (found.tool, found.rows, found.excluded) == ("limesurvey", 2, {"incomplete": 1})
    personal = {column.name for column in found.columns if column.personal and column.personal != "free_text"}
    assert {"token", "ipaddr", "refurl"} <= personal


def test_a_record_with_a_row_for_each_event_is_told_apart_by_it() -> None:
    lines = ["record_id,redcap_event_name,k1"]
    lines += [f"{record},{event}_arm_1,{record % 5}" for record in range(1, 9) for event in ("baseline", "followup")]
    found = profile_file("\n".join(lines).encode(), "redcap.csv")
    draft = profile_report.draft_contract(found, "redcap.csv")
    assert "key: [respondent_id, event_1]" in draft
    assert "event_1: {header: 'redcap_event_name', type: category, open: true}" in draft
    assert FILL_IN in draft
    one = profile_file("\n".join(lines[:1] + lines[1::2]).encode(), "redcap.csv")
    assert "key: [respondent_id]" in profile_report.draft_contract(one, "redcap.csv")


def test_counts_under_a_persons_word_are_counts() -> None:
    text = "Activity,Date,Child,Parent\n" + "".join(f"Choir,{n:02}/01/2024,{n},{n + 1}\n" for n in range(1, 9))
    found = profile_file(text.encode(), "log.csv")
    assert [(column.name, column.personal) for column in found.columns[2:]] == [("Child", None), ("Parent", None)]


LOG = ["Activity,Date,Children attended,Adults", *(f"Choir,{day:02}/01/2024,{day + 20},1" for day in range(8, 14))]


@pytest.mark.parametrize("again", ["Activity,Date,Children attended,Adults", "Activity,Date,Adults,Children attended"])
def test_a_header_that_comes_again_is_the_header_still(again: str) -> None:
    found = profile_file("\n".join([*LOG[:4], again, *LOG[4:]]).encode(), "log.csv")
    assert [column.name for column in found.columns] == LOG[0].split(",")
    assert (found.rows, found.not_data) == (6, 1)


def test_people_who_stand_twice_are_no_header() -> None:
    people = ["Zorvanna,Choir,good", "Quillon,Choir,good", "Arlo,Art,bad", "Bron,Art,good"]
    for lines in (people[:1] * 4, [*people, people[0]], people[:1] * 2 + people[1:]):
        assert "zorvanna" not in repr(profile_file("\n".join(lines).encode(), "list.csv")).casefold(), lines


# What stands in a list of people that nobody gave a header, in shapes of its own.
HEADERLESS = {
    "one row": ["Arlo Penhale,arlo@example.org,10/03/2014"],
    "numbers first": [f"{n},{name} Penhale,DN31 2SY,{n}/03/2014" for n, name in enumerate(NAMES, start=1)],
    "pupil numbers": [f"A12345678901{n},{name} Penhale,Choir" for n, name in enumerate(NAMES)],
    "telephones": [f"{name} Penhale,07700 90055{n},Choir" for n, name in enumerate(NAMES)],
    "NHS numbers": [f"{name} Penhale,943 476 5919,Choir" for name in NAMES],
}


@pytest.mark.parametrize("lines", HEADERLESS.values(), ids=HEADERLESS)
def test_no_cell_of_a_list_without_a_header_is_shown(lines: list[str]) -> None:
    rows = [line.split(",") for line in lines]
    for content, name in (
        (export_files.as_csv(rows), "list.csv"),
        (export_files.as_workbook({"Sheet1": rows}), "list.xlsx"),
    ):
        found = profile_file(content, name)
        draft = profile_report.draft_contract(found, name) if found.columns else ""
        shown = repr((profile_report.as_data(found), profile_report.facts(found), found.warnings, draft))
        for cell in (cell for row in rows for cell in row if len(cell) > 2 and cell != "Choir"):
            assert cell not in shown, name
