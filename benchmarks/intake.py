"""What taking in a long file costs, beside pandas and dlt on the same file: `python -m benchmarks.intake`.

Each contender is a process of its own; those that read one file run one after the other, so that a busy
machine is busy for all of them.

They do not do the same: tfc screens every text, accounts for every row, tokenises and writes typed Parquet; pandas parses the
same columns by hand and writes Parquet, without any of that; dlt loads the text into DuckDB as it stands.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.long_files import Made, write_csv, write_workbook
from benchmarks.measure import cost_of
from tfc_platform.contracts.catalogue import load_catalogue
from tfc_platform.contracts.model import Contract

__all__ = ["main"]

SURVEY = {"population": "community", "wave": "w1"}


@dataclass(frozen=True)
class File:
    """A kind of long file: what it is called in the table, how it is made, and who reads it."""

    title: str
    make: Callable[[Path, int], Made]
    contenders: tuple[str, ...]
    share: float = 1.0  # of the rows that are asked for


def _contract(path: Path, record: str) -> Contract:
    """The contract that reads a file that was made here."""
    contracts = load_catalogue().contracts
    return next(item for item in contracts if item.record == record and item.name_pattern.fullmatch(path.name))


def by_tfc(path: Path, record: str) -> int:
    """The intake as a night runs it, but for the landing zone: vault aside, from the bytes to the lake's Parquet."""
    from tfc_platform.ingest import lake_writer
    from tfc_platform.ingest.read_file import read_file
    from tfc_platform.ingest.safeguarding_screen import load_rules
    from tfc_platform.privacy.pseudonym import Pseudonyms
    from tfc_platform.settings import Places

    catalogue, contract = load_catalogue(), _contract(path, record)
    site, sha256 = contract.sites[0], "0" * 64
    with TemporaryDirectory() as folder:
        shelf = lake_writer.Shelf(Places(Path(folder)), site, contract.source, sha256, "benchmark")
        with shelf.spool:
            key, rules = Pseudonyms(b"a key of the benchmark alone"), load_rules()
            read = read_file(
                path.read_bytes(), path.name, site, sha256, contract, catalogue, key, rules.screen, drain=shelf
            )
            taken = read.taken
            written = lake_writer.write_records(shelf, taken.tables(), taken.amended)
            lake_writer.write_issues(shelf, taken.issues)
            lake_writer.write_texts(shelf, taken.texts)
            lake_writer.write_names(shelf, taken.names)
        rows = taken.accepted + taken.rejected + taken.duplicate
        if read.status != "read" or rows != taken.received or not written:
            raise RuntimeError(f"{read.status}: {read.message}")
        return taken.received


def by_pandas(path: Path, record: str) -> int:
    """The same columns by the same contract, as an analyst would write it."""
    import pandas as pd

    from tfc_platform.contracts.model import normal

    catalogue, contract = load_catalogue(), _contract(path, record)
    site = contract.sites[0]
    found = contract.name_pattern.fullmatch(path.name)
    facts = {key: value for key, value in found.groupdict().items() if value} if found else {}
    if contract.read.format == "workbook":
        raw = pd.read_excel(path, dtype=str, engine="calamine")
    else:
        skipped = range(1, contract.read.header.rows)
        raw = pd.read_csv(path, dtype=str, sep=contract.read.delimiter, keep_default_na=False, skiprows=skipped)
    raw = raw.fillna("")
    out = {}
    aliases = {normal(alias.alias): alias.activity for alias in catalogue.aliases if alias.site == site}
    venues = {venue.postcode: venue.small_area_code for venue in catalogue.venues if venue.site == site}
    for name, column in contract.fields(facts).items():
        cells = raw[next(header.name for header in column.header if header.name in raw.columns)].str.strip()
        if column.type == "date":
            shape = "%d/%m/%Y" if column.formats[0] == "d/m/y" and contract.read.format == "csv" else "ISO8601"
            out[name] = pd.to_datetime(cells, format=shape, errors="coerce")
        elif column.type == "number":
            out[name] = pd.to_numeric(cells, errors="coerce")
        elif column.type == "attendance":
            found = cells.str.extract(r"^(?:approx )?(\d+)(?:-(\d+))?\+?$")
            out["low"], out["high"] = pd.to_numeric(found[0]), pd.to_numeric(found[1])
        elif column.type == "activity":
            out[name] = cells.str.casefold().map(aliases).fillna("unmapped")
        elif column.type == "postcode":
            out[name] = cells.map(venues)
        elif column.type == "partners":
            out[name] = cells.str.split(column.separator)
        elif column.type == "category" and column.codes:
            out[name] = cells.str.casefold().map(column.code_of)
        else:
            out[name] = cells
    frame = pd.DataFrame(out)
    for group in contract.survey.answers if contract.survey else ():
        codes = group.codes[-1].values
        for item, headers in group.items.items():
            frame[item] = raw[headers[0].name].map(codes)
    frame["is_double"] = raw.duplicated()
    with TemporaryDirectory() as folder:
        frame.to_parquet(Path(folder) / "rows.parquet", compression="zstd")
    return len(frame)


