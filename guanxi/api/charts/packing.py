"""Circles side by side: the more two belong together, the nearer they lie."""

from __future__ import annotations

import math

import numpy as np

from guanxi.graph.arrays import Float64

_ANGLES = 36
#: How much wider than high the whole should be.
_ASPECT = 2.2


def pack_circles(radii: Float64, together: Float64, gap: float = 4.0) -> Float64:
    """float64[n, 2]: centres of circles that do not touch; the first one lies at the origin.

    Each circle in turn is laid against one that is placed already, where it is nearest to
    those it belongs to and to the middle. `together`: float64[n, n], symmetric, at least 0.
    The same input gives the same picture.
    """
    n = len(radii)
    centres = np.zeros((n, 2))
    turns = np.arange(_ANGLES) * (2 * math.pi / _ANGLES)
    around = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    for place in range(1, n):
        placed, sizes = centres[:place], radii[:place]
        reach = (sizes + radii[place] + gap)[:, None, None]
        offered = (placed[:, None, :] + reach * around).reshape(-1, 2)
        apart = np.linalg.norm(offered[:, None, :] - placed, axis=2)
        free = (apart >= sizes + radii[place] + gap * 0.99).all(axis=1)
        pull = together[place, :place] / max(float(together[place, :place].sum()), 1e-12)
        middle = np.hypot(offered[:, 0] / _ASPECT, offered[:, 1])
        cost = np.where(free, apart @ pull + 1.2 * middle, np.inf)
        centres[place] = offered[int(np.argmin(np.round(cost, 6)))]
    return centres
