"""Telling an answer again: what is noted of it in a receipt, and how it is read back."""

from typing import Generic, Protocol, TypeVar

from domain.cqrs import Answer
from domain.model.value import JsonObject, SessionKey
from domain.ports import ContentStore, LogRepository
from domain.queries.list_messages import MessageDTO

A = TypeVar("A", bound=Answer)


class Receipts(Protocol[A]):
    """Notes answers of one kind, and recalls them."""

    def note(self, answer: A) -> JsonObject:
        """Return what `answer` can be told from again; well below 1 KB."""
        ...

    def recall(self, key: SessionKey, noted: JsonObject) -> A:
        """Return the answer noted, as it was."""
        ...


class WholeAnswers(Generic[A]):
    """Keeps small answers whole; recalling one costs nothing."""

    def __init__(self, kind: type[A]) -> None:
        self._kind = kind

    def note(self, answer: A) -> JsonObject:
        """Return the whole answer."""
        return answer.model_dump(mode="json", exclude_none=True)

    def recall(self, key: SessionKey, noted: JsonObject) -> A:  # noqa: ARG002  # the note says it all
        """Return the answer."""
        return self._kind.model_validate(noted)


class MessageAnswers:
    """Keeps the number of a message, which the log has; recalling it costs 1 request."""

    def __init__(self, log: LogRepository, contents: ContentStore) -> None:
        self._log = log
        self._contents = contents

    def note(self, answer: MessageDTO) -> JsonObject:
        """Return the message's number."""
        return {"seq": answer.seq}

    def recall(self, key: SessionKey, noted: JsonObject) -> MessageDTO:
        """Return the message of that number."""
        page = self._log.page(key, after=noted["seq"] - 1, limit=1)
        messages = (MessageDTO.of(event.message, key, self._contents) for event in page.events if event.message)
        return next(messages)
