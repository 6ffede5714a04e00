"""The page about agents and tools says what the registry says; test_document compares the stored one."""

import pytest

from domain.agents import REGISTRY
from domain.agents.spec import AgentSpec
from domain.model.tools import TOOLS
from infra.openapi.agents import agents_page

PAGE = agents_page()
CELLS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.splitlines() if line.startswith("|")]


def row(name: str, width: int) -> list[str]:
    """Return the one row of this width that begins with a name."""
    (found,) = (cells for cells in CELLS if cells[0] == f"`{name}`" and len(cells) == width)
    return found


@pytest.mark.parametrize("spec", REGISTRY.values(), ids=lambda spec: spec.type.value)
def test_agent_has_its_row_and_column_when_it_is_registered(spec: AgentSpec) -> None:
    """What it does and may write, and a sign for every tool."""
    column = next(cells for cells in CELLS if cells[0] == "Tool" and len(cells) > 4).index(spec.type.value)
    signs = {tool: row(tool, 1 + len(REGISTRY))[column] for tool in TOOLS}

    assert row(spec.type.value, 3)[1:] == [spec.description, f"`{spec.file_rule}`" if spec.file_rule else ""]
    assert {tool for tool, sign in signs.items() if sign != "–"} == set(spec.tools)
    assert {tool for tool, sign in signs.items() if sign == "?"} == {
        tool for tool in spec.tools if TOOLS[tool].needs_approval
    }


@pytest.mark.parametrize(
    ("tool", "parameters"),
    [
        ("execute_command", "`command` 1–10 000 characters, [`cwd` 1–4 096 characters], [`timeout` 1–300]"),
        ("ask_followup_question", "`question` 1–2 000 characters, `suggestions` 2–4 items"),
        ("switch_mode", "`mode`, [`reason` 0–2 000 characters]"),
    ],
)
def test_tool_has_its_limits_when_it_is_listed(tool: str, parameters: str) -> None:
    """They are the schema's."""
    assert row(tool, 4)[2] == parameters


def test_tables_are_whole_when_they_are_rendered() -> None:
    """No cell is torn by a sign of its own."""
    assert {len(cells) for cells in CELLS} == {3, 4, 1 + len(REGISTRY)}
