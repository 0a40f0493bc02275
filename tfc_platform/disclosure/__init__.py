"""Disclosure control: what the learning loop may read about people, over all tables and all releases together.

In the order of a night: `lock_calendar` and `locking` bring snapshots up to date, `person_tables` are cut from them,
`attacker_view` reads these as a reader does, `audit/` tries to work small groups out, `secondary_suppression` withholds.
`protect` has the whole order. Nothing here reads the lake or knows of Dagster.
"""
