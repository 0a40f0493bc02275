"""Files as accidents change them: cut, with bytes flipped, rows and columns lost, doubled or swapped, written in another way.

Seeded: a mutation is known by its number. `python -m tests.ingest.mutations` tries many: `make fuzz`.
"""

from __future__ import annotations

import csv
import io
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from tests.conftest import SHARED
from tests.profiling import exports
from tests.profiling.filling import fill_draft
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.contracts.model import Contract
from tfc_platform.ingest.file_context import FileContext
from tfc_platform.ingest.read_file import read_file
from tfc_platform.ingest.reading_verdict import FileReading
from tfc_platform.privacy.pseudonym import Pseudonyms
from tfc_platform.profiling.profile_file import profile_file

Rows = list[list[str]]
TextChange = Callable[[random.Random, Rows], Rows]


def _some_row(pick: random.Random, rows: Rows) -> int:
    return pick.randrange(len(rows))


def _drop_rows(pick: random.Random, rows: Rows) -> Rows:
    return [row for row in rows if pick.random() > 0.3]


def _double_rows(pick: random.Random, rows: Rows) -> Rows:
    return [row for row in rows for _ in range(pick.choice((1, 1, 1, 2)))]


def _shuffle_rows(pick: random.Random, rows: Rows) -> Rows:
    return pick.sample(rows, len(rows))


def _blank_rows(pick: random.Random, rows: Rows) -> Rows:
    return [one for row in rows for one in ((row, [""] * len(row)) if pick.random() < 0.2 else (row,))]


def _header_again(pick: random.Random, rows: Rows) -> Rows:
    place = _some_row(pick, rows)
    return [*rows[:place], pick.sample(rows[0], len(rows[0])), *rows[place:]]


def _title_above(pick: random.Random, rows: Rows) -> Rows:
    return [["Sessions of the year"], [], *rows]


def _total_below(pick: random.Random, rows: Rows) -> Rows:
    return [*rows, ["Total", *(str(len(rows)) for _ in rows[0][1:])]]


def _merged_header(pick: random.Random, rows: Rows) -> Rows:
    return [["Group" if number % 3 == 0 else "" for number in range(len(rows[0]))], *rows]


def _no_header(pick: random.Random, rows: Rows) -> Rows:
    return rows[1:]


def _ragged(pick: random.Random, rows: Rows) -> Rows:
    return [row[: pick.randrange(1, len(row) + 1)] if pick.random() < 0.2 and row else row for row in rows]


def _columns(order: list[int], rows: Rows) -> Rows:
    return [[row[index] if index < len(row) else "" for index in order] for row in rows]


def _drop_column(pick: random.Random, rows: Rows) -> Rows:
    order = list(range(len(rows[0])))
    order.remove(pick.choice(order))
    return _columns(order, rows)


def _double_column(pick: random.Random, rows: Rows) -> Rows:
    order = list(range(len(rows[0])))
    return _columns([*order, pick.choice(order)], rows)


def _swap_columns(pick: random.Random, rows: Rows) -> Rows:
    return _columns(pick.sample(range(len(rows[0])), len(rows[0])), rows)


def _header_moves(pick: random.Random, rows: Rows) -> Rows:
    return [pick.sample(rows[0], len(rows[0])), *rows[1:]]


CHANGES: tuple[TextChange, ...] = (
    _drop_rows,
    _double_rows,
    _shuffle_rows,
    _blank_rows,
    _header_again,
    _title_above,
    _total_below,
    _merged_header,
    _no_header,
    _ragged,
    _drop_column,
    _double_column,
    _swap_columns,
    _header_moves,
)
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "utf-16", "latin-1", "mac-roman")


def _as_text(pick: random.Random, rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=pick.choice(",;\t|"), lineterminator=pick.choice(("\n", "\r\n", "\r"))).writerows(rows)
    return text.getvalue().encode(pick.choice(ENCODINGS), "replace")


