import datetime as dt
import decimal
import hashlib

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from guanxi.errors import InputError
from guanxi.graph.readers.raw import Reject
from guanxi.graph.readers.sources import open_source

UTC = dt.UTC


@pytest.fixture
def parquet(tmp_path):
    def parquet(columns, name="f.parquet", **options):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        table = columns if isinstance(columns, pa.Table) else pa.table(columns)
        pq.write_table(table, path, **options)
        return path

    return parquet


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array(["007", None, "张三"]), ["007", "", "张三"]),
        (pa.array([7, None, 2**62]), ["7", "", str(2**62)]),
        (pa.array([2**64 - 1], pa.uint64()), [str(2**64 - 1)]),
        (pa.array([1.0, 2.5, None, float("nan")], from_pandas=False), ["1", "2.5", "", ""]),
        (pa.array([True, False, None]), ["true", "false", ""]),
        (pa.array([dt.date(2024, 2, 29)]), ["2024-02-29"]),
        (
            pa.array([dt.datetime(2024, 1, 2, 3, 4, 5, 6)], pa.timestamp("us")),
            ["2024-01-02T03:04:05.000006"],
        ),
        (
            pa.array([dt.datetime(2024, 1, 2, 3, tzinfo=UTC)], pa.timestamp("ms", "Asia/Tokyo")),
            ["2024-01-02T03:00:00.000000Z"],
        ),
        (pa.array([1], pa.timestamp("ns")), ["1970-01-01T00:00:00.000000"]),
        (pa.array([[1, 2], None, []]), ["[1,2]", "", "[]"]),
        (pa.array([{"k": "v"}]), ['{"k":"v"}']),
        (pa.array([decimal.Decimal("1.20")]), ["1.20"]),
        (pa.array([b"abc", None]), ["abc", ""]),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"]),
    ],
)
def test_every_type_as_text(parquet, texts, values, expected):
    assert texts(parquet({"c": values})) == [[text] for text in expected]


def test_rows_come_in_order_with_their_numbers(parquet, read):
    count = 300_000
    columns = {"a": [f"u{i}" for i in range(count)], "b": pa.array(range(count))}
    path = parquet(columns, row_group_size=70_000)
    rows, rejects, source = read(path)
    assert rejects == []
    assert rows == [(i + 1, [f"u{i}", str(i)]) for i in range(count)]
    assert (source.header, source.width) == (["a", "b"], 2)
    assert source.sample == [[f"u{i}", str(i)] for i in range(5)]
    assert source.bytes_done == source.bytes_total == path.stat().st_size
    assert source.content_hash == hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()


def test_values_that_are_no_text_or_not_exact_cost_their_row(parquet, read):
    path = parquet(
        {
            "b": [b"ok", b"\xff\xfe", b"ok", b"ok"],
            "f": [1.0, 2.0, 2.0**53, -1e300],
            "t": ["a\0b", "x", "y", "z"],
        }
    )
    rows, rejects, _ = read(path)
    assert rows == []
    assert rejects == [
        Reject(1, "t", "a NUL byte", "a\0b"),
        Reject(2, "b", "bytes that are not UTF-8", "\\xFF\\xFE"),
        Reject(3, "f", "a number so large that its last digits are lost", "9007199254740992.0"),
        Reject(4, "f", "a number so large that its last digits are lost", "-1e+300"),
    ]


def test_the_path_stands_for_itself(parquet, texts):
    parquet({"a": ["other"]}, "year=2024/x1.parquet")
    path = parquet({"a": ["this"], 'q"': ["that"]}, "year=2024/x[1]*.parquet")
    assert texts(path) == [["this", "that"]]


def test_names_are_told_apart_by_case_and_twins_are_an_error(parquet, read):
    one, two = pa.array(["1"]), pa.array(["2"])
    path = parquet(pa.Table.from_arrays([one, two], ["id", "ID"]))
    rows, _, source = read(path)
    assert (source.header, rows) == (["id", "ID"], [(1, ["1", "2"])])
    with pytest.raises(InputError, match="2 columns of the name 'id'"):
        open_source(parquet(pa.Table.from_arrays([one, two], ["id", "id"])))


def test_nested_columns_do_not_confuse_the_names(parquet, read):
    path = parquet({"s": [{"x": [1], "y": {"z": 2}}], "t": ["u"]})
    assert read(path)[2].header == ["s", "t"]


def test_an_empty_table_has_columns_and_no_rows(parquet, read):
    rows, rejects, source = read(parquet({"a": pa.array([], pa.string())}))
    assert (rows, rejects, source.header, source.sample) == ([], [], ["a"], [])


def test_damage_is_said_in_a_sentence(parquet, read):
    path = parquet({"a": [f"u{i}" for i in range(100_000)]})
    whole = path.read_bytes()
    for damaged in (whole[:-20], whole[:50], b"PAR1", whole[:1000] + bytes(500) + whole[1500:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"cannot be read as Parquet: .*\.$"):
            read(path)


def test_a_file_that_changes_is_an_error(parquet):
    path = parquet({"a": ["1"]})
    with open_source(path) as source:
        parquet({"a": ["1", "2"]})
        with pytest.raises(InputError, match="changed while it was read"):
            list(source.batches())


def test_nested_values_are_marked(parquet):
    path = parquet({"s": [{"x": 1}, None], "t": [[], [1]], "u": ["[1]", "{"]})
    with open_source(path) as source:
        (batch,) = source.batches()
        assert source.most_rows_left == 0
    assert {column: where.tolist() for column, where in batch.nested.items()} == {
        0: [True, False],
        1: [True, True],
    }
