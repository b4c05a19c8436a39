"""The verbs that CLI, API, page and Python share.

import guanxi
network = guanxi.open("net.duckdb")
network.load(follows=["follows.csv"])
network.analyze()
network.top(n=10).to_pandas()
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from guanxi.access import StoreAccess
from guanxi.errors import UsageError
from guanxi.results import Result
from guanxi.settings import Settings, load_settings

if TYPE_CHECKING:
    from guanxi.console import Report
    from guanxi.graph.snapshot import Snapshot
    from guanxi.graph.ties import TieProfile
    from guanxi.verbs.load import LoadFile
    from guanxi.verbs.selectors import Who


class Engine:
    """A network: one store, its newest snapshot, and what can be asked of them.

    `report(stage, done, total)` is called during long work, `tell(sentence)` with what
    people should know before it goes on; both may be None.
    """

    def __init__(
        self,
        store: str | Path | None = None,
        *,
        settings: Settings | None = None,
        report: Report | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.settings = settings if settings is not None else load_settings()
        given = str(store) if store is not None else self.settings.store
        self.access = StoreAccess(given, self.settings)
        self.store = self.access.url
        self.report = report
        self.tell = tell
        self.access.progress = self.progress
        self.access.tell = self._heard
        self._snapshot: Snapshot | None = None
        self._fixed = False
        self._refresh = False

    @classmethod
    def over(cls, snapshot: Snapshot, settings: Settings | None = None) -> Engine:
        """An engine over a snapshot that no store stands behind (see `from_networkx`)."""
        engine = cls("memory", settings=settings)
        engine._snapshot = snapshot
        engine._fixed = True
        return engine

    @property
    def in_memory(self) -> bool:
        """Whether there is no store behind it."""
        return self._fixed

    def snapshot(self) -> Snapshot:
        """The newest complete snapshot; taken up anew where a later one has come."""
        if self._fixed and self._snapshot is not None:
            return self._snapshot
        if self._snapshot is not None and not self.access.is_newest(self._snapshot):
            self.forget_snapshot()
        if self._snapshot is None:
            self._snapshot = self.access.snapshot(refresh=self._refresh)
            self._refresh = False
        self.access.watch_opted_out(self._snapshot)
        return self._snapshot

    def refresh(self) -> None:
        """Read the store anew on the next question, even where its version is the same.

        So changes are seen that others made in Neo4j and that keep every count.
        """
        self.forget_snapshot()
        self._refresh = not self._fixed

    def forget_snapshot(self) -> None:
        """Open the snapshot anew on the next question."""
        if self._snapshot is not None and not self._fixed:
            self._snapshot.close()
            self._snapshot = None

    def _heard(self, sentence: str) -> None:
        if self.tell is not None:
            self.tell(sentence)

    def progress(self, stage: str) -> Callable[[float, float], None] | None:
        """A progress function (done, total) for one stage of the work."""
        report = self.report
        if report is None:
            return None
        return lambda done, total: report(stage, done, total)

    def profile(self, name: str, as_of: str | None = None) -> TieProfile:
        """The tie profile of that name, from the settings or built in."""
        from guanxi.verbs.profiles import find_profile

        return find_profile(self.settings, name, as_of)

    def load(
        self,
        files: Sequence[LoadFile] = (),
        *,
        accounts: Sequence[str | Path] = (),
        follows: Sequence[str | Path] = (),
        interactions: Sequence[str | Path] = (),
        columns: str | None = None,
        kind: str | None = None,
        **options: Any,
    ) -> Result:
        """Load files into the store and make the snapshot; a row for each file.

        `files` in the order in which they are loaded, each with its own role and columns;
        or lists of paths by role, all with the same `columns` and `kind`. Patterns are
        expanded. Options: `timezone`, `undirected`, `replace`, `again`, `check`,
        `max_rejects`, `rejects`, `input_format`, `encoding`, `delimiter`, `header`,
        `skip_lines`, `sheet` (as in `guanxi load`).

        Raises InputError (names file, line and field), TooManyRejectsError, StoreError.
        """
        from guanxi.verbs.load import LoadFile, LoadOptions, load

        by_role = {"accounts": accounts, "follows": follows, "interactions": interactions}
        plain = [
            LoadFile(str(path), role, columns, kind if role == "interactions" else None)
            for role, paths in by_role.items()
            for path in ([paths] if isinstance(paths, str | Path) else paths)
        ]
        return load(self, [*files, *plain], LoadOptions(**options))

    def analyze(
        self,
        *,
        with_: Sequence[str] = (),
        communities: str = "leiden",
        resolution: float = 1.0,
        fast: bool = False,
        profile: str = "default",
        as_of: str | None = None,
        seed: int | None = None,
        write_back: bool = False,
    ) -> Result:
        """Compute degrees, PageRank, k-core and communities; write them back.

        `with_`: further scores (`hits`). `communities`: `leiden`, `louvain` or
        `label-propagation`. Into a Neo4j graph that guanxi did not load scores are written
        with `write_back` only; here they are kept in any case. The row for each step says what
        it found and how long it took.
        """
        from guanxi.verbs.analyze import analyze

        return analyze(
            self,
            with_=[with_] if isinstance(with_, str) else with_,
            communities=communities,
            resolution=resolution,
            fast=fast,
            profile=self.profile(profile, as_of),
            seed=self.settings.seed if seed is None else seed,
            write_back=write_back,
        )

    def top(
        self,
        *,
        by: str = "pagerank",
        n: int = 20,
        community: int | None = None,
        where: str | None = None,
        personalize: str | Path | Sequence[str] | None = None,
        show: Sequence[str] = (),
        after: tuple[float, str] | None = None,
    ) -> Result:
        """The `n` accounts with the highest score, ties by id.

        `where`: a condition over account columns and scores in SQL's words. `personalize`:
        ids (or a file of them): ranks by PageRank whose jump goes to these accounts. `show`:
        further columns of the accounts. `after`: only those that rank behind a score and an id
        (the last ones of the page before).
        """
        from guanxi.verbs.top import top

        return top(
            self,
            by=by,
            n=n,
            community=community,
            where=where,
            personalize=personalize,
            show=[show] if isinstance(show, str) else show,
            after=after,
        )

    def communities(self, *, members: bool = False, n: int | None = None) -> Result:
        """Size, share, density, closedness and core users of each community, largest first.

        `members`: instead a row for each account, `id` and `community`.
        """
        from guanxi.verbs.communities import communities

        return communities(self, members=members, n=n)

    def seeds(
        self,
        k: int | Sequence[int] | None = None,
        *,
        budget: float | Sequence[float] | None = None,
        cost: str | None = None,
        target: float | None = None,
        exclude: Who | Sequence[Who] = (),
        include: Who | Sequence[Who] = (),
        where: str | None = None,
        quota: str | Sequence[str] = (),
        audience: Who | None = None,
        won: Who | None = None,
        activity: str | None = None,
        model: str | None = None,
        probability: float | None = None,
        probabilities: str | Path | None = None,
        hops: int | None = None,
        why: bool = False,
        precision: float | None = None,
        max_seconds: float | None = None,
        samples: int | None = None,
        looks: int | None = None,
        memory: str | None = None,
        profile: str = "default",
        as_of: str | None = None,
        seed: int | None = None,
    ) -> Result:
        """The accounts that together reach the most within limits, with a certificate.

        How much: `k` accounts (10 where nothing else is said), a `budget` with the `cost` of
        each account (a formula over its columns; default: `price`), or the cheapest list that
        reaches a `target`. With several `k` or budgets there is a list for each, from one run.

        Who is meant by `exclude`, `include` (signed already: their cost is spent, their reach
        counts), `audience` and `won` (customers already, worth nothing) is said by a file of
        accounts, by a condition over their columns, or by a list of ids (a list of lists where
        several may be given). A file of the audience may have a `weight` for each account. `where`:
        who may be chosen. `quota`: `"city = 'Shanghai': >=5"`, `"each community: <=3"`.
        Accounts that opted out are never chosen.

        The model: `weighted-cascade`, `uniform` (with `probability`), `trivalency`,
        `linear-threshold`, or a file of `probabilities` (source, target, probability); `hops`
        bounds the steps; `activity` discounts bought and inactive accounts (`auto`, or a formula
        from 0 to 1).

        `why`: for each seed what it reaches alone, what it shares with the rest of the list,
        which communities it brings, who would come instead and what is lost then, and whom it
        displaced.

        `samples`: RR sets for the choice (by default as the graph asks for, at least 300,000);
        `precision` goes on until the certificate is as good, or memory or `max_seconds` ends
        it; `samples` and `looks` of its meta repeat such a run exactly. `memory`: a bound for
        the samples.
        """
        from guanxi.verbs.audience import Spread
        from guanxi.verbs.plan import Plan
        from guanxi.verbs.seeds import Search, seeds

        plan = Plan(
            _several(k), _several(budget), cost, target, _whos(exclude), _whos(include), where,
            [quota] if isinstance(quota, str) else quota,
        )  # fmt: skip
        return seeds(
            self,
            plan,
            Spread(model, probability, probabilities, hops, audience, won, activity),
            Search(samples, precision, max_seconds, looks, memory),
            why=why,
            profile=self.profile(profile, as_of),
            seed=self.settings.seed if seed is None else seed,
        )

    def reach(
        self,
        lists: str | Path | Sequence[str | Path | Sequence[str]],
        *,
        each: bool = False,
        audience: Who | None = None,
        won: Who | None = None,
        activity: str | None = None,
        model: str | None = None,
        probability: float | None = None,
        probabilities: str | Path | None = None,
        hops: int | None = None,
        samples: int | None = None,
        memory: str | None = None,
        profile: str = "default",
        as_of: str | None = None,
        seed: int | None = None,
    ) -> Result:
        """Expected number of distinct accounts that each list activates, itself included.

        `lists`: files of accounts, or lists of ids. With several lists a last row shows
        all of them together, and `meta["overlap"]` how much each pair shares. `audience` to
        `hops`: as for `seeds`.
        """
        from guanxi.verbs.audience import Spread
        from guanxi.verbs.reach import reach

        entries = [lists] if isinstance(lists, str | Path) else list(lists)
        if not entries:
            raise UsageError("Name at least one list of accounts.")
        return reach(
            self,
            entries,
            Spread(model, probability, probabilities, hops, audience, won, activity),
            each=each,
            samples=samples,
            memory=memory,
            profile=self.profile(profile, as_of),
            seed=self.settings.seed if seed is None else seed,
        )

    def account(
        self,
        id: str,
        *,
        n: int = 10,
        neighbourhood: int | None = None,
        ties: int | None = None,
        profile: str | None = None,
        as_of: str | None = None,
    ) -> Result:
        """One account: `meta["account"]` has its columns and scores, rows its strongest ties.

        `neighbourhood`: instead, the `ties` (150) strongest ties among the accounts within so many
        steps, `from` → `to`, which can be drawn. The ties are those of the analysis that made
        the scores (or of the `default` profile before one), unless `profile` or `as_of` say
        otherwise.
        """
        from guanxi.verbs.account import account

        return account(
            self, id, n=n, neighbourhood=neighbourhood, ties=ties, profile=profile, as_of=as_of
        )

    def degrees(
        self,
        lists: Who | Sequence[Who] = (),
        *,
        accounts: str | Sequence[str] = (),
        each: bool = False,
        communities: bool = False,
        n: int | None = None,
        along: str = "influence",
        max_steps: int = 6,
        profile: str = "default",
        as_of: str | None = None,
    ) -> Result:
        """How many accounts lie within 1 to `max_steps` steps of each list; exact.

        `lists`: files, conditions or lists of ids, each searched from as one; `accounts`: ids that
        are searched from alone; `each`: also every account of the lists alone. `communities`:
        a row for each community (of the `n` largest) and step. `along`: `influence`,
        `against` (to those who influence), `either` or `mutual`.
        """
        from guanxi.verbs.degrees import degrees

        return degrees(
            self,
            _whos(lists),
            [accounts] if isinstance(accounts, str) else accounts,
            each=each,
            communities=communities,
            n=n,
            along=along,
            max_steps=max_steps,
            profile=self.profile(profile, as_of),
        )

    def separation(
        self,
        *,
        along: str = "influence",
        exact: bool | None = None,
        profile: str = "default",
        as_of: str | None = None,
        seed: int | None = None,
    ) -> Result:
        """Average separation and effective diameter of the whole network; a row a measure.

        `exact`: by a search from every account, or else (False) by a sketch with its error;
        None takes what the size of the network allows. `meta["pairs"]`: all pairs by steps.
        """
        from guanxi.verbs.separation import separation

        return separation(
            self,
            along=along,
            exact=exact,
            profile=self.profile(profile, as_of),
            seed=self.settings.seed if seed is None else seed,
        )

    def bridges(
        self,
        *,
        by: str = "bridge_score",
        n: int = 20,
        where: str | None = None,
        joins: int | Sequence[int] = (),
        samples: int | None = None,
        seed: int | None = None,
    ) -> Result:
        """The `n` accounts that join communities most, on the ties of the last analysis.

        `by`: `bridge_score` (betweenness times participation), `betweenness`,
        `participation`, `constraint` (lowest first) or `harmonic`. `joins`: only accounts of
        whose ties each of these communities holds at least a tenth. `samples`: from how many
        accounts betweenness is estimated; by default all, or as many as a large network allows.
        """
        from guanxi.verbs.bridges import bridges

        return bridges(
            self,
            by=by,
            n=n,
            where=where,
            joins=[joins] if isinstance(joins, int) else joins,
            samples=samples,
            seed=self.settings.seed if seed is None else seed,
        )

    def chain(
        self,
        source: str,
        target: str,
        *,
        by: str = "strength",
        n: int = 1,
        diverse: bool = False,
        mutual: bool = False,
        max_hops: int | None = None,
        through: str | Sequence[str] = (),
        avoid: str | Path | Sequence[str | Path | Sequence[str]] = (),
        profile: str = "default",
        as_of: str | None = None,
    ) -> Result:
        """The strongest chains of accounts from `source` to `target`; a row for each step.

        Along influence, by the product of the step probabilities, or `by="hops"` by the fewest
        steps. `n`: up to so many chains, best first, none with an account twice; with `diverse`
        such as share few accounts. `mutual`: only ties that run both ways, at the weaker of the
        two. `through`: accounts to pass, in this order; `avoid`: ids, files or lists of accounts
        that are never inside, as those that opted out never are. No chain: no rows, and
        `meta["summary"]` says how far one gets.
        """
        from guanxi.verbs.chain import Wish, chain

        wish = Wish(
            by=by,
            n=n,
            diverse=diverse,
            mutual=mutual,
            max_hops=max_hops,
            through=[through] if isinstance(through, str) else list(through),
            avoid=[avoid] if isinstance(avoid, str | Path) else list(avoid),
        )
        return chain(self, source, target, wish, profile=self.profile(profile, as_of))

    def introduce(
        self,
        sources: str | Path | Sequence[str],
        targets: str | Path | Sequence[str],
        *,
        capacity: int | None = None,
        alternatives: int = 1,
        mutual: bool = False,
        max_hops: int = 4,
        avoid: str | Path | Sequence[str | Path | Sequence[str]] = (),
        profile: str = "default",
        as_of: str | None = None,
    ) -> Result:
        """The best introductions of `sources` (a team) to `targets`; a row for each way to take.

        Files of accounts, or ids. Nobody is asked more than `capacity` times (None: no limit);
        each target gets up to `alternatives` ways, of at most `max_hops` steps. `meta` has the
        expected number of successful introductions, with the limit and without it.
        """
        from guanxi.verbs.introduce import Terms, introduce

        terms = Terms(
            capacity=capacity,
            alternatives=alternatives,
            mutual=mutual,
            max_hops=max_hops,
            avoid=[avoid] if isinstance(avoid, str | Path) else list(avoid),
        )
        return introduce(self, sources, targets, terms, profile=self.profile(profile, as_of))

    def status(self) -> Result:
        """What is loaded, how fresh it is, and whether it is analysed; one row."""
        from guanxi.verbs.status import status

        return status(self)

    def export(self, folder: str | Path, *, format: str = "csv", excel: bool = False) -> Result:
        """Write accounts with scores, follows, interactions and communities; a row a file."""
        from guanxi.verbs.export import export

        return export(self, Path(folder), format=format, excel=excel)

    def doctor(self, *, compile_kernels: bool = False) -> Result:
        """Check what is installed and reachable; a row for each check."""
        from guanxi.verbs.doctor import doctor

        return doctor(self, compile_kernels=compile_kernels)

    def to_networkx(self, profile: str = "default") -> Any:
        """The influence arcs as a `networkx.DiGraph`: u → v with `weight` (tie strength)."""
        from guanxi.verbs.interchange import to_networkx

        return to_networkx(self.snapshot(), self.profile(profile))


def _several(values: float | Sequence[float] | None) -> tuple[Any, ...]:
    if values is None:
        return ()
    return tuple(values) if isinstance(values, Sequence) else (values,)


def _whos(entries: Who | Sequence[Who]) -> Sequence[Who]:
    return [entries] if isinstance(entries, str | Path) else entries
