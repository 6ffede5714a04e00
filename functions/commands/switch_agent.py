"""Lambda of the command switch_agent."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("switch_agent")
