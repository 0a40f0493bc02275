"""A component in whole numbers, by OR-tools' CP-SAT: exact, and for small problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from ortools.sat.python import cp_model

from tfc_platform.disclosure.audit.bounds import ContradictionError, UndecidedError
from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.linear_system import Component

__all__ = ["WholeModel"]

Ints = npt.NDArray[np.int64]
ANY = 2**40  # above every count: CP-SAT wants an end


class WholeModel:
    """The groups of a component as whole numbers. `hint`: a solution that is known, which the search starts from.

    One worker and a fixed seed: the same question has the same answer, unless `deadline` cuts it short.
    """

    def __init__(self, component: Component, deadline: Deadline, hint: Ints | None = None) -> None:
        self._deadline = deadline
        self._component = component
        self._hint = hint
        self._model = cp_model.CpModel()
        self._counts = [
            self._model.new_int_var(0, _cap(component, group), f"y{group}") for group in range(len(component.groups))
        ]
        matrix = component.matrix
        for row in range(len(component.rows)):
            groups = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
            high = int(component.high[row]) if np.isfinite(component.high[row]) else ANY
            total = cp_model.LinearExpr.sum([self._counts[group] for group in groups])
            self._model.add_linear_constraint(total, int(component.low[row]), high)

    def maximise(self, costs: Mapping[int, float]) -> float:
        """The maximum of the sum of groups weighted by whole `costs`.

        :raises ContradictionError: where no whole numbers have these rows.
        :raises UndecidedError: where the time is over before it is proved.
        """
        model = self._model.clone()
        terms = [int(cost) * self._counts[group] for group, cost in costs.items()]
        model.maximize(cp_model.LinearExpr.sum(terms) if terms else 0)
        solver, status = self._solve(model, None)
        if status == cp_model.INFEASIBLE:
            raise ContradictionError(tuple(range(len(self._component.rows))))
        if status != cp_model.OPTIMAL:
            raise UndecidedError("the time for the audit was over")
        return float(round(solver.objective_value)) if terms else 0.0

    def reach_many(self, groups: Sequence[int], target: int, effort: float) -> Ints | None:
        """A solution in which many of these groups are at least `target`; the best found within `effort`, none if none is.

        `effort` is CP-SAT's deterministic time, roughly seconds.
        """
        model = self._model.clone()
        reached = []
        for group in groups:
            there = model.new_bool_var(f"b{group}")
            model.add(self._counts[group] >= target).only_enforce_if(there)
            reached.append(there)
        model.maximize(cp_model.LinearExpr.sum(reached))
        if self._hint is not None:
            self._add_hint(model)
            for there in reached:
                model.add_hint(there, 0)
        solver, status = self._solve(model, effort)
        return self._solution(solver, status)

    def reach(self, group: int, target: int) -> Ints | None:
        """A solution in which this group is at least `target`; none where there is none.

        :raises UndecidedError: where the time is over before either is known.
        """
        model = self._model.clone()
        model.add(self._counts[group] >= target)
        if self._hint is not None:
            self._add_hint(model)
        solver, status = self._solve(model, None)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE):
            raise UndecidedError("the time for the search was over")
        return self._solution(solver, status)

    def fits(self, counts: Ints) -> bool:
        """Whether these whole numbers, one a group, have all rows of the component."""
        sums = self._component.matrix @ counts
        component = self._component
        return bool((counts >= 0).all() and (sums >= component.low).all() and (sums <= component.high).all())

    def _add_hint(self, model: cp_model.CpModel) -> None:
        assert self._hint is not None
        for count, value in zip(self._counts, self._hint.tolist(), strict=True):
            model.add_hint(count, value)

    def _solve(self, model: cp_model.CpModel, effort: float | None) -> tuple[cp_model.CpSolver, int]:
        left = self._deadline.left()
        if left <= 0:
            raise UndecidedError("the time for the search was over")
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = 1
        solver.parameters.max_time_in_seconds = left
        if effort is not None:
            solver.parameters.max_deterministic_time = effort
        return solver, int(solver.solve(model))

    def _solution(self, solver: cp_model.CpSolver, status: int) -> Ints | None:
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        counts = np.array([solver.value(count) for count in self._counts], dtype=np.int64)
        if not self.fits(counts):
            raise UndecidedError("the solver's solution does not have the published figures")
        return counts


def _cap(component: Component, group: int) -> int:
    """No row lets the group be more; where no row has an upper end, none needs it to be."""
    rows = component.rows_of(group)
    cap = component.high_of(group)
    return int(cap if np.isfinite(cap) else component.low[rows].max())
