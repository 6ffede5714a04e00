"""What a model is shown of a conversation."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.model.log import Event
from domain.model.message import CallStatus, Message, Role
from domain.model.value import CallId
from domain.services.history import EDITED_CHARACTERS, RESULT_CHARACTERS, WINDOW_CHARACTERS, messages_for
from tests.support.builders import make_event, make_log, make_message, make_tool_call


def asked(seq: int, *call_ids: str, turn: int = 1, **fields: Any) -> Message:
    """Return an assistant message with these calls."""
    tool_calls = tuple(make_tool_call(call_id) for call_id in call_ids)
    return make_message(Role.ASSISTANT, "Let me look.", seq=seq, turn=turn, tool_calls=tool_calls, **fields)


def given_back(seq: int, call_id: str, content: str = "result", *, turn: int = 1) -> Message:
    """Return the result of a call."""
    return make_message(Role.TOOL, content, seq=seq, turn=turn, tool_call_id=CallId(call_id))


def numbers(messages: Sequence[Message]) -> list[int]:
    """Return the messages' numbers."""
    return [message.seq for message in messages]


def test_history_is_ordered_by_turn_when_a_message_was_queued() -> None:
    """A message that came between a call and its result stands behind both."""
    log = make_log(
        make_message(seq=3, turn=1),
        asked(5, "9-0"),
        make_message(seq=6, turn=2),
        given_back(7, "9-0"),
        make_message(Role.ASSISTANT, "Done.", seq=9, turn=1),
    )

    assert numbers(messages_for(log, turn=2)) == [3, 5, 7, 9, 6]


def test_history_leaves_later_turns_out_when_they_only_wait() -> None:
    """A queued message is not answered before its turn."""
    log = make_log(make_message(seq=3, turn=1), make_message(seq=5, turn=2), make_message(seq=7, turn=3))

    assert numbers(messages_for(log, turn=2)) == [3, 5]


def test_history_is_empty_when_no_event_has_a_message() -> None:
    """Facts are not shown to a model."""
    assert messages_for([make_event(), make_event(seq=4)], turn=1) == ()


def test_results_follow_their_calls_when_they_came_in_another_order() -> None:
    """Results stand in the model's order, right behind the message that asked."""
    log = make_log(
        make_message(seq=3),
        asked(5, "9-0", "9-1"),
        given_back(7, "9-1"),
        given_back(9, "9-0"),
    )

    assert numbers(messages_for(log, turn=1)) == [3, 5, 9, 7]


def test_call_is_left_out_when_a_result_is_missing() -> None:
    """A half answered message would be refused by every provider."""
    log = make_log(make_message(seq=3), asked(5, "9-0", "9-1"), given_back(7, "9-1"))

    assert numbers(messages_for(log, turn=1)) == [3]


def test_result_is_left_out_when_its_call_is_not_there_any_more() -> None:
    """A history that begins in the middle does not begin with a result."""
    log = make_log(given_back(7, "5-0"), make_message(seq=9, turn=2))

    assert numbers(messages_for(log, turn=2)) == [9]


def test_long_result_is_shortened_when_it_is_shown() -> None:
    """Beginning and end are kept, the gap is named; the log still has everything."""
    content = "a" * RESULT_CHARACTERS + "b" * RESULT_CHARACTERS
    log = make_log(make_message(seq=3), asked(5, "9-0"), given_back(7, "9-0", content))

    shown = messages_for(log, turn=1)[-1].content

    half = RESULT_CHARACTERS // 2
    assert shown == f"{'a' * half}\n[… {RESULT_CHARACTERS} characters left out …]\n{'b' * half}"
    assert log[-1].message
    assert log[-1].message.content == content


@pytest.mark.parametrize("role", [Role.USER, Role.ASSISTANT])
def test_long_text_is_kept_whole_when_it_is_no_result(role: Role) -> None:
    """Only what a tool brought is shortened, and not before its limit."""
    long = make_message(role, "x" * (RESULT_CHARACTERS + 1), seq=3)
    at_the_limit = given_back(7, "9-0", "y" * RESULT_CHARACTERS)

    shown = messages_for(make_log(long, asked(5, "9-0"), at_the_limit), turn=1)

    assert [message.content for message in shown] == [long.content, "Let me look.", at_the_limit.content]


