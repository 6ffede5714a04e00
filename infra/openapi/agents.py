"""The page about agents and tools: `docs/agents.md`, written from the registry."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from domain.agents import REGISTRY
from domain.agents.spec import AgentSpec
from domain.model.tools import TOOLS
from domain.model.tools.tool import Tool, Where
from domain.services.deployment import Limits
from infra.openapi.schemas import Schema

_LIMITS = Limits()
_HEAD = f"""\
# Agents and tools

Written by `make openapi` out of `domain/agents` and `domain/model/tools`; change those.

The orchestrator chooses who answers, once for each task. A deployment with `--context single_agent=true` has
orchestrator and universal alone: universal answers everything, and nothing is spent on choosing. Otherwise universal
answers those who ask for it. In one turn at most {_LIMITS.rounds} model calls (`--context max_rounds=…`) and
{_LIMITS.switches} switches (`max_switches`); an approval is open for {_LIMITS.approval_seconds} s (`approval_seconds`).

What an agent may not do never reaches the client: the model gets the refusal as the call's result and may try again, at
most {_LIMITS.refusals} times in a row.
"""
_LEGEND = """\
✓ allowed · ? allowed, and the user is asked first, unless a policy decides · – refused"""


def agents_page() -> str:
    """Return the page, Markdown."""
    parts = [_HEAD, "## Agents\n", _table(_agents()), "## Who may what\n", f"{_LEGEND}\n", _table(_matrix())]
    parts += ["## Tools\n", "Optional parameters stand in brackets.\n", _table(_tools())]
    return "\n".join(parts)


def _agents() -> Iterator[Sequence[str]]:
    yield "Agent", "What it does", "Files"
    for spec in REGISTRY.values():
        # A star in Markdown would begin something else.
        yield f"`{spec.type}`", spec.description, f"`{spec.file_rule}`" if spec.file_rule else ""


def _matrix() -> Iterator[Sequence[str]]:
    yield "Tool", *(spec.type.value for spec in REGISTRY.values())
    for tool in TOOLS.values():
        yield f"`{tool.name}`", *(_right(spec, tool) for spec in REGISTRY.values())


def _right(spec: AgentSpec, tool: Tool) -> str:
    if tool.name not in spec.tools:
        return "–"
    return "?" if tool.needs_approval else "✓"


def _tools() -> Iterator[Sequence[str]]:
    yield "Tool", "Runs", "Parameters", "For"
    for tool in TOOLS.values():
        yield f"`{tool.name}`", _place(tool), ", ".join(_parameters(tool.spec().parameters)), tool.spec().description


def _place(tool: Tool) -> str:
    if tool.where is Where.CLIENT:
        return "at the client"
    return "here, the only call of its answer" if tool.must_be_alone else "here"


def _parameters(schema: Schema) -> Iterator[str]:
    for name, field in schema["properties"].items():
        words = " ".join(filter(None, [f"`{name}`", _range(field)]))
        yield words if name in schema.get("required", []) else f"[{words}]"


def _range(field: Schema) -> str:
    for least, most in (("minimum", "maximum"), ("minItems", "maxItems"), ("minLength", "maxLength")):
        if most in field:
            return f"{field.get(least, 0):,}–{field[most]:,}".replace(",", " ") + _unit(most)
        if least in field:
            return f"≥{field[least]}"
    return ""


def _unit(keyword: str) -> str:
    return {"maxItems": " items", "maxLength": " characters"}.get(keyword, "")


def _table(rows: Iterable[Sequence[Any]]) -> str:
    head, *body = rows
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)
