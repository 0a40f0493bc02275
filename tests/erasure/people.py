"""People and files planted in the demonstration's returns, each to be erased: secrets in their rows, and the same returns as they
would be had the rows never been there.

Rows are emptied here by other means than the platform's: line by line, by openpyxl, by pandas.
"""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas
import pyreadstat

from tfc_platform.atomic_io import sha256_file

QUALTRICS = "glasgow/surveys/TfC professionals w1 qualtrics.csv"
SMARTSURVEY = "grimsby/surveys/professionals_w1_smartsurvey.xlsx"
SPSS = ("plymouth/surveys/TFC_professionals_w1.sav", "plymouth/surveys/TFC_professionals_w2.sav")
KOBO = tuple(f"stoke/surveys/TfC_professionals_{wave}_-_all_versions_-_xml_values.csv" for wave in ("w1", "w2"))
YOUNG = "plymouth/surveys/TFC_young_people_w1.sav"
FORMS = "plymouth/activity/TfC session record(1-{}).xlsx"
KOBO_SESSIONS = "stoke/activity/TfC_Stoke_Session_Form_-_all_versions_-_English_-_2026-04-01.csv"
STORIES = "glasgow/stories/stories_of_change.csv"
APPROVALS = "central/story_approvals.csv"
MONTH = "grimsby/activity/activity_2026-02.csv"
REVISED = "grimsby/activity/activity_2026-02 v9.csv"
LOG = "glasgow/activity/Govan activity log 2025-26 H2.xlsx"
LEARNING = "plymouth/learning/learning_log.csv"
SURVEYS = (QUALTRICS, SMARTSURVEY, *SPSS, *KOBO)


@dataclass(frozen=True)
class Asked:
    """One erasure: its kind, the id, what tells it apart, and the secrets that must go with it."""

    kind: str
    name: str
    secrets: tuple[str, ...]
    meant: Mapping[str, str] = field(default_factory=dict)