def test_oldest_messages_are_dropped_when_the_window_is_full() -> None:
    """What fits is the newest part, without holes."""
    quarter = "x" * (WINDOW_CHARACTERS // 4)
    log = make_log(
        *(make_message(Role.USER, quarter, seq=seq, turn=seq) for seq in range(1, 6)),
        make_message(Role.USER, "short", seq=6, turn=6),
    )

    assert numbers(messages_for(log, turn=6)) == [3, 4, 5, 6]


def test_window_drops_a_call_with_its_results_when_they_do_not_fit_together() -> None:
    """Never one without the other."""
    results = [given_back(10 + place, f"9-{place}", "x" * RESULT_CHARACTERS, turn=1) for place in range(7)]
    log = make_log(
        make_message(seq=3),
        asked(5, *(f"9-{place}" for place in range(7))),
        *results,
        make_message(seq=30, turn=2),
    )

    assert numbers(messages_for(log, turn=2)) == [30]


def test_request_stays_when_the_results_of_its_own_turn_fill_the_window() -> None:
    """However long the turn, the model knows what it was asked; the oldest results make room."""
    rounds = [
        message
        for place in range(10)
        for message in (
            asked(10 + 2 * place, f"{place}-0", turn=2),
            given_back(11 + 2 * place, f"{place}-0", "x" * RESULT_CHARACTERS, turn=2),
        )
    ]
    log = make_log(make_message(seq=3, turn=1), make_message(seq=5, turn=2), *rounds)

    shown = numbers(messages_for(log, turn=2))

    assert shown[0] == 5
    assert shown[1:] == [message.seq for message in rounds[-len(shown) + 1 :]]
    assert 6 <= len(shown) // 2 <= 7


def test_newest_group_stays_when_it_alone_is_larger_than_the_window() -> None:
    """A model is never asked about nothing."""
    results = [given_back(10 + place, f"9-{place}", "x" * RESULT_CHARACTERS) for place in range(8)]
    log = make_log(make_message(seq=3), asked(5, *(f"9-{place}" for place in range(8))), *results)

    assert numbers(messages_for(log, turn=1)) == [3, 5, *range(10, 18)]


def test_arguments_count_when_the_window_is_filled() -> None:
    """What a model asked for takes room too."""
    huge = make_tool_call(arguments={"query": "x" * WINDOW_CHARACTERS})
    log = make_log(
        make_message(seq=1, turn=1),
        make_message(Role.ASSISTANT, "", seq=3, turn=1, tool_calls=(huge,)),
        given_back(5, "9-0"),
        make_message(seq=7, turn=2),
    )

    assert numbers(messages_for(log, turn=2)) == [7]


def edited_log(arguments: dict[str, Any], outcome: CallStatus, content: str = "result") -> list[Event]:
    """Return the log of a call whose arguments a person changed."""
    call = make_tool_call(arguments=arguments, is_edited=True)
    result = given_back(7, "9-0", content).model_copy(update={"outcome": outcome})
    return make_log(make_message(seq=3), make_message(Role.ASSISTANT, "", seq=5, tool_calls=(call,)), result)


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (CallStatus.DONE, "it was run with"),
        (CallStatus.FAILED, "it was run with"),
        (CallStatus.CANCELLED, "it was to be run with"),
    ],
)
def test_result_says_what_was_run_when_a_person_changed_the_arguments(outcome: CallStatus, said: str) -> None:
    """Only where a model reads it: the stored message stays as the client gave it."""
    log = edited_log({"path": "b.py"}, outcome)

    _, question, result = messages_for(log, turn=1)

    told = f'[The user changed the arguments of this call before it was run; {said}: {{"path":"b.py"}}]'
    assert result.content == f"{told}\nresult"
    assert question.tool_calls[0].arguments == {"path": "b.py"}
    assert log[-1].message
    assert log[-1].message.content == "result"


def test_result_says_nothing_of_arguments_when_they_are_the_models_own() -> None:
    """As it came."""
    log = make_log(make_message(seq=3), asked(5, "9-0"), given_back(7, "9-0"))

    assert messages_for(log, turn=1)[-1].content == "result"


def test_change_is_told_when_arguments_and_result_are_large() -> None:
    """Both are shortened, and neither hides that there was a change."""
    log = edited_log({"content": "y" * 90_000}, CallStatus.DONE, "x" * (2 * RESULT_CHARACTERS))

    shown = messages_for(log, turn=1)[-1].content

    assert shown.startswith("[The user changed the arguments")
    assert "… (whole in the call itself)]\nxxx" in shown
    assert shown.count("y") < EDITED_CHARACTERS + 10
    assert len(shown) < RESULT_CHARACTERS + 100


SIZES = st.sampled_from([1, 50, RESULT_CHARACTERS // 2, RESULT_CHARACTERS + 9, WINDOW_CHARACTERS // 3])
ROUNDS = st.lists(st.lists(SIZES, max_size=4), max_size=4)
TURNS = st.lists(st.tuples(SIZES, ROUNDS), min_size=1, max_size=4)


@settings(max_examples=60)
@given(turns=TURNS, order=st.randoms(use_true_random=False))
def test_history_is_whole_when_a_conversation_is_anything(turns: list[Any], order: random.Random) -> None:
    """Calls with all their results in order, the request in it, nothing invented, and no more than fits."""
    messages: list[Message] = []
    for turn, (size, rounds) in enumerate(turns, start=1):
        messages.append(make_message(Role.USER, "u" * size, seq=len(messages) + 1, turn=turn))
        for sizes in rounds:
            base = len(messages) + 1
            messages.append(asked(base, *(f"{base}-{place}" for place in range(len(sizes))), turn=turn))
            for place, result_size in enumerate(sizes):
                messages.append(given_back(len(messages) + 1, f"{base}-{place}", "r" * result_size, turn=turn))
    shuffled = list(messages)
    order.shuffle(shuffled)

    shown = messages_for(make_log(*shuffled), turn=len(turns))

    assert numbers(shown) == sorted(numbers(shown))
    assert {message.role for message in shown if message.turn == len(turns)} >= {Role.USER}
    results = {message.tool_call_id for message in shown if message.role is Role.TOOL}
    assert results == {call.call_id for message in shown for call in message.tool_calls}
    request = max(m.seq for m in messages if m.role is Role.USER)
    size = sum(len(message.content) for message in shown if message.seq != request)
    assert size <= WINDOW_CHARACTERS * 1.1 or len({m.seq for m in shown if m.role is not Role.TOOL}) <= 2
