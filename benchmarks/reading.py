"""What reading a long file costs, beside pandas and a DuckDB script on the same file: `python -m benchmarks.reading`.

Each contender is a process of its own; those that read one file run one after the other. All read, parse dates, map codes and
missing codes, drop double rows and write typed Parquet; tfc and pandas write answers as a record an item, DuckDB one wide file.
Besides, tfc screens every text, looks for names, makes keyed tokens of ids, and accounts for every row with its reason.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.long_files import SEED, write_csv, write_workbook
from benchmarks.measure import Cost, cost_of
from tfc_platform.contracts.catalogue import Catalogue, load_catalogue
from tfc_platform.contracts.model import AnswerGroup, Column, Contract, applies, normal

__all__ = ["main"]

FACTS = {"population": "community", "wave": "w1"}
ITEMS = 40  # of the wide surveys


def wide(contract: Contract, name: str) -> Contract:
    """A survey's contract with further items, so that there are `ITEMS`.

    :param name: how an item's column is called, with `{}` for its number.
    """
    survey = contract.survey
    if survey is None:
        raise ValueError("not a survey")
    first, *others = survey.answers
    header = next(iter(first.items.values()))[0]
    more = ITEMS - sum(len(group.items) for group in survey.answers)
    added = {f"X{number}": (header.model_copy(update={"name": name.format(number)}),) for number in range(more)}
    group = first.model_copy(update={"items": {**first.items, **added}})
    return contract.model_copy(update={"survey": survey.model_copy(update={"answers": [group, *others]})})


def catalogue_of_wide_surveys() -> Catalogue:
    """The package's catalogue with wide surveys."""
    catalogue = load_catalogue()
    contracts = [
        wide(one, "Q50_{}" if one.read.format == "csv" else "x{}") if one.survey else one for one in catalogue.contracts
    ]
    return replace(catalogue, contracts=tuple(contracts))


def contract_of_file(path: Path, catalogue: Catalogue) -> Contract:
    """The contract that reads a file that was made here."""
    suffixes = {".csv": "csv", ".xlsx": "workbook", ".sav": "spss"}
    found = (one for one in catalogue.contracts if one.read.format == suffixes[path.suffix])
    return next(
        one for one in found if one.name_pattern.fullmatch(path.name) and (one.survey or one.record == "activity")
    )


def write_sav(folder: Path, rows: int) -> Path:
    """An SPSS file by the contract of the package that reads one."""
    import numpy as np
    import pandas as pd
    import pyreadstat

    contract = next(one for one in catalogue_of_wide_surveys().contracts if one.read.format == "spss" and one.survey)
    rng, columns = np.random.default_rng(SEED), {}
    for name, column in contract.fields(FACTS).items():
        header = column.header[0].name
        if column.type == "token":
            columns[header] = [f"R{number:07}" for number in range(rows)]
        elif column.type == "date":
            columns[header] = pd.Timestamp("2024-05-01") + pd.to_timedelta(rng.integers(0, 90, rows), unit="D")
        elif column.type == "number":
            columns[header] = rng.integers(1, 3, rows).astype(float)
        elif column.codes:
            columns[header] = rng.choice(list(column.codes), rows)
        else:
            columns[header] = [f"{name} {number}" for number in rng.integers(0, 9, rows)]
    for group in contract.survey.answers if contract.survey else ():
        codes = [float(code) for code in group.codes[-1].values]
        for headers in group.items.values():
            columns[headers[0].name] = rng.choice(codes, rows)
    for headers in contract.free_text:
        notes = [f"note {number}" for number in range(5000)]
        columns[headers[0].name] = rng.choice(notes, rows)
    for path_name in ("TFC_community_w1.sav", "TFC_Community_W1.sav", "TFC_COM_W1.sav"):
        if contract.name_pattern.fullmatch(path_name):
            break
    path = folder / path_name
    pyreadstat.write_sav(pd.DataFrame(columns), path, variable_format={})
    return path


def by_tfc(path: Path) -> int:
    """From the bytes to the lake's Parquet, as a night does it."""
    from tfc_platform.ingest import lake_writer
    from tfc_platform.ingest.file_context import FileContext
    from tfc_platform.ingest.read_file import read_file
    from tfc_platform.ingest.safeguarding_screen import load_rules
    from tfc_platform.privacy.pseudonym import Pseudonyms
    from tfc_platform.settings import Places

    catalogue = catalogue_of_wide_surveys()
    contract = contract_of_file(path, catalogue)
    site, sha256 = contract.sites[0], "0" * 64
    with TemporaryDirectory() as folder:
        shelf = lake_writer.Shelf(Places(Path(folder)), site, contract.source, sha256, "benchmark")
        with shelf.spool:
            key, screen = Pseudonyms(b"a key of the benchmark alone"), load_rules().screen
            read = read_file(
                path.read_bytes(), FileContext(path.name, site, sha256, contract, catalogue, key, screen), shelf
            )
            result = read.result
            lake_writer.write_records(shelf, result.tables(), result.amended)
            lake_writer.write_issues(shelf, result.issues)
            lake_writer.write_texts(shelf, result.texts)
            lake_writer.write_names(shelf, result.names)
    if read.status != "read" or result.accepted < 0.9 * result.received:
        raise RuntimeError(f"{read.status}: {read.message}")
    return result.received


