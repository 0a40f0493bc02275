"""Admission: which version of each return counts tonight, and which sources are held.

`decide` is a pure function of what the lake knows and of the contracts; `admit` reads the lake, decides, and lays out what dbt
and the checks need. A bad return never takes the place of a good one, and one that lost much is asked about.
"""
