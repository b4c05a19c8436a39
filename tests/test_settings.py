"""Settings: where they come from, which wins, and what is said of wrong ones."""

from __future__ import annotations

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from guanxi.errors import SettingsError
from guanxi.settings import SETTINGS, Settings, load_settings

FULL = """
store = "neo4j://graph.example"
neo4j_user = "reader"
neo4j_password = "secret"
neo4j_database = "sales"
threads = 3
memory = "2GB"
seed = 9
timezone = "Asia/Shanghai"
max_rejects = "0.5%"

[kinds]
Tip = "actor"
like = "target"

[profiles.wechat]
follow_weight = 2
default_weight = 0
half_life_days = 30
kind_weights = {Repost = 1.5, like = 0}
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_defaults() -> None:
    assert load_settings(environ={}) == Settings()


def test_the_table_describes_every_field() -> None:
    assert [setting.name for setting in SETTINGS] == [each.name for each in fields(Settings)]
    described = {setting.name: setting.default for setting in SETTINGS}
    for each in fields(Settings):
        if isinstance(each.default, str | int):
            assert described[each.name] == str(each.default)
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_a_file_may_set_everything() -> None:
    Path("guanxi.toml").write_text(FULL)
    assert load_settings(environ={}) == Settings(
        store="neo4j://graph.example",
        neo4j_user="reader",
        neo4j_password="secret",
        neo4j_database="sales",
        threads=3,
        memory="2GB",
        seed=9,
        timezone="Asia/Shanghai",
        max_rejects="0.5%",
        kinds={"tip": "actor", "like": "target"},
        profiles={
            "wechat": {
                "follow_weight": 2.0,
                "default_weight": 0.0,
                "half_life_days": 30.0,
                "kind_weights": {"repost": 1.5, "like": 0.0},
            }
        },
    )


def test_a_profile_in_which_nothing_fades() -> None:
    Path("guanxi.toml").write_text("[profiles.steady]\nhalf_life_days = inf\n")
    assert load_settings(environ={}).profiles == {"steady": {"half_life_days": math.inf}}


def test_which_file(elsewhere: Path) -> None:
    for name, seed in [("guanxi.toml", 1), ("variable.toml", 2), ("option.toml", 3)]:
        (elsewhere / name).write_text(f"\ufeffseed = {seed}\n", "utf-8")
    assert load_settings(environ={}).seed == 1
    environ = {"GUANXI_SETTINGS": "variable.toml"}
    assert load_settings(environ=environ).seed == 2
    assert load_settings("option.toml", environ=environ).seed == 3


def test_what_is_nearer_to_the_call_wins() -> None:
    Path("guanxi.toml").write_text("seed = 1\nthreads = 1\nstore = 'file'")
    environ = {"GUANXI_SEED": "2", "GUANXI_THREADS": "2", "GUANXI_MEMORY": ""}
    settings = load_settings(environ=environ, seed=3)
    assert (settings.store, settings.threads, settings.seed) == ("file", 2, 3)


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_variables(setting: Any) -> None:
    if setting.variable is None:
        return
    values = {"timezone": "Asia/Tokyo", "memory": "1G", "max_rejects": "7%", "neo4j_database": "a"}
    values["neo4j_graph"] = "label=User; id=uid; follows=FOLLOWS"
    value = values.get(setting.name, "5")
    found = getattr(load_settings(environ={setting.variable: value}), setting.name)
    assert str(found) == value
    assert found != getattr(Settings(), setting.name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sed = 1", "no setting 'sed' (in guanxi.toml); did you mean seed?"),
        ("colour = 1", "there are store, neo4j_user"),
        ("threads = 0", "threads (in guanxi.toml) must be a whole number of at least 1, and is 0."),
        ("threads = true", "whole number"),
        ("threads = 1.5", "whole number"),
        ("seed = -1", "at least 0"),
        ("seed = 9223372036854775808", "whole number"),
        ("store = ''", "must be a text that is not empty"),
        ("store = 5", "must be a text"),
        ("neo4j_user = ''", "must be a text that is not empty"),
        (
            "neo4j_password = ''",
            "neo4j_password (in guanxi.toml) must be a text that is not empty.",
        ),
        ("neo4j_database = '1st'", "no name of a Neo4j database"),
        ("memory = 'much'", "512M or 4GB"),
        ("memory = 0", "512M or 4GB"),
        ("timezone = 'Shanghai'", "Asia/Shanghai"),
        ("timezone = '../etc/passwd'", "Asia/Shanghai"),
        ("max_rejects = 'few'", "1%"),
        ("max_rejects = '101%'", "1%"),
        ("max_rejects = 1.5", "1%"),
        ("max_rejects = -1", "1%"),
        ("kinds = 5", "must be a table"),
        ("kinds = {tip = 'both'}", "must say for tip"),
        ("kinds = {tip = []}", "must say for tip"),
        ("profiles = {mine = 1}", "[profiles.mine]"),
        ("profiles = {mine = {follow_wait = 1}}", "did you mean follow_weight"),
        ("profiles = {mine = {follow_weight = -1}}", "from 0 to 1e9 as follow_weight of mine"),
        ("profiles = {mine = {follow_weight = nan}}", "from 0 to 1e9"),
        ("profiles = {mine = {half_life_days = 0}}", "above 0"),
        ("profiles = {mine = {kind_weights = 1}}", "table of weights"),
        ("profiles = {mine = {kind_weights = {like = 'x'}}}", "as like of mine"),
        ("threads = ", "no valid TOML"),
    ],
)
def test_what_a_file_must_not_say(text: str, said: str) -> None:
    Path("guanxi.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(environ={})
    assert said in str(caught.value)
    assert str(caught.value).endswith((".", "?"))


def test_a_password_is_never_shown() -> None:
    settings = load_settings(environ={"GUANXI_NEO4J_PASSWORD": "secret"})
    assert settings.neo4j_password == "secret"
    assert "secret" not in repr(settings)
    Path("guanxi.toml").write_text("neo4j_password = 73736363")
    with pytest.raises(SettingsError) as caught:
        load_settings(environ={})
    assert "73736363" not in str(caught.value)
    for url in ("neo4j://user:secret@host", "neo4j://user:secret", "http://user:secret@host"):
        with pytest.raises(SettingsError) as refused:
            load_settings(environ={"GUANXI_STORE": url}, store=url)
        assert "secret" not in str(refused.value)


def test_files_that_cannot_be_read(elsewhere: Path) -> None:
    with pytest.raises(SettingsError, match=r"no settings file nothing\.toml"):
        load_settings("nothing.toml", environ={})
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(elsewhere, environ={})
    Path("latin.toml").write_bytes(b"store = '\xe9'")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings("latin.toml", environ={})


def test_variables_of_others_are_left_alone() -> None:
    assert load_settings(environ={"GUANXI_PORT": "tcp://10.0.0.1", "GUANXI_CACHE": "x"})
    with pytest.raises(SettingsError, match="did you mean GUANXI_THREADS"):
        load_settings(environ={"GUANXI_THREAD": "2"})
    with pytest.raises(SettingsError, match="GUANXI_SEED"):
        load_settings(environ={"GUANXI_SEED": "many"})


def test_a_call_is_checked_as_well() -> None:
    with pytest.raises(SettingsError, match="whole number"):
        load_settings(environ={}, threads=0)
