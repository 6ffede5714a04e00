"""Plans to items."""

from domain.model.plan import Plan, PlanStatus
from domain.model.subtask import Subtask
from domain.model.value import CallId, SessionKey
from functions.adapters.dynamodb.mapper import BaseMapper
from functions.adapters.dynamodb.models import PLAN_SK, PlanItem, session_pk


class PlanMapper(BaseMapper[Plan, PlanItem]):
    """The plan of a session to its item."""

    def __init__(self, key: SessionKey) -> None:
        self._key = key

    def to_model(self, entity: Plan) -> PlanItem:
        """Return the item; fields of subtasks that hold their defaults are left out."""
        return PlanItem(
            pk=session_pk(self._key),
            sk=PLAN_SK,
            plan_id=entity.id,
            call_id=entity.call_id,
            title=entity.title,
            description=entity.description,
            status=entity.status.value,
            created_at=entity.created_at,
            changed_at=entity.changed_at,
            subtasks=[subtask.model_dump(mode="json", exclude_defaults=True) for subtask in entity.subtasks],
        )

    def to_entity(self, model: PlanItem) -> Plan:
        """Return the plan."""
        return Plan(
            id=model.plan_id,
            call_id=CallId(model.call_id),
            title=model.title,
            description=model.description,
            status=PlanStatus(model.status),
            created_at=model.created_at,
            changed_at=model.changed_at,
            subtasks=tuple(Subtask.model_validate(subtask) for subtask in model.subtasks),
        )
