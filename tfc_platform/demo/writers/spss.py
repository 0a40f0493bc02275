"""An SPSS file from a fieldwork agency: numbers with value labels, user-missing codes, weight and stratum."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tfc_platform.demo.data_entry_errors import MONTHS
from tfc_platform.demo.file_ledgers import ACCEPTED, FileLedger
from tfc_platform.demo.respondents import DrawnSurvey
from tfc_platform.demo.writers.containers import STAMP, Rendered

__all__ = ["render"]

NO_ANSWER = {"dont_know": 97.0, "prefer_not": 98.0, "unanswered": 99.0}
LABELS: dict[int | float, str] = {
    1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree", 5: "Strongly agree",
    97: "Don't know", 98: "Prefer not to say", 99: "Not answered",
}  # fmt: skip
# The header of a .sav file: date (9 bytes) and time (8 bytes) of its making, at these offsets.
DATE_AT, TIME_AT = 92, 101


def _columns(
    survey: DrawnSurvey, items: Sequence[str], group: str | None, sectors: Sequence[str]
) -> tuple[dict[str, list[float] | list[str]], dict[str, float]]:
    """Columns by name, in the file's order, and the lowest user-missing code of those that have any."""
    people, own = survey.respondents, survey.site.settings["surveys"]
    number = survey.wave.removeprefix("w")
    columns: dict[str, list[float] | list[str]] = {
        "serial": [f"w{number}{n:05d}" for n in range(len(people))],
    }
    coded: dict[str, float] = {}
    for n in range(len(items)):
        coded[f"q{n + 1}"] = NO_ANSWER["dont_know"]
        columns[f"q{n + 1}"] = [NO_ANSWER[a] if isinstance(a, str) else float(a) for a in (p.items[n] for p in people)]
    for n in range(len(people[0].feelings)):
        coded[f"w{n + 1}"] = NO_ANSWER["unanswered"]
        columns[f"w{n + 1}"] = [
            NO_ANSWER[a] if isinstance(a, str) else float(a) for a in (p.feelings[n] for p in people)
        ]
    if survey.population in own.get("weighted", []):
        columns["wt"] = [p.weight or 1.0 for p in people]
    columns["nbhd"] = [p.area + 1.0 for p in people]
    if group == "school":
        columns["school"] = [p.group or "" for p in people]
    elif group == "sector":
        columns["sector"] = [sectors.index(p.group or "") + 1.0 for p in people]
    if people[0].panel is not None:
        columns["pid"] = [f"{own['panel_prefix']}{p.panel:03d}" for p in people]
    columns["postcode"] = [p.home or "" for p in people]
    columns["comments"] = [p.remark.text for p in people]
    return columns, coded


def _without_clock(content: bytes) -> bytes:
    date_text = f"{STAMP.day:02d} {MONTHS[STAMP.month - 1][:3]} {STAMP.year % 100:02d}".encode()
    stamped = bytearray(content)
    stamped[DATE_AT : DATE_AT + 9] = date_text
    stamped[TIME_AT : TIME_AT + 8] = f"{STAMP:%H:%M:%S}".encode()
    return bytes(stamped)


def render(survey: DrawnSurvey, items: Sequence[str], group: str | None, sectors: Sequence[str]) -> Rendered:
    """`group` is what the population is grouped by (school, sector), or None; `sectors` in the order of their codes."""
    # Imported here: pandas takes longer to import than all other writers take to write.
    import pandas
    import pyreadstat

    ledger = FileLedger()
    columns, coded = _columns(survey, items, group, sectors)
    labels: dict[str, dict[int | float, str]] = {f"q{n + 1}": LABELS for n in range(len(items))}
    labels["nbhd"] = {float(n): area for n, area in enumerate(survey.site.areas, 1)}
    if "sector" in columns:
        labels["sector"] = {float(n): sector for n, sector in enumerate(sectors, 1)}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "survey.sav"
        pyreadstat.write_sav(
            pandas.DataFrame(columns),
            path,
            variable_value_labels=labels,
            missing_ranges={name: [{"lo": low, "hi": NO_ANSWER["unanswered"]}] for name, low in coded.items()},
        )
        content = _without_clock(path.read_bytes())
    for case, respondent in enumerate(survey.respondents, 1):
        ledger.row(ACCEPTED)
        ledger.remark(respondent.remark, case, "comments")
        if respondent.home:
            ledger.secrets.add(respondent.home)
    return Rendered(content, ledger)
