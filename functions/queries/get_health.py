"""Lambda of the query get_health."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("get_health")
