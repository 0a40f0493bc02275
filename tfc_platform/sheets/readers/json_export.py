"""JSON as survey tools give it: a list of submissions, by itself or under a key such as `results` (Kobo, ODK, SmartSurvey).

One submission is one row. Objects within an answer become columns by their path (`group/question`, as Kobo names them). A list of
plain values is one cell, with spaces between the values. A list of objects is a repeated group: a sheet of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tfc_platform.contracts.model import Reading
from tfc_platform.sheets.readers.encodings import encoding_of, lines_of
from tfc_platform.sheets.sheet_model import CellValue, Grid, ReadAs, Sheet, SheetRow, Unreadable

__all__ = ["read"]

UNDER = ("results", "data", "value", "responses")
INDEX, PARENT = "_index", "_parent_index"  # as Kobo calls them in its workbooks
DAMAGED = "The JSON file is damaged or incomplete: export it again and send it again."
NO_LIST = "The JSON file holds no list of submissions. Export the submissions themselves and send them again."
DEEPEST = 20  # objects within one another


def _submissions(document: Any) -> list[Mapping[str, Any]]:
    if isinstance(document, Mapping):
        document = next((document[name] for name in UNDER if isinstance(document.get(name), list)), [document])
    if not isinstance(document, list) or not document or not all(isinstance(item, Mapping) for item in document):
        raise Unreadable(NO_LIST)
    return document


def _flatten(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The plain values of an object by their path; a list of objects is given whole, as a list of mappings."""
    if depth > DEEPEST:
        raise Unreadable(DAMAGED)
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flatten(item, f"{path}/{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and any(isinstance(part, Mapping | list) for part in value):
        yield path, [part if isinstance(part, Mapping) else {"value": part} for part in value]
    elif isinstance(value, list):
        yield path, " ".join(map(str, value))
    else:
        yield path, value


def _smartsurvey(response: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """A SmartSurvey response, which lists its questions by page, as a flat object: a column a question or a row of a matrix."""
    yield from ((key, value) for key, value in response.items() if not isinstance(value, Mapping | list))
    for variable in response.get("variables") or []:
        yield str(variable.get("label") or variable.get("name") or ""), variable.get("value")
    for page in response["pages"]:
        for question in page.get("questions") or []:
            yield from _smartsurvey_answers(question).items()


def _smartsurvey_answers(question: Mapping[str, Any]) -> dict[str, CellValue]:
    title = str(question.get("title") or question.get("text") or question.get("id") or "")
    texts: dict[str, list[str]] = {}
    for answer in question.get("answers") or [{}]:
        row = answer.get("row_title")
        keys = ("value", "choice_title", "column_title", "choice_id")
        written = next((answer[key] for key in keys if answer.get(key)), None)
        texts.setdefault(f"{title} [{row}]" if row else title, []).extend([] if written is None else [str(written)])
    return {name: ";".join(several) or None for name, several in texts.items()}


class _Tables:
    """The submissions as flat records, and the entries of repeated groups by the path of their group."""

    def __init__(self) -> None:
        self.submissions: list[dict[str, CellValue]] = []
        self.repeats: dict[str, list[dict[str, CellValue]]] = {}

    def add(self, submission: Mapping[str, Any]) -> None:
        number = len(self.submissions) + 1
        is_smartsurvey = isinstance(submission.get("pages"), list)
        flat = dict(_smartsurvey(submission)) if is_smartsurvey else submission
        self.submissions.append(self._record(flat, number))

    def _record(self, value: Mapping[str, Any], number: int, depth: int = 0) -> dict[str, CellValue]:
        record: dict[str, CellValue] = {}
        for path, item in _flatten(value, depth=depth):
            if isinstance(item, list):
                for entry in item:
                    own = self._record(entry, number, depth + 1)
                    self.repeats.setdefault(path, []).append({**own, PARENT: number})
            else:
                record[path] = item
        return record


def _sheet(name: str | None, records: Sequence[Mapping[str, CellValue]], is_repeat: bool = False) -> Sheet:
    names = list(dict.fromkeys(key for record in records for key in record))
    rows = [SheetRow(0, tuple(names))]
    rows += [SheetRow(n, tuple(record.get(key) for key in names)) for n, record in enumerate(records, start=1)]
    return Sheet(name, rows, is_repeat=is_repeat)


def read(content: bytes, reading: Reading) -> Grid:
    """A sheet of the submissions, and one for each repeated group.

    :raises Unreadable: where the text is no JSON, or holds no list of submissions.
    """
    encoding = encoding_of(content)
    tables = _Tables()
    try:
        for submission in _submissions(json.loads("".join(lines_of(content, encoding)))):
            tables.add(submission)
    except (ValueError, RecursionError, AttributeError, TypeError):
        raise Unreadable(DAMAGED) from None
    rows = tables.submissions
    if tables.repeats:
        rows = [{**row, INDEX: number} for number, row in enumerate(rows, start=1)]
    sheets = [_sheet(None, rows), *(_sheet(name, entries, is_repeat=True) for name, entries in tables.repeats.items())]
    return Grid(sheets, read_as=ReadAs("json", encoding))
