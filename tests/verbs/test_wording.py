"""Sentences about one thing are in the singular."""

from __future__ import annotations

from pathlib import Path

from tests.verbs.conftest import Run


def test_one_of_everything_is_said_in_the_singular(
    run: Run, small_store: Path, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text("tea:head\ntea:head\nnobody\n")
    told = run("--store", small_store, "reach", "list.csv").err
    assert "1 of its entries names no account of the store and counts for nothing" in told
    assert "1 repeated entry counted once." in told
    (tmp_path / "more.csv").write_text("tea:head\nnobody\nnothing\n")
    told = run("--store", small_store, "reach", "list.csv", "more.csv").err
    assert "2 of its entries name no account of the store and count for nothing" in told
    assert "1 account stands in both" in told
    told = run("--store", small_store, "seeds", "-k", "1").err
    assert "This account is expected to reach" in told
    assert "The largest of 3 communities." in run("--store", small_store, "communities", "-n1").err
    (tmp_path / "f.csv").write_text("source,target\na,b\n,c\n")
    told = run("load", "--follows", "f.csv", "-o", "out.csv").err
    assert "1 of 2 rows rejected (empty id: 1). It is in " in told
    assert "Wrote 1 row to out.csv." in told
    assert "2 accounts in 1 community (" in run("analyze").err
    told = run("seeds", "-k", "2").err
    assert "2 accounts are expected to reach 2 of 2 accounts" in told
    (tmp_path / "chances.csv").write_text("a,b,0.5\nx,b,0.5\n")
    told = run("seeds", "-k1", "--probabilities", "chances.csv").err
    assert "1 of its rows names an account that the store does not have and counts for" in told
    told = run("degrees", "--network").err
    assert "Of these pairs: 100.0% within 1 step." in told
    (tmp_path / "one.csv").write_text("id\na\n")
    assert "of 2 accounts, itself included" in run("seeds", "-k1").err
    (tmp_path / "loop.csv").write_text("source,target\na,a\n")
    run("--store", "one.duckdb", "load", "--follows", "loop.csv")
    told = run("--store", "one.duckdb", "seeds", "-k1").err
    assert "This account is expected to reach 1 of 1 account, itself included" in told
    told = run("--store", "one.duckdb", "seeds", "-k5").err
    assert "5 accounts were asked for; the only candidate is chosen." in told
