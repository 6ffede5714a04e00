"""A rule-based stand-in for a language model: no network, no account, no weights.

What it is and which directives it follows: `directives`. How it answers plain language: `recognition` finds the wishes
in a message, `looking` and `doing` carry them out, `conversation` replays the turn to know how far it has come.
"""

from functions.adapters.models.offline.model import OfflineModel

__all__ = ["OfflineModel"]
