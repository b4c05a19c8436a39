"""What a seed list came to, in sentences that a planner can pass on."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from guanxi.wording import agree, counted

if TYPE_CHECKING:
    from guanxi.algorithms.influence.seeds import SeedList
    from guanxi.graph.snapshot import Snapshot
    from guanxi.verbs.audience import Spreading


#: Titles of the table of lists that were compared.
AGAINST = "Against what: other ways to choose within the same limits"
AGAINST_AS_FAR = "Against what: other ways to reach as much"


def against(meta: dict[str, Any]) -> str:
    """The title of the table of lists that were compared: what is the same for all of them."""
    return AGAINST_AS_FAR if "least_cost" in meta else AGAINST


def list_sentences(
    one: SeedList, spreading: Spreading, snapshot: Snapshot, unpriced: int | None
) -> list[str]:
    """How many the list reaches, what it costs, and how sure that is.

    `unpriced`: how many of the chosen accounts have no known cost; None where there are no costs.
    """
    size = len(one.accounts)
    reach, low, high = (float(end[-1]) for end in (one.reach, one.reach_low, one.reach_high))
    if spreading.audience is None:
        own = agree(size, "itself", "themselves")
        of = f"{reach:,.0f} of {counted(snapshot.n, 'account')}, {own} included"
    else:
        of = f"{reach:,.0f} of {spreading.audience.total:,.0f} in audience weight"
    these = "This account is" if size == 1 else f"These {size:,} accounts are"
    sentences = [f"{these} expected to reach {of} (95 % interval {low:,.0f} to {high:,.0f})."]
    sure = f"with probability {1 - one.failure_probability:g}"
    if one.least_cost is not None:
        sentences.append(_least(one, sure, priced=unpriced is not None))
    else:
        spent = float(one.spent[-1])
        if spent > 0:
            cost = f"{spent:,.2f}".removesuffix(".00")
            sentences[0] = f"{sentences[0].removesuffix('.')}, for {cost}."
        sentences.append(
            f"That is at least {one.certified_ratio:.3f} of what the best possible list within "
            f"the same limits reaches, {sure}."
        )
    if unpriced is not None:
        sentences += _left_out_of_the_cost(unpriced, int(one.included.sum()))
    if one.ended_by in ("memory", "time"):
        what = {"memory": "the memory allowed", "time": "the time allowed"}[one.ended_by]
        sentences.append(
            f"The search ended at {what}, not at the precision asked for; --samples "
            f"{one.samples['selection']} --looks {one.looks} repeats it exactly."
        )
    return sentences


def _left_out_of_the_cost(unpriced: int, signed: int) -> list[str]:
    """Whose cost is not in what the list costs, and why."""
    sentences = []
    if unpriced:
        sentences.append(
            f"{counted(unpriced, 'chosen account')} {agree(unpriced, 'has', 'have')} no price and "
            f"{agree(unpriced, 'is', 'are')} not in what the list costs."
        )
    if signed:
        sentences.append(f"The cost is without that of {counted(signed, 'signed account')}.")
    return sentences


def _least(one: SeedList, sure: str, *, priced: bool) -> str:
    """How good a list under a target is."""
    spent = float(one.spent[-1])
    least = one.least_cost or 0.0
    if priced:
        return (
            f"It costs {spent:,.0f}, and no list that reaches the target costs less than "
            f"{least:,.0f}, {sure}."
        )
    fewer = counted(round(least), "account")
    return f"No list of fewer than {fewer} reaches the target, {sure}."


def comparison_columns(meta: dict[str, Any]) -> dict[str, Any]:
    """The lists compared, the best first, as columns for a screen: under a target the cheapest."""
    entries = sorted(meta["compared_with"], key=lambda entry: -entry["reach"])
    if "least_cost" in meta:
        entries.sort(key=lambda e: (not e["chosen"], e["cost"] or 0.0, e["size"]))
    names = ("name", "size", "cost", "reach", "reach_low", "reach_high", "share", "chosen")
    columns = {name: [entry[name] for entry in entries] for name in names}
    if all(cost is None for cost in columns["cost"]):
        del columns["cost"]
    return columns


def comparison_sentences(one: SeedList) -> list[str]:
    """Where a simpler list that competed is ahead in the samples that report.

    Under a target the cheapest list wins, not the one that reaches the most: nothing to say.
    """
    if one.least_cost is not None:
        return []
    sentences = []
    others = [entry for entry in one.comparison if not entry.chosen]
    chosen = next(entry for entry in one.comparison if entry.chosen)
    above = [e for e in others if e.reach > chosen.reach and not math.isnan(e.judged)]
    if above:
        best = max(above, key=lambda entry: entry.reach)
        sentences.append(
            f"{best.name} is ahead here by {best.reach - chosen.reach:,.1f}, and was behind by "
            f"{chosen.judged - best.judged:,.1f} in the samples that decided: the two are equal as "
            "far as samples can tell."
        )
    return sentences
