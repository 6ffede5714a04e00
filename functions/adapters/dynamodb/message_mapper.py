"""Messages and calls to what the log and the table keep of them."""

from collections.abc import Mapping
from datetime import datetime

from domain.model.change import Call
from domain.model.message import CallStatus, Message
from domain.model.value import CallId, JsonObject, SessionKey
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.models import CallItem, call_sk, session_pk


class MessageMapper(BaseMapper[Message, JsonObject]):
    """A message to JSON inside its commit, which already says when it was.

    Of content that is stored apart only the beginning is kept, so such a message comes back shortened.
    """

    def __init__(self, at: datetime) -> None:
        self._at = at

    def to_model(self, entity: Message) -> JsonObject:
        """Return JSON without the fields that hold their defaults."""
        stored = entity.model_dump(mode="json", exclude={"created_at"}, exclude_defaults=True)
        return stored | {"content": entity.beginning}

    def to_entity(self, model: JsonObject) -> Message:
        """Return the message of a commit at the mapper's time."""
        return Message.model_validate(model | {"created_at": self._at})


class CallMapper(BaseMapper[Call, CallItem]):
    """A call to its item in a session's log."""

    def __init__(self, key: SessionKey) -> None:
        self._key = key

    def to_model(self, entity: Call) -> CallItem:
        """Return the item."""
        return CallItem(
            pk=session_pk(self._key),
            sk=call_sk(entity.call_id),
            tool=entity.tool,
            turn=entity.turn,
            status=entity.status.value,
            edited=entity.edited,
        )

    def to_entity(self, model: CallItem) -> Call:
        """Return the call; its id is in the sort key."""
        return Call(
            call_id=call_id_of(model.sk),
            tool=model.tool,
            turn=int(model.turn),
            status=CallStatus(model.status),
            edited=model.edited,
        )


def call_id_of(sk: str) -> CallId:
    """Return the id of the call stored under `sk`.

    >>> call_id_of("LOG#000000000009#CALL#03")
    '9-3'
    """
    _, seq, _, index = sk.split("#")
    return CallId(f"{int(seq)}-{int(index)}")


def with_calls(message: Message, now: Mapping[CallId, Call]) -> Message:
    """Return `message` with its calls as they are `now`; a call that is not there is as the log has it."""
    if not message.tool_calls:
        return message
    calls = tuple(now[call.call_id].applied_to(call) if call.call_id in now else call for call in message.tool_calls)
    return message.model_copy(update={"tool_calls": calls})
