"""The text and the table that say how to read a graph of others."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guanxi.errors import UsageError
from guanxi.graph.neo4j.mapping import (
    FollowType,
    GraphMapping,
    InteractionType,
    Way,
    parse_mapping,
)
from guanxi.graph.neo4j.mapping_kinds import known_kind, usual_kind
from guanxi.graph.store_home import home_of

NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12
).filter(lambda name: "\\u" not in name)
OPTIONAL = st.none() | NAMES
FOLLOWS = st.builds(FollowType, NAMES, st.sampled_from(Way), OPTIONAL)
INTERACTIONS = st.builds(
    InteractionType, NAMES, st.sampled_from(Way), st.sampled_from(["like", "赠 送", "a;b=`c"]),
    OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL, OPTIONAL,
)  # fmt: skip
COLUMNS = st.dictionaries(st.sampled_from(["name", "city", "城市"]), NAMES).map(
    lambda found: tuple(found.items())
)


@given(
    st.builds(
        GraphMapping, NAMES, NAMES,
        st.lists(FOLLOWS, min_size=1, max_size=3, unique_by=lambda edge: edge.type).map(tuple),
        st.lists(INTERACTIONS, max_size=3, unique_by=lambda edge: edge.type).map(tuple),
        COLUMNS, st.booleans(), st.just("") | NAMES,
    )
)  # fmt: skip
def test_every_mapping_comes_back_from_its_text_and_table(mapping: GraphMapping) -> None:
    assert parse_mapping(str(mapping)) == mapping
    assert parse_mapping(tomllib.loads(mapping.table)["neo4j_graph"]) == mapping


def test_what_the_words_mean() -> None:
    found = parse_mapping(
        "label=User; id = uid ;follows=FOLLOWS since=ts; follows=<>`is a friend of`;"
        "interactions=<RETWEETED_BY at=t count=n; interactions=>DID kind=Wave kind_from=what "
        "weight=w value=v; columns=* name=nick; prefix=x_;"
    )
    assert found == GraphMapping(
        label="User",
        id="uid",
        follows=(
            FollowType("FOLLOWS", Way.STORED, "ts"),
            FollowType("is a friend of", Way.BOTH),
        ),
        interactions=(
            InteractionType("RETWEETED_BY", Way.TURNED, "repost", at="t", count="n"),
            InteractionType("DID", Way.STORED, "wave", "what", weight="w", value="v"),
        ),
        columns=(("name", "nick"),),
        all_columns=True,
        prefix="x_",
    )
    assert parse_mapping("label=U; id=i; follows=F").prefix == "guanxi_"
    assert parse_mapping("label=U; id=i; follows=F; prefix=").prefix == ""
    assert not parse_mapping("label=U; id=i; follows=F; columns=").all_columns
    assert parse_mapping("label=U; id=i; follows=F; columns=").columns == ()
    only = parse_mapping("label=U; id=i; follows=F; columns=homeTown")
    assert (only.columns, only.all_columns) == ((("home_town", "homeTown"),), False)
    table = {"label": "a b; c", "id": "`", "follows": "F", "columns": ["x", "y=z"]}
    assert parse_mapping(table).columns == (("x", "x"), ("y", "z"))
    assert (parse_mapping(table).label, parse_mapping(table).id) == ("a b; c", "`")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "lacks label=…: the label of the accounts"),
        ("label=User", "lacks id=…: the property with their ids"),
        ("label=User; id=u", "names no relationships"),
        ("label=User; id=u; follows=", "a relationship type for follows is missing at its end"),
        ("label=Big User; id=u", "label is one name .* at 'User'"),
        ("labl=User", "has no 'labl'; there are label, id,"),
        ("label User", "= is missing after label at 'User'"),
        ("=x", "one of label, id, .* is missing at '='"),
        ("label=U; label=V", "gives label twice"),
        ("label=`U", "lacks its second backtick"),
        ("label=U; id=u; follows=F at=x", r"F cannot have at=…; it may have since=…"),
        ("label=U; id=u; follows=F since=x since=y", "gives since twice for one type"),
        ("label=U; id=u; follows=F since", "= is missing after since at its end"),
        ("label=U; id=u; follows=F; follows=<F", "gives the type F twice among its follows"),
        ("label=U; id=u; interactions=F kind=` `", "kind of F must be a word of at most 64"),
        ("label=U; id=u; interactions=F kind=" + "x" * 65, "must be a word of at most 64 bytes"),
        ("label=U; id=u; follows=F; columns=rank", "cannot be called rank; .* columns=my_rank="),
        ("label=U; id=u; follows=F; columns=id=x", "a column cannot be called id"),
        ("label=U; id=u; follows=F; columns=a=x A=y", "gives the column a twice"),
        ("label=\\u0060; id=u; follows=F", "no name of a label or type"),
        ("label=U; id=u; follows=\\u0060", "no name of a label or type"),
        ("label=U; id=u; follows=F; prefix=\\u0060", "no name of a label or type"),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_mapping(text)


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"label": 5}, "label must be a text"),
        ({"label": ["U"]}, "label must be a text"),
        ({"follows": [5]}, "follows must be a text or a list of texts"),
        ({"follows": ["F; G"]}, "there is one too many at ';'"),
        ({"lable": "U"}, "has no 'lable'"),
        ({"label": "", "id": "u"}, "lacks label"),
    ],
)
def test_what_is_wrong_in_a_table_is_said(table: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_mapping(table)


def test_kinds_by_name() -> None:
    assert [usual_kind(name) for name in ("MENTIONS", "REPLIED_TO", "INVITED", "转发了")] == [
        "mention", "reply", "invite", "转发",
    ]  # fmt: skip
    assert known_kind("WAVED") is None


def test_each_mapping_has_a_folder_but_not_each_prefix() -> None:
    texts = [
        "label=U; id=i; follows=F", "label=U; id=j; follows=F", "label=U; id=i; follows=<F",
        "label=U; id=i; follows=F; columns=x",
    ]  # fmt: skip
    folders = [home_of("bolt://host", parse_mapping(text)).root for text in texts]
    assert len({*folders, home_of("bolt://host").root}) == 5
    assert home_of("bolt://host", parse_mapping(texts[0] + "; prefix=x")).root == folders[0]
