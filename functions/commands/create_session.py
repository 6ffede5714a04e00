"""Lambda of the command create_session."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("create_session")
