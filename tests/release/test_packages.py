"""What programs are told of a release: the Data Package, the codebook, metadata and comments.

Each file is read by a program that others keep (frictionless, pandas, pyreadstat, DuckDB), as an analyst would.
"""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pyreadstat
import pytest
from frictionless import Package

from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.release.ddi import NAMESPACE, codebook_document
from tfc_platform.release.description import load_description
from tfc_platform.release.manage import verify_release


def package(path: Path) -> dict[str, Any]:
    return json.loads((path / "datapackage.json").read_text())


def cells(path: Path, resource: dict[str, Any]) -> list[dict[str, str]]:
    with (path / resource["path"]).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_frictionless_finds_the_data_package_valid(released: Path) -> None:
    report = Package(str(released / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "type", "message"])
    assert report.stats["tasks"] == len(package(released)["resources"]) > 5


def test_frictionless_finds_a_file_that_was_touched(released: Path, tmp_path: Path) -> None:
    for path in (released / "datapackage.json", *released.glob("csv/*")):
        copy = tmp_path / path.relative_to(released)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    file = tmp_path / "csv" / "delivery.csv"
    file.write_text(file.read_text().replace("shown", "hidden", 1))
    report = Package(str(tmp_path / "datapackage.json")).validate()
    assert {item[0] for item in report.flatten(["type"])} >= {"hash-count", "constraint-error"}


def outside(path: Path, resource: dict[str, Any]) -> set[tuple[str, str]]:
    """Cells that are in no list of categories of their field: frictionless does not look at these."""
    rows = cells(path, resource)
    listed = {
        f["name"]: {c["value"] for c in f["categories"]} for f in resource["schema"]["fields"] if "categories" in f
    }
    return {(name, row[name]) for row in rows for name, values in listed.items() if row[name] not in values}


def test_every_category_is_listed(released: Path) -> None:
    with_categories = 0
    for resource in package(released)["resources"]:
        assert outside(released, resource) == set()
        assert resource["schema"]["missingValues"][0]["value"] == ""
        with_categories += any("categories" in field for field in resource["schema"]["fields"])
    assert with_categories == 9  # all tables of figures
    (delivery,) = [item for item in package(released)["resources"] if item["name"] == "delivery"]
    (status,) = [field for field in delivery["schema"]["fields"] if field["name"] == "status"]
    status["categories"] = [item for item in status["categories"] if item["value"] != "held"]
    assert outside(released, delivery) == {("status", "held")}


def test_the_data_package_says_who_and_under_which_licence(released: Path) -> None:
    found, said = package(released), load_description()
    assert found["licenses"] == [{"name": said.licence.name, "title": said.licence.title}]
    assert [item["title"] for item in found["contributors"]] == [item.title for item in said.contributors]
    assert found["sources"]
    assert found["version"] == released.name


def test_parquet_says_what_it_holds_to_pyarrow_pandas_and_duckdb(released: Path) -> None:
    file = released / "parquet" / "process.parquet"
    schema = pq.read_schema(file)
    assert schema.metadata[b"title"] == b"Process"
    assert schema.field("quarter").metadata[b"description"].startswith(b"The calendar quarter")
    units = json.loads(schema.metadata[b"units"])
    assert (units["hours"], units["fidelity_share"]) == ("hours", "share (0 to 1)")
    assert json.loads(schema.metadata[b"disclosure_rules"])["hours"] == "Not about people: shown as it is."
    assert pd.read_parquet(file)["value"].sum() == pytest.approx(
        sum(r["value"] or 0 for r in pq.read_table(file).to_pylist())
    )
    found = duckdb.sql(f"select decode(key), decode(value) from parquet_kv_metadata('{file}')").fetchall()
    assert dict(found)["licence"] == load_description().licence.title


def test_spss_files_have_labels_of_variables_measures_and_statuses(released: Path) -> None:
    frame, meta = pyreadstat.read_sav(str(released / "sav" / "delivery.sav"), apply_value_formats=True)
    assert meta.file_label == "delivery: Delivery"
    assert meta.column_names_to_labels["month"] == "The month, as its first day."
    assert meta.variable_measure["value"] == "scale"
    first = frame.iloc[0]
    assert (first["site"], first["month"], first["value"], first["status"]) == ("glasgow", date(2025, 5, 1), 3, "shown")
    assert first["measure"] == "sessions_delivered: Sessions delivered (sessions)"
    plain, _ = pyreadstat.read_sav(str(released / "sav" / "learning_action.sav"))
    assert plain["value"].isna().sum() == 3  # of 31 days, and three that are not known
    # No day of writing: the same figures make the same file.
    assert meta.creation_time.year == 1980


