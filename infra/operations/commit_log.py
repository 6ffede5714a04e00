"""Commits out of the log: by key, of a session, of a time."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pynamodb.connection import Connection

from domain.model.log import CommitKey, Event
from domain.model.value import SessionKey
from functions.adapters.dynamodb.log_mapper import UNREADABLE, LogMapper
from functions.adapters.dynamodb.models import LOG_PREFIX, CommitItem, Item, log_sk, seq_of, session_key, session_pk
from functions.adapters.errors import storage_errors
from infra.operations.letters import Span

Commit = tuple[Event, ...] | CommitKey
"""The facts of a commit; its key alone when this version cannot read it."""


class CommitLog:
    """Reads commits, strongly consistent, those of a session in their order."""

    _mapper = LogMapper()

    def __init__(self, connection: Connection) -> None:
        self._connection = connection  # the models speak through it

    def of_key(self, key: CommitKey) -> Iterator[Commit]:
        """Yield one commit, none if it was erased; 1 request."""
        yield from self._read(CommitItem.query(session_pk(key.key), Item.sk == log_sk(key.last_seq), **_RAW))

    def of_session(self, key: SessionKey) -> Iterator[Commit]:
        """Yield every commit of a session; 1 request per MB."""
        yield from self._read(CommitItem.query(session_pk(key), Item.sk.startswith(LOG_PREFIX), **_RAW))

    def of_span(self, span: Span) -> Iterator[Commit]:
        """Yield every commit of a time, whosever it is; reads the whole table, 1 request per MB."""
        yield from self._read(CommitItem.scan(CommitItem.at.between(span.since, span.until), **_RAW))

    def _read(self, found: Any) -> Iterator[Commit]:
        pages: Iterable[Mapping[str, Any]] = found.page_iter
        with storage_errors():
            for page in pages:
                for item in page["Items"]:
                    yield self._commit(item)

    def _commit(self, item: Mapping[str, Any]) -> Commit:
        try:
            return tuple(self._mapper.to_entity(CommitItem.from_raw_data(dict(item))))
        except UNREADABLE:
            return CommitKey(key=session_key(item["PK"]["S"]), last_seq=seq_of(item["SK"]["S"]))


_RAW: Mapping[str, Any] = {"consistent_read": True}
