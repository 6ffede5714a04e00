"""Lambda of the command decide_approval."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("decide_approval")
