"""`chain`: what it says about each step, its options, and what a user can get wrong."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import guanxi
from guanxi import cli_chains
from guanxi.engine import Engine
from guanxi.errors import InputError, UnknownAccountError, UsageError
from tests.verbs.conftest import Run

ACCOUNTS = """id,name,opted_out
ann,Ann Lee,false
bob,,false
cat,Cat Wu,false
dan,Dan,false
out,Out,true
far,Far,false
end,,true
"""
# ann → bob → dan, ann → cat → dan, ann → out → dan; dan → ann; far ↔ end
FOLLOWS = """follower,followee,since
bob,ann,2024-05-01
dan,bob,
cat,ann,2025-01-02
dan,cat,2025-02-03
out,ann,
dan,out,
ann,dan,
far,end,2026-01-01
end,far,2026-01-05
"""
INTERACTIONS = """actor,target,kind,time
bob,ann,repost,2026-05-01T10:00:00Z
bob,ann,repost,2026-05-28T10:00:00Z
bob,ann,like,2026-05-02T10:00:00Z
ann,bob,invite,2026-05-03T10:00:00Z
dan,bob,vote,2026-05-31T10:00:00Z
dan,out,repost,2026-05-31T10:00:00Z
dan,out,repost,2026-05-30T10:00:00Z
end,far,reply,
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chain")
    texts = {"accounts": ACCOUNTS, "follows": FOLLOWS, "interactions": INTERACTIONS}
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    network = guanxi.open(folder / "net.duckdb")
    network.load(**{name: [folder / f"{name}.csv"] for name in texts})
    return folder / "net.duckdb"


@pytest.fixture
def network(store: Path) -> Engine:
    return guanxi.open(store)


def accounts(result: guanxi.Result) -> list[list[str]]:
    """The ids of each chain."""
    found: dict[int, list[str]] = {}
    for row in result:
        found.setdefault(row["chain"], [row["from"]]).append(row["to"])
    return list(found.values())


def test_each_step_says_why(network: Engine) -> None:
    result = network.chain("ann", "dan")
    assert accounts(result) == [["ann", "bob", "dan"]]
    first, second = result.rows
    assert first["relation"] == (
        "follows since 2024-05-01; reposted 2 times, liked 1 time, was invited 1 time, "
        "last on 2026-05-28"
    )
    assert second["relation"] == "follows; vote 1 time, last on 2026-05-31"
    assert [first[name] for name in ("since", "times", "last")] == ["2024-05-01", 4, "2026-05-28"]
    assert [second[name] for name in ("since", "times", "last")] == [None, 1, "2026-05-31"]
    assert (first["from_name"], first["to_name"]) == ("Ann Lee", None)
    assert first["probability"] == 1.0  # nobody else influences bob
    strengths = [2.0, 1.0, 1.0 + 1.0 + 2 ** (-1 / 90)]  # bob, cat, out → dan
    assert second["strength"] == pytest.approx(strengths[0])
    assert second["probability"] == pytest.approx(2 / sum(strengths))
    assert second["chain_probability"] == math.prod(row["probability"] for row in result)
    assert result.meta["summary"] == ["The chain from ann to dan: 2 steps, probability 0.334."]


def test_messages_mails_and_calls_have_their_words(tmp_path: Path) -> None:
    rows = ["actor,target,kind", "bob,ann,message", "bob,ann,message", "cat,bob,email"]
    (tmp_path / "told.csv").write_text("\n".join([*rows, "cat,bob,call", "cat,bob,wave"]))
    network = guanxi.open(tmp_path / "net.duckdb")
    network.load(interactions=[tmp_path / "told.csv"])
    assert network.chain("ann", "cat").columns["relation"] == [
        "messaged 2 times",
        "called 1 time, mailed 1 time, wave 1 time",
    ]


