from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guanxi.graph.arrays import NO_TIME, TextColumn
from guanxi.graph.schema import AccountColumn, ColumnType, StagedAccounts

Stage = Callable[..., Any]
shared_fixture = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def plain(column: AccountColumn) -> list[Any]:
    values = column.values
    listed = values.to_strings() if isinstance(values, TextColumn) else values.tolist()
    return [value if there else None for value, there in zip(listed, column.present, strict=True)]


def columns_of(staged: StagedAccounts) -> dict[str, tuple[ColumnType, list[Any]]]:
    return {column.name: (column.type, plain(column)) for column in staged.columns}


def infer(stage: Stage, *texts: str, name: str = "x") -> tuple[ColumnType, list[Any]]:
    rows = [(f"{number:03d}", text) for number, text in enumerate(texts)]
    return columns_of(stage("accounts", f"id,{name}", rows))[name]


def test_types_are_found_out(stage: Stage) -> None:
    assert infer(stage, "1", "-2.5", "", "1e3") == (ColumnType.NUMBER, [1, -2.5, None, 1000])
    assert infer(stage, "1", "x") == (ColumnType.TEXT, ["1", "x"])
    assert infer(stage, "true", "FALSE", "") == (ColumnType.BOOLEAN, [True, False, None])
    assert infer(stage, "是", "否", "Yes", "no") == (ColumnType.BOOLEAN, [True, False, True, False])
    assert infer(stage, "1", "0") == (ColumnType.NUMBER, [1, 0])
    assert infer(stage, "2024-01-01", "2024/1/1 8:00") == (
        ColumnType.DATE, [1704067200000000, 1704096000000000],
    )  # fmt: skip
    assert infer(stage, "2024-01-01", "5") == (ColumnType.TEXT, ["2024-01-01", "5"])


@pytest.mark.parametrize(
    "text", ["007", "-07", "+8613800000000", "00", "1234567890123456", "1e15", "13900000000x"]
)
def test_codes_stay_text(stage: Stage, text: str) -> None:
    assert infer(stage, "1", text) == (ColumnType.TEXT, ["1", text])


@pytest.mark.parametrize("name", ["phone", "home_phone", "referrer_id", "zip", "手机号", "qq"])
def test_columns_of_codes_stay_text(stage: Stage, name: str) -> None:
    assert infer(stage, "13800000000", name=name) == (ColumnType.TEXT, ["13800000000"])


def test_numbers_that_are_no_codes(stage: Stage) -> None:
    numbers = ["0", "-0.5", "0.5", "0e1", "100", "0.12345678901234567"]
    assert infer(stage, *numbers)[0] == ColumnType.NUMBER


def test_columns_that_guanxi_knows_have_fixed_types(stage: Stage) -> None:
    header = "id,name,platform,stage,price,followers_reported,opted_out"
    staged = stage("accounts", header, [("1", "2", "3", "4", "5", "6", "1")])
    text, number = ColumnType.TEXT, ColumnType.NUMBER
    assert columns_of(staged) == {
        "name": (text, ["2"]),
        "platform": (text, ["3"]),
        "stage": (text, ["4"]),
        "price": (number, [5]),
        "followers_reported": (number, [6]),
        "opted_out": (ColumnType.BOOLEAN, [True]),
    }
    for words, truth in ((["1", "y", "T", "是"], True), (["0", "n", "F", "No"], False)):
        found = stage("accounts", "id,opted_out", [(str(i), word) for i, word in enumerate(words)])
        assert columns_of(found)["opted_out"][1] == [truth] * 4


def test_misfits_are_rejected(stage: Stage) -> None:
    header = "id,price,opted_out,joined,age,score"
    known = {"joined": ColumnType.DATE, "age": ColumnType.NUMBER, "score": ColumnType.TEXT}
    bad = {
        ("b", "cheap", "", "", "", ""): ("price", "not a number"),
        ("k", "+1.200,5", "", "", "", ""): ("price", "number with a comma; write 60000 or 60.5"),
        ("c", "-5", "", "", "", ""): ("price", "negative number"),
        ("d", "1e999", "", "", "", ""): ("price", "number out of range"),
        ("e", "", "maybe", "", "", ""): ("opted_out", "not true or false"),
        ("f", "", "", "soon", "", ""): ("joined", "not a time"),
        ("g", "", "", "20240101", "", ""): ("joined", "could be a date or a number of seconds"),
        ("h", "", "", "", "old", ""): ("age", "not a number"),
        ("i", "", "", "", "", "x\x01"): ("score", "control character"),
        ("", "", "", "", "", ""): ("id", "empty id"),
    }
    rows = [("a", "1", "yes", "1704067200", "-3", "7"), *bad]
    staged = stage("accounts", header, rows, known_columns=known)
    examples = {line: (field, reason) for line, field, reason, _ in staged.summary.examples}
    assert [examples[line] for line in range(3, 13)] == list(bad.values())
    assert staged.ids.to_strings() == ["a"]
    assert columns_of(staged) == {
        "price": (ColumnType.NUMBER, [1]),
        "opted_out": (ColumnType.BOOLEAN, [True]),
        "joined": (ColumnType.DATE, [1704067200000000]),
        "age": (ColumnType.NUMBER, [-3]),
        "score": (ColumnType.TEXT, ["7"]),
    }
    # Without known columns the types are those of the values.
    free = columns_of(stage("accounts", "id,age,score", [("a", "old", "7")]))
    assert free == {"age": (ColumnType.TEXT, ["old"]), "score": (ColumnType.NUMBER, [7])}


