"""The question of the sample events: may a file be written?"""

from domain.model.approval import approval_id_of
from domain.model.draft import Draft
from domain.model.events.tool import ToolCallRequested
from domain.model.message import CallStatus, Role
from domain.model.policy import RequestType
from domain.model.value import CallId, SessionKey
from domain.services import approvals, turns
from domain.services.deployment import Limits
from tests.support.builders import make_tool_call
from tests.support.plans import step
from tests.support.samples import sample
from tests.support.system import System

ARGUMENTS = {"path": "notes.md", "content": "# Notes\n"}
CALL = CallId(sample("decide_approval")["pathParameters"]["approval_id"].removeprefix(approval_id_of(CallId(""))))


def ask_sample(system: System, key: SessionKey) -> CallId:
    """Ask, in the turn in progress, for the approval that the samples decide, and return its call."""
    call = make_tool_call(
        CALL, tool="write_file", arguments=ARGUMENTS, status=CallStatus.AWAITING_APPROVAL, is_gated=True
    )

    def ask(draft: Draft) -> None:
        agent = draft.session.agent.current_agent
        draft.add_message(Role.ASSISTANT, "", agent=agent, tool_calls=(call,))
        draft.record(ToolCallRequested(call_id=CALL, tool=call.tool, agent=agent))
        approvals.request(
            draft, call, request_type=RequestType.TOOL, subject=call.tool, seconds=Limits().approval_seconds
        )
        turns.wait(draft)

    step(system, key, ask)
    return CALL
