"""The sentences that the engine itself writes (notes, summaries, errors), in other languages.

The engine speaks English. The files in `sentences/` say how its sentences are built, `{slot}` for
what changes and `[a|b]` for words that go with a number, and how the same is said elsewhere. A slot
with a star holds a sentence or a phrase that is translated in its turn, one with a ~ a name that is
translated where it is known (`list 1`), one with a + several words with `or` or `and` between them,
one with a # nothing but a whole number. Where no template fits, the English stands, marked as such.
A template may name the field of a form that it is about (`field`), that pages show it beside a
result instead of folded away (`beside`), and that it only counts what such a one says (`repeats`).

The engine also speaks of the options of its commands. Where a page has a field or a button instead,
a template says so for readers of English: `page` has what the template itself wrote (never what a
slot holds) and what stands there on a page.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from markupsafe import Markup, escape

from guanxi.api.i18n import LANGUAGES

ENGLISH = next(iter(LANGUAGES))
_FOLDER = Path(__file__).with_name("sentences")
#: The files, in the order in which their templates are tried: the first that fits counts.
_TOPICS = (
    "accounts", "planner", "chains", "networks", "conditions", "files", "server", "general",
)  # fmt: skip
_PART = re.compile(r"\{(\w+)([*#~+]?)\}|\[([^\[\]]*\|[^\[\]]*)\]")
#: Where one sentence ends and the next begins.
_BETWEEN = re.compile(r"(?<=[.!?…]) (?=[A-Z0-9'“\"-])")
#: What is longer is no sentence of the engine's, but a file or a list that somebody wrote.
_LONGEST = 4000
_MOST_PARTS = 16
#: What stands between the words of a list.
_BETWEEN_WORDS = re.compile(" (?:or|and) ")
_WORD_SIGNS = {"zh": "、"}
_DEEPEST = 24


@dataclass(frozen=True)
class Template:
    """How a sentence is built: the pattern of its English, its other languages, its field, whether
    it says something that must stand beside a result or repeats what does, and what pages say
    instead of its options.
    """

    english: str
    pattern: re.Pattern[str]
    inner: frozenset[str]
    names: frozenset[str]
    lists: frozenset[str]
    others: Mapping[str, str]
    field: str | None = None
    beside: bool = False
    repeats: bool = False
    page: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Part:
    """A part of a text in some language: as the reader speaks, or the English that was left."""

    text: str
    language: str


@cache
def templates() -> tuple[Template, ...]:
    """All templates, in the order in which they are tried."""
    found = [
        entry
        for topic in _TOPICS
        for entry in tomllib.loads((_FOLDER / f"{topic}.toml").read_text("utf-8"))["sentence"]
    ]
    return tuple(
        Template(
            entry["en"],
            re.compile(_pattern(entry["en"]), re.DOTALL),
            _slots(entry["en"], "*"),
            _slots(entry["en"], "~"),
            _slots(entry["en"], "+"),
            {name: text for name, text in entry.items() if name in LANGUAGES and name != ENGLISH},
            entry.get("field"),
            entry.get("beside", False),
            entry.get("repeats", False),
            tuple(entry.get("page", {}).items()),
        )
        for entry in found
    )


def _slots(english: str, sign: str) -> frozenset[str]:
    return frozenset(name for name, found, _ in _PART.findall(english) if found == sign)


def _pattern(english: str) -> str:
    """The template as a pattern. Each slot with what follows it is one step that is never taken
    back, so that no text, whoever wrote it, takes longer than it is long.
    """
    steps, place = [("", "", "")], 0
    for part in [*_PART.finditer(english), None]:
        text = re.escape(english[place : part.start() if part else None])
        if part and part[3] is not None:
            text += "(?:" + "|".join(map(re.escape, part[3].split("|"))) + ")"
        slot, kind, after = steps[-1]
        steps[-1] = slot, kind, after + text
        if part and part[1] is not None:
            steps.append((part[1], r"[\d,]+" if part[2] == "#" else ".+?", ""))
        place = part.end() if part else place
    slot, kind, after = steps[-1]
    steps[-1] = slot, kind, after + r"\Z"
    (_, _, head), *others = steps
    return head + "".join(f"(?>(?P<{slot}>{kind}){after})" for slot, kind, after in others)


def field_of(text: str) -> str | None:
    """The field of a form that a sentence is about, where that is known.

    >>> field_of("The quota 'nonsense' needs communities; run `guanxi analyze` first.")
    'quota'
    """
    for piece in _pieces(text):
        found = _fitting(piece)
        if found is None:
            continue
        template, slots = found[0], found[1].groupdict()
        inner = (field_of(slots[name]) for name in sorted(template.inner))
        field = template.field or next((name for name in inner if name), None)
        if field is not None:
            return field
    return None


def stands_beside(text: str) -> bool:
    """Whether a note belongs beside the result: it says who was left out of it, or must not be met.

    >>> stands_beside("3 of 9 candidates have no cost and are left out of the choice.")
    True
    >>> stands_beside("No account meets the condition.")
    False
    """
    return _is_marked(text, lambda template: template.beside)


def repeats_a_note(text: str) -> bool:
    """Whether a sentence of a summary only counts what a note beside the result says in full.

    >>> repeats_a_note("2 of 9 ids are not in the store.")
    True
    """
    return _is_marked(text, lambda template: template.repeats)


def _is_marked(text: str, mark: Callable[[Template], bool]) -> bool:
    for found in filter(None, map(_fitting, _pieces(text))):
        template, slots = found[0], found[1].groupdict()
        if mark(template) or any(_is_marked(slots[name], mark) for name in template.inner):
            return True
    return False


def translated(text: str, language: str) -> list[Part]:
    """A text of the engine's in parts, each in `language` where that is known.

    >>> [(part.text, part.language) for part in translated("No account meets the condition.", "zh")]
    [('没有账号符合该条件。', 'zh')]
    """
    return list(_translated(text, language))


@lru_cache(maxsize=4096)
def _translated(text: str, language: str, depth: int = 0) -> tuple[Part, ...]:
    parts: list[Part] = []
    for piece in _pieces(text):
        found = _fitting(piece)
        if found is None or depth > _DEEPEST:
            said = None
        elif language == ENGLISH:
            said = _on_a_page(*found, depth)
        else:
            said = _filled(*found, language, depth)
        part = Part(piece, ENGLISH) if said is None else Part(said, language)
        if parts and parts[-1].language == part.language:
            between = " " if part.language == ENGLISH else ""
            part = Part(parts.pop().text + between + part.text, part.language)
        parts.append(part)
    return tuple(parts)


def plain_text(text: str, language: str) -> tuple[str, str]:
    """The text in a language as far as it is known, and the language of most of it."""
    parts = translated(text, language)
    known = any(part.language == language for part in parts)
    return " ".join(part.text for part in parts), language if known else ENGLISH


def markup(text: str, language: str) -> Markup:
    """The text for a page in that language; what is left in English says that it is.

    >>> markup("the exclusions: No account meets the condition.", "en")
    Markup('The exclusions: No account meets the condition.')
    """
    parts = translated(text, language)
    if language == ENGLISH and parts and parts[0].text.startswith("the "):
        parts[0] = Part("T" + parts[0].text[1:], parts[0].language)
    return Markup(" ").join(
        escape(part.text)
        if part.language == language
        else Markup('<span lang="en" dir="auto">{}</span>').format(part.text)
        for part in parts
    )


def _fitting(sentence: str) -> tuple[Template, re.Match[str]] | None:
    if len(sentence) > _LONGEST:
        return None
    for template in templates():
        found = template.pattern.match(sentence)
        if found is None:
            continue
        values = (text for name, text in found.groupdict().items() if name not in template.inner)
        if not any(_BETWEEN.search(text) for text in values):  # no slot swallows a sentence
            return template, found
    return None


def _on_a_page(template: Template, found: re.Match[str], depth: int) -> str:
    """The English sentence with the words of the page in place of options; slots stay."""
    said, place = [], 0
    for name in sorted(found.groupdict(), key=found.start):
        said.append(_without_options(template, found.string[place : found.start(name)]))
        text = found[name]
        if name in template.inner:
            text = " ".join(part.text for part in _translated(text, ENGLISH, depth + 1))
        said.append(text)
        place = found.end(name)
    return "".join([*said, _without_options(template, found.string[place:])])


def _without_options(template: Template, text: str) -> str:
    for option, words in template.page:
        text = text.replace(option, words)
    return text


def _filled(template: Template, found: re.Match[str], language: str, depth: int) -> str | None:
    """The template in a language; None where there is none, or an inner sentence is not known."""
    if language not in template.others:
        return None
    values = found.groupdict()
    for name in template.inner | template.names:
        parts = _translated(values[name], language, depth + 1)
        if any(part.language != language for part in parts):
            if name in template.names:
                continue
            return None
        values[name] = " ".join(part.text for part in parts)
    for name in template.lists:
        values[name] = _BETWEEN_WORDS.sub(_WORD_SIGNS[language], values[name])
    return template.others[language].format(**values)


def _pieces(text: str) -> Iterator[str]:
    """The sentences of a text; those that one template says together stay together."""
    sentences = _BETWEEN.split(text)
    if len(sentences) > _MOST_PARTS:
        yield text
        return
    first = 0
    while first < len(sentences):
        ends = range(len(sentences), first, -1)
        fits = (end for end in ends if _fitting(" ".join(sentences[first:end])) is not None)
        end = next(fits, first + 1)
        yield " ".join(sentences[first:end])
        first = end
