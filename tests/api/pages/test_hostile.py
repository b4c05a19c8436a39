"""Ids, names and columns are whatever somebody wrote: none of it runs, in no page and no file."""

from __future__ import annotations

import csv
import html
import io
import json
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest

import guanxi
from tests.api.conftest import Api, Serve
from tests.api.pages.conftest import Visit, serving

TEXTS = [
    "<script>window.hacked=1;alert(1)</script>",
    '"><img src=x onerror="window.hacked=1">',
    "' onmouseover='window.hacked=1",
    "</title></svg></textarea></script><script>window.hacked=1</script>",
    "<svg onload=window.hacked=1>",
    "javascript:window.hacked=1",
    "{{ 7919 * 7907 }} {% raw %} ${7919*7907} {n} %s",
    "&lt;b&gt;&amp;amp;",
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\u202egnirts\u202c \u2066x",
    "٣ भारत 关系 🦊 e\u0301",
    "x" * 200,
    "a\u2028b\u2029c",
]
FORMULAS = ("=", "+", "-", "@")
HTML = {"Accept": "text/html"}


def write(folder: Path) -> None:
    """A network in which every text is a hostile one: ids, names, and any other column."""
    with (folder / "accounts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "platform", "city", "price", TEXTS[1]])
        for place, text in enumerate(TEXTS):
            rows.writerow([text, text, text, text, 100 + place, text])
    with (folder / "follows.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["follower", "followee"])
        rows.writerows([one, other] for one in TEXTS for other in TEXTS[:6] if one != other)
    with (folder / "interactions.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["actor", "target", "kind"])
        rows.writerows([TEXTS[i], TEXTS[(i + 1) % 6], TEXTS[0][:40]] for i in range(8))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    write(folder)
    network = guanxi.open(folder / "net.duckdb", threads=1)
    network.load(
        accounts=[folder / "accounts.csv"],
        follows=[folder / "follows.csv"],
        interactions=[folder / "interactions.csv"],
    )
    network.analyze()
    network.forget_snapshot()
    return folder / "net.duckdb"


@pytest.fixture
def api(serve: Serve, hostile: Path) -> Api:
    return serve(path=hostile)


def addresses(ids: list[str]) -> Iterator[str]:
    yield from (
        "/",
        "/influencers",
        "/communities",
        "/communities/1",
        "/planner",
        "/check",
        "/bridges",
        "/degrees",
        "/introduce",
        "/data",
        "/keys",
    )
    first = quote(ids[0])
    for id in ids:
        text = quote(id, safe="")
        yield f"/account?id={text}"
        yield f"/chains?from={text}&to={first}"
        yield f"/influencers?q={text}&where={text}&by={text}&community={text}&is.city={text}"
        yield f"/planner?account={text}&as={text}&where={text}"
        yield f"/check?account={text}"
        yield f"/degrees?account={text}&job={text}"
        yield f"/communities?q={text}"
        yield f"/login?next={text}"
        yield f"/jobs/{text}"
        yield f"/{text}"


class Elements(HTMLParser):
    """All elements with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def harmless(text: str) -> None:
    reader = Elements()
    reader.feed(text)
    for tag, attributes in reader.found:
        assert tag not in ("img", "iframe", "object", "embed", "base"), attributes
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ("href", "src", "action", "formaction"):
            value = attributes.get(name)
            assert value is None or value.startswith(("/", "#")), (tag, value)
            assert value is None or not value.startswith("//")
        assert tag != "script" or (attributes.get("src") or "").startswith("/static/")
    assert "62615533" not in text  # nothing of it was computed


def test_nothing_becomes_an_element_or_an_attribute(api: Api) -> None:
    for address in addresses(TEXTS):
        page = api.client.get(address, headers=HTML)
        assert page.status_code < 500, address
        harmless(page.text)


def test_it_is_shown_as_it_was_written(api: Api) -> None:
    for text in TEXTS:
        page = api.client.get("/account", params={"id": text}, headers=HTML)
        assert page.status_code == 200
        assert html.escape(text, quote=False) in page.text.replace("&#34;", '"').replace(
            "&#39;", "'"
        )


def test_results_of_jobs_are_as_harmless(api: Api, hostile: Path) -> None:
    network = guanxi.open(hostile)
    lists = [TEXTS[:3], TEXTS[2:5]]
    for verb, body, result in (
        ("seeds", {"k": 5, "where": TEXTS[1]}, network.seeds(5, why=True, samples=3000)),
        ("reach", {"lists": lists}, network.reach(lists, each=True, samples=3000)),
        ("top", {"where": TEXTS[0]}, network.top()),
        ("bridges", {"by": TEXTS[1], "where": TEXTS[4]}, network.bridges()),
        ("degrees", {"accounts": TEXTS[:3], "along": TEXTS[0]},
         network.degrees([TEXTS[:2]], accounts=TEXTS[2:4])),
        ("introduce", {"sources": TEXTS[6:9], "targets": TEXTS[:3]},
         network.introduce(TEXTS[6:9], TEXTS[:3])),
    ):  # fmt: skip
        job = api.service.jobs.add(verb, json.dumps(body), scope="plan", key="local")
        place = api.service.jobs.place(job.id)
        (place / "files").mkdir(parents=True)
        (place / "files" / "<b onclick=x>.csv").write_text("x")
        content = {"rows": result.rows, "meta": {**result.meta, "notes": TEXTS, "summary": TEXTS}}
        (place / "result.json").write_text(json.dumps(content, default=str), "utf-8")
        api.service.jobs.say(job.id, TEXTS[0])
        api.service.jobs.end(job.id, "done")
        page = api.client.get(f"/jobs/{job.id}", headers=HTML)
        assert page.status_code == 200
        harmless(page.text)
        chinese = api.client.get(f"/jobs/{job.id}", headers={**HTML, "Accept-Language": "zh"})
        harmless(chinese.text)
        for form in ("planner", "check", "bridges", "degrees", "introduce"):
            filled = api.client.get(f"/{form}?job={job.id}", headers=HTML)
            assert filled.status_code == 200
            harmless(filled.text)


def test_a_form_that_is_filled_in_again_is_as_harmless(api: Api) -> None:
    sent = api.upload(TEXTS[0].replace("/", ""), "id\na\n")
    body = {"exclude": [{"upload": sent}, {"where": TEXTS[1]}], "quota": [TEXTS[3]], "k": TEXTS[0]}
    job = api.service.jobs.add("seeds", json.dumps(body), scope="plan", key="local")
    api.service.jobs.begin(job.id)
    api.service.jobs.end(
        job.id, "failed", {"detail": f"The quota {TEXTS[0]!r} has a bound below 0."}
    )
    harmless(api.client.get(f"/planner?job={job.id}", headers=HTML).text)


def test_names_of_keys_are_as_harmless(serve: Serve, tmp_path: Path) -> None:
    api = serve(path=tmp_path / "nothing.duckdb")
    for text in TEXTS:
        api.client.post("/v1/keys", json={"scope": "read", "name": text}, headers=api.key("admin"))
    page = api.client.get("/keys", headers={**HTML, **api.key("admin")})
    assert page.status_code == 200
    harmless(page.text)


def test_no_formula_in_what_is_taken_away(api: Api) -> None:
    address = "/v1/top?n=100&show=city"
    taken = api.client.get(f"{address}&format=csv&excel=true").content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(taken)) for cell in row]
    assert sum(TEXTS[8] in cell for cell in cells) >= 2
    assert not [c for c in cells if c.startswith(FORMULAS) and not c.lstrip("-").isdecimal()]
    book = api.client.get(f"{address}&format=xlsx").content
    inside = zipfile.ZipFile(io.BytesIO(book))
    sheets = [inside.read(n).decode() for n in inside.namelist() if n.startswith("xl/worksheets/")]
    assert not [sheet for sheet in sheets if "<f>" in sheet or "<hyperlink" in sheet]
    for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets:
        assert not [
            cell for row in sheet for cell in row if cell.data_type == "f" or cell.hyperlink
        ]


def test_nothing_runs_in_a_browser(hostile: Path, visit: Visit) -> None:
    with serving(hostile) as address:
        visitor = visit(address)
        page = visitor.page
        for path in addresses([TEXTS[0], TEXTS[1], TEXTS[4]]):
            visitor.open(path)
            assert page.evaluate("window.hacked") is None, path
            assert page.locator("img, iframe").count() == 0
        # The browser says of pages with an error that they were one.
        visitor.wrong[:] = [
            said for said in visitor.wrong if "the server responded with" not in said
        ]
        visitor.open("/influencers")
        page.get_by_label("Select all on this page").check()
        page.get_by_role("button", name="Plan with them").click()
        signed = page.get_by_role("textbox", name="Already signed").input_value()
        assert signed.split("\n")[-1]
        assert page.evaluate("window.hacked") is None
