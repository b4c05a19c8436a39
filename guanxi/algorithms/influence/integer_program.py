"""Small integer programs: whole numbers that keep bounds on sums of them and do not cost too much.

    Σ_j cost_j x_j ≤ limit  with  low_r ≤ Σ_j matrix_rj x_j ≤ high_r,  0 ≤ x_j ≤ most_j, x whole

HiGHS looks for the cheapest solution, by branch and bound over the linear relaxation.

Source: Q. Huangfu, J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical
Programming Computation 10(1), 2018, doi:10.1007/s12532-017-0130-5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from guanxi.graph.arrays import Float64, Int64

if TYPE_CHECKING:
    from highspy import HighsLp

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
    solver = Highs()
    for name, value in _OPTIONS.items():
        solver.setOptionValue(name, value)
    enough = limit + _NOTHING * max(1.0, abs(limit))
    solver.setOptionValue("objective_target", enough)
    solver.passModel(_model(program))
    solver.run()
    status = solver.getModelStatus()
    if status == HighsModelStatus.kInfeasible:
        return Solved(None, np.inf, True)
    info, proven = solver.getInfo(), status == HighsModelStatus.kOptimal
    least = max(0.0, info.mip_dual_bound)
    x = np.rint(np.asarray(solver.getSolution().col_value)).astype(np.int64)
    found = _is_allowed(program, x) and float(program.cost @ x) <= enough
    return Solved(x if found else None, least, proven or found)


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
