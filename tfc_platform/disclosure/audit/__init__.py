"""The joint audit: what an attacker can work out from all published cells together, by arithmetic alone.

`problem` has the types that callers build; `joint_audit.audit`, `repair.repair_parts`, `intervals.attackers_intervals` and
`counterexamples.find_twins` are what they call. They are imported where they are called: the solvers and scipy cost a second
that an ordinary night can spare.

A message of this room names tables, never a cell, its codes or its count.
"""

from tfc_platform.disclosure.audit.problem import Atom, Interval, ProblemError, PublishedCell, Universe
from tfc_platform.disclosure.audit.summary import AuditReport, TableAudit

__all__ = [
    "Atom",
    "AuditReport",
    "Interval",
    "ProblemError",
    "PublishedCell",
    "TableAudit",
    "Universe",
]
