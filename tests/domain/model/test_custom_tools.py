"""Tools of a client's own: what may be declared, and what their arguments must be."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError

from domain.model.agent import AgentType
from domain.model.custom_tools import MAX_TOOLS, CustomTool, DeclaredTools, arguments_model
from domain.model.json_values import is_json_equal
from domain.model.llm import ToolSpec
from domain.model.settings import SessionSettings
from domain.model.tools import TOOLS

DECLARED: TypeAdapter[tuple[CustomTool, ...]] = TypeAdapter(DeclaredTools)
TOOL: dict[str, Any] = {
    "name": "deploy",
    "description": "Deploy a branch.",
    "parameters": {"type": "object", "properties": {"branch": {"type": "string"}}, "required": ["branch"]},
    "agents": ["coder"],
}

names = st.sampled_from(["a", "b", "_x", "copy", "model_config", "field_0", "class", "", "é"])
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.0, 1.0, 1.5, -2.5, "", "a", "ab", "abc"])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)
bounds = st.integers(-2, 2) | st.sampled_from([-1.5, 0.0, 1.5])
counts = st.integers(0, 3)


def keywords(type_: str, **optional: SearchStrategy[Any]) -> SearchStrategy[dict[str, Any]]:
    """Schemas of a type with any of these keywords."""
    return st.fixed_dictionaries({"type": st.just(type_)}, optional=optional)


def objects(inner: SearchStrategy[dict[str, Any]]) -> SearchStrategy[dict[str, Any]]:
    """Schemas of objects."""

    def completed(properties: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
        required = st.lists(st.sampled_from(sorted(properties)), unique=True) if properties else st.just([])
        return keywords("object", required=required, additionalProperties=st.booleans()).map(
            lambda schema: schema | {"properties": properties}
        )

    return st.dictionaries(names, inner, max_size=3).flatmap(completed)


leaves = st.one_of(
    st.just({}),
    keywords("string", minLength=counts, maxLength=counts, pattern=st.sampled_from(["^a", "b", "[ac]{2}", "^$|c"])),
    keywords("integer", minimum=bounds, maximum=bounds),
    keywords("number", minimum=bounds, maximum=bounds, title=st.text(max_size=5), default=scalars),
    keywords("boolean", enum=st.lists(scalars, min_size=1, max_size=3)),
    keywords("null"),
    st.fixed_dictionaries({"enum": st.lists(values, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"const": values}, optional={"description": st.text(max_size=5)}),
)
schemas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        objects(inner),
        keywords("array", items=inner, minItems=counts, maxItems=counts),
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
    ),
    max_leaves=6,
)


def make_tool(**fields: Any) -> CustomTool:
    """A tool that deploys, unless told otherwise."""
    return CustomTool.model_validate(TOOL | fields)


def with_parameter(schema: Any) -> dict[str, Any]:
    """A tool with one parameter, `x`."""
    return TOOL | {"parameters": {"type": "object", "properties": {"x": schema}}}


def nested(levels: int) -> Any:
    """A schema of so many levels."""
    schema: Any = {"type": "string"}
    for _ in range(levels - 1):
        schema = {"type": "array", "items": schema}
    return schema


@given(schemas, values)
@example({"type": "integer"}, 1.0)
@example({"type": "integer"}, True)
@example({"type": "number"}, False)
@example({"enum": [1]}, True)
@example({"const": [0]}, [False])
@example({"const": None}, None)
@example({"type": "object", "properties": {"field_0": {"type": "null"}}}, {"field_0": None, "field_1": 1})
def test_arguments_are_valid_when_the_standard_says_so(schema: dict[str, Any], value: Any) -> None:
    """Our model and `jsonschema` agree, and what is valid comes out as it went in."""
    tool = CustomTool.model_validate(with_parameter(schema))
    parameters = tool.parameters.as_json()
    Draft202012Validator.check_schema(parameters)
    arguments = {"x": value}
    is_valid = Draft202012Validator(parameters).is_valid(arguments)

    try:
        parsed = arguments_model(tool).model_validate(arguments)
    except ValidationError:
        assert not is_valid
    else:
        assert is_valid
        assert is_json_equal(parsed.model_dump(mode="json", exclude_unset=True), arguments)


@given(schemas)
def test_schema_is_offered_as_it_was_declared(schema: dict[str, Any]) -> None:
    """Model and store get the client's own words, nothing added and nothing lost."""
    given_ = with_parameter(schema)
    settings = SessionSettings(tools=DECLARED.validate_python([given_]))

    stored = json.loads(json.dumps(settings.as_json()))

    assert stored == {"tools": [given_]}
    again = SessionSettings.model_validate(stored)
    assert again == settings
    assert again.tools[0].spec() == ToolSpec(
        name="deploy", description="Deploy a branch.", parameters=given_["parameters"]
    )


