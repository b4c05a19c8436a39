"""Quotas as rules over groups, and the contradictions that no list could resolve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from guanxi.algorithms.influence.constraints import Quota
from guanxi.errors import UsageError
from guanxi.graph.arrays import MILLIONTHS, Bool, Int32, Int64
from guanxi.wording import agree, counted

#: An upper bound or a budget that nothing reaches.
UNBOUNDED = 1 << 60


@dataclass(frozen=True)
class Rules:
    """One rule for each group of each quota, numbered through.

    `families`: for each quota, int32[n] with the rule of each account, or -1. `lower`,
    `upper`, `count` int64: bounds, and how many included accounts each rule counts.
    `texts`: the quota of each rule; `names`: its group, "" where the quota has but one.
    """

    families: tuple[Int32, ...]
    lower: Int64
    upper: Int64
    count: Int64
    texts: list[str]
    names: list[str]

    @classmethod
    def of(cls, quotas: Sequence[Quota], included: Int32, n: int) -> Rules:
        """Number the groups of `quotas`; a bound that can never bind makes no rule."""
        families: list[Int32] = []
        lower: list[int] = []
        upper: list[int] = []
        texts: list[str] = []
        names: list[str] = []
        for quota in quotas:
            if quota.lower == 0 and quota.upper is None:
                continue
            groups = np.asarray(quota.groups)
            labels, place = np.unique(groups, return_inverse=True)
            first = int(np.searchsorted(labels, 0))
            number = len(labels) - first
            if number == 0 and quota.lower > 0:
                raise UsageError(f"The quota “{quota.text}” is about no account at all.")
            rule = place.reshape(n) - first + len(lower)
            families.append(np.where(groups < 0, -1, rule).astype(np.int32))
            lower += [quota.lower] * number
            upper += [UNBOUNDED if quota.upper is None else quota.upper] * number
            texts += [f"“{quota.text}”"] * number
            names += [
                "" if number == 1 else quota.names[label] if quota.names else f"group {label}"
                for label in labels[first:].tolist()
            ]
        count = np.zeros(len(lower), dtype=np.int64)
        rules = cls(
            tuple(families),
            np.array(lower, np.int64),
            np.array(upper, np.int64),
            count,
            texts,
            names,
        )
        count += rules.tally(included)
        return rules

    def words(self, rule: int) -> str:
        """A rule in words: its quota, and its group where there are several."""
        return self.texts[rule] + (f" ({self.names[rule]})" if self.names[rule] else "")

    @property
    def needs(self) -> Int64:
        """int64 by rule: accounts that are still to be chosen at least."""
        needs: Int64 = np.maximum(self.lower - self.count, 0)
        return needs

    def tally(self, accounts: Int32) -> Int64:
        """int64 by rule: how many of `accounts` each rule counts."""
        count = np.zeros(len(self.lower), dtype=np.int64)
        for family in self.families:
            found = family[accounts]
            count += np.bincount(found[found >= 0], minlength=len(count))
        return count

    def full(self, count: Int64) -> Bool:
        """bool[n]: accounts for which some rule has no room left after `count`."""
        shut = np.append(count >= self.upper, False)  # -1, no rule, is never shut
        masks = [shut[family] for family in self.families]
        return np.logical_or.reduce(masks) if masks else np.zeros(1, dtype=np.bool_)

    def parts(self, candidates: Bool) -> Iterator[tuple[Bool, Bool]]:
        """Rules that need accounts, by parts in which no candidate is counted twice.

        For each part, bool by rule and the candidates bool[n] it counts: everything in one
        part if possible, else one for each quota.
        """
        needy = np.append(self.needs > 0, False)
        counted = sum((needy[family].astype(np.int64) for family in self.families), np.int64(0))
        if np.max(np.where(candidates, counted, 0), initial=0) <= 1:
            yield needy[:-1], np.asarray(counted > 0) & candidates
            return
        for family in self.families:
            mine = np.zeros(len(self.lower), dtype=np.bool_)
            mine[family[family >= 0]] = True
            yield mine & needy[:-1], needy[family] & candidates


def check_included(rules: Rules) -> None:
    """Raise UsageError where the included accounts break an upper bound by themselves."""
    for rule in np.flatnonzero(rules.count > rules.upper)[:1]:
        raise UsageError(
            f"The included accounts break the quota {rules.words(rule)}: it counts "
            f"{rules.count[rule]:,} of them and allows {rules.upper[rule]:,}."
        )


def check_rules(rules: Rules, candidates: Bool, slots: int) -> None:
    """Raise UsageError where lower bounds cannot be met by candidates, or not by so few."""
    available = rules.tally(np.flatnonzero(candidates).astype(np.int32))
    for rule in np.flatnonzero(available < rules.needs)[:1]:
        found = int(available[rule] + rules.count[rule])
        raise UsageError(
            f"The quota {rules.words(rule)} needs {counted(int(rules.lower[rule]), 'account')}, "
            f"and only {found:,} may be chosen or {agree(found, 'is', 'are')} included."
        )
    for asked, _ in rules.parts(candidates):
        needed = int(rules.needs[asked].sum())
        if needed > slots:
            names, number = named(rules, asked)
            raise UsageError(
                f"The {agree(number, 'quota', 'quotas')} {names} {agree(number, 'needs', 'need')} "
                f"{counted(needed, 'account')}{agree(int(asked.sum()), '', ' together')}, and only "
                f"{slots:,} can still be put on the list."
            )
    _check_pairs(rules, candidates)


def _check_pairs(rules: Rules, candidates: Bool) -> None:
    """A lower bound over accounts of which another quota's upper bounds allow too few."""
    room = rules.upper - rules.count
    for rule in np.flatnonzero(rules.needs):
        mine = candidates & np.logical_or.reduce([family == rule for family in rules.families])
        for family in rules.families:
            found = family[mine]
            number = np.bincount(found[found >= 0], minlength=len(room))
            allowed = int(np.minimum(number, room).sum() + np.count_nonzero(found < 0))
            if allowed < rules.needs[rule]:
                other = rules.words(int(found[found >= 0][0]))
                raise UsageError(
                    f"The quota {rules.words(int(rule))} needs "
                    f"{counted(int(rules.needs[rule]), 'account')}, and the quota {other} leaves "
                    f"room for {allowed:,} of them."
                )


