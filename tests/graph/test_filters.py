"""Conditions: what they select, what they refuse, and that nothing else ever comes out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import FilterError, SnapshotError
from guanxi.graph.filters import Condition, parse_condition, parse_formula

COLUMNS = {
    "id": "text",
    "city": "text",
    "price": "number",
    "粉丝数": "number",
    "opted_out": "boolean",
    "since": "date",
    "my city": "text",
    "select": "text",
}
ROWS = [
    # id, city, price, 粉丝数, opted_out, since, my city, select
    ("a", "Shanghai", 100.0, 5.0, False, "2024-05-01", "x", "s1"),
    ("b", "Beijing", 250.5, 50.0, True, "2024-06-01 12:30", "y", "s2"),
    ("c", None, None, 500.0, None, None, None, None),
    ("d", "上海", 0.0, None, False, "2023-12-31 23:59:59.000001", "it's", "100%"),
    ("e", "shanghai", -3.0, 5.0, True, "2024-05-01 00:00:00.000001", "X", "100"),
]


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("it's here") / "accounts.parquet"
    connection = duckdb.connect()
    connection.execute(
        'CREATE TABLE a (id VARCHAR, city VARCHAR, price DOUBLE, "粉丝数" DOUBLE, '
        'opted_out BOOLEAN, since TIMESTAMP, "my city" VARCHAR, "select" VARCHAR)'
    )
    connection.executemany("INSERT INTO a VALUES (?, ?, ?, ?, ?, ?, ?, ?)", ROWS)
    connection.execute(f"COPY a TO '{str(path).replace(chr(39), chr(39) * 2)}'")
    return path


def chosen(accounts: Path, text: str) -> str:
    mask = parse_condition(text, COLUMNS).select(accounts)
    assert mask.dtype == np.bool_
    assert len(mask) == len(ROWS)
    return "".join(row[0] for row, hit in zip(ROWS, mask.tolist(), strict=True) if hit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("city = 'Shanghai'", "a"),
        ("city == 'Shanghai'", "a"),
        ("CITY = 'Shanghai'", "a"),
        ("city != 'Shanghai'", "bde"),
        ("city <> 'Shanghai'", "bde"),
        ("lower(city) = 'shanghai'", "ae"),
        ("upper(city) in ('SHANGHAI', '上海')", "ade"),
        ("city not in ('Shanghai', '上海')", "be"),
        ("city like '%hai'", "ae"),
        ("city like '__'", "d"),
        ("city not like 'S%'", "bde"),
        ("city ilike 's%'", "ae"),
        ("city not ilike 's%'", "bd"),
        ("city is null", "c"),
        ("city is not null", "abde"),
        ("length(city) > 7", "ae"),
        ("contains(city, 'ing')", "b"),
        ("starts_with(city, '上')", "d"),
        ("price > 100", "b"),
        ("price >= 100", "ab"),
        ("price < 0", "e"),
        ("price <= 0", "de"),
        ("price between -3 and 100", "ade"),
        ("price not between 0 and 100", "be"),
        ("price = 250.5", "b"),
        ("price in (0, 1e2)", "ad"),
        ("-price > 2", "e"),
        ("abs(price) = 3", "e"),
        ("round(price) = 251", "b"),
        ("round(price / 1000, 2) = 0.25", "b"),
        ("price * 2 + 1 - 1 = 200", "a"),
        ("price + 粉丝数 * 2 = 110", "a"),
        ("(price + 粉丝数) * 2 = 210", "a"),
        ("粉丝数 / price > 0", "ab"),
        ("price / 0 > 0 or price / 0 <= 0", ""),
        ("coalesce(price, 7) = 7", "c"),
        ("opted_out", "be"),
        ("not opted_out", "ad"),
        ("opted_out = true", "be"),
        ("opted_out != true", "ad"),
        ("opted_out is not true", "acd"),
        ("not coalesce(opted_out, false)", "acd"),
        ("since > '2024-05-01'", "be"),
        ("since >= '2024-05-01' and since < '2024-05-02'", "ae"),
        ("since = date '2024-05-01'", "a"),
        ("since = '2024-06-01T20:30:00+08:00'", "b"),
        ("since < '2024-01-01'", "d"),
        ("since between '2024-05-01' and '2024-06-01'", "ae"),
        ("\"my city\" = 'it''s'", "d"),
        ("\"select\" like '100\\%'", ""),
        ("city = 'Shanghai' or city = 'Beijing' and opted_out", "ab"),
        ("(city = 'Shanghai' or city = 'Beijing') and opted_out", "b"),
        ("not city = 'Shanghai' and not opted_out", "d"),
        ("true", "abcde"),
        ("1 > 2", ""),
        ("city = '' or id = 'c' -- a remark", "c"),
    ],
)
def test_selects(accounts: Path, text: str, expected: str) -> None:
    assert chosen(accounts, text) == expected


def test_arrays_beside_the_file(accounts: Path) -> None:
    condition = parse_condition("pagerank > 0.1 and price >= 0", {**COLUMNS, "pagerank": "number"})
    ranks = np.array([0.5, 0.05, 0.5, 0.2, 0.3])
    assert condition.select(accounts, {"pagerank": ranks}).tolist() == [
        True,
        False,
        False,
        True,
        False,
    ]
    ranks[0] = np.nan  # nothing there, and no number larger than all others
    assert condition.select(accounts, {"pagerank": ranks})[0] is np.False_


def test_formulas(accounts: Path) -> None:
    def values(text: str) -> list[float | None]:
        found = parse_formula(text, {**COLUMNS, "score": "number"}).values(
            accounts, {"score": np.arange(5.0)}
        )
        return [None if np.isnan(value) else value for value in found.tolist()]

    assert values("price") == [100, 250.5, None, 0, -3]
    assert values("0.5 * 粉丝数 + score") == [2.5, 26, 252, None, 6.5]
    assert values("coalesce(price, 7) / score") == [None, 250.5, 3.5, 0, -0.75]
    assert values("3") == [3] * 5
    with pytest.raises(FilterError, match="city is a text, not a number"):
        values("city")
    with pytest.raises(FilterError, match="not a number"):
        values("price > 3")
    with pytest.raises(FilterError, match="is called prise"):
        values("prise * 2")
    with pytest.raises(FilterError, match="is called 报价: did you mean price\\?"):
        values("报价 * 2")


def test_a_boolean_that_others_know_better(accounts: Path) -> None:
    now = np.array([True, False, False, False, True])
    for text, expected in (("opted_out", "ae"), ("not opted_out", "bd")):
        mask = parse_condition(text, COLUMNS).select(accounts, {"opted_out": now})
        assert "".join(np.array(list("abcde"))[mask]) == expected  # c: still nothing known


def test_order_of_rows_survives_many_row_groups(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    duckdb.connect().execute(
        f"COPY (SELECT range::DOUBLE AS price FROM range(300000)) TO '{path}' (ROW_GROUP_SIZE 5000)"
    )
    mask = parse_condition("price / 3 = round(price / 3)", {"price": "number"}).select(
        path, threads=4
    )
    assert np.array_equal(mask, np.arange(300_000) % 3 == 0)


@pytest.mark.parametrize(
    ("stored", "hits"), [("TIMESTAMP", 1), ("TIMESTAMPTZ", 1), ("DATE", 1), ("BIGINT", 1)]
)
def test_dates_however_they_are_stored(tmp_path: Path, stored: str, hits: int) -> None:
    path = tmp_path / "accounts.parquet"
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'Asia/Shanghai'")
    moment = "TIMESTAMP '2024-05-01'"
    value = {
        "TIMESTAMP": moment,
        "TIMESTAMPTZ": f"make_timestamptz(epoch_us({moment}))",
        "DATE": f"CAST({moment} AS DATE)",
        "BIGINT": f"epoch_us({moment})",
    }[stored]
    connection.execute(f"COPY (SELECT {value} AS since) TO '{path}'")
    for text, expected in [("since = '2024-05-01'", True), ("since > '2024-05-01'", False)]:
        assert parse_condition(text, {"since": "date"}).select(path).tolist() == [expected]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("citty = 'x'", "did you mean city"),
        ("nonsense = 'x'", "there are id, city, price"),
        ('city = "Shanghai"', "texts stand in single quotes, 'Shanghai'"),
        ("城市＝‘上海’", "full-width signs"),
        ("city = 5", "write the number as a text, '5'"),
        ("price = '5'", "without quotes"),
        ("opted_out = 'true'", "true or false, without quotes"),
        ("opted_out = 1", "true or false"),
        ("opted_out > false", "no order"),
        ("since > 5", "write a date like '2024-05-01'"),
        ("since > 'yesterday'", "'yesterday' is no date"),
        ("since > '2024-02-30'", "is no date"),
        ("since > '0001-01-01T00:00+14:00'", "is no date"),
        ("price + since > 5", "+ takes a number, and since is a date"),
        ("lower(price) = 'x'", "lower() takes a text, and price is a number"),
        ("price like '1%'", "like takes a text"),
        ("not price", "not takes true or false"),
        ("city and opted_out", "and takes true or false, and city is a text"),
        ("coalesce(price, 'x') = 'x'", "price is a number and 'x' is a text"),
        ("round(price, 2.5) = 1", "whole number from 0 to 15"),
        ("round(price, 1, 1) = 1", "round()"),
        ("city = null", "is null"),
        ("city is 'x'", "null, true or false"),
        ("price is true", "is takes true or false"),
        ("price", "not a condition"),
        ("1e999 > price", "too large"),
        ("city in (select id from accounts)", "Subqueries are not allowed"),
        ("city in ('a', (select 'b'))", "Subqueries are not allowed"),
        ("exists (select 1)", "Subqueries are not allowed"),
        ("price > (select max(price) from accounts)", "Subqueries are not allowed"),
        ("city in id", "list of values"),
        ("city in ()", "empty"),
        ("city like any ('a', 'b')", "not allowed"),
        ("price between symmetric 1 and 2", "between symmetric"),
        ("city ~ 'a'", "regular expressions"),
        ("city similar to 'a'", "similar to"),
        ("city || 'x' = 'y'", "||"),
        ("price % 2 = 0", "%"),
        ("price // 2 = 0", "//"),
        ("price ** 2 = 0", "powers"),
        ("price & 1 = 0", "bitwise and"),
        ("case when opted_out then true end", "use case."),
        ("accounts.city = 'x'", "dot"),
        ("city = ?", "parameters"),
        ("city = $1", "parameters"),
        ("read_csv('/etc/passwd') = 'x'", "read_csv()"),
        ("getenv('HOME') = 'x'", "getenv()"),
        ("count(*) > 1", "aggregates"),
        ("sum(price) over () > 1", "window"),
        ("price::text = '5'", "only to a date"),
        ("cast(since as date) = '2024-05-01'", "Only a text can be cast"),
        ("try_cast('x' as date) = since", "try_cast"),
        ("city = 'a' 'b'", "texts side by side"),
        ("city = e'\\n'", "single quotes"),
        ("city = 'x", "every quote closed"),
        ("city = 'x'; drop table accounts", "cannot be understood"),
        ("opted_out; opted_out", "One condition"),
        ("city = ", "cannot be understood at ="),
        ("rank < 60,000", r"at 60,000. It has a comma: write 60000 or 60.000."),
        ("rank in (1,5) and 0,5 < rank", r"at 0,5. It has a comma: write 0.5."),
        ("rank in (1,5", "at 5 (character 12). Write it like"),
        ("rank not IN 1,5", "at , (character 14). Write it like"),
        ("select = 'x'", "double quotes"),
        ("city = 'x' limit 5", "limit"),
        ("city is not distinct from 'x'", "distinct"),
        ("price = 1\0", "NUL"),
        ("city = '\udc80'", "UTF-8"),
        ("(" * 30 + "opted_out" + ")" * 30, "too deeply"),
        ("(" * 3000 + "opted_out" + ")" * 3000, "too deeply"),
        ("not " * 3000 + "opted_out", "too deeply"),
        ("price" + " + 1" * 3000 + " > 1", "too deeply"),
        ("city = '" + "x" * 20_000 + "'", "20,000"),
    ],
)
def test_refuses(text: str, said: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse_condition(text, COLUMNS)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 400


def test_ambiguous_case_is_not_guessed() -> None:
    assert parse_condition("A = 'x'", {"a": "text", "A": "text"}).columns == {"A": "text"}
    with pytest.raises(FilterError, match="No column"):
        parse_condition("Ab = 'x'", {"ab": "text", "AB": "text"})


def test_a_function_name_that_is_a_column() -> None:
    with pytest.raises(FilterError, match="If you mean the column"):
        parse_condition("current_date > '2024-01-01'", {"current_date": "date"})
    assert parse_condition("\"current_date\" > '2024-01-01'", {"current_date": "date"})


def test_long_chains_are_one_level(accounts: Path) -> None:
    terms = " or ".join(f"price = {number}" for number in range(500))
    assert chosen(accounts, terms) == "ad"


def test_quotes_in_names_and_texts(tmp_path: Path) -> None:
    path = tmp_path / "accounts.parquet"
    duckdb.connect().execute(f"COPY (SELECT 'x''); --' AS \"a\"\"b\") TO '{path}'")
    condition = parse_condition("\"a\"\"b\" = 'x''); --'", {'a"b': "text"})
    assert condition.select(path).tolist() == [True]


def test_the_file_and_nothing_else(accounts: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a\n1\n")
    forged = Condition(f"EXISTS (SELECT 1 FROM read_csv('{other}'))", "forged", {})
    with pytest.raises(SnapshotError, match="Cannot access file"):
        forged.select(accounts)


def test_a_missing_file_and_a_missing_column(tmp_path: Path, accounts: Path) -> None:
    condition = parse_condition("city = 'x'", COLUMNS)
    with pytest.raises(SnapshotError):
        condition.select(tmp_path / "nothing.parquet")
    with pytest.raises(FilterError, match="cannot be computed"):
        parse_condition("shoe = 'x'", {"shoe": "text"}).select(accounts)


VOCABULARY = """
city price 粉丝数 opted_out since "my 'x' '2024-05-01' 1 -2.5 1e3 null true false and or not in
between like ilike is ( ) , = != < >= + - * / lower( abs( round( coalesce( contains( cast( as
date :: ; select from where exists case when then end . [ ] { } -> || % ? $1 @ # -- /* */ '' " '
e'x' $$ distinct any( unknown_thing array[
"""
WORDS = st.sampled_from(VOCABULARY.split())


@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=14).map(" ".join)))
def test_anything_is_a_condition_or_a_filter_error(text: str) -> None:
    try:
        condition = parse_condition(text, COLUMNS)
    except FilterError:
        return
    again = parse_condition(condition.text, COLUMNS)
    assert (again.sql, again.text, again.columns) == (
        condition.sql,
        condition.text,
        condition.columns,
    )


NUMBERS = st.recursive(
    st.sampled_from(["price", "粉丝数", "3", "0", "-2.5", "length(city)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map(lambda part: f"abs({part})"),
        inner.map(lambda part: f"- {part}"),
        st.tuples(inner, inner).map(lambda parts: f"coalesce({', '.join(parts)})"),
    ),
    max_leaves=5,
)
TEXTS = st.sampled_from(["city", '"my city"', "'Shanghai'", "lower(city)", "id", "''"])
CONDITIONS = st.recursive(
    st.one_of(
        st.tuples(NUMBERS, st.sampled_from(["=", "!=", "<", ">="]), NUMBERS).map(" ".join),
        st.tuples(TEXTS, st.sampled_from(["=", "<", "like", "not ilike"]), TEXTS).map(" ".join),
        st.tuples(TEXTS, TEXTS, TEXTS).map(lambda parts: "{} not in ({}, {})".format(*parts)),
        st.tuples(NUMBERS, NUMBERS, NUMBERS).map(lambda p: "{} between {} and {}".format(*p)),
        NUMBERS.map(lambda part: f"{part} is not null"),
        st.just("opted_out is not true"),
        st.just("since > '2024-05-01'"),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda part: f"not {part}"),
        inner.map(lambda part: f"({part})"),
    ),
    max_leaves=6,
)


@given(CONDITIONS)
def test_what_is_accepted_can_be_computed_and_says_itself(accounts: Path, text: str) -> None:
    condition = parse_condition(text, COLUMNS)
    mask = condition.select(accounts)
    again = parse_condition(condition.text, COLUMNS)
    assert again == condition
    opposite = parse_condition(f"not coalesce({condition.text}, false)", COLUMNS)
    assert np.array_equal(opposite.select(accounts), ~mask)


def test_a_file_by_a_relative_path_from_two_folders(
    accounts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    condition = parse_condition("city = 'Shanghai'", COLUMNS)
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        Path("accounts.parquet").write_bytes(accounts.read_bytes())
        assert condition.select(Path("accounts.parquet")).tolist()[0] is True
