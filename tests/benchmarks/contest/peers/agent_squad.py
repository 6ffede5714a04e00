"""agent-squad: an orchestrator on `DynamoDbChatStorage`.

Source:
    https://awslabs.github.io/agent-squad/storage/dynamodb, /agents/custom-agents, /classifiers/custom-classifier
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from agent_squad.agents import Agent, AgentOptions
from agent_squad.classifiers import Classifier, ClassifierResult
from agent_squad.orchestrator import AgentSquad
from agent_squad.storage import DynamoDbChatStorage
from agent_squad.types import AgentSquadConfig, ConversationMessage, ParticipantRole

from tests.benchmarks.contest.tables import create_table

TABLE, REGION, USER = "agent-squad", "us-east-1", "alice"
DEFAULT_MESSAGES = AgentSquadConfig().MAX_MESSAGE_PAIRS_PER_AGENT
"""What it calls pairs are messages."""


class _Answering(Agent):  # type: ignore[misc]  # mypy cannot see the peers' packages
    """A custom agent that answers what it is told to."""

    answer = ""

    async def process_request(self, *_: Any, **__: Any) -> Any:
        return ConversationMessage(role=ParticipantRole.ASSISTANT.value, content=[{"text": self.answer}])


class _Choosing(Classifier):  # type: ignore[misc]  # as above
    """A custom classifier for a squad of one."""

    async def process_request(self, *_: Any) -> Any:
        return ClassifierResult(selected_agent=next(iter(self.agents.values())), confidence=1.0)


class _Conversation:
    def __init__(self, session: str, messages: int) -> None:
        self._session = session
        self._storage = DynamoDbChatStorage(TABLE, REGION)
        options = AgentSquadConfig(MAX_MESSAGE_PAIRS_PER_AGENT=messages)
        self._squad = AgentSquad(options=options, storage=self._storage, classifier=_Choosing())
        self._agent = _Answering(AgentOptions(name="coder", description="Answers."))
        self._squad.add_agent(self._agent)

    def exchange(self, question: str, answer: str) -> None:
        self._agent.answer = answer
        said = asyncio.run(self._squad.route_request(question, USER, self._session)).output
        # An error does not come out of it as one: it is told as if it were an answer.
        if said.content[0]["text"] != answer:
            raise RuntimeError(said.content[0]["text"])

    def read(self) -> Sequence[str]:
        messages = asyncio.run(self._storage.fetch_chat(USER, self._session, self._agent.id))
        return [message.content[0]["text"] for message in messages]


class AgentSquadStorage:
    """The orchestrator with a limit on what it keeps."""

    packages = ("agent-squad",)

    def __init__(self, messages: int) -> None:
        self.name = "agent-squad, " + ("as set by default" if messages == DEFAULT_MESSAGES else "keeping all")
        self.how = (
            "AgentSquad.route_request on DynamoDbChatStorage, own agent and classifier, "
            f"MAX_MESSAGE_PAIRS_PER_AGENT={messages}"
        )
        self.is_raced = messages > DEFAULT_MESSAGES
        self._messages = messages

    def create_table(self, client: Any) -> None:
        """PK and SK, both strings."""
        create_table(client, TABLE, "PK", "SK")

    def open(self, session: str) -> _Conversation:
        """Make storage, orchestrator and agent."""
        return _Conversation(session, self._messages)


CONTESTANTS = (AgentSquadStorage(500), AgentSquadStorage(DEFAULT_MESSAGES))
