"""The tallies that must agree, from the receipts to the marts, as data for `reconcile` and the gate.

The marts are compared with the lake, not with the facts that they are made from: a rule that goes wrong in a fact
would otherwise go wrong on both sides alike.
"""

from __future__ import annotations

from tfc_platform.check.cell_reconciliation_rules import CELLS
from tfc_platform.check.reconcile import Reconciliation, TableTotal
from tfc_platform.schemas import RECORDS

__all__ = ["FACTS", "RECONCILIATIONS"]

# The fact that holds each record's rows, one for one.
FACTS: dict[str, str] = {
    "activity": "intermediate.fct_session",
    "survey_respondent": "intermediate.fct_survey_respondent",
    "survey_answer": "intermediate.fct_survey_answer",
    "story": "intermediate.fct_story",
    "story_approval": "intermediate.fct_story_approval",
    "learning_item": "intermediate.fct_learning_item",
    "learning_action": "intermediate.fct_learning_action",
    "contribution_claim": "intermediate.fct_contribution_claim",
}

# Records of which a row of the return makes one. A survey's answers are many to a row, so they are not counted with it.
ROW_RECORDS = tuple(record for record in RECORDS if record != "survey_answer")
_QUOTED_ROW_RECORDS = ", ".join(f"'{record}'" for record in ROW_RECORDS)
_FILE = ("source", "file_sha256")
_SESSION = "lake.activity"
_DELIVERED = "status = 'delivered'"
_ACTIVITY = "coalesce(activity, 'unmapped')"
_BY_MONTH = ("date_trunc('month', session_on)::date", _ACTIVITY)
_COUNTED = "consent in ('share', 'internal')"
_DOMAIN = ("coalesce(change_domain, 'not_stated')",)
# Bytes that came under two names are read once, so an issue is known by all but its file.
_ISSUE = "count(distinct (sheet, {row}, {column}, cell, severity, disposition, message))"


def _admitted(record: str, relation: str, where_it_is: str, suffix: str) -> Reconciliation:
    return Reconciliation(
        id=f"{record}_{suffix}",
        source=relation.partition(".")[2],
        record=record,
        counts_admission=True,
        description=f"The rows of {record} that admission counts are, file by file, those in {where_it_is}.",
        expected=TableTotal("lake.admitted", "sum(accepted)", f"record = '{record}'", _FILE),
        actual=TableTotal(relation, "count(*)", keys=_FILE),
    )


_RECEIPTS = (
    Reconciliation(
        id="receipts_add_up",
        source="submission",
        description="Received = accepted + rejected + duplicate, for every file.",
        expected=TableTotal("lake.submission", "sum(coalesce(received, 0))", keys=("file",)),
        actual=TableTotal(
            "lake.submission",
            "sum(coalesce(accepted, 0) + coalesce(rejected, 0) + coalesce(duplicate, 0))",
            keys=("file",),
        ),
    ),
    Reconciliation(
        id="counted_files_are_admitted",
        source="submission",
        description="The accepted rows of each content that counts, under the path of its file, are those that are admitted.",
        expected=TableTotal(
            "lake.submission",
            "sum(counted_accepted)",
            "counted_sha256 is not null",
            ("counted_source", "counted_sha256"),
        ),
        actual=TableTotal("lake.admitted", "sum(accepted)", f"record in ({_QUOTED_ROW_RECORDS})", _FILE),
    ),
    Reconciliation(
        id="submissions_are_shown",
        source="mart_submission_status",
        description="Every file that came, and no other, is in mart_submission_status.",
        expected=TableTotal("lake.submission", "count(*)", keys=("file", "status")),
        actual=TableTotal("marts.mart_submission_status", "count(*)", keys=("file", "status")),
    ),
    Reconciliation(
        id="row_issues_are_shown",
        source="mart_row_issue",
        description="Every row issue, and no other, is in mart_row_issue.",
        expected=TableTotal(
            "lake.row_issue", _ISSUE.format(row="row_number", column="column_name"), keys=("source", "reason")
        ),
        actual=TableTotal(
            "marts.mart_row_issue", _ISSUE.format(row='"row"', column='"column"'), keys=("source", "reason")
        ),
    ),
    Reconciliation(
        id="holds_are_shown",
        source="mart_source_state",
        description="Every source, held or not, is in mart_source_state as admission left it.",
        expected=TableTotal("lake.source_state", "count(*)", keys=("source", "is_held", "held_since")),
        actual=TableTotal("marts.mart_source_state", "count(*)", keys=("source", "is_held", "held_since")),
    ),
    Reconciliation(
        id="expected_returns_are_shown",
        source="mart_expected_return",
        description="Every return that is expected is in mart_expected_return, come or not.",
        expected=TableTotal("lake.expected_return", "count(*)", keys=("source", "return_key", "due_on", "status")),
        actual=TableTotal("marts.mart_expected_return", "count(*)", keys=("source", "return_key", "due_on", "status")),
    ),
)

