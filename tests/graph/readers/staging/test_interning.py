import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.graph.arrays import TextColumn
from guanxi.graph.readers.interning import CONTROL, EMPTY, TOO_LONG, Interner
from guanxi.graph.readers.sorting import byte_order
from guanxi.graph.readers.text import ready

LONGEST = 20
ids = st.one_of(
    st.text(st.sampled_from("ab0关\x01\n\x7f\x85"), max_size=9),
    st.text(st.sampled_from("ab"), min_size=6, max_size=26),
)
batches = st.lists(st.lists(ids, max_size=12), max_size=4)


def control(text: str, lines_allowed: bool) -> bool:
    allowed = "\t\n\r" if lines_allowed else ""
    return any((ord(c) < 32 or 127 <= ord(c) < 160) and c not in allowed for c in text)


def reference(
    batches: list[list[str]], lines_allowed: bool
) -> tuple[list[list[int]], dict[str, int]]:
    known: dict[str, int] = {}
    codes = []
    for batch in batches:
        codes.append([])
        for text in batch:
            if not text:
                codes[-1].append(EMPTY)
            elif len(text.encode()) > LONGEST:
                codes[-1].append(TOO_LONG)
            elif control(text, lines_allowed):
                codes[-1].append(CONTROL)
            else:
                codes[-1].append(known.setdefault(text, len(known)))
    return codes, known


@given(batches, st.booleans())
def test_codes_are_those_of_a_dict(batches: list[list[str]], lines_allowed: bool) -> None:
    interner = Interner(LONGEST, lines_allowed)
    found = [interner.codes(ready(TextColumn.from_strings(batch))).tolist() for batch in batches]
    expected, known = reference(batches, lines_allowed)
    assert found == expected
    assert len(interner) == len(known)
    assert interner.texts().to_strings() == list(known)


@pytest.mark.parametrize("form", ["{}", "user{:09d}", "a-very-long-prefix-of-ids-{}", "{}关"])
def test_growing_keeps_every_code(form: str) -> None:
    texts = [form.format(number) for number in range(20_000)]
    rng = np.random.default_rng(1)
    rows = rng.integers(0, len(texts), 50_000)
    interner = Interner(256)
    codes = interner.codes(ready(TextColumn.from_strings([texts[row] for row in rows])))
    again = interner.codes(ready(TextColumn.from_strings([texts[row] for row in rows])))
    known: dict[int, int] = {}
    assert codes.tolist() == [known.setdefault(row, len(known)) for row in rows.tolist()]
    assert again.tolist() == codes.tolist()


def test_a_text_larger_than_the_pool_fits() -> None:
    interner = Interner(10**9, lines_allowed=True)
    text = "x" * 300_000
    assert interner.codes(ready(TextColumn.from_strings(["a", text, text]))).tolist() == [0, 1, 1]
    assert interner.texts().to_strings() == ["a", text]


@given(st.sets(st.text(st.sampled_from("ab\x01关é\U0001f600"), max_size=20), max_size=30))
def test_byte_order_sorts_by_bytes(texts: set[str]) -> None:
    # Shared prefixes of more than 8 bytes need several rounds.
    values = [*texts, *("prefix-of-ids-" + text for text in texts)]
    values = list(dict.fromkeys(values))
    order = byte_order(TextColumn.from_strings(values))
    assert [values[row] for row in order] == sorted(values, key=str.encode)