def _as_workbook(pick: random.Random, rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append([openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", cell)[:32_000] for cell in row])
    if rows and rows[0] and len(rows[0]) > 2 and pick.random() < 0.5:
        sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=2)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _bytes_change(pick: random.Random, content: bytes) -> bytes:
    kind = pick.randrange(4)
    place = pick.randrange(max(len(content), 1))
    if kind == 0:
        return content[:place]
    changed = bytearray(content)
    if kind == 1:
        for _ in range(pick.randrange(1, 20)):
            changed[pick.randrange(len(changed))] = pick.randrange(256)
    elif kind == 2:
        changed[place : place + pick.randrange(1, 200)] = b""
    else:
        changed[place:place] = bytes(pick.randrange(256) for _ in range(pick.randrange(1, 50)))
    return bytes(changed)


def mutated(content: bytes, seed: int) -> bytes:
    """A file with one to three accidents. A text may come back as a workbook with the same cells."""
    pick = random.Random(seed)
    rows: Rows = []
    if not content.startswith((b"PK", b"\xd0\xcf", b"$FL")):
        try:
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        except (UnicodeDecodeError, csv.Error):
            rows = []
    if not rows or not rows[0] or pick.random() < 0.25:
        return _bytes_change(pick, content)
    for _ in range(pick.randrange(1, 4)):
        if rows and rows[0]:
            rows = pick.choice(CHANGES)(pick, rows)
    if rows and pick.random() < 0.15:
        return _as_workbook(pick, rows)
    changed = _as_text(pick, rows)
    return _bytes_change(pick, changed) if pick.random() < 0.15 and changed else changed


@dataclass(frozen=True)
class Sample:
    """A file, and what reads it: its own drafted contract, filled."""

    name: str
    content: bytes
    catalogue: Catalogue

    @property
    def contract(self) -> Contract:
        return self.catalogue.of("seaside")[0]


def sample_of(folder: Path, name: str, content: bytes) -> Sample | None:
    """None where the file has no table, or its draft cannot be filled mechanically."""
    from tests.profiling.filling import write_contracts
    from tfc_platform.settings import ConfigurationError

    found = profile_file(content, name)
    if not found.columns or found.what != "data":
        return None
    named = [column for column in found.columns if column.name]
    identity = next((column.name for column in named if column.distinct == found.rows), named[0].name)
    write_contracts(folder, fill_draft(found, content, name, identity))
    try:
        return Sample(name, content, load_catalogue([folder]))
    except ConfigurationError:
        return None


def read_mutated(sample: Sample, content: bytes) -> FileReading:
    file = FileContext(
        sample.name, "seaside", "0" * 64, sample.contract, sample.catalogue, Pseudonyms(b"k" * 32), lambda _: []
    )
    return read_file(content, file)


def _said(reading: FileReading) -> Iterator[str]:
    yield reading.message or ""
    for issue in reading.result.issues:
        yield issue.message
        yield issue.column or ""


def faults_of(sample: Sample, seed: int, secrets: tuple[str, ...] = ()) -> list[str]:
    """What is wrong with how a mutation was read or profiled: nothing, whatever the file.

    :param secrets: cells of personal and free-text columns, which nothing may show. A name under another column's header is
        not known for one by a profile, and is not among them.
    """
    content = mutated(sample.content, seed)
    faults = []
    try:
        reading = read_mutated(sample, content)
        result = reading.result
        if result.received != result.accepted + result.rejected + result.duplicate:
            faults.append("the sums do not hold")
        if reading.status not in {"read", "held", "rejected", "unreadable"}:
            faults.append(f"an unknown status {reading.status}")
        if reading.status != "read" and not (reading.message or "").endswith((".", "”", "?", ")")):
            faults.append(f"no sentence for {reading.cause}")
        rows = [
            len(next(iter(columns.values()))) for name, columns in result.columns.items() if name != "survey_answer"
        ]
        if reading.status == "read" and max(rows, default=0) != result.accepted:
            faults.append("the rows kept are not the rows accepted")
        shown = "\n".join(_said(reading))
        faults += [f"a cell is said by the reading ({reading.cause})" for secret in secrets if secret in shown]
    except Exception as error:
        faults.append(f"reading raised {type(error).__name__}")
    try:
        from tfc_platform.profiling import profile_report

        found = profile_file(content, sample.name)
        shown = repr((profile_report.as_data(found), profile_report.facts(found), found.warnings))
        draft = profile_report.draft_contract(found, sample.name) if found.columns and found.what == "data" else ""
        faults += ["a cell is said by the profile" for secret in secrets if secret in shown + draft]
    except Exception as error:
        faults.append(f"profiling raised {type(error).__name__}")
    return faults


def own_samples(folder: Path) -> list[Sample]:
    """The tests' own exports, a file a tool."""
    made = []
    for tool, make in exports.ALL.items():
        export = make()
        sample = sample_of(folder / tool, export.name, export.content)
        made += [sample] if sample is not None else []
    return made


SECRETS = (exports.PERSON[2], exports.PERSON[3], "203.0.113.9", "lovely afternoon")


def main(seconds: float) -> int:
    """Try mutations of all samples until the time is over; gives how many were read wrongly."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        samples = own_samples(Path(folder))
        for number, path in enumerate(sorted((SHARED / "real_exports").rglob("*.*")) if SHARED.is_dir() else ()):
            if path.is_file() and path.suffix not in {".md", ".json"} and path.stat().st_size < 500_000:
                sample = sample_of(Path(folder) / str(number), path.name, path.read_bytes())
                samples += [sample] if sample is not None else []
        began, tried, wrong, seed = time.monotonic(), 0, 0, 0
        while time.monotonic() - began < seconds:
            for sample in samples:
                faults = faults_of(sample, seed, SECRETS)
                tried, wrong = tried + 1, wrong + bool(faults)
                for fault in faults:
                    sys.stdout.write(f"{sample.name}, mutation {seed}: {fault}\n")
            seed += 1
        sys.stdout.write(f"{tried} mutations of {len(samples)} files, {wrong} wrong\n")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(float(sys.argv[1]) if len(sys.argv) > 1 else 600)))
