"""The columns of every result, in their order: the contract, written down once.

`docs/reference.md` is made from it, and a test pins each verb's output to it.
"""

from __future__ import annotations

#: Scores of an analysis that accounts cannot be ranked by.
NOT_RANKED = ("community", "core_rank")

_ACCOUNT = {
    "id": "id of the account",
    "name": "its name, where an accounts file gave one",
    "platform": "its platform, where an accounts file gave one",
    "community": "number of its community (1 is the largest); empty before `analyze`",
}
_REACH = {
    "reach": "expected number of distinct accounts activated, the list itself included; of an "
    "audience its members alone, or their weight",
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
    "seeds, further": {
        "included": "with `--include`: whether it was signed already",
        "list": "with several numbers or budgets: the number of the list",
        "reach_alone": "with `--why`, as all below: what it reaches by itself",
        "overlap": "how much of that the rest of the list reaches too",
        "overlap_of_own": "`overlap` as a share of `reach_alone`",
        "overlap_of_rest": "`overlap` as a share of the reach of the rest of the list",
        "brings": "communities in which its own reach lies, with the share of it in each",
        "strongest_ties": "whom it influences most, with the tie strength",
        "lost_without": "what the list loses without it",
        "instead": "who would best take its place, if it says no: whoever keeps the most reach "
        "within the limits; under a target the cheapest who keeps it",
        "instead_cost": "what that one costs",
        "lost_instead": "what is lost then; below 0: the list gains, as it may where cost, quotas "
        "or a target kept that one off it",
        "lost_low": "lower end of the 95 % interval of `lost_instead`; below 0: nothing is lost",
        "lost_high": "upper end of the 95 % interval of `lost_instead`",
        "displaced": "the best account not on the list when it was chosen",
        "displaced_reach": "what that one would have added there",
    },
    "reach": {
        "set": "name of the list, or id of the account with `--each`",
        "size": "distinct accounts of the list that are in the store",
        "cost": "sum of their prices; empty where one is not known",
        **_REACH,
        "share": "`reach` as a share of all accounts, or of the audience",
        "adds": "what it adds to all other lists, or with `--each` an account to the rest of its "
        "list; where it is near 0, the list or account is redundant",
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
    "chain": {
        "chain": "number of the chain; 1 is the best",
        "step": "number of the step in the chain; 1 begins at FROM",
        "from": "account at the start of the step; it influences the other",
        "to": "account at the end of the step",
        "relation": "why the step holds, in words: what `to` does and did towards `from`",
        "strength": "tie strength; with `--mutual` the smaller one of the two directions",
        "probability": "its probability (weighted cascade); with `--mutual` the smaller one",
        "chain_probability": "product of the probabilities of all steps of the chain",
        "from_name": "name of the account at the start",
        "to_name": "name of the account at the end",
        "since": "since when the one follows the other, where that is known",
        "times": "interactions that count for the step",
        "last": "day of the last one",
    },
    "introduce": {
        "to": "the prospect",
        "to_name": "its name",
        "way": "number of the way to it; 1 is the likeliest",
        "from": "who of the team asks",
        "from_name": "their name",
        "ask": "whom they ask first; empty where they have a tie to the prospect themselves",
        "ask_name": "their name",
        "steps": "steps of the chain",
        "chain": "the accounts of the chain, from the team to the prospect",
        "strength": "tie strength of the weakest step",
        "probability": "product of the probabilities of all steps",
        "success": "probability that this way or one before it succeeds",
        "next_best": "whom to ask first on the best way that is not taken",
        "next_best_probability": "probability of that way",
    },
    "account --neighbourhood": {
        "from": "id of the account that influences",
        "to": "id of the account that is influenced",
        "step": "steps from the account asked for to the end of the tie that is further away",
        "strength": "tie strength",
        "probability": "influence probability of the tie (weighted cascade)",
    },
    "degrees": {
        "set": "name of the list, or id of the account",
        "step": "number of steps",
        "accounts": "accounts that many steps away, by the fewest steps from the list",
        "total": "accounts within that many steps, the list itself included",
        "share": "`total` as a share of all accounts",
    },
    "degrees --communities": {
        "set": "name of the list, or id of the account",
        "community": "number of the community",
        "step": "number of steps",
        "accounts": "accounts of the community that many steps away",
        "total": "accounts of the community within that many steps, those of the list included",
        "share": "`total` as a share of the community",
    },
    "degrees --network": {
        "measure": "average_separation (mean steps of the pairs that can reach each other), "
        "effective_diameter (steps within which 90 % of them lie, interpolated), reachable_share "
        "(their share of all ordered pairs of two accounts), longest_separation (most steps)",
        "value": "the measure, exact or estimated",
        "low": "lower end of its 95 % interval; the value itself where exact",
        "high": "upper end of its 95 % interval; empty where it is not known",
    },
    "bridges": {
        "rank": "1 joins communities most, by the score asked for; ties by id",
        **_ACCOUNT,
        "joins": "communities that hold at least 10 % of its tie strength, the largest share first",
        "participation": "chance that two of its ties, drawn by strength, lead into different "
        "communities",
        "constraint": "Burt's constraint: low where its contacts are not tied to each other",
        "betweenness": "share of the shortest ways between two others that run through it",
        "harmonic": "mean of 1 / steps from it to every other account, along influence",
        "betweenness_error": "standard error of `betweenness`; 0 where it is exact",
        "bridge_score": "`betweenness` times `participation`",
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
