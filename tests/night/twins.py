"""Two programmes that differ in whom a few people were counted with, and in nothing that is said of a whole site.

In the one, 7 people are at a combination (an activity, an area and a month; a school; a wave; a story's domain) and 8 at
another; in its twin it is the other way round. Each is fewer than a release shows; each site's sums are the same. A session
of casework is in another quarter, partners are named at others, and a story that nobody approved says other things. So
whatever is told outside the restricted zone, and whatever checks and events hold, is the same for both.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence
from pathlib import Path

FEW, MORE = 7, 8
FIRST_WAVE = 2024
TELLER = "Perpetuanne Quizzwörthy"
PARTNER = "Marmot Trust"
ACTIVITY = (
    "Date of session",
    "Programme",
    "Outcome",
    "Post code",
    "Attendance (actual)",
    "Duration hrs",
    "Partner(s)",
    "Comments",
)
STORY = (
    "story_id",
    "told_on",
    "teller_role",
    "activity",
    "change_domain",
    "change_level",
    "consent",
    "story",
    "staff_commentary",
)
ITEMS = [f"Q5_{number}" for number in range(1, 10)]
SURVEY = (
    "Status",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "Duration (in seconds)",
    "RecipientFirstName",
    "RecipientLastName",
    *ITEMS,
    "Q1",
    "Q3",
    "Q9_TEXT",
)
SCHOOLS = ("Quoll Road School", "Numbat Lane School")


def _write(path: Path, rows: Sequence[Sequence[object]], encoding: str = "utf-8") -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.getvalue().encode(encoding))


def _activity(landing: Path, first: int, second: int) -> None:
    """Twenty sessions in one activity and no area, and two of another activity and area each."""
    rows = [(f"{day:02d}/02/2026", "Baby Steps", "Delivered", "", 15, 1, "", f"day {day}") for day in range(1, 21)]
    rows.append(("21/02/2026", "SOSS", "Delivered", "DN32 7DZ", first, 1, "", "a note"))
    rows.append(("22/02/2026", "Practitioners in Schools", "Delivered", "DN31 2SY", second, 1, "", "a note"))
    rows.append(_visit("23/02/2026", PARTNER if first == FEW else ""))
    _write(landing / "grimsby/activity/activity_2026-02.csv", [ACTIVITY, *rows], "cp1252")
    # Two quarters in which there is nothing but casework.
    for month, visits in ((8, first - FEW + 1), (11, second - FEW + 1)):
        days = [f"{day:02d}/{month:02d}/2025" for day in range(1, visits + 1)]
        partner = PARTNER if (first, month) == (MORE, 8) else ""
        alone = [_visit(day, partner if number == 0 else "") for number, day in enumerate(days)]
        _write(landing / f"grimsby/activity/activity_2025-{month:02d}.csv", [ACTIVITY, *alone], "cp1252")


def _visit(day: str, partner: str) -> tuple[object, ...]:
    return (day, "Practitioners in Schools", "Delivered", "", 1, 1, partner, "a note")


def _survey(
    landing: Path, name: str, year: int, groups: Sequence[tuple[str, int]], numbers: itertools.count[int]
) -> None:
    agree = "2" if year == FIRST_WAVE else "4"  # the choices were numbered the other way in the first wave
    header = [SURVEY, SURVEY, [f'{{"ImportId": "{column}"}}' for column in SURVEY]]
    rows = [
        (
            "0",
            "1",
            f"{year}-05-{13 + place % 9} 09:07:00",
            f"R_{next(numbers):015d}",
            300,
            "Zed",
            "Zymurgy",
            *[agree] * 9,
            group,
            "Govan",
            "",
        )
        for group, size in groups
        for place in range(size)
    ]
    _write(landing / f"glasgow/surveys/TfC {name} qualtrics.csv", [*header, *rows])


def _stories(landing: Path, first: int, second: int) -> None:
    told = [("knowledge", "partner")] * first + [("confidence", "community")] * second
    rows = [
        (f"PL-{n:03d}", "03/07/2025", role, "Talk PANTS", domain, "person", "internal", "A story.", "Ours.")
        for n, (domain, role) in enumerate(told, 1)
    ]
    _write(landing / "plymouth/stories/stories_of_change.csv", [STORY, *rows])


def _approved(landing: Path, swapped: bool) -> None:
    """Three stories that may be shared: the editor left the name of a teller in one text, and has not approved the last."""
    told = [("GR-001", f"My name is {TELLER} and I am glad that I came."), ("GR-002", "I am glad that I came.")]
    rows = [
        (story, "03/07/2025", "community", "SOSS", "confidence", "person", "share", text, "Ours.")
        for story, text in told
    ]
    unapproved = ("knowledge", "Somebody listened.") if swapped else ("community_action", "I come each week now.")
    rows.append(("GR-003", "03/07/2025", "community", "SOSS", unapproved[0], "person", "share", unapproved[1], "Ours."))
    _write(landing / "grimsby/stories/stories_of_change.csv", [STORY, *rows])
    texts = [("GR-001", f"{TELLER.split()[0]} opens the room now."), ("GR-002", "A parent opens the room now.")]
    approvals = [(story, text, "an editor", "20/04/2026") for story, text in texts]
    header = ("story_id", "approved_text", "approved_by", "approved_on")
    _write(landing / "central/story_approvals.csv", [header, *approvals])


def write(landing: Path, swapped: bool) -> None:
    """Write one of the two programmes."""
    sizes = (MORE, FEW) if swapped else (FEW, MORE)
    numbers = itertools.count(1)
    _activity(landing, *sizes)
    _survey(landing, "professionals w1", FIRST_WAVE, [("Education", sizes[0])], numbers)
    _survey(landing, "professionals w2", 2026, [("Education", sizes[1])], numbers)
    _survey(landing, "young_people w1", FIRST_WAVE, list(zip(SCHOOLS, sizes, strict=True)), numbers)
    _stories(landing, *sizes)
    _approved(landing, swapped)
