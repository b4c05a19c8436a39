"""A snapshot: the graph of a store at one version, mapped into memory.

Opening one takes milliseconds, whatever its size; many processes share the memory, and the
store need not be open. Nothing here imports numba or DuckDB before it is needed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from guanxi.errors import SnapshotError, UnknownAccountError
from guanxi.graph import analysis_files
from guanxi.graph.account_lookup import find, find_all, near_matches
from guanxi.graph.arrays import Adjacency, Bool, InfluenceGraph, Int32, Int64, TextColumn
from guanxi.graph.closing import Closing
from guanxi.graph.file_lock import FileLock
from guanxi.graph.rows import INTERACTION_ARRAYS, InteractionRows
from guanxi.graph.schema import ColumnType
from guanxi.graph.snapshot_files import map_array, map_graph, map_matrix, map_text
from guanxi.graph.snapshot_manifest import Manifest, damaged_files
from guanxi.graph.store_home import StoreHome
from guanxi.graph.text import strings, texts_at
from guanxi.graph.ties import PROFILES, TieProfile

if TYPE_CHECKING:
    from guanxi.graph.account_values import AccountValues


#: Accounts in a list for which no array is made.
_HANDFUL = 100


class Snapshot(Closing):
    """The graph of a store at one version; a context manager.

    Accounts are the numbers `0 … n-1`, in the byte order of their ids. `warnings` are
    sentences about what a reader should know: that the store is newer, or a load unfinished.
    """

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        home: StoreHome,
        lock: FileLock | None = None,
        warnings: Iterable[str] = (),
    ) -> None:
        self.folder = folder
        self.manifest = manifest
        self.home = home
        self.warnings = list(warnings)
        self._files = manifest.files
        self._lock = lock
        self._texts: dict[str, TextColumn | None] = {}
        self._opted_out_now: Callable[[], Bool | None] | None = None
        self._known_default: TieProfile | None = None
        self._account_reader: Callable[[int], dict[str, Any]] | None = None

    @property
    def version(self) -> int:
        """The version of the store that this shows."""
        return self.manifest.version

    @property
    def n(self) -> int:
        """Number of accounts."""
        return self.manifest.accounts

    @cached_property
    def ids(self) -> TextColumn:
        """The ids of the accounts, ascending by their bytes."""
        return map_text(self.folder, self._files, "ids")

    @cached_property
    def made(self) -> Bool:
        """bool[n]: accounts that only edges mention."""
        return map_array(self.folder, self._files, "made")

    @property
    def opted_out(self) -> Bool | None:
        """bool[n]: accounts that must not be chosen; None if nobody can be told to be so."""
        if self._opted_out_now is not None:
            return self._opted_out_now()
        return self._opted_out_then

    @cached_property
    def _opted_out_then(self) -> Bool | None:
        if "opted_out.npy" not in self._files:
            return None
        return map_array(self.folder, self._files, "opted_out")

    def watch_opted_out(self, read: Callable[[], Bool | None]) -> None:
        """Take `opted_out` from `read` from now on: who knows better is asked when it is needed."""
        self._opted_out_now = cache(read)

    @property
    def opted_out_is_watched(self) -> bool:
        """Whether somebody else knows who has opted out."""
        return self._opted_out_now is not None

    @cached_property
    def follows(self) -> Adjacency:
        """Row = actor, columns = whom the actor follows; no weights."""
        return map_matrix(self.folder, self._files, "follows")

    @cached_property
    def follows_since(self) -> Int64 | None:
        """int64: since when, for each entry of `follows` (NO_TIME: unknown); None if all are."""
        if "follows-since.npy" not in self._files:
            return None
        return map_array(self.folder, self._files, "follows-since")

    @cached_property
    def interactions(self) -> InteractionRows:
        """All interactions, sorted by (actor, target, kind, day)."""
        columns: dict[str, Any] = {
            name: map_array(self.folder, self._files, f"interactions-{name}")
            for name in INTERACTION_ARRAYS
        }
        return InteractionRows(kinds=self.kinds, **columns)

    @property
    def kinds(self) -> list[str]:
        """The kinds of interactions that occur, in the order of their bytes."""
        return list(self._content["kinds"])

    @cached_property
    def column_types(self) -> dict[str, ColumnType]:
        """The columns of the accounts (besides `id`), in the order of the bytes of their names."""
        return {name: ColumnType(kind) for name, kind in self._content["columns"].items()}

    @property
    def newest_day(self) -> int | None:
        """The last day (since 1970) of any interaction; None if none has a time."""
        day: int | None = self._content["newest_day"]
        return day

    @property
    def accounts_parquet(self) -> Path:
        """Parquet file of the accounts, in their order: `id` and all columns."""
        return self.folder / "accounts.parquet"

    @cached_property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.folder / "content.json").read_bytes())
        return content

    def id_of(self, account: int) -> str:
        """The id of an account."""
        ids = self.ids
        return ids.data[ids.starts[account] : ids.ends[account]].tobytes().decode()

    def ids_of(self, accounts: Iterable[int]) -> list[str]:
        """The ids of some accounts."""
        if isinstance(accounts, list) and len(accounts) <= _HANDFUL:
            return texts_at(self.ids, accounts)
        if isinstance(accounts, np.ndarray):
            given = accounts.astype(np.int64, copy=False)
        else:
            given = np.fromiter(accounts, np.int64)
        if len(given) > self.n // 20:
            texts = strings(self.ids)
            return [texts[account] for account in given.tolist()]
        return texts_at(self.ids, given)

    def index_of(self, account: str) -> int:
        """The number of the account with this id.

        Raises UnknownAccountError, which names ids like it.
        """
        number = find(self.ids, account)
        if number < 0:
            raise self._unknown(account)
        return number

    def find(self, accounts: Sequence[str]) -> Int32:
        """int32: the number of each account, -1 where the store does not have it."""
        return find_all(self.ids, accounts)

    def indexes_of(self, accounts: Sequence[str]) -> Int32:
        """int32: the number of each account.

        Raises UnknownAccountError about the first one that is not there.
        """
        numbers = self.find(accounts)
        missing = np.flatnonzero(numbers < 0)
        if len(missing):
            raise self._unknown(accounts[int(missing[0])], more=len(missing) - 1)
        return numbers

    def _unknown(self, account: str, more: int = 0) -> UnknownAccountError:
        near = near_matches(self.ids, account)
        others = f" (nor {more:,} more of the list)" if more else ""
        hint = f"Did you mean {' or '.join(near)}?" if near else "No id is like it."
        return UnknownAccountError(f"There is no account {account!r}{others}. {hint}")

    def text(self, name: str) -> TextColumn | None:
        """A text column that is at hand as an array (`name`, `platform`), or None."""
        if name not in self._texts:
            there = f"column-{name}.npy" in self._files
            self._texts[name] = (
                map_text(self.folder, self._files, f"column-{name}") if there else None
            )
        return self._texts[name]

    @cached_property
    def values(self) -> AccountValues:
        """Columns of single accounts, out of memory once they are asked for again and again."""
        from guanxi.graph.account_values import AccountValues

        return AccountValues(self)

    def columns(
        self, names: Sequence[str], accounts: Sequence[int] | Int32 | None = None
    ) -> dict[str, list[Any]]:
        """Columns of all accounts or of some: text, float, bool, or a date as ISO text; else None.

        Raises SnapshotError for a column that the store does not have.
        """
        from guanxi.graph.account_columns import read_columns

        unknown = [name for name in names if name not in self.column_types]
        if unknown:
            raise SnapshotError(f"The accounts have no column {unknown[0]!r}.")
        found = read_columns(self, names, accounts)
        if "opted_out" in found and self.opted_out_is_watched:
            rows = slice(None) if accounts is None else np.asarray(accounts)
            mask = np.zeros(self.n, np.bool_) if self.opted_out is None else self.opted_out
            pairs = zip(mask[rows].tolist(), found["opted_out"], strict=True)
            found["opted_out"] = [True if now else (False if was else was) for now, was in pairs]
        return found

    def columns_of(self, account: int) -> dict[str, Any]:
        """All columns of one account, as `columns` gives them."""
        if self._account_reader is None and self.values.has_all():
            from guanxi.graph.account_columns import account_reader

            self._account_reader = account_reader(self)
        if self._account_reader is None or self.opted_out_is_watched:
            columns = self.columns(list(self.column_types), [account])
            return {name: values[0] for name, values in columns.items()}
        return self._account_reader(account)

    def graph(self, profile: TieProfile | None = None) -> InfluenceGraph:
        """The influence arcs with their strengths under a profile, by default `default`.

        Those of the default profile are part of the snapshot; others are computed once
        and kept beside it.
        """
        if profile is None or profile is self._known_default:  # asked for again and again
            return self._default_graph
        terms = profile.terms(self.kinds, self.newest_day)
        default = PROFILES["default"].terms(self.kinds, self.newest_day)
        if terms == default and (not self._given or profile.name == "default"):
            self._known_default = profile
            return self._default_graph
        from guanxi.graph.tie_cache import profile_graph

        return profile_graph(self, profile, terms.digest)

    @property
    def _given(self) -> bool:
        """Whether the strengths were given, not computed: then they are those of `default`."""
        return bool(self._content.get("strengths") == "given")

    @cached_property
    def _default_graph(self) -> InfluenceGraph:
        return map_graph(self.folder, self._files)

    def write_scores(
        self,
        scores: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
        tables: Mapping[str, npt.NDArray[Any]] | None = None,
    ) -> None:
        """Keep scores (an array of length n each) for readers of this snapshot; `meta` is JSON.

        `tables`: arrays of any shape that belong to them.
        """
        analysis_files.write_scores(self._analysis, self.manifest, scores, meta, tables)

    def read_table(self, name: str) -> npt.NDArray[Any]:
        """A table that was kept with the scores. Raises NotAnalyzedError if there is none."""
        return self._scores.now().table(name)

    def read_scores(self, name: str) -> npt.NDArray[Any]:
        """A score of all accounts. Raises NotAnalyzedError if it has not been computed."""
        return self._scores.now().score(name)

    def scores_now(self) -> analysis_files.Scores:
        """All scores and tables of this moment, which belong together."""
        return self._scores.now()

    def scores(self) -> dict[str, dict[str, Any]]:
        """The scores that there are, each with its `meta`."""
        return self._scores.now().meta

    @cached_property
    def _scores(self) -> analysis_files.KeptScores:
        return analysis_files.KeptScores(self._analysis, self.manifest)

    @property
    def _analysis(self) -> Path:
        return self.home.analysis / str(self.version)

    def damaged(self) -> list[str]:
        """The files that are not as they were written. Reads all of them."""
        return damaged_files(self.folder, self._files)

    def close(self) -> None:
        """Let the snapshot be cleared. Arrays that are in use stay valid."""
        if self._lock is not None:
            self._lock.release()
