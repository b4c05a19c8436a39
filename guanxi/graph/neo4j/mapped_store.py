"""A graph in Neo4j that guanxi did not load, read as a mapping says.

Nothing is loaded into it, and nothing at all is written to it, unless scores are to be
written back. Snapshots lie in the cache folder of each user, apart for each mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from guanxi.errors import StoreError, UsageError
from guanxi.graph.arrays import TextColumn
from guanxi.graph.neo4j.chunks import Told
from guanxi.graph.neo4j.connection import open_connection
from guanxi.graph.neo4j.database import Database, fetch_one
from guanxi.graph.neo4j.login import Login
from guanxi.graph.neo4j.mapped_columns import opted_out_property, read_columns_of
from guanxi.graph.neo4j.mapped_edges import Edges, read_follows, read_interactions
from guanxi.graph.neo4j.mapped_nodes import id_text, read_nodes
from guanxi.graph.neo4j.mapped_scores import (
    own_properties,
    read_mapped_meta,
    write_mapped_scores,
)
from guanxi.graph.neo4j.mapped_state import Counts, read_counts, state_of
from guanxi.graph.neo4j.mapping import GraphMapping
from guanxi.graph.neo4j.read import id_ranges, read_settled
from guanxi.graph.parquet import write_accounts
from guanxi.graph.schema import ColumnType, StagedFile
from guanxi.graph.store import LoadProgress, Store, StoreContent
from guanxi.graph.store_home import home_of, make_home
from guanxi.graph.store_state import LoadCounts, LoadRecord, StoreState, read_state, write_state


class Neo4jMappedStore(Store):
    """A graph of others, for reading; see `guanxi.graph.neo4j.mapping` for what it is told.

    `write_back`: whether scores may be written. `login`: as whom; `tell` hears when guanxi
    waits for a server that is away. `progress` is called while the graph is read and while
    scores are written.

    Accounts are the nodes of the label whose id can be used; several nodes with one id are an
    error. Relationships count if both ends are accounts. A version is told by counts, from
    which guanxi numbers versions in the folder of this user.
    """

    def __init__(
        self,
        url: str,
        mapping: GraphMapping,
        *,
        write_back: bool = False,
        login: Login | None = None,
        tell: Callable[[str], None] | None = None,
        database: Database | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.url = url
        self.mapping = mapping
        self.write_back = write_back
        self.home = home_of(url, mapping)
        self.progress = progress
        self._database = database or open_connection(url, login, tell=tell)
        self._open = True
        try:
            make_home(self.home)
            self.state()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the connections."""
        opened, self._open = self._open, False
        if opened:
            self._database.close()

    def state(self) -> StoreState:
        """Version and counts, from the server; kept where readers find it."""
        return self._look()[1]

    def columns(self) -> dict[str, ColumnType]:
        """None: what columns there are shows when the graph is read."""
        return {}

    def loads(self) -> list[LoadRecord]:
        """None."""
        return []

    def load(
        self,
        staged: StagedFile,
        *,
        again: bool = False,
        replace: bool = False,
        progress: LoadProgress | None = None,
    ) -> LoadCounts:
        """Refused: the graph is of others."""
        self._refuse(f"nothing of {staged.source} was loaded")

    def read(self) -> StoreContent:
        """The whole content in arrays, as `Neo4jStore.read` gives it.

        Raises StoreError for ids that are none, times, amounts and kinds that cannot be taken.
        """
        return read_settled(self.url, self._look, self._content)

    def write_scores(
        self,
        ids: TextColumn,
        scores: Mapping[str, npt.NDArray[Any]],
        meta: Mapping[str, Any],
    ) -> None:
        """Replace the scores under the mapping's prefix; UsageError without `write_back`."""
        if not self.write_back:
            self._refuse("no scores were written (--write-back allows it)")
        counts = self._look()[0]
        write_mapped_scores(self._database, self.mapping, counts, ids, scores, meta, self.progress)

    def scores_meta(self) -> dict[str, Any] | None:
        """What `write_scores` was last told."""
        return self._database.read(partial(read_mapped_meta, self.mapping))

    def opted_out(self) -> list[str]:
        """The ids of the accounts that have opted out at this moment.

        StoreError where the property holds something else than true and false.
        """
        name = opted_out_property(self._database, self.mapping)
        found: list[str] = []
        if name is None:
            return found
        count = self._look()[0].nodes
        label = {"label": self.mapping.label}
        for low, high in id_ranges(self._database, self.mapping.label, count):
            page = fetch_one(
                self._database, "opted_out_of_label", label,
                low=low, high=high, property=name, id_property=self.mapping.id,
            )  # fmt: skip
            wrong = [value for value in page["values"] if value is not True]
            if wrong:
                raise StoreError(
                    f"The property {name}, which says who has opted out, holds {wrong[0]!r}. It "
                    "must be true or false: correct it in Neo4j, or map another as opted_out."
                )
            found += filter(None, map(id_text, page["ids"]))
        return found

    def _content(self, counts: Counts) -> StoreContent:
        mapping, database = self.mapping, self._database
        total = counts.nodes + sum(counts.starting[edge.type] for edge in mapping.edges)
        told = Told(self.progress, total)
        nodes = read_nodes(database, mapping, counts.nodes, told)
        skip = database.read(own_properties)
        columns, warnings = read_columns_of(database, mapping, nodes, skip)
        edges = Edges(mapping, nodes)
        follows = read_follows(database, edges, told)
        interactions = read_interactions(database, edges, told)
        by_name = {column.name: column for column in columns}
        return StoreContent(
            ids=nodes.ids,
            made=np.zeros(nodes.n, dtype=np.bool_),
            follows=follows,
            interactions=interactions,
            columns={column.name: column.type for column in columns},
            column=by_name.__getitem__,
            write_accounts=partial(write_accounts, nodes.ids, columns),
            warnings=(*nodes.warnings, *warnings, *edges.warnings(counts.ends)),
        )

    def _look(self) -> tuple[Counts, StoreState]:
        """What the graph holds at this moment; noted down where that is new."""
        counts = self._database.read(partial(read_counts, self.mapping))
        before = read_state(self.home)
        state = state_of(self.mapping, counts, before)
        if state != before:
            write_state(self.home, state)
        return counts, state

    def _refuse(self, what: str) -> NoReturn:
        raise UsageError(f"The graph at {self.url} is not guanxi's own, and is only read: {what}.")
