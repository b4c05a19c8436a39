import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import UsageError
from guanxi.graph.readers.decoding import Decoder, encoding_name, guess_encoding
from guanxi.graph.readers.refusals import is_utf8


def decoded(raw, encoding=None, piece=3):
    decoder = Decoder("f", encoding)
    pieces = [raw[at : at + piece] for at in range(0, len(raw), piece)] or [b""]
    last = len(pieces) - 1
    text = b"".join(decoder.feed(part, number == last) for number, part in enumerate(pieces))
    return text, decoder.label


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030", "big5"])
@given(text=st.text(st.sampled_from("ab,\n中文關係é"), max_size=12), piece=st.integers(4, 9))
def test_a_named_encoding_is_decoded_wherever_it_is_cut(encoding, text, piece):
    text = text.encode(encoding, "ignore").decode(encoding)
    name = encoding_name(encoding)
    assert decoded(text.encode(encoding), name, piece)[0].decode() == text


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("中,1\n".encode("utf-8-sig"), "UTF-8 with mark"),
        ("中,1\n".encode(), "UTF-8"),
        (b"\xff\xfe" + "中,1\n".encode("utf-16-le"), "UTF-16 LE"),
        (b"\xfe\xff" + "中,1\n".encode("utf-16-be"), "UTF-16 BE"),
        (b"\xff\xfe\0\0" + "中,1\n".encode("utf-32-le"), "UTF-32 LE"),
        ("中,1\n".encode("gb18030"), "GB18030 (guessed)"),
    ],
)
def test_the_encoding_is_found_out_and_told(raw, label):
    assert decoded(raw, piece=len(raw)) == ("中,1\n".encode(), label)


def test_utf16_without_a_mark_is_little_endian_unless_named():
    assert decoded("中,1".encode("utf-16-le"), "utf-16")[0].decode() == "中,1"
    assert decoded(b"\xfe\xff" + "中,1".encode("utf-16-be"), "utf-16")[0].decode() == "中,1"
    assert decoded("中,1".encode("utf-32-le"), "utf-32")[0].decode() == "中,1"


def test_the_encoding_is_found_out_where_ascii_ends():
    raw = b"a,b\n" * 50 + "关注,者\n".encode("gb18030") + b"c,d\n"
    text, label = decoded(raw, piece=100)
    assert text.decode() == "a,b\n" * 50 + "关注,者\nc,d\n"
    assert label == "GB18030 (guessed)"


def test_one_damaged_line_does_not_change_the_encoding_of_the_others():
    lines = ["张三,李四\n".encode()] * 3
    assert guess_encoding(b"".join([*lines, b"\xe9\xe8,x\n"]), True) == "utf-8"
    assert guess_encoding("张三,李四\n".encode("gb18030") * 3, True) == "gb18030"
    assert guess_encoding(b"caf\xe9,x\n" * 3, True) == "utf-8"


def test_a_sample_may_end_within_a_character():
    raw = "中".encode("gb18030") * 3
    assert guess_encoding(raw[:-1], False) == "gb18030"
    assert guess_encoding("中国人".encode()[:-1], False) == "utf-8"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16-le", "utf-16-be", "utf-32-le", "ascii"])
@given(raw=st.binary(max_size=30), piece=st.integers(1, 9))
def test_bytes_that_are_no_text_become_no_utf8_and_nothing_else_does(encoding, raw, piece):
    try:
        expected = raw.decode(encoding).removeprefix("\ufeff").encode()
    except UnicodeDecodeError:
        assert not is_utf8(decoded(raw, encoding, piece)[0])
    else:
        assert decoded(raw, encoding, piece)[0] == expected


def test_gb2312_and_gbk_are_read_as_their_superset():
    assert encoding_name("GB2312") == encoding_name("gbk") == "gb18030"


@pytest.mark.parametrize("name", ["utf-9", "base64", "no\0", "rot13"])
def test_what_is_no_encoding_is_refused(name):
    with pytest.raises(UsageError, match="encoding"):
        encoding_name(name)


@pytest.mark.parametrize(
    ("asked", "raw", "label"),
    [
        ("utf-8", "a".encode("utf-8-sig"), "UTF-8 with mark"),
        ("utf-8-sig", b"a", "UTF-8"),
        ("utf-16", "a".encode("utf-16"), "UTF-16 LE"),
        ("UTF-16BE", "a".encode("utf-16-be"), "UTF-16 BE"),
        ("GBK", b"a", "GB18030"),
    ],
)
def test_a_named_encoding_is_told(asked, raw, label):
    assert decoded(raw, encoding_name(asked), 9) == (b"a", label)
