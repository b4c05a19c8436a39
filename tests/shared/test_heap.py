from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from guanxi.kernels import kernel
from guanxi.shared.heap import sink


@kernel
def drain(keys: npt.NDArray[np.float64], ids: npt.NDArray[np.int32]) -> None:
    """Heap sort: the entries in the order in which they leave the heap, reversed."""
    size = len(ids)
    for place in range(size // 2 - 1, -1, -1):
        sink(keys, ids, size, place)
    while size > 1:
        size -= 1
        keys[0], keys[size] = keys[size], keys[0]
        ids[0], ids[size] = ids[size], ids[0]
        sink(keys, ids, size, 0)


@given(st.lists(st.integers(0, 5)))
def test_largest_key_first_and_equal_keys_by_id(numbers: list[int]) -> None:
    keys = np.array(numbers, dtype=np.float64)
    ids = np.random.default_rng(0).permutation(len(numbers)).astype(np.int32)
    expected = sorted(zip((-keys).tolist(), ids.tolist(), strict=True))
    drain(keys, ids)
    found = list(zip((-keys[::-1]).tolist(), ids[::-1].tolist(), strict=True))
    assert found == expected
