"""Lambda of the query get_session."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("get_session")
