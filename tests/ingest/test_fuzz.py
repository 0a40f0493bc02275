"""Files of every format with bytes changed, cut, put in and swapped: always a status with a sentence, and sums that hold.

Derandomised, so that a failure is one that everybody has. What the libraries do with each is theirs; that none of it gets out is
ours. A file that ends a process would end this one.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfc_platform.contracts.model import Contract

FILES = Path(__file__).resolve().parent / "files"
HEADER = ["Date", "Activity", "Status", "People", "Hours", "Notes"]
LOG = [HEADER, *([f"{day:02}/04/2025", "Choir", "Delivered", str(day), "1.5", f"café {day}"] for day in range(1, 9))]
EXAMPLES = 25  # of each format


def _zip(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in members.items():
            file.writestr(name, part)
    return content.getvalue()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The same log in every format that can be written here."""
    import openpyxl

    folder = tmp_path_factory.mktemp("samples")
    text = "\r\n".join(",".join(row) for row in LOG)
    book = openpyxl.Workbook()
    for row in LOG:
        book.worksheets[0].append(row)
    book.worksheets[0]["E9"] = "=1+1"
    content = io.BytesIO()
    book.save(content)
    frame = pd.DataFrame([dict(zip(HEADER, row, strict=True)) for row in LOG[1:]])
    pyreadstat.write_sav(frame, str(folder / "sav"))
    pyreadstat.write_sav(frame, str(folder / "zsav"), compress=True)
    pyreadstat.write_dta(frame, str(folder / "dta"))
    pyreadstat.write_por(frame.drop(columns="Notes"), str(folder / "por"))
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in LOG)
    return {
        "csv": text.encode(),
        "cp1252": text.encode("cp1252"),
        "utf-16": text.replace(",", "\t").encode("utf-16"),
        "xlsx": content.getvalue(),
        "xls": (FILES / "log.xls").read_bytes(),
        "html": f"<html><table>{cells}</table></html>".encode(),
        "json": json.dumps(frame.to_dict("records")).encode(),
        "zip": _zip({"log.csv": text.encode()}),
        **{name: (folder / name).read_bytes() for name in ("sav", "zsav", "dta", "por")},
    }


FORMATS = ("csv", "cp1252", "utf-16", "xlsx", "xls", "html", "json", "zip", "sav", "zsav", "dta", "por")
Change = tuple[str, float, int]
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["flip", "cut", "insert", "double", "swap", "part"]), st.floats(0, 1), st.integers(0, 255)
    ),
    min_size=1,
    max_size=4,
)


def changed(content: bytes, changes: list[Change]) -> bytes:
    for what, where, number in changes:
        at = int(where * max(len(content) - 1, 0))
        if what == "flip":
            content = content[:at] + bytes([number]) + content[at + 1 :]
        elif what == "cut":
            content = content[:at]
        elif what == "insert":
            content = content[:at] + bytes([number]) * (number % 40) + content[at:]
        elif what == "double":
            content = content[:at] + content[at : at + 200] * (number % 5) + content[at:]
        elif what == "swap":
            content = content[at:] + content[:at]
        else:
            content = with_part_changed(content, where, number)
    return content


def with_part_changed(content: bytes, where: float, number: int) -> bytes:
    """A zip in which a member's content is changed and packed anew, so that readers get to see it; or takes another's place."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except Exception:
        return content
    if not members:
        return content
    names = list(members)
    name = names[int(where * (len(names) - 1))]
    part = members[name]
    at = number * len(part) // 256
    if number % 3:
        members[name] = part[:at] + part[at + number % 17 :]
    else:
        members[name] = members[names[number % len(names)]]
    return _zip(members)


@pytest.mark.parametrize("kind", FORMATS)
def test_whatever_stands_in_a_file_it_gets_a_status(
    kind: str, samples: dict[str, bytes], contract: Callable[..., Contract], read: Callable[..., Any]
) -> None:
    log = contract(read={"format": "csv"})
    assert read(samples[kind], log).status in ("read", "rejected"), "the sample itself can be read"

    @settings(
        max_examples=EXAMPLES if kind != "xls" else 8,  # each starts a process
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(CHANGES)
    def run(changes: list[Change]) -> None:
        found = read(changed(samples[kind], changes), log)
        assert found.status in ("read", "rejected", "held", "unreadable")
        assert (found.status == "read") == (found.message is None)
        result = found.result
        assert result.received == result.accepted + result.rejected + result.duplicate
        assert len(result.columns.get("activity", {}).get("row_number", [])) == result.accepted
        said = " ".join([found.message or "", *(issue.message for issue in result.issues)])
        assert "Traceback" not in said
        assert "café 1" not in said

    run()
