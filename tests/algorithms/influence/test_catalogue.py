from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from guanxi.algorithms.influence.catalogue import MODELS, ModelOptions, named_model
from guanxi.algorithms.influence.models import probabilities
from guanxi.errors import UsageError
from tests.algorithms.influence.exact import graph_of

FORK = [(0, 2, 3.0), (1, 2, 1.0)]


@pytest.mark.parametrize("name", MODELS)
def test_each_model_has_its_name_and_a_sentence(name: str) -> None:
    model = named_model(name, graph_of(3, FORK))
    assert model.name == name
    assert model.sentence.endswith(".")
    assert (model.name == "linear-threshold") == model.at_most_one


def test_options_reach_their_models() -> None:
    graph = graph_of(3, FORK)
    np.testing.assert_allclose(
        probabilities(named_model("weighted-cascade", graph))[0], [0.75, 0.25]
    )
    np.testing.assert_allclose(probabilities(named_model("uniform", graph))[0], 0.01)
    half = named_model("uniform", graph, ModelOptions(probability=0.5))
    np.testing.assert_allclose(probabilities(half)[0], 0.5)
    drawn = {
        tuple(probabilities(named_model("trivalency", graph, ModelOptions(seed=seed)))[0].tolist())
        for seed in range(20)
    }
    assert len(drawn) > 3


def test_unknown_names_are_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no model 'cascade'.*weighted-cascade, uniform"):
        named_model("cascade", graph_of(3, FORK))


def test_names_cost_no_compiler() -> None:
    code = "import sys, guanxi.algorithms.influence.catalogue as c; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
