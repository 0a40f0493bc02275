"""The Arrow schema of each Parquet table that Python hands to dbt.

Every table opens with the same provenance columns, so that any figure leads back to a row of a file. No table has a personal
column, free text, or a column that only one site can fill.
"""

from __future__ import annotations

import pyarrow as pa

__all__ = ["ADMISSION_TABLES", "CHECK_RESULT", "EQUITY", "PROVENANCE", "RECORDS", "REFERENCE", "ROW_ISSUE", "SCHEMAS"]

PROVENANCE: list[pa.Field] = [
    pa.field("site", pa.string(), nullable=False),
    pa.field("source", pa.string(), nullable=False),
    pa.field("file_sha256", pa.string(), nullable=False),
    pa.field("sheet", pa.string()),
    pa.field("row_number", pa.int64(), nullable=False),
]

# Breakdowns for equity: optional, in the harmonised codes of contracts/reference/harmonised_codes.csv.
EQUITY = ("age_band", "sex", "ethnic_group", "disability", "deprivation_quintile")


def _record(*fields: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([*PROVENANCE, *(pa.field(name, kind) for name, kind in fields)])


# One row is one accepted row of one file, typed. What a file's rows become is `record` in its contract.
RECORDS: dict[str, pa.Schema] = {
    "activity": _record(
        ("session_id", pa.string()),  # stable: the tool's own id, else file, sheet and row
        ("session_on", pa.date32()),
        ("activity", pa.string()),  # the programme's name for it, or `unmapped`
        ("status", pa.string()),  # delivered · cancelled
        ("audience", pa.string()),  # as the form asked, null where it does not
        ("attendance_low", pa.int64()),  # null: unknown, which is not zero
        ("attendance_high", pa.int64()),  # null also where only a lower bound was written
        ("attendance_kind", pa.string()),  # exact · estimate · lower_bound · range · unknown
        ("hours", pa.float64()),
        ("partners", pa.list_(pa.string())),  # keyed tokens of the partners' names: countable, not readable
        ("small_area_code", pa.string()),  # of the venue's postcode
        *[(name, pa.string()) for name in EQUITY if name != "deprivation_quintile"],  # of who came; null: not asked
    ),
    "survey_respondent": _record(
        ("population", pa.string()),
        ("wave", pa.string()),
        ("respondent_id", pa.string()),  # keyed token of the tool's response id
        ("panel_id", pa.string()),  # keyed token that links one person's waves, within a site and population
        ("tool", pa.string()),
        ("instrument", pa.string()),  # the survey's main codebook; an answer has its own
        ("answered_on", pa.date32()),
        ("duration_seconds", pa.int64()),
        ("weight", pa.float64()),  # null: none given; the survey may have none
        ("weighted", pa.bool_()),  # whether the survey's contract names a weight
        ("stratum", pa.string()),
        ("cluster", pa.string()),
        ("area", pa.string()),
        ("sector", pa.string()),
        ("school", pa.string()),
        *[(name, pa.string()) for name in EQUITY],  # of the respondent; null: not asked or not answered
    ),
    "survey_answer": _record(
        ("population", pa.string()),
        ("wave", pa.string()),
        ("respondent_id", pa.string()),
        ("instrument", pa.string()),  # the codebook that the item is of
        ("item", pa.string()),
        ("code", pa.string()),  # as the tool wrote it, where the contract knows the code
        ("value", pa.int64()),  # on the codebook's scale, in its direction, not reversed; null where missing
        ("missing_reason", pa.string()),  # dont_know · prefer_not · unanswered · not_asked · invalid
    ),
    "story": _record(
        ("story_id", pa.string()),
        ("told_on", pa.date32()),
        ("teller_role", pa.string()),
        ("activity", pa.string()),
        ("change_domain", pa.string()),
        ("change_level", pa.string()),
        ("consent", pa.string()),  # share · internal · withdrawn
        ("consent_on", pa.date32()),  # the day on which the teller last said so; null where the site does not write it
        ("selected", pa.bool_()),  # a workshop chose it as most significant
        ("follows_story", pa.string()),  # the id of an earlier story that led to this one (ripple effects)
    ),
    "story_approval": _record(
        ("story_id", pa.string()),
        ("approved_on", pa.date32()),
        ("text_sha256", pa.string()),  # of the approved text, which is in the text store
        ("stated_sha256", pa.string()),  # as the approver's tool wrote it; null where it writes none
    ),
    "learning_item": _record(
        ("learning_id", pa.string()),
        ("noted_on", pa.date32()),
        ("learning_source", pa.string()),
        ("activity", pa.string()),
        ("learning_tag", pa.string()),  # what the item is about, which the framework links to outcomes
    ),
    "contribution_claim": _record(
        ("claim_id", pa.string()),
        ("claimed_on", pa.date32()),
        ("outcome", pa.string()),  # of the framework
        ("activity", pa.string()),
        ("evidence", pa.string()),  # survey · stories · observation · records · several: what the claim rests on
        ("strength", pa.string()),  # strong · moderate · weak · none, as the site judges it
        ("alternatives_considered", pa.bool_()),  # whether the site looked for other explanations
    ),
    "learning_action": _record(
        ("learning_id", pa.string()),
        ("to_site", pa.string()),
        ("sent_on", pa.date32()),
        ("received_on", pa.date32()),
        ("adopted_on", pa.date32()),
        ("status", pa.string()),  # sent · received · adopted
    ),
}

ROW_ISSUE: pa.Schema = pa.schema(
    [
        *PROVENANCE[:4],
        pa.field("row_number", pa.int64()),  # null: the issue is of a sheet or of the whole file
        pa.field("column_name", pa.string()),
        pa.field("cell", pa.string()),  # the address (`E3`) in a workbook; null elsewhere
        pa.field("severity", pa.string(), nullable=False),  # error (the row is rejected) · warn · info
        pa.field("disposition", pa.string()),  # rejected · duplicate · null where the row counts all the same
        pa.field("reason", pa.string(), nullable=False),
        pa.field("message", pa.string(), nullable=False),  # a sentence to act on; no cell but figures and closed lists
    ]
)

# What admission says of tonight. dbt reads it beside the records; only rows of admitted files are in the records' views.
ADMISSION_TABLES: dict[str, pa.Schema] = {
    "submission": pa.schema(
        [
            pa.field("site", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("file", pa.string(), nullable=False),  # path in the landing zone, with the site's folder
            pa.field("file_sha256", pa.string(), nullable=False),
            pa.field("return_key", pa.string()),  # which return: a month, a half-year, a wave, the cumulative export
            pa.field("status", pa.string(), nullable=False),
            pa.field("is_counted", pa.bool_(), nullable=False),
            pa.field("received", pa.int64()),
            pa.field("accepted", pa.int64()),
            pa.field("rejected", pa.int64()),
            pa.field("duplicate", pa.int64()),
            pa.field("not_data", pa.int64()),
            pa.field("message", pa.string()),
            pa.field("first_seen_at", pa.timestamp("us", tz="UTC"), nullable=False),
            pa.field("superseded_by", pa.string()),  # the file that took its place
            # The content of this path that counts, which may be an earlier one than lies there now.
            pa.field("counted_sha256", pa.string()),
            pa.field("counted_source", pa.string()),
            pa.field("counted_accepted", pa.int64()),
            pa.field("counted_rejected", pa.int64()),
            pa.field("counted_since", pa.timestamp("us", tz="UTC")),
        ]
    ),
    # Every file whose rows are in the records tonight, with the count that its receipt promises.
    "admitted": pa.schema(
        [
            pa.field("site", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("file_sha256", pa.string(), nullable=False),
            pa.field("record", pa.string(), nullable=False),
            pa.field("accepted", pa.int64(), nullable=False),
        ]
    ),
    "source_state": pa.schema(
        [
            pa.field("site", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("is_held", pa.bool_(), nullable=False),
            pa.field("held_since", pa.date32()),
            pa.field("held_reason", pa.string()),
            pa.field("held_file", pa.string()),
            pa.field(
                "contract_reason", pa.string()
            ),  # for the centre: its contract no longer takes files that are used
        ]
    ),
    "expected_return": pa.schema(
        [
            pa.field("site", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("return_key", pa.string(), nullable=False),
            pa.field("due_on", pa.date32(), nullable=False),
            pa.field("status", pa.string(), nullable=False),  # received · overdue · not_yet_due
        ]
    ),
}

# The programme's reference data, from the contracts' folders.
REFERENCE: dict[str, pa.Schema] = {
    "ref_site": pa.schema([("site", pa.string()), ("name", pa.string()), ("nation", pa.string())]),
    "ref_activity": pa.schema(
        [
            ("site", pa.string()),
            ("activity", pa.string()),
            ("name", pa.string()),
            ("tier", pa.string()),
            ("audience", pa.string()),
            ("designed_hours", pa.float64()),
            ("audience_unit", pa.string()),  # group · individual; null: nobody has declared it
        ]
    ),
    "ref_footprint_area": pa.schema(
        [
            ("site", pa.string()),
            ("area", pa.string()),
            ("small_area_code", pa.string()),
            ("small_area_kind", pa.string()),
            ("index", pa.string()),
            ("rank", pa.int64()),
            ("areas_in_nation", pa.int64()),
            ("nation_quintile", pa.int64()),
            ("pop_0_4", pa.int64()),
            ("pop_5_11", pa.int64()),
            ("pop_12_17", pa.int64()),
            ("pop_18_plus", pa.int64()),
            ("pop_year", pa.int64()),
        ]
    ),
    # Of which residents the people of a breakdown's value are a part: see contracts/reference/resident_groups.csv.
    "ref_resident_group": pa.schema(
        [("breakdown", pa.string()), ("breakdown_value", pa.string()), ("residents", pa.string())]
    ),
    # One row per site's indicator; how it is worked out is data: see contracts/indicators.
    "ref_local_indicator": pa.schema(
        [
            ("site", pa.string()),
            ("indicator", pa.string()),
            ("name", pa.string()),
            ("base", pa.string()),  # sessions · attendances · hours · stories · learning_items: what is counted
            ("numerator_field", pa.string()),  # a column of the base's fact; null: every row
            ("numerator_in", pa.list_(pa.string())),  # the values of that column that count
            ("denominator_field", pa.string()),
            ("denominator_in", pa.list_(pa.string())),
            ("measure", pa.string()),  # count · percent
            ("period", pa.string()),  # month · quarter · year
            ("target", pa.float64()),
            ("direction", pa.string()),  # at_least · at_most
        ]
    ),
    # The instruments, as their codebooks say: see contracts/codebooks and docs/codebooks.md.
    "ref_instrument": pa.schema(
        [
            ("instrument", pa.string()),
            ("name", pa.string()),
            ("version", pa.string()),
            ("informant", pa.string()),  # who answers about whom: norms and bands hold for one informant
            ("licence", pa.string()),
            ("source", pa.string()),
        ]
    ),
    "ref_item": pa.schema(
        [
            ("instrument", pa.string()),
            ("item", pa.string()),
            ("constructs", pa.list_(pa.string())),
            ("wording", pa.string()),  # null where the licence forbids it
            ("minimum", pa.int64()),
            ("maximum", pa.int64()),
            ("is_reversed", pa.bool_()),  # agreeing is the worse answer: turned before anything is worked out
            ("positive_from", pa.int64()),  # after reversal; null: the item is no indicator of its own
            ("dont_know_in_base", pa.bool_()),  # then it is in the base of the percentage, and not positive
        ]
    ),
    "ref_scale": pa.schema(
        [
            ("instrument", pa.string()),
            ("scale", pa.string()),
            ("name", pa.string()),
            ("method", pa.string()),  # mean_rescaled · sum_table · sum_prorated · single_item · sum_of_scales
            ("members", pa.int64()),  # how many items, or scales, it is made of
            ("minimum_answered", pa.int64()),
            ("rounding", pa.string()),  # half_up · none
            ("minimum", pa.float64()),  # the range of the score
            ("maximum", pa.float64()),
            ("higher_is", pa.string()),  # better · worse
        ]
    ),
    "ref_scale_member": pa.schema(
        [
            ("instrument", pa.string()),
            ("scale", pa.string()),
            ("member", pa.string()),  # an item; of a sum of scales, a scale
            ("kind", pa.string()),  # item · scale
        ]
    ),
    "ref_score_table": pa.schema(
        [("instrument", pa.string()), ("scale", pa.string()), ("raw", pa.int64()), ("score", pa.float64())]
    ),
    "ref_band": pa.schema(
        [
            ("instrument", pa.string()),
            ("scale", pa.string()),
            ("banding", pa.string()),  # which set of cut-offs: instruments have several
            ("band", pa.string()),
            ("position", pa.int64()),  # 1 the lowest scores
            ("lowest", pa.float64()),
            ("highest", pa.float64()),
        ]
    ),
    # The programme's framework: see contracts/framework.yaml and docs/framework.md.
    "ref_outcome": pa.schema(
        [("site", pa.string()), ("outcome", pa.string()), ("name", pa.string()), ("statement", pa.string())]
    ),
    "ref_outcome_link": pa.schema(
        [
            ("outcome", pa.string()),
            ("kind", pa.string()),  # indicators · activities · story_domains · learning_tags
            ("code", pa.string()),
            ("is_headline", pa.bool_()),  # the indicator that the outcome is judged by first
        ]
    ),
    "ref_outcome_target": pa.schema(
        [
            ("indicator", pa.string()),
            ("baseline_wave", pa.string()),
            ("target", pa.float64()),  # the level to be reached
            ("site", pa.string()),  # null: every site
            ("population", pa.string()),  # null: every population
        ]
    ),
    "ref_evidence_reading": pa.schema(
        [
            ("kind", pa.string()),  # survey_change · delivery · story · learning · contribution
            ("finding", pa.string()),
            ("direction", pa.string()),  # for · against · neither · unclear
            ("grade", pa.string()),
            ("limits", pa.string()),
        ]
    ),
    # When and how each wave of a survey was asked, as its contract says it.
    "ref_wave": pa.schema(
        [
            ("site", pa.string()),
            ("source", pa.string()),
            ("wave", pa.string()),
            ("fieldwork_first", pa.date32()),
            ("fieldwork_last", pa.date32()),
            ("mode", pa.string()),
        ]
    ),
    # The headline indicators, declared before the data: contracts/headlines.yaml.
    "ref_headline": pa.schema(
        [
            ("indicator", pa.string()),
            ("surveys", pa.int64()),  # over how many surveys of a wave the error rate is spread
            ("error_rate", pa.float64()),
            ("power", pa.float64()),  # of the smallest change that could have been seen
        ]
    ),
    # What may be compared and what not, beyond what the figures themselves show. A null is `any`.
    "ref_comparability": pa.schema(
        [
            ("instrument", pa.string()),
            ("indicator", pa.string()),
            ("site", pa.string()),
            ("population", pa.string()),
            ("wave_from", pa.string()),
            ("wave_to", pa.string()),
            ("tool_from", pa.string()),
            ("tool_to", pa.string()),
            ("comparable", pa.bool_()),
            ("reason", pa.string()),
        ]
    ),
}

# What checks found, per site and source: the view `lake.check_result`, which mart_data_quality shows.
CHECK_RESULT: pa.Schema = pa.schema(
    [
        pa.field("check_id", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),  # source · intermediate · mart · reconciliation · dbt · release
        pa.field("site", pa.string(), nullable=False),
        pa.field("source", pa.string(), nullable=False),  # the source, or the mart that was judged
        pa.field("dimension", pa.string(), nullable=False),
        pa.field("severity", pa.string(), nullable=False),  # warn · error
        pa.field("content_hash", pa.string(), nullable=False),  # of the very data that were judged
        pa.field("rows_checked", pa.int64(), nullable=False),
        pa.field("rows_failed", pa.int64()),
        pa.field("verdict", pa.string(), nullable=False),  # passed · failed · broken
        pa.field("gate_effect", pa.string(), nullable=False),  # none · warns · holds_site · closes
    ]
)

# Every view that the warehouse's `lake` schema offers to dbt.
SCHEMAS: dict[str, pa.Schema] = {
    **RECORDS,
    "row_issue": ROW_ISSUE,
    **ADMISSION_TABLES,
    **REFERENCE,
    "check_result": CHECK_RESULT,
}
