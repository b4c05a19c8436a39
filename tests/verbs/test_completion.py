"""Completion in the shell: the values of options, and the script for each shell."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi import cli_completion
from guanxi.graph.readers.raw import FORMATS as INPUT_FORMATS
from guanxi.graph.ties import PROFILES
from guanxi.results import FORMATS as FILE_FORMATS
from guanxi.verbs.analyze import EXTRA, METHODS
from tests.verbs.conftest import Run

ROOM = {"COMP_CWORD": "3", "_GUANXI_COMPLETE": "complete_bash"}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("top --format ", ["table", *FILE_FORMATS]),
        ("top -f ", ["table", *FILE_FORMATS]),
        ("load --input-format ", list(INPUT_FORMATS)),
        ("analyze --communities ", list(METHODS)),
        ("analyze --with ", list(EXTRA)),
        ("seeds --profile ", sorted(PROFILES)),
        ("account --profile e", ["engagement"]),
        ("export --format ", ["csv", "jsonl", "parquet", "neo4j-admin"]),
        ("top --by pa", ["pagerank"]),
    ],
)
def test_options_with_few_values_offer_them(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str, offered: list[str]
) -> None:
    for name, value in {**ROOM, "COMP_WORDS": f"guanxi {words}"}.items():
        monkeypatch.setenv(name, value)
    assert run().out.split() == offered


def test_own_profiles_are_offered(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "guanxi.toml").write_text("[profiles.gifts]\nfollow_weight = 0\n")
    for name, value in {**ROOM, "COMP_WORDS": "guanxi seeds --profile g"}.items():
        monkeypatch.setenv(name, value)
    assert run().out.split() == ["gifts"]
    (tmp_path / "guanxi.toml").write_text("broken")
    monkeypatch.setenv("COMP_WORDS", "guanxi seeds --profile d")
    assert run().out.split() == ["default"]


def test_the_scores_offered_are_those_that_there_are(run: Run, demo_store: Path) -> None:
    scores = run("--store", demo_store, "status", "-f", "json").json()["rows"][0]["scores"]
    assert set(cli_completion.SCORES) == set(scores)


def test_each_shell_has_a_script_of_its_own(run: Run) -> None:
    signs = {"bash": "COMPREPLY", "zsh": "compdef", "fish": "complete --command guanxi"}
    signs |= {"powershell": "Register-ArgumentCompleter", "pwsh": "Register-ArgumentCompleter"}
    assert set(signs) == set(cli_completion.SHELLS)
    for shell, sign in signs.items():
        done = run("--show-completion", shell)
        assert done.code == 0
        assert sign in done.out
    done = run("--show-completion", "tcsh")
    assert (done.code, done.out) == (2, "")
    assert "no completion for 'tcsh'; there is for bash, zsh" in done.err


def test_a_script_is_installed(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert "fish/completions/guanxi.fish" in run("--install-completion", "fish").out
    assert (tmp_path / ".config/fish/completions/guanxi.fish").exists()
    (tmp_path / ".zfunc").write_text("in the way")
    done = run("--install-completion", "zsh")
    assert done.code == 2
    assert "guanxi --show-completion zsh prints the script" in done.err


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_bash_completes_by_the_script(run: Run, tmp_path: Path) -> None:
    (tmp_path / "script").write_text(run("--show-completion", "bash").out)
    program = tmp_path / "guanxi"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m guanxi.cli "$@"\n')
    program.chmod(0o755)
    typed = "COMP_WORDS=(guanxi top --by page); COMP_CWORD=3; _guanxi_completion guanxi"
    code = f'source ./script; {typed}; echo "${{COMPREPLY[@]}}"'
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, env={**os.environ, "PATH": path}
    )
    assert (done.stdout.strip(), done.stderr) == ("pagerank", "")
