"""A queue of dead letters, as SQS lets one look into it: what is being looked at is hidden from everybody else."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from infra.dead_ends import DeadEnd
from infra.operations.letters import Letter, read_letter
from infra.operations.target import Target

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH = 10
"""Most messages of one request."""
HELD_SECONDS = 120
"""A letter that is neither given back nor removed, since this program was killed, is seen again after this long."""


class Mailbox:
    """Takes letters out, and puts back all but those that are done with.

    Use it as a context manager: at its end nothing stays hidden.

    Args:
        target: The stack.
        end: Which kind.
    """

    def __init__(self, target: Target, end: DeadEnd) -> None:
        self._sqs: SQSClient = target.aws.client("sqs")
        self._url = target.letters_url(end)
        self._end = end
        self._held: dict[str, Letter] = {}
        self._seen: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for letter in self._held.values():
            self._sqs.change_message_visibility(QueueUrl=self._url, ReceiptHandle=letter.receipt, VisibilityTimeout=0)

    def count(self) -> int:
        """Return how many wait, hidden ones included; SQS counts approximately."""
        counted = self._sqs.get_queue_attributes(
            QueueUrl=self._url,
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        return sum(map(int, counted.values()))

    def letters(self) -> Iterator[Letter]:
        """Yield each letter once, until no other comes; 1 request per ten, and 1 more.

        The queue itself waits before it says that it is empty: without any wait SQS asks some of its servers only.
        """
        while batch := self._receive():
            yield from batch

    def remove(self, letter: Letter) -> None:
        """Take a letter out for good."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)
        del self._held[letter.id]

    def _receive(self) -> list[Letter]:
        answer = self._sqs.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=BATCH,
            VisibilityTimeout=HELD_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        letters = [read_letter(self._end, message) for message in answer.get("Messages", [])]
        self._held |= {letter.id: letter for letter in letters}
        new = [letter for letter in letters if letter.id not in self._seen]
        self._seen |= {letter.id for letter in new}
        return new
