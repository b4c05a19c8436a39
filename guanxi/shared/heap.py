"""A binary heap in two arrays, for kernels: largest key on top, equal keys by smaller id."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from guanxi.kernels import inline

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]


@inline
def heap_before(key: Any, id: Any, other_key: Any, other_id: Any) -> Any:
    """Whether (key, id) stands above (other_key, other_id)."""
    return key > other_key or (key == other_key and id < other_id)


@inline
def sink(keys: Float64, ids: Int32, size: int, place: int) -> None:
    """Move the entry at `place` down until no entry below it should stand above it."""
    key, id = keys[place], ids[place]
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        right = child + 1
        if right < size and heap_before(keys[right], ids[right], keys[child], ids[child]):
            child = right
        if not heap_before(keys[child], ids[child], key, id):
            break
        keys[place], ids[place] = keys[child], ids[child]
        place = child
    keys[place], ids[place] = key, id