def test_every_table_view_and_column_of_the_database_has_a_comment(released: Path) -> None:
    with duckdb.connect(str(released / "tfc.duckdb"), read_only=True) as con:
        for what in ("duckdb_columns()", "duckdb_tables()", "duckdb_views()"):
            missing = con.sql(f"from {what} where not internal and coalesce(comment, '') = ''").fetchall()
            assert missing == [], what
        # Of the eight questions those whose tables this small release has.
        views = con.sql(
            "select view_name from duckdb_views() where schema_name = 'questions' and not internal"
        ).fetchall()
        assert {"q4_quality_of_answers", "q5_effort_by_tier", "q7_what_was_revised", "figures"} <= {
            name for (name,) in views
        }
        assert not {"q3_change_over_time"} & {name for (name,) in views}
        held = con.sql("select site, source, since from questions.about_holds").fetchall()
        assert held == [("stoke", "activity", date(2026, 4, 28))]


# The order of children as the schema of DDI-Codebook 2.5 (2012-01-17) has it, of the elements that are used here. The schema
# itself is in no package that is kept, so a document is tested against its sequences, attributes' values and references.
SEQUENCES = {
    "codeBook": "docDscr stdyDscr fileDscr dataDscr otherMat",
    "stdyDscr": "citation studyAuthorization stdyInfo studyDevelopment method dataAccs othrStdyMat notes",
    "citation": "titlStmt rspStmt prodStmt distStmt serStmt verStmt biblCit holdings notes",
    "rspStmt": "AuthEnty othId",
    "stdyInfo": "studyBudget subject abstract sumDscr qualityStatement notes exPostEvaluation",
    "subject": "keyword topcClas",
    "sumDscr": "timePrd collDate nation geogCover geogUnit geoBndBox boundPoly anlyUnit universe dataKind",
    "dataColl": "timeMeth dataCollector collectorTraining frequenc sampProc sampleFrame targetSampleSize deviat collMode "
    "resInstru instrumentDevelopment sources collSitu actMin ConOps weight cleanOps",
    "useStmt": "confDec specPerm restrctn contact citReq deposReq conditions disclaimer",
    "dataDscr": "varGrp nCubeGrp var nCube notes",
    "varGrp": "labl txt concept defntn universe notes",
    "var": "location labl imputation security embargo respUnit anlysUnit qstn valrng invalrng undocCod universe TotlResp "
    "sumStat txt stdCatgry catgryGrp catgry codInstr verStmt concept derivation varFormat geoMap catLevel notes",
    "valrng": "item range key notes",
    "catgry": "catValu labl txt catStat mrow",
    "catgryGrp": "labl catStat txt",
    "derivation": "drvdesc drvcmd",
}
VALUES = {
    ("varGrp", "type"): {"section", "multipleResp", "grid", "display", "other"},
    ("var", "intrvl"): {"contin", "discrete"},
    ("var", "nature"): {"nominal", "ordinal", "interval", "ratio", "percent", "other"},
    ("varFormat", "type"): {"numeric", "character"},
    ("catgry", "missing"): {"Y", "N"},
}


def breaches(root: ET.Element) -> list[str]:
    """Where a document is not as the schema's sequences, enumerations, names and references ask."""
    found = []
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    for element in root.iter():
        space, _, tag = element.tag[1:].partition("}")
        if space != NAMESPACE:
            found.append(f"{tag}: another namespace")
        children = [child.tag.partition("}")[2] for child in element]
        order = SEQUENCES.get(tag, "").split()
        if tag in SEQUENCES and (
            [c for c in children if c not in order] or children != sorted(children, key=order.index)
        ):
            found.append(f"{tag}: children out of order")
        if tag == "var" and not element.get("name"):
            found.append("var: no name")
        for (of, name), values in VALUES.items():
            if of == tag and element.get(name) not in {None, *values}:
                found.append(f"{tag}: {name} is none of its values")
        if tag in ("varGrp", "derivation") and set(element.get("var", "").split()) - set(ids):
            found.append(f"{tag}: a reference to nothing")
    if len(set(ids)) < len(ids):
        found.append("an ID stands twice")
    return found


