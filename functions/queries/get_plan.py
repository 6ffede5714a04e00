"""Lambda of the query get_plan."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("get_plan")
