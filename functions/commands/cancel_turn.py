"""Lambda of the command cancel_turn."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("cancel_turn")
