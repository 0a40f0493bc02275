"""What the dates of one column say together: day first, month first, both, or nothing that proves either.

A single date with the month first makes every ambiguous one beside it doubtful: then the file is held, since a swapped date is
wrong in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tfc_platform.ingest.values.dates import Order

__all__ = ["DateOrder", "listed"]

NAMED = 5  # examples of each kind that a message names
# With fewer true dates up to the 12th, and none after it, chance alone is likely: (12/30)^3 is 6%.
FEW = 3


def listed(places: Iterable[str], count: int) -> str:
    """Some of `count` places in words: `rows 2, 3 and 7 more`."""
    named = list(places)
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return f"{'row' if count == 1 else 'rows'} {', '.join(named)}{more}"


@dataclass
class DateOrder:
    """The dates of one column of a file, counted by what they show of the order of day and month."""

    column: str
    counts: dict[Order, int] = field(default_factory=dict)
    places: dict[Order, list[str]] = field(default_factory=dict)

    def see(self, order: Order) -> bool:
        """Count one cell; gives whether its place is wanted as an example."""
        count = self.counts[order] = self.counts.get(order, 0) + 1
        return count <= NAMED

    def place(self, order: Order, row: str, written: str | None) -> None:
        """Name one cell as an example.

        :param row: its row as its sender sees it, with the sheet where there are several.
        :param written: the cell as it may be said.
        """
        self.places.setdefault(order, []).append(f"{row} (“{written}”)" if written else row)

    def _rows(self, order: Order) -> str:
        return listed(self.places.get(order, ()), self.counts.get(order, 0))

    def fault(self) -> str | None:
        """Why the column's dates cannot be relied on, or None."""
        count = Counter(self.counts)  # zero for what was not seen
        advice = "Write every date as day/month/year, or as 2025-01-31, and send the file again."
        if count["month_first"] and (count["day_first"] or count["true_high"]):
            other = f"day first in {self._rows('day_first')}" if count["day_first"] else "true dates in others"
            return (
                f"The date order of the column “{self.column}” is not one: month first in {self._rows('month_first')},"
                f" {other}. Nobody can tell how the rest are meant. {advice}"
            )
        if count["month_first"]:
            return (
                f"The date order of the column “{self.column}” is not this return's: in {self._rows('month_first')} the"
                f" month stands before the day, and this return is read with the day first. {advice}"
            )
        swapped = count["day_first"] and not count["either"] and not count["true_high"] and count["true_low"] >= FEW
        if swapped:
            return (
                f"The date order of the column “{self.column}” is in doubt: {self._rows('day_first')} hold text with a day"
                f" after the 12th, and each true date ({self._rows('true_low')}) lies on a day up to it. A spreadsheet"
                f" program set to US dates does this: it swaps day and month wherever it can. {advice}"
            )
        return None

    def notice(self) -> str | None:
        """What to say where nothing in the column proves how its ambiguous dates are meant, or None."""
        either = self.counts.get("either", 0)
        if not either or self.counts.get("day_first") or self.counts.get("month_first"):
            return None
        several = "s are" if either > 1 else " is"
        return (
            f"{either} date{several} ambiguous in the column “{self.column}” ({self._rows('either')}), and no other date"
            " there shows which number is the day: read as day/month/year. Check them, or write 2025-01-31."
        )