class Returns:
    """A landing zone, and two ways to edit it."""

    @classmethod
    def of(cls, drawn: Path, landing: Path) -> Returns:
        """Copies of those of the demonstration's returns that the tests of erasures need, into a new landing zone."""
        for path in sorted(drawn.rglob("*")):
            name = path.relative_to(drawn).as_posix()
            is_extra = ("/surveys/" in name and name not in SURVEYS) or (
                name.startswith("grimsby/activity/") and "2026" not in name
            )
            if path.is_file() and not is_extra:
                (landing / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, landing / name)
        return cls.there(landing)

    @classmethod
    def there(cls, landing: Path) -> Returns:
        """Those that lie in a landing zone already."""
        found = cls.__new__(cls)
        found.landing = landing
        return found

    def csv_rows(self, name: str, delimiter: str = ",", encoding: str = "utf-8-sig") -> list[list[str]]:
        text = (self.landing / name).read_bytes().decode(encoding)
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))

    def write_csv(self, name: str, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8-sig") -> None:
        out = io.StringIO(newline="")
        csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
        (self.landing / name).write_bytes(out.getvalue().encode(encoding))

    def sav(self, name: str) -> tuple[pandas.DataFrame, object]:
        frame, meta = pyreadstat.read_sav(self.landing / name, user_missing=True)
        return frame, meta

    def write_sav(self, name: str, frame: pandas.DataFrame, meta: object) -> None:
        pyreadstat.write_sav(
            frame,
            self.landing / name,
            variable_value_labels=meta.variable_value_labels,  # type: ignore[attr-defined]
            missing_ranges=meta.missing_ranges,  # type: ignore[attr-defined]
        )


def _cells(returns: Returns, name: str, row: int, words: dict[str, str], delimiter: str = ",") -> dict[str, str]:
    """Put words into the named columns of a CSV row (from 1, the header being 0); gives the row as it stood."""
    rows = returns.csv_rows(name, delimiter)
    was = dict(zip(rows[0], rows[row], strict=True))
    for column, word in words.items():
        rows[row][rows[0].index(column)] = word
    returns.write_csv(name, rows, delimiter)
    return was


def _workbook_cells(returns: Returns, name: str, row: int, words: dict[str, str]) -> dict[str, object]:
    book = openpyxl.load_workbook(returns.landing / name)
    sheet = book.worksheets[0]
    places = {cell.value: cell.column for cell in sheet[1]}
    was = {str(title): sheet.cell(row, place).value for title, place in places.items()}
    for column, word in words.items():
        sheet.cell(row, places[column]).value = word
    book.save(returns.landing / name)
    return was


def plant(returns: Returns) -> list[Asked]:
    """One person, story or file for each kind of return; the same again on the same returns gives the same."""
    asked = []

    def word(number: int) -> str:
        return f"Vellzaquör-{len(asked):02d}{number}ñ"

    secrets = (word(1), word(2), "198.51.100.77")
    was = _cells(returns, QUALTRICS, 7, dict(zip(("RecipientLastName", "Q9_TEXT", "IPAddress"), secrets, strict=True)))
    asked.append(Asked("respondent", was["ResponseId"], (*secrets, was["ResponseId"])))

    secrets = (word(1), f"{word(2)}@example.org", word(3))
    found = _workbook_cells(
        returns, SMARTSURVEY, 9, dict(zip(("Name", "Email", "12. Anything else?"), secrets, strict=True))
    )
    asked.append(Asked("respondent", str(found["Unique ID"]), (*secrets, str(found["Unique ID"]))))

    secrets = (word(1), word(2))
    for name, secret in zip(SPSS, secrets, strict=True):  # one person, two waves
        frame, meta = returns.sav(name)
        frame.loc[frame["pid"] == "PP005", "comments"] = f"ring {secret} back"
        returns.write_sav(name, frame, meta)
    asked.append(Asked("respondent", "pp005", (*secrets, "PP005")))  # written as people do

    rows = [returns.csv_rows(name, ";") for name in KOBO]
    number = rows[0][3][rows[0][0].index("about/pid")]
    secrets = (word(1), word(2))
    ids = []
    for name, table, secret in zip(KOBO, rows, secrets, strict=True):
        place = next(place for place, row in enumerate(table) if row[table[0].index("about/pid")] == number)
        ids.append(
            _cells(returns, name, place, {"comments": f"spoke to {secret}\r\nand again", "about/phone": secret}, ";")[
                "_uuid"
            ]
        )
    asked.append(Asked("respondent", ids[0], (*secrets, *ids)))  # asked for by one answer: the panel links the other

    secrets = (word(1), word(2))
    for path in sorted((returns.landing / "plymouth/activity").glob("TfC session record*.xlsx")):
        columns = dict(zip(("Name", "Anything else we should know?"), secrets, strict=True))
        _workbook_cells(returns, path.relative_to(returns.landing).as_posix(), 6, columns)
    asked.append(Asked("respondent", "5", secrets, {"site": "plymouth", "source": "activity"}))

    secrets = (word(1),)
    was = _cells(returns, KOBO_SESSIONS, 4, {"notes": f"a dad said {secrets[0]} came"}, ";")
    asked.append(Asked("respondent", was["_uuid"], (*secrets, was["_uuid"])))

    # An approved text passes the finder of names: what tells it apart is in small letters, and no name in any return.
    secrets = (word(1), word(2), "Those who come have called their corner of the hall the quillimbörrow.")
    approvals = returns.csv_rows(APPROVALS)
    told = returns.csv_rows(STORIES)
    shared = {row[0] for row in told if row[told[0].index("consent")] == "share"}
    place = next(place for place, row in enumerate(approvals) if row[0] in shared)
    story_id = approvals[place][0]
    _cells(returns, APPROVALS, place, {"approved_text": secrets[2]})
    row = next(place for place, row in enumerate(told) if row[0] == story_id)
    _cells(returns, STORIES, row, dict(zip(("story", "staff_commentary"), secrets[:2], strict=True)))
    asked.append(Asked("story", story_id, secrets))

    secrets = (word(1),)
    rows_of = returns.csv_rows(MONTH, encoding="cp1252")
    rows_of[2][rows_of[0].index("Comments")] = secrets[0]
    returns.write_csv(REVISED, rows_of, encoding="cp1252")
    asked.append(Asked("file", sha256_file(returns.landing / REVISED), secrets))

    secrets = (word(1),)
    book = openpyxl.load_workbook(returns.landing / LOG)
    book.worksheets[0].cell(6, 9).value = secrets[0]
    book.save(returns.landing / LOG)
    asked.append(Asked("file", sha256_file(returns.landing / LOG), secrets))

    secrets = (word(1),)
    _cells(returns, LEARNING, 2, {"insight": secrets[0]})
    asked.append(Asked("file", sha256_file(returns.landing / LEARNING)[:20], secrets))

    secrets = (word(1), word(2))
    was = _cells(returns, QUALTRICS, 9, dict(zip(("RecipientLastName", "Q9_TEXT"), secrets, strict=True)))
    asked.append(Asked("respondent", was["ResponseId"], (*secrets, was["ResponseId"])))
    return asked


def empty(returns: Returns, asked: list[Asked]) -> None:
    """The same returns had what is asked for never stood in them: rows are blank where they stood, files are not there."""
    ids = {item.name for item in asked}
    for name, delimiter, encoding, column in (
        (QUALTRICS, ",", "utf-8-sig", "ResponseId"),
        (KOBO[0], ";", "utf-8-sig", "_uuid"),
        (KOBO_SESSIONS, ";", "utf-8-sig", "_uuid"),
        (STORIES, ",", "utf-8-sig", "story_id"),
        (APPROVALS, ",", "utf-8-sig", "story_id"),
    ):
        _blank_csv(returns, name, delimiter, encoding, column, ids)
    linked = {secret for item in asked for secret in item.secrets}  # the other answer of the one person is among them
    _blank_csv(returns, KOBO[1], ";", "utf-8-sig", "_uuid", linked)
    for name in SPSS:
        frame, meta = returns.sav(name)
        frame.loc[frame["pid"] == "PP005", :] = None
        for column in frame.columns:
            if frame[column].dtype == object:
                frame[column] = frame[column].fillna("")
        returns.write_sav(name, frame, meta)
    _blank_workbook(returns, SMARTSURVEY, 9)
    for path in sorted((returns.landing / "plymouth/activity").glob("TfC session record*.xlsx")):
        _blank_workbook(returns, path.relative_to(returns.landing).as_posix(), 6)
    for name in (REVISED, LOG, LEARNING):
        (returns.landing / name).unlink()


def _blank_csv(returns: Returns, name: str, delimiter: str, encoding: str, column: str, ids: set[str]) -> None:
    rows = returns.csv_rows(name, delimiter, encoding)
    place = rows[0].index(column)
    out = io.StringIO(newline="")
    for row in rows:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(row)
        lines = text.getvalue().count("\n")
        out.write("\r\n" * lines if len(row) > place and row[place] in ids else text.getvalue())
    (returns.landing / name).write_bytes(out.getvalue().encode(encoding))


def _blank_workbook(returns: Returns, name: str, row: int) -> None:
    book = openpyxl.load_workbook(returns.landing / name)
    for cell in book.worksheets[0][row]:
        cell.value = None
    book.save(returns.landing / name)
