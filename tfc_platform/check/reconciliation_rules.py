"""Which tallies must agree, from the receipts to the marts: data, read by `reconcile` and by the gate.

Belongs here: one entry for each sum that must hold; those of the cells are in `cell_tallies`. Does not belong: how a sum is
compared.

The marts are compared with the lake, not with the facts that they are made from: a rule that goes wrong in a fact
would else go wrong on both sides alike.
"""

from __future__ import annotations

from tfc_platform.check.cell_reconciliation_rules import CELLS
from tfc_platform.check.reconcile import Reconciliation, Tally
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
}

# Records of which a row of the return makes one. A survey's answers are many to a row, so they are not counted with it.
ROW_RECORDS = tuple(record for record in RECORDS if record != "survey_answer")
_QUOTED_ROW_RECORDS = ", ".join(f"'{record}'" for record in ROW_RECORDS)
_LISTED = "file_sha256 in (select file_sha256 from lake.submission where status <> 'duplicate_file')"
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
        rows_wanted=True,
        words=f"The rows of {record} that admission counts are, file by file, those in {where_it_is}.",
        expected=Tally("lake.admitted", "sum(accepted)", f"record = '{record}'", _FILE),
        found=Tally(relation, "count(*)", keys=_FILE),
    )


_RECEIPTS = (
    Reconciliation(
        id="receipts_add_up",
        source="submission",
        words="Received = accepted + rejected + duplicate, for every file.",
        expected=Tally("lake.submission", "sum(coalesce(received, 0))", keys=("file",)),
        found=Tally(
            "lake.submission",
            "sum(coalesce(accepted, 0) + coalesce(rejected, 0) + coalesce(duplicate, 0))",
            keys=("file",),
        ),
    ),
    Reconciliation(
        id="counted_files_are_admitted",
        source="submission",
        words="The accepted rows of each file that counts, as it lies in the landing zone, are those that are admitted.",
        expected=Tally("lake.submission", "sum(coalesce(accepted, 0))", "is_counted", _FILE),
        # A path that a bad file has taken over shows the bad file; the good one that goes on counting is in no list of
        # files. And a copy under another name does not count, though its bytes do.
        found=Tally("lake.admitted", "sum(accepted)", f"record in ({_QUOTED_ROW_RECORDS}) and {_LISTED}", _FILE),
    ),
    Reconciliation(
        id="submissions_are_shown",
        source="mart_submission_status",
        words="Every file that came, and no other, stands in mart_submission_status.",
        expected=Tally("lake.submission", "count(*)", keys=("file", "status")),
        found=Tally("marts.mart_submission_status", "count(*)", keys=("file", "status")),
    ),
    Reconciliation(
        id="row_issues_are_shown",
        source="mart_row_issue",
        words="Every row issue, and no other, stands in mart_row_issue.",
        expected=Tally(
            "lake.row_issue", _ISSUE.format(row="row_number", column="column_name"), keys=("source", "reason")
        ),
        found=Tally("marts.mart_row_issue", _ISSUE.format(row='"row"', column='"column"'), keys=("source", "reason")),
    ),
    Reconciliation(
        id="holds_are_shown",
        source="mart_source_state",
        words="Every source, held or not, stands in mart_source_state as admission left it.",
        expected=Tally("lake.source_state", "count(*)", keys=("source", "is_held", "held_since")),
        found=Tally("marts.mart_source_state", "count(*)", keys=("source", "is_held", "held_since")),
    ),
    Reconciliation(
        id="expected_returns_are_shown",
        source="mart_expected_return",
        words="Every return that is expected stands in mart_expected_return, come or not.",
        expected=Tally("lake.expected_return", "count(*)", keys=("source", "return_key", "due_on", "status")),
        found=Tally("marts.mart_expected_return", "count(*)", keys=("source", "return_key", "due_on", "status")),
    ),
)