def _activities(contract: Contract, catalogue: Catalogue) -> dict[str, str]:
    site = contract.sites[0]
    return {normal(alias.alias): alias.activity for alias in catalogue.aliases if alias.site == site}


def by_pandas(path: Path) -> int:
    """The same columns by the same contract, as an analyst would write it."""
    import pandas as pd

    catalogue = catalogue_of_wide_surveys()
    contract = contract_of_file(path, catalogue)
    if path.suffix == ".sav":
        raw = pd.read_spss(path, convert_categoricals=False)
        raw.attrs = {}  # what the file says of itself, which pandas cannot write to Parquet
    elif path.suffix == ".xlsx":
        raw = pd.read_excel(path, dtype=str, engine="calamine").fillna("")
    else:
        skipped = range(1, contract.read.header.rows)
        raw = pd.read_csv(path, dtype=str, sep=contract.read.delimiter, keep_default_na=False, skiprows=skipped)
    rows = len(raw)
    raw = raw.drop_duplicates()
    out: dict[str, Any] = {}
    for name, column in contract.fields(FACTS if contract.survey else {}).items():
        header = next(header.name for header in column.header if header.name in raw.columns)
        out |= _pandas_column(raw[header], name, column, contract, catalogue)
    answers = [
        _pandas_answers(raw, group, "respondent_id", out["respondent_id"])
        for group in (contract.survey.answers if contract.survey else ())
    ]
    for headers in contract.free_text:
        out["text"] = raw[headers[0].name]
    with TemporaryDirectory() as folder:
        pd.DataFrame(out).to_parquet(Path(folder) / "rows.parquet", compression="zstd")
        if answers:
            pd.concat(answers).to_parquet(Path(folder) / "answers.parquet", compression="zstd")
    return rows


def _pandas_answers(raw: Any, group: AnswerGroup, id_name: str, ids: Any) -> Any:
    """The answers of a group as a record an item: the code, its value, and why there is none."""
    items = {headers[0].name: item for item, headers in group.items.items()}
    wide = raw[list(items)].rename(columns=items)
    answers = wide.assign(**{id_name: ids}).melt(id_vars=id_name, var_name="item", value_name="code")
    codes, missing = dict(group.codes[-1].values), dict(group.missing)
    if answers["code"].dtype == float:
        answers["value"] = answers["code"].map({float(code): value for code, value in codes.items()})
        answers["missing_reason"] = answers["code"].map({float(code): str(why) for code, why in missing.items()})
    else:
        answers["value"] = answers["code"].map(codes)
        answers["missing_reason"] = answers["code"].map(missing)
    is_none = answers["value"].isna() & answers["missing_reason"].isna()
    answers.loc[is_none, "missing_reason"] = "invalid"
    answers.loc[is_none & answers["code"].isin(["", None]), "missing_reason"] = group.blank
    return answers


def _pandas_column(
    raw: object, name: str, column: Column, contract: Contract, catalogue: Catalogue
) -> dict[str, object]:
    import pandas as pd

    cells = pd.Series(raw)
    if column.type == "number":
        return {name: pd.to_numeric(cells, errors="coerce")}
    if not pd.api.types.is_string_dtype(cells):
        return {name: cells}
    cells = cells.str.strip()
    if column.type == "date":
        is_uk = column.formats[0] == "d/m/y" and contract.read.format == "csv"
        return {name: pd.to_datetime(cells, format="%d/%m/%Y" if is_uk else "ISO8601", errors="coerce")}
    if column.type == "attendance":
        found = cells.str.extract(r"^(?:approx )?(\d+)(?:-(\d+))?\+?$")
        return {"low": pd.to_numeric(found[0]), "high": pd.to_numeric(found[1])}
    if column.type == "activity":
        return {name: cells.str.casefold().map(_activities(contract, catalogue)).fillna("unmapped")}
    if column.type == "partners":
        return {name: cells.str.split(column.separator)}
    if column.type == "category" and column.codes:
        return {name: cells.str.casefold().map(column.code_of)}
    return {name: cells}


