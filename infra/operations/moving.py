"""Dead letters sent again with one command."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from infra.dead_ends import DeadEnd
from infra.operations.letters import Letter
from infra.operations.mailbox import Mailbox
from infra.operations.sending import Outcome, Sender
from infra.operations.target import Target
from infra.operations.telling import letter_row

WOULD_BE_SENT = "would be sent"


@dataclass(frozen=True)
class Choice:
    """Which letters are meant.

    Attributes:
        ends: Of these kinds.
        id: This one alone; None for all.
    """

    ends: Sequence[DeadEnd]
    id: str | None = None


def send_again(
    target: Target,
    sender: Sender | None,
    choice: Choice,
    progress: Callable[[int], None] = lambda _: None,
) -> list[dict[str, Any]]:
    """Send letters again, each removed after it was sent; what is interrupted in between is sent twice.

    Args:
        target: The stack.
        sender: Sends them; None only says which would be sent.
        choice: Which ones.
        progress: Told of each.

    Returns:
        A row for each letter, with its `outcome`.
    """
    rows: list[dict[str, Any]] = []
    for end in choice.ends:
        with Mailbox(target, end) as mailbox:
            for letter in _chosen(mailbox, choice.id):
                outcome = _sent(mailbox, sender, letter) if sender else WOULD_BE_SENT
                rows.append(letter_row(letter) | {"outcome": outcome})
                progress(1)
    return rows


def _chosen(mailbox: Mailbox, id_: str | None) -> Iterator[Letter]:
    for letter in mailbox.letters():
        if id_ in {None, letter.id}:
            yield letter
        if id_ == letter.id:
            return


def _sent(mailbox: Mailbox, sender: Sender, letter: Letter) -> Outcome:
    outcome = sender.send(letter)
    if outcome is not Outcome.KEPT:
        mailbox.remove(letter)
    return outcome
