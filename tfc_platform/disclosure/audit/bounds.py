"""The bounds of the atoms of one connected part, by linear programming.

Method: an attacker's bounds of a cell by linear programmes over all published tables (Hundepool et al., *Statistical Disclosure
Control*, 2012, ch. 4). One model, one cost changed each time, so that the simplex goes on from where it stands;
`simplex_strategy=0` lets it be primal then. Any feasible point proves the value that it has in every group, so most groups need
no programme of their own. A point proves nothing before its rows were added up here: the solver's word is not taken for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import highspy
import numpy as np
import numpy.typing as npt

from tfc_platform.disclosure.audit.deadline import Deadline
from tfc_platform.disclosure.audit.linear_system import Component

__all__ = ["TOLERANCE", "Bounds", "ContradictionError", "UndecidedError"]

Floats = npt.NDArray[np.float64]

# Counts are whole; HiGHS works to 1e-7.
TOLERANCE = 1e-6
# Fewer groups than this found by one programme for many: a programme for each is as quick.
WORTHWHILE = 5


class UndecidedError(Exception):
    """The solver stopped without an optimum: nothing is known, so nothing passes. The message says why, in words for people."""


class ContradictionError(Exception):
    """No table of counts has these rows. `rows`: rows of the component that prove it."""

    def __init__(self, rows: tuple[int, ...]) -> None:
        super().__init__("the rows contradict each other")
        self.rows = rows


class Bounds:
    """Bounds of the groups of a component, worked out when asked for and kept.

    `seen_high` and `seen_low` are the highest and lowest value of each group over all feasible points so far: the attacker's
    interval is at least that wide. After `deadline` every programme is undecided.
    `narrower` are bounds of the same matrix with narrower rows: the points that they saw are feasible here too.

    :raises ContradictionError: from any method, where no point is feasible.
    :raises UndecidedError: from any method, where the solver stops without an optimum.
    """

    def __init__(self, component: Component, deadline: Deadline, narrower: Bounds | None = None) -> None:
        self.component = component
        self.programmes = 0
        count = len(component.groups)
        self.seen_high: Floats = np.zeros(count) if narrower is None else narrower.seen_high.copy()
        self.seen_low: Floats = np.full(count, np.inf) if narrower is None else narrower.seen_low.copy()
        # What single rows say: an atom is not more than any of its rows, nor less than a row of its own.
        self.cap = np.full(count, np.inf)
        self.floor = np.zeros(count)
        alone = np.bincount(component.indices, minlength=len(component.rows)) == 1
        for group in range(count):
            rows = component.rows_of(group)
            self.cap[group] = component.high_of(group)
            if component.sizes[group] == 1:
                self.floor[group] = component.low[rows[alone[rows]]].max(initial=0.0)
        # A group in no row with an upper end can be any number.
        self.seen_high[np.isinf(self.cap)] = np.inf
        self._deadline = deadline
        self._costs: dict[int, float] = {}
        self._model: highspy.Highs | None = None
        self._proofs: dict[int, Floats] = {}
        self._upper: dict[int, float] = {}
        self._lower: dict[int, float] = {}

    def upper(self, group: int) -> float:
        """The maximum of the group's sum, which is that of each of its atoms."""
        if group not in self._upper:
            if self.seen_high[group] >= self.cap[group] - TOLERANCE:
                self._upper[group] = float(self.cap[group])
            else:
                self._upper[group] = self._maximise_one(group)
        return self._upper[group]

    def lower(self, group: int) -> float:
        """The minimum of one atom of the group: 0 where the group has others that can stand in for it."""
        if group not in self._lower:
            if self.component.sizes[group] > 1:
                self._lower[group] = 0.0
            elif self.seen_low[group] <= self.floor[group] + TOLERANCE:
                self._lower[group] = float(self.floor[group])
            else:
                self._lower[group] = -self.maximise({group: -1.0})
        return self._lower[group]

    def width(self, group: int) -> float:
        """How wide the attacker's interval of an atom of the group is."""
        return self.upper(group) - self.lower(group)

    def pins(self, group: int) -> tuple[list[int], list[int]]:
        """Rows of the component whose upper ends, and rows whose lower ends, together prove `upper(group)`."""
        if group not in self._proofs:
            self._upper[group] = self._maximise_one(group)
        proof = self._proofs[group]
        return np.flatnonzero(proof > TOLERANCE).tolist(), np.flatnonzero(proof < -TOLERANCE).tolist()

    def is_empty(self, group: int) -> bool:
        """Whether the group is certainly 0: by the dual solution, whose bound holds however the solver came by it."""
        if self.cap[group] < 1.0 - TOLERANCE:
            return True
        if self.seen_high[group] >= 1.0 - TOLERANCE or self.upper(group) >= 1.0 - TOLERANCE:
            return False
        self.pins(group)
        return self._dual_bound(group) < 1.0 - TOLERANCE

    def see_any(self) -> None:
        """See one feasible point."""
        self.maximise({})

    def see_high(self, groups: Iterable[int], target: float) -> None:
        """Look for points in which as many as possible of these groups reach `target`, several groups in one programme.

        What it does not find is not disproved. Groups that are maximised together are chosen so that each row has room for
        all of its chosen ones. It goes on while a programme finds several.
        """
        waiting = [group for group in groups if self.seen_high[group] < target - TOLERANCE <= self.cap[group]]
        while waiting:
            chosen = self._with_room(waiting, target)
            self.maximise(dict.fromkeys(chosen, 1.0))
            left = [group for group in waiting if self.seen_high[group] < target - TOLERANCE]
            if len(waiting) - len(left) < WORTHWHILE:
                return
            waiting = [group for group in left if group not in set(chosen)]

    def maximise(self, costs: Mapping[int, float]) -> float:
        """The maximum of the sum of groups weighted by `costs`; what has a positive cost is to be bounded above."""
        if len(self.component.rows) == 1:  # then it is one group, as most survey items are, and needs no solver
            return self._by_hand(costs.get(0, 0.0))
        return float(self._solve(costs).getInfo().objective_function_value)

    def _maximise_one(self, group: int) -> float:
        value = self.maximise({group: 1.0})
        if self._model is None:
            self._proofs[group] = np.ones(1)
        else:
            self._proofs[group] = np.array(self._model.getSolution().row_dual)
        return max(value, float(self.seen_high[group]))

    def _by_hand(self, weight: float) -> float:
        low, high = float(self.component.low[0]), float(self.component.high[0])
        self.seen_low[0], self.seen_high[0] = low, high
        return weight * (high if weight > 0 else low)

    def _solve(self, costs: Mapping[int, float]) -> highspy.Highs:
        model = self._model = self._model or _model(self.component)
        left = self._deadline.left()
        if left <= 0:
            raise UndecidedError("the time for the audit was over")
        # HiGHS counts all time of a model together.
        model.setOptionValue("time_limit", model.getRunTime() + left)
        for group in [group for group in self._costs if group not in costs]:
            model.changeColCost(group, 0.0)
        for group, cost in costs.items():
            if self._costs.get(group) != cost:
                model.changeColCost(group, cost)
        self._costs = dict(costs)
        self.programmes += 1
        model.run()
        status = model.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            raise ContradictionError(self._ray(model))
        if status == highspy.HighsModelStatus.kTimeLimit:
            raise UndecidedError("the time for the audit was over")
        if status != highspy.HighsModelStatus.kOptimal:
            raise UndecidedError(f"the solver stopped with status {model.modelStatusToString(status).lower()}")
        self._see(np.array(model.getSolution().col_value))
        return model

    def _see(self, point: Floats) -> None:
        sums = self.component.matrix @ point
        slack = TOLERANCE * np.maximum(1.0, np.abs(sums))
        fits = (sums >= self.component.low - slack).all() and (sums <= self.component.high + slack).all()
        if not fits or (point < -TOLERANCE).any():
            raise UndecidedError("the solver's solution does not have the published figures")
        np.maximum(self.seen_high, point, out=self.seen_high)
        np.minimum(self.seen_low, point, out=self.seen_low)

    def _dual_bound(self, group: int) -> float:
        """An upper end for the group from its proof, by weak duality; what the duals leave over is charged at its cap."""
        proof = self._proofs[group]
        ends = np.where(proof > 0, self.component.high, self.component.low)
        # Any multipliers give a bound, so those that are nothing but the solver's last digits can go.
        proof = np.where((np.abs(proof) > TOLERANCE) & np.isfinite(ends), proof, 0.0)
        left_over = -(self.component.matrix.T @ proof)
        left_over[group] += 1.0
        used = proof != 0
        return float(proof[used] @ ends[used] + np.maximum(left_over, 0.0) @ self.cap)

    def _ray(self, model: highspy.Highs) -> tuple[int, ...]:
        _, there, ray = model.getDualRay()
        rows = np.flatnonzero(np.abs(ray) > TOLERANCE) if there else np.arange(len(self.component.rows))
        return tuple(int(row) for row in rows)

    def _with_room(self, groups: list[int], target: float) -> list[int]:
        room = np.floor((self.component.high + TOLERANCE) / target)
        chosen = []
        for group in groups:
            rows = self.component.rows_of(group)
            if (room[rows] >= 1).all():
                room[rows] -= 1
                chosen.append(group)
        return chosen or groups[:1]


class _Silent(highspy.Highs):  # type: ignore[misc]
    """HiGHS without callbacks, which this room has no use for: to set them prints a line that no option stops."""

    def enableCallbacks(self) -> None:  # noqa: N802 - HiGHS's own name
        return None


def _model(component: Component) -> highspy.Highs:
    model = _Silent()
    model.setOptionValue("output_flag", False)
    model.setOptionValue("threads", 1)
    model.setOptionValue("simplex_strategy", 0)
    model.setOptionValue("presolve", "off")
    count = len(component.groups)
    programme = highspy.HighsLp()
    programme.num_col_, programme.num_row_ = count, len(component.rows)
    programme.sense_ = highspy.ObjSense.kMaximize
    programme.col_cost_ = np.zeros(count)
    programme.col_lower_, programme.col_upper_ = np.zeros(count), np.full(count, highspy.kHighsInf)
    programme.row_lower_, programme.row_upper_ = component.low, component.high
    programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    programme.a_matrix_.start_, programme.a_matrix_.index_ = component.starts, component.indices
    programme.a_matrix_.value_ = np.ones(len(component.indices))
    if model.passModel(programme) != highspy.HighsStatus.kOk:
        raise UndecidedError("the solver did not take the figures")
    return model
