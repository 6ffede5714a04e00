"""Every tool: its arguments with their limits, where it runs, what it is for. The JSON schemas come from here."""

from collections.abc import Mapping

from domain.model.tools.changing import CHANGING
from domain.model.tools.looking import LOOKING
from domain.model.tools.planning import PLANNING
from domain.model.tools.simple import SIMPLE
from domain.model.tools.steering import STEERING
from domain.model.tools.tool import Tool

TOOLS: Mapping[str, Tool] = {tool.name: tool for tool in (*LOOKING, *CHANGING, *STEERING, *PLANNING, *SIMPLE)}
"""Every tool by name."""
