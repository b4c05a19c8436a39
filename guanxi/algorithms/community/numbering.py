"""Numbers for communities: consecutive, in a fixed order, and back to their members."""

from __future__ import annotations

import numpy as np

from guanxi.graph.arrays import Int32, Int64
from guanxi.kernels import kernel


@kernel
def _compact(labels: Int32, new: Int32) -> int:
    count = 0
    for i in range(len(labels)):
        label = labels[i]
        if new[label] < 0:
            new[label] = count
            count += 1
        labels[i] = new[label]
    return count


def compact(labels: Int32) -> int:
    """Renumber `labels` (int32[n], 0 and above) in place by first appearance, from 0; how many."""
    new = np.full(int(labels.max(initial=-1)) + 1, -1, dtype=np.int32)
    return _compact(labels, new)


@kernel
def _group(labels: Int32, first: Int64, members: Int32) -> None:
    groups = len(first) - 1
    for i in range(len(labels)):
        first[labels[i] + 1] += 1
    for group in range(groups):
        first[group + 1] += first[group]
    for i in range(len(labels)):
        group = labels[i]
        members[first[group]] = i
        first[group] += 1
    for group in range(groups, 0, -1):
        first[group] = first[group - 1]
    first[0] = 0


def members_of(labels: Int32, count: int) -> tuple[Int64, Int32]:
    """Members of each of `count` groups, ascending: group c is `members[first[c]:first[c+1]]`."""
    first = np.zeros(count + 1, dtype=np.int64)
    members = np.empty(len(labels), dtype=np.int32)
    _group(labels, first, members)
    return first, members


def largest_first(labels: Int32) -> tuple[Int32, Int64]:
    """Labels from 1, largest community first, then by smallest account; and their sizes.

    `labels` int32[n], any numbers from 0; int32[n] and int64[communities] come back.
    """
    found = np.array(labels, dtype=np.int32)
    count = compact(found)
    sizes = np.bincount(found, minlength=count)
    order = np.argsort(-sizes, kind="stable")
    rank = np.empty(count, dtype=np.int32)
    rank[order] = np.arange(1, count + 1, dtype=np.int32)
    return rank[found], sizes[order].astype(np.int64)
