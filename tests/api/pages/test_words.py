"""Pages speak of their fields where the command line speaks of options; the API does as asked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import guanxi
from guanxi.api.i18n.sentences import plain_text
from tests.api.conftest import Api, Serve
from tests.api.pages.test_results import finished, of

HTML = {"Accept": "text/html"}
SAME = "FROM and TO are the same account, tea:head; a chain needs two."


def test_a_page_names_what_stands_on_it(api: Api) -> None:
    page = api.client.get("/chains?from=tea:head&to=tea:head", headers=HTML).text
    assert "Both ends are the same account, tea:head; a chain needs two." in page
    assert "FROM" not in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (None, SAME),
        ("en", "Both ends are the same account, tea:head; a chain needs two."),
        ("zh", "起点和终点是同一个账号 tea:head；关系链需要两个账号。"),
    ],
)
def test_programs_hear_the_engine_and_readers_the_page(
    api: Api, language: str | None, said: str
) -> None:
    headers = {} if language is None else {"Accept-Language": language}
    answer = api.client.get("/v1/chain?source=tea:head&target=tea:head", headers=headers)
    assert answer.status_code == 422
    assert answer.json()["detail"] == said
    assert answer.headers["Content-Language"] == ("zh-CN" if language == "zh" else "en")


def test_who_selected_nobody_is_told_so_where_he_was(api: Api) -> None:
    page = api.client.get("/influencers?q=tea&page=1", headers=HTML).text
    assert 'name="back" value="/influencers?q=tea&amp;page=1"' in page
    asked = {"back": "/influencers?q=tea&page=1", "format": "csv"}
    led = api.client.get("/influencers/file", params=asked, headers=HTML, follow_redirects=False)
    assert led.status_code == 303
    assert led.headers["location"] == "/influencers?q=tea&page=1&told=nobody#nobody"
    for language, said in (("en", "No account is selected"), ("zh", "没有选中账号")):
        page = api.client.get(
            led.headers["location"], headers={**HTML, "Accept-Language": language}
        ).text
        assert f'role="alert" id="nobody">{said}' in page
        assert 'name="account"' in page
        # It is told once: no link of the page repeats it.
        assert "told=" not in page
    elsewhere = {"back": "https://evil.example/"}
    led = api.client.get(
        "/influencers/file", params=elsewhere, headers=HTML, follow_redirects=False
    )
    assert led.headers["location"] == "/influencers?told=nobody#nobody"
    # Programs, which follow no ranking, get the problem as such.
    assert api.client.get("/influencers/file?format=csv").status_code == 422


def test_who_is_unknown_is_counted_once(api: Api, store: Path) -> None:
    found = guanxi.open(store).introduce(["tea:head", "x"], ["tea:001", "tea:nobody"])
    assert any("1 of 2 ids is not in the store" in each for each in found.meta["summary"])
    asked = {"sources": ["tea:head", "x"], "targets": ["tea:001", "tea:nobody"]}
    page = api.client.get(finished(api, "introduce", asked, of(found)), headers=HTML).text
    assert "not in the store" not in page
    assert page.count("Prospects: 1 of its entries names no account of the store") == 1
    assert page.count("Your team: 1 of its entries names no account of the store") == 1


def test_a_load_shows_what_happened_and_nothing_else(api: Api) -> None:
    row = {"file": "a.csv", "role": "follows", "rows": 3, "accepted": 2, "rejected": 1,
           "duplicates": 0, "removed": 0, "added": 2, "updated": 0, "made_accounts": 4,
           "rejects_file": None, "state": "loaded"}  # fmt: skip
    rows = [row, {**row, "file": "b.csv", "made_accounts": 0}]
    result = {"rows": rows, "meta": {"summary": ["net.duckdb: loaded. Next: guanxi analyze."]}}
    asked = {"files": [{"upload": "0" * 16, "role": "follows"}], "check": False, "analyze": True}
    page = api.client.get(finished(api, "load", asked, result), headers=HTML).text
    heads = re.findall(r'<th scope="col"( class="number")?><bdi>(.*?)</bdi>', page)
    assert [name for _, name in heads] == [
        *("File", "Holds", "Rows", "Accepted", "Bad rows", "New", "Accounts made", "State")
    ]
    assert [name for number, name in heads if not number] == ["File", "Holds", "State"]
    assert "net.duckdb" not in page
    assert "Analysed afterwards" not in page
    assert "Excel workbook" not in page


def test_files_of_an_export_are_linked_in_the_table(api: Api) -> None:
    result = {"rows": [{"file": "scores.csv", "rows": 5}], "meta": {}}
    address = finished(api, "export", {"format": "csv", "excel": True}, result)
    files = api.service.jobs.place(address.rpartition("/")[2]) / "files"
    files.mkdir()
    (files / "scores.csv").write_text("id\n")
    page = api.client.get(address, headers=HTML).text
    assert f'<td><a download href="/v1{address}/files/0"><bdi>scores.csv</bdi></a></td>' in page
    assert page.count("scores.csv") == 1


def test_what_is_as_usual_is_not_said_of_a_job(api: Api) -> None:
    usual = {"sources": ["a"], "targets": ["b"], "alternatives": 1, "max_hops": 4, "mutual": False}
    finished(api, "introduce", {**usual, "capacity": 2}, {"rows": [], "meta": {}})
    finished(api, "introduce", {**usual, "max_hops": 3, "mutual": True}, {"rows": [], "meta": {}})
    finished(api, "seeds", {"k": 3, "why": True, "seed": 0}, {"rows": [], "meta": {}})
    says = re.findall(
        r'class="says"><bdi>(.*?)</bdi>', api.client.get("/introduce", headers=HTML).text
    )
    assert says == [
        "Team: a · Prospects: b · Steps at most: 3 · Both ways only",
        "Team: a · Prospects: b · Asked at most: 2",
    ]
    page = api.client.get("/planner", headers=HTML).text
    assert 'class="says"><bdi>Number: 3 · Seed: 0</bdi>' in page
    assert '<td class="when">' in page


def test_accounts_whose_degrees_were_counted_have_their_names(api: Api, store: Path) -> None:
    found = guanxi.open(store).degrees(accounts=["tea:head"], lists=[["tea:001"]])
    asked = {"accounts": ["tea:head"], "lists": [["tea:001"]]}
    page = api.client.get(finished(api, "degrees", asked, of(found)), headers=HTML).text
    headings = re.findall(r'<h2 id="set-\d+">(.*?)</h2>', page)
    assert any('href="/account?id=tea%3Ahead"' in heading for heading in headings)
    assert "<bdi>list 1</bdi>" in headings


def test_a_share_of_pairs_has_its_range_in_per_cent(api: Api) -> None:
    row = {"measure": "reachable_share", "value": 0.47, "low": 0.4166, "high": 0.523}
    page = api.client.get(
        finished(api, "separation", {}, {"rows": [row], "meta": {}}), headers=HTML
    )
    assert "47.0 %<small>41.7 %–52.3 %</small>" in page.text


def test_what_was_recognised_in_a_file_is_said_in_chinese() -> None:
    said = "a.csv as follows (csv, UTF-8, comma, with header): actor = x, target; not used: note"
    assert plain_text(said, "zh") == (
        "a.csv：按关注读取，列为 actor = x, target；未使用 note", "zh",
    )  # fmt: skip


def test_interactions_of_one_day_are_told_to_be_one(api: Api) -> None:
    row = {"file": "m.csv", "role": "interactions", "rows": 9, "accepted": 9, "rejected": 0,
           "added": 4, "updated": 1, "unchanged": 1, "state": "loaded"}  # fmt: skip
    no_more = ({"role": "follows"}, {"added": 7}, {"self_loops": 3}, {"state": "checked"})
    for change, told in (({}, True), *((change, False) for change in no_more)):
        result = {"rows": [{**row, **change}], "meta": {}}
        page = api.client.get(finished(api, "load", {"files": []}, result), headers=HTML).text
        assert ("3 rows repeat what the same two accounts did" in page) == told


def test_an_account_without_a_name_says_its_id_once(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,name\na,Ann\nb,\nc,\n")
    (tmp_path / "f.csv").write_text("actor,target\na,b\nc,b\nb,a\n")
    network = guanxi.open(tmp_path / "n.duckdb", threads=1)
    network.load(accounts=[tmp_path / "a.csv"], follows=[tmp_path / "f.csv"])
    network.forget_snapshot()
    api = serve(path=tmp_path / "n.duckdb")
    for id, name, told in (("a", "Ann", "<code><bdi>a</bdi></code>"), ("b", "b", "")):
        page = api.client.get(f"/account?id={id}", headers=HTML).text
        heading = page.split("<h1")[1].split("<dl")[0]
        assert f'class="name"><bdi>{name}</bdi>' in heading
        assert re.findall("<code>.*</code>", heading) == [told][: bool(told)]
        assert "Plan with it" in page


def test_a_list_shorter_than_asked_says_so_beside_itself(api: Api, store: Path) -> None:
    found = guanxi.open(store).seeds(5000, samples=2048)
    page = api.client.get(finished(api, "seeds", {"k": 5000}, of(found)), headers=HTML).text
    warning = page.split('<div class="note warning">')[1].split("</div>")[0]
    assert re.search(r"5,000 accounts were asked for; all \d+ candidates are chosen", warning)
    assert "An account influences those who follow or repost it" in page
    assert "u -&gt; v" not in page


def test_a_network_of_interactions_alone_has_no_column_of_followers(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "i.csv").write_text("actor,target,kind\na,b,like\nc,b,like\nb,a,like\n")
    network = guanxi.open(tmp_path / "n.duckdb", threads=1)
    network.load(interactions=[tmp_path / "i.csv"])
    network.analyze()
    network.forget_snapshot()
    api = serve(path=tmp_path / "n.duckdb")

    def heads(address: str) -> list[str]:
        page = api.client.get(address, headers=HTML).text
        return re.findall(r'href="[^"]*by=(\w+)"', page.split("<thead>")[1].split("</thead>")[0])

    assert heads("/influencers") == ["weighted_in_degree", "pagerank"]
    assert "in_degree" in heads("/influencers?by=in_degree")


def test_an_address_that_there_is_not_says_where_to_begin(api: Api) -> None:
    page = api.client.get("/nowhere", headers=HTML)
    assert page.status_code == 404
    assert "Begin with the overview" in page.text
    assert page.text.split("<main")[1].count("There is nothing at this address") == 1
    chinese = api.client.get("/nowhere", headers={**HTML, "Accept-Language": "zh"}).text
    assert chinese.split("<main")[1].count("此地址没有内容") == 1
    assert "/docs shows what there is" in api.client.get("/nowhere").json()["detail"]


def test_the_verdict_on_an_account_comes_first(api: Api, store: Path) -> None:
    found = guanxi.open(store).reach([["tea:head", "tea:001"]], each=True, samples=2048)
    page = api.client.get(finished(api, "reach", {"lists": []}, of(found)), headers=HTML).text
    head = page.split('aria-labelledby="each-one"')[1].split("</thead>")[0]
    assert re.findall('<th scope="col"[^>]*>(.*?)</th>', head)[:2] == ["Account", "Verdict"]
    # On a phone the intervals give way to what is decided by.
    assert 'class="number band">95 % interval' in head
