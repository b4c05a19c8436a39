"""The engine's own sentences in other languages: each template fits, and no sentence lacks one."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import guanxi
from guanxi.api.i18n import LANGUAGES
from guanxi.api.i18n.sentences import (
    Part,
    field_of,
    markup,
    plain_text,
    templates,
    translated,
)
from guanxi.api.pages.forms import FIELDS
from guanxi.graph.readers.rejects import Reason

FOLDER = Path(guanxi.__file__).parent
#: Modules whose sentences people see on the page.
MODULES = (
    *(f"verbs/{name}.py" for name in (
        "accounts", "activity", "audience", "bridges", "chain", "costs", "degrees", "elsewhere",
        "introduce", "lists", "plan", "profiles", "quotas", "reach", "seed_sentences", "selectors",
        "separation", "status", "top",
    )),
    "graph/filter_messages.py", "graph/filter_terms.py",
    "verbs/analysis.py", "verbs/elsewhere.py", "verbs/tables.py",
    "graph/snapshot_open.py", "graph/load_rules.py",
    *(f"graph/readers/{name}.py" for name in (
        "columns", "compression", "decoding", "header", "interning", "jsonl", "names", "parquet",
        "sorting", "stage", "textfile", "xlsx", "xlsx_bombs", "zones", "roles/accounts",
        "roles/cells", "roles/stager",
    )),
    *(f"algorithms/influence/{name}.py" for name in ("contradictions", "limits", "plan")),
    *(f"api/{name}.py" for name in ("auth", "jobs", "keys", "uploads", "job_process", "running")),
)  # fmt: skip
#: What only whoever runs the server can do.
FOR_OPERATORS = ("This server is not meant by that Host.", "There is no key")
GENERAL = "{file~}: {warning*}"
BETWEEN = r"(?<=[.!?…]) (?=[A-Z0-9'“\"-])"
#: Beginnings of sentences that the sources put together from parts; `WHOLE` has them as they come.
LEFT = (
    "SELECT ", "UPDATE ", "DELETE ", "INSERT ",
    "Accounts that follow at least", "Each account counts as far", "X7 That is X7 accounts.",
    "X7 X7 X7 (X7).", "X7 from X7 to X7: X7, probability", "X7 from X7; X7 to X7.",
    "X7 when nobody is asked", "X7 would be asked", "X7. Without --capacity", "X7 X7: it must be",
    "X7 prospects X7: X7.", "X7: X7 counted once.", "A budget needs the cost",
    "No list of fewer than", "X7 expected to reach", "It costs X7,", "The search ended at",
    "The store is newer", "Allowed are", "If you mean the column", "The condition X7 cannot",
    "X7 accountX7 both", "X7: X7 of X7 accounts", "That is at least X7",
    "X7 of X7 have opted out.", "X7: X7 of X7 X7 not in the store.",
)  # fmt: skip
WHOLE = (
    (
        "Accounts that follow at least 90 others (3 times the median), have at most one follower "
        "for 20 that they follow, and never acted count for nothing. That is 12 accounts."
    ),
    "Each account counts as far as activity says. That is 3 accounts.",
    "No account joins community 3 (at least 10% of the ties lead into it).",
    "1 account joins communities 3 and 4 (at least 10% of the ties lead into each).",
    "The first of 3 chains from a to b: 4 steps, probability 0.01 (about 1 in 100).",
    "The chain from a to b: 1 step, probability 0.5.",
    "12 accounts can be reached, in at most 4 steps, from a; 1 account leads to b.",
    "Nobody can be reached from a; 0 accounts lead to b.",
    (
        "There is no chain from a to b of at most 2 steps; without that condition the best one "
        "has 3 steps."
    ),
    (
        "2 of 3 prospects can be introduced; 1.20 successful introductions are expected when "
        "nobody is asked more than 2 times, 80% of the 1.50 without that limit."
    ),
    (
        "1 of 1 prospect can be introduced; 0.20 successful introductions are expected. Without "
        "--capacity the busiest introducer is asked 1 time."
    ),
    "1 introducer would be asked, the busiest 2 times.",
    "1 of 3 prospects has opted out.",
    "list 1: 2 of 3 ids are not in the store.",
    "--to: 1 of 1 id is not in the store.",
    "--alternatives 0: it must be 1 or more.",
    "--to: the list is empty; name at least one account.",
    (
        "--from: none of its accounts is in the store. Its column of ids must be called id, or be"
        " the first. Near 'x': y, z."
    ),
    "None of the prospects can be introduced: 1 prospect is of the team and left out.",
    "2 prospects cannot be reached within 4 steps: a, b.",
    "1 prospect left over because all who could introduce them are asked already: a.",
    "list 1: 2 repeated entries counted once.",
    (
        "A budget needs the cost of each account: load accounts with a column price, or give "
        "--cost a formula over their columns, such as --cost '0.02 * followers_reported'."
    ),
    (
        "This account is expected to reach 5 of 22 accounts, itself included (95 % interval 4"
        " to 6), for 1,200. That is at least 0.910 of what the best possible list within the same"
        " limits reaches, with probability 0.999."
    ),
    "These 3 accounts are expected to reach 5 of 9 in audience weight (95 % interval 4 to 6).",
    (
        "It costs 900, and no list that reaches the target costs less than 800, with probability "
        "0.999."
    ),
    "No list of fewer than 7 accounts reaches the target, with probability 0.999.",
    (
        "The search ended at the time allowed, not at the precision asked for; --samples 2048 "
        "--looks 3 repeats it exactly."
    ),
    "The store is newer than this; the next question catches up.",
    (
        "A condition cannot use regular expressions. Allowed are and, or, not, comparisons, "
        "between, in, like, ilike, is null, + - * /, lower, upper, length, contains, starts_with,"
        " abs, round and coalesce."
    ),
    'A condition cannot use order. If you mean the column, put it in double quotes, "order".',
    (
        "The condition a = cannot be understood at = (character 3). Write it like city = "
        "'Shanghai' and price <= 500; a column whose name is a word of SQL or holds spaces stands"
        " in double quotes."
    ),
    "2 accounts are both included and excluded.",
    (
        "a and 2 more are included and have opted out; they cannot be both. Leave them out: a "
        "condition does so with `and not opted_out`."
    ),
    "Of these pairs: 0.3% within 1, 8.7% within 2, 61.2% within 3 steps.",
    "body.k: Input should be greater than or equal to 1.",
    (
        "Who may be chosen: price is a number, not a condition: compare it with something, as in "
        "price > 100."
    ),
    "Storing follows.csv …",
    "bad.csv: 3 of 1,200 rows rejected (empty id: 2, fewer fields than the 3 of the header: 1).",
    "list.csv, line 4: a quote that is not closed. Mend the list.",
    "a.csv: The column 'x' is empty and was left out.",
    "--joins 9: no community has this number; there are 4, numbered from 1.",
    "Those already won: There is no account 'a'. No id is like it.",
    "list 1: 50 of 50 accounts lie within 5 steps along influence, the list itself included.",
    (
        "a.txt: No column for id was found in the file of accounts; it has 2 columns and no header "
        "that guanxi knows. Say what the columns are: --columns id,name or --columns id=1."
    ),
)


def filled(english: str, one: bool) -> str:
    """A sentence that a template describes."""
    text = re.sub(r"\[([^\[\]|]*)\|([^\[\]]*)\]", r"\1" if one else r"\2", english)
    return re.sub(r"\{(\w+)[*~+]?\}", "X7", re.sub(r"\{\w+#\}", "7", text))


@pytest.mark.parametrize("one", [True, False])
def test_each_template_fits_its_own_sentence_and_none_before_it_does(one: bool) -> None:
    for template in templates():
        sentence = filled(template.english, one)
        fitting = next(other for other in templates() if other.pattern.match(sentence))
        assert fitting.english == template.english, sentence


def test_each_template_is_said_in_every_language_with_its_own_values() -> None:
    for template in templates():
        slots = set(template.pattern.groupindex)
        assert set(template.others) == set(LANGUAGES) - {"en"}, template.english
        for text in template.others.values():
            assert set(re.findall(r"\{(\w+)\}", text)) <= slots, template.english
            assert text != template.english
        assert not re.search(r"\}\{", template.english), "a slot must end somewhere"


def test_fields_are_fields_of_forms() -> None:
    known = {name for names in FIELDS.values() for name in names} | {"columns", "resolution"}
    assert {t.field for t in templates() if t.field} <= known


def sentences_in(path: Path) -> list[str]:
    """What a module says in whole sentences, with X7 for whatever is put in."""
    tree = ast.parse(path.read_text("utf-8"))
    found, inner = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            inner.add(id(node.value))  # a docstring
        if isinstance(node, ast.JoinedStr | ast.Constant | ast.BinOp) and id(node) not in inner:
            text = said(node)
            if text is not None:
                inner |= {id(each) for each in ast.walk(node)}
                if re.match(r"[A-Z‘“X{-].*[.?:]$", text, re.S) and text.count(" ") > 2:
                    found.append(text)
    return found


def said(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [said(node.left), said(node.right)]
        return None if None in parts else "".join(part or "" for part in parts)
    if isinstance(node, ast.JoinedStr):
        return "".join(said(value) or "" for value in node.values)
    if isinstance(node, ast.FormattedValue):
        called = node.value
        if isinstance(called, ast.Call) and isinstance(called.func, ast.Name):
            words = [arg.value for arg in called.args[1:] if isinstance(arg, ast.Constant)]
            if called.func.id == "counted" and words:
                return f"X7 {words[1] if len(words) > 1 else f'{words[0]}s'}"
            if called.func.id == "agree" and len(words) > 1:
                return str(words[1])
        return "X7"
    return None


@pytest.mark.parametrize("module", MODULES)
def test_no_sentence_of_the_engine_lacks_a_translation(module: str) -> None:
    lacking = [
        text
        for text in sentences_in(FOLDER / module)
        if not text.startswith(LEFT)
        and not (fits(text) or all(fits(each) for each in re.split(BETWEEN, text)))
    ]
    assert lacking == []


def fits(text: str) -> bool:
    """Whether a template says this sentence; the one that fits all is none."""
    return any(each.pattern.match(text) for each in templates() if each.english != GENERAL)


def test_pages_speak_of_their_fields_and_not_of_options() -> None:
    english = tomllib.loads((FOLDER / "api/i18n/en.toml").read_text("utf-8"))
    labels = [text for group in english.values() for text in group.values()]
    said = {label for label in labels if isinstance(label, str)}
    for template in templates():
        for option, words in template.page:
            assert option in template.english
            for label in re.findall("“(.*?)”", words):
                assert label in said, template.english
        page, language = plain_text(filled(template.english, one=True), "en")
        assert language == "en"
        if not template.english.startswith(FOR_OPERATORS):
            assert not re.search(r"--\w|`guanxi|(?<!\S)-[kn]\b|\bFROM\b", page), page


def test_pages_leave_what_somebody_wrote_as_it_is() -> None:
    sentence = "fans.csv: --columns takes '--columns a' as two things."
    said = "fans.csv: What is written of the columns takes '--columns a' as two things."
    assert plain_text(sentence, "en") == (said, "en")
    assert markup("--to: The condition is empty. --from <b>", "en") == (
        "Prospects: The condition is empty. --from &lt;b&gt;"
    )


def test_words_of_a_list_are_joined_as_the_language_does() -> None:
    near = "There is no account 'a'. Did you mean a1 or a2 or a3?"
    assert plain_text(near, "zh") == ("没有账号 'a'。您是否指 a1、a2、a3？", "zh")
    assert plain_text(near, "en") == (near, "en")
    join = "3 accounts join communities 1, 2 and 4 (at least 10% of the ties lead into each)."
    assert plain_text(join, "zh")[0].startswith("3 个账号连接社群 1, 2、4（")


def test_lists_without_a_name_are_numbered_in_every_language() -> None:
    said = plain_text("list 2: 3 repeated entries counted once.", "zh")
    assert said == ("名单 2：有 3 项重复，只计一次。", "zh")
    assert plain_text("vip.csv: 3 repeated entries counted once.", "zh")[0].startswith("vip.csv：")


@pytest.mark.parametrize("sentence", WHOLE)
def test_sentences_of_several_parts(sentence: str) -> None:
    (part,) = translated(sentence, "zh")
    assert part.language == "zh"
    left = re.sub(r"guanxi|--\w+|`.*?`|'[^']*'|[a-z_]+\.csv", "", part.text)
    assert not re.search(r"\b(?:the|are|of|accounts?|steps?)\b", left), part.text


def test_what_is_not_known_stays_and_says_that_it_is_english() -> None:
    text = "The moon is <b>round</b>. No account meets the condition."
    assert translated(text, "zh") == [
        Part("The moon is <b>round</b>.", "en"),
        Part("没有账号符合该条件。", "zh"),
    ]
    assert markup(text, "zh") == (
        '<span lang="en" dir="auto">The moon is &lt;b&gt;round&lt;/b&gt;.</span> '
        "没有账号符合该条件。"
    )
    assert plain_text(text, "en") == (text, "en")
    assert plain_text("The moon is round.", "zh") == ("The moon is round.", "en")


def test_what_was_done_along_a_step_has_its_words() -> None:
    said = ["reposted 2 times", "was given a gift 1 time", "wave 1 time", "3 other interactions"]
    assert [plain_text(text, "zh") for text in said] == [
        ("转发 2 次", "zh"), ("获赠礼 1 次", "zh"), ("wave 1 次", "zh"), ("其他互动 3 次", "zh"),
    ]  # fmt: skip


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_for_a_bad_row_is_known(reason: str) -> None:
    (part,) = translated(f"{reason}: 3", "zh")
    assert part.language == "zh"
    assert part.text.endswith(" 3 行")


def test_a_sentence_in_an_unknown_one_stays_as_a_whole() -> None:
    text = "Who may be chosen: The moon is round."
    assert translated(text, "zh") == [Part(text, "en")]
    assert field_of(text) == "where"


def test_values_stay_as_they_were_written() -> None:
    hostile = "<script>{n} {id.__class__} % \\g<1>"
    said = markup(f"There is no account {hostile!r}. No id is like it.", "zh")
    assert "<script>" not in said
    assert "{n} {id.__class__} % " in said
    assert "没有账号" in said


@pytest.mark.parametrize(
    ("sentence", "field"),
    [
        ("The quota 'a' needs communities; run `guanxi analyze` first.", "quota"),
        ("Who may be chosen: The condition is empty.", "where"),
        ("The audience: The condition is empty.", "audience"),
        ("-k must be at least 1, not 0.", "k"),
        (
            "The quota 'a = 1: >=1': No column of the accounts is called a: did you mean b?",
            "quota",
        ),
        ("--from: the list is empty; name at least one account.", "sources"),
        ("5 accounts are included, and the list may have 3.", "k"),
        ("fans.csv: --columns takes 'a' as two things.", "columns"),
        ("Something else.", None),
    ],
)
def test_the_field_that_a_sentence_is_about(sentence: str, field: str | None) -> None:
    assert field_of(sentence) == field


@given(st.text(st.sampled_from("ab .:;,()'“”=<>{}[]|*\n中") | st.characters(), max_size=300))
def test_any_text_is_said_without_losing_it(text: str) -> None:
    parts = translated(text, "zh")
    if all(part.language == "en" for part in parts):
        assert " ".join(part.text for part in parts) == text
    assert plain_text(text, "en") == (text, "en")


def test_long_texts_take_no_longer_than_they_are_long() -> None:
    # Each slot that ends in something common would make a pattern that goes back try for ever.
    for text in (
        ": " * 2000,
        "(" * 4000,
        "a of b of " * 400,
        "X: 1 of its " * 300 + ".",
        ". A" * 5000,
    ):
        translated(text, "zh")
