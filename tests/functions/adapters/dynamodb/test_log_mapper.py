"""Commits survive their item, whatever facts they tell, and always fit it."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.draft import compose
from domain.model.events import FACTS
from domain.model.events.base import Fact
from domain.model.llm import ModelAnswer, RequestedCall
from domain.model.log import Event
from domain.model.message import INLINE_BYTES
from domain.model.value import CallId
from domain.services import answers
from domain.services.call_checks import MAX_ARGUMENT_BYTES, MAX_CALLS
from domain.services.turns import OnBusy, accept_message
from functions.adapters.dynamodb.log_mapper import LogMapper
from functions.adapters.dynamodb.models import CommitItem
from tests.functions.adapters.dynamodb.strategies import commits, facts_of
from tests.support.builders import (
    DEPLOYMENT,
    make_draft,
    make_event,
    make_running,
    make_toolbox,
    make_trace,
    make_waiting,
)
from tests.support.fakes import START
from tests.support.item_size import MAX_ITEM_BYTES, item_bytes

MAPPER = LogMapper()
CODER = REGISTRY[AgentType.CODER]
ROOM = MAX_ARGUMENT_BYTES // MAX_CALLS
"""Bytes of arguments that each of sixteen calls may bring."""


def again(events: Sequence[Event]) -> Sequence[Event]:
    """The events after they were stored and read."""
    return MAPPER.to_entity(CommitItem.from_raw_data(MAPPER.to_model(events).serialize()))


@given(commits())
def test_commit_comes_back_the_same_when_stored(events: Sequence[Event]) -> None:
    """Numbers, turns, time, trace, facts, and each message beside its fact."""
    assert again(events) == events


def test_notes_take_no_room_when_there_are_none() -> None:
    """A commit about which nobody said anything is as small as it was."""
    assert "n" not in MAPPER.to_model([make_event()]).serialize()
    assert MAPPER.to_model([make_event(seq=7, note="Because.")]).serialize()["n"] == {"S": '{"7":"Because."}'}


@pytest.mark.parametrize("kind", FACTS.values(), ids=FACTS)
@settings(max_examples=25)
@given(data=st.data())
def test_fact_comes_back_the_same_when_stored(kind: type[Fact], data: st.DataObject) -> None:
    """Every class of fact there is, each of its fields generated."""
    event = make_event(data.draw(facts_of(kind)))

    assert again([event]) == (event,)


def test_stored_fact_is_refused_when_nobody_knows_it() -> None:
    """A fact of a newer version is a defect to be seen, not one to be passed over."""
    item = MAPPER.to_model([make_event()])
    item.facts = [[1, "NeverHeardOf", {}]]

    with pytest.raises(KeyError, match="NeverHeardOf"):
        MAPPER.to_entity(item)


def commit_bytes(answer: ModelAnswer) -> int:
    """The size of the log item that an answer makes."""
    draft = compose(
        make_running(),
        START,
        make_trace("c" * 128, "i" * 25),
        lambda draft: answers.settle(draft, answer, make_toolbox(CODER), DEPLOYMENT),
    )
    return item_bytes(MAPPER.to_model(draft.commit().events).serialize())


def too_many(*requested: RequestedCall) -> tuple[RequestedCall, ...]:
    """As many calls as are not left out, made of `requested`."""
    return requested * (2 * MAX_CALLS // len(requested))


@pytest.mark.parametrize(
    "requested",
    [
        RequestedCall(tool="search_in_code", arguments={"query": "x" * 1999, "path": "я" * 2080}, provider_id="p" * 64),
        RequestedCall(tool="read_file", arguments={"path": "\0" * (ROOM // 6 - 3)}, provider_id="p" * 64),
        RequestedCall(tool="read_file", arguments={"🦉" * (ROOM // 4 - 4): 1}, provider_id="p" * 64),
        RequestedCall(tool="read_file", arguments={"🦉" * (ROOM // 8 - 4): 1}, provider_id="p" * 64),
        RequestedCall(tool="\0" * 100, arguments={"x": "x" * (ROOM // 2 - 8)}, provider_id="p" * 64),
    ],
    ids=["allowed", "outside the folder", "unknown arguments", "unknown arguments that are kept", "unknown tools"],
)
@pytest.mark.parametrize("character", ["x", "я", "\0"])
def test_answer_fits_its_item_when_everything_is_maximal(requested: RequestedCall, character: str) -> None:
    """A model that says and wants as much as it may makes a commit that DynamoDB takes."""
    text = character * (INLINE_BYTES // (2 if character == "я" else 6 if character == "\0" else 1) - 2)

    size = commit_bytes(ModelAnswer(text=text, calls=too_many(requested), model="m" * 100))

    assert INLINE_BYTES < size <= MAX_ITEM_BYTES


@pytest.mark.parametrize("character", ["x", "я", "🦉", "\0"])
def test_message_fits_its_item_when_it_ends_a_turn_with_all_calls_open(character: str) -> None:
    """The longest message there can be, whose commit cancels sixteen calls too, is one item."""
    draft = make_draft(make_waiting(*(CallId(f"999999999-{index}") for index in range(MAX_CALLS))))
    accept_message(draft, character * 100_000, agent=None, on_busy=OnBusy.ENQUEUE, deployment=DEPLOYMENT)

    size = item_bytes(MAPPER.to_model(draft.commit().events).serialize())

    assert size <= MAX_ITEM_BYTES
