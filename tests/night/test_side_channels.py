"""T13: no side channel. Nothing outside the restricted zone, and no check or event in it, knows a count below site level.

Two twins of one programme (`twins`) have their night; all that they leave and say is compared. The marts differ, so what is
the same elsewhere is not the same by chance.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import dagster as dg
import pyarrow.parquet as pq
import pytest

from tfc_platform.check.suites import load_suites
from tfc_platform.night_record import RECORD
from tfc_platform.orchestration.asset_checks import NOT_SHOWN
from tfc_platform.orchestration.dagster_home import use_dagster_home
from tfc_platform.release.manifest import names_the_release
from tfc_platform.sealed_files import SEAL

from . import twins
from .nights import SECOND, Home, Ran, released_stories
from .search import Secrets, said_by

# Every number that metadata of a materialisation or check may hold, and what it counts. A new key fails the test below: say
# here what it counts, and that it counts no people below site level.
NUMBERS = {
    "newly_read_files": "files of one source",
    "files_still_written": "files of one sender",
    "seconds": "time",
    "dagster/row_count": "rows of a whole table, over all sites",
    "rules.rows_checked": "rows of a site, or none where the rule is about some of them",
    "rules.rows_failed": "the same",
    "checks": "pieces of evidence",
    "files_that_count": "files of all sources",
    "held_sources": "sources",
    "models_built": "models of dbt",
    "snapshots": "locked quarters and waves",
}
# The numbers of the files beside the marts that people look at when a night went wrong.
EVIDENCE_NUMBERS = {"rows_checked", "rows_failed"}


@dataclass(frozen=True)
class Twin:
    home: Home
    ran: Ran
    events: list[dg.DagsterEvent]
    messages: list[str]


def _logged(home: Home) -> tuple[list[dg.DagsterEvent], list[str]]:
    with mock.patch.dict(os.environ):
        use_dagster_home(home.settings(SECOND))
        with dg.DagsterInstance.get() as instance:
            records = [record for run in instance.get_runs() for record in instance.all_logs(run.run_id)]
    return [record.dagster_event for record in records if record.dagster_event], [r.user_message for r in records]


def _twin(folder: Path, swapped: bool) -> Twin:
    home = Home(folder, kept=True, with_pages=True)
    twins.write(home.landing, swapped)
    ran = home.good_night(SECOND)
    return Twin(home, ran, *_logged(home))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Twin, Twin]:
    return _twin(tmp_path_factory.mktemp("few"), False), _twin(tmp_path_factory.mktemp("more"), True)


def masked(text: str, home: Home) -> str:
    """Without what is each run's own: digests and ids, the folder, durations and the clock."""
    text = text.replace(str(home.folder), "<folder>")
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<run>", text)
    text = re.sub(r"(?<![0-9a-zA-Z])[0-9a-f]{8,64}(?![0-9a-zA-Z])", "<digest>", text)
    text = re.sub(r"\b(in|took) [0-9.]+ ?(ms|s|seconds)\b", r"\1 <time>", text)
    return re.sub(r"\b(\d+m)?\d+(\.\d+)?(ms|s)\b", "<time>", text)