def check_affordable(rules: Rules, candidates: Bool, cost: Int64, budget: int) -> None:
    """Raise UsageError where a budget is below every cost or below what lower bounds need."""
    cheapest = int(cost[candidates].min(initial=UNBOUNDED))
    if candidates.any() and cheapest > budget:
        raise UsageError(
            f"The budget, {money(budget)}, is below the cost of every candidate; the cheapest "
            f"costs {money(cheapest)}."
        )
    for asked, members in rules.parts(candidates):
        least = _cheapest(rules, asked, members, cost)
        if least > budget:
            names, number = named(rules, asked)
            raise UsageError(
                f"The {agree(number, 'quota', 'quotas')} {names} {agree(number, 'costs', 'cost')} "
                f"{money(least)} at the very least, and the budget is {money(budget)}."
            )


def _cheapest(rules: Rules, asked: Bool, counted: Bool, cost: Int64) -> int:
    """The least cost of meeting the rules `asked`, none of which shares an account."""
    total = 0
    accounts = np.flatnonzero(counted).astype(np.int32)
    for family in rules.families:
        rule = family[accounts]
        mine = (rule >= 0) & np.append(asked, False)[rule]
        order = np.lexsort((cost[accounts[mine]], rule[mine]))
        sorted_rule = rule[mine][order]
        starts = np.searchsorted(sorted_rule, sorted_rule, side="left")
        taken = np.arange(len(order)) - starts < rules.needs[sorted_rule]
        total += int(cost[accounts[mine]][order][taken].sum())
    return total


def money(millionths: int) -> str:
    """An amount for people: no more decimals than it has.

    >>> money(1_234_500_000)
    '1,234.5'
    """
    return f"{millionths / MILLIONTHS:,.6f}".rstrip("0").rstrip(".")


def named(rules: Rules, asked: Bool) -> tuple[str, int]:
    """Some rules in words, the groups of a quota together, and not all of many quotas; and how
    many quotas they are of.
    """
    mine = np.flatnonzero(asked).tolist()
    number = Counter(rules.texts[rule] for rule in mine)
    words = {rules.texts[rule]: rules.words(rule) for rule in mine}
    texts = [
        words[text] if groups == 1 else f"{text} ({groups:,} groups)"
        for text, groups in number.items()
    ]
    shown = texts if len(texts) <= 4 else [*texts[:3], f"{len(texts) - 3} more"]
    words_of_all = ", ".join(shown[:-1]) + " and " + shown[-1] if len(shown) > 1 else shown[0]
    return words_of_all, len(texts)
