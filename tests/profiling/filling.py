"""The blanks of a drafted contract filled mechanically, as a person would who knows the form and has a codebook for all of it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.profiling.models import FileProfile
from tfc_platform.profiling.open_file import open_file
from tfc_platform.profiling.profile_report import draft_contract
from tfc_platform.sheets.sheet_model import text_of

MOST_ITEMS = 400
HEAD = {
    "sites: [FILL_IN]": "sites: [seaside]",
    "owner: FILL_IN": "owner: Seaside research team",
    "description: FILL_IN": "description: As the tool exports it.",
    "within: [FILL_IN, FILL_IN]": "within: [1900-01-01, 2100-12-31]",
    "instrument: FILL_IN": "instrument: scales_1",
    "population: FILL_IN": "population: community",
    "wave: FILL_IN": "wave: w1",
    "blank: FILL_IN": "blank: not_asked",
    "    - columns:": "    - instrument: options_1\n      columns:",
    "    - column:": "    - instrument: options_1\n      column:",
}


def _codebook(name: str, prefix: str, most: int) -> str:
    items = ", ".join(f"{prefix}{number}: {{response: given}}" for number in range(1, MOST_ITEMS))
    return (
        f"instrument: {name}_1\nname: {name}\nversion: '1'\ninformant: self\nlicence: Free to use.\nsource: This test.\n"
        f"wording: own\nresponses: {{given: {{minimum: 0, maximum: {most}, positive_from: 1}}}}\nitems: {{{items}}}\n"
    )


def _cells(content: bytes, name: str, column: str) -> list[str]:
    """What stands under a header, in the order of how often: a person has it from the form."""
    for sheet in open_file(content, name).grid.sheets:
        rows = [[text_of(cell) for cell in row.cells] for row in sheet.rows]
        for number, row in enumerate(rows[:10]):
            if column in row:
                index = row.index(column)
                return [other[index] for other in rows[number + 1 :] if index < len(other) and other[index]]
    return []


def _options(text: str, content: bytes, name: str, codes: set[str]) -> str:
    """The options of choices in one cell, written out: the parts that cells hold more than once."""

    def written(found: re.Match[str]) -> str:
        column, separator = found["column"].replace("''", "'"), found["separator"]
        cells = _cells(content, name, column)
        parts = Counter(
            part.strip() for cell in cells for part in cell.split(separator) if part.strip() not in codes | {""}
        )
        lines = [f"        O{200 + number}: {_quoted(part)}" for number, (part, _) in enumerate(parts.most_common(60))]
        return found["head"] + "\n".join(lines)

    pattern = (
        r"(?P<head>    - column: '(?P<column>(?:[^']|'')*)'[^\n]*\n      separator: '(?P<separator>[^']+)'[^\n]*\n"
        r"      options:[^\n]*\n)        FILL_IN_\d+: FILL_IN"
    )
    return re.sub(pattern, written, text)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _values(text: str) -> str:
    """Each code's value on its scale, by its place."""
    lines, value = [], 0
    for line in text.split("\n"):
        value = 0 if line.strip() == "- values:" else value
        if re.fullmatch(r" {12}'.*': FILL_IN( #.*)?", line):
            line, value = re.sub(r"': FILL_IN", f"': {value}", line, count=1), value + 1
        elif re.fullmatch(r" {8}'.*': FILL_IN( #.*)?", line):
            line = re.sub(r"': FILL_IN", "': unanswered", line, count=1)
        lines.append(line)
    return "\n".join(lines)


def fill_draft(found: FileProfile, content: bytes, name: str, identity: str | None = None) -> str:
    """The draft of a file without blanks.

    :param identity: the header of the id, where the draft leaves it open.
    """
    codes = {code for column in found.columns for code in column.missing_codes}
    text = _options(draft_contract(found, name), content, name, codes)
    for blank, filled in HEAD.items():
        text = text.replace(blank, filled)
    if identity is not None:
        text = text.replace("{header: FILL_IN", "{header: " + _quoted(identity))
    answers, mark, choices = text.partition("  choices:\n")
    answers = re.sub(r"FILL_IN_(\d+)", r"S\1", answers)
    first = min(map(int, re.findall(r"FILL_IN_(\d+)", choices)), default=1)
    choices = re.sub(r"FILL_IN_(\d+)", lambda number: f"O{int(number[1]) - first + 1}", choices)
    return _values(answers + mark + choices)


def write_contracts(folder: Path, text: str) -> None:
    """A folder of contracts: the filled draft, and codebooks for anything that it asks."""
    (folder / "sources" / "seaside").mkdir(parents=True)
    (folder / "codebooks").mkdir()
    (folder / "codebooks" / "scales.yaml").write_text(_codebook("scales", "S", 40))
    (folder / "codebooks" / "options.yaml").write_text(_codebook("options", "O", 1))
    (folder / "sites.yaml").write_text("- {site: seaside, name: Seaside, nation: England}\n")
    (folder / "sources" / "seaside" / "draft.yaml").write_text(text, encoding="utf-8")


def read_by_draft(folder: Path, content: bytes, name: str, text: str) -> tuple[Catalogue, FileReading]:
    """What the filled draft makes of a file.

    :raises ConfigurationError: where a blank is left, or the draft is no contract.
    """
    write_contracts(folder, text)
    catalogue = load_catalogue([folder])
    (contract,) = catalogue.of("seaside")
    file = FileContext(name, "seaside", "0" * 64, contract, catalogue, Pseudonyms(b"k" * 32), lambda _: [])
    return catalogue, read_file(content, file)
