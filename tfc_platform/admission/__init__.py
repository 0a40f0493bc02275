"""Admission: which version of each return counts tonight, and which sources are held.

`decide` is a pure function of what the lake knows and of the contracts; `expected` says what should have come; `night`
reads the lake, decides, and lays out what dbt and the checks need. A bad return never takes the place of a good one.
"""
