"""The orchestrator's answer: which agent is to speak."""

import json
from typing import Any

from domain.model.agent import AgentType
from domain.model.value import JsonObject
from domain.services.keywords import KeywordChoice, classify
from functions.adapters.models.offline.directives import Directives

KEYWORD_CONFIDENCE = 0.6
"""Keywords are a guess, and say so."""


def route(text: str, directives: Directives | None, schema: JsonObject) -> str:
    """Return the JSON text that chooses an agent for a message.

    Args:
        text: The newest user message.
        directives: What it orders; None for plain language.
        schema: The answer's schema. An agent that keywords choose is replaced when the schema does not list it; one
            that `[[agent X]]` names never is, so that a wrong choice can be provoked.

    >>> route("Where is the lock?", None, {})
    '{"agent": "ask", "confidence": 0.6, "is_atomic": true, "reason": "keywords of the message"}'
    """
    if directives is None:
        choice = classify(text)
        return _answer(choice, _listed(choice.agent, schema), KEYWORD_CONFIDENCE, "keywords of the message")
    # The coder has every tool that a directive may want to call.
    agent = directives.agent or _listed(AgentType.CODER, schema)
    return _answer(KeywordChoice(agent=agent), agent, 1.0, "directives of the message")


def _answer(choice: KeywordChoice, agent: AgentType, confidence: float, reason: str) -> str:
    return json.dumps({"agent": agent, "confidence": confidence, "is_atomic": choice.is_atomic, "reason": reason})


def _listed(agent: AgentType, schema: JsonObject) -> AgentType:
    """Return the agent, or the first that the schema lists when it lists others only."""
    listed = [AgentType(name) for name in _enum(schema) if name in set(AgentType)]
    return agent if not listed or agent in listed else listed[0]


def _enum(schema: JsonObject) -> list[Any]:
    node: Any = schema
    for name in ("properties", "agent", "enum"):
        node = node.get(name) if isinstance(node, dict) else None
    return [name for name in node if isinstance(name, str)] if isinstance(node, list) else []