_DELIVERY = (
    Reconciliation(
        id="delivery_counts_every_session",
        source="mart_delivery",
        record="activity",
        description="Delivered and cancelled sessions of mart_delivery are all sessions of the lake, by month and activity.",
        expected=TableTotal(_SESSION, "count(*)", keys=_BY_MONTH),
        actual=TableTotal(
            "marts.mart_delivery", "sum(sessions_delivered + sessions_cancelled)", keys=("month", "activity")
        ),
    ),
    Reconciliation(
        id="delivery_counts_delivered_sessions",
        source="mart_delivery",
        record="activity",
        description="A cancelled session counts as cancelled and no other does, by month and activity.",
        expected=TableTotal(_SESSION, "count(*)", _DELIVERED, _BY_MONTH),
        actual=TableTotal("marts.mart_delivery", "sum(sessions_delivered)", keys=("month", "activity")),
    ),
    Reconciliation(
        id="delivery_adds_hours",
        source="mart_delivery",
        record="activity",
        description="The hours of mart_delivery are those of the delivered sessions, by month and activity.",
        # In ten-thousandths: the mart rounds the hours of a month to that.
        expected=TableTotal(_SESSION, "round(sum(hours) * 10000)", _DELIVERED, _BY_MONTH),
        actual=TableTotal("marts.mart_delivery", "round(sum(hours) * 10000)", keys=("month", "activity")),
        within=1,
    ),
    Reconciliation(
        id="reach_adds_low_attendance",
        source="mart_reach",
        record="activity",
        description="The low attendances of mart_reach are those of the delivered sessions, by month and activity.",
        expected=TableTotal(_SESSION, "sum(attendance_low)", _DELIVERED, _BY_MONTH),
        actual=TableTotal("marts.mart_reach", "sum(value_low)", "measure = 'attendances'", ("month", "activity")),
    ),
    Reconciliation(
        id="reach_adds_high_attendance",
        source="mart_reach",
        record="activity",
        description="The high attendances add the low one where only a lower bound was written, by month and activity.",
        expected=TableTotal(_SESSION, "sum(coalesce(attendance_high, attendance_low))", _DELIVERED, _BY_MONTH),
        actual=TableTotal("marts.mart_reach", "sum(value_high)", "measure = 'attendances'", ("month", "activity")),
    ),
    Reconciliation(
        id="reach_counts_unknown_sessions",
        source="mart_reach",
        record="activity",
        description="Delivered sessions that nobody counted are counted as unknown in mart_reach, not as zero.",
        expected=TableTotal(_SESSION, "count(*)", f"{_DELIVERED} and attendance_low is null", _BY_MONTH),
        actual=TableTotal(
            "marts.mart_reach", "sum(sessions_unknown)", "measure = 'attendances'", ("month", "activity")
        ),
    ),
    Reconciliation(
        id="reach_area_adds_attendance",
        source="mart_reach_area",
        record="activity",
        description="The attendances by area are those of the delivered sessions by month: none is lost or in two areas.",
        expected=TableTotal(_SESSION, "sum(attendance_low)", _DELIVERED, _BY_MONTH[:1]),
        actual=TableTotal("marts.mart_reach_area", "sum(attendances_low)", keys=("month",)),
    ),
    Reconciliation(
        id="process_counts_every_session",
        source="mart_process",
        record="activity",
        description="The delivered and cancelled sessions of mart_process are all sessions of the lake, by activity.",
        expected=TableTotal(_SESSION, "count(*)", keys=(_ACTIVITY,)),
        actual=TableTotal("marts.mart_process", "sum(sessions_delivered + sessions_cancelled)", keys=("activity",)),
    ),
    Reconciliation(
        id="partnership_counts_sessions_with_partner",
        source="mart_partnership",
        record="activity",
        description="The sessions with a partner are the delivered sessions of the lake that name one.",
        expected=TableTotal(_SESSION, "count(*)", f"{_DELIVERED} and len(partners) > 0"),
        actual=TableTotal("marts.mart_partnership", "sum(sessions_with_partner)"),
    ),
)

