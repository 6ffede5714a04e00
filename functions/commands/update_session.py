"""Lambda of the command update_session."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("update_session")