_DELIVERY = (
    Reconciliation(
        id="delivery_counts_every_session",
        source="mart_delivery",
        record="activity",
        rows_wanted=True,
        words="Delivered and cancelled sessions of mart_delivery are all sessions of the lake, by month and activity.",
        expected=Tally(_SESSION, "count(*)", keys=_BY_MONTH),
        found=Tally("marts.mart_delivery", "sum(sessions_delivered + sessions_cancelled)", keys=("month", "activity")),
    ),
    Reconciliation(
        id="delivery_counts_delivered_sessions",
        source="mart_delivery",
        record="activity",
        words="A cancelled session counts as cancelled and no other does, by month and activity.",
        expected=Tally(_SESSION, "count(*)", _DELIVERED, _BY_MONTH),
        found=Tally("marts.mart_delivery", "sum(sessions_delivered)", keys=("month", "activity")),
    ),
    Reconciliation(
        id="delivery_adds_hours",
        source="mart_delivery",
        record="activity",
        words="The hours of mart_delivery are those of the delivered sessions, by month and activity.",
        # In ten-thousandths: the mart rounds the hours of a month to that.
        expected=Tally(_SESSION, "round(sum(hours) * 10000)", _DELIVERED, _BY_MONTH),
        found=Tally("marts.mart_delivery", "round(sum(hours) * 10000)", keys=("month", "activity")),
        within=1,
    ),
    Reconciliation(
        id="reach_adds_low_attendance",
        source="mart_reach",
        record="activity",
        words="The low attendances of mart_reach are those of the delivered sessions, by month and activity.",
        expected=Tally(_SESSION, "sum(attendance_low)", _DELIVERED, _BY_MONTH),
        found=Tally("marts.mart_reach", "sum(value_low)", "measure = 'attendances'", ("month", "activity")),
    ),
    Reconciliation(
        id="reach_adds_high_attendance",
        source="mart_reach",
        record="activity",
        words="The high attendances add the low one where only a lower bound was written, by month and activity.",
        expected=Tally(_SESSION, "sum(coalesce(attendance_high, attendance_low))", _DELIVERED, _BY_MONTH),
        found=Tally("marts.mart_reach", "sum(value_high)", "measure = 'attendances'", ("month", "activity")),
    ),
    Reconciliation(
        id="reach_counts_unknown_sessions",
        source="mart_reach",
        record="activity",
        words="Delivered sessions that nobody counted are counted as unknown in mart_reach, not as nought.",
        expected=Tally(_SESSION, "count(*)", f"{_DELIVERED} and attendance_low is null", _BY_MONTH),
        found=Tally("marts.mart_reach", "sum(sessions_unknown)", "measure = 'attendances'", ("month", "activity")),
    ),
    Reconciliation(
        id="reach_area_adds_attendance",
        source="mart_reach_area",
        record="activity",
        words="The attendances by area are those of the delivered sessions by month: none is lost or in two areas.",
        expected=Tally(_SESSION, "sum(attendance_low)", _DELIVERED, _BY_MONTH[:1]),
        found=Tally("marts.mart_reach_area", "sum(attendances_low)", keys=("month",)),
    ),
    Reconciliation(
        id="process_counts_every_session",
        source="mart_process",
        record="activity",
        words="The delivered and cancelled sessions of mart_process are all sessions of the lake, by activity.",
        expected=Tally(_SESSION, "count(*)", keys=(_ACTIVITY,)),
        found=Tally("marts.mart_process", "sum(sessions_delivered + sessions_cancelled)", keys=("activity",)),
    ),
    Reconciliation(
        id="partnership_counts_sessions_with_partner",
        source="mart_partnership",
        record="activity",
        words="The sessions with a partner are the delivered sessions of the lake that name one.",
        expected=Tally(_SESSION, "count(*)", f"{_DELIVERED} and len(partners) > 0"),
        found=Tally("marts.mart_partnership", "sum(sessions_with_partner)"),
    ),
)

_LEARNT = (
    Reconciliation(
        id="stories_leave_out_the_withdrawn",
        source="mart_story_domain",
        record="story",
        words="The stories of mart_story_domain are those whose consent is share or internal, by domain.",
        expected=Tally("lake.story", "count(*)", _COUNTED, _DOMAIN),
        found=Tally("marts.mart_story_domain", "sum(stories)", keys=("change_domain",)),
    ),
    Reconciliation(
        id="stories_count_the_selected",
        source="mart_story_domain",
        record="story",
        words="The selected stories of mart_story_domain are those that a workshop chose and nobody withdrew.",
        expected=Tally("lake.story", "count(*)", f"{_COUNTED} and selected", _DOMAIN),
        found=Tally("marts.mart_story_domain", "sum(selected)", keys=("change_domain",)),
    ),
    Reconciliation(
        id="learning_shows_every_item",
        source="mart_learning_action",
        record="learning_item",
        words="Every learning item stands in mart_learning_action, also one that nothing came of.",
        expected=Tally("lake.learning_item", "count(distinct learning_id)", keys=("learning_id",)),
        found=Tally("marts.mart_learning_action", "count(distinct learning_id)", keys=("learning_id",)),
    ),
    Reconciliation(
        id="learning_shows_every_action",
        source="mart_learning_action",
        words="Every action on a known learning item stands in mart_learning_action, once for each receiving site.",
        expected=Tally(
            "lake.learning_action",
            "count(distinct (learning_id, to_site))",
            "to_site is not null and learning_id in (select learning_id from lake.learning_item)",
            ("learning_id", "to_site"),
        ),
        found=Tally("marts.mart_learning_action", "count(*)", "to_site is not null", ("learning_id", "to_site")),
        by_site=False,  # the centre sends the action, the item is its site's
    ),
)

_CODEBOOK = "(instrument, item) in (select (instrument, item) from lake.ref_item where {})"

_ASKED = (
    Reconciliation(
        id="outcome_bases_are_the_answers",
        source="mart_outcome_indicator",
        record="survey_answer",
        rows_wanted=True,
        words="The base of each item's percentage is the answers in the lake that its codebook counts, by survey and item.",
        expected=Tally(
            "lake.survey_answer",
            "count(*)",
            f"{_CODEBOOK.format('positive_from is not null')} and (value is not null"
            f" or (missing_reason = 'dont_know' and {_CODEBOOK.format('dont_know_in_base')}))",
            ("population", "wave", "item"),
        ),
        found=Tally(
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
