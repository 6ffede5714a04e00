"""Tools that a client declares for its session and carries out itself."""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isfinite
from types import GenericAlias
from typing import Annotated, Any, Union

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    RootModel,
    Strict,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from domain.model import patterns
from domain.model.agent import AgentType
from domain.model.json_values import check_size, is_json_equal
from domain.model.llm import ToolSpec
from domain.model.tool_schema import ArgumentsSchema, SchemaType, ToolSchema
from domain.model.tools import TOOLS
from domain.model.value import Value

MAX_TOOLS = 32


def _distinct_workers(agents: tuple[AgentType, ...]) -> tuple[AgentType, ...]:
    if len(set(agents)) < len(agents):
        raise PydanticCustomError("agents", "each agent is named once")
    if AgentType.ORCHESTRATOR in agents:
        raise PydanticCustomError("agents", "the orchestrator routes and calls no tools of clients")
    return agents


class CustomTool(Value):
    """A tool of a client's own. Its calls come to the client like those of the built-in ones.

    Attributes:
        name: As the model calls it.
        description: Tells the model what it does and when to call it.
        parameters: JSON schema of its arguments, of type object; a closed part of the standard.
        agents: Those it is offered to.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    description: Annotated[str, Field(min_length=1, max_length=2000)]
    parameters: ArgumentsSchema
    agents: Annotated[tuple[AgentType, ...], Field(min_length=1), AfterValidator(_distinct_workers)]

    def spec(self) -> ToolSpec:
        """Return the tool as a model sees it."""
        return ToolSpec(name=self.name, description=self.description, parameters=self.parameters.as_json())


def _affordable(tools: Any) -> Any:
    check_size(tools)
    patterns.check_total(tools, "pattern")
    return tools


def _nameable(tools: tuple[CustomTool, ...]) -> tuple[CustomTool, ...]:
    names = [tool.name for tool in tools]
    for place, name in enumerate(names):
        if name in TOOLS:
            raise PydanticCustomError("tools", "“{name}” is a tool of this service already", {"name": name})
        if name in names[:place]:
            raise PydanticCustomError("tools", "“{name}” is declared twice", {"name": name})
    return tools


DeclaredTools = Annotated[
    tuple[CustomTool, ...], Field(max_length=MAX_TOOLS), BeforeValidator(_affordable), AfterValidator(_nameable)
]
"""Tools as a client may declare them: bounded before they are looked at, each name its own."""


def arguments_model(tool: CustomTool) -> type[BaseModel]:
    """Return the model that validates a call's arguments just as the tool's schema does.

    Its dump under `mode="json", exclude_unset=True` gives back what was validated.
    """
    return _model(json.dumps(tool.parameters.as_json()))


class _Arguments(RootModel[Any]):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


@lru_cache(maxsize=128)
def _model(schema: str) -> type[BaseModel]:
    return create_model("Arguments", __base__=_Arguments, root=(_object(ToolSchema.model_validate_json(schema)), ...))


class _Object:
    """A JSON object as a dictionary: its properties may be called what no field of a model may, `_x` or `copy`."""

    def __init__(self, schema: ToolSchema) -> None:
        self._schema = schema

    def __get_pydantic_core_schema__(self, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        fields = {
            name: core_schema.typed_dict_field(
                handler.generate_schema(_type(inner)), required=name in self._schema.required
            )
            for name, inner in self._schema.properties.items()
        }
        return core_schema.typed_dict_schema(
            fields, extra_behavior="allow" if self._schema.additional_properties else "forbid"
        )


def _object(schema: ToolSchema) -> Any:
    return Annotated[dict[str, Any], _Object(schema)]


def _type(schema: ToolSchema) -> Any:
    made: Any = Any
    if schema.any_of:
        made = Union[tuple(_type(inner) for inner in schema.any_of)]  # noqa: UP007  # of a number known at run time
    elif schema.type:
        made = _TYPES[schema.type](schema)
    if schema.enum is not None:
        made = Annotated[made, AfterValidator(_one_of(schema.enum))]
    if schema.has_const:
        made = Annotated[made, AfterValidator(_one_of((schema.const,)))]
    return made


def _one_of(allowed: Sequence[Any]) -> Callable[[Any], Any]:
    texts = [json.dumps(value, ensure_ascii=False) for value in allowed]
    expected = " or ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))[:500]

    def check(value: Any) -> Any:
        if not any(is_json_equal(value, one) for one in allowed):
            raise PydanticKnownError("literal_error", {"expected": expected})
        return value

    return check


def _text(schema: ToolSchema) -> Any:
    made: Any = Annotated[str, Field(strict=True, min_length=schema.min_length, max_length=schema.max_length)]
    pattern = schema.pattern
    if pattern is None:
        return made

    def check(value: str) -> str:
        if not patterns.search(pattern, value):
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": pattern})
        return value

    return Annotated[made, AfterValidator(check)]


def _number(schema: ToolSchema) -> Any:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            raise PydanticKnownError("float_type")
        return _within(value)

    def _within(value: Any) -> Any:
        if schema.minimum is not None and value < schema.minimum:
            raise PydanticKnownError("greater_than_equal", {"ge": schema.minimum})
        if schema.maximum is not None and value > schema.maximum:
            raise PydanticKnownError("less_than_equal", {"le": schema.maximum})
        return value

    return Annotated[Any, AfterValidator(check)]


def _integer(schema: ToolSchema) -> Any:
    def check(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise PydanticKnownError("int_type")
        return value

    return Annotated[_number(schema), BeforeValidator(check)]


def _array(schema: ToolSchema) -> Any:
    made: Any = GenericAlias(list, (_type(schema.items),)) if schema.items else list
    return Annotated[made, Field(strict=True, min_length=schema.min_items, max_length=schema.max_items)]


_TYPES: dict[SchemaType, Callable[[ToolSchema], Any]] = {
    SchemaType.OBJECT: _object,
    SchemaType.ARRAY: _array,
    SchemaType.STRING: _text,
    SchemaType.INTEGER: _integer,
    SchemaType.NUMBER: _number,
    SchemaType.BOOLEAN: lambda _: Annotated[bool, Strict()],
    SchemaType.NULL: lambda _: None,
}
