"""How practitioners write a session down, right or wrong, and what a correct reader makes of it.

Which rows are rejected is decided here, when the error is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from tfc_platform.demo.config import DemoPlan, SitePlan
from tfc_platform.demo.file_ledgers import ACCEPTED, DUPLICATE
from tfc_platform.demo.people import People, Remark
from tfc_platform.demo.seeded_random import lot
from tfc_platform.demo.sessions import UNMAPPED, Session

__all__ = [
    "MONTHS",
    "UNKNOWN",
    "SessionEntry",
    "WrittenAttendance",
    "before_correction",
    "distinct",
    "nonsense",
    "uk_date",
    "write_down",
]

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NAME_FORMS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda name: name,
    "lower": str.lower,
    "upper": str.upper,
    "spaced": lambda name: name.replace(" ", "  ", 1) + " ",
    "straight_apostrophe": lambda name: name.replace("’", "'"),
}


@dataclass(frozen=True)
class WrittenAttendance:
    """What a cell says of how many came: both None for unknown, `high` None where only a lower bound is known."""

    low: int | None
    high: int | None
    exact: bool = False


UNKNOWN = WrittenAttendance(None, None)


@dataclass(frozen=True)
class SessionEntry:
    """A session as written down: the cells that people fill in, and the row's end."""

    session: Session
    number: int  # the order in which it was recorded, from 1
    date_cell: date | str  # a date: as the tool writes dates; text: as somebody typed it
    activity_cell: str
    attendance_cell: int | str
    attendance: WrittenAttendance
    remark: Remark
    end: str  # ACCEPTED, DUPLICATE or the reason of the rejection
    approval: str = ""

    @property
    def repeats(self) -> bool:
        return self.end == DUPLICATE

    @property
    def counts(self) -> bool:
        return self.end == ACCEPTED


def uk_date(day: date, form: str) -> str:
    """The day in a form such as `{d}/{m}/{yy}`; also `dd`, `mm`, `yyyy` and `month` (its name)."""
    return form.format(
        d=day.day, m=day.month, dd=f"{day.day:02d}", mm=f"{day.month:02d}",
        yy=f"{day.year % 100:02d}", yyyy=day.year, month=MONTHS[day.month - 1],
    )  # fmt: skip


