"""Questions that are answered at once: rows, formats, pages, ETags."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import guanxi
from guanxi.api import views
from guanxi.api.negotiation import TYPES
from tests.api.conftest import Api, Serve


def pages(api: Api, path: str, **parameters: Any) -> list[dict[str, Any]]:
    """All rows, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        found = api.client.get(path, params={**parameters, **more})
        assert found.status_code == 200, found.text
        rows += found.json()["rows"]
        cursor = found.json()["meta"]["next"]
        if cursor is None:
            return rows


def test_the_answers_are_those_of_the_engine(api: Api, store: Path) -> None:
    network = guanxi.open(store)
    asked: dict[str, Any] = {
        "/v1/top?n=5&by=in_degree": network.top(n=5, by="in_degree"),
        "/v1/top?n=5&community=2": network.top(n=5, community=2),
        "/v1/top?n=5&where=price > 100&show=city,price": network.top(
            n=5, where="price > 100", show=["city", "price"]
        ),
        "/v1/communities?n=2": network.communities(n=2),
        "/v1/communities/members": network.communities(members=True),
        "/v1/account?id=tea:head&n=3": network.account("tea:head", n=3),
        "/v1/account?id=tea:head&profile=engagement": network.account(
            "tea:head", profile="engagement"
        ),
        "/v1/account?id=tea:head&as_of=2026-05-02": network.account("tea:head", as_of="2026-05-02"),
    }
    for address, expected in asked.items():
        found = api.client.get(address).json()
        assert found["rows"] == expected.rows, address
        assert found["meta"]["store"] == "net.duckdb"
        assert found["meta"].get("account") == expected.meta.get("account")
    assert api.client.get("/v1/status").json()["rows"][0]["accounts"] == 22


@pytest.mark.parametrize("n", [1, 3, 4, 100])
def test_pages_make_up_the_whole(api: Api, store: Path, n: int) -> None:
    network = guanxi.open(store)
    assert pages(api, "/v1/top", n=n) == network.top(n=100).rows
    assert pages(api, "/v1/top", n=n, by="in_degree") == network.top(n=100, by="in_degree").rows
    beijing = "city = 'Beijing'"
    assert pages(api, "/v1/top", n=n, where=beijing) == network.top(n=100, where=beijing).rows
    assert pages(api, "/v1/communities", n=n) == network.communities().rows
    assert pages(api, "/v1/communities/members", n=n) == network.communities(members=True).rows


def test_a_link_leads_to_the_next_page_in_every_form(api: Api) -> None:
    first = api.client.get("/v1/top?n=2&format=csv")
    address = first.links["next"]["url"]
    second = api.client.get(address)
    assert second.headers["content-type"] == TYPES["csv"]
    assert [row["rank"] for row in csv.DictReader(io.StringIO(second.text))] == ["3", "4"]


def test_cursors_belong_to_their_question_and_server(api: Api) -> None:
    cursor = api.client.get("/v1/top?n=2").json()["meta"]["next"]
    for wrong in (
        f"/v1/top?by=in_degree&cursor={cursor}",
        f"/v1/communities?cursor={cursor}",
        f"/v1/top?cursor={cursor[:-2]}AA",
        "/v1/top?cursor=x",
        "/v1/top?cursor=é",
    ):
        assert api.client.get(wrong).status_code == 422, wrong
    assert api.client.get(f"/v1/top?n=7&cursor={cursor}").status_code == 200


def load_more(store: Path, *rows: str) -> None:
    """A second process would do the same: accounts that follow others are loaded and analysed."""
    (store.parent / "more.csv").write_text("\n".join(["actor,target", *rows]) + "\n")
    network = guanxi.open(store, threads=1)
    network.load(follows=[store.parent / "more.csv"])
    network.analyze()
    network.forget_snapshot()


