"""The HTTP API beside a FastAPI route that does nothing.

`guanxi serve` with two workers of one thread each, asked with a key. A process of its own asks
over 16 connections that stay open, each the next question as soon as it has its answer; server and
client share the cores. The peer is an empty route of FastAPI under uvicorn with two workers, the
same HTTP implementation, connections spread over both, and nothing around it. Fresh accounts were
never asked for before, pages of top are repeated: that is what browsers do. A ratio of 2.5 is 0.4
times the requests a second.

Filters are asked over one connection, each condition for the first time. The seeds job runs as
jobs do, at lower priority, with one thread.

The page is the overview, as a browser with an empty cache sees it after a log-in; the first visit
after the server has started is told apart, when nothing is at hand in any worker.
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import guanxi
from benchmarks.api_page import first_page
from benchmarks.api_servers import Answers, Server, empty_server, guanxi_server, make_store
from benchmarks.harness import Row, Scale

#: Conditions over the columns of the generator; `{}` makes each a new one.
CONDITIONS = (
    "city = 'Shanghai' and price <= {}",
    "price between {} and 5000",
    "platform = 'weibo' and price < {}",
    "followers_reported > {}",
    "joined >= '2024-01-01' and price > {}",
    "city in ('Beijing', 'Shenzhen') and not opted_out and price > {}",
    "stage is not null and price > {}",
    "pagerank > 0.000001 and price > {}",
)


def run(scale: Scale) -> list[Row]:
    store = make_store(scale)
    seconds = 0.3 if scale.quick else 4.0
    with guanxi_server(store) as ours, empty_server() as peer:
        rows = first_page(f"http://127.0.0.1:{ours.port}", ours.key, 3 * scale.rounds)
        rows += _rates(ours, peer, _accounts(store), scale, seconds)
        rows += _filters(ours, 40 if scale.quick else 200)
        rows += _beside_a_job(ours, 20 if scale.quick else 400, scale)
        memory = max(ours.worker_memory())
        rows.append(
            Row("A worker, after all of it", "guanxi", 0.0, memory=memory, goal="≤ 250 MB",
                note=f"{memory:.0f} MB beyond the shared snapshot")
        )  # fmt: skip
    return rows


def _accounts(store: Path) -> list[str]:
    """Addresses of accounts in an order of chance."""
    snapshot = guanxi.open(store).snapshot()
    chosen = random.Random(1).sample(range(snapshot.n), min(snapshot.n, 200_000))
    return [f"/v1/account?id={quote(id)}" for id in snapshot.ids_of(chosen)]


def _rates(
    ours: Server, peer: Server, accounts: list[str], scale: Scale, seconds: float
) -> list[Row]:
    """In turns; each turn of fresh accounts goes on where the one before it ended."""
    top = [f"/v1/top?n=50&by={by}" for by in ("pagerank", "in_degree", "weighted_in_degree")]
    ours.ask(accounts[-400:] + top, seconds=seconds)
    place = itertools.count(step=len(accounts) // (scale.rounds + 1))
    subjects: dict[str, Callable[[], Answers]] = {
        "guanxi: top page": lambda: ours.ask(top, seconds=seconds),
        "guanxi: fresh accounts": lambda: ours.ask(accounts[next(place) :], seconds=seconds),
        "guanxi: accounts asked again": lambda: ours.ask(accounts[-400:], seconds=seconds),
        "empty route": lambda: peer.ask(["/"], seconds=seconds),
    }
    seen: dict[str, list[Answers]] = {name: [] for name in subjects}
    for _ in range(scale.rounds):
        for name, ask in subjects.items():
            seen[name].append(ask())
        print(".", end="", file=sys.stderr, flush=True)
    rows = []
    for name, turns in seen.items():
        pairs = zip(turns, seen["empty route"], strict=True)
        share = statistics.median(turn.rate / other.rate for turn, other in pairs)
        rate = statistics.median(turn.rate for turn in turns)
        middle = statistics.median(took for turn in turns for took in turn.took)
        note = f"{rate:,.0f} requests/s, {share:.2f} of the empty route; median {middle:.3g} s"
        goal = "≤ 2.5" if name.startswith("guanxi") else ""
        rows.append(Row("A request under load", name, 1 / rate, None, 1 / share, None, goal, note))
    return rows


def _filters(ours: Server, number: int) -> list[Row]:
    ours.ask(_conditions(8, 1), connections=1, requests=8)
    found = ours.ask(_conditions(number, 100), connections=1, requests=number, seconds=600)
    group = f"{number} filters over account columns, one after the other"
    middle = statistics.median(found.took)
    note = f"99th percentile {_percentile(found):.3g} s"
    return [Row(group, "guanxi, median", middle, goal="≤ 0.04 s", note=note)]


def _conditions(number: int, first: int) -> list[str]:
    return [
        f"/v1/top?n=50&where={quote(CONDITIONS[i % len(CONDITIONS)].format(first + i))}"
        for i in range(number)
    ]


def _beside_a_job(ours: Server, number: int, scale: Scale) -> list[Row]:
    """Filters, accounts and pages while a list is searched, as long as it is."""
    job = ours.call(
        "POST", "/v1/seeds", {"k": 50, "samples": 200_000 if scale.quick else 3_000_000}
    )
    address = f"/v1/jobs/{job['id']}"
    while ours.call("GET", address)["state"] == "queued":
        time.sleep(0.1)
    found = ours.ask(_conditions(number, 10_000), connections=1, requests=number, seconds=600)
    state = ours.call("GET", address)["state"]
    if state == "running":
        ours.call("POST", f"{address}/cancel")
    note = f"median {statistics.median(found.took):.3g} s; the job was {state} at the end"
    return [
        Row(f"{number} filters beside a seeds job", "guanxi, 99th percentile",
            _percentile(found), goal="≤ 0.3 s", note=note)
    ]  # fmt: skip


def _percentile(found: Answers) -> float:
    return sorted(found.took)[int(len(found.took) * 0.99)]
