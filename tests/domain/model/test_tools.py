"""Every tool: its arguments, its limits, its schema."""

from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import PydanticCustomError

from domain.model.json_schema import plain_schema
from domain.model.tools import TOOLS
from domain.model.tools.looking import ReadFile
from domain.model.tools.paths import PATH_ERROR, relative_path
from domain.model.tools.planning import CreatePlan
from domain.model.tools.tool import Tool, Where

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
        ("write_file", {"path": "a"}),
        ("write_file", {"path": "a", "content": "x" * 100_001}),
        ("write_file", {"path": "../a", "content": ""}),
        ("create_directory", {}),
        ("create_directory", {"path": "/a"}),
        ("delete_file", {"path": "a", "recursive": True}),
        ("move_file", {"source": "a"}),
        ("move_file", {"source": "a", "destination": "../b"}),
        ("execute_command", {"command": ""}),
        ("execute_command", {"command": "x" * 10_001}),
        ("execute_command", {"command": "ls", "timeout": 0}),
        ("execute_command", {"command": "ls", "timeout": 301}),
        ("execute_command", {"command": "ls", "cwd": ".."}),
        ("ask_followup_question", {"question": "a?"}),
        ("ask_followup_question", {"question": "", "suggestions": ["a", "b"]}),
        ("ask_followup_question", {"question": "a?", "suggestions": ["a"]}),
        ("ask_followup_question", {"question": "a?", "suggestions": ["a", ""]}),
        ("ask_followup_question", {"question": "a?", "suggestions": list("abcde")}),
        ("echo", {}),
        ("calculator", {"expr": ""}),
        ("calculator", {"expr": "1" * 1001}),
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
        ("write_file", {"path": "a", "content": "", "encoding": "latin-1", "create_dirs": True, "backup": False}),
        ("create_directory", {"path": "a/b", "recursive": False}),
        ("delete_file", {"path": "a"}),
        ("move_file", {"source": "a", "destination": "b"}),
        ("execute_command", {"command": "ls", "cwd": "src", "timeout": 300}),
        ("ask_followup_question", {"question": "a?", "suggestions": list("abcd")}),
        ("echo", {"text": ""}),
        ("calculator", {"expr": "1" * 1000}),
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
    """Exactly those that decide how the turn goes on; the server's others answer beside anything."""
    alone = {tool.name for tool in TOOLS.values() if tool.must_be_alone}

    assert alone == {"switch_mode", "attempt_completion", "ask_followup_question", "create_plan"}
    assert {tool.name for tool in TOOLS.values() if tool.where is Where.SERVER} == alone | {"echo", "calculator"}


@EVERY_TOOL
def test_paths_a_tool_writes_to_are_arguments_of_it_when_it_writes(tool: Tool) -> None:
    """A rule on paths has something to be held against, and nothing is written without asking."""
    assert set(tool.writes) <= set(tool.arguments.model_fields)
    assert tool.needs_approval or not tool.writes


def plan(*dependencies: list[int], **first: Any) -> dict[str, Any]:
    """Return a plan whose subtasks depend on these."""
    subtask = {"title": "t", "description": "d", "agent": "coder", "estimated_time_minutes": 1}
    subtasks = [subtask | {"dependencies": earlier} for earlier in dependencies]
    subtasks[0] |= first
    return {"title": "t", "description": "d", "subtasks": subtasks}


@pytest.mark.parametrize(
    "dependencies", [([],), ([], [0]), ([], [], [0, 1], [2]), ([], *([place] for place in range(49)))]
)
def test_plan_is_accepted_when_subtasks_depend_on_earlier_ones(dependencies: tuple[list[int], ...]) -> None:
    """One to fifty steps, in any order that can be carried out."""
    assert len(CreatePlan.model_validate(plan(*dependencies)).subtasks) == len(dependencies)


@pytest.mark.parametrize(
    ("given_plan", "words"),
    [
        (plan([0]), "subtask 0 may depend on earlier subtasks only"),
        (plan([], [1]), "subtask 1 may depend on earlier"),
        (plan([1], []), "subtask 0 may depend on earlier"),
        (plan([], [7]), "subtask 1 may depend on earlier"),
        (plan([], [0, 0]), "subtask 1 names a dependency twice"),
        (plan([], [-1]), "greater than or equal to 0"),
        (plan([], agent="architect"), "AgentType.CODER"),
        (plan([], agent="universal"), "AgentType.CODER"),
        (plan([], estimated_time_minutes=0), "greater than or equal to 1"),
        (plan([], title=""), "at least 1 character"),
        (plan(*[[]] * 51), "at most 50"),
        (plan([]) | {"subtasks": []}, "at least 1 item"),
        (plan([]) | {"budget": 5}, "Extra inputs"),
        (plan([], budget=5), "Extra inputs"),
    ],
)
def test_plan_is_refused_when_it_cannot_be_carried_out(given_plan: dict[str, Any], words: str) -> None:
    """Only earlier subtasks, so no circle; only agents that carry out; every limit of the schema."""
    with pytest.raises(ValidationError, match=words):
        CreatePlan.model_validate(given_plan)


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