def test_rejected_rows_have_no_say_in_the_types(stage: Stage) -> None:
    rows = [("a", "5", "1"), ("", "5", "text"), ("b", "bad", "text")]
    staged = stage("accounts", "id,price,x", rows)
    assert columns_of(staged)["x"] == (ColumnType.NUMBER, [1])


def test_rows_that_agree_are_merged(stage: Stage) -> None:
    rows = [("b", "Ann", "", "1.0"), ("a", "Bo", "", ""), ("b", "", "5", "1"), ("b", "Ann", "", "")]
    staged = stage("accounts", "id,name,price,x", rows)
    assert staged.ids.to_strings() == ["a", "b"]
    assert staged.account.tolist() == [0, 1]
    assert columns_of(staged) == {
        "name": (ColumnType.TEXT, ["Bo", "Ann"]),
        "price": (ColumnType.NUMBER, [None, 5]),
        "x": (ColumnType.NUMBER, [None, 1]),
    }
    assert (staged.summary.accepted, staged.summary.duplicates) == (4, 2)


def test_all_rows_that_disagree_are_rejected(stage: Stage) -> None:
    rows = [("a", "1", "x"), ("b", "1", "x"), ("a", "2", "x"), ("a", "", "x"), ("b", "1", "y")]
    staged = stage("accounts", "id,price,name", rows)
    assert len(staged.ids) == 0
    assert [(line, field, text) for line, field, _, text in staged.summary.examples] == [
        (2, "price", "1"), (3, "name", "x"), (4, "price", "2"), (5, "price", ""), (6, "name", "y"),
    ]  # fmt: skip
    assert staged.summary.reject_reasons == {"rows disagree": 5}


def test_an_empty_column_is_left_out(stage: Stage) -> None:
    staged = stage("accounts", "id,x,name", [("a", "", ""), ("b", " ", "")])
    assert columns_of(staged) == {}
    assert staged.summary.warnings == ["The column 'x' is empty and was left out."]
    assert staged.ids.to_strings() == ["a", "b"]


def test_texts_may_have_lines_but_no_other_control_characters(stage: Stage) -> None:
    staged = stage("accounts", "id,bio", [("a", "one\r\ntwo\tthree"), ("b", "x\x00y")])
    assert columns_of(staged)["bio"][1] == ["one\r\ntwo\tthree"]
    assert staged.summary.reject_reasons == {"control character": 1}


def test_absent_values_mean_nothing(stage: Stage) -> None:
    rows = [("a", "", "", "", ""), ("b", "x", "1", "true", "2024-01-01")]
    found = {c.name: c for c in stage("accounts", "id,t,n,b,d", rows).columns}
    assert found["t"].values.to_strings() == ["", "x"]
    assert found["n"].values.dtype == np.float64
    assert found["b"].values.dtype == np.bool_
    assert found["d"].values.tolist()[0] == NO_TIME
    assert not any(column.present[0] for column in found.values())


def test_dates_are_read_in_the_time_zone(stage: Stage) -> None:
    rows = [("a", "2024-01-01")]
    staged = stage("accounts", "id,joined", rows, timezone="+08:00")
    assert columns_of(staged)["joined"][1] == [1704067200000000 - 8 * 3600 * 1_000_000]
    assert staged.name != stage("accounts", "id,joined", rows).name


def test_zeros_are_the_same_whatever_their_sign(stage: Stage) -> None:
    for rows in ([("a", "0"), ("b", "-0")], [("a", "-0"), ("b", "0")]):
        (column,) = stage("accounts", "id,x", rows).columns
        assert np.signbit(column.values).tolist() == [False, False]


cells = st.tuples(
    st.sampled_from(["", "a", "b", "c", "d"]),
    st.sampled_from(["", "1", "1.0", "2", "x"]),
    st.sampled_from(["", "Shanghai", "北京"]),
    st.sampled_from(["", "yes", "0", "?"]),
)


@shared_fixture
@given(rows=st.lists(cells, min_size=1, max_size=15), data=st.data())
def test_the_order_of_rows_does_not_matter(
    stage: Stage, rows: list[tuple[str, ...]], data: st.DataObject
) -> None:
    header = "id,price,city,opted_out"
    staged = stage("accounts", header, rows)
    summary = staged.summary
    assert summary.rows == len(rows) == summary.accepted + summary.rejected
    assert summary.accepted == summary.duplicates + len(staged.ids)
    batch, shuffled = data.draw(st.integers(1, 9)), data.draw(st.permutations(rows))
    again = stage("accounts", header, shuffled, batch)
    assert again.ids.to_strings() == staged.ids.to_strings()
    assert columns_of(again) == columns_of(staged)
    assert again.summary.reject_reasons == summary.reject_reasons
    for found in (staged, again):
        assert columns_of(found) == merged(rows)


def merged(rows: list[tuple[str, ...]]) -> dict[str, tuple[ColumnType, list[Any]]]:
    """The same in plain Python."""
    truths = {"yes": True, "0": False}
    typed = [
        (i, float(p) if p else None, c or None, truths.get(o))
        for i, p, c, o in rows
        if i and p != "x" and o != "?"
    ]
    accounts = {}
    for name in sorted({row[0] for row in typed}):
        values = [{row[k] for row in typed if row[0] == name} - {None} for k in (1, 2, 3)]
        if all(len(found) <= 1 for found in values):
            accounts[name] = [next(iter(found), None) for found in values]
    kinds = (ColumnType.NUMBER, ColumnType.TEXT, ColumnType.BOOLEAN)
    names = ("price", "city", "opted_out")
    return {
        name: (kind, [account[k] for account in accounts.values()])
        for k, (name, kind) in enumerate(zip(names, kinds, strict=True))
        if any(row[k + 1] is not None for row in typed)
    }
