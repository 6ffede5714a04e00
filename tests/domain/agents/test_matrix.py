"""What each agent may do with each tool: `shared/domain.md`, tables "Agents" and "Tools", held with the real checks."""

from typing import Any

import pytest

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.tools import TOOLS
from domain.model.tools.tool import Where
from domain.services.call_checks import Checked, check
from tests.support.builders import calls, make_toolbox, wants

LOOKING = "read_file list_files search_in_code"
STEERING = "switch_mode attempt_completion ask_followup_question"
CODING = f"{LOOKING} write_file create_directory delete_file move_file execute_command {STEERING}"
HAS = {
    AgentType.ORCHESTRATOR: "switch_mode",
    AgentType.CODER: CODING,
    AgentType.ARCHITECT: f"{LOOKING} write_file create_plan {STEERING}",
    AgentType.DEBUG: f"{LOOKING} execute_command {STEERING}",
    AgentType.ASK: f"{LOOKING} {STEERING} echo calculator",
    AgentType.UNIVERSAL: f"{CODING} echo calculator",
}
NEEDS_APPROVAL = "write_file create_directory delete_file move_file execute_command create_plan"
AT_CLIENT = f"{LOOKING} write_file create_directory delete_file move_file execute_command"
PARAMETERS = {
    "read_file": ("path", "encoding start_line end_line"),
    "list_files": ("path", "recursive include_hidden pattern"),
    "search_in_code": ("query", "path file_pattern case_sensitive regex max_results"),
    "write_file": ("path content", "encoding create_dirs backup"),
    "create_directory": ("path", "recursive"),
    "delete_file": ("path", ""),
    "move_file": ("source destination", ""),
    "execute_command": ("command", "cwd timeout"),
    "switch_mode": ("mode", "reason"),
    "attempt_completion": ("result", ""),
    "ask_followup_question": ("question suggestions", ""),
    "create_plan": ("title description subtasks", ""),
    "echo": ("text", ""),
    "calculator": ("expr", ""),
}
"""Required and optional parameters of each tool."""

STEP = {"title": "t", "description": "d", "agent": "coder", "estimated_time_minutes": 5}
SAMPLES: dict[str, Any] = {
    "path": "docs/a.md",
    "content": "x",
    "query": "x",
    "source": "a.md",
    "destination": "b.md",
    "command": "ls",
    "mode": "ask",
    "result": "x",
    "question": "x?",
    "suggestions": ["a", "b"],
    "title": "t",
    "description": "d",
    "subtasks": [STEP],
    "text": "x",
    "expr": "1",
}


def attempt(agent: AgentType, tool: str, **others: Any) -> Checked:
    """Return the check of a call with every required argument."""
    required = {name: SAMPLES[name] for name in PARAMETERS[tool][0].split()}
    (checked,) = check(calls(wants(tool, **required | others)), make_toolbox(REGISTRY[agent]))
    return checked


def test_every_agent_and_every_tool_stand_in_the_tables() -> None:
    """A new one is entered here first."""
    assert set(HAS) == set(AgentType) == set(REGISTRY)
    assert set(PARAMETERS) == set(TOOLS)


@pytest.mark.parametrize("tool", PARAMETERS)
@pytest.mark.parametrize("agent", HAS)
def test_call_is_allowed_when_the_table_gives_the_agent_the_tool(agent: AgentType, tool: str) -> None:
    """Allowed, or refused by name before anybody sees it: nothing in between."""
    assert attempt(agent, tool).code == (None if tool in HAS[agent].split() else "NOT_ALLOWED")


@pytest.mark.parametrize("tool", PARAMETERS)
def test_tool_is_the_tables_when_it_is_declared(tool: str) -> None:
    """Where it runs, whether somebody is asked, and what it takes."""
    declared, (required, optional) = TOOLS[tool], PARAMETERS[tool]
    schema = declared.spec().parameters

    assert declared.needs_approval is (tool in NEEDS_APPROVAL.split())
    assert (declared.where is Where.CLIENT) is (tool in AT_CLIENT.split())
    assert set(schema.get("required", [])) == set(required.split())
    assert set(schema["properties"]) == {*required.split(), *optional.split()}


@pytest.mark.parametrize("path", ["a.md", "docs/a.md", "./docs//a.md", "docs\\a.md", ".md"])
def test_architect_writes_when_the_path_is_markdown(path: str) -> None:
    """In any folder, however it is spelled."""
    assert attempt(AgentType.ARCHITECT, "write_file", path=path).code is None


@pytest.mark.parametrize(
    "path", ["a.py", "md", "a.md.py", "a.MD", "docs/a.md/b", "docs.md/", "../a.md", "/a.md", "C:\\a.md", "a.md\0", "."]
)
def test_architect_is_refused_when_the_path_is_anything_else(path: str) -> None:
    """The path is normalised first, and a folder called `x.md/` becomes the file `x.md`."""
    checked = attempt(AgentType.ARCHITECT, "write_file", path=path)

    assert checked.code == (None if path == "docs.md/" else "PATH_NOT_ALLOWED")


@pytest.mark.parametrize("agent", [AgentType.CODER, AgentType.UNIVERSAL])
@pytest.mark.parametrize("path", ["a.py", "Makefile", ".github/x.yml"])
def test_agent_writes_any_file_of_the_folder_when_it_has_no_rule(agent: AgentType, path: str) -> None:
    """The folder is the limit."""
    assert attempt(agent, "write_file", path=path).code is None
    assert attempt(agent, "write_file", path=f"../{path}").code == "PATH_NOT_ALLOWED"


def test_refusal_tells_the_rule_when_a_path_breaks_it() -> None:
    """The model learns what it may write."""
    assert attempt(AgentType.ARCHITECT, "write_file", path="a.py").detail.startswith(
        "Refused: Architect writes only *.md."
    )


def test_rule_holds_for_every_path_when_a_tool_writes_to_several() -> None:
    """A move has two ends, and both are written to."""
    mover = REGISTRY[AgentType.ARCHITECT].__class__(
        AgentType.ARCHITECT, "Mover", "Moves.", "Move.", ("move_file",), writable="*.md"
    )

    def code(source: str, destination: str) -> str | None:
        return check(calls(wants("move_file", source=source, destination=destination)), make_toolbox(mover))[0].code

    assert code("a.md", "b.md") is None
    assert code("a.py", "b.md") == code("a.md", "b.py") == "PATH_NOT_ALLOWED"
