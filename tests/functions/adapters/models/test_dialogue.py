"""A conversation as providers want it, whatever the history is like."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.message import CallStatus, Message, Role
from domain.model.value import CallId
from functions.adapters.models.dialogue import (
    MISSING_BEGINNING,
    RESULT_CHARACTERS_WITHOUT_TOOLS,
    Speech,
    cleaned,
    json_object_in,
    speeches,
    system_prompt,
)
from tests.support.builders import make_message, make_request, make_tool_call

TOOLS = REGISTRY[AgentType.CODER].tool_specs()
ANY_TEXT = st.text(st.characters(codec=None), max_size=8)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Message, ...]:
    """Any history that the domain can make: every call is followed by its result, nothing else is promised."""
    messages: list[Message] = []
    for seq in range(1, draw(st.integers(1, 8))):
        match draw(st.sampled_from(["user", "assistant", "calls"])):
            case "user":
                messages.append(make_message(Role.USER, draw(ANY_TEXT), seq=seq))
            case "assistant":
                messages.append(make_message(Role.ASSISTANT, draw(ANY_TEXT), seq=seq))
            case _:
                ids = [f"{seq}-{place}" for place in range(draw(st.integers(1, 3)))]
                calls = tuple(make_tool_call(id_, tool=draw(ANY_TEXT)) for id_ in ids)
                messages.append(make_message(Role.ASSISTANT, draw(ANY_TEXT), seq=seq, tool_calls=calls))
                messages += [
                    make_message(
                        Role.TOOL,
                        draw(ANY_TEXT),
                        seq=seq,
                        tool_call_id=CallId(id_),
                        outcome=draw(st.sampled_from([CallStatus.DONE, CallStatus.FAILED])),
                    )
                    for id_ in ids
                ]
    return tuple(messages)


def _words(speech: Speech) -> list[str]:
    return [*speech.texts, *(result.content for result in speech.results), *(call.tool for call in speech.calls)]


@given(histories(), st.booleans())
def test_speeches_are_what_every_provider_takes_when_the_history_is_any(
    history: tuple[Message, ...], has_tools: bool
) -> None:
    """Sides alternate, the user begins, nothing is blank or beyond encoding, every call has its result next to it."""
    told = speeches(make_request(messages=history, tools=TOOLS if has_tools else ()))

    assert [speech.is_user for speech in told] == [place % 2 == 0 for place in range(len(told))]
    assert all(_words(speech) for speech in told)
    assert all(word.strip() and word.encode() for speech in told for word in _words(speech))
    for speech, following in pairwise([*told, Speech(is_user=True)]):
        assert [call.call_id for call in speech.calls] == [result.call_id for result in following.results]
    assert has_tools or not any(speech.calls or speech.results for speech in told)


@given(histories())
def test_speeches_are_the_same_when_they_are_made_again(history: tuple[Message, ...]) -> None:
    """A turn that another worker repeats asks the same question."""
    request = make_request(messages=history, tools=TOOLS)

    assert speeches(request) == speeches(request)


def test_beginning_is_named_when_it_is_missing() -> None:
    """A history that was cut off loses nothing more."""
    told = speeches(make_request(messages=(make_message(Role.ASSISTANT, "So it is."),)))

    assert [speech.texts for speech in told] == [(MISSING_BEGINNING,), ("So it is.",)]


def test_calls_are_told_in_words_when_no_tools_are_offered() -> None:
    """What was done can be read, in short, by a model that may do nothing itself."""
    messages = (
        make_message(content="Look."),
        make_message(Role.ASSISTANT, "Looking.", tool_calls=(make_tool_call(),)),
        make_message(Role.TOOL, "x" * 9_000),
    )

    _, called, returned = speeches(make_request(messages=messages))

    assert called.texts == ("Looking.", '[called read_file with {"path": "README.md"}]')
    assert returned.texts == (f"[result of read_file] {'x' * RESULT_CHARACTERS_WITHOUT_TOOLS}",)


def test_prompt_is_as_it_was_when_there_is_no_schema() -> None:
    """An agent's prompt is not touched."""
    assert system_prompt(make_request(system="You test.")) == "You test."


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=3))
def test_json_object_is_found_when_words_stand_around_it(value: dict[str, Any]) -> None:
    """An answer's last object is the answer; braces that are no JSON do not hide it."""
    spelled = json.dumps(value)

    assert json_object_in(f"{spelled} so much for that") == spelled
    assert json_object_in(f"{{so}} ```json\n{spelled}\n```") == spelled
    assert json_object_in(f'{{"agent": 1}} or rather {spelled}') == spelled


@given(ANY_TEXT)
def test_text_is_untouched_when_it_can_be_encoded(text: str) -> None:
    """Only halves of pairs are replaced."""
    clean = cleaned(text)

    assert clean.encode().decode() == cleaned(clean) == clean
    assert "\ufffd" in clean or clean == text
