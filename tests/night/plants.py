"""Secrets put into the demonstration's returns, each in another place where people do put such things."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import openpyxl

Rows = list[list[str]]
TOOLS_OWN = {
    "ResponseId",
    "_uuid",
    "about/pid",
    "pid",
}  # identifiers of the tools: what leaves the vault is a token of them


class Planter:
    """Edits files of a landing zone; `secrets` are what was planted."""

    def __init__(self, landing: Path) -> None:
        self.landing = landing
        self.secrets: dict[str, str] = {}  # secret → where

    def secret(self, where: str) -> str:
        """A word that stands nowhere else, with letters that some tool will escape."""
        word = f"Quizzwörthy{chr(ord('A') + len(self.secrets) % 26)}{len(self.secrets):03d}é"
        self.secrets[word] = where
        return word

    def table(self, name: str, change: Callable[[Rows], None], encoding: str = "utf-8", delimiter: str = ",") -> None:
        path = self.landing / name
        marked = path.read_bytes().startswith(b"\xef\xbb\xbf")
        text = path.read_bytes().decode("utf-8-sig" if marked else encoding)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        change(rows)
        out = io.StringIO(newline="")
        quoting = csv.QUOTE_ALL if text.startswith('"') else csv.QUOTE_MINIMAL
        csv.writer(out, delimiter=delimiter, quoting=quoting).writerows(rows)
        path.write_bytes(out.getvalue().encode("utf-8-sig" if marked else encoding))

    def cell(self, name: str, row: int, column: str, encoding: str = "utf-8", delimiter: str = ",") -> None:
        """Put a secret in place of one cell; `row` counts from the header row, 0."""

        def change(rows: Rows) -> None:
            rows[row][rows[0].index(column)] = self.secret(f"{name}: {column}")

        self.table(name, change, encoding, delimiter)

    def unknown_column(self, name: str, encoding: str = "utf-8", delimiter: str = ",") -> None:
        """A column that no contract names, with a secret in each row that has all its cells."""

        def change(rows: Rows) -> None:
            width = len(rows[0])
            for number, row in enumerate(rows):
                if len(row) == width:
                    row.append("Lead worker" if number == 0 else self.secret(f"{name}: an unknown column"))

        self.table(name, change, encoding, delimiter)

    def workbook(self, name: str) -> None:
        """Notes, a venue, a cell beside the table, one of a hidden sheet, and a comment."""
        book = openpyxl.load_workbook(self.landing / name)
        sheet = book.worksheets[0]
        where = {cell.value: cell.column for row in sheet.iter_rows(max_row=4) for cell in row if cell.value}
        for column, row in (("Notes", 6), ("Venue", 7), ("Partners", 8)):
            sheet.cell(row, where[column], self.secret(f"{name}: {column}"))
        sheet.cell(9, sheet.max_column + 3, self.secret(f"{name}: beside the table"))
        hidden = next(one for one in book.worksheets if one.sheet_state != "visible")
        hidden.cell(2, 1, self.secret(f"{name}: a hidden sheet"))
        sheet.cell(10, 1).comment = openpyxl.comments.Comment(self.secret(f"{name}: a comment"), "nobody")
        book.save(self.landing / name)

    def form(self, name: str) -> None:
        """The staff columns of a forms tool's workbook, and what they wrote."""
        book = openpyxl.load_workbook(self.landing / name)
        sheet = book.worksheets[0]
        for cell in sheet[1]:
            if cell.value in ("Name", "Email", "Anything else we should know?"):
                sheet.cell(3, cell.column, self.secret(f"{name}: {cell.value}"))
        book.save(self.landing / name)


def plant(landing: Path) -> tuple[dict[str, str], str]:
    """Plant secrets in a demonstration's first night; gives each with where it stands, and one that is a school's name."""
    plant = Planter(landing)
    month = "grimsby/activity/activity_2026-{}.csv"
    events = "cp1252"
    # One fault a file, so that none has so many that it is held: what is read goes further than what is not.
    for number, column in enumerate(["Comments", "Programme", "Partner(s)", "Post code", "Duration hrs"], 1):
        plant.cell(month.format("03"), number, column, events)
    plant.unknown_column(month.format("03"), events)
    plant.cell(month.format("02"), 4, "Attendance (actual)", events)
    plant.cell("grimsby/activity/activity_2025-12.csv", 5, "Date of session", events)
    plant.cell("grimsby/activity/activity_2025-11.csv", 6, "Outcome", events)
    # A file without its header row: its first row of data stands where the names of the columns should.
    headless = [[plant.secret("a row where the header should be") for _ in range(8)] for _ in range(4)]
    (landing / month.format("01 v9")).write_text("\r\n".join(map(",".join, headless)), encoding=events)
    plant.workbook("glasgow/activity/Govan activity log 2025-26 H2.xlsx")
    plant.form(next(str(path.relative_to(landing)) for path in sorted(landing.glob("plymouth/activity/*.xlsx"))))
    forms = "stoke/activity/TfC_Stoke_Session_Form_-_all_versions_-_English_-_2026-04-01.csv"
    for number, column in enumerate(["notes", "session/activity", "audience", "partners", "_validation_status"], 1):
        plant.cell(forms, number, column, delimiter=";")
    plant.unknown_column(forms, delimiter=";")
    columns = ["story_id", "teller_role", "activity", "change_domain", "change_level", "consent", "story"]
    for number, column in enumerate([*columns, "staff_commentary"], 1):
        # Each in a file of its own site's where there are enough rows; a story with an unknown consent is no story.
        site = ("grimsby", "stoke")[number % 2]
        plant.cell(f"{site}/stories/stories_of_change.csv", number // 2 + 1, column)
    for number, column in enumerate(["learning_id", "source", "activity", "insight", "recommended_action"], 1):
        plant.cell("plymouth/learning/learning_log.csv", min(number, 4), column)
    plant.cell("central/learning_actions.csv", 1, "to_site")
    plant.cell("central/story_approvals.csv", 1, "approved_by")
    survey = "glasgow/surveys/TfC professionals w1 qualtrics.csv"
    for number, column in enumerate(["Q9_TEXT", "Q1", "Q3", "Q5_1", "UserLanguage", "RecordedDate"], 3):
        plant.cell(survey, number, column)
    plant.unknown_column(survey)
    kobo = "stoke/surveys/TfC_professionals_w1_-_all_versions_-_xml_values.csv"
    for number, column in enumerate(["comments", "about/area", "core/pr_k1", "about/phone"], 1):
        plant.cell(kobo, number, column, delimiter=";")
    plant.cell("glasgow/surveys/TfC young_people w1 qualtrics.csv", 4, "Q1")
    school = list(plant.secrets)[-1]
    del plant.secrets[school]
    return plant.secrets, school


def tools_own(landing: Path) -> set[str]:
    """Every identifier that a tool or an agency gave to a person's answers."""
    found: set[str] = set()
    for path in landing.rglob("surveys/*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if text.startswith('"start"') else ","))
        for place, column in enumerate(rows[0]):
            if column in TOOLS_OWN:
                found |= {row[place] for row in rows[3:] if len(row[place]) > 3}
    return found
