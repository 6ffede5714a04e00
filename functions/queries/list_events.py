"""Lambda of the query list_events."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("list_events")
