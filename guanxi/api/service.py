"""What the routes of one worker share."""

from __future__ import annotations

import time
from collections.abc import Callable

from guanxi.api.config import ServeConfig
from guanxi.api.counters import Counters
from guanxi.api.database import Database
from guanxi.api.jobs import Jobs
from guanxi.api.judging import Judge
from guanxi.api.keys import any_keys
from guanxi.api.redact import Redactor
from guanxi.api.uploads import Uploads
from guanxi.api.views import Views


class Service:
    """The parts of one worker. `is_stopping` says whether it takes leave."""

    def __init__(self, config: ServeConfig) -> None:
        self.config = config
        self.database = Database(config.folder)
        self.counters = Counters(config.folder / "counters.bin")
        self.redactor = Redactor(config)
        self.jobs = Jobs(self.database, config)
        self.uploads = Uploads(self.database, config)
        self.views = Views(config)
        self.judge = Judge(self)
        self.secret = self.database.secret("cursors")
        self.started = time.time()
        self.is_stopping: Callable[[], bool] = lambda: False
        self._keyed = False

    def has_keys(self) -> bool:
        """Whether a key was ever made; once there was one, there will always have been one."""
        if not self._keyed:
            self._keyed = any_keys(self.database)
        return self._keyed

    def close(self) -> None:
        """Let go of everything."""
        self.views.close()
        self.counters.close()
        self.database.close()
