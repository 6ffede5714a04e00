"""Lambda of the query list_approvals."""

from functions.runtime.http import HttpFunction

handler = HttpFunction("list_approvals")
