"""Lambda of the query list_sessions."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("list_sessions")