_LEARNT = (
    Reconciliation(
        id="stories_leave_out_the_withdrawn",
        source="mart_story_domain",
        record="story",
        description="The stories of mart_story_domain are those whose consent is share or internal, by domain.",
        expected=TableTotal("lake.story", "count(*)", _COUNTED, _DOMAIN),
        actual=TableTotal("marts.mart_story_domain", "sum(stories)", keys=("change_domain",)),
    ),
    Reconciliation(
        id="stories_count_the_selected",
        source="mart_story_domain",
        record="story",
        description="The selected stories of mart_story_domain are those that a workshop chose and nobody withdrew.",
        expected=TableTotal("lake.story", "count(*)", f"{_COUNTED} and selected", _DOMAIN),
        actual=TableTotal("marts.mart_story_domain", "sum(selected)", keys=("change_domain",)),
    ),
    Reconciliation(
        id="learning_shows_every_item",
        source="mart_learning_action",
        record="learning_item",
        description="Every learning item is in mart_learning_action, also one that was sent to nobody.",
        expected=TableTotal("lake.learning_item", "count(distinct learning_id)", keys=("learning_id",)),
        actual=TableTotal("marts.mart_learning_action", "count(distinct learning_id)", keys=("learning_id",)),
    ),
    Reconciliation(
        id="learning_shows_every_action",
        source="mart_learning_action",
        description="Every action on a known learning item is in mart_learning_action, once for each receiving site.",
        expected=TableTotal(
            "lake.learning_action",
            "count(distinct (learning_id, to_site))",
            "to_site is not null and learning_id in (select learning_id from lake.learning_item)",
            ("learning_id", "to_site"),
        ),
        # Counted once also where two sites have logged one id; that no site has a transfer twice is the mart's grain.
        actual=TableTotal(
            "marts.mart_learning_action",
            "count(distinct (learning_id, to_site))",
            "to_site is not null",
            ("learning_id", "to_site"),
        ),
        by_site=False,  # the centre sends the action, the item is its site's
    ),
)

_CODEBOOK = "(instrument, item) in (select (instrument, item) from lake.ref_item where {})"

_ASKED = (
    Reconciliation(
        id="outcome_bases_are_the_answers",
        source="mart_outcome_indicator",
        record="survey_answer",
        description="The base of each item's percentage is the answers in the lake that its codebook counts, by survey and item.",
        expected=TableTotal(
            "lake.survey_answer",
            "count(*)",
            f"{_CODEBOOK.format('positive_from is not null')} and (value is not null"
            f" or (missing_reason = 'dont_know' and {_CODEBOOK.format('dont_know_in_base')}))",
            ("population", "wave", "item"),
        ),
        actual=TableTotal(
            "marts.mart_outcome_indicator",
            "sum(n)",
            "measure = 'percent_positive' and breakdown = 'all'",
            ("population", "wave", "indicator"),
        ),
    ),
)

RECONCILIATIONS: tuple[Reconciliation, ...] = (
    *(_admitted(record, f"lake.{record}", "the lake's view", "lake_is_what_was_admitted") for record in RECORDS),
    *(_admitted(record, fact, "the fact", "fact_is_what_was_admitted") for record, fact in FACTS.items()),
    *_RECEIPTS,
    *_DELIVERY,
    *_LEARNT,
    *_ASKED,
    *CELLS,
)
