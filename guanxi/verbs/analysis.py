"""What `analyze` keeps beside the snapshot, and how the readers find it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import NotAnalyzedError, UsageError
from guanxi.verbs.columns import NOT_RANKED

if TYPE_CHECKING:
    from guanxi.engine import Engine
    from guanxi.graph.analysis_files import Scores
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile

#: Arrays by community: row i speaks of community i + 1.
COMMUNITY_ARRAYS = ("size", "density", "internal_share", "core_users", "core_reach")


@dataclass(frozen=True)
class Analysis:
    """The scores of one snapshot, memory-mapped, and the meta that made them.

    They stay those of one analysis, also where another one replaces it meanwhile.
    """

    snapshot: Snapshot
    kept: Scores

    @property
    def by_score(self) -> dict[str, dict[str, Any]]:
        """What is known of each score."""
        return self.kept.meta

    @property
    def scores(self) -> list[str]:
        """Names of the scores that can be ranked by."""
        return list(self.by_score)

    @property
    def meta(self) -> dict[str, Any]:
        """What made the communities, and with them all scores of the last analysis."""
        return self.by_score["community"]

    @property
    def communities(self) -> int:
        """How many communities there are."""
        return int(self.meta["communities"])

    @property
    def parameters(self) -> dict[str, Any]:
        """What the scores were computed with."""
        return dict(self.meta["parameters"])

    @property
    def seed(self) -> int:
        """The seed of the communities."""
        return int(self.meta["seed"])

    @property
    def made_at(self) -> str:
        """When it was computed (ISO 8601, UTC)."""
        return str(self.meta["made_at"])

    def score(self, name: str) -> npt.NDArray[Any]:
        """A score of every account; UsageError where there is none of that name."""
        if name not in self.scores:
            known = [score for score in self.scores if score not in NOT_RANKED]
            raise UsageError(
                f"There is no score {name!r}; there are {', '.join(known)}. "
                "To have hub and authority, analyse with hits: `guanxi analyze --with hits`."
            )
        return self.kept.score(name)

    def ranked(self, name: str) -> npt.NDArray[Any]:
        """A score that accounts can be ranked by: not the number of a community, or a rank."""
        if name in NOT_RANKED:
            raise UsageError(
                f"{name} is no score to rank by; --community and --where filter by it."
            )
        return self.score(name)

    def by_community(self, name: str) -> npt.NDArray[Any]:
        """One of `COMMUNITY_ARRAYS`."""
        return self.kept.table(name)

    def profile(self, engine: Engine) -> TieProfile:
        """The tie profile that the scores were computed with."""
        parameters = self.meta["parameters"]
        return engine.profile(parameters["profile"], parameters.get("as_of"))


def read_analysis(snapshot: Snapshot, engine: Engine) -> Analysis:
    """The analysis of `snapshot`; NotAnalyzedError where there is none here.

    It says so where another machine has analysed the same.
    """
    found = find_analysis(snapshot)
    if found is None:
        from guanxi.verbs.elsewhere import analysed_elsewhere

        raise NotAnalyzedError(
            analysed_elsewhere(engine, snapshot.manifest)
            or f"Version {snapshot.version} of this network has not been analysed yet; "
            "run `guanxi analyze`."
        )
    return found


def find_analysis(snapshot: Snapshot) -> Analysis | None:
    """The analysis of `snapshot`, or None."""
    kept = snapshot.scores_now()
    return Analysis(snapshot, kept) if "community" in kept.meta else None


def core_rank(core_users: npt.NDArray[np.int32], n: int) -> npt.NDArray[np.int32]:
    """int32[n]: rank of each account among the core users of its community, 0 for the others.

    `core_users`: int32[communities, 10], accounts by rank, -1 where there are fewer.
    """
    rank = np.zeros(n, dtype=np.int32)
    rows, places = np.nonzero(core_users >= 0)
    rank[core_users[rows, places]] = places + 1
    return rank
