"""Schemas say what the edge accepts and tells."""

from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from domain.cqrs import Answer
from domain.model.value import CorrelationId, Trace, UserId
from functions.catalog import Function, Kind
from functions.runtime.dotted import load
from functions.runtime.http import EDGE_FIELDS
from infra.openapi.document import document
from infra.openapi.schemas import Components, SchemaClashError
from tests.support.api_contract import ApiContract, routes

CONTRACT = ApiContract(document())
COMMANDS = [(row, route) for row, route in routes() if row.kind is Kind.COMMAND]
ODD_AND_PLAIN: st.SearchStrategy[Any] = st.sampled_from(
    [None, "ask", "", " ", 0.5, [], {}, "approve", "edit", "retry", "cancel"]
)
CONTEXT = {"user": UserId("u"), "trace": Trace(correlation_id=CorrelationId("c"))}


class PartDTO(Answer):
    """A part.

    Attributes:
        size: None when unknown.
    """

    size: int | None = None
    tags: tuple[str, ...] = ()


class WholeDTO(Answer):
    """A whole; made of parts."""

    part: PartDTO
    parts: tuple[PartDTO, ...] | None = None


class ManyCommand(BaseModel):
    """Ask for many.

    Attributes:
        key: Not for the address.
    """

    name: Annotated[str, Field(min_length=1)] | None = None
    choice: int | str | None = None
    part: PartDTO | None = None
    key: str


def test_answer_leaves_null_out_and_tells_the_rest() -> None:
    """What may be None is optional and never null; what has a default is always told; new fields may come."""
    components = Components()

    reference = components.answer(WholeDTO)

    assert reference == {"$ref": "#/components/schemas/Whole"}
    assert components.schemas == {
        "Whole": {
            "type": "object",
            "description": "A whole; made of parts.",
            "properties": {
                "part": {"$ref": "#/components/schemas/Part"},
                "parts": {"items": {"$ref": "#/components/schemas/Part"}, "type": "array"},
            },
            "required": ["part"],
        },
        "Part": {
            "type": "object",
            "description": "A part.",
            "properties": {
                "size": {"type": "integer", "description": "Absent when unknown."},
                "tags": {"items": {"type": "string"}, "type": "array"},
            },
            "required": ["tags"],
        },
    }


def test_request_takes_only_the_fields_asked_for() -> None:
    """A body holds what does not come from elsewhere; null stands for left out, and a default of null is not told."""
    components = Components()

    components.request(ManyCommand, "Many", frozenset({"name", "choice"}))

    assert components.schemas == {
        "Many": {
            "type": "object",
            "description": "Ask for many.",
            "properties": {
                "name": {"minLength": 1, "type": ["string", "null"]},
                "choice": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            },
        },
    }


def test_parameter_is_never_null() -> None:
    """An address cannot hold null, so no parameter speaks of it."""
    found = Components().parameters(ManyCommand, frozenset({"name", "choice", "part"}))

    assert found == {
        "name": {"minLength": 1, "type": "string"},
        "choice": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
        "part": {"$ref": "#/components/schemas/Part"},
    }


def test_names_are_refused_when_two_classes_want_the_same() -> None:
    """A document in which one name means two things would be wrong about one of them."""
    components = Components()
    components.answer(PartDTO)
    components.answer(PartDTO)

    with pytest.raises(SchemaClashError, match="Part"):
        components.request(ManyCommand, "Part", frozenset({"name"}))


def _is_accepted(command: type[BaseModel], body: dict[str, Any], path: dict[str, str]) -> bool:
    try:
        command.model_validate(body | path | CONTEXT)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(("row", "path"), [(row, route.path_parameters) for row, route in COMMANDS])
@given(data=st.data())
def test_schema_accepts_exactly_what_the_command_accepts(
    row: Function, path: frozenset[str], data: st.DataObject
) -> None:
    """Every body put together from plain and odd values is judged alike by the description and by the edge."""
    command = load(row.message)
    fields = sorted(command.model_fields.keys() - EDGE_FIELDS - path)
    body = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(fields, ODD_AND_PLAIN)))

    misfits = CONTRACT.misfits(CONTRACT.body_schema(row.name), body)

    assert (misfits == []) is _is_accepted(command, body, dict.fromkeys(path, "s"))
