"""Sessions with a past of any length, stored at once instead of lived through."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from domain.agents import REGISTRY
from domain.model.agent import AgentContext, AgentType
from domain.model.change import Commit
from domain.model.draft import Draft, compose
from domain.model.events.agent import AgentAssigned
from domain.model.events.llm import LlmRequestCompleted
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnStarted
from domain.model.value import SessionKey
from domain.services import answers, turns
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.session_mapper import SessionMapper
from tests.support.builders import DEPLOYMENT, make_session, make_toolbox, make_trace, text

BATCH = 25
"""Most items of one BatchWriteItem."""
AGENT = AgentType.ASK


def store_long_session(client: Any, table: str, key: SessionKey, *, events: int, at: datetime) -> None:
    """Store an idle session that has lived through as many whole turns as `events` facts at least tell of.

    Args:
        client: A DynamoDB client that nobody counts.
        table: Where.
        key: Of the session.
        events: Facts it has at least.
        at: When all of it happened.
    """
    commits = list(_life(key, events, at))
    items = [LogMapper().to_model(commit.events).serialize() for commit in commits]
    items.append(SessionMapper().to_model(commits[-1].after).serialize())
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}} for item in batch]})


def _life(key: SessionKey, events: int, at: datetime) -> Iterator[Commit]:
    draft = Draft(make_session(key=key, last_seq=0, agent=AgentContext(current_agent=AGENT)), at, make_trace())
    draft.record(SessionCreated(has_title=False))
    draft.record(AgentAssigned(agent=AGENT))
    yield draft.commit()
    while draft.session.last_seq < events:
        draft = Draft(draft.session, at, make_trace())
        turns.accept_message(
            draft, "What does README.md say?", agent=None, on_busy=turns.OnBusy.ENQUEUE, deployment=DEPLOYMENT
        )
        yield draft.commit()
        draft = compose(draft.session, at, make_trace(), _answer)
        yield draft.commit()


def _answer(draft: Draft) -> None:
    number = draft.session.turn.number
    draft.record(TurnStarted(turn=number, agent=AGENT))
    draft.record(
        LlmRequestCompleted(
            purpose="answer", model="scripted", input_tokens=100, output_tokens=20, duration_ms=900, attempt=1
        )
    )
    answers.settle(draft, text("It says how to start."), make_toolbox(REGISTRY[AGENT]), DEPLOYMENT)
