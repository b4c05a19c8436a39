"""The sums behind tie strengths. Every sum has one order: days ascending, kinds by name."""

from __future__ import annotations

from guanxi.graph.arrays import Float64, Int32, Int64
from guanxi.kernels import kernel


@kernel
def collapse(
    actor: Int32,
    target: Int32,
    kind: Int32,
    day: Int32,
    weight: Int64,
    kind_weight: Float64,
    decay: Float64,
    first_day: int,
    out_actor: Int32,
    out_target: Int32,
    out_kind: Int32,
    out_strength: Float64,
) -> int:
    """Sum over days: one entry per (actor, target, kind) that has any strength; how many.

    The interactions are sorted by (actor, target, kind, day). `kind_weight[k]` is 0 for kinds
    that are left out. `decay[day - first_day + 1]` is the factor of a day, 0 for one that is
    left out; `decay[0]` is that of rows without a day. `weight` in millionths.
    """
    entries = 0
    i = 0
    m = len(actor)
    while i < m:
        a, t, k = actor[i], target[i], kind[i]
        total = 0.0
        while i < m and actor[i] == a and target[i] == t and kind[i] == k:
            place = day[i] - first_day + 1
            if place < 0:
                place = 0
            total += weight[i] / 1e6 * decay[place]
            i += 1
        strength = kind_weight[k] * total
        if strength > 0.0:
            out_actor[entries] = a
            out_target[entries] = t
            out_kind[entries] = k
            out_strength[entries] = strength
            entries += 1
    return entries


@kernel
def merge_rows(
    follows_indptr: Int64,
    follows_indices: Int32,
    follow_weight: float,
    first_indptr: Int64,
    first_indices: Int32,
    first_kind: Int32,
    first_strength: Float64,
    second_indptr: Int64,
    second_indices: Int32,
    second_kind: Int32,
    second_strength: Float64,
    indptr: Int64,
    indices: Int32,
    weights: Float64,
) -> int:
    """Rows of strengths from follows and two lists of entries; the number of arcs.

    All three are rows sorted by (column, kind), and a kind is in one of the lists only. For
    each (row, column): the follow first, then the kinds in order.
    """
    arcs = 0
    for row in range(len(indptr) - 1):
        f, f_end = follows_indptr[row], follows_indptr[row + 1]
        a, a_end = first_indptr[row], first_indptr[row + 1]
        b, b_end = second_indptr[row], second_indptr[row + 1]
        if follow_weight == 0.0:
            f = f_end
        while f < f_end or a < a_end or b < b_end:
            column = 2147483647
            if f < f_end:
                column = follows_indices[f]
            if a < a_end and first_indices[a] < column:
                column = first_indices[a]
            if b < b_end and second_indices[b] < column:
                column = second_indices[b]
            total = 0.0
            if f < f_end and follows_indices[f] == column:
                total += follow_weight
                f += 1
            while True:
                from_a = a < a_end and first_indices[a] == column
                from_b = b < b_end and second_indices[b] == column
                if from_a and (not from_b or first_kind[a] < second_kind[b]):
                    total += first_strength[a]
                    a += 1
                elif from_b:
                    total += second_strength[b]
                    b += 1
                else:
                    break
            indices[arcs] = column
            weights[arcs] = total
            arcs += 1
        indptr[row + 1] = arcs
    return arcs