def test_arguments_are_refused_as_those_of_built_in_tools_are() -> None:
    """Each problem with its place, in Pydantic's words, without what was sent."""
    tool = make_tool(
        parameters={
            "type": "object",
            "properties": {
                "branch": {"type": "string", "pattern": "^[a-z]+$"},
                "copy": {"type": "array", "items": {"type": "integer", "minimum": 1}},
                "_mode": {"enum": ["fast", "safe"]},
            },
            "required": ["branch"],
            "additionalProperties": False,
        }
    )

    with pytest.raises(ValidationError) as refused:
        arguments_model(tool).model_validate({"copy": [0, "secret", 2], "_mode": "slow", "other": 1})

    problems = {".".join(map(str, error["loc"])): error["msg"] for error in refused.value.errors()}
    assert problems == {
        "branch": "Field required",
        "copy.0": "Input should be greater than or equal to 1",
        "copy.1": "Input should be a valid integer",
        "_mode": 'Input should be "fast" or "safe"',
        "other": "Extra inputs are not permitted",
    }
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("type_", ["number", "integer"])
def test_argument_is_refused_when_it_is_no_number_of_json(number: float, type_: str) -> None:
    """What no JSON can hold is no argument."""
    tool = CustomTool.model_validate(with_parameter({"type": type_}))

    with pytest.raises(ValidationError):
        arguments_model(tool).model_validate({"x": number})


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"$ref": "#/properties/x"}, "“\\$ref” is not supported"),
        ({"$ref": "https://evil.example/schema"}, "“\\$ref” is not supported"),
        ({"$defs": {}}, "“\\$defs” is not supported"),
        ({"$schema": "x"}, "“\\$schema” is not supported"),
        ({"type": "string", "format": "email"}, "“format” is not supported"),
        ({"type": "object", "patternProperties": {}}, "“patternProperties” is not supported"),
        ({"allOf": []}, "“allOf” is not supported"),
        ({"not": {}}, "“not” is not supported"),
        ({"min_length": 1}, "“min_length” is not supported"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "valid boolean"),
        ({"type": ["string", "null"]}, "'object', 'array'"),
        ({"type": "text"}, "'object', 'array'"),
        ({"minLength": 1}, "“minLength” needs the type"),
        ({"type": "number", "minLength": 1}, "“minLength” needs the type"),
        ({"type": "string", "properties": {}}, "“properties” needs the type"),
        ({"type": "string", "minLength": -1}, "greater than or equal to 0"),
        ({"type": "string", "minLength": 1.5}, "valid integer"),
        ({"type": "string", "minLength": True}, "valid integer"),
        ({"type": "number", "minimum": True}, "valid"),
        ({"type": "number", "minimum": float("inf")}, "finite|no JSON"),
        ({"type": "string", "pattern": "("}, "no regular expression"),
        ({"type": "string", "pattern": "(a{99}){99}"}, "counts in this regular expression"),
        ({"enum": []}, "at least 1 item"),
        ({"enum": "abc"}, "valid tuple"),
        ({"enum": [[[[[[[[[[[[1]]]]]]]]]]]]}, "nested at most 10 deep"),
        ({"anyOf": []}, "at least 1 item"),
        ({"anyOf": [{}], "type": "string"}, "anyOf stands alone"),
        ({"anyOf": [{}] * 21}, "at most 20 items"),
        ({"type": "object", "required": ["a"]}, "“a” is required and no property"),
        ({"items": None}, "null is no value"),
        ({"type": "array", "items": [{}]}, "valid dictionary|instance of ToolSchema"),
        (True, "valid dictionary|instance of ToolSchema"),
        ({"type": "string", "description": "x" * 2001}, "at most 2000 characters"),
        (nested(10), "at most 10 levels"),
        (nested(60), "at most 10 levels"),
        ({"type": "object", "properties": {f"p{n}": {} for n in range(100)}}, "at most 100 properties"),
        ({"anyOf": [{"anyOf": [{}] * 20}] * 20}, "at most 200 schemas"),
    ],
)
def test_schema_is_refused_when_it_is_not_of_the_dialect(schema: Any, words: str) -> None:
    """Closed and bounded, with a message that says what is wrong and where."""
    with pytest.raises(ValidationError, match=words) as refused:
        DECLARED.validate_python([with_parameter(schema)])

    assert all("parameters" in error["loc"] or not error["loc"] for error in refused.value.errors())