def write_count(
    count: int, forms: list[Mapping[str, str]], messy_share: float, rng: Random
) -> tuple[int | str, WrittenAttendance]:
    """The cell for a count, and what it means."""
    exact = WrittenAttendance(count, count, exact=True)
    if rng.random() >= messy_share:
        return count, exact
    form = rng.choice(forms)
    part = max(1, count // 3)
    cell = form["text"].format(n=count, m=count + 5, k=part, r=count - part)
    meanings = {
        "exact_parts": exact,
        "estimate": WrittenAttendance(count, count),
        "lower_bound": WrittenAttendance(count, None),
        "range": WrittenAttendance(count, count + 5),
        "below_five": WrittenAttendance(1, 4),
        "unknown": UNKNOWN,
    }
    return cell, meanings[form["means"]]


class _Pen:
    """One site's way of writing, with the lot that decides where it slips."""

    def __init__(self, plan: DemoPlan, site: SitePlan, people: People, rng: Random, broken_lines: bool) -> None:
        self.site, self.people, self.rng, self.broken_lines = site, people, rng, broken_lines
        self.settings = plan.settings["activity"]
        self.attendance = plan.wording["attendance"]

    def entry(self, session: Session, number: int) -> SessionEntry:
        own, rng = self.site.settings, self.rng
        dates, name = own["dates"], session.called
        if session.activity != UNMAPPED:
            forms = own["name_forms"]
            name = NAME_FORMS[rng.choices(list(forms), weights=list(forms.values()))[0]](name)
        messy = rng.random() < dates["text_share"]
        cell, attendance = write_count(session.headcount, self.attendance["forms"], self.attendance["messy_share"], rng)
        return SessionEntry(
            session=session,
            number=number,
            date_cell=uk_date(session.held_on, rng.choice(dates["text"])) if messy else session.held_on,
            activity_cell=name,
            attendance_cell=cell,
            attendance=attendance,
            remark=self.people.remark(rng, self.broken_lines),
            end=ACCEPTED,
            approval="Approved" if rng.random() < own["activity"].get("approved_share", 0) else "",
        )

    def reject(self, entry: SessionEntry, reason: str) -> SessionEntry:
        """Spoil one thing, and only one: so a row has one reason."""
        own = self.site.settings
        spoilt = replace(entry, end=reason)
        if reason == "invalid_date":
            return replace(spoilt, date_cell=self.rng.choice(own["dates"]["invalid"]))
        if reason == "date_outside_period":
            year = self.rng.choice(own["dates"]["stray_years"])
            return replace(spoilt, date_cell=entry.session.held_on.replace(year=year))
        if reason == "invalid_attendance":
            return replace(spoilt, attendance_cell=self.rng.choice(own["invalid_attendance"]), attendance=UNKNOWN)
        if reason == "not_approved":
            return replace(spoilt, approval="Not approved")
        raise ValueError(f"sites.yaml, sites.{self.site.key}.rejections: unknown reason {reason!r}")

    def spoil(self, entries: list[SessionEntry]) -> list[SessionEntry]:
        """Reject a share of the rows, spread evenly so that no part of them has many; then plant disclosures."""
        number = int(self.settings["rejected_share"] * len(entries))
        spoilt = list(entries)
        places = []
        for n in range(number):
            step = len(entries) / number
            places.append(self.rng.randrange(int(n * step), int((n + 1) * step)))
        reasons = self.site.settings["rejections"]
        start = self.rng.randrange(len(reasons))
        for n, place in enumerate(places):
            spoilt[place] = self.reject(spoilt[place], reasons[(start + n) % len(reasons)])
        told = {n for n in range(len(entries)) if self.rng.random() < self.settings["disclosure_share"]}
        if places and self.rng.random() < 0.3:
            told.add(self.rng.choice(places))
        for place in sorted(told):
            spoilt[place] = replace(spoilt[place], remark=self.people.disclosure(self.rng))
        return spoilt

    def repeat(self, entries: list[SessionEntry], times: int) -> list[SessionEntry]:
        """Some accepted rows once more, each below its first. None discloses harm: one disclosure, one flag."""
        able = [n for n, entry in enumerate(entries) if entry.counts and not entry.remark.disclosure]
        chosen = set(self.rng.sample(able, times))
        again: list[SessionEntry] = []
        for n, entry in enumerate(entries):
            again.append(entry)
            if n in chosen:
                again.append(replace(entry, end=DUPLICATE))
        return again


def _cells(entry: SessionEntry) -> tuple[object, ...]:
    """All of a row that a practitioner fills in: rows that agree in these look the same in any tool without a key."""
    session = entry.session
    return (
        str(entry.date_cell), entry.activity_cell, session.delivered, session.venue.postcode,
        str(entry.attendance_cell), session.hours, session.partners, entry.remark.text,
    )  # fmt: skip


def distinct(plan: DemoPlan, entries: list[SessionEntry]) -> list[SessionEntry]:
    """No two rows the same by chance: the account knows only of repeats made on purpose."""
    seen: set[tuple[object, ...]] = set()
    different: list[SessionEntry] = []
    for entry in entries:
        for text in [None, *plan.wording["remarks"]["plain"]]:
            tried = entry if text is None else replace(entry, remark=Remark(text))
            if _cells(tried) not in seen:
                break
        else:
            raise ValueError("wording.yaml, remarks.plain: too few to tell rows apart")
        seen.add(_cells(tried))
        different.append(tried)
    return different


def write_down(
    plan: DemoPlan,
    site: SitePlan,
    sessions: list[Session],
    people: People,
    seed: str,
    first_number: int = 1,
    repeats: int = 0,
) -> list[SessionEntry]:
    """The sessions as one file of the site would have them; `repeats` rows come twice. `seed` names the lot."""
    shape = site.settings["activity"]["shape"]
    pen = _Pen(plan, site, people, lot(seed, site.key, "written"), broken_lines=shape == "kobo_csv")
    entries = [pen.entry(session, number) for number, session in enumerate(sessions, first_number)]
    return pen.repeat(distinct(plan, pen.spoil(entries)), repeats)


def before_correction(entries: list[SessionEntry], share: float, rng: Random) -> list[SessionEntry]:
    """The entries as an earlier version has them, `share` of the plain counts not yet put right."""
    earlier = []
    for entry in entries:
        if entry.counts and isinstance(entry.attendance_cell, int) and rng.random() < share:
            wrong = entry.attendance_cell + 2
            entry = replace(entry, attendance_cell=wrong, attendance=WrittenAttendance(wrong, wrong, exact=True))
        earlier.append(entry)
    return earlier


def nonsense(entries: list[SessionEntry], cell: int, rng: Random) -> list[SessionEntry]:
    """Half of all rows, from among the accepted, with a count that means nothing."""
    able = [n for n, entry in enumerate(entries) if entry.counts]
    chosen = set(rng.sample(able, (len(entries) + 1) // 2))
    return [
        replace(entry, attendance_cell=cell, attendance=UNKNOWN, end="invalid_attendance") if n in chosen else entry
        for n, entry in enumerate(entries)
    ]