def test_opted_out_accounts_are_ends_and_never_inside(network: Engine) -> None:
    # By `out` the chain would be the strongest one.
    assert accounts(network.chain("ann", "dan", n=9)) == [
        ["ann", "bob", "dan"],
        ["ann", "cat", "dan"],
    ]
    to_out = network.chain("ann", "out")
    assert accounts(to_out) == [["ann", "out"]]
    assert "out has opted out: do not contact it." in to_out.meta["notes"]


def test_options_change_the_answer(network: Engine, tmp_path: Path) -> None:
    through = [["ann", "cat", "dan"]]
    assert accounts(network.chain("ann", "dan", through="cat")) == through
    assert accounts(network.chain("ann", "dan", avoid="bob")) == through
    assert accounts(network.chain("ann", "dan", avoid=[["bob"]])) == through
    (tmp_path / "avoid.csv").write_text("id\nbob\n")
    assert accounts(network.chain("ann", "dan", avoid=tmp_path / "avoid.csv")) == through
    assert accounts(network.chain("ann", "dan", avoid=[str(tmp_path / "avoid.csv")])) == through
    ended = network.chain("ann", "dan", avoid="ann")
    assert len(ended) > 0
    assert "ann is an end of the chain; --avoid is for those between." in ended.meta["notes"]
    assert len(network.chain("ann", "dan", max_hops=1)) == 0
    assert accounts(network.chain("bob", "cat", by="hops")) == [["bob", "dan", "ann", "cat"]]
    plain = network.chain("ann", "dan", profile="followers-only").rows[0]
    assert (plain["relation"], plain["times"]) == ("follows since 2024-05-01", 0)
    only = network.chain("ann", "dan", profile="engagement").rows[0]
    assert only["since"] is None
    early = network.chain("ann", "dan", as_of="2026-05-02").rows[0]
    assert early["relation"] == (
        "follows since 2024-05-01; liked 1 time, reposted 1 time, last on 2026-05-02"
    )


def test_ties_that_run_both_ways(network: Engine) -> None:
    result = network.chain("far", "end", mutual=True)
    assert result.rows[0]["relation"] == (
        "follows since 2026-01-05; replied 1 time; the other way: follows since 2026-01-01"
    )
    assert result.rows[0]["strength"] == 1.0
    assert result.meta["direction"].startswith("both ways")
    assert len(network.chain("ann", "dan", mutual=True)) == 0


def test_no_chain_says_how_far_one_gets(network: Engine) -> None:
    result = network.chain("ann", "far")
    assert len(result) == 0
    assert list(result.columns)[:3] == ["chain", "step", "from"]
    assert result.meta["summary"] == [
        "There is no chain from ann to far.",
        "4 accounts can be reached, in at most 2 steps, from ann; 1 account leads to far.",
        "No ties in whatever direction lead from ann to far.",
    ]
    limited = network.chain("ann", "dan", max_hops=1, through="cat").meta["summary"]
    sentence = (
        "There is no chain from ann to dan of at most 1 step through cat; without that "
        "condition the best one has 2 steps."
    )
    assert limited == [sentence]
    itself = network.chain("end", "far", profile="engagement").meta["summary"]
    assert itself[1] == "Nobody can be reached from end; 0 accounts lead to far."
    assert itself[2] == (
        "Nobody reached is nearer to far than end itself: 1 step away when the direction of ties "
        "is ignored."
    )
    near = network.chain("bob", "cat", avoid="dan").meta["summary"]
    assert near[1].startswith("1 account can be reached, in at most 1 step, from bob; ")
    assert near[2] == (
        "Of those who can be reached, dan is nearest to cat: 1 step away when the direction of "
        "ties is ignored."
    )


@pytest.mark.parametrize(
    ("ends", "options", "said"),
    [
        (("ann", "dann"), {}, "no account 'dann'. Did you mean .*dan"),
        (("nobody-like-it", "dan"), {}, "no account 'nobody-like-it'"),
        (("ann", "dan"), {"through": "catt"}, "Did you mean cat"),
        (("ann", "dan"), {"avoid": "bobb"}, "Did you mean bob"),
    ],
)
def test_unknown_accounts(
    network: Engine, ends: tuple[str, str], options: dict[str, str], said: str
) -> None:
    with pytest.raises(UnknownAccountError, match=said):
        network.chain(*ends, **options)


