"""LangChain: `DynamoDBChatMessageHistory`, by itself and in a chain.

Source:
    https://docs.langchain.com/oss/python/integrations/memory/aws_dynamodb
"""

from collections.abc import Sequence
from typing import Any

from langchain_community.chat_message_histories import DynamoDBChatMessageHistory
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder
from langchain_core.runnables import RunnableLambda
from langchain_core.runnables.history import RunnableWithMessageHistory

from tests.benchmarks.contest.tables import create_table

TABLE = "SessionTable"


class _Conversation:
    def __init__(self, session: str) -> None:
        self._session = session
        self._history = self._history_of(session)

    def exchange(self, question: str, answer: str) -> None:
        self._history.add_user_message(question)
        self._history.add_ai_message(answer)

    def read(self) -> Sequence[str]:
        return [message.content for message in self._history.messages]

    def _history_of(self, session: str) -> Any:
        return DynamoDBChatMessageHistory(table_name=TABLE, session_id=session)


class _ChainConversation(_Conversation):
    def __init__(self, session: str) -> None:
        super().__init__(session)
        prompt = ChatPromptTemplate.from_messages(
            [
                ("system", "You are a helpful assistant."),
                MessagesPlaceholder(variable_name="history"),
                ("human", "{question}"),
            ]
        )
        self._answer = ""
        self._chain = RunnableWithMessageHistory(
            prompt | RunnableLambda(lambda _: self._answer),
            self._history_of,
            input_messages_key="question",
            history_messages_key="history",
        )

    def exchange(self, question: str, answer: str) -> None:
        self._answer = answer
        self._chain.invoke({"question": question}, config={"configurable": {"session_id": self._session}})


class LangChainHistory:
    """The history, written to as its page begins or as it ends."""

    packages = ("langchain-community", "langchain-core")
    is_raced = True

    def __init__(self, name: str, how: str, conversation: type[_Conversation]) -> None:
        self.name = name
        self.how = how
        self._conversation = conversation

    def create_table(self, client: Any) -> None:
        """SessionId, a string."""
        create_table(client, TABLE, "SessionId")

    def open(self, session: str) -> _Conversation:
        """Make a history of this session."""
        return self._conversation(session)


CONTESTANTS = (
    LangChainHistory(
        "LangChain history", "DynamoDBChatMessageHistory, add_user_message and add_ai_message", _Conversation
    ),
    LangChainHistory(
        "LangChain chain", "RunnableWithMessageHistory on DynamoDBChatMessageHistory, invoke", _ChainConversation
    ),
)
