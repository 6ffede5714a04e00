"""What is to be decided, as the server tells it."""

from dataclasses import dataclass
from datetime import datetime

from clients.views import JsonObject


@dataclass(frozen=True)
class Approval:
    """A tool call, or a plan, that waits or waited for a decision.

    Attributes:
        request_type: `tool` or `plan`.
        subject: The tool's name, or the plan's title.
        arguments: What was asked for.
        arguments_sha256: Of what was asked for, as the server stores it.
        reason: Why it needs a decision; None when no rule gave one.
        call_id: The call it is about.
        status: `pending`, `approved`, `edited`, `rejected`, `expired` or `cancelled`.
        feedback: What the decision said to the model.
        modified_arguments: Set exactly when edited.
        expires_at: From when on it counts as rejected; None when it does not run out.
    """

    id: str
    request_type: str
    subject: str
    arguments: JsonObject
    arguments_sha256: str
    reason: str | None
    call_id: str | None
    status: str
    feedback: str | None
    modified_arguments: JsonObject | None
    expires_at: datetime | None

    @property
    def is_granted(self) -> bool:
        """Whether the call may be executed."""
        return self.status in {"approved", "edited"}

    @property
    def granted_arguments(self) -> JsonObject:
        """What the call is to be executed with, and nothing else."""
        return self.arguments if self.modified_arguments is None else self.modified_arguments

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Approval":
        """Read the contract's Approval."""
        modified, ends = raw.get("modified_arguments"), raw.get("expires_at")
        return cls(
            id=str(raw["id"]),
            request_type=str(raw["request_type"]),
            subject=str(raw["subject"]),
            arguments=dict(raw["arguments"]),
            arguments_sha256=str(raw["arguments_sha256"]),
            reason=raw.get("reason"),
            call_id=raw.get("call_id"),
            status=str(raw["status"]),
            feedback=raw.get("feedback"),
            modified_arguments=None if modified is None else dict(modified),
            expires_at=None if ends is None else datetime.fromisoformat(ends),
        )


def approvals_from_json(raw: JsonObject) -> tuple[Approval, ...]:
    """Read the contract's list of approvals, oldest first."""
    return tuple(Approval.from_json(one) for one in raw["items"])
