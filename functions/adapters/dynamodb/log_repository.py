"""The log: one range of items, read by one Query."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from domain.model.change import Call
from domain.model.log import Event, LogPage
from domain.model.message import Message, Role
from domain.model.value import CallId, SessionKey
from domain.ports import ContentStore, SessionRepository
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.message_mapper import CallMapper, with_calls
from functions.adapters.dynamodb.models import LOG_PREFIX, CallItem, CommitItem, Item, log_sk, session_key, session_pk
from functions.adapters.errors import storage_errors

PAGE_BYTES = 4 * 1024 * 1024
"""A page ends here, counted as it is sent, so that an answer fits Lambda's 6 MB."""
CALLS_OF_TWO_COMMITS = 34
"""A page reads the commit at `after` too, and a commit brings up to 16 calls along. Beyond that it reads half an item
per event (a commit tells two facts or more) or one and a half per message: usually one request, and never much more
than the page needs."""
RECENT_ITEMS = 400
"""Of one Query for a model's history, which ends at 1 MB anyway."""


@dataclass
class _Commit:
    """A commit while its calls are being read."""

    item: CommitItem
    calls: dict[CallId, Call] = field(default_factory=dict)


class DynamoLogRepository:
    """Reads commits and the calls that sort behind them, strongly consistent."""

    _mapper = LogMapper()

    def __init__(self, sessions: SessionRepository, contents: ContentStore) -> None:
        self._sessions = sessions
        self._contents = contents

    def page(self, key: SessionKey, *, after: int, limit: int, messages_only: bool = False) -> LogPage:
        """Read from the commit that holds `after`, and drop what is not newer.

        So an existing session always gives something back, and an empty answer alone needs a look at the head.
        """
        events: list[Event] = []
        is_found = False
        size = 0
        for event in self._events_from(key, after, limit * 3 // 2 if messages_only else limit // 2):
            is_found = True
            if event.seq <= after or (messages_only and event.message is None):
                continue
            if len(events) == limit or size > PAGE_BYTES:
                return LogPage(events=tuple(events), next_after=events[-1].seq, has_more=True)
            events.append(event)
            size += _sent_bytes(event.message) if event.message else 0
        if not is_found:
            # Either nothing lies beyond `after`, or there is no such session.
            self._sessions.get(key)
        return LogPage(events=tuple(events), next_after=events[-1].seq if events else after, has_more=False)

    def recent(self, key: SessionKey, *, turn: int) -> Sequence[Event]:
        """Read backwards; content kept apart is fetched, one request each.

        One Query, and more only while results or queued messages that are large hide the turn's own message, or are
        most of what was read.
        """
        newest_first: list[Event] = []
        passed_over = 0
        for page in self._pages_backwards(key):
            kept = [event for event in page if event.turn <= turn]
            newest_first += kept
            passed_over += len(page) - len(kept)
            if passed_over <= len(newest_first) and any(_begins(turn, event) for event in newest_first):
                break
        return [self._whole(key, event) for event in reversed(newest_first)]

    def _pages_backwards(self, key: SessionKey) -> Iterator[Sequence[Event]]:
        """Yield the events that one Query brings, newest first, then those of the next."""
        calls: dict[CallId, Call] = {}
        with storage_errors():
            query = Item.query(
                session_pk(key),
                Item.sk.startswith(LOG_PREFIX),
                consistent_read=True,
                scan_index_forward=False,
                page_size=RECENT_ITEMS,
            )
            for page in query.page_iter:
                events: list[Event] = []
                for item in map(Item.from_raw_data, page["Items"]):
                    if isinstance(item, CallItem):
                        # Calls sort behind their commit, so backwards they come before it.
                        call = _call(item)
                        calls[call.call_id] = call
                    elif isinstance(item, CommitItem):
                        events += reversed(list(self._events(_Commit(item, calls))))
                yield events

    def _events_from(self, key: SessionKey, after: int, page_size: int) -> Iterator[Event]:
        with storage_errors():
            items = Item.query(
                session_pk(key),
                Item.sk.between(log_sk(after), f"{LOG_PREFIX}~"),
                consistent_read=True,
                page_size=page_size + CALLS_OF_TWO_COMMITS,
            )
            for commit in _joined(items):
                yield from self._events(commit)

    def _events(self, commit: _Commit) -> Iterator[Event]:
        for event in self._mapper.to_entity(commit.item):
            if event.message is None:
                yield event
            else:
                yield event.model_copy(update={"message": with_calls(event.message, commit.calls)})

    def _whole(self, key: SessionKey, event: Event) -> Event:
        if event.message is None or event.message.stored_sha256 is None:
            return event
        content = self._contents.get(key, event.message.stored_sha256)
        return event.model_copy(update={"message": event.message.model_copy(update={"content": content})})


def _sent_bytes(message: Message) -> int:
    """Return what a message takes on its way: Lambda writes the JSON of the body into JSON again, in ASCII."""
    body = json.dumps([message.beginning, *(call.arguments for call in message.tool_calls)])
    return len(json.dumps(body))


def _begins(turn: int, event: Event) -> bool:
    """Return whether `event` is the user message that `turn` answers."""
    return event.turn == turn and event.message is not None and event.message.role is Role.USER


def _call(item: CallItem) -> Call:
    return CallMapper(session_key(item.pk)).to_entity(item)


def _joined(items: Iterable[Item]) -> Iterator[_Commit]:
    """Yield each commit with its calls, which sort right behind it; calls without their commit are passed over."""
    commit: _Commit | None = None
    for item in items:
        if isinstance(item, CommitItem):
            if commit:
                yield commit
            commit = _Commit(item)
        elif isinstance(item, CallItem) and commit:
            call = _call(item)
            commit.calls[call.call_id] = call
    if commit:
        yield commit
