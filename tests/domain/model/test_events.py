"""Every fact there is."""

import re
from datetime import datetime
from typing import get_args

import pytest
from pydantic import ValidationError

from domain.model.events import FACTS
from domain.model.events.base import Category, Fact
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnRequested
from domain.model.message import CallStatus
from domain.services.turns import CALL_END_FACTS

EVERY_FACT = pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.type_name())

WORDS = {
    "agent",
    "approval_id",
    "arguments_sha256",
    "call_id",
    "causation_id",
    "code",
    "decided_by",
    "fields",
    "from_agent",
    "instead_of",
    "instead_status",
    "model",
    "modified_sha256",
    "open_calls",
    "plan_id",
    "purpose",
    "reason",
    "request_type",
    "role",
    "sha256",
    "status",
    "subtask_id",
    "target",
    "to_agent",
    "tool",
}
"""Fields that hold words: ids, names and codes of ours, never what a person or a model said."""


@EVERY_FACT
def test_fact_is_found_by_its_name_when_it_is_read_back(fact: type[Fact]) -> None:
    """The class name is the `detail-type`, and leads back to the class."""
    assert FACTS[fact.type_name()] is fact
    assert fact.type_name() == fact.__name__


@EVERY_FACT
def test_fact_is_past_tense_and_explained_when_it_is_declared(fact: type[Fact]) -> None:
    """Facts have happened, and each says what."""
    last_word = re.findall(r"[A-Z][a-z]+", fact.type_name())[-1]

    assert last_word.endswith("ed") or last_word in {"Waiting", "Lost"}
    assert fact.__doc__


@EVERY_FACT
def test_fact_has_category_and_priority_when_it_is_declared(fact: type[Fact]) -> None:
    """Rules match on both."""
    assert fact.category in Category
    assert 0 <= fact.priority <= 100


@EVERY_FACT
def test_fact_carries_no_content_when_it_is_published(fact: type[Fact]) -> None:
    """Queues and archives hold nothing to erase: ids, sizes, hashes and names only."""
    wordy = {name for name, field in fact.model_fields.items() if not _is_measure(field.annotation)}

    assert wordy <= WORDS


def test_turn_requested_comes_first_when_facts_are_ranked() -> None:
    """Nothing is more urgent than an owed answer."""
    assert max(FACTS.values(), key=lambda fact: fact.priority) is TurnRequested


def test_fact_is_refused_when_a_field_is_unknown() -> None:
    """A reader of an old log learns at once that a fact has changed."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        SessionCreated.model_validate({"has_title": True, "content": "secret"})


def test_call_end_facts_name_both_outcomes_when_a_client_answers() -> None:
    """A client can only say done or failed."""
    assert set(CALL_END_FACTS) == {CallStatus.DONE, CallStatus.FAILED}


def _is_measure(annotation: object) -> bool:
    return set(get_args(annotation) or (annotation,)) <= {int, float, bool, datetime, type(None)}
