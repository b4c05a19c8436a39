"""The first page: what is loaded, who matters, what to do next."""

from __future__ import annotations

from typing import Any

import numpy as np

from guanxi.api.i18n import Messages
from guanxi.api.pages.communities import DRAWN, picture
from guanxi.api.pages.people import rows_of
from guanxi.api.views import View
from guanxi.engine import Engine
from guanxi.verbs.analysis import find_analysis
from guanxi.verbs.top import highest

_TOP = 8


def overview(view: View, engine: Engine, t: Messages) -> dict[str, Any]:
    """What the template `overview.html` shows where something is loaded."""
    found = engine.status()
    status = found.rows[0]
    status["accounts"] = view.snapshot.n
    analysis = find_analysis(view.snapshot)
    context: dict[str, Any] = {
        "empty": False,
        "status": status,
        "notes": found.meta.get("notes", []),
        "analysed": analysis is not None,
    }
    if analysis is not None:
        best = highest(np.asarray(analysis.score("pagerank")), _TOP)
        top = rows_of(view.snapshot, analysis, best, ("in_degree", "pagerank"))
        context["top"] = [{"rank": rank, **row} for rank, row in enumerate(top, 1)]
        context["picture"] = picture(view, engine, t)
        context["shown_in_picture"] = min(DRAWN, analysis.communities)
    return context
