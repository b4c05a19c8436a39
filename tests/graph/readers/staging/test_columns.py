import pytest

from guanxi.errors import UsageError
from guanxi.graph.readers.columns import ColumnPlan, header_test, parse_columns, plan_columns
from guanxi.graph.readers.names import account_column
from guanxi.graph.schema import RESERVED_COLUMNS, Role


def plan(role: str, header: str | None, columns: str | None = None, width: int = 0) -> ColumnPlan:
    names = header.split(",") if header is not None else None
    return plan_columns(Role(role), names, len(names) if names else width, parse_columns(columns))


@pytest.mark.parametrize(
    "header",
    [
        "source,target", "follower,followee", "user_id,follow_id", "from,to", "src,dst",
        "关注者,被关注者", "粉丝,博主", "Follower ID,Followee ID", "FROM,TO", "follower-id,user_id",
        "actor,target", "uid,followee", " follower , followee ", "ｆrom,to",
    ],
)  # fmt: skip
def test_usual_names_of_follows(header: str) -> None:
    assert plan("follows", header).index == {"actor": 0, "target": 1}


def test_the_user_of_a_table_of_followers_is_the_one_followed() -> None:
    assert plan("follows", "user_id,follower_id").index == {"target": 0, "actor": 1}


@pytest.mark.parametrize("name", ["since", "followed_at", "created_at", "关注时间", "time"])
def test_times_of_follows(name: str) -> None:
    assert plan("follows", f"x,{name},to,from").index == {"actor": 3, "target": 2, "since": 1}


def test_usual_names_of_interactions() -> None:
    header = "from_user,to_user,互动类型,timestamp,cnt,weight,金额,event_id,note"
    found = plan("interactions", header)
    meanings = ["actor", "target", "kind", "time", "count", "weight", "value", "event_id"]
    assert found.index == {meaning: place for place, meaning in enumerate(meanings)}
    assert found.unused == ["note"]
    assert found.columns["value"] == "金额"


def test_usual_names_of_accounts_and_others_keep_their_own() -> None:
    header = "用户ID,昵称,平台,报价,粉丝数,城市,Home Town,性别,opted_out,stage"
    names = ["id", "name", "platform", "price", "followers_reported", "city", "home_town", "性别",
             "opted_out", "stage"]  # fmt: skip
    assert plan("accounts", header).index == {name: place for place, name in enumerate(names)}


def test_a_column_called_as_the_meaning_comes_before_other_usual_names() -> None:
    assert plan("accounts", "user_id,id").index == {"user_id": 0, "id": 1}
    assert plan("interactions", "actor,target,created_at,time").index["time"] == 3


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("follower,src,to", "Both 'follower' and 'src' could be the actor"),
        ("follower,name", "No column for target"),
        ("a,b", "No column for actor and target .* it has: 'a', 'b'"),
    ],
)
def test_unclear_headers_are_refused(header: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan("follows", header)


def test_files_without_header() -> None:
    assert plan("follows", None, width=2).index == {"actor": 0, "target": 1}
    assert plan("interactions", None, width=2).index == {"actor": 0, "target": 1}
    assert plan("accounts", None, width=1).index == {"id": 0}
    for role, width in [("follows", 3), ("interactions", 3), ("accounts", 2), ("follows", 1)]:
        with pytest.raises(UsageError, match="no header that guanxi knows"):
            plan(role, None, width=width)


def test_names_by_position() -> None:
    assert plan("follows", None, "actor,target,since", width=3).index["since"] == 2
    assert plan("follows", None, "target,actor", width=3).index == {"target": 0, "actor": 1}
    assert plan("follows", None, "_,from,-,to", width=4).index == {"actor": 1, "target": 3}
    assert plan("follows", "a,b,c", "actor,target").unused == ["c"]
    assert plan("accounts", "a,b,c", "id,Home Town,_").index == {"id": 0, "home_town": 1}


def test_pairs() -> None:
    found = plan("follows", "uid,关注的人,ts", "actor=uid,target=关注的人")
    assert found.index == {"actor": 0, "target": 1, "since": 2}
    found = plan("follows", "uid,关注的人,ts", "actor=UID, target=关注的人, _=ts")
    assert found.index == {"actor": 0, "target": 1}
    assert found.unused == ["ts"]
    assert plan("follows", None, "actor=3,target=1", width=3).index == {"target": 0, "actor": 2}
    assert plan("follows", "a,b", '"actor=b","target=a"').index == {"target": 0, "actor": 1}
    assert plan("follows", "x,x", "actor=2,target=1").index == {"target": 0, "actor": 1}
    found = plan("accounts", "uid,pagerank,rank,x", "my_rank=rank,_=pagerank")
    assert found.index == {"id": 0, "my_rank": 2, "x": 3}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("actor=uid,target", "neither a list of names"),
        ("", "neither a list of names"),
        ("actor,target,colour", "'colour', which rows of follows do not have.*actor, target"),
        ("actor=a,colour=b", "'colour', which rows of follows do not have"),
        ("actor=a,target=z", "no column 'z'. It has: 'a', 'b', 'twice', 'twice'"),
        ("actor=a,target=9", "no column '9'"),
        ("actor=a,target=twice", "2 columns called 'twice'.* 3, 4"),
        ("actor=a,target=a", "as two things"),
        ("actor=a,actor=b", "Both 'a' and 'b' could be the actor"),
        ("actor,target,_,_,since", "names 5 columns, but the file has 4"),
        ("actor,actor", "Both 'a' and 'b'"),
        ("actor,_", "No column for target"),
    ],
)
def test_wrong_columns_options(columns: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan("follows", "a,b,twice,twice", columns)


def test_names_that_guanxi_keeps_for_itself() -> None:
    for name in RESERVED_COLUMNS:
        with pytest.raises(UsageError, match=f"--columns my_{name}={name}"):
            plan("accounts", f"id,{name}")
    with pytest.raises(UsageError, match="keeps that name"):
        plan("accounts", "id,Page Rank,In-Degree")


def test_names_of_account_columns() -> None:
    assert account_column("2024 gmv") == "c_2024_gmv"
    assert account_column(" Ünïcode—Näme ") == "ünïcode_näme"
    with pytest.raises(UsageError, match="cannot be called"):
        account_column("€€")
    with pytest.raises(UsageError, match="Both 'Home Town' and 'home-town'"):
        plan("accounts", "id,Home Town,home-town")


def test_columns_without_a_name_are_left_out() -> None:
    found = plan("accounts", "id,,name, ")
    assert found.index == {"id": 0, "name": 2}
    assert found.unused == ["column 2", "column 4"]


@pytest.mark.parametrize(
    ("role", "columns", "fields", "known"),
    [
        ("follows", None, "Source,Target", True),
        ("follows", None, "alice,bob", False),
        ("follows", None, "1,2", False),
        ("follows", "actor=uid,target=关注的人", "uid,关注的人", True),
        ("follows", "actor=1,target=2", "1,2", False),
        ("follows", "actor,target", "alice,bob", False),
        ("follows", "actor,target", "source,target", True),
        ("accounts", None, "name,UID", True),
        ("accounts", None, "name,city", False),
    ],
)
def test_what_looks_like_a_header(role: str, columns: str | None, fields: str, known: bool) -> None:
    assert header_test(Role(role), parse_columns(columns))(fields.split(",")) is known
