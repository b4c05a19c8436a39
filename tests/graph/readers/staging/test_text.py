import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guanxi.graph.arrays import TextColumn
from guanxi.graph.readers.text import ready, take, text_at, trimmed

texts = st.lists(st.text(st.sampled_from(" \ta'=-0é关"), max_size=6), max_size=20)


@given(texts)
def test_trimmed_takes_spaces_and_tabs_off_both_ends(values: list[str]) -> None:
    column = TextColumn.from_strings(values)
    assert trimmed(column).to_strings() == [value.strip(" \t") for value in values]
    assert column.to_strings() == values


@given(texts, st.data())
def test_take_packs_the_texts_in_order(values: list[str], data: st.DataObject) -> None:
    places = st.lists(st.integers(0, max(len(values) - 1, 0)), max_size=0 if not values else 9)
    rows = data.draw(places)
    taken = take(TextColumn.from_strings(values), np.array(rows, dtype=np.int32))
    assert taken.to_strings() == [values[row] for row in rows]
    assert taken.starts.tolist() == [0, *taken.ends.tolist()[:-1]][: len(rows)]


def test_ready_makes_arrays_that_kernels_know() -> None:
    column = ready(TextColumn(np.frombuffer(b"abcd", np.uint8), *np.array([[0, 2], [2, 4]])))
    assert column.data.flags.writeable
    assert column.starts.flags.c_contiguous
    assert text_at(column, 1) == "cd"
