"""Ten thousand communities: every screen that shows communities stays small and finds them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from httpx2 import Response

import guanxi
from tests.api.conftest import Api, Serve

COMMUNITIES = 10_000
SIZE = 3
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def rings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rings of three accounts, tied to nobody else; two of them are one by a tie between them."""
    folder = tmp_path_factory.mktemp("rings")
    names = [[f"r{ring:05}-{place}" for place in range(SIZE)] for ring in range(COMMUNITIES + 1)]
    with (folder / "follows.csv").open("w", encoding="utf-8") as file:
        file.write("follower,followee\n")
        for ring in names:
            file.writelines(f"{one},{ring[place - 1]}\n" for place, one in enumerate(ring))
        file.write(f"{names[0][0]},{names[1][0]}\n")
    network = guanxi.open(folder / "net.duckdb", threads=1)
    network.load(follows=[folder / "follows.csv"])
    network.analyze()
    network.forget_snapshot()
    return folder / "net.duckdb"


@pytest.fixture
def api(serve: Serve, rings: Path) -> Api:
    return serve(path=rings)


def get(api: Api, address: str) -> Response:
    page = api.client.get(address, headers=HTML)
    assert page.status_code == 200, page.text
    assert len(page.content) < 100_000, address
    return page


def numbers(page: Response) -> list[int]:
    return [int(n) for n in re.findall(r'<th scope="row"><a class="chip[^>]*/(\d+)">', page.text)]


def test_each_screen_stays_small(api: Api) -> None:
    for address in ("/", "/communities", "/influencers", f"/communities/{COMMUNITIES}",
                    "/account?id=r00000-0", "/planner", "/bridges", "/degrees"):  # fmt: skip
        get(api, address)


def test_the_picture_has_the_largest_alone(api: Api) -> None:
    page = get(api, "/communities").text
    drawn = page[page.index('class="chart bubbles') : page.index("</svg>", page.index("bubbles"))]
    assert drawn.count("<a ") == 40
    assert "The 40 largest are drawn" in page


def test_one_comes_to_the_last_page_and_to_any_number(api: Api) -> None:
    first = get(api, "/communities")
    assert numbers(first) == list(range(1, 51))
    (last,) = re.findall(r'<a href="([^"]*)">Last</a>', first.text)
    assert numbers(get(api, last))[-1] == COMMUNITIES
    assert numbers(get(api, "/communities?q=9876")) == [9876]
    assert numbers(get(api, "/communities?q=10001")) == []
    assert "0 communities found" in get(api, "/communities?q=10001").text


def test_the_community_of_an_account_is_found(api: Api) -> None:
    account = api.client.get("/v1/account", params={"id": "r07777-1"}).json()
    number = account["meta"]["account"]["community"]
    page = get(api, "/communities?q=R07777-1")
    assert numbers(page) == [number]
    assert "r07777-" in get(api, f"/communities/{number}").text
    assert len(numbers(get(api, "/communities?q=r0777"))) == 10


def test_the_ranking_of_one_of_them(api: Api) -> None:
    page = get(api, f"/influencers?community={COMMUNITIES}").text
    assert page.count('name="account" value="') == SIZE
