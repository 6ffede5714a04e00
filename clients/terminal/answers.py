"""What a person answers when asked whether something may be done."""

from typing import Literal

from clients.consent import Question

Word = Literal["yes", "no", "details", "edit", "always"]

_WORDS: dict[str, Word] = {
    **dict.fromkeys(("y", "yes"), "yes"),
    **dict.fromkeys(("n", "no"), "no"),
    **dict.fromkeys(("d", "details"), "details"),
    **dict.fromkeys(("e", "edit"), "edit"),
    **dict.fromkeys(("a", "always"), "always"),
}
_MAY_GO_ON = frozenset({"no", "edit"})


def understood(line: str) -> tuple[Word, str] | None:
    """Return the answer that a line is and what was added to it, None if it is no answer.

    Only a plain yes allows: a message that happens to begin like one does not.

    >>> understood("Yes."), understood("yes please"), understood("n, use main.py")
    (('yes', ''), None, ('no', 'use main.py'))
    """
    first, _, rest = line.strip().partition(" ")
    word = _WORDS.get(first.rstrip(",:.").casefold())
    if word is None or (rest and word not in _MAY_GO_ON):
        return None
    return word, rest.strip()


def choices(question: Question) -> str:
    """Return the answers that a question takes, in a sentence."""
    if question.kind == "plan":
        return "Go ahead? y, n and a reason, e and what is to be different, d to see all of it."
    edit = ", e to edit the arguments" if question.revise else ""
    always = f", a for {question.likes} in this run" if question.likeness else ""
    return f"Allow it? y, n, n and a reason for the model{edit}{always}, d to see all of it."
