"""What a person answers when asked whether a call may run."""

from typing import Literal

from clients.consent import GRANTED, Decision, refused_by_user

CHOICES = "Allow it? y, n, n and a reason for the model, d to see all of it."
_YES = frozenset({"y", "yes"})
_NO = frozenset({"n", "no"})
_DETAILS = frozenset({"d", "details"})


def understood(line: str) -> Decision | Literal["details"] | None:
    """Return what a line decides, `details` if it asks for more, None if it is no answer.

    Only a plain yes allows: a message that happens to begin like one does not.

    >>> understood("yes").is_granted, understood("yes please"), understood("n, use main.py").refusal
    (True, None, 'refused by the user: use main.py')
    """
    word, _, rest = line.strip().partition(" ")
    word = word.rstrip(",:.").casefold()
    if word in _NO:
        return refused_by_user(rest)
    if not rest and word in _YES:
        return GRANTED
    if not rest and word in _DETAILS:
        return "details"
    return None
