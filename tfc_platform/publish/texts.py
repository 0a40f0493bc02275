"""The approved texts of stories, from the text store: what the release's own checks then let through or block.

Belongs here: finding each approval's text by file and row. Does not belong: consent, screening, or any other text.
"""

from __future__ import annotations

import pyarrow.parquet as pq

from tfc_platform.admit.night import Night
from tfc_platform.publish.stories import StoryText
from tfc_platform.take_in.lake import Receipt
from tfc_platform.take_in.run import Intake

__all__ = ["approved_texts"]


def _rows(intake: Intake, receipt: Receipt, record: str) -> list[dict[str, object]]:
    table = receipt.records.get(record)
    return pq.read_table(intake.settings.places.lake / table["path"]).to_pylist() if table else []


def _texts(intake: Intake, receipt: Receipt) -> dict[tuple[object, ...], list[str]]:
    if receipt.texts is None:
        return {}
    found: dict[tuple[object, ...], list[str]] = {}
    for row in pq.read_table(intake.settings.places.text / receipt.texts).to_pylist():
        found.setdefault((row["file_sha256"], row["sheet"], row["row_number"]), []).append(row["text"])
    return found


def approved_texts(intake: Intake, night: Night) -> list[StoryText]:
    """Every story that has an approval tonight, with the text that was approved."""
    stories = {row["story_id"]: row for receipt in night.admitted for row in _rows(intake, receipt, "story")}
    found = []
    for receipt in night.admitted:
        texts = _texts(intake, receipt)
        for row in _rows(intake, receipt, "story_approval"):
            story = stories.get(row["story_id"])
            if story is None:
                continue
            written = texts.get((row["file_sha256"], row["sheet"], row["row_number"]), [])
            found.append(
                StoryText(
                    story_id=str(row["story_id"]),
                    site=str(story["site"]),
                    told_on=story["told_on"],  # type: ignore[arg-type]
                    change_domain=story["change_domain"],  # type: ignore[arg-type]
                    consent=str(story["consent"]),
                    text_sha256=str(row["text_sha256"]),
                    text=written[0].strip() if len(written) == 1 else None,
                )
            )
    return found
