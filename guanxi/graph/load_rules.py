"""What loads mean, whatever the store: what a cut-off load is recognised by, and warnings."""

from __future__ import annotations

from guanxi.graph.arrays import TextColumn
from guanxi.graph.schema import StagedAccounts, StagedFile, StagedFollows, StagedInteractions
from guanxi.graph.store_state import LoadCounts
from guanxi.graph.text import strings
from guanxi.wording import agree, counted


def fingerprint(staged: StagedFile) -> str:
    """What must be the same for a load to go on where it was cut off."""
    numbers = [len(staged.ids)]
    if isinstance(staged, StagedAccounts):
        numbers.append(len(staged.columns))
        numbers += [int(column.present.sum()) for column in staged.columns]
    elif isinstance(staged, StagedFollows):
        numbers += [len(staged.actor), int(staged.since.sum())]
    elif isinstance(staged, StagedInteractions):
        numbers += [len(staged.actor), int(staged.count.sum()), int(staged.weight.sum())]
        if staged.events is not None:
            numbers += [len(staged.events.line), int(staged.events.weight.sum())]
    return ":".join(map(str, numbers))


def load_warnings(staged: StagedFile, counts: LoadCounts) -> list[str]:
    """What the user should know about a load that is done."""
    warnings = []
    if counts.overlapping:
        warnings.append(
            f"{counts.overlapping:,} of {staged.source}'s sums (per actor, target, kind and day) "
            f"{agree(counts.overlapping, 'was', 'were')} added to what was there before. "
            "If the files overlap in time, some interactions are now counted twice; "
            "event ids would have told them apart."
        )
    if counts.rejected_events:
        warnings.append(
            f"{counted(counts.rejected_events, 'event')} of {staged.source} "
            f"{agree(counts.rejected_events, 'differs', 'differ')} from the same in the store and "
            f"{agree(counts.rejected_events, 'was', 'were')} rejected."
        )
    return warnings


def platform(account: str) -> str:
    """The platform of an id: the text before the first `:`, empty where there is none."""
    head, colon, _ = account.partition(":")
    return head if colon else ""


def platforms(ids: TextColumn) -> set[str]:
    """The platforms of many ids."""
    step = 1_000_000
    found: set[str] = set()
    for start in range(0, len(ids), step):
        found.update(map(platform, strings(ids, start, start + step)))
    return found