def duckdb_rows(path: Path, catalogue: Catalogue, out: Path) -> int:
    """A DuckDB script for the same columns, written to one Parquet file; gives how many rows were read.

    DuckDB reads delimited text.
    """
    import duckdb

    contract = contract_of_file(path, catalogue)
    chosen = []
    with duckdb.connect() as con:
        con.execute("create table activities (alias varchar, activity varchar)")
        con.executemany("insert into activities values (?, ?)", list(_activities(contract, catalogue).items()))
        options = f"all_varchar = true, header = true, delim = '{contract.read.delimiter}', quote = '\"', skip = 0"
        con.execute(f"create view raw as select * from read_csv('{path}', {options})")
        have = {row[0] for row in con.execute("describe raw").fetchall()}
        for name, column in contract.fields(FACTS if contract.survey else {}).items():
            header = next(header.name for header in column.header if header.name in have)
            cell = f'trim("{header}")'
            chosen.append(f"{_duckdb_column(cell, column)} as {name}")
        for group in contract.survey.answers if contract.survey else ():
            if not applies(group.when, FACTS):
                continue
            codes = ", ".join(f"'{code}': {value}" for code, value in group.codes[-1].values.items())
            chosen += [f'map {{{codes}}}["{headers[0].name}"] as {item}' for item, headers in group.items.items()]
        chosen += [f'"{headers[0].name}" as text_{number}' for number, headers in enumerate(contract.free_text)]
        query = f"select {', '.join(chosen)} from (select distinct * from raw)"
        con.execute(f"copy ({query}) to '{out}' (format parquet, compression zstd)")
        count = con.execute("select count(*) from raw").fetchone()
    return int(count[0]) - (contract.read.header.rows - 1) if count else 0


def by_duckdb(path: Path) -> int:
    """The same columns by a DuckDB script, of which nothing is kept."""
    with TemporaryDirectory() as folder:
        return duckdb_rows(path, catalogue_of_wide_surveys(), Path(folder) / "rows.parquet")


def _duckdb_column(cell: str, column: Column) -> str:
    if column.type == "date":
        shape = "%d/%m/%Y" if column.formats[0] == "d/m/y" else "%Y-%m-%d"
        return f"try_strptime({cell}, '{shape}')::date"
    if column.type == "number":
        return f"try_cast({cell} as double)"
    if column.type == "attendance":
        return rf"try_cast(regexp_extract({cell}, '^(?:approx )?(\d+)', 1) as int)"
    if column.type == "activity":
        return f"coalesce((select activity from activities where alias = lower({cell})), 'unmapped')"
    if column.type == "partners":
        return f"string_split({cell}, '{column.separator}')"
    return cell


CONTENDERS: dict[str, Callable[[Path], int]] = {"tfc": by_tfc, "pandas": by_pandas, "DuckDB": by_duckdb}


def _files() -> dict[str, tuple[str, Callable[[Path, int], Path], tuple[str, ...], float]]:
    """Each kind of file: its title, how it is made, who reads it, and the share of the rows that are asked for."""
    catalogue = catalogue_of_wide_surveys()
    return {
        "activity": (
            "activity CSV",
            lambda folder, rows: write_csv(catalogue, "activity", folder, rows).path,
            ("tfc", "pandas", "DuckDB"),
            1.0,
        ),
        "survey": (
            f"survey CSV, {ITEMS} items",
            lambda folder, rows: write_csv(catalogue, "survey_respondent", folder, rows, FACTS).path,
            ("tfc", "pandas", "DuckDB"),
            0.2,
        ),
        "workbook": (
            "activity workbook",
            lambda folder, rows: write_workbook(catalogue, "activity", folder, rows).path,
            ("tfc", "pandas"),
            0.63,
        ),
        "sav": (f"SPSS file, {ITEMS} items", write_sav, ("tfc", "pandas"), 0.2),
    }


def _measure(kind: str, rows: int) -> None:
    title, make, contenders, share = _files()[kind]
    count = int(rows * share)
    with TemporaryDirectory() as folder:
        path = make(Path(folder), count)
        size = path.stat().st_size / 2**20
        costs: dict[str, Cost] = {}
        for contender in contenders:
            command = [sys.executable, "-m", "benchmarks.reading", "--one", contender, str(path)]
            costs[contender], printed = cost_of(command, os.environ)
            if int(printed.split()[-1]) != count:
                raise RuntimeError(f"{contender} read {printed.split()[-1]} rows of {count}")
            cost, beside = costs[contender], costs["tfc"].cpu_seconds / costs[contender].cpu_seconds
            print(
                f"| {title}: {count:,} rows, {size:.0f} MiB | {contender} | {cost.cpu_seconds:.1f} |"
                f" {count / cost.cpu_seconds:,.0f} | {beside:.1f} | {cost.peak_mib:,.0f} |",
                flush=True,
            )


def main() -> None:
    """Make the files and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kinds", nargs="*", default=list(_files()), choices=list(_files()))
    parser.add_argument("--one", nargs=2, metavar=("WHO", "PATH"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(CONTENDERS[given.one[0]](Path(given.one[1])))
        return
    random.seed(SEED)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print("| file | by | processor seconds | rows a second | tfc's time as a multiple | peak MiB |")
    print("|---|---|---|---|---|---|")
    for kind in given.kinds:
        _measure(kind, given.rows)


if __name__ == "__main__":
    main()
