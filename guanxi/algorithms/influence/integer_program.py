"""Small integer programs: whole numbers that keep bounds on sums of them and do not cost too much.

    Σ_j cost_j x_j ≤ limit  with  low_r ≤ Σ_j matrix_rj x_j ≤ high_r,  0 ≤ x_j ≤ most_j, x whole

Where sums that are fixed contradict each other by parity, branching would take for ever to see it,
and elimination modulo 2 sees it at once. Else HiGHS looks for the cheapest solution, by branch and
bound over the linear relaxation.

Source: Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical
Programming Computation 10(1), 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from guanxi.graph.arrays import Float64, Int64

if TYPE_CHECKING:
    from highspy import Highs, HighsLp
    from highspy.highs import HighsCallbackEvent

#: One thread, no randomness but a fixed one, and an end that does not depend on the clock.
_OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "parallel": "off",
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_max_nodes": 1_000,
}
#: So little is nothing beside a limit: HiGHS counts in floats.
_NOTHING = 1e-7
#: How often HiGHS may ask whether it should stop, where the matrix has no more than so many
#: entries; less often in proportion where it has more, but so often at least. It takes seconds.
_MOST_STOPS, _USUAL_ENTRIES, _LEAST_STOPS = 4_000, 5_000, 400


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
    """`x` int64[c]: a solution within the limit, or None. `least`: no solution costs less
    (infinite: there is none). `proven`: the search came to its end, so that where `x` is None
    nothing keeps all bounds within the limit.
    """

    x: Int64 | None
    least: float
    proven: bool


def solve(program: IntegerProgram, limit: float) -> Solved:
    """Search for a solution that costs no more than `limit`; the first one will do.

    The same answer however fast the machine: what ends a long search is the number of its steps.

    >>> import numpy as np
    >>> both = np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]])  # the third counts for both rows
    >>> least = np.array([2.0, 2.0])
    >>> most, cost = np.array([5, 5, 1]), np.array([1.0, 1.0, 1.5])
    >>> solve(IntegerProgram(both, least, least + 1, most, cost), 3.5).x
    array([1, 1, 1])
    >>> solve(IntegerProgram(both, least, least + 1, most, cost), 3.4)
    Solved(x=None, least=3.5, proven=True)
    """
    from highspy import Highs, HighsModelStatus

    if not program.matrix.size:  # HiGHS takes no model of nothing
        possible = bool((program.low <= 0).all() and (program.high >= 0).all())
        return Solved(np.zeros_like(program.most) if possible else None, _least(possible), True)
    if _is_odd(program):
        return Solved(None, np.inf, True)
    solver = Highs()
    for name, value in _OPTIONS.items():
        solver.setOptionValue(name, value)
    enough = limit + _NOTHING * max(1.0, abs(limit))
    solver.setOptionValue("objective_target", enough)
    solver.passModel(_model(program))
    _bound_the_work(solver, int(np.count_nonzero(program.matrix)))
    solver.run()
    status = solver.getModelStatus()
    if status == HighsModelStatus.kInfeasible:
        return Solved(None, np.inf, True)
    info, proven = solver.getInfo(), status == HighsModelStatus.kOptimal
    least = max(0.0, info.mip_dual_bound)
    x = np.rint(np.asarray(solver.getSolution().col_value)).astype(np.int64)
    found = _is_allowed(program, x) and float(program.cost @ x) <= enough
    return Solved(x if found else None, least, proven or found)


def _bound_the_work(solver: Highs, entries: int) -> None:
    """Have it stop after so many of the points at which it asks, which no clock decides."""
    left = max(_LEAST_STOPS, _MOST_STOPS * _USUAL_ENTRIES // max(entries, _USUAL_ENTRIES))

    def ask(event: HighsCallbackEvent) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            event.interrupt()

    solver.cbMipInterrupt.subscribe(ask)


def _is_odd(program: IntegerProgram) -> bool:
    """Whether some rows of fixed sums have an odd total, but count every column an even number
    of times together: then no whole numbers keep them.
    """
    fixed = (program.low == program.high) & (program.matrix == np.rint(program.matrix)).all(axis=1)
    odd = np.column_stack([program.matrix[fixed], program.low[fixed]]) % 2 == 1
    rows = [row for row in np.packbits(odd, axis=1) if row.any()]
    last = np.packbits(np.arange(odd.shape[1]) == odd.shape[1] - 1)
    while rows:
        pivot = rows.pop()
        if (pivot == last).all():
            return True
        byte = int(np.argmax(pivot > 0))
        bit = 1 << (int(pivot[byte]).bit_length() - 1)
        rows = [row ^ pivot if row[byte] & bit else row for row in rows]
        rows = [row for row in rows if row.any()]
    return False


def _least(possible: bool) -> float:
    return 0.0 if possible else np.inf


def _is_allowed(program: IntegerProgram, x: Int64) -> bool:
    """Whether whole numbers keep all bounds: an unfinished search may have none that do."""
    if len(x) != len(program.most):
        return False
    sums = program.matrix @ x
    return bool(
        ((x >= 0) & (x <= program.most)).all()
        and ((sums >= program.low) & (sums <= program.high)).all()
    )


def _model(program: IntegerProgram) -> HighsLp:
    """The program in the words of HiGHS."""
    from highspy import HighsLp, HighsVarType, MatrixFormat

    rows, columns = program.matrix.shape
    held = program.matrix != 0
    model = HighsLp()
    model.num_row_, model.num_col_ = rows, columns
    model.col_cost_ = program.cost
    model.col_lower_ = np.zeros(columns)
    model.col_upper_ = program.most.astype(np.float64)
    model.row_lower_, model.row_upper_ = program.low, program.high
    model.a_matrix_.format_ = MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.append(0, np.cumsum(held.sum(axis=1)))
    model.a_matrix_.index_ = np.nonzero(held)[1]
    model.a_matrix_.value_ = program.matrix[held]
    model.integrality_ = [HighsVarType.kInteger] * columns
    return model
