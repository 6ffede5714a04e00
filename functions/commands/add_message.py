"""Lambda of the command add_message."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("add_message")
