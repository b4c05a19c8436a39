"""Examples beside fields: conditions over what is loaded, which hold for somebody."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

import guanxi
from tests.api.conftest import Api, Serve

HTML = {"Accept": "text/html"}


def codes(api: Api, address: str) -> list[str]:
    page = api.client.get(address, headers=HTML).text
    return [
        html.unescape(re.sub("<.*?>", "", code))
        for code in re.findall("<small[^>]*>[^<]*<code>(.*?)</code>", page)
    ]


@pytest.mark.parametrize("address", ["/influencers", "/planner", "/check", "/bridges"])
def test_each_example_is_a_condition_that_somebody_meets(api: Api, address: str) -> None:
    tried = [code for code in codes(api, address) if re.search("[=<>]", code)]
    assert tried
    for condition in tried:
        where = condition.removesuffix(": >=3")
        for part in (where, *re.split(" and | or ", where)):
            found = api.client.get("/v1/top", params={"where": part})
            assert found.status_code == 200, (part, found.text)
            assert found.json()["rows"] or " = " not in part or " and " in part, part


def test_examples_of_other_columns_and_of_none(serve: Serve, tmp_path: Path) -> None:
    rows = "".join(f"u{n},{'头部' if n < 4 else '腰部'},{n % 3 + 1},{n * 1000}\n" for n in range(9))
    (tmp_path / "a.csv").write_text("id,级别,between,热度\n" + rows, "utf-8")
    (tmp_path / "f.csv").write_text("actor,target\n" + "".join(f"u{n},u0\n" for n in range(1, 9)))
    for name, accounts in (("own", [tmp_path / "a.csv"]), ("bare", [])):
        network = guanxi.open(tmp_path / f"{name}.duckdb", threads=1)
        network.load(accounts=accounts, follows=[tmp_path / "f.csv"])
        network.analyze()
        network.forget_snapshot()
    own = serve(path=tmp_path / "own.duckdb")
    assert "级别 = '腰部' and \"between\" < 2" in codes(own, "/influencers")
    bare = serve(path=tmp_path / "bare.duckdb")
    assert codes(bare, "/influencers") == ["community = 1 and in_degree < 100"]
    for api in (own, bare):
        for condition in set(codes(api, "/planner")):
            if re.search("[=<>]", condition) and ":" not in condition:
                found = api.client.get("/v1/top", params={"where": condition})
                assert found.status_code == 200, (condition, found.text)
