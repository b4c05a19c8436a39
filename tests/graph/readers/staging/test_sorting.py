import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import ResourceError
from guanxi.graph.readers.sorting import group_starts, lexicographic_order

rows = st.lists(st.tuples(st.integers(0, 4), st.just(0), st.integers(0, 2)), max_size=30)


@given(rows)
def test_order_is_that_of_sorted_and_stable(values: list[tuple[int, int, int]]) -> None:
    keys = [np.array([row[k] for row in values], dtype=np.int32) for k in range(3)]
    order = lexicographic_order(keys, [5, 1, 3])
    assert order.tolist() == sorted(range(len(values)), key=lambda row: values[row])
    ordered = [values[row] for row in order.tolist()]
    starts = [i == 0 or ordered[i] != ordered[i - 1] for i in range(len(ordered))]
    assert group_starts(keys, order).tolist() == starts


def test_too_many_rows_are_refused() -> None:
    huge = np.broadcast_to(np.int32(0), 2**31)
    with pytest.raises(ResourceError, match="split"):
        lexicographic_order([huge], [1])
