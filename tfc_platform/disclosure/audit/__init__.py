"""The joint audit: what an attacker can work out from all published cells together, by arithmetic alone.

Belongs here: the linear programmes over everything published, the bounds of each atom, the secondary suppressions that mend
a failure, and the whole-number datasets that publish the same. Pure: cells go in, a report comes out. Does not belong: files,
registers, policies, marts, Dagster.

`problem` has the types that callers build, and they stand here; `joint.audit`, `repair.repair`, `intervals.attackers_intervals`
and `twins.find_twins` are what they call. These are imported where they are called: the solvers and scipy cost a second that
an ordinary night can spare.

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
