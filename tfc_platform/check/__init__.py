"""Judge the night's data: suites of expectations, reconciliations and dbt's tests, all as evidence for the gate.

Importing this package imports neither Great Expectations nor pandas.
"""
