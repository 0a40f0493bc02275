"""Judging the night's data: what was looked at, which rule, what came of it, as evidence for the gate.

Belongs here: suites of expectations and their running, reconciliation, dbt's tests as evidence, digests of tables.
Does not belong: the verdict over the evidence (`gate`), or a rule's values, which are data in `expectations/`.
Importing this package imports neither Great Expectations nor pandas.
"""
