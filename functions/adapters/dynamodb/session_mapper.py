"""Sessions to heads. The lock's holder, cover and end are the lock manager's and no part of the entity."""

from typing import Any

from pynamodb.expressions.update import Action

from domain.model.agent import AgentContext, AgentType
from domain.model.session import Session, Turn, TurnError, TurnErrorCode, TurnStatus
from domain.model.value import CallId, SessionKey, UserId
from domain.services.turns import ERROR_DETAILS
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.models import HeadItem, head_sk, user_pk

NEVER_SET = frozenset({"pk", "sk", "kind", "lock_fence"})
"""Keys do not change, and the fence is only ever added to: setting it could undo a lock taken meanwhile."""


class AgentContextMapper(BaseMapper[AgentContext, dict[str, Any]]):
    """An agent context to attributes of its session's head."""

    def to_model(self, entity: AgentContext) -> dict[str, Any]:
        """Return the head's attributes."""
        return {
            "current_agent": entity.current_agent.value,
            "switch_count": entity.switch_count,
            "last_switch_at": entity.last_switch_at,
        }

    def to_entity(self, model: dict[str, Any]) -> AgentContext:
        """Return the context in the head's attributes."""
        return AgentContext(
            current_agent=AgentType(model["current_agent"]),
            switch_count=int(model["switch_count"]),
            last_switch_at=model.get("last_switch_at"),
        )


class SessionMapper(BaseMapper[Session, HeadItem]):
    """A session to its head."""

    _context = AgentContextMapper()

    def to_model(self, entity: Session) -> HeadItem:
        """Return the head of an unlocked session."""
        turn = entity.turn
        return HeadItem(
            pk=user_pk(entity.key.user),
            sk=head_sk(entity.key.session_id),
            title=entity.title,
            is_active=entity.is_active,
            created_at=entity.created_at,
            last_activity_at=entity.last_activity_at,
            incarnation=entity.incarnation,
            turn_number=turn.number,
            turn_status=turn.status.value,
            turn_error=turn.error.code.value if turn.error else None,
            turn_rounds=turn.rounds,
            turn_switches=turn.switches,
            turn_refusals=turn.refusals,
            last_turn=entity.last_turn,
            message_count=entity.message_count,
            last_seq=entity.last_seq,
            open_calls=list(entity.open_calls) or None,
            awaiting_approval=list(entity.awaiting_approval) or None,
            plan_id=entity.plan_id,
            is_plan_open=entity.is_plan_open or None,
            attempts=entity.attempts,
            has_settings=entity.has_settings or None,
            lock_fence=entity.fence,
            **self._context.to_model(entity.agent),
        )

    def to_entity(self, model: HeadItem) -> Session:
        """Return the session, whoever holds its lock."""
        error = TurnErrorCode(model.turn_error) if model.turn_error else None
        return Session(
            key=SessionKey(user=UserId(model.pk.removeprefix("USER#")), session_id=model.sk.removeprefix("SESSION#")),
            title=model.title,
            is_active=model.is_active,
            created_at=model.created_at,
            last_activity_at=model.last_activity_at,
            incarnation=model.incarnation,
            turn=Turn(
                number=int(model.turn_number),
                status=TurnStatus(model.turn_status),
                error=TurnError(code=error, detail=ERROR_DETAILS[error]) if error else None,
                rounds=int(model.turn_rounds),
                switches=int(model.turn_switches),
                refusals=int(model.turn_refusals),
            ),
            last_turn=int(model.last_turn),
            message_count=int(model.message_count),
            last_seq=int(model.last_seq),
            open_calls=tuple(CallId(call_id) for call_id in model.open_calls or ()),
            awaiting_approval=tuple(CallId(call_id) for call_id in model.awaiting_approval or ()),
            plan_id=model.plan_id,
            is_plan_open=bool(model.is_plan_open),
            attempts=int(model.attempts),
            has_settings=bool(model.has_settings),
            fence=int(model.lock_fence),
            agent=self._context.to_entity(model.attribute_values),
        )

    def changes(self, before: Session, after: Session) -> list[Action]:
        """Return the updates that turn the head of `before` into that of `after`, and touch nothing else.

        Takings of the lock are counted without a fact, perhaps since `before` was read: a new state of the turn sets
        their number, any other change leaves it.
        """
        old, new = self.to_model(before).attribute_values, self.to_model(after).attribute_values
        names = sorted((old.keys() | new.keys()) - NEVER_SET)
        is_counted_anew = not after.turn.stands_as(before.turn)
        changed = [n for n in names if old.get(n) != new.get(n) or (n == "attempts" and is_counted_anew)]
        return [
            getattr(HeadItem, name).remove() if new.get(name) is None else getattr(HeadItem, name).set(new[name])
            for name in changed
        ]
