"""Commits to log items."""

from collections.abc import Sequence

from domain.model.events import FACTS
from domain.model.events.base import Fact
from domain.model.events.message import MessageAdded
from domain.model.log import Event
from domain.model.message import Message
from domain.model.value import CorrelationId, EventId, JsonObject, Trace
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.message_mapper import MessageMapper
from functions.adapters.dynamodb.models import CommitItem, log_sk, seq_of, session_key, session_pk

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError)
"""What reading an item raises that is none of ours, or a newer version's."""


class LogMapper(BaseMapper[Sequence[Event], CommitItem]):
    """The events of one commit, which share time and trace, to one item.

    Facts are stored as `[turn, type, data]`; their numbers follow from the sort key, which is the last one. What a
    message beside its `MessageAdded` says is not written twice, so that a round with a few calls stays under 1 KB.
    """

    def to_model(self, entity: Sequence[Event]) -> CommitItem:
        """Return the item of a commit's events, at least one."""
        last = entity[-1]
        messages = MessageMapper(last.occurred_at)
        return CommitItem(
            pk=session_pk(last.key),
            sk=log_sk(last.seq),
            at=last.occurred_at,
            incarnation=last.incarnation,
            correlation_id=last.trace.correlation_id,
            causation_id=last.trace.causation_id,
            notes={str(event.seq): event.note for event in entity if event.note is not None} or None,
            facts=[[event.turn, event.fact.type_name(), *_data(event)] for event in entity],
            messages=[messages.to_model(event.message) for event in entity if event.message] or None,
        )

    def to_entity(self, model: CommitItem) -> Sequence[Event]:
        """Return the commit's events in order, each message beside its `MessageAdded`."""
        last_seq = seq_of(model.sk)
        mapper = MessageMapper(model.at)
        messages = {message.seq: message for message in map(mapper.to_entity, model.messages or ())}
        first = last_seq - len(model.facts) + 1
        trace = Trace(
            correlation_id=CorrelationId(model.correlation_id),
            causation_id=EventId(model.causation_id) if model.causation_id else None,
        )
        return tuple(
            Event(
                key=session_key(model.pk),
                incarnation=model.incarnation,
                seq=seq,
                turn=turn,
                occurred_at=model.at,
                trace=trace,
                fact=_fact(name, data, messages.get(seq)),
                message=messages.get(seq),
                note=(model.notes or {}).get(str(seq)),
            )
            for seq, (turn, name, *data) in enumerate(model.facts, start=first)
        )


def _fact(name: str, data: Sequence[JsonObject], message: Message | None) -> Fact:
    if message and not data and name == MessageAdded.type_name():
        return MessageAdded.of(message)
    return FACTS[name].model_validate(data[0])


def _data(event: Event) -> Sequence[JsonObject]:
    """Return what is stored of a fact's fields: nothing when they follow from a message that is stored whole."""
    message = event.message
    is_said = message and message.stored_sha256 is None and event.fact == MessageAdded.of(message)
    return () if is_said else (event.fact.model_dump(mode="json", exclude_defaults=True),)
