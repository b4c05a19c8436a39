"""Small integer programs: whole numbers that keep bounds on sums of them and do not cost too much.

    Σ_j cost_j x_j ≤ limit  with  low_r ≤ Σ_j matrix_rj x_j ≤ high_r,  0 ≤ x_j ≤ most_j, x whole

Branch and bound over the linear relaxation, the cheapest solution of which the dual simplex
method with bounds on all variables finds: costs are not negative, so x = 0 is a start, and after
a bound has changed the last solution is one. Dense arrays: for hundreds of rows and columns by
the thousand.

Sources: A. H. Land, A. G. Doig, "An automatic method of solving discrete programming problems",
Econometrica 28(3), 1960, doi:10.2307/1910129; C. E. Lemke, "The dual method of solving the linear
programming problem", Naval Research Logistics Quarterly 1(1), 1954,
doi:10.1002/nav.3800010107.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.graph.arrays import Bool, Float64, Int64

#: Pivots of a whole search at most: so many, and fewer where the matrix is large.
_MOST_PIVOTS, _MOST_NUMBERS = 20_000, 4 * 10**9
#: So little is nothing: bounds are whole numbers, and a fraction this near to one is that.
_NOTHING = 1e-7


@dataclass(frozen=True)
class IntegerProgram:
    """`matrix` float64[r, c]; `low`, `high` float64[r] (may be infinite); `most` int64[c];
    `cost` float64[c], not negative. Numbers far beyond 2^40 would be lost to rounding.
    """

    matrix: Float64
    low: Float64
    high: Float64
    most: Int64
    cost: Float64


@dataclass(frozen=True)
class Solved:
    """`x` int64[c]: a solution within the limit, or None. `least`: no solution, whole or not,
    costs less (infinite: there is none). `proven`: the search came to its end, so that where
    `x` is None nothing keeps all bounds within the limit.
    """

    x: Int64 | None
    least: float
    proven: bool


def solve(program: IntegerProgram, limit: float) -> Solved:
    """Search for a solution that costs no more than `limit`.

    The same answer on any machine: what ends a long search is the number of its steps.

    >>> import numpy as np
    >>> both = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])  # the third counts for both rows
    >>> least = np.array([2.0, 2.0])
    >>> most, cost = np.array([5, 5, 1]), np.array([1.0, 1.0, 1.5])
    >>> solve(IntegerProgram(both, least, least + 1, most, cost), 3.5).x
    array([1, 1, 1])
    >>> solve(IntegerProgram(both, least, least + 1, most, cost), 3.4)
    Solved(x=None, least=3.5, proven=True)
    """
    columns = program.matrix.shape[1]
    waiting = [_Relaxed(program)]
    left = min(_MOST_PIVOTS, _MOST_NUMBERS // max(1, program.matrix.size))
    least = np.inf
    while waiting:
        first, node = np.isinf(least), waiting.pop()
        pivots = node.solve(left)
        left -= abs(pivots) + 1
        if left <= 0:
            return Solved(None, least if np.isfinite(least) else 0.0, False)
        if pivots < 0:
            continue
        x = node.x[:columns]
        value = float(program.cost @ x)
        least = value if first else least
        if value > limit + _NOTHING * max(1.0, abs(limit)):
            continue
        broken = np.abs(x - np.rint(x))
        if broken.max(initial=0.0) <= _NOTHING:
            return Solved(np.rint(x).astype(np.int64), least, True)
        which = int(np.argmax(broken))
        waiting += [node.bounded(which, high=np.floor(x[which]))]
        waiting += [node.bounded(which, low=np.ceil(x[which]))]  # looked at first
    return Solved(None, least, True)


class _Relaxed:
    """A linear relaxation, as equations that give `basic` variables by all others.

    Variables are the columns and, after them, the sums of the rows.
    """

    def __init__(self, program: IntegerProgram) -> None:
        rows, columns = program.matrix.shape
        self._low = np.concatenate([np.zeros(columns), program.low])
        self._high = np.concatenate([program.most.astype(np.float64), program.high])
        self._free = np.arange(columns)
        self._basic = np.arange(columns, columns + rows)
        self._equations = program.matrix.astype(np.float64)
        self._price = program.cost.astype(np.float64)
        self.x = np.zeros(rows + columns)

    def bounded(self, which: int, low: float = -np.inf, high: float = np.inf) -> _Relaxed:
        """A copy with tighter bounds on one variable, to be solved from here on."""
        other = _Relaxed.__new__(_Relaxed)
        for name, value in vars(self).items():
            setattr(other, name, value.copy() if isinstance(value, np.ndarray) else value)
        other._low[which] = max(low, self._low[which])
        other._high[which] = min(high, self._high[which])
        return other

    def solve(self, most: int) -> int:
        """Make `x` the solution; how many pivots, `most` at most, or less than 0: no solution."""
        free = self._free
        self.x[free] = np.clip(self.x[free], self._low[free], self._high[free])
        self.x[self._basic] = self._equations @ self.x[free]
        for pivots in range(most):
            value = self.x[self._basic]
            below, above = self._low[self._basic] - value, value - self._high[self._basic]
            wrong = np.maximum(below, above)
            row = int(np.argmax(wrong)) if len(wrong) else 0
            if not len(wrong) or wrong[row] <= _NOTHING:
                return pivots
            column = self._entering(row, upwards=bool(below[row] > 0))
            if column is None:
                return -pivots - 1
            self._exchange(row, column)
        return -most

    def _entering(self, row: int, upwards: bool) -> int | None:
        """Who can move a basic variable where it should be, at the least change of price."""
        effect = self._equations[row] if upwards else -self._equations[row]
        free = self._free
        may: Bool = (effect > _NOTHING) & (self.x[free] < self._high[free])
        may |= (effect < -_NOTHING) & (self.x[free] > self._low[free])
        able = np.flatnonzero(may)
        if not len(able):
            return None
        size = np.abs(effect[able])
        ratio = np.abs(self._price[able]) / size
        nearest = able[ratio <= ratio.min() + _NOTHING]
        return int(nearest[np.argmax(np.abs(effect[nearest]))])

    def _exchange(self, row: int, column: int) -> None:
        """Pivot: the basic variable of a row goes to the bound that it is beyond."""
        leaving, entering = self._basic[row], self._free[column]
        target = np.clip(self.x[leaving], self._low[leaving], self._high[leaving])
        by_it = -self._equations[row] / self._equations[row, column]
        by_it[column] = 1.0 / self._equations[row, column]
        factors = self._equations[:, column].copy()
        step = by_it[column] * (target - self.x[leaving])
        self.x[self._basic] += factors * step
        self.x[entering] += step
        self.x[leaving] = target
        self._equations[:, column] = 0.0
        rows = np.flatnonzero(factors)
        self._equations[rows] += np.outer(factors[rows], by_it)
        self._equations[row] = by_it
        factor = self._price[column]
        self._price[column] = 0.0
        self._price += factor * by_it
        self._basic[row], self._free[column] = entering, leaving
