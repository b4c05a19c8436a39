"""The diffusion models that can be asked for by name.

To add one: write a function from a graph to a `CascadeModel`, and an entry here. Importing
this module imports no numba, so names and sentences can be shown at no cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from guanxi.algorithms.influence.models import (
    CascadeModel,
    linear_threshold,
    uniform,
    weighted_cascade,
)
from guanxi.errors import UsageError
from guanxi.graph.arrays import InfluenceGraph


@dataclass(frozen=True)
class ModelOptions:
    """What some models need: `probability` of uniform, `seed` of those that draw lots."""

    probability: float = 0.01
    seed: int = 0


def _trivalency(graph: InfluenceGraph, options: ModelOptions) -> CascadeModel:
    from guanxi.algorithms.influence.trivalency import trivalency  # compiles a kernel

    return trivalency(graph, options.seed)


#: Each model by its name.
MODELS: dict[str, Callable[[InfluenceGraph, ModelOptions], CascadeModel]] = {
    "weighted-cascade": lambda graph, options: weighted_cascade(graph),
    "uniform": lambda graph, options: uniform(graph, options.probability),
    "trivalency": _trivalency,
    "linear-threshold": lambda graph, options: linear_threshold(graph),
}


def check_name(name: str) -> None:
    """Raise UsageError for a name that is not in `MODELS`."""
    if name not in MODELS:
        known = ", ".join(MODELS)
        raise UsageError(f"There is no model {name!r}; the models are {known}.")


def named_model(
    name: str, graph: InfluenceGraph, options: ModelOptions | None = None
) -> CascadeModel:
    """The model `name` on the influence arcs of `graph`.

    Raises UsageError for a name that is not in `MODELS`, and what the model raises.
    """
    check_name(name)
    return MODELS[name](graph, ModelOptions() if options is None else options)
