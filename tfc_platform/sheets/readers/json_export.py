"""JSON as survey tools give it: a list of submissions, alone or under `results` or `data` (Kobo, ODK, SmartSurvey), one a row.

Objects within an answer become columns by their path (`group/question`, as Kobo names them), lists of plain values one cell with
spaces between; lists of objects are repeats and become sheets of their own, with the number of their submission. A SmartSurvey
response becomes one column a question, or one a row of a matrix. Columns stand in the order in which they first come.

Belongs here: submissions as rows. Does not belong: which tool wrote them (`inspect`).
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
Record = dict[str, CellValue]


def _records(found: Any) -> list[Mapping[str, Any]]:
    if isinstance(found, Mapping):
        found = next((found[name] for name in UNDER if isinstance(found.get(name), list)), [found])
    if not isinstance(found, list) or not found or not all(isinstance(item, Mapping) for item in found):
        raise Unreadable(NO_LIST)
    return found


def _plain(value: Any) -> CellValue:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return " ".join(str(item) for item in value)


def _flatten(
    value: Mapping[str, Any], path: str, number: int, row: Record, repeats: dict[str, list[Record]], depth: int = 0
) -> None:
    if depth > DEEPEST:
        raise Unreadable(DAMAGED)
    for key, item in value.items():
        name = f"{path}/{key}" if path else str(key)
        if isinstance(item, Mapping):
            _flatten(item, name, number, row, repeats, depth + 1)
        elif isinstance(item, list) and any(isinstance(part, Mapping | list) for part in item):
            for part in item:
                below: Record = {}
                inner = part if isinstance(part, Mapping) else {"value": part}
                _flatten(inner, "", number, below, repeats, depth + 1)
                repeats.setdefault(name, []).append({**below, PARENT: number})
        else:
            row[name] = _plain(item)


def _answers(question: Mapping[str, Any]) -> Iterator[tuple[str, CellValue]]:
    """The columns of one question of SmartSurvey's API: its title, or title and row of a matrix; choices are joined by `;`."""
    title = str(question.get("title") or question.get("text") or question.get("id") or "")
    found: dict[str, list[str]] = {}
    for answer in question.get("answers") or [{}]:
        row = answer.get("row_title")
        said = next(
            (answer[key] for key in ("value", "choice_title", "column_title", "choice_id") if answer.get(key)), None
        )
        texts = found.setdefault(f"{title} [{row}]" if row else title, [])
        if said is not None:
            texts.append(str(said))
    for name, texts in found.items():
        yield name, ";".join(texts) or None


def _response(record: Mapping[str, Any]) -> Record:
    row: Record = {key: _plain(value) for key, value in record.items() if not isinstance(value, Mapping | list)}
    for variable in record.get("variables") or []:
        row[str(variable.get("label") or variable.get("name") or "")] = _plain(variable.get("value"))
    for page in record["pages"]:
        for question in page.get("questions") or []:
            for name, value in _answers(question):
                row[name] = value
    return row


def _sheet(name: str | None, records: Sequence[Record], is_repeat: bool = False) -> Sheet:
    names = list(dict.fromkeys(key for record in records for key in record))
    rows = [SheetRow(0, tuple(names))]
    rows += [SheetRow(n, tuple(record.get(key) for key in names)) for n, record in enumerate(records, start=1)]
    return Sheet(name, rows, is_repeat=is_repeat)


def read(content: bytes, reading: Reading) -> Grid:
    """:raises Unreadable: where the text is no JSON, or holds no list of submissions."""
    encoding = encoding_of(content)
    try:
        records = _records(json.loads("".join(lines_of(content, encoding))))
        repeats: dict[str, list[Record]] = {}
        rows: list[Record] = []
        for number, record in enumerate(records, start=1):
            if isinstance(record.get("pages"), list):
                rows.append(_response(record))
            else:
                row: Record = {}
                _flatten(record, "", number, row, repeats)
                rows.append(row)
    except (ValueError, RecursionError, AttributeError, TypeError):
        raise Unreadable(DAMAGED) from None
    if repeats:
        rows = [{**row, INDEX: number} for number, row in enumerate(rows, start=1)]
    sheets = [_sheet(None, rows), *(_sheet(name, found, is_repeat=True) for name, found in repeats.items())]
    return Grid(sheets, read_as=ReadAs("json", encoding))
