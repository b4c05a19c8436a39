from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from guanxi.algorithms.influence.certificate import (
    Shares,
    certify,
    least_met,
    lower_reach,
    upper_reach,
)


def test_bounds_by_hand() -> None:
    assert upper_reach(1000, 1000, 1000, 0.001) == 1000.0
    assert upper_reach(999, 1000, 1000, 0.001) == pytest.approx(1000 - 0.001)
    assert upper_reach(1200, 1000, 1000, 0.001) == 1000.0  # a bound on sets may be above all
    assert lower_reach(0, 1000, 1000, 0.001) == 0.0
    assert lower_reach(1, 1000, 1000, 0.001) == pytest.approx(0.001)
    assert lower_reach(2, 1000, 1000, 0.6) < upper_reach(2, 1000, 1000, 0.6)


@pytest.mark.parametrize("sets", [40, 1000, 10**6])
@pytest.mark.parametrize("failure", [0.05, 0.0001])
def test_bounds_are_a_little_outside_the_exact_ones(sets: int, failure: float) -> None:
    """Clopper and Pearson's limits solve the binomial tails for the chance itself."""
    for met in sorted({2, 3, sets // 20, sets // 2, sets - 2}):
        low = stats.beta.ppf(failure, met, sets - met + 1)
        high = stats.beta.ppf(1 - failure, met + 1, sets - met)
        width = high - low
        assert low - 0.3 * width <= lower_reach(met, sets, 1.0, failure) <= low
        assert high <= upper_reach(met, sets, 1.0, failure) <= high + 0.3 * width


def test_bounds_hold_for_events_with_different_chances() -> None:
    """Half of the sets are met surely: what the other half does scatters less."""
    met = 2000 + np.random.default_rng(2).binomial(2000, 0.1, 20_000)
    lower = np.array([lower_reach(m, 4000, 1000, 0.05) for m in range(met.max() + 1)])
    assert (lower[met] > 550).mean() <= 0.05


@pytest.mark.parametrize("share", [0.0005, 0.02, 0.4])
def test_bounds_fail_no_more_often_than_they_say(share: float) -> None:
    met = np.random.default_rng(1).binomial(4000, share, 20_000)
    truth = 1000 * share
    lower = np.array([lower_reach(m, 4000, 1000, 0.05) for m in range(met.max() + 1)])
    upper = np.array([upper_reach(m, 4000, 1000, 0.05) for m in range(met.max() + 1)])
    assert (lower[met] > truth).mean() <= 0.05
    assert (upper[met] < truth).mean() <= 0.05


def test_each_parameter_of_the_certificate_counts() -> None:
    base = {
        "met": 5000,
        "judging_sets": 50_000,
        "bound": 11_000,
        "selection_sets": 100_000,
        "total": 10_000,
        "certain": 10,
    }
    once = Shares(0.001)

    def ratio(shares: Shares = once, **changed: float) -> float:
        return certify(shares=shares, **(base | changed)).ratio  # type: ignore[arg-type]

    assert 0.8 < ratio() < 5000 / 50_000 / (11_000 / 100_000)
    assert ratio(met=5100) > ratio()
    assert ratio(judging_sets=60_000) < ratio()
    assert ratio(bound=11_500) < ratio()
    assert ratio(selection_sets=110_000) > ratio()
    assert ratio(Shares(0.001, lists=5)) < ratio()
    assert ratio(Shares(0.001, instances=5)) < ratio()
    assert ratio(Shares(0.001, looks=5)) < ratio(Shares(0.001, lists=5))
    assert ratio(Shares(0.1)) > ratio()
    assert ratio(certain=2000) > ratio()  # a list reaches at least itself
    assert ratio(total=1000, certain=900) == pytest.approx(1.0)
    found = certify(shares=once, **base)
    assert found.ratio == found.lower / found.upper
    assert found.failure_probability == 0.001


@pytest.mark.parametrize("failure", [0.5, 0.001, 1e-9])
def test_least_met_is_the_inverse_of_the_upper_bound(failure: float) -> None:
    for bound in (0, 1, 17, 4000, 90_000):
        target = upper_reach(bound, 10**5, 10**4, failure)
        assert least_met(target, 10**5, 10**4, failure) == bound
        assert least_met(target + 0.01, 10**5, 10**4, failure) == bound + 1 or bound == 0
    assert least_met(0.0, 10**5, 10**4, failure) == 0
