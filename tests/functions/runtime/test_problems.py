"""The error table."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel, Field, ValidationError

from domain.model.errors import FieldError, InvalidInput, Refusal, SessionNotFound
from functions.runtime.problems import MAX_ERRORS, STATUSES, invalid_input, problem, title_of, unknown_fields

GATEWAY_ONLY = {"ROUTE_NOT_FOUND", "RATE_LIMITED"}
"""Answers of the gateway itself, which no refusal of ours stands for."""


def refusals(base: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Yield every refusal there is."""
    for kind in base.__subclasses__():
        yield kind
        yield from refusals(kind)


@pytest.mark.parametrize("refusal", [*refusals()])
def test_every_refusal_has_a_status_and_words(refusal: type[Refusal]) -> None:
    """A refusal that the table does not know would end as a defect."""
    assert 400 <= STATUSES[refusal.code] <= 503
    assert refusal.detail.endswith(".")
    assert refusal.__doc__


def test_every_code_of_the_table_is_somebodys() -> None:
    """The table has no code that nobody can answer with."""
    assert {refusal.code for refusal in refusals()} | GATEWAY_ONLY == STATUSES.keys()


def test_problem_tells_the_refusal_when_it_has_no_fields() -> None:
    """A problem is the refusal's words with a stable code, and no list of fields."""
    told = problem(SessionNotFound(), "c-1")

    assert told.model_dump(exclude_none=True) == {
        "type": "urn:agent-runtime:error:SESSION_NOT_FOUND",
        "title": "Session not found",
        "status": 404,
        "detail": "There is no such session.",
        "code": "SESSION_NOT_FOUND",
        "correlation_id": "c-1",
    }


def test_problem_names_the_fields_when_input_is_invalid() -> None:
    """Each wrong field is named with what is wrong."""
    wrong = FieldError(field="title", message="too long")

    assert problem(InvalidInput(wrong), "c-1").errors == (wrong,)


class Part(BaseModel):
    """Something inside something."""

    amount: int = Field(ge=0)


class Whole(BaseModel):
    """Something with parts."""

    parts: list[Part]


def test_invalid_input_names_the_place_when_it_is_deep_inside() -> None:
    """A field is named by the way that leads to it, and what was sent is not repeated."""
    sent = {"parts": [{"amount": 1}, {"amount": -1}, {"amount": "secret"}]}
    with pytest.raises(ValidationError) as raised:
        Whole.model_validate(sent)

    refusal = invalid_input(raised.value, sent)

    assert [error.field for error in refusal.errors] == ["parts.1.amount", "parts.2.amount"]
    assert "secret" not in str([error.message for error in refusal.errors])


def test_invalid_input_says_body_when_no_field_is_to_blame() -> None:
    """What is wrong with all of it has a name too."""
    with pytest.raises(ValidationError) as raised:
        Whole.model_validate("text")

    assert [error.field for error in invalid_input(raised.value, "text").errors] == ["body"]


def test_invalid_input_names_a_few_when_thousands_are_wrong() -> None:
    """An answer stays small."""
    with pytest.raises(ValidationError) as raised:
        Whole.model_validate({"parts": [{}] * 5000})

    refusal = invalid_input(raised.value, {"parts": [{}] * 5000})

    assert len(refusal.errors) == MAX_ERRORS
    assert refusal.errors[1].field == "parts.1.amount"


def test_unknown_fields_are_named_in_order_when_there_are_several() -> None:
    """The same request has the same answer, and no name breaks it."""
    refusal = unknown_fields({"b", "a", "\ud800", "x" * 101})

    assert [error.field for error in refusal.errors] == ["a", "b", "x" * 100, "?"]


@pytest.mark.parametrize(("code", "title"), [("SESSION_BUSY", "Session busy"), ("MALFORMED_JSON", "Malformed json")])
def test_title_is_the_code_in_words(code: str, title: str) -> None:
    """A title needs no table of its own."""
    assert title_of(code) == title
