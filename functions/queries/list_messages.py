"""Lambda of the query list_messages."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("list_messages")
