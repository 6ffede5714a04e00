"""Dead letters sent again, each the way it came; one that cannot be sent stays where it is."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from domain.model.log import CommitKey
from infra.operations.commit_log import Commit
from infra.operations.letters import Letter, Span
from infra.operations.republishing import Republisher
from infra.operations.target import Target


class Outcome(StrEnum):
    """What became of a letter."""

    SENT = "sent"
    GONE = "gone"
    """The log has the commit no more: its session was erased, and there is nothing left to tell."""
    KEPT = "kept"
    """It cannot be read, or the bus does not take it: it waits as before."""


class Sender:
    """Sends letters again, at least once: a letter is removed by the caller, after it was sent.

    A fact goes back to the queue that it came from, as a new message with all its deliveries before it. A commit's
    facts go to the bus. A tick of the clock invokes its function.

    Args:
        target: The stack.
        republisher: Tells commits.
    """

    def __init__(self, target: Target, republisher: Republisher) -> None:
        self._target = target
        self._republisher = republisher

    def send(self, letter: Letter) -> Outcome:
        """Send one letter and return what became of it.

        Raises:
            BotoCoreError, ClientError, PynamoDBException, StorageUnavailable, LostRace: nobody can say whether it was
                sent; it is to be kept.
        """
        origin = letter.end.origin_output
        if origin is not None:
            self._client("sqs").send_message(QueueUrl=self._target.output(origin), MessageBody=letter.body)
            return Outcome.SENT
        if letter.about.commits is not None:
            return self._tell(letter.about.commits)
        if letter.about.payload is not None:
            self._client("lambda").invoke(
                FunctionName=self._target.function(letter.end),
                InvocationType="Event",
                Payload=json.dumps(letter.about.payload),
            )
            return Outcome.SENT
        return Outcome.KEPT

    def _tell(self, commits: CommitKey | Span) -> Outcome:
        told = self._republisher.tell(self._commits(commits))
        if told.left:
            return Outcome.KEPT
        return Outcome.SENT if told.commits else Outcome.GONE

    def _commits(self, commits: CommitKey | Span) -> Iterator[Commit]:
        log = self._republisher.log
        return log.of_span(commits) if isinstance(commits, Span) else log.of_key(commits)

    def _client(self, service: str) -> Any:
        return self._target.aws.client(service)
