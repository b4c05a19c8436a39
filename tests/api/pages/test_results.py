"""What came out of jobs, as their pages show it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from httpx2 import Response

import guanxi
from guanxi.api.i18n.numbers import number, significant
from tests.api.conftest import Api

HTML = {"Accept": "text/html"}


def get(api: Api, address: str, **headers: str) -> Response:
    return api.client.get(address, headers={**HTML, **headers}, follow_redirects=False)


def finished(api: Api, verb: str, body: dict[str, Any], result: dict[str, Any]) -> str:
    """The page of a job whose result stands there already."""
    job = api.service.jobs.add(verb, json.dumps(body), scope="plan", key="local")
    place = api.service.jobs.place(job.id)
    place.mkdir(parents=True)
    (place / "result.json").write_text(json.dumps(result, default=str), "utf-8")
    api.service.jobs.end(job.id, "done")
    return f"/jobs/{job.id}"


def of(result: guanxi.Result) -> dict[str, Any]:
    return {"rows": result.rows, "meta": result.meta}


def test_a_plan_is_shown_with_curve_comparison_and_reasons(api: Api, store: Path) -> None:
    network = guanxi.open(store)
    found = network.seeds(3, include=[["tea:head"]], why=True, samples=5000)
    address = finished(api, "seeds", {"k": 3}, of(found))
    page = get(api, address).text
    assert 'class="chart curve"' in page
    for row in found.rows:
        assert row["id"] in page
    assert "Why each is there" in page
    assert "Who comes instead" in page
    assert "Most followers" in page
    assert f"{address}".replace("/jobs", "/v1/jobs") + "/result?format=xlsx" in page
    assert "预计触达" in get(api, address, **{"Accept-Language": "zh"}).text
    assert address in get(api, "/planner").text
    assert address not in get(api, "/check").text


def test_a_plan_for_a_reach_is_compared_by_what_each_list_takes(api: Api, store: Path) -> None:
    found = guanxi.open(store).seeds(target=12, cost="2 * in_degree + 5", samples=5000)
    page = get(api, finished(api, "seeds", {"target": 12}, of(found))).text
    table = page.split('id="compare"')[1].split("</table>")[0]
    assert "Lists that reach as much" in table
    for entry in found.meta["compared_with"]:
        if not entry["chosen"]:
            assert f'<td class="number optional">{entry["size"]}</td>' in table
            assert f'<td class="number">{number(entry["cost"])}</td>' in table
    assert "No list that reaches the target takes less" in page
    assert "same size or cost" not in page


def test_a_cost_says_whom_it_does_not_count(api: Api) -> None:
    row = {"id": "tea:head", "name": None, "community": 1, "marginal_reach": 1.0, "reach": 3.0,
           "reach_low": 1.0, "reach_high": 4.0, "spent": 5.0}  # fmt: skip
    rows = [
        {"rank": 1, **row, "cost": 7.0, "included": True},
        {"rank": 2, **row, "cost": 5.0, "included": False},
        {"rank": 3, **row, "cost": None, "included": False},
    ]
    meta = {"accounts": 22, "share": 1.0, "chosen_by": "greedy coverage for the cost"}
    page = get(api, finished(api, "seeds", {"budget": 9}, {"rows": rows, "meta": meta})).text
    assert "The one that is already signed is not counted in this." in page
    assert "One has no price and is not counted in this." in page
    assert "each adds the most for its cost" in page
    assert "accounts</text>" in page  # where a cost is not known, the curve goes by number
    others = {"name": "most-followers", "chosen": False, "size": 3, "cost": 9.0, "reach": 2.0}
    result = {"rows": rows, "meta": {**meta, "compared_with": [others]}}
    compared = get(api, finished(api, "seeds", {"budget": 9}, result)).text
    assert "A cost is left out (–) where" in compared.split('id="compare"')[1]


def test_a_list_without_a_cost_says_why(api: Api) -> None:
    row = {"size": 2, "reach": 5.0, "reach_low": 1.0, "reach_high": 9.0, "share": 0.1, "adds": 1.0}
    said = "A cost is left out (–) where an account of the list has no price."
    for cost, expected in ((None, True), (5.0, False)):
        rows = [{"set": "mine", **row, "cost": cost}, {"set": "tea:head", **row, "cost": 5.0}]
        result = {"rows": rows, "meta": {}}
        assert (said in get(api, finished(api, "reach", {}, result)).text) is expected


def test_nobody_plans_with_who_opted_out(api: Api) -> None:
    assert "as=include" in get(api, "/account?id=tea:head").text
    page = get(api, "/account?id=art:000").text
    assert "has opted out" in page
    assert "as=include" not in page


def test_a_long_plan_has_pages(api: Api) -> None:
    row = {"id": "tea:head", "name": None, "community": 1, "cost": 1.0, "marginal_reach": 1.0,
           "reach_low": 1.0, "reach_high": 2.0}  # fmt: skip
    rows = [{"rank": n, **row, "reach": float(n), "spent": float(n)} for n in range(1, 251)]
    address = finished(api, "seeds", {}, {"rows": rows, "meta": {"accounts": 22, "share": 1.0}})
    assert "201–250" in get(api, f"{address}?page=3").text
    assert "cost</text>" in get(api, address).text


def test_a_check_shows_overlap_and_what_can_be_left_out(api: Api, store: Path) -> None:
    lists = [["tea:head", "tea:001"], ["tea:head", "art:head"]]
    found = guanxi.open(store).reach(lists, each=True, samples=20000)
    page = get(api, finished(api, "reach", {"lists": lists, "each": True}, of(found))).text
    assert "list 1</bdi> ∩ <bdi>list 2" in page
    assert "all lists together" in page
    assert "adds little" in page
    assert "adds of its own" in page
    # What the rest costs for what it adds stands beside the verdict, which is about reach alone.
    assert "whether that is worth the money" in page
    each = page.split('id="each-one"')[1]
    for row in found.rows[3:]:
        if row["cost"] is not None and row["adds"] > 0:
            assert f'<td class="number">{significant(row["cost"] / row["adds"])}</td>' in each


def test_without_prices_nothing_is_said_of_money(api: Api) -> None:
    row = {"size": 1, "cost": None, "reach_low": 1.0, "reach_high": 9.0, "share": 0.1}
    rows = [
        {"set": "mine", **row, "reach": 5.0, "adds": None},
        {"set": "tea:head", **row, "reach": 4.0, "adds": 0.0},
        {"set": "art:head", **row, "reach": 3.0, "adds": 1.0},
    ]
    page = get(api, finished(api, "reach", {"each": True}, {"rows": rows, "meta": {}})).text
    assert "adds of its own" in page
    assert "money" not in page
    assert "Cost" not in page


def test_a_job_that_runs_or_failed(api: Api) -> None:
    jobs = api.service.jobs
    job = jobs.add("seeds", '{"k":5}', scope="plan", key="local")
    page = get(api, f"/jobs/{job.id}").text
    assert "<progress" in page
    assert "Cancel" in page
    jobs.begin(job.id)
    jobs.progress(job.id, "Seeds", 5, 10, 3.0)
    jobs.say(job.id, "<b>half</b>")
    page = get(api, f"/jobs/{job.id}").text
    assert 'value="50.0"' in page
    assert "&lt;b&gt;half" in page
    jobs.end(job.id, "failed", {"detail": "No <i>luck</i>."})
    page = get(api, f"/jobs/{job.id}").text
    assert "No &lt;i&gt;luck" in page
    assert "Try again" in page


def test_several_lists_of_one_run_are_shown_one_by_one(api: Api, store: Path) -> None:
    found = guanxi.open(store).seeds([2, 4], samples=5000)
    address = finished(api, "seeds", {"k": [2, 4]}, of(found))
    last, first = get(api, address).text, get(api, f"{address}?list=1").text
    assert (listed(first), listed(last)) == (2, 4)
    assert "These 2 accounts are expected" in first
    assert "These 4 accounts are expected" in last
    assert "Most followers" in last  # what was compared is the last list
    assert "Most followers" not in first
    assert f"{address}?list=2" in first
    for wrong in ("0", "9", "x", "٣"):
        assert listed(get(api, f"{address}?list={wrong}").text) == 4
    assert f"/planner{address.replace('/jobs/', '?job=')}" in last


def test_an_audience_is_counted_by_its_weight(api: Api, store: Path, tmp_path: Path) -> None:
    (tmp_path / "worth.csv").write_text("id,weight\ntea:001,2\ntea:002,3\nart:001,5\n", "utf-8")
    network = guanxi.open(store)
    found = network.seeds(2, audience=tmp_path / "worth.csv", samples=5000)
    page = get(api, finished(api, "seeds", {"k": 2}, of(found))).text
    assert " of 10 in audience weight" in page
    assert "audience weight reached" in page
    lists = [["tea:head"], ["art:head"]]
    checked = network.reach(lists, audience=tmp_path / "worth.csv", samples=5000)
    assert "Share of the audience" in get(api, finished(api, "reach", {}, of(checked))).text


def listed(page: str) -> int:
    """Rows of the list of a plan."""
    table = page[page.index('id="list"') : page.index("</table>", page.index('id="list"'))]
    return table.count('<th scope="row"')


def test_bridges_are_shown_with_what_their_numbers_mean(api: Api, store: Path) -> None:
    found = guanxi.open(store).bridges(n=4)
    address = finished(api, "bridges", {"n": 4}, of(found))
    page = get(api, address).text
    for row in found.rows:
        assert row["id"] in page
    assert "between two others that run through" in page
    assert "其他两个账号之间的最短路径" in get(api, address, **{"Accept-Language": "zh"}).text
    assert address in get(api, "/bridges").text


def test_degrees_are_shown_by_step_and_by_community(api: Api, store: Path) -> None:
    network = guanxi.open(store)
    steps = network.degrees([["tea:head"]], accounts=["art:head"])
    page = get(api, finished(api, "degrees", {}, of(steps))).text
    assert page.count("<table") == 2
    assert "art:head" in page
    within = network.degrees([["tea:head"]], communities=True)
    page = get(api, finished(api, "degrees", {}, of(within))).text
    assert "within 1 step<" in page
    assert page.count('<th scope="row"') == within.rows[-1]["community"]
    apart = network.separation(along="either")
    page = get(api, finished(api, "separation", {}, of(apart))).text
    assert "Steps between two accounts, on average" in page


def test_introductions_are_shown_with_the_way_and_who_is_left(api: Api, store: Path) -> None:
    found = guanxi.open(store).introduce(["tea:head"], ["tea:001", "art:head", "car:head"])
    address = finished(api, "introduce", {}, of(found))
    page = get(api, address).text
    assert page.count('<th scope="row"') == len(found.rows)
    for id in found.meta["unreachable"]:
        assert id in page
    assert address in get(api, "/introduce").text
    assert "format=csv&amp;excel=true" in page


def test_notes_and_errors_of_the_engine_are_said_in_chinese(api: Api) -> None:
    chinese = {"Accept-Language": "zh"}
    page = get(api, "/influencers?where=prize%3C5", **chinese).text
    assert "账号没有名为 prize 的列" in page
    assert "没有账号" in get(api, "/account?id=nobody", **chinese).text
    job = api.service.jobs.add("seeds", "{}", scope="plan", key="local")
    api.service.jobs.begin(job.id)
    api.service.jobs.say(job.id, "Seeds …")
    page = get(api, f"/jobs/{job.id}", **chinese).text
    assert "选择账号 …" in page
    assert "data-stages='{&#34;" in page or "data-stages='{\"" in page


def test_a_load_is_shown_without_empty_columns_and_in_the_words_of_the_page(api: Api) -> None:
    row = {"file": "bad.csv", "role": "accounts", "rows": 2, "added": None, "state": "checked",
           "rejects_file": "x.csv"}  # fmt: skip
    meta = {"summary": ["bad.csv: 1 of 2 rows rejected (empty id: 1)."]}
    address = finished(api, "load", {"files": [], "check": True}, {"rows": [row], "meta": meta})
    page = get(api, address).text
    assert page.count('<th scope="col"') == 4
    chinese = get(api, address, **{"Accept-Language": "zh"}).text
    for said in ("<td>账号</td>", "<td>已检查</td>", "2 行中有 1 行被剔除（ID 为空 1 行）"):
        assert said in chinese


def test_who_was_left_out_stands_beside_the_result(api: Api, store: Path) -> None:
    found = guanxi.open(store).reach([["tea:head", "nobody"]], samples=5000)
    page = get(api, finished(api, "reach", {"lists": [["tea:head", "nobody"]]}, of(found))).text
    assert page.index("names no account of the store") < page.index("<table")


def test_requests_and_values_are_told_in_words(api: Api) -> None:
    body = {
        "audience": {"where": "city = 'X'"},
        "lists": [["a", "b"], ["c", "d", "e", "f"]],
        "quota": ["a: 1", "b: 2", "c: 3", "d: 4"],
    }
    rows = [{"set": "a", "size": 1, "reach": 1.0, "reach_low": 1.0, "reach_high": 1.0,
             "share": 1.0, "adds": 1.0, "signed": True}]  # fmt: skip
    address = finished(api, "export", body, {"rows": rows, "meta": {}})
    page = get(api, address).text
    assert "accounts with city = &#39;X&#39;" in page
    assert "a, b; 4 accounts" in page
    assert "a: 1, b: 2, c: 3, d: 4" in page
    assert "<bdi>yes</bdi>" in page
    assert "<bdi>是</bdi>" in get(api, address, **{"Accept-Language": "zh"}).text


def test_a_page_names_no_commands(api: Api) -> None:
    summary = ["5 accounts. Next: guanxi analyze.", "Next: guanxi top, guanxi communities."]
    page = get(api, finished(api, "load", {}, {"rows": [], "meta": {"summary": summary}})).text
    assert "5 accounts." in page
    assert "Next:" not in page
    assert "<p></p>" not in page
