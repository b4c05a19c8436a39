"""How many RR sets to draw, and how much memory that takes.

Both follow from the graph and the options alone, never from the memory that happens to be
free, so that the same call draws the same samples on any machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.coverage import MOST_PARTS
from guanxi.algorithms.influence.models import CascadeModel, weighted_cascade
from guanxi.algorithms.influence.rr_kernel import BLOCK
from guanxi.algorithms.influence.rr_sets import Collection, Sampler
from guanxi.errors import ResourceError
from guanxi.graph.arrays import InfluenceGraph
from guanxi.memory import format_size

#: Selection sets where they are small, and where they are large.
MOST_SETS, LEAST_SETS = 3 << 18, 300 * BLOCK
#: Between the two, as many sets as have about this many members in all (1 GB with the index).
WANTED_MEMBERS = 1 << 27
#: The same for collections that are only looked at.
MOST_JUDGING, LEAST_JUDGING, WANTED_LOOKED_AT = 1 << 19, 1 << 17, 1 << 26
#: Without a limit of the user's, a run is planned to stay below this.
CEILING = 12 << 30
_PILOT_SETS = 8 * BLOCK
#: Working memory is counted for so many threads, however many there are.
_COUNTED_THREADS = 8
_BYTES_A_MEMBER = 8  # int32 in its set and int32 in the index
_BYTES_A_SET = 24  # offsets, ends while they are joined, marks, prices


@dataclass(frozen=True)
class SelectionPlan:
    """`sets` to draw for the choice, `bytes` that the whole run needs beside the graph.

    `most_members`: the draw is given up beyond this. `bytes_a_set`: what each set more would
    need. `notes`: what the user should know.
    """

    sets: int
    bytes: int
    most_members: int
    bytes_a_set: float
    notes: list[str]


def set_sizes(sampler: Sampler) -> tuple[float, float]:
    """Mean size of RR sets, and a value that it hardly exceeds, from a small collection.

    1 and 1 where there are no accounts. Also fits the tasks of the sampler to the size.
    """
    if sampler.n == 0:
        return 1.0, 1.0
    sampler.chunk = BLOCK
    ends = sampler.map(Collection.PILOT, _PILOT_SETS, lambda chunk: chunk.ends)
    sizes = np.concatenate([np.diff(end, prepend=0) for end in ends])
    mean = float(sizes.mean())
    sampler.expect(mean)
    return mean, mean + 4.0 * float(sizes.std()) / float(np.sqrt(len(sizes)))


def usual_sets(mean: float) -> int:
    """How many selection sets are drawn unless a number or a limit is given."""
    return _between(LEAST_SETS, WANTED_MEMBERS / mean, MOST_SETS)


def judging_sets(sampler: Sampler, mean: float | None = None) -> int:
    """How many RR sets to draw where they are only looked at."""
    mean = set_sizes(sampler)[0] if mean is None else mean
    return _between(LEAST_JUDGING, WANTED_LOOKED_AT / mean, MOST_JUDGING)


def plan_selection(
    sampler: Sampler,
    model: CascadeModel,
    sizes: tuple[float, float],
    selection_sets: int | None = None,
    memory_limit: int | None = None,
) -> SelectionPlan:
    """Plan the selection collection; `sizes` from :func:`set_sizes`.

    Raises ResourceError where not even one block of RR sets fits into `memory_limit` bytes, and
    where so many are asked for that they exceed `CEILING` and no limit says otherwise.
    """
    mean, most = sizes
    wanted = selection_sets or usual_sets(mean)
    a_set = _BYTES_A_MEMBER * most + _BYTES_A_SET
    scratch = _COUNTED_THREADS * 8 * most * sampler.chunk
    fixed = _fixed_bytes(model) + scratch + (20 + 8 * MOST_PARTS) * sampler.n
    limit = CEILING if memory_limit is None else memory_limit
    affordable = int((limit - fixed) // a_set)
    notes = []
    sets = wanted
    if affordable < wanted:
        sets = affordable // BLOCK * BLOCK
        needed = format_size(fixed + a_set * max(wanted, BLOCK))
        if selection_sets is not None and memory_limit is None and sets >= BLOCK:
            raise ResourceError(
                f"{wanted:,} samples would need about {needed} of memory, and without --memory "
                f"guanxi takes {format_size(limit)} at most, in which {sets:,} fit. Ask for fewer "
                "samples, or allow more with --memory."
            )
        if sets < BLOCK:
            least = format_size(fixed + a_set * BLOCK)
            raise ResourceError(
                f"Choosing seeds needs about {needed} of memory ({least} at the very least), and "
                f"the limit is {format_size(limit)}. Raise --memory."
            )
        notes.append(
            f"{sets:,} RR sets for the choice instead of {wanted:,}, which would need about "
            f"{needed} of memory; the limit is {format_size(limit)}."
        )
    most_members = int((limit - fixed - _BYTES_A_SET * sets) // _BYTES_A_MEMBER)
    return SelectionPlan(sets, int(fixed + a_set * sets), most_members, a_set, notes)


def grown_judging(default: int, sets: int, usual: int) -> int:
    """RR sets that judge a choice among `sets`, in proportion where they exceed the `usual`."""
    return default if sets <= usual else default * sets // usual // BLOCK * BLOCK


def doublings(plan: SelectionPlan, memory_limit: int | None) -> int:
    """How often the selection sets of a plan can be doubled within the memory allowed."""
    limit = CEILING if memory_limit is None else memory_limit
    affordable = plan.sets + max(0.0, limit - plan.bytes) / plan.bytes_a_set
    return int(np.log2(affordable / plan.sets))


def estimate_memory(
    graph: InfluenceGraph | CascadeModel,
    *,
    selection_sets: int | None = None,
    seed: int = 0,
    threads: int | None = None,
) -> int:
    """Bytes that `select_seeds` will need at its peak, beside the graph itself.

    Draws 8,192 RR sets to see how large they are.
    """
    model = graph if isinstance(graph, CascadeModel) else weighted_cascade(graph)
    sampler = Sampler(model, seed, threads)
    return plan_selection(sampler, model, set_sizes(sampler), selection_sets).bytes


def check_streaming(model: CascadeModel, memory_limit: int | None) -> None:
    """Raise ResourceError where drawing RR sets without keeping them exceeds the limit."""
    needed = _fixed_bytes(model)
    if memory_limit is not None and needed > memory_limit:
        raise ResourceError(
            f"Measuring reach needs about {format_size(needed)} of memory, and the limit is "
            f"{format_size(memory_limit)}. Raise --memory."
        )


def _fixed_bytes(model: CascadeModel) -> int:
    """The model, its sampling tables, lookups of lists, and the scratch of the threads."""
    n, m = model.graph.n, model.graph.m
    tables = 12 * m if model.graph.into.weights is not None else 0
    return tables + 56 * n + _COUNTED_THREADS * (2 * n + (1 << 20))


def _between(least: int, wanted: float, most: int) -> int:
    """`wanted`, in whole blocks, kept between `least` and `most`."""
    return int(min(max(least, wanted // BLOCK * BLOCK), most))
