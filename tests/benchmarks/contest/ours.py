"""This service: its commands and its worker, in one process, on its own table."""

import os
from collections.abc import Sequence
from itertools import count
from typing import Any

from domain.model.agent import AgentType
from domain.model.errors import SessionAlreadyExists
from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.value import SessionKey
from tests.support.builders import make_key
from tests.support.dynamodb import create_table, dynamodb_system
from tests.support.steady_lock import steady

TABLE = "agent-runtime"


class _AnsweringModel:
    """A model that answers what it is told to."""

    name = "answering"

    def __init__(self) -> None:
        self.answer = ""

    def complete(self, _: ModelRequest) -> ModelAnswer:
        """Return the answer."""
        return ModelAnswer(text=self.answer, model=self.name)


class _Conversation:
    def __init__(self, table: str, session: str, *, is_steady: bool) -> None:
        self._model = _AnsweringModel()
        system = dynamodb_system(table, model=self._model)
        self._system = steady(system) if is_steady else system
        self._key: SessionKey = make_key(session)
        self._deliveries = count(1)
        try:
            self._system.create(session, agent=AgentType.ASK)
        except SessionAlreadyExists:
            return

    def exchange(self, question: str, answer: str) -> None:
        self._model.answer = answer
        self._system.say(self._key, question)
        self._work()

    def read(self) -> Sequence[str]:
        while self._system.session(self._key).is_turn_owed:
            # A worker that met another's lock left its message in the queue, which brings it back.
            self._work()
        return [message.content for message in self._system.messages(self._key)]

    def _work(self) -> None:
        name = f"{os.getpid()}-{next(self._deliveries)}"
        self._system.work(self._key, holder=name, cover=name)


class AgentRuntime:
    """All of it: the message, its turn under the lock, and every fact of both in the log.

    Args:
        table: Where its sessions are kept.
        is_steady: Whether its worker renews no lease, so that no pause of the machine is counted with an exchange.
    """

    name = "Agent Runtime Service"
    how = "AddMessageCommand, then RunTurnCommand as its queue delivers it"
    packages = ()
    is_raced = True

    def __init__(self, table: str = TABLE, *, is_steady: bool = False) -> None:
        self._table = table
        self._is_steady = is_steady

    def create_table(self, client: Any) -> None:
        """As the stack declares it."""
        create_table(client, self._table)

    def open(self, session: str) -> _Conversation:
        """Make a system of its own."""
        return _Conversation(self._table, session, is_steady=self._is_steady)


CONTESTANTS = (AgentRuntime(),)
