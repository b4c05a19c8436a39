"""The catalogue: every key in every language, every place in every text, no text outside it."""

from __future__ import annotations

import re
import string
from html.parser import HTMLParser
from pathlib import Path

import pytest

import guanxi.api
from guanxi.api.i18n import LANGUAGES, Messages, catalogue, choose_language, plural_forms

FOLDER = Path(guanxi.api.__file__).parent
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
SOURCES = [*TEMPLATES, *sorted((FOLDER / "pages").glob("*.py"))]
#: Beginnings of keys whose end comes from data, and what the ends may be where that is known.
FROM_DATA = {
    "along.": ("influence", "against", "either", "mutual"),
    "account.": ("influences", "influences_what", "influenced_by", "influenced_by_what"),
    "bridges.": ("bridge_score", "betweenness", "participation", "constraint", "harmonic"),
    "column.": None,
    "files.": ("rejects", "title"),
    "filter.": ("true", "false"),
    "introduce.": (
        *("sources", "sources_help", "targets", "targets_help"),
        *("unreachable", "left_over"),
    ),
    "job.state.": None,
    "job.state_what.": None,
    "job.verb.": None,
    "jobs.": ("seeds", "reach", "bridges", "degrees", "introduce", "all"),
    "keys.is.": None,
    "keys.state.": None,
    "kept.": ("file", "condition", "option"),
    "load.": None,
    "measure.": None,
    "meta.": None,
    "method.": None,
    "model.": None,
    "nav.": None,
    "plan.": None,
    "planner.": ("include", "exclude"),
    "samples.": None,
    "problem.": None,
    "profile.": None,
    "request.": None,
    "score.": None,
    "tab.": ("chains", "introduce"),
    "then.": ("load", "analyze"),
    "theme.": ("auto", "light", "dark"),
    "way.": None,
}
#: Names and signs that are the same in every language.
NO_WORDS = {"guanxi", "关系", "CSV", "Parquet", "JSON Lines"}


def texts(message: object) -> list[str]:
    return [message] if isinstance(message, str) else list(dict(message).values())  # type: ignore[call-overload]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_no_key_lacks_a_translation() -> None:
    keys = {language: set(catalogue(language)) for language in LANGUAGES}
    assert all(found == keys["en"] for found in keys.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_has_the_forms_and_places_of_the_english_one(language: str) -> None:
    for key, english in catalogue("en").items():
        message = catalogue(language)[key]
        assert isinstance(message, str) == isinstance(english, str), key
        if not isinstance(message, str):
            assert set(message) == plural_forms(language), key
        wanted = places(texts(english)[-1])
        for text in texts(message):
            assert text.strip(), key
            # "One account" need not say 1.
            assert places(text) == wanted or places(text) | {"n"} == wanted, key


def test_chinese_is_chinese() -> None:
    same = {
        key
        for key, message in catalogue("zh").items()
        if message == catalogue("en")[key] and re.search("[A-Za-z]{3}", str(message))
    }
    assert same == {"method.leiden", "method.louvain", "column.pagerank"}


def test_every_key_that_is_used_exists_and_every_key_is_used() -> None:
    used: set[str] = set()
    for path in SOURCES:
        source = path.read_text("utf-8")
        used |= set(re.findall(r"""\bt(?:\.get)?\(\s*['"]([a-z_.-]+?)['"]\s*[,)]""", source))
        used |= set(re.findall(r"""['"]([a-z]+\.[a-z_]+)['"]\s+(?:if|else)\b""", source))
        used |= set(re.findall(r"""\belse ['"]([a-z]+\.[a-z_]+)['"]""", source))
    known = set(catalogue("en"))
    assert used <= known, used - known
    for beginning, ends in FROM_DATA.items():
        used |= {key for key in known if key.startswith(beginning) and ends is None}
        used |= {beginning + end for end in ends or ()}
    assert known <= used, known - used


def test_numbers_choose_the_plural() -> None:
    t = Messages("en")
    assert t("count.found", n=1) == "1 account found"
    assert t("count.found", n=0) == "0 accounts found"
    assert Messages("zh")("count.found", n=12345) == "找到 12,345 个账号"


def test_a_missing_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        Messages("en")("nav.nowhere")
    assert Messages("en").get("column.nowhere", "nowhere") == "nowhere"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (None, "en"),
        ("zh", "zh"),
        ("zh-Hant-TW,en;q=0.9", "zh"),
        ("en;q=0.2, zh;q=0.3", "zh"),
        ("fr, de", "en"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=nonsense", "en"),
        (";;,,q=", "en"),
    ],
)
def test_language_of_a_browser(accepted: str | None, language: str) -> None:
    assert choose_language(None, accepted) == language


def test_a_chosen_language_wins_if_it_is_one() -> None:
    assert choose_language("zh", "en") == "zh"
    assert choose_language("klingon", "zh") == "zh"


class Words(HTMLParser):
    """Collects what a reader would see or hear of a template."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("input", "link", "meta", "path", "circle"):
            self.inside.append(tag)
        heard = ("aria-label", "title", "placeholder", "alt", "data-title", "data-left")
        self.found += [value for name, value in attrs if name in heard and value]

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if not {"code", "style", "script"} & set(self.inside):
            self.found.append(data)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_text_stands_outside_the_catalogue(path: Path) -> None:
    source = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.S)
    reader = Words()
    reader.feed(re.sub(r"\{[{%].*?[%}]\}", "", source, flags=re.S))
    outside = [text.strip() for text in reader.found if re.search(r"[^\W\d_]", text)]
    assert [text for text in outside if text not in NO_WORDS and text != "· guanxi"] == []
