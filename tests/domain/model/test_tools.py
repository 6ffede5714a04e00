"""Every tool: its arguments, its limits, its schema."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError

from domain.model.tools import PATH_ERROR, TOOLS, ReadFile, Tool, Where, plain_schema, relative_path

EVERY_TOOL = pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("a.py", "a.py"),
        ("./a.py", "a.py"),
        ("src//a.py", "src/a.py"),
        ("src/./a.py", "src/a.py"),
        ("src/", "src"),
        ("src\\a.py", "src/a.py"),
        (".", "."),
        ("./", "."),
        ("...", "..."),
        ("..a/b..", "..a/b.."),
        (".github/ci.yml", ".github/ci.yml"),
        ("docs/what: an essay.md", "docs/what: an essay.md"),
        ("ж/д.py", "ж/д.py"),
    ],
)
def test_path_is_normalised_when_it_lies_inside_the_folder(path: str, normal: str) -> None:
    """One spelling for each place, with forward slashes."""
    assert relative_path(path) == normal


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "//server/share",
        "\\windows",
        "\\\\server\\share",
        "C:\\x",
        "c:/x",
        "C:x",
        "..",
        "../x",
        "a/../b",
        "a/..",
        "a\\..\\b",
        "..\\x",
        "./../x",
        "a\0b",
        "\0",
    ],
)
def test_path_is_refused_when_it_leaves_the_folder(path: str) -> None:
    """Absolute, with `..`, with a drive or a NUL: in whatever spelling."""
    with pytest.raises(PydanticCustomError) as raised:
        relative_path(path)

    assert raised.value.type == PATH_ERROR


@given(st.text(alphabet="ab.:/\\\0 ~", max_size=12))
def test_path_stays_inside_when_it_is_allowed_at_all(path: str) -> None:
    """Whatever is let through is relative, climbs nowhere, and is its own normal form."""
    try:
        normal = relative_path(path)
    except PydanticCustomError:
        return

    assert not normal.startswith("/")
    assert ".." not in PurePosixPath(normal).parts
    assert not {"\0", "\\"} & set(normal)
    assert relative_path(normal) == normal


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read_file", {}),
        ("read_file", {"path": ""}),
        ("read_file", {"path": "x" * 4097}),
        ("read_file", {"path": 7}),
        ("read_file", {"path": "a", "start_line": 0}),
        ("read_file", {"path": "a", "end_line": 0}),
        ("read_file", {"path": "a", "encoding": "x" * 41}),
        ("read_file", {"path": "a", "mode": "w"}),
        ("list_files", {}),
        ("list_files", {"path": ".", "recursive": "perhaps"}),
        ("list_files", {"path": ".", "pattern": "x" * 401}),
        ("search_in_code", {"query": ""}),
        ("search_in_code", {"query": "x" * 2001}),
        ("search_in_code", {"query": "x", "max_results": 0}),
        ("search_in_code", {"query": "x", "max_results": 1001}),
        ("search_in_code", {"query": "x", "path": "../.."}),
        ("search_in_code", {"query": "x", "file_pattern": "x" * 401}),
        ("switch_mode", {}),
        ("switch_mode", {"mode": "boss"}),
        ("switch_mode", {"mode": "ask", "reason": "x" * 2001}),
        ("attempt_completion", {}),
        ("attempt_completion", {"result": ""}),
        ("attempt_completion", {"result": "x" * 100_001}),
    ],
)
def test_arguments_are_refused_when_they_do_not_fit_the_schema(tool: str, arguments: dict[str, Any]) -> None:
    """Missing, unknown, of another type or over a limit."""
    with pytest.raises(ValidationError):
        TOOLS[tool].arguments.model_validate(arguments)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("read_file", {"path": "a", "start_line": 1, "end_line": None, "encoding": "latin-1"}),
        ("list_files", {"path": ".", "recursive": True, "include_hidden": True, "pattern": "*.py"}),
        ("search_in_code", {"query": "x" * 2000, "path": "src", "max_results": 1000, "regex": True}),
        ("switch_mode", {"mode": "coder"}),
        ("attempt_completion", {"result": "x" * 100_000}),
    ],
)
def test_arguments_are_accepted_when_they_are_at_their_limits(tool: str, arguments: dict[str, Any]) -> None:
    """Limits are inclusive."""
    parsed = TOOLS[tool].arguments.model_validate(arguments)

    assert parsed.model_dump(mode="json", exclude_unset=True) == arguments


@EVERY_TOOL
def test_tool_is_described_when_a_model_sees_it(tool: Tool) -> None:
    """Name, what it is for, and an object schema that closes itself against unknown fields."""
    spec = tool.spec()

    assert (spec.name, spec.description) == (tool.name, tool.arguments.__doc__)
    assert spec.parameters["type"] == "object"
    assert spec.parameters["additionalProperties"] is False
    assert tool.spec() is spec


@EVERY_TOOL
def test_schema_is_plain_when_a_model_sees_it(tool: Tool) -> None:
    """No `$ref`, no titles, no null alternatives anywhere: some providers refuse them."""
    assert not {"$ref", "$defs", "anyOf", "title"} & set(_keywords(tool.spec().parameters))


def test_schema_keeps_limits_when_it_is_made_plain() -> None:
    """The limits stand in the schema, not in prose, and an optional field has no null."""
    properties = TOOLS["read_file"].spec().parameters["properties"]

    assert properties["start_line"] == {"type": "integer", "minimum": 1}
    assert properties["path"] == {"type": "string", "minLength": 1, "maxLength": 4096}
    assert TOOLS["read_file"].spec().parameters["required"] == ["path"]


def test_schema_keeps_fields_when_they_are_named_like_keywords() -> None:
    """A field called `title` is a field; real choices and references inside lists survive."""

    class Inner(BaseModel):
        """A part."""

        description: str

    class Outer(BaseModel):
        """A whole."""

        title: str
        parts: list[Inner] = Field(default_factory=list)
        either: int | str | None = None

    schema = plain_schema(Outer)

    assert set(schema["properties"]) == {"title", "parts", "either"}
    assert schema["properties"]["parts"]["items"]["properties"]["description"] == {"type": "string"}
    assert schema["properties"]["either"]["anyOf"][:2] == [{"type": "integer"}, {"type": "string"}]
    assert schema["required"] == ["title"]


def test_tools_that_end_or_redirect_stand_alone_when_they_are_declared() -> None:
    """Exactly the server's own tools must be called alone, so far."""
    alone = {tool.name for tool in TOOLS.values() if tool.must_be_alone}

    assert alone == {"switch_mode", "attempt_completion"}
    assert alone == {tool.name for tool in TOOLS.values() if tool.where is Where.SERVER}


def test_arguments_cannot_change_when_they_are_checked() -> None:
    """What was checked is what is carried out."""
    arguments = ReadFile(path="a")

    with pytest.raises(ValidationError, match="frozen"):
        arguments.path = "/etc/passwd"  # type: ignore[misc]  # that is what is tried


def _keywords(schema: dict[str, Any]) -> list[str]:
    """Return every keyword of a schema, names of properties left out."""
    found = list(schema)
    for name, value in schema.items():
        inner = value.values() if name == "properties" else [value]
        found += [word for part in inner if isinstance(part, dict) for word in _keywords(part)]
    return found
