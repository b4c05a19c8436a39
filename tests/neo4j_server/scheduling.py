"""Which worker of xdist runs which tests."""

from __future__ import annotations

from typing import Any

from xdist.scheduler.loadfile import LoadFileScheduling

from tests.neo4j_server.releases import RELEASES

NEO4J = "neo4j-"  # `plugin.MARK`


class ServersInOneWorker(LoadFileScheduling):
    """Files together; the tests on the servers of a release, of whatever file, in one worker,
    and first.

    Servers are heavy, and shared by all tests of a worker.
    """

    def _split_scope(self, nodeid: str) -> str:
        test, _, parameters = nodeid.partition("[")
        if NEO4J not in parameters:
            return super()._split_scope(test)
        named = [NEO4J + name for name in RELEASES if NEO4J + name in parameters]
        return named[0] if named else NEO4J

    def _assign_work_unit(self, node: Any) -> None:
        for scope in [scope for scope in self.workqueue if scope.startswith(NEO4J)]:
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)
