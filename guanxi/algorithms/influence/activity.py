"""Bought and inactive followers, discounted.

The activity a(v) of an account says how much of it is a live person: 1 for an ordinary
account, 0 for a bought one, between for one that is half asleep or half sure. It counts twice:

    the audience value of v becomes w(v) · a(v)      (`Audience.of(weights, activity)`)
    what v passes on becomes p'(v→x) = a(v) · p(v→x)  (`with_activity`)

So an influencer half of whose audience is bought is worth half, a bought account is worth
nothing as a seed, and nothing comes of what bought accounts repeat to each other. p(u→v) for
an account v that is discounted stays as it is, and the p of others into x do not rise when
v is discounted: the attention that x gives v is lost, not passed to others.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from guanxi.algorithms.influence.audience import checked_activity
from guanxi.algorithms.influence.models import CascadeModel, probabilities, with_probabilities


def with_activity(model: CascadeModel, activity: npt.NDArray[np.generic]) -> CascadeModel:
    """The model with p'(v→x) = a(v) · p(v→x); `activity` float64[n], 0 … 1.

    Under linear threshold the shares shrink alike. Raises UsageError for an activity outside
    0 … 1 or of another length.
    """
    share = checked_activity(activity, model.graph.n)
    if (share == 1.0).all():
        return model
    out, into = probabilities(model)
    sender = np.repeat(share, np.diff(model.graph.out.indptr))
    changed = with_probabilities(model, sender * out, share[model.graph.into.indices] * into)
    sentence = f"{model.sentence} Accounts pass influence on as far as they are active.".lstrip()
    return replace(changed, sentence=sentence)
