"""Lambda of the command add_tool_result."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("add_tool_result")