@pytest.mark.parametrize(
    ("ends", "options", "said"),
    [
        (("ann", "ann"), {}, "the same account, ann"),
        (("ann", "dan"), {"n": 0}, "-n 0"),
        (("ann", "dan"), {"max_hops": 0}, "--max-hops 0"),
        (("ann", "dan"), {"by": "luck"}, "strength or hops, not by 'luck'"),
        (("ann", "dan"), {"through": "dan"}, "--through dan: a chain passes no account twice"),
        (("ann", "dan"), {"through": ["bob", "bob"]}, "--through bob: a chain passes no account"),
        (("ann", "dan"), {"through": "out"}, "--through out: that account has opted out"),
        (("ann", "dan"), {"through": "bob", "avoid": "bob"}, "bob: that account stands under"),
    ],
)
def test_wrong_questions(
    network: Engine, ends: tuple[str, str], options: dict[str, object], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        network.chain(*ends, **options)  # type: ignore[arg-type]


def test_an_empty_list_to_avoid(network: Engine, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("id\n")
    with pytest.raises(InputError, match="the list is empty"):
        network.chain("ann", "dan", avoid=tmp_path / "empty.csv")


def test_a_file_to_avoid_that_is_not_there(network: Engine) -> None:
    with pytest.raises(InputError, match=r"--avoid team\.csv: there is no such file, and no such"):
        network.chain("ann", "dan", avoid="team.csv")


def test_a_second_question_gets_the_same_answer(network: Engine, store: Path) -> None:
    first = network.chain("ann", "dan", n=3, diverse=True).rows
    network.chain("bob", "cat", mutual=True)
    network.chain("bob", "cat", profile="engagement")
    assert network.chain("ann", "dan", n=3, diverse=True).rows == first
    assert guanxi.open(store).chain("ann", "dan", n=3, diverse=True).rows == first


def test_a_chain_is_a_graph(network: Engine) -> None:
    graph = network.chain("ann", "dan", n=2).to_networkx()
    assert sorted(graph.edges) == [("ann", "bob"), ("ann", "cat"), ("bob", "dan"), ("cat", "dan")]
    assert graph.edges["ann", "bob"]["times"] == 4


def test_the_command_line(run: Run, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run("chain", "ann", "dan", "-n", 2, "--store", store, "--format", "json").json()
    assert [row["to"] for row in shown["rows"]] == ["bob", "dan", "cat", "dan"]
    table = run("chain", "ann", "dan", "--by", "hops", "--store", store)
    assert table.out.startswith("chain  step  from  to   relation")
    assert table.err.endswith("The chain from ann to dan: 2 steps, probability 0.334.\n")
    none = run("chain", "ann", "far", "--store", store)
    assert (none.code, none.out) == (0, "")
    assert "There is no chain from ann to far." in none.err
    wrong = run("chain", "ann", "ann", "--store", store)
    assert (wrong.code, wrong.out) == (2, "")
    monkeypatch.setattr(cli_chains, "is_terminal", lambda: True)
    options = ["--avoid", "bob", "--through", "cat", "--max-hops", 3, "--diverse", "-q"]
    drawn = run("chain", "ann", "dan", *options, "--store", store)
    assert drawn.out == (
        "Chain 1, probability 0.1669\n"
        "  Ann Lee (ann)\n"
        "  │  Cat Wu follows since 2025-01-02\n"
        "  ▼  strength 1, probability 1\n"
        "  Cat Wu (cat)\n"
        "  │  Dan follows since 2025-02-03\n"
        "  ▼  strength 1, probability 0.1669\n"
        "  Dan (dan)\n"
    )
    assert drawn.err == ""
