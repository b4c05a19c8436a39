"""The columns of every result, in their order: the contract, written down once.

`docs/reference.md` is made from it, and a test pins each verb's output to it.
"""

from __future__ import annotations

_ACCOUNT = {
    "id": "id of the account",
    "name": "its name, where an accounts file gave one",
    "platform": "its platform, where an accounts file gave one",
    "community": "number of its community (1 is the largest); empty before `analyze`",
}
_REACH = {
    "reach": "expected number of distinct accounts activated, the list itself included",
    "reach_low": "lower end of the 95 % interval of `reach`",
    "reach_high": "upper end of the 95 % interval of `reach`",
}

COLUMNS: dict[str, dict[str, str]] = {
    "load": {
        "file": "the file",
        "role": "accounts, follows or interactions",
        "rows": "rows of data in the file",
        "accepted": "rows that were taken; rows = accepted + rejected",
        "rejected": "rows that were not, each of them in the rejects file",
        "duplicates": "accepted rows that repeat another and change nothing",
        "self_loops": "accepted rows from an account to itself: they make the account and no edge",
        "added": "accounts, follows or interactions that are new in the store",
        "updated": "those that were there and have changed",
        "unchanged": "those that were there as they are",
        "removed": "follows that `--replace` took away",
        "made_accounts": "accounts made because a row mentions them",
        "state": "loaded, resumed, already loaded, or checked",
        "seconds": "time taken",
        "rejects_file": "where the rejected rows are",
    },
    "analyze": {
        "step": "what was computed",
        "found": "what came out, in words",
        "seconds": "time taken",
    },
    "top": {
        "rank": "1 is the highest score; ties by id",
        **_ACCOUNT,
        "in_degree": "distinct accounts that follow it",
        "weighted_in_degree": "sum of the tie strengths by which it influences others",
        "pagerank": "PageRank on arcs turned to point at whoever influences; sums to 1",
    },
    "communities": {
        "community": "its number; 1 is the largest",
        "size": "accounts in it",
        "share": "share of all accounts",
        "density": "share of the possible ties among its members that exist",
        "internal_share": "share of its members' tie strength that stays inside",
        "core_users": "its ten members with the highest PageRank on the ties inside it, by rank",
        "core_reach": "share of the community that its core users together are expected to reach",
    },
    "communities --members": {
        "id": "id of the account",
        "community": "number of its community",
    },
    "seeds": {
        "rank": "the order in which the accounts were chosen",
        **_ACCOUNT,
        "cost": "its `price`, or what `--cost` says",
        "marginal_reach": "what it adds to the reach of those before it",
        **_REACH,
        "spent": "what it and those before it cost; the included ones count nothing",
    },
    "reach": {
        "set": "name of the list, or id of the account with `--each`",
        "size": "distinct accounts of the list that are in the store",
        "cost": "sum of their prices; empty where one is not known",
        **_REACH,
        "share": "`reach` as a share of all accounts",
    },
    "account": {
        "tie": "influences (this account influences the other) or influenced by",
        "rank": "1 is the strongest tie of its direction",
        "id": "id of the other account",
        "name": "its name",
        "platform": "its platform",
        "strength": "tie strength",
        "probability": "influence probability of the tie (weighted cascade)",
    },
    "status": {
        "store": "path of the store",
        "store_version": "counts the loads that changed something",
        "snapshot_version": "version that is shown",
        "made_at": "when the snapshot was made",
        "accounts": "accounts",
        "follows": "follows",
        "interactions": "interactions, one per actor, target, kind and day",
        "arcs": "influence arcs of the default profile",
        "kinds": "kinds of interaction",
        "columns": "columns of the accounts",
        "analysed_at": "when the shown version was analysed",
        "communities": "number of communities",
        "modularity": "their modularity",
        "scores": "scores that `top --by` takes",
    },
    "export": {"file": "file that was written", "rows": "rows in it"},
    "doctor": {
        "check": "what was looked at",
        "state": "ok, or what is wrong",
        "detail": "what was found",
    },
}
