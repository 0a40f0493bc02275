"""The central team's questions as views in a release's DuckDB file (`expectations/question_register.yaml`).

A view reads the release's own tables, so it can show nothing that they do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, RootModel, model_validator

from tfc_platform.publication.publication_register import Name
from tfc_platform.publication.released_table import ReleaseTable, figure_columns
from tfc_platform.research import DatabaseView
from tfc_platform.sql_text import quote_literal
from tfc_platform.strict_yaml import EXPECTATIONS, StrictModel, read_model

__all__ = ["SCHEMA", "Question", "load_questions", "question_views"]

SCHEMA = "questions"
_ABOUT = {
    "about_release": (
        "The release, as its manifest says: one row. Its id is the name of its folder.",
        {"number": "bigint", "as_of": "date", "disclosure_policy_version": "varchar"},
    ),
    "about_changes": (
        "What differs from the release before. One row a table, site and reason.",
        {"table_name": "varchar", "site": "varchar", "reason": "varchar"}
        | {"added": "bigint", "removed": "bigint", "changed": "bigint"},
    ),
    "about_holds": (
        "Sources whose latest return cannot count yet. One row a site and source.",
        {"site": "varchar", "source": "varchar", "since": "date", "reason": "varchar"},
    ),
    "about_snapshots": (
        "The locked periods that figures about people are of. One row a period.",
        {"record": "varchar", "site": "varchar", "name": "varchar", "version": "bigint", "ends_on": "date"}
        | {"locked_on": "date"},
    ),
}


def _no_semicolon(sql: str) -> str:
    if ";" in sql:
        raise ValueError("a view is one query, without a semicolon")
    return sql.strip()


class Question(StrictModel):
    """A view: `answer` is its comment, `tables` are those of the release that it needs, `columns` explain its own columns."""

    name: Name
    question: str = Field(min_length=10)
    answer: str = Field(min_length=10)
    tables: tuple[Name, ...]
    columns: dict[Name, str] = Field(default_factory=dict)
    sql: Annotated[str, AfterValidator(_no_semicolon)]


class _Questions(RootModel[tuple[Question, ...]]):
    @model_validator(mode="after")
    def _apart(self) -> _Questions:
        names = [question.name for question in self.root]
        for name in names:
            if names.count(name) > 1 or name == "figures" or name in _ABOUT:
                raise ValueError(f"the view {name!r} is given twice, or has the name of one that is there anyway")
        return self


def load_questions(path: Path = EXPECTATIONS / "question_register.yaml") -> tuple[Question, ...]:
    """:raises ConfigurationError: naming the file and the key that is wrong."""
    return read_model(path, _Questions).root


# Of the columns that the views here have and no table.
_COLUMNS = {
    "site": "The site; all is all sites together.",
    "table_name": "The table of the release.",
    "number": "Releases are numbered from 1.",
    "as_of": "The date of the night.",
    "disclosure_policy_version": "The version of the disclosure policy.",
    "reason": "Why.",
    "added": "Figures that the release before did not have.",
    "removed": "Figures that the release before had.",
    "changed": "Figures that are another value or status now.",
    "since": "Since when.",
    "source": "The kind of return.",
    "record": "What the period is of.",
    "name": "The period.",
    "version": "Which version of the period; the first is 1, a revision adds one.",
    "ends_on": "The last day of the period.",
    "locked_on": "When it was locked.",
}


def question_views(
    tables: Sequence[ReleaseTable], about: Mapping[str, Any], questions: Sequence[Question]
) -> list[DatabaseView]:
    """The views of the schema, in the order in which they can be made.

    `about` is the manifest, from which only what is in `_ABOUT` is taken. No id of a release is: the file's hash goes into
    its own, and ids depend on files of the sites, of which the figures here show nothing.
    """
    of_tables = {table.name: {column.name: column.description for column in table.columns} for table in tables}
    figure = {column.name: column.description for column in figure_columns("")}
    shared = {"measure": "The measure, as the table metric explains it."}
    every = "Every figure of every table. One row a figure; site is empty where it has none."
    views = [DatabaseView(SCHEMA, "figures", _figures(tables), every, _COLUMNS | figure | shared)]
    rows = _about_rows(about)
    views += [
        DatabaseView(SCHEMA, name, _constants(columns, rows[name]), comment, _COLUMNS)
        for name, (comment, columns) in _ABOUT.items()
    ]
    names = {table.name for table in tables}
    views += [
        DatabaseView(
            SCHEMA, q.name, q.sql, f"{q.question} {q.answer}", figure | _words(q, of_tables) | shared | q.columns
        )
        for q in questions
        if set(q.tables) <= names
    ]
    return views


def _words(question: Question, of_tables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """What columns mean in the tables that a question reads; of two tables' words for one name, the first table's."""
    words = dict(_COLUMNS)
    for table in reversed(question.tables):
        words |= of_tables[table]
    return words


def _figures(tables: Sequence[ReleaseTable]) -> str:
    parts = []
    for table in tables:
        names = [column.name for column in table.columns]
        if "status" in names:
            site = "site" if "site" in names else "null::varchar"
            parts.append(
                f"select {quote_literal(table.name)} as table_name, {site} as site, measure, value, status, note "
                f'from main."{table.name}"'
            )
    return " union all ".join(parts) or (
        "select null::varchar as table_name, null::varchar as site, null::varchar as measure, null::double as value, "
        "null::varchar as status, null::varchar as note where false"
    )


def _about_rows(about: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    changes: list[Mapping[str, Any]] = [
        {**item, "table_name": item["table"], **reason}
        for item in about.get("changed", [])
        for reason in item["reasons"]
    ]
    return {
        "about_release": [about],
        "about_changes": changes,
        "about_holds": list(about.get("held", [])),
        "about_snapshots": list(about.get("snapshots", [])),
    }


def _constants(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    def cell(value: Any, kind: str) -> str:
        return f"null::{kind}" if value is None else f"{quote_literal(str(value))}::{kind}"

    selects = [
        "select " + ", ".join(f"{cell(row.get(name), kind)} as {name}" for name, kind in columns.items())
        for row in rows
    ]
    return " union all ".join(selects) or (
        "select " + ", ".join(f"null::{kind} as {name}" for name, kind in columns.items()) + " where false"
    )
