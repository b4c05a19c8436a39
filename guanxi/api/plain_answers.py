"""Answers about plain accounts: what stands in all of them is put together once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from guanxi.api.answers import headers_of
from guanxi.api.kept_answers import Asked, Kept
from guanxi.api.negotiation import content_headers
from guanxi.formats.json_file import MetaForm, json_bytes
from guanxi.verbs.account import PlainAccounts
from guanxi.verbs.meta import Stopwatch

if TYPE_CHECKING:
    from guanxi.api.redact import Redactor
    from guanxi.engine import Engine

#: Ties each way that an account is shown with where nothing is said.
_TIES = 10


class _Prepared(NamedTuple):
    """What holds as long as snapshot and analysis do, which `stamp` names."""

    stamp: str
    accounts: PlainAccounts
    meta: MetaForm


class PlainAnswers:
    """Answers of one view, as its routes would give them."""

    def __init__(self, engine: Engine, redactor: Redactor) -> None:
        self._engine = engine
        self._redactor = redactor
        self._prepared: _Prepared | None = None

    def answer(self, asked: Asked, number: int) -> Kept:
        """The answer about the account of that number.

        Raises NotAnalyzedError or OSError where the analysis is replaced at this moment.
        """
        watch = Stopwatch()
        prepared = self._prepared
        if prepared is None or prepared.stamp != asked.stamp:
            prepared = self._prepared = self._prepare(asked.stamp)
        facts = prepared.accounts.facts(number)
        ties = prepared.accounts.ties(number, _TIES)
        body = json_bytes(ties, prepared.meta.text(facts, watch.seconds()))
        return Kept(body, _headers(asked, len(body)), 2 * _TIES)

    def _prepare(self, stamp: str) -> _Prepared:
        accounts = PlainAccounts(self._engine)
        meta = self._redactor.own_meta(accounts.meta)
        return _Prepared(stamp, accounts, MetaForm(meta, ("account", "seconds")))


def _headers(asked: Asked, size: int) -> list[tuple[bytes, bytes]]:
    headers = headers_of(asked) | content_headers("json", "account")
    headers["Content-Length"] = str(size)
    return [(name.lower().encode(), text.encode()) for name, text in headers.items()]
