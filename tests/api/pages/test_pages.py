"""Each page as it is sent: what it shows, what it says when something is wrong, who may see it."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from httpx2 import Response

import guanxi
from guanxi.api.auth import OPEN
from guanxi.api.keys import SCOPES
from guanxi.api.pages.facets import condition_of, facets_of, filled
from guanxi.api.pages.frame import own_path
from guanxi.api.pages.paging import paging_of
from guanxi.api.pages.routes import ENDPOINTS
from tests.api.conftest import Api, Serve

HTML = {"Accept": "text/html,application/xhtml+xml"}
PAGES = ("/", "/influencers", "/communities", "/communities/1", "/account?id=tea:head",
         "/chains", "/chains?from=tea:head&to=tea:001", "/introduce", "/bridges", "/degrees",
         "/planner", "/check", "/data", "/keys")  # fmt: skip


def get(api: Api, address: str, **headers: str) -> Response:
    return api.client.get(address, headers={**HTML, **headers}, follow_redirects=False)


def ids(page: Response) -> list[str]:
    """The accounts of a ranking, in their order."""
    return re.findall(r'name="account" value="([^"]*)"', page.text)


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_each_page_in_each_language(api: Api, address: str, language: str) -> None:
    page = get(api, address, **{"Accept-Language": language})
    assert page.status_code == 200, page.text
    assert f'<html lang="{language}"' in page.text
    assert ("影响者" in page.text) == (language == "zh-CN")
    assert "style=" not in page.text
    assert not re.search(r"<script(?![^>]*src=)", page.text)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", page.text)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "no-cache" in page.headers["Cache-Control"]
    assert "Accept-Language" in page.headers["Vary"]


def test_language_and_theme_are_remembered(api: Api) -> None:
    chosen = get(api, "/influencers?by=in_degree&language=zh&theme=dark")
    assert chosen.status_code == 303
    assert chosen.headers["location"] == "/influencers?by=in_degree"
    page = get(api, "/influencers")
    assert 'lang="zh-CN" data-theme="dark"' in page.text
    get(api, "/?theme=auto")
    assert "data-theme" not in get(api, "/").text
    get(api, "/?language=klingon&theme=<b>")
    assert 'lang="zh-CN"' in get(api, "/").text


def test_the_ranking_is_that_of_top(api: Api) -> None:
    for by in ("pagerank", "in_degree", "weighted_in_degree", "k_core"):
        top = api.client.get("/v1/top", params={"by": by, "n": 22}).json()
        assert ids(get(api, f"/influencers?by={by}")) == [row["id"] for row in top["rows"]]


def test_filters_search_and_communities_narrow_the_ranking(api: Api) -> None:
    assert set(ids(get(api, "/influencers?q=HEAD"))) == {"tea:head", "art:head", "car:head"}
    assert set(ids(get(api, "/influencers?q=头"))) == {"tea:head", "art:head", "car:head"}
    assert ids(get(api, "/influencers?q=Art&is.city=Shanghai")) == ["art:head"]
    assert "car:head" not in ids(get(api, "/influencers?is.city=Shanghai&from.price=500"))
    assert ids(get(api, "/influencers?from.price=600&to.price=600")) == ["art:head"]
    assert set(ids(get(api, "/influencers?is.opted_out=true"))) == {"art:000", "car:000", "tea:000"}
    assert ids(get(api, "/influencers?where=price%3E800")) == ["tea:head"]
    first = set(ids(get(api, "/influencers?community=1")))
    found = api.client.get("/v1/communities/members").json()["rows"]
    assert first == {row["id"] for row in found if row["community"] == 1}


def test_the_download_has_what_the_filter_has(api: Api) -> None:
    page = get(api, "/influencers?q=head&is.city=Shanghai&by=in_degree")
    (address,) = set(re.findall(r'href="(/v1/top\?[^"]*?)&amp;format=csv', page.text))
    rows = api.client.get(address.replace("&amp;", "&")).json()["rows"]
    assert [row["id"] for row in rows] == ids(page)


def test_the_selection_is_taken_away(api: Api) -> None:
    asked = "account=tea:head&account=car:head&by=in_degree&show=platform,price"
    file = api.client.get(f"/influencers/file?{asked}&format=csv", headers=HTML)
    assert file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(file.content.decode("utf-8-sig").splitlines()))
    assert {row["id"] for row in rows} == {"tea:head", "car:head"}
    assert {"price", "platform", "in_degree"} <= set(rows[0])
    book = api.client.get(f"/influencers/file?{asked}&format=xlsx", headers=HTML)
    assert book.content.startswith(b"PK")
    nobody = get(api, get(api, "/influencers/file?format=csv").headers["location"])
    assert nobody.status_code == 200
    assert "tick some of the table" in nobody.text
    odd = api.client.get("/influencers/file", params={"account": "a' or 'b", "format": "csv"})
    assert len(odd.text.splitlines()) == 1


def test_a_wrong_condition_is_said_beside_the_filter(api: Api) -> None:
    page = get(api, "/influencers?where=price%20is%20cheap")
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert "price is cheap" in page.text
    assert ids(page) == []


def test_a_search_keeps_the_ranks_of_the_whole_ranking(api: Api) -> None:
    def ranks(address: str) -> dict[str, str]:
        page = get(api, address).text
        pattern = r'name="account" value="([^"]+)".*?<td class="number">([\d,]+)</td>'
        return dict(re.findall(pattern, page, re.S))

    everybody, found = ranks("/influencers"), ranks("/influencers?q=art")
    assert 0 < len(found) < len(everybody)
    assert found.items() <= everybody.items()
    assert set(found.values()) != {str(place) for place in range(1, len(found) + 1)}


def test_the_filter_names_its_order_once(api: Api) -> None:
    form = get(api, "/influencers").text.split("</form>")[0]
    assert form.count('name="by"') == 1


def test_nothing_found_is_said(api: Api) -> None:
    assert "No account meets the filter" in get(api, "/influencers?q=nobody-at-all").text
    assert (
        "没有符合条件的账号" in get(api, "/influencers?q=nobody", **{"Accept-Language": "zh"}).text
    )


@pytest.mark.parametrize("where", ["' or 1=1 --", '"; drop table x', "')) --", "%_\\", "\x00"])
def test_a_search_is_text_and_nothing_else(api: Api, where: str) -> None:
    page = api.client.get("/influencers", params={"q": where}, headers=HTML)
    assert page.status_code == 200
    assert ids(page) == []


def test_pages_of_a_table() -> None:
    assert (paging_of("2", 50, 120).low, paging_of("2", 50, 120).high) == (51, 100)
    assert paging_of("-1", 50, 120).page == paging_of("٣", 50, 120).page == 1
    assert (paging_of(None, 50, 0).low, paging_of(None, 50, 0).high) == (0, 0)


def test_columns_that_look_like_sql_are_quoted(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('id,"we ""ird, or 1=1"\na,x\nb,y\n', "utf-8")
    network = guanxi.open(tmp_path / "odd.duckdb")
    network.load(accounts=[tmp_path / "a.csv"])
    snapshot = network.snapshot()
    (facet,) = facets_of(snapshot)
    asked = filled([facet], {f"is.{facet.name}": "x"})
    condition = condition_of(asked, "", "", named=False)
    network.analyze()
    assert [row["id"] for row in network.top(where=condition)] == ["a"]


def test_unknown_accounts_and_communities_are_pages_too(api: Api) -> None:
    page = get(api, "/account?id=tea:haed")
    assert page.status_code == 404
    assert "tea:head" in page.text  # what was meant
    assert "/v1/" not in page.text.split("<main")[1]
    assert get(api, "/communities/99").status_code == 404
    assert get(api, "/communities/x").status_code == 422
    assert get(api, "/jobs/0").status_code == 404
    assert "There is nothing at this address" in get(api, "/nowhere").text
    assert api.client.get("/nowhere").headers["content-type"] == "application/problem+json"


def test_chains_show_each_step(api: Api) -> None:
    page = get(api, "/chains?from=tea:head&to=tea:001&n=1")
    assert page.text.count('class="step"') >= 1
    assert "follows" in page.text
    said = get(api, "/chains?from=tea:head&to=tea:001", **{"Accept-Language": "zh"}).text
    assert re.search(r"互动 \d+ 次，最近一次 [\d-]+（(?:转发|点赞|评论) \d+ 次", said)
    assert "follows" not in said.split("<main")[1]
    assert "There is no account" in get(api, "/chains?from=tea:head&to=nobody").text
    file = api.client.get("/chains/file?from=tea:head&to=tea:001&format=csv&excel=true")
    assert file.content.startswith(b"\xef\xbb\xbf")


def test_accounts_go_from_the_table_into_the_forms(api: Api) -> None:
    planner = get(api, "/planner?account=tea:head&account=art:head&as=include").text
    assert re.search(r'id="include"[^>]*>tea:head\nart:head</textarea>', planner)
    planner = get(api, "/planner?account=tea:head&as=exclude&where=price%3C3").text
    assert re.search(r'id="exclude"[^>]*>tea:head</textarea>', planner)
    assert 'value="price&lt;3"' in planner
    assert re.search(
        r'id="list-1"[^>]*>tea:head</textarea>', get(api, "/check?account=tea:head").text
    )


def test_an_empty_store_says_what_to_do(serve: Serve, tmp_path: Path) -> None:
    api = serve(path=tmp_path / "empty.duckdb")
    page = get(api, "/")
    assert page.status_code == 200
    assert "Load the demo network" in page.text
    assert get(api, "/influencers").headers["location"] == "/"
    assert get(api, "/data").status_code == 200
    (roles,) = re.findall(r'data-demo="([^"]*)"', page.text)
    assert roles.split() == ["accounts", "follows", "interactions"]
    assert all(get(api, f"/demo/{role}").status_code == 200 for role in roles.split())
    assert get(api, "/demo/nothing").status_code == 404


def test_a_store_without_analysis_offers_one(serve: Serve, store: Path) -> None:
    network = guanxi.open(store.parent / "raw.duckdb")
    network.load(follows=[store.parent / "follows.csv"])
    api = serve(path=store.parent / "raw.duckdb")
    for address in ("/", "/influencers", "/communities"):
        assert "not analysed yet" in get(api, address).text
    assert 'class="chart network"' in get(api, "/account?id=tea:head").text
    assert get(api, "/chains?from=tea:head&to=tea:001").status_code == 200


def test_who_is_not_logged_in_is_led_to_the_login_and_back(serve: Serve) -> None:
    api = serve()
    key = api.key("read")["Authorization"].removeprefix("Bearer ")
    asked = get(api, "/account?id=tea:head")
    assert asked.status_code == 303
    assert asked.headers["location"] == "/login?next=%2Faccount%3Fid%3Dtea%253Ahead"
    login = get(api, asked.headers["location"])
    assert 'data-then="/account?id=tea%3Ahead"' in login.text
    assert "<nav" not in login.text
    assert api.client.post("/v1/session", json={"key": key}).status_code == 201
    page = get(api, "/account?id=tea:head")
    assert page.status_code == 200
    assert re.search(r'name="csrf-token" content="[\w-]{20,}"', page.text)
    assert get(api, "/login").status_code == 303
    # A key that may read sees no form for what it may not do.
    assert "data-call" not in get(api, "/planner").text.split("<main")[1]
    assert "needs a key of the scope plan" in get(api, "/planner").text
    assert "Jobs are shown to keys of the scope plan" in get(api, "/planner").text
    assert "Plan with them" not in get(api, "/influencers").text
    assert get(api, "/jobs/0").status_code == 403


def test_each_scope_on_each_page(serve: Serve) -> None:
    api = serve()
    keys = {scope: api.key(scope) for scope in SCOPES}
    for endpoint in ENDPOINTS:
        path = endpoint.path.format(number=1, job="0" * 16, name="accounts")
        nobody = api.client.get(path, headers=HTML, follow_redirects=False)
        if endpoint.scope == OPEN:
            assert nobody.status_code in (200, 404), path
            continue
        program = api.client.get(path)
        assert program.status_code == 401, path
        assert nobody.status_code == (401 if path.startswith("/demo") else 303), path
        for scope in SCOPES:
            found = api.client.get(path, headers={**HTML, **keys[scope]}, follow_redirects=False)
            allowed = SCOPES.index(scope) >= SCOPES.index(endpoint.scope)
            assert (found.status_code == 403) != allowed, (path, scope)


def test_a_link_from_elsewhere_is_asked_for_again_with_the_cookie(serve: Serve) -> None:
    api = serve()
    api.key("read")
    page = get(api, '/account?id="><script>', **{"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 200
    assert 'http-equiv="refresh" content="0;url=/account?id=%22%3E%3Cscript%3E"' in page.text


@pytest.mark.parametrize(
    "text", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "",
             "/\tevil", "\\\\evil", "/a\\..\\b"],
)  # fmt: skip
def test_the_login_leads_nowhere_else(text: str) -> None:
    assert own_path(text) == "/"


def test_files_of_the_page_never_change_under_their_address(api: Api) -> None:
    page = get(api, "/influencers").text
    for address in set(re.findall(r'"(/static/[^"]+)"', page)):
        assert "?v=" in address
        file = api.client.get(address)
        assert file.status_code == 200
        assert "immutable" in file.headers["Cache-Control"]
    for wrong in ("/static/nothing.css", "/static/..%2Fapp.py", "/static/%2e%2e/app.py"):
        assert api.client.get(wrong).status_code == 404


def test_the_first_page_is_small(api: Api) -> None:
    page = get(api, "/")
    sent = len(page.content)
    for address in set(re.findall(r'"(/static/[^"]+)"', page.text)):
        plain = api.client.get(address, headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in plain.headers
        packed = api.client.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert packed.content == plain.content
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        sent += int(packed.headers["Content-Length"])
    assert sent < 45_000
    assert "Content-Encoding" not in page.headers  # its length must not tell of what is in it


def test_chains_between_accounts_that_are_called_by_their_names(
    serve: Serve, tmp_path: Path
) -> None:
    names = {"a": "王小红", "b": "李磊", "c": "李磊磊", "d": "李磊", "e": "O'Neil"}
    rows = "".join(f"{id},{name}\n" for id, name in names.items())
    (tmp_path / "a.csv").write_text("id,name\n" + rows, "utf-8")
    (tmp_path / "f.csv").write_text("actor,target\nb,a\nc,b\ne,c\n")
    network = guanxi.open(tmp_path / "n.duckdb", threads=1)
    network.load(accounts=[tmp_path / "a.csv"], follows=[tmp_path / "f.csv"])
    network.forget_snapshot()
    api = serve(path=tmp_path / "n.duckdb")

    def asked(**ends: str) -> str:
        return api.client.get("/chains", params=ends, headers=HTML).text

    for page in (asked(**{"from": "王小红", "to": "o'neil"}), asked(**{"from": "a", "to": "e"})):
        assert page.count('class="step"') == 3
        assert 'href="/chains/file?from=a&amp;to=e' in page
    several = asked(**{"from": "王小红", "to": "李磊"})
    assert 'class="step"' not in several
    meant = several.split('id="to-meant"')[1].split("</section>")[0]
    assert re.findall(r'href="([^"]*to=\w)"', meant) == [
        *(f"/chains?from=%E7%8E%8B%E5%B0%8F%E7%BA%A2&amp;to={id}" for id in "bd")
    ]
    assert 'id="from-meant"' not in several
    part = asked(**{"from": "小红", "to": "磊磊"})
    assert 'id="from-meant"' in part
    assert 'id="to-meant"' in part
    half = asked(**{"from": "nobody", "to": "李磊"})
    assert 'class="step"' not in half
    assert "No account has “nobody” in its id or its name" in half.split('id="to-meant"')[0]
    chinese = api.client.get(
        "/chains", params={"from": "a", "to": "b"}, headers={**HTML, "Accept-Language": "zh"}
    ).text
    assert '<span class="why"><span>关注</span>' in chinese
    assert "There is no account" in asked(**{"from": "a", "to": "nobody"})
