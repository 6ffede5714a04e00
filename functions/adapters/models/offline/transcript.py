"""The turn so far, as the messages of a request tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.model.message import CallStatus, Message, Role, ToolCall
from domain.model.value import JsonObject


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call and how it ended.

    Attributes:
        content: The result, or the reason why there is none.
        outcome: None when the history holds no result of the call.
    """

    tool: str
    arguments: JsonObject
    content: str
    outcome: CallStatus | None

    @property
    def is_done(self) -> bool:
        """Whether the content is a result."""
        return self.outcome is CallStatus.DONE

    def text(self, name: str) -> str:
        """Return a text argument, empty when it is missing or no text."""
        value = self.arguments.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str, default: int) -> int:
        """Return a whole-number argument."""
        value = self.arguments.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default


@dataclass(frozen=True, slots=True)
class Turn:
    """The newest user message and what has followed it in its turn.

    Attributes:
        message: The user's.
        rounds: One entry per answer of a model, in order: its calls with their results, empty for a bare text.
        question: What the turn before ended with: the question of an `ask_followup_question`, else the first line of
            its text; empty when there was no such turn.
    """

    message: Message
    rounds: tuple[tuple[Step, ...], ...]
    question: str = ""


def turn_of(messages: Sequence[Message]) -> Turn | None:
    """Return the turn of the newest user message, None when there is no user message.

    The number of rounds is counted from the messages alone, so it is the same in every process.
    """
    newest = next((at for at in reversed(range(len(messages))) if messages[at].role is Role.USER), None)
    if newest is None:
        return None
    message = messages[newest]
    results = {other.tool_call_id: other for other in messages if other.role is Role.TOOL}
    answers = [other for other in messages[newest + 1 :] if other.role is Role.ASSISTANT and other.turn == message.turn]
    rounds = tuple(tuple(_step(call, results.get(call.call_id)) for call in answer.tool_calls) for answer in answers)
    return Turn(message, rounds, _question_before(messages[:newest]))


def _step(call: ToolCall, result: Message | None) -> Step:
    return Step(
        tool=call.tool,
        arguments=call.arguments,
        content=result.content if result else "",
        outcome=result.outcome if result else None,
    )


def _question_before(earlier: Sequence[Message]) -> str:
    """Return the question that the last answer before the newest user message may have ended with."""
    last = next((message for message in reversed(earlier) if message.role is not Role.TOOL), None)
    if last is None or last.role is Role.USER:
        return ""
    asked = [call.arguments.get("question") for call in last.tool_calls if call.tool == "ask_followup_question"]
    return next((question for question in asked if isinstance(question, str)), last.content.partition("\n")[0])
