"""Lambda of the command decide_plan."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("decide_plan")
