"""The tallies of the cells, the marts `mart_*_cell` from which disclosure control cuts a release.

A cell that is lost or doubled would be lost or doubled in every table of a release alike, so that no table could show it.
Cells are therefore compared with the marts that researchers read, which are compared with the lake; and what disclosure
control decides by, the largest session and the positive answers, with the lake itself.
"""

from __future__ import annotations

from tfc_platform.check.reconcile import Reconciliation, TableTotal

__all__ = ["CELLS"]

_OF_DAY = "year({day}) || '-Q' || quarter({day})"
_DAY_OF_SESSION, _DAY_OF_STORY = _OF_DAY.format(day="session_on"), _OF_DAY.format(day="told_on")
_OF_MONTH = _OF_DAY.format(day="month")
_REACH, _OUTCOME, _STORY = "marts.mart_reach_cell", "marts.mart_outcome_cell", "marts.mart_story_cell"
_FIGURE = ("population", "wave", "indicator", "measure")
# A respondent without an area or sector is in a cell under one of these words; mart_outcome_indicator has no such row.
_NAMED = "{} not in ('unknown', 'not_asked')"
_COUNTED = "consent in ('share', 'internal')"
_STORY_KEYS = (f"coalesce({_DAY_OF_STORY}, 'not_stated')", "coalesce(change_domain, 'not_stated')")
_POSITIVE = """value is not null and exists (
    select 1 from lake.ref_item as item
    where item.instrument = survey_answer.instrument and item.item = survey_answer.item
        and case when item.is_reversed then item.minimum + item.maximum - value else value end >= item.positive_from
)"""


def _reach(cell: str, words: str, mart: str, column: str, *, hundredths: bool = False) -> Reconciliation:
    """A column of the cells against a mart by month, by quarter and activity. Hours are compared in hundredths."""
    measure = "round(sum({}) * 100)" if hundredths else "sum({})"
    return Reconciliation(
        id=f"reach_cell_adds_{cell}",
        source="mart_reach_cell",
        record="activity",
        description=f"The {words} of the cells are those of {mart}, by quarter and activity.",
        expected=TableTotal(f"marts.{mart}", measure.format(column), keys=(_OF_MONTH, "activity")),
        actual=TableTotal(_REACH, measure.format(cell), keys=("quarter", "activity")),
        within=1 if hundredths else 0,  # mart and cells are each rounded to ten-thousandths
    )


_OF_REACH = (
    _reach("sessions", "delivered sessions", "mart_delivery", "sessions_delivered"),
    _reach("sessions_cancelled", "cancelled sessions", "mart_delivery", "sessions_cancelled"),
    _reach("sessions_with_hours", "sessions with hours", "mart_delivery", "sessions_with_hours"),
    _reach("hours", "hours", "mart_delivery", "hours", hundredths=True),
    _reach("attendances_low", "low attendances", "mart_reach", "value_low"),
    _reach("attendances_high", "high attendances", "mart_reach", "value_high"),
    _reach("sessions_unknown", "sessions of unknown attendance", "mart_reach", "sessions_unknown"),
    Reconciliation(
        id="reach_cell_adds_attendance_by_area",
        source="mart_reach_cell",
        record="activity",
        description="The low attendances of the cells are those of mart_reach_area, by quarter and area.",
        expected=TableTotal("marts.mart_reach_area", "sum(attendances_low)", keys=(_OF_MONTH, "area")),
        actual=TableTotal(_REACH, "sum(attendances_low)", keys=("quarter", "area")),
    ),
    Reconciliation(
        id="reach_cell_knows_the_largest_session",
        source="mart_reach_cell",
        record="activity",
        description="The largest session of the cells is that of the delivered sessions of the lake, by quarter and activity.",
        expected=TableTotal(
            "lake.activity",
            "max(attendance_low)",
            "status = 'delivered'",
            (_DAY_OF_SESSION, "coalesce(activity, 'unmapped')"),
        ),
        actual=TableTotal(_REACH, "max(largest_session)", keys=("quarter", "activity")),
    ),
)


def _outcome(breakdown: str, words: str) -> Reconciliation:
    """The cells' respondents against the bases of mart_outcome_indicator, by one breakdown."""
    column = "'all'" if breakdown == "all" else breakdown
    return Reconciliation(
        id=f"outcome_cell_adds_{breakdown}",
        source="mart_outcome_cell",
        record="survey_respondent",
        description=f"The respondents of the cells are the bases of mart_outcome_indicator {words}.",
        expected=TableTotal(
            "marts.mart_outcome_indicator",
            "sum(n)",
            f"breakdown = '{breakdown}' and {_NAMED.format('breakdown_value')}",
            (*_FIGURE, "breakdown_value"),
        ),
        actual=TableTotal(_OUTCOME, "sum(n)", _NAMED.format(column), (*_FIGURE, column)),
    )


_OF_OUTCOME = (
    _outcome("all", "for all, by survey and indicator"),
    _outcome("area", "by area"),
    _outcome("sector", "by sector"),
    Reconciliation(
        id="outcome_cell_counts_the_positive",
        source="mart_outcome_cell",
        record="survey_answer",
        description="The positive answers of the cells are those of the lake, by survey and item, as the codebook says.",
        expected=TableTotal("lake.survey_answer", "count(*)", _POSITIVE, ("population", "wave", "item")),
        actual=TableTotal(
            _OUTCOME, "sum(positive)", "measure = 'percent_positive'", ("population", "wave", "indicator")
        ),
    ),
)

_OF_STORY = (
    Reconciliation(
        id="story_cell_adds_stories",
        source="mart_story_cell",
        record="story",
        description="The stories of the cells are those whose consent is share or internal, by quarter and domain.",
        expected=TableTotal("lake.story", "count(*)", _COUNTED, _STORY_KEYS),
        actual=TableTotal(_STORY, "sum(stories)", keys=("quarter", "change_domain")),
    ),
    Reconciliation(
        id="story_cell_adds_selected",
        source="mart_story_cell",
        record="story",
        description="The selected stories of the cells are those that a workshop chose and nobody withdrew.",
        expected=TableTotal("lake.story", "count(*)", f"{_COUNTED} and selected", _STORY_KEYS),
        actual=TableTotal(_STORY, "sum(selected)", keys=("quarter", "change_domain")),
    ),
)

CELLS: tuple[Reconciliation, ...] = (*_OF_REACH, *_OF_OUTCOME, *_OF_STORY)
