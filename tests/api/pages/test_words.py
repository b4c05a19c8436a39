"""Pages speak of their fields where the command line speaks of options; the API does as asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import guanxi
from tests.api.conftest import Api
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