def test_a_cursor_goes_on_in_its_snapshot_while_a_new_one_arrives(
    api: Api, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = api.client.get("/v1/top?n=100").json()["rows"]
    first = api.client.get("/v1/top?n=4").json()
    load_more(store, *(f"new:{i},tea:003" for i in range(30)))
    second = api.client.get("/v1/top", params={"n": 4, "cursor": first["meta"]["next"]}).json()
    assert first["rows"] + second["rows"] == whole[:8]
    newest = api.client.get("/v1/top?n=4").json()
    assert newest["meta"]["store_version"] == first["meta"]["store_version"] + 1
    leader = api.client.get("/v1/top?n=1&by=in_degree").json()["rows"][0]
    assert leader["id"] == "tea:003"
    # Once the older snapshot is gone: behind the same score and id in the newest one.
    monkeypatch.setattr(views, "KEPT", -1.0)
    load_more(store, "new:0,tea:004")
    api.client.get("/v1/top?n=1")
    third = api.client.get("/v1/top", params={"n": 4, "cursor": first["meta"]["next"]}).json()
    last = first["rows"][-1]
    key = (-last["pagerank"], last["id"].encode())
    assert all((-row["pagerank"], row["id"].encode()) > key for row in third["rows"])
    assert "has changed" in third["meta"]["notes"][-1]
    newest_rows = api.client.get("/v1/top?n=100").json()["rows"]
    assert third["rows"][0] == next(
        row for row in newest_rows if (-row["pagerank"], row["id"].encode()) > key
    )


def test_a_new_analysis_is_seen_at_once(api: Api, store: Path) -> None:
    before = api.client.get("/v1/top?by=hub")
    assert before.status_code == 422
    network = guanxi.open(store, threads=1)
    network.analyze(with_=["hits"])
    assert api.client.get("/v1/top?by=hub").status_code == 200


def test_etags(api: Api, store: Path) -> None:
    first = api.client.get("/v1/top?n=3")
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    again = api.client.get("/v1/top?n=3", headers={"If-None-Match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    for other in ("/v1/top?n=4", "/v1/top?n=3&format=csv", "/v1/top?n=3&by=in_degree"):
        assert api.client.get(other, headers={"If-None-Match": tag}).status_code == 200
    guanxi.open(store, threads=1).analyze(communities="louvain")
    assert api.client.get("/v1/top?n=3", headers={"If-None-Match": tag}).status_code == 200


def test_forms_of_an_answer(api: Api) -> None:
    rows = api.client.get("/v1/top?n=3").json()["rows"]
    for name, kind in TYPES.items():
        by_accept = api.client.get("/v1/top?n=3", headers={"Accept": kind.split(";")[0]})
        by_name = api.client.get(f"/v1/top?n=3&format={name}")
        assert by_accept.headers["content-type"] == by_name.headers["content-type"] == kind
    book = openpyxl.load_workbook(io.BytesIO(api.client.get("/v1/top?n=3&format=xlsx").content))
    assert book.worksheets[0]["B2"].value == rows[0]["id"]
    excel = api.client.get("/v1/top?n=3&format=csv&excel=true").content
    assert excel.startswith(b"\xef\xbb\xbf")
    refused = api.client.get("/v1/top", headers={"Accept": "image/png"})
    assert refused.status_code == 406
    assert refused.json()["type"] == "/docs#no-such-format"
    assert api.client.get("/v1/top?format=pdf").status_code == 422
    assert api.client.get("/v1/top?excel=maybe").status_code == 422


def test_a_large_answer_comes_whole(serve: Serve, tmp_path: Path) -> None:
    rows = "".join(f"u{i},hub\n" for i in range(6000))
    (tmp_path / "big.csv").write_text("actor,target\n" + rows)
    network = guanxi.open(tmp_path / "big.duckdb", threads=1)
    network.load(follows=[tmp_path / "big.csv"])
    network.analyze(communities="label-propagation")
    network.forget_snapshot()
    api = serve(path=tmp_path / "big.duckdb")
    found = api.client.get("/v1/communities/members?n=10000")
    assert len(found.json()["rows"]) == 6001
    assert int(found.headers["content-length"]) == len(found.content)


def test_rows_of_a_key(api: Api) -> None:
    key = api.key("read", rows=5)
    assert api.client.get("/v1/top?n=5", headers=key).status_code == 200
    refused = api.client.get("/v1/top?n=6", headers=key)
    assert refused.status_code == 422
    assert "5 rows" in refused.json()["detail"]
    assert api.client.get("/v1/account?id=tea:head&n=3", headers=key).status_code == 422


def test_nothing_is_loaded_yet(serve: Serve, tmp_path: Path) -> None:
    api = serve(path=tmp_path / "none.duckdb")
    assert api.client.get("/readyz").json() == {"status": "ok", "loaded": False}
    assert api.client.get("/v1/status").json()["rows"][0]["accounts"] == 0
    found = api.client.get("/v1/top")
    assert (found.status_code, found.json()["type"]) == (409, "/docs#no-snapshot")


def test_neighbourhoods_and_chains(api: Api, store: Path) -> None:
    network = guanxi.open(store, threads=1)
    around = api.client.get("/v1/account?id=tea:head&neighbourhood=2&ties=5").json()
    assert around["rows"] == network.account("tea:head", neighbourhood=2, ties=5).rows
    options = {"n": 2, "mutual": False, "max_hops": 5, "by": "hops", "diverse": True}
    asked = {"source": "tea:head", "target": "car:002", **options}
    found = api.client.get("/v1/chain", params=asked).json()
    assert found["rows"] == network.chain("tea:head", "car:002", **options).rows
    past = api.client.get("/v1/chain", params={**asked, "avoid": ["art:001"]}).json()
    assert past["rows"] == network.chain("tea:head", "car:002", avoid=[["art:001"]], **options).rows
    wrong = api.client.get("/v1/chain?source=tea:head&target=tea:head")
    assert wrong.status_code == 422
