"""Lambda of the query get_agent_context."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("get_agent_context")