@pytest.fixture(scope="module")
def codebook() -> str:
    document = codebook_document(load_catalogue(), load_description())
    assert document is not None
    return document


def found_all(codebook: str, tag: str) -> list[ET.Element]:
    return ET.fromstring(codebook).findall(f".//{{{NAMESPACE}}}{tag}")


def test_the_codebook_is_as_ddi_asks(codebook: str) -> None:
    root = ET.fromstring(codebook)
    assert (root.tag, root.get("version")) == (f"{{{NAMESPACE}}}codeBook", "2.5")
    assert breaches(root) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("<docDscr>", "<stdyDscr/><docDscr>", "codeBook: children out of order"),
        ('name="K1"', "", "var: no name"),
        ('nature="ordinal"', 'nature="good"', "var: nature is none of its values"),
        ('ID="tfc_core_1.K1"', 'ID="tfc_core_1.K9"', "varGrp: a reference to nothing"),
        ('ID="tfc_core_1.K1"', 'ID="tfc_core_1.K2"', "an ID stands twice"),
        (NAMESPACE, "ddi:codebook:1", "codeBook: another namespace"),
    ],
)
def test_what_ddi_does_not_allow_is_found(codebook: str, before: str, after: str, said: str) -> None:
    assert said in breaches(ET.fromstring(codebook.replace(before, after, 1)))


def test_the_codebook_has_every_item_and_scale_that_is_asked(codebook: str) -> None:
    catalogue = load_catalogue()
    names = {var.get("ID") for var in found_all(codebook, "var")}
    core = next(book for book in catalogue.codebooks if book.instrument == "tfc_core_1")
    assert {f"tfc_core_1.{code}" for code in [*core.items, *core.scales]} <= names
    # No contract asks the questions of ONS4 or of the SDQ.
    assert {name.split(".")[0] for name in names} == {"tfc_core_1", "swemwbs"}
    (item,) = [var for var in found_all(codebook, "var") if var.get("ID") == "tfc_core_1.T2"]
    text = {child.tag.partition("}")[2]: "".join(child.itertext()).strip() for child in item}
    assert text["qstn"] == "What happens within a family is nobody else's business."
    assert text["codInstr"].startswith("Reversed")
    space = f"{{{NAMESPACE}}}"
    categories = {c.findtext(f"{space}catValu"): c.findtext(f"{space}labl") for c in item.iter(f"{space}catgry")}
    assert categories["1"] == "Strongly disagree"
    assert {"dont_know", "prefer_not", "unanswered", "invalid"} <= set(categories)
    weights = [element.text for element in found_all(codebook, "weight")]
    assert len(weights) == len([c for c in catalogue.contracts if c.survey is not None])
    assert sum("no weight" not in str(text) for text in weights) == 1


def test_words_that_are_licensed_are_not_in_the_codebook(codebook: str) -> None:
    for var in found_all(codebook, "var"):
        if str(var.get("ID")).startswith("swemwbs."):
            assert var.find(f"{{{NAMESPACE}}}qstn") is None
            points = [c for c in var.iter(f"{{{NAMESPACE}}}catgry") if c.get("missing") is None]
            assert all(point.find(f"{{{NAMESPACE}}}labl") is None for point in points)


def test_without_a_survey_there_is_no_codebook() -> None:
    catalogue = load_catalogue()
    others = tuple(contract for contract in catalogue.contracts if contract.survey is None)
    assert codebook_document(replace(catalogue, contracts=others), load_description()) is None


def test_other_instruments_are_another_release(small: Any) -> None:
    first = small.night()
    small.context = replace(small.context, codebook="<codeBook/>\n")
    second = small.release()
    assert second.id != first.id
    assert (second.path / "ddi-codebook.xml").read_text() == "<codeBook/>\n"
    assert small.release() is None
    assert verify_release(small.places) == []
    (second.path / "ddi-codebook.xml").chmod(0o644)
    (second.path / "ddi-codebook.xml").write_text("<codeBook></codeBook>\n")
    assert verify_release(small.places) == ["ddi-codebook.xml is not what the manifest says."] or verify_release(
        small.places
    )