def test_schema_is_accepted_when_it_is_as_large_as_may_be() -> None:
    """Limits belong to what is allowed."""
    DECLARED.validate_python([with_parameter(nested(9))])
    DECLARED.validate_python(
        [TOOL | {"parameters": {"type": "object", "properties": {f"p{n}": {} for n in range(100)}}}]
    )


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "Deploy"}, "should match pattern"),
        ({"name": "deploy\n"}, "should match pattern"),
        ({"name": "1deploy"}, "should match pattern"),
        ({"name": "x" * 65}, "should match pattern"),
        ({"name": ""}, "should match pattern"),
        ({"description": ""}, "at least 1 character"),
        ({"description": "x" * 2001}, "at most 2000 characters"),
        ({"parameters": {"type": "array"}}, "arguments are an object"),
        ({"parameters": {}}, "arguments are an object"),
        ({"agents": []}, "at least 1 item"),
        ({"agents": ["boss"]}, "'coder'"),
        ({"agents": ["coder", "coder"]}, "each agent is named once"),
        ({"agents": ["orchestrator"]}, "the orchestrator routes"),
        ({"where": "server"}, "Extra inputs"),
    ],
)
def test_tool_is_refused_when_a_field_does_not_fit(fields: dict[str, Any], words: str) -> None:
    """Names, words and agents."""
    with pytest.raises(ValidationError, match=words):
        DECLARED.validate_python([TOOL | fields])


@pytest.mark.parametrize("name", sorted(TOOLS))
def test_tool_is_refused_when_its_name_is_one_of_ours(name: str) -> None:
    """No client takes a built-in tool's place."""
    with pytest.raises(ValidationError, match=f"“{name}” is a tool of this service already"):
        DECLARED.validate_python([TOOL | {"name": name}])


def test_stored_tool_is_read_when_its_name_has_become_one_of_ours() -> None:
    """A later version with more tools of its own must still read what was accepted."""
    settings = SessionSettings.model_validate({"tools": [TOOL | {"name": "read_file"}]})

    assert settings.tools[0].agents == (AgentType.CODER,)


def test_tools_are_refused_when_they_are_too_many_too_large_or_alike() -> None:
    """In number, in bytes, by name, and in what their patterns would cost."""
    tools = [TOOL | {"name": f"tool_{number}"} for number in range(MAX_TOOLS)]
    heavy = {"type": "object", "properties": {f"p{n}": {"type": "string", "pattern": r"\w{100}"} for n in range(40)}}
    for value, words in (
        ([*tools, TOOL], "at most 32 items"),
        ([TOOL, TOOL], "“deploy” is declared twice"),
        ([tool | {"description": "x" * 2000} for tool in tools], "at most 32 KB"),
        ([TOOL | {"parameters": heavy}], "too many or too large together"),
    ):
        with pytest.raises(ValidationError, match=words):
            DECLARED.validate_python(value)
    assert len(DECLARED.validate_python(tools)) == MAX_TOOLS
