"""What a model is shown of a conversation: ordered, whole, and no more than fits."""

from collections.abc import Iterable, Iterator, Sequence

from domain.model.log import Event
from domain.model.message import CallStatus, Message, Role, ToolCall
from domain.model.value import json_text

WINDOW_CHARACTERS = 400_000
"""About 100 000 tokens."""
RESULT_CHARACTERS = 60_000
"""Most of one tool result that a model sees; the rest can be read in parts."""
EDITED_CHARACTERS = 2_000
"""Most that a result repeats of the arguments a person put in; the call itself shows them whole."""
RAN = frozenset({CallStatus.DONE, CallStatus.FAILED})


def messages_for(events: Iterable[Event], *, turn: int) -> tuple[Message, ...]:
    """Return the history for a model call in `turn`, oldest first.

    Ordered by turn, then number, so that a queued message never stands between a call and its result; messages of
    later turns are left out. A call and its results are kept together or dropped together, oldest first, until the
    rest fits the window; the user message of this turn always stays. The result of a call whose arguments a person
    changed says so first.
    """
    messages = [event.message for event in events if event.message and event.turn <= turn]
    ordered = sorted(messages, key=lambda message: (message.turn, message.seq))
    groups = list(_groups(ordered))
    kept: list[Sequence[Message]] = []
    room = WINDOW_CHARACTERS
    for group in reversed(groups):
        room -= sum(_size(message) for message in group)
        # Room only shrinks: once a group does not fit, no older one is kept, save what this turn was asked.
        if room >= 0 or not kept or _holds_request(group, turn):
            kept.append([_shortened(message) for message in group])
    return tuple(message for group in reversed(kept) for message in group)


def _groups(messages: Sequence[Message]) -> Iterator[list[Message]]:
    """Yield each assistant message with the results of its calls, every other message alone.

    A result whose call is not there any more is left out, and so is a call whose results are not all there: a
    history cut by the page that was read begins in the middle.
    """
    answers = {message.tool_call_id: message for message in messages if message.role is Role.TOOL}
    for message in messages:
        if message.role is Role.TOOL:
            continue
        results = [_told(call, answers[call.call_id]) for call in message.tool_calls if call.call_id in answers]
        if len(results) == len(message.tool_calls):
            yield [message, *results]


def _told(call: ToolCall, result: Message) -> Message:
    """Return the result of `call` with what a person changed about it, which the model did not ask for."""
    if not call.is_edited:
        return result
    arguments = json_text(call.arguments)
    if len(arguments) > EDITED_CHARACTERS:
        arguments = f"{arguments[:EDITED_CHARACTERS]}… (whole in the call itself)"
    said = "it was run with" if result.outcome in RAN else "it was to be run with"
    told = f"[The user changed the arguments of this call before it was run; {said}: {arguments}]"
    return result.model_copy(update={"content": f"{told}\n{result.content}"})


def _holds_request(group: Sequence[Message], turn: int) -> bool:
    return group[0].role is Role.USER and group[0].turn == turn


def _size(message: Message) -> int:
    arguments = sum(len(str(call.arguments)) for call in message.tool_calls)
    return (
        min(len(message.content), RESULT_CHARACTERS if message.role is Role.TOOL else len(message.content)) + arguments
    )


def _shortened(message: Message) -> Message:
    if message.role is not Role.TOOL or len(message.content) <= RESULT_CHARACTERS:
        return message
    half = RESULT_CHARACTERS // 2
    left_out = len(message.content) - 2 * half
    content = f"{message.content[:half]}\n[… {left_out} characters left out …]\n{message.content[-half:]}"
    return message.model_copy(update={"content": content})
