"""Which worker of xdist runs which tests."""

from __future__ import annotations

from typing import Any

from xdist.scheduler.loadfile import LoadFileScheduling

NEO4J = "neo4j-"  # `plugin.MARK`


class ServersInOneWorker(LoadFileScheduling):
    """Files together; the tests on servers, of whatever file, in one worker, and first.

    Servers are heavy, and shared by all tests of a worker.
    """

    def _split_scope(self, nodeid: str) -> str:
        test, _, parameters = nodeid.partition("[")
        return NEO4J if NEO4J in parameters else super()._split_scope(test)

    def _assign_work_unit(self, node: Any) -> None:
        if NEO4J in self.workqueue:
            self.workqueue.move_to_end(NEO4J, last=False)
        super()._assign_work_unit(node)