def by_dlt(path: Path, record: str) -> int:
    """dlt's own reader of CSV, in chunks, all text, into DuckDB."""
    import dlt
    from dlt.sources.filesystem import filesystem, read_csv

    contract = _contract(path, record)
    separator, described = contract.read.delimiter, list(range(1, contract.read.header.rows))
    with TemporaryDirectory() as folder:
        os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
        pipeline = dlt.pipeline(
            "intake", destination=dlt.destinations.duckdb(f"{folder}/intake.duckdb"), pipelines_dir=folder
        )
        files = filesystem(bucket_url=path.parent.as_uri(), file_glob=path.name)
        pipeline.run(
            (files | read_csv(chunksize=10_000, dtype=str, sep=separator, skiprows=described)).with_name("rows")
        )
        with pipeline.sql_client() as client:
            found = client.execute_sql('select count(*) from "rows"')
        return int(found[0][0])


CONTENDERS = {"tfc": by_tfc, "pandas": by_pandas, "dlt": by_dlt}


def _files() -> dict[str, File]:
    catalogue = load_catalogue()

    def log(own: bool) -> Callable[[Path, int], Made]:
        return lambda folder, rows: write_csv(catalogue, "activity", folder, rows, own=own)

    return {
        "activity": File("activity CSV, notes that come again", log(own=False), ("tfc", "pandas", "dlt")),
        "own": File("activity CSV, every note its own", log(own=True), ("tfc",), 0.2),
        "survey": File(
            "survey CSV, 16 answers a row",
            lambda folder, rows: write_csv(catalogue, "survey_respondent", folder, rows, SURVEY),
            ("tfc", "pandas", "dlt"),
            0.2,
        ),
        "workbook": File(
            "activity workbook",
            lambda folder, rows: write_workbook(catalogue, "activity", folder, rows),
            ("tfc", "pandas"),
        ),
    }


def _record(kind: str) -> str:
    return "survey_respondent" if kind == "survey" else "activity"


def _measure(kind: str, rows: int) -> list[str]:
    file = _files()[kind]
    lines = []
    with TemporaryDirectory() as folder:
        made = file.make(Path(folder), int(rows * file.share))
        size = made.path.stat().st_size / 2**20
        for contender in file.contenders:
            if contender == "dlt" and importlib.util.find_spec("dlt") is None:
                print("dlt is not installed here: left out. Install dlt[duckdb] beside the project to measure it.")
                continue
            command = [sys.executable, "-m", "benchmarks.intake", "--one", contender, str(made.path), _record(kind)]
            cost, printed = cost_of(command, os.environ)
            if int(printed.split()[-1]) != made.rows:
                raise RuntimeError(f"{contender} read {printed.split()[-1]} rows of {made.rows}")
            lines.append(
                f"| {file.title}: {made.rows:,} rows, {size:.0f} MiB | {contender} | {cost.cpu_seconds:.1f} |"
                f" {made.rows / cost.cpu_seconds:,.0f} | {cost.peak_mib:,.0f} |"
            )
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="*", default=list(_files()), choices=list(_files()))
    parser.add_argument("--one", nargs=3, metavar=("WHO", "PATH", "RECORD"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        who, path, record = given.one
        print(CONTENDERS[who](Path(path), record))
        return
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| file | by | processor seconds | rows a second | peak MiB |\n|---|---|---|---|---|")
    for kind in given.kinds:
        _measure(kind, given.rows)


if __name__ == "__main__":
    main()
