"""What is said to a model that follows directives: the walk's words, spelled in one place."""

import json
from typing import Any

THEN = " [[then]] "


def tool(name: str, **arguments: Any) -> str:
    """Return the order to call a tool.

    >>> tool("read_file", path="a.md")
    '[[tool read_file {"path": "a.md"}]]'
    """
    return f"[[tool {name} {json.dumps(arguments)}]]"


def said(text: str) -> str:
    """Return the order to say a text.

    >>> said("done")
    '[[say done]]'
    """
    return f"[[say {text}]]"


def rounds(*orders: str) -> str:
    """Return orders that are carried out one after the other.

    >>> rounds(tool("echo", text="a"), said("b"))
    '[[tool echo {"text": "a"}]] [[then]] [[say b]]'
    """
    return THEN.join(orders)


def subtask(title: str, agent: str, orders: str, *after: int) -> dict[str, Any]:
    """Return a subtask as `create_plan` takes it; `after` are the places, from 0, of those it depends on."""
    return {
        "title": title,
        "description": orders,
        "agent": agent,
        "estimated_time_minutes": 1,
        "dependencies": list(after),
    }


def plan(title: str, *subtasks: dict[str, Any]) -> str:
    """Return the order to propose a plan."""
    return tool("create_plan", title=title, description=f"{title}, step by step.", subtasks=list(subtasks))