def _numbers(value: Any, name: str) -> Iterator[tuple[str, float]]:
    """Every number in a value of metadata, with its name."""
    value = getattr(value, "value", value) if not isinstance(value, dg.TableMetadataValue) else value
    if isinstance(value, dg.TableMetadataValue):
        for record in value.records:
            for key, cell in record.data.items():
                yield from _numbers(cell, f"{name}.{key}")
    elif isinstance(value, bool | dg.TableSchema):
        return
    elif isinstance(value, int | float):
        yield name, value
    elif isinstance(value, dict):
        for key, cell in value.items():
            yield from _numbers(cell, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for cell in value:
            yield from _numbers(cell, name)


def metadata(event: dg.DagsterEvent) -> tuple[str, dict[str, Any]] | None:
    """What an event of ours says of which asset or check."""
    if event.is_step_materialization:
        made = event.step_materialization_data.materialization
        return made.asset_key.to_user_string(), dict(made.metadata)
    if event.event_type_value == "ASSET_CHECK_EVALUATION":
        found = event.asset_check_evaluation_data
        return f"{found.asset_key.to_user_string()} {found.check_name}", dict(found.metadata)
    return None


def test_the_twins_differ_in_the_marts(pair: tuple[Twin, Twin]) -> None:
    """So that the tests below compare what could differ."""
    queries = [
        "select activity, value_low from marts.mart_reach where month = date '2026-02-01' order by all",
        "select area, attendances_low from marts.mart_reach_area where month = date '2026-02-01' order by all",
        "select change_domain, stories from marts.mart_story_domain order by all",
        "select quarter, partners_active from marts.mart_partnership order by all",
        "select month, sessions_delivered from marts.mart_delivery where activity = 'practitioners_in_schools' order by all",
        "select wave, max(n) from marts.mart_outcome_indicator where population = 'professionals' group by all order by all",
        "select file, accepted from marts.mart_submission_status where source = 'surveys' order by all",
    ]
    one, other = pair
    for query in queries:
        assert one.home.rows(query) != other.home.rows(query), query
    heads = {low for _, low in one.home.rows(queries[0])}
    assert heads == {twins.FEW, twins.MORE + 1, 300}, "one in casework beside the 8"


def test_a_release_is_the_same_for_both(pair: tuple[Twin, Twin]) -> None:
    one, other = ((twin.home.places.releases / "current").resolve() for twin in pair)
    names = [{path.relative_to(folder).as_posix() for path in folder.rglob("*")} for folder in (one, other)]
    assert names[0] == names[1]
    for path in sorted(path for path in one.rglob("*") if path.suffix in (".csv", ".parquet", ".duckdb")):
        name = path.relative_to(one).as_posix()
        assert path.read_bytes() == (other / name).read_bytes(), name
    pages = sorted(path.relative_to(one).as_posix() for path in one.rglob("*.html"))
    assert {"index.html", "young-people.html"} < set(pages)
    for name in ("datapackage.json", *pages):
        texts = [
            masked((folder / name).read_text(), twin.home) for folder, twin in zip((one, other), pair, strict=True)
        ]
        assert texts[0] == texts[1], name
    manifests = [
        masked(json.dumps(_manifest(folder)), twin.home) for folder, twin in zip((one, other), pair, strict=True)
    ]
    assert manifests[0] == manifests[1]
    books = [_parts(folder / "tables.xlsx") for folder in (one, other)]
    assert books[0].keys() == books[1].keys()
    for name, part in books[0].items():
        assert masked(part, pair[0].home) == masked(books[1][name], pair[1].home), name


def _manifest(folder: Path) -> dict[str, Any]:
    """Without the sizes of the files that name the release's id: packed, another id may be a byte longer."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    for entry in found["files"]:
        if names_the_release(entry["path"]):
            del entry["bytes"]
    return found


def _parts(book: Path) -> dict[str, str]:
    with zipfile.ZipFile(book) as parts:
        return {name: parts.read(name).decode() for name in parts.namelist()}


def test_no_row_of_a_release_is_there_by_casework_alone(pair: tuple[Twin, Twin]) -> None:
    home = pair[0].home
    for mart, period in (("partnership", "quarter"), ("local_indicator", "period")):
        ((periods,),) = home.rows(f"select count(distinct {period}) from marts.mart_{mart} where site = 'grimsby'")
        assert periods == 3, "two of casework alone"
        with home.release() as con:
            released = con.execute(f"select distinct {period} from {mart} where site = 'grimsby'").fetchall()
        assert released == [("2026-Q1",)]


def test_what_a_night_says_is_the_same_for_both(pair: tuple[Twin, Twin]) -> None:
    one, other = ([masked(line, twin.home) for line in twin.ran.said] for twin in pair)
    assert one == other
    assert len(one) > 5
    files = [line for line in pair[0].ran.said if line.startswith("glasgow/surveys/")]
    assert files == [
        f"glasgow/surveys/TfC {name} qualtrics.csv: read"
        for name in ("professionals w1", "professionals w2", "young_people w1")
    ]


def test_events_and_checks_are_the_same_for_both(pair: tuple[Twin, Twin]) -> None:
    def told(twin: Twin) -> list[str]:
        found = [item for event in twin.events if (item := metadata(event)) is not None]
        lines = [
            f"{name}: {key} = {sorted(_numbers(value, key)) or value!r}"
            for name, values in found
            for key, value in values.items()
            if key != "seconds"
        ]
        return sorted(masked(line, twin.home) for line in lines)

    one, other = (told(twin) for twin in pair)
    assert len(one) > 200
    assert one == other
    messages = [sorted(masked(text, twin.home) for text in twin.messages) for twin in pair]
    assert messages[0] == messages[1]


def test_a_text_that_names_its_teller_is_blocked_and_the_night_says_which(pair: tuple[Twin, Twin]) -> None:
    for twin in pair:
        assert released_stories(twin.home) == {"GR-002": "A parent opens the room now."}
        said = "Story GR-001 of grimsby is not published: the finder's rule known_participant."
        assert said in twin.ran.said
        assert said in twin.messages
        home = twin.home.places
        found = Secrets(twins.TELLER.split()).below(home.home, (home.vault, home.text, *home.sites.glob("*/marked")))
        assert found == {}, "nor the gazetteer"
        assert list(home.gazetteer.rglob("*.parquet"))


def test_every_number_in_metadata_is_on_the_list(pair: tuple[Twin, Twin]) -> None:
    found: dict[str, set[str]] = {}
    for event in pair[0].events:
        name, values = metadata(event) or ("", {})
        for key, value in values.items():
            for number, _ in _numbers(value, key):
                found.setdefault(number, set()).add(name)
    assert {key: sorted(names)[:3] for key, names in found.items() if key not in NUMBERS} == {}
    assert set(NUMBERS) == set(found), "what is on the list and in no event is not looked after"


def test_the_walk_finds_a_new_number() -> None:
    table = dg.MetadataValue.table([dg.TableRecord({"rule": "x", "pupils": 7})])
    assert dict(_numbers(table, "rules")) == {"rules.pupils": 7}
    assert dict(_numbers(dg.MetadataValue.json({"schools": [{"n": 7}]}), "found")) == {"found.schools.n": 7}
    assert dict(_numbers(dg.MetadataValue.int(3), "people")) == {"people": 3}


def test_a_rule_about_some_of_a_sites_rows_shows_no_count(pair: tuple[Twin, Twin]) -> None:
    of_some = {check.id for suite in load_suites() for check in suite.expectations if check.is_about_some_rows}
    shown = set()
    for event in pair[0].events:
        for value in (metadata(event) or ("", {}))[1].values():
            for record in value.records if isinstance(value, dg.TableMetadataValue) else ():
                if record.data["rule"] in of_some:
                    shown.add((record.data["rule"], record.data["rows_checked"], record.data["rows_failed"]))
    assert "respondent_cluster_present" in {rule for rule, _, _ in shown}
    assert {(checked, failed) for _, checked, failed in shown} == {(NOT_SHOWN, NOT_SHOWN)}


def test_the_evidence_has_no_other_numbers(pair: tuple[Twin, Twin]) -> None:
    for file in pair[0].home.places.evidence.rglob("*.parquet"):
        schema = pq.read_schema(file)
        numbers = {field.name for field in schema if str(field.type).startswith(("int", "uint", "double", "float"))}
        assert numbers == EVIDENCE_NUMBERS
    files = list(pair[0].home.places.evidence.rglob("*.json"))
    assert len(files) > 1
    for file in files:
        if file.name in (RECORD, SEAL):  # sizes and stamps of files, for the next night's look
            continue
        values = json.loads(file.read_text())
        held = values.pop("held", [])
        assert all("held_reason" not in state for state in held)
        assert list(_numbers(values, file.stem)) == []


def test_a_hold_is_reported_without_counts(pair: tuple[Twin, Twin]) -> None:
    """Most of a wave's rows are faulty: the night names the source and the cause; the receipt tells the site how many."""
    home = pair[1].home
    file = home.landing / "plymouth/stories/stories_of_change.csv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([lines[0], *(line.replace("03/07/2025", "some day") for line in lines[1:])]) + "\n")
    ran = home.steps("plymouth/stories", "admission", "receipt/plymouth", as_of=SECOND.replace(day=21))
    (held,) = [line for line in ran.said if "held" in line and line.startswith("plymouth/stories is")]
    assert held == "plymouth/stories is held since 2026-05-21 (rejected rows). Its receipt says more."
    assert "plymouth/stories/stories_of_change.csv: held" in ran.said
    receipt = json.loads((home.places.sites / "plymouth/receipt.json").read_text())
    assert "15 of 15 rows were rejected" in json.dumps(receipt)
    _, messages = _logged(home)
    assert "of 15 rows" not in "\n".join(messages)


def test_the_search_reads_every_type_of_file_that_a_release_has(pair: tuple[Twin, Twin]) -> None:
    folder = (pair[0].home.places.releases / "current").resolve()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert any(part for part in said_by(path)), path.name
