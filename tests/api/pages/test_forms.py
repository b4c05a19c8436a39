"""Forms: what fills them, what they say is wrong, and that they ask for what the engine takes."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from httpx2 import Response

from guanxi.api.bodies import VERBS
from guanxi.api.pages.filled import Filled
from guanxi.api.pages.forms import FIELDS, ONE, SEVERAL
from tests.api.conftest import Api, Serve

HTML = {"Accept": "text/html"}
ADDRESSES = {
    "seeds": "/planner",
    "reach": "/check",
    "bridges": "/bridges",
    "degrees": "/degrees",
    "introduce": "/introduce",
}


class Form(HTMLParser):
    """What the first form that calls an address would send, control by control."""

    def __init__(self, page: str, call: str) -> None:
        super().__init__()
        self.controls: list[tuple[str, dict[str, str | None], str]] = []
        self._call, self._inside = call, False
        self._open: tuple[str, dict[str, str | None]] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self._inside = found.get("data-call") == self._call
        if self._inside and found.get("name"):
            if tag == "textarea":
                self._open = (str(found["name"]), found)
                self.controls.append((str(found["name"]), found, ""))
            else:
                self.controls.append((str(found["name"]), found, found.get("value") or ""))
        elif self._inside and tag == "option" and "selected" in found:
            name, attributes, _ = self.controls[-1]
            self.controls[-1] = (name, attributes, found.get("value") or "")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            name, attributes, text = self.controls[-1]
            self.controls[-1] = (name, attributes, text + data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._open = None
        if tag == "form":
            self._inside = False

    def names(self) -> set[str]:
        return {name for name, _, _ in self.controls}

    def values(self, name: str) -> list[str]:
        return [value for own, _, value in self.controls if own == name and value]

    def checked(self, name: str) -> bool:
        return any(own == name and "checked" in found for own, found, _ in self.controls)


def get(api: Api, address: str, **headers: str) -> Response:
    page = api.client.get(address, headers={**HTML, **headers})
    assert page.status_code == 200, page.text
    return page


def form(api: Api, verb: str, job: str | None = None) -> Form:
    address = ADDRESSES[verb] + (f"?job={job}" if job else "")
    return Form(get(api, address).text, f"/v1/{verb}")


def add(api: Api, verb: str, body: dict[str, Any], detail: str | None = None) -> str:
    """A job that was asked before, and failed where `detail` says why."""
    job = api.service.jobs.add(verb, json.dumps(body), scope="plan", key="local")
    if detail is not None:
        api.service.jobs.begin(job.id)
        api.service.jobs.end(job.id, "failed", {"detail": detail, "status": 422})
    return job.id


@pytest.mark.parametrize("verb", ADDRESSES)
def test_forms_ask_for_what_there_is_and_show_what_they_say(api: Api, verb: str) -> None:
    fields = VERBS[verb].body.model_fields
    assert form(api, verb).names() == set(FIELDS[verb])
    assert set(FIELDS[verb]) <= set(fields)


def test_a_plan_comes_back_with_everything_that_was_filled_in(api: Api) -> None:
    kept, gone = api.upload("signed.csv", "id\ntea:head\n"), "0" * 16
    body = {
        "k": [10, 20],
        "include": [["tea:head", "tea:001"], {"upload": kept}],
        "exclude": [{"where": "price > 100"}, {"upload": gone}, {"where": "city is null"}],
        "where": "city = 'Shanghai'",
        "audience": {"upload": kept},
        "won": {"where": "stage = 'customer'"},
        "quota": ["city = 'Shanghai': >=2", "each community: <=3"],
        "model": "uniform",
        "probability": 0.25,
        "profile": "followers-only",
        "precision": 0.9,
        "max_seconds": 60.0,
        "cost": "2 * price",
        "hops": 3,
        "activity": "auto",
        "memory": "1GB",
    }
    job = add(api, "seeds", body)
    found = form(api, "seeds", job)
    assert found.values("k") == ["10; 20"]
    assert found.values("include")[0] == "tea:head\ntea:001"
    assert json.loads(found.values("include")[1]) == {"upload": kept}
    assert found.values("exclude") == ["price > 100\ncity is null"]
    assert found.values("quota") == ["city = 'Shanghai': >=2\neach community: <=3"]
    assert json.loads(found.values("audience")[0]) == {"upload": kept}
    assert found.values("won") == ["stage = 'customer'"]
    for name in ("where", "model", "profile", "cost"):
        assert found.values(name) == [body[name]]
    for name, text in {"probability": "0.25", "precision": "0.9", "max_seconds": "60",
                       "hops": "3"}.items():  # fmt: skip
        assert found.values(name) == [text]
    assert found.checked("activity")
    assert not found.checked("why")
    assert form(api, "seeds").checked("why")
    assert json.loads(found.values("memory")[0]) == "1GB"
    page = get(api, f"/planner?job={job}").text
    assert "signed.csv" in page
    assert "One file that was sent before is gone" in page


def test_lists_introductions_and_degrees_come_back_too(api: Api) -> None:
    check = form(api, "reach", add(api, "reach", {"lists": [["a", "b"], ["c"]], "each": False}))
    assert check.values("lists") == ["a\nb", "c"]
    assert not check.checked("each")
    ways = form(api, "introduce", add(api, "introduce", {
        "sources": ["a", "b"], "targets": ["c"], "capacity": 2, "mutual": True,
    }))  # fmt: skip
    assert ways.values("sources") == ["a\nb"]
    assert ways.values("capacity") == ["2"]
    assert ways.checked("mutual")
    steps = form(api, "degrees", add(api, "degrees", {
        "accounts": ["a"], "along": "mutual", "communities": True,
    }))  # fmt: skip
    assert steps.values("accounts") == ["a"]
    assert steps.values("along") == ["mutual"]
    assert steps.checked("communities")
    some = form(api, "bridges", add(api, "bridges", {"by": "constraint", "joins": [1, 2], "n": 7}))
    assert (some.values("by"), some.values("joins"), some.values("n")) == (
        ["constraint"], ["1; 2"], ["7"],
    )  # fmt: skip


def test_files_of_a_load_come_back(api: Api) -> None:
    sent = api.upload("fans.csv", "fan,star\na,b\n")
    files = [{"upload": sent, "role": "follows", "columns": "actor=fan,target=star"}]
    job = add(api, "load", {"files": files, "check": True}, "The file cannot be read.")
    page = get(api, f"/data?job={job}").text
    found = Form(page, "/v1/load")
    assert [json.loads(value) for value in found.values("files")] == files
    assert 'value="actor=fan,target=star"' in page
    assert found.checked("check")
    assert not found.checked("analyze")
    assert "The file cannot be read." in page


def test_what_a_load_was_told_of_its_files_comes_back(api: Api) -> None:
    fresh = get(api, "/data").text
    assert Form(fresh, "/v1/load").names() == set(FIELDS["load"])
    assert set(FIELDS["load"]) <= set(VERBS["load"].body.model_fields)
    assert Form(fresh, "/v1/load").checked("analyze")
    assert '<details class="more"><summary>How to read the files' in fresh
    sent = api.upload("acts.csv", "a;b\n")
    body = {
        "files": [{"upload": sent, "role": "interactions", "kind": "repost"}],
        "timezone": "Asia/Tokyo",
        "input_format": "csv",
        "encoding": "gb18030",
        "delimiter": ";",
        "header": False,
        "skip_lines": 2,
        "sheet": "Data",
        "max_rejects": "5%",
        "undirected": True,
        "replace": True,
    }
    page = get(api, f"/data?job={add(api, 'load', body)}").text
    found = Form(page, "/v1/load")
    for name in ("timezone", "input_format", "encoding", "delimiter", "sheet", "max_rejects"):
        assert found.values(name) == [body[name]]
    assert (found.values("header"), found.values("skip_lines")) == (["false"], ["2"])
    ticked = {name for name in ("undirected", "replace", "again") if found.checked(name)}
    assert ticked == {"undirected", "replace"}
    assert 'data-field="kind" value="repost"' in page
    assert '<details class="more" open><summary>How to read the files' in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("timezone", "Mars/Phobos", "没有时区"),
        ("encoding", "klingon", "未知的编码"),
        ("max_rejects", "lots", "允许的坏行须为"),
    ],
)
def test_a_wrong_word_of_a_load_is_told_below_its_field(
    api: Api, field: str, value: str, said: str
) -> None:
    sent = api.upload("follows.csv", "actor,target\na,b\n")
    body = {"files": [{"upload": sent, "role": "follows"}], field: value}
    found = posted(api, "load", body, **{"Accept-Language": "zh-CN"})
    (error,) = found["errors"]
    assert error["place"] == f"body.{field}"
    assert error["message"].startswith(said)


def test_a_wrong_condition_stands_below_the_conditions(api: Api) -> None:
    sentence = "2 accounts are both included and excluded."
    by_ids = add(api, "seeds", {"k": 5, "include": [["a"], {"where": "b"}]}, sentence)
    by_condition = add(api, "seeds", {"k": 5, "include": [{"where": "b"}]}, sentence)
    for job, id in ((by_ids, "include"), (by_condition, "include-where")):
        page = get(api, f"/planner?job={job}").text
        assert re.findall(r'id="([a-z-]+)-problem"', page) == [id]
        assert page.count('aria-invalid="true"') == 1


def test_who_opted_out_is_spoken_of_where_accounts_are_chosen(api: Api) -> None:
    assert get(api, "/planner").text.count("opted out") == 1
    assert "opted out" not in get(api, "/check").text


def test_try_again_opens_the_form_with_the_problem_beside_its_field(api: Api) -> None:
    sentence = "The quota 'x' needs communities; run `guanxi analyze` first."
    job = add(api, "seeds", {"k": 5, "quota": ["x"]}, sentence)
    (again,) = re.findall(r'href="(/planner\?job=\w+)"', get(api, f"/jobs/{job}").text)
    page = get(api, again).text
    attributes = re.search(r'<textarea id="quota"([^>]*)>x</textarea>', page)
    assert attributes is not None
    assert 'aria-invalid="true"' in attributes[1]
    assert 'aria-describedby="quota-help quota-problem"' in attributes[1]
    said = "The quota &#39;x&#39; needs communities; analyse the network first."
    assert f'id="quota-problem">{said}</p>' in page
    assert page.count('aria-invalid="true"') == 1
    chinese = get(api, again, **{"Accept-Language": "zh"}).text
    assert "需要社群；请先分析网络。" in chinese


def test_a_problem_of_no_field_stands_above_the_form(api: Api) -> None:
    job = add(
        api, "seeds", {"k": 5}, "Something went wrong in the job; the server's log says what."
    )
    page = get(api, f"/planner?job={job}").text
    assert "aria-invalid" not in page
    assert re.search(r'<div class="note error" role="alert"><p>Something went wrong', page)


def test_only_jobs_of_that_verb_that_one_may_see_fill_a_form(serve: Serve) -> None:
    api = serve()
    job = add(api, "seeds", {"k": 77})
    loaded = add(api, "load", {"files": [], "check": True})
    assert form(api, "reach", job).values("lists") == []
    assert form(api, "seeds", "nothing").values("k") == []
    key = api.key("read")
    page = api.client.get(f"/planner?job={job}", headers={**HTML, **key}).text
    assert "77" not in page.split("<main")[1]
    assert api.client.get(f"/data?job={loaded}", headers={**HTML, **key}).status_code == 200


def test_what_an_address_fills_in_is_no_earlier_request(api: Api) -> None:
    found = Form(get(api, "/degrees?account=tea:head").text, "/v1/degrees")
    assert found.values("accounts") == ["tea:head"]


def test_conditions_are_kept_only_where_no_control_shows_them() -> None:
    several = [{"where": "b"}, {"where": "c = '1\n2'"}, {"where": "d"}]
    filled = Filled({"won": {"where": "a"}, "exclude": several, "n": 2.5, "x": [1.0, 2.5]})
    assert filled.kept("won") == []
    assert [kept.label for kept in filled.kept("exclude")] == ["b", "c = '1\n2'", "d"]
    # A control with one condition a line shows all but the one that takes two.
    assert filled.conditions("exclude") == "b\nd"
    assert [kept.label for kept in filled.kept("exclude", conditions=False)] == ["c = '1\n2'"]
    assert filled.condition("won") == "a"
    assert (filled.text("n"), filled.text("x"), filled.text("nothing", "5")) == (
        "2.5",
        "1; 2.5",
        "5",
    )


def posted(api: Api, verb: str, body: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = api.client.post(f"/v1/{verb}", json=body, headers=headers)
    assert answer.status_code == 422, answer.text
    found: dict[str, Any] = answer.json()
    return found | {"language": answer.headers["Content-Language"]}


def test_a_wrong_field_is_named_in_the_language_of_the_page(api: Api) -> None:
    english = posted(api, "seeds", {"k": 0})
    (error,) = [each for each in english["errors"] if each["place"].startswith("body.k")][:1]
    assert error["message"] == "Input should be greater than or equal to 1."
    assert english["language"] == "en"
    chinese = posted(api, "seeds", {"k": 0}, **{"Accept-Language": "zh-CN"})
    assert any(each["message"] == "不得小于 1。" for each in chinese["errors"])
    assert chinese["language"] == "zh-CN"
    assert api.client.get("/v1/account?id=nobody").json().get("errors") is None


def test_who_makes_a_key_on_a_page(serve: Serve) -> None:
    api = serve()
    page = get(api, "/keys").text
    assert "There is no key yet" in page
    assert 'value="admin" selected' in page
    admin = api.key("admin", name="<b>me</b>")
    old = api.client.post("/v1/keys", json={"scope": "read", "name": "old"}, headers=admin).json()
    api.client.delete(f"/v1/keys/{old['id']}", headers=admin)
    page = get(api, "/keys", **admin).text
    assert "&lt;b&gt;me&lt;/b&gt;" in page
    assert "your own" in page
    assert "revoked" in page
    assert page.count('data-method="DELETE" data-call="/v1/keys/') == 1
    assert old["key"] not in page
    assert api.client.get("/keys", headers={**HTML, **api.key("write")}).status_code == 403
    limited = {"scope": "read", "rate": 60, "rows": 500, "body": 5 << 20}
    assert api.client.post("/v1/keys", json=limited, headers=admin).status_code == 201
    page = get(api, "/keys", **admin).text
    assert "60 requests a minute, 500 rows, files of 5.0 MB" in page
    assert page.count("the usual ones") == 3
    assert Form(page, "/v1/keys").names() == set(FIELDS["keys"])
    assert 'href="/keys"' in get(api, "/data", **admin).text
    assert 'href="/keys"' not in get(api, "/data", **api.key("write")).text


@pytest.mark.parametrize(
    ("text", "one", "several"),
    [
        ("50,000", True, True),
        ("50，000.5", True, True),
        (" 10 ", True, True),
        ("10; 20,000", False, True),
        ("10,20", False, False),
        ("many", False, False),
    ],
)
def test_numbers_may_be_grouped_by_commas(text: str, one: bool, several: bool) -> None:
    assert bool(re.fullmatch(ONE, text)) == one
    assert bool(re.fullmatch(SEVERAL, text)) == several
