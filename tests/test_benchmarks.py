"""The pages that the benchmarks write; what they measure is run by hand."""

from __future__ import annotations

import pytest

from benchmarks import report
from benchmarks.__main__ import ALONE, DOCS
from benchmarks.harness import Row, Scale


@pytest.mark.parametrize("kind", report.PAGES)
def test_each_page_tells_where_it_was_made_and_its_rows(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "versions", lambda peers: ", ".join(peers))
    sections = {"A title.\nWhat it is.": [Row("group", "guanxi", 1.5, goal="≤ 2 s")]}
    page = report.PAGES[kind].text(sections, Scale(accounts=7_000))
    head, _, rest = page.partition("## Goals")
    assert report.machine() in head
    assert ", ".join(report.PAGES[kind].peers) in " ".join(head.split())
    assert "{" not in head
    assert "| group | guanxi | 1.5 s |" in rest
    assert "## A title\n\nWhat it is." in rest
    assert (DOCS / f"benchmarks{'-' if kind else ''}{kind}.md").exists()
    assert kind == "" or kind in ALONE
    assert ("## Measured once" in page) == (kind == "seeds")


def test_every_benchmark_alone_has_a_page() -> None:
    assert {"", *ALONE} == {*report.PAGES}
