"""The forms that ask for work: what is filled in already, and what may be chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.datastructures import QueryParams

from guanxi.api.pages.filled import Filled, Kept
from guanxi.graph.ties import PROFILES

if TYPE_CHECKING:
    from guanxi.api.views import View
    from guanxi.settings import Settings

#: Accounts that an address may carry into a form.
_MOST = 1000
#: One number, and one or several, as the browser checks them (regular expressions of JavaScript).
_NUMBER = r"([0-9]{1,3}([,，][0-9]{3})+(\.[0-9]*)?|[0-9.]+)"
ONE = rf"\s*{_NUMBER}\s*"
SEVERAL = rf"\s*{_NUMBER}([;；\s]+{_NUMBER})*[;；\s]*"
#: Fields of the planner that stand folded away until somebody used one.
_MORE = (
    *("model", "probability", "hops", "profile", "cost", "activity", "precision"),
    *("max_seconds", "samples", "seed"),
)
#: Models that need no file.
MODELS = ("weighted-cascade", "uniform", "trivalency", "linear-threshold")
#: What bridges are ranked by, and the ways that steps go, as the engine calls them.
BRIDGES = ("bridge_score", "betweenness", "participation", "constraint", "harmonic")
ALONG = ("influence", "against", "either", "mutual")
#: Fields of the load that say how files are read; they stand folded away until one is used.
_READING = (
    *("timezone", "input_format", "encoding", "delimiter", "header", "skip_lines", "sheet"),
    *("max_rejects", "undirected", "replace", "again"),
)
#: What a load may be told of its files, and what people write most there.
FORMATS = (
    *(("csv", "CSV"), ("tsv", "TSV"), ("edges", "edges (a b)"), ("jsonl", "JSON Lines")),
    *(("parquet", "Parquet"), ("xlsx", "Excel")),
)
ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "UTC")
ENCODINGS = ("gb18030", "utf-8", "utf-16", "big5")
#: Verb → fields that its form shows; whatever else was asked for stands below them.
FIELDS = {
    "seeds": (
        *("k", "budget", "target", "include", "exclude", "where", "audience", "won", "quota"),
        *("model", "probability", "profile", "seed", "cost", "hops", "activity"),
        *("precision", "max_seconds", "samples", "why"),
    ),
    "reach": ("lists", "each", "audience"),
    "introduce": ("sources", "targets", "capacity", "alternatives", "max_hops", "mutual"),
    "bridges": ("by", "n", "where", "joins"),
    "degrees": ("lists", "accounts", "along", "max_steps", "each", "communities"),
    "separation": ("along",),
    "load": ("files", *_READING, "analyze", "check"),
    "keys": ("name", "scope", "expires", "rate", "rows", "body"),
}


def form(verb: str, filled: Filled) -> dict[str, Any]:
    """What every form shows: what is filled in, and what no control of it can show."""
    shown = FIELDS[verb]
    others: list[Kept] = filled.others(shown)
    if filled.body.get("activity") not in (None, "auto"):
        others += Filled({"activity": filled.body["activity"]}).others(())
    return {
        "filled": filled,
        "others": others,
        "problem_above": filled.problem is not None and filled.problem_field not in shown,
    }


def planner_form(
    view: View, settings: Settings, asked: QueryParams, filled: Filled
) -> dict[str, Any]:
    """What `planner.html` shows of the form."""
    if not filled.asked:
        role = "include" if asked.get("as") == "include" else "exclude"
        chosen = asked.getlist("account")[:_MOST]
        filled = Filled({role: [chosen] if chosen else [], "where": asked.get("where", "")})
    own = [name for name in settings.profiles if name not in PROFILES]
    return form("seeds", filled) | {
        "models": MODELS,
        "profiles": [*PROFILES, *own],
        "priced": "price" in view.snapshot.column_types,
        "one": ONE,
        "several": SEVERAL,
        "opened": any(filled.body.get(name) or filled.wrong(name) for name in _MORE),
    }


def check_form(asked: QueryParams, filled: Filled) -> dict[str, Any]:
    """What `check.html` shows of the form."""
    if not filled.asked:
        chosen = asked.getlist("account")[:_MOST]
        filled = Filled({"lists": [chosen] if chosen else []})
    return form("reach", filled)


def load_form(filled: Filled) -> dict[str, Any]:
    """What `data.html` shows of the form."""
    used = (name for name in _READING if filled.body.get(name) is not None or filled.wrong(name))
    return form("load", filled) | {
        "formats": list(FORMATS),
        "zones": ZONES,
        "encodings": ENCODINGS,
        "opened": any(used),
    }


def degrees_form(asked: QueryParams, filled: Filled, network: Filled) -> dict[str, Any]:
    """What `degrees.html` shows: the form of lists, and what was asked of the whole network."""
    if not filled.asked:
        chosen = asked.getlist("account")[:_MOST]
        filled = Filled({"accounts": chosen})
    return form("degrees", filled) | {"network": network, "ways": ALONG}
