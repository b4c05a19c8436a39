from __future__ import annotations

from math import log

import numpy as np
import pytest

from guanxi.algorithms.influence.certificate import (
    Shares,
    certify,
    least_met,
    lower_reach,
    upper_reach,
)


def test_bounds_by_hand() -> None:
    a = log(1000)
    assert upper_reach(900, 1000, 1000, 0.001) == pytest.approx(1000.0)  # never above n
    by_hand = ((100 + a / 2) ** 0.5 + (a / 2) ** 0.5) ** 2
    assert upper_reach(100, 1000, 1000, 0.001) == pytest.approx(by_hand)
    by_hand = ((100 + 2 * a / 9) ** 0.5 - (a / 2) ** 0.5) ** 2 - a / 18
    assert lower_reach(100, 1000, 1000, 0.001) == pytest.approx(by_hand)
    assert lower_reach(0, 1000, 1000, 0.001) == 0.0
    assert lower_reach(1, 1000, 1000, 0.001) == 0.0


def test_bounds_are_the_solutions_of_the_tail_inequalities() -> None:
    """Upper: e^(-(x - B)² / 2x) = δ. Lower: e^(-(Λ - y)² / (2y + 2(Λ - y)/3)) = δ."""
    for met in (20, 500, 60_000):
        x = upper_reach(met, 10**6, 10**6, 0.001)
        assert (x - met) ** 2 / (2 * x) == pytest.approx(log(1000))
        y = lower_reach(met, 10**6, 10**6, 0.001)
        assert (met - y) ** 2 / (2 * y + 2 * (met - y) / 3) == pytest.approx(log(1000))


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
