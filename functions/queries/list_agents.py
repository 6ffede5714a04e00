"""Lambda of the query list_agents."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("list_agents")
