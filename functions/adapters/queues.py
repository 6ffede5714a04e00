"""SQS: the queues that bring work back in time, and the one where commits wait that the bus did not take."""

from collections.abc import Sequence

from domain.model.errors import StorageUnavailable
from domain.model.log import CommitKey
from functions.adapters.aws import Aws
from functions.adapters.errors import RETRY_AFTER_SECONDS, storage_errors

BATCH = 10
"""Most entries of one SendMessageBatch."""


class SqsDeliveries:
    """Hides deliveries of one queue."""

    def __init__(self, aws: Aws, queue_url: str) -> None:
        # Made now, while Lambda starts; the work begins with it.
        self._client = aws.client("sqs")
        self._queue_url = queue_url

    def extend(self, receipt: str, seconds: int) -> None:
        """Set the visibility; 1 request."""
        with storage_errors():
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=receipt, VisibilityTimeout=seconds
            )


class SqsParkedCommits:
    """Parks keys of commits; the log still has the commits themselves."""

    def __init__(self, aws: Aws, queue_url: str) -> None:
        self._aws = aws
        self._queue_url = queue_url

    def park(self, commits: Sequence[CommitKey]) -> None:
        """Send each key; 1 request per ten.

        Raises:
            StorageUnavailable: a key was not taken; those before it may be parked twice by a repeat.
        """
        for start in range(0, len(commits), BATCH):
            entries = [
                {"Id": str(place), "MessageBody": commit.model_dump_json()}
                for place, commit in enumerate(commits[start : start + BATCH])
            ]
            with storage_errors():
                answer = self._aws.client("sqs").send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            if len(answer.get("Successful", ())) < len(entries):
                # A batch succeeds as a request when none of its entries does, and half an answer names none.
                raise StorageUnavailable(retry_after_seconds=RETRY_AFTER_SECONDS)
