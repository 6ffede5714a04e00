"""LangGraph: a graph of one node with `DynamoDBSaver` as its checkpointer.

Source:
    https://pypi.org/project/langgraph-checkpoint-aws, "DynamoDB Checkpoint Storage"
"""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph_checkpoint_aws import DynamoDBSaver

from tests.benchmarks.contest.tables import create_table

TABLE, REGION = "my-checkpoints", "us-east-1"
SEVEN_DAYS = 86400 * 7


class _Conversation:
    def __init__(self, session: str, **settings: Any) -> None:
        self._config = {"configurable": {"thread_id": session}}
        self._answer = ""
        builder = StateGraph(MessagesState)
        builder.add_node("model", lambda _: {"messages": [AIMessage(self._answer)]})
        builder.add_edge(START, "model")
        saver = DynamoDBSaver(table_name=TABLE, region_name=REGION, **settings)
        self._graph = builder.compile(checkpointer=saver)

    def exchange(self, question: str, answer: str) -> None:
        self._answer = answer
        self._graph.invoke({"messages": [{"role": "user", "content": question}]}, self._config)

    def read(self) -> Sequence[str]:
        return [message.content for message in self._graph.get_state(self._config).values["messages"]]


class LangGraphSaver:
    """The graph, with some settings of its checkpointer."""

    packages = ("langgraph-checkpoint-aws", "langgraph")
    is_raced = True

    def __init__(self, name: str, how: str, **settings: Any) -> None:
        self.name = name
        self.how = how
        self._settings = settings

    def create_table(self, client: Any) -> None:
        """PK and SK, both strings."""
        create_table(client, TABLE, "PK", "SK")

    def open(self, session: str) -> _Conversation:
        """Build and compile the graph."""
        return _Conversation(session, **self._settings)


CONTESTANTS = (
    LangGraphSaver("LangGraph", "StateGraph(MessagesState) with DynamoDBSaver, invoke"),
    LangGraphSaver(
        "LangGraph, compressed",
        "the same with its production settings: enable_checkpoint_compression, ttl_seconds",
        enable_checkpoint_compression=True,
        ttl_seconds=SEVEN_DAYS,
    ),
)
