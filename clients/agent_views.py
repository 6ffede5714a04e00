"""Agents, as the server tells of them."""

from dataclasses import dataclass

from clients.views import JsonObject


@dataclass(frozen=True)
class Agent:
    """One that can be asked for.

    Attributes:
        type: What to ask for it by.
        tools: Names of the tools it may use.
        file_rule: What it may write, in a few words; None when it may write everything, or never meets a file.
    """

    type: str
    name: str
    description: str
    tools: tuple[str, ...]
    file_rule: str | None

    @classmethod
    def from_json(cls, raw: JsonObject) -> "Agent":
        """Read one of the contract's agents."""
        return cls(
            type=str(raw["type"]),
            name=str(raw["name"]),
            description=str(raw["description"]),
            tools=tuple(str(tool) for tool in raw["tools"]),
            file_rule=raw.get("file_rule"),
        )


@dataclass(frozen=True)
class AgentSwitch:
    """A change of the agent; `reason` is in somebody's own words, or one word of the server."""

    from_agent: str
    to_agent: str
    reason: str


@dataclass(frozen=True)
class AgentContext:
    """Which agent speaks.

    Attributes:
        switch_count: Switches since the session began.
        history: Every switch, oldest first; None unless asked for.
    """

    session_id: str
    current_agent: str
    switch_count: int
    history: tuple[AgentSwitch, ...] | None

    @classmethod
    def from_json(cls, raw: JsonObject) -> "AgentContext":
        """Read the contract's AgentContext."""
        told = raw.get("history")
        return cls(
            session_id=str(raw["session_id"]),
            current_agent=str(raw["current_agent"]),
            switch_count=int(raw["switch_count"]),
            history=None
            if told is None
            else tuple(AgentSwitch(str(one["from_agent"]), str(one["to_agent"]), str(one["reason"])) for one in told),
        )


def agents_from_json(raw: JsonObject) -> tuple[Agent, ...]:
    """Read the contract's list of agents."""
    return tuple(Agent.from_json(one) for one in raw["items"])
