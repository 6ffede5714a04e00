"""Queues: encrypted, and never losing a message without leaving it somewhere."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.constructs.acknowledgement import PLAIN_HTTP, acknowledge

KEPT = Duration.days(14)
"""How long a message waits at a dead end; SQS keeps none longer."""
LOOKED_FOR = Duration.seconds(1)
"""How long a dead end waits for a message before it says that it has none; with any wait SQS asks all its servers."""


def dead_end(scope: Construct, id_: str, *, reason: str, tls_only: bool) -> sqs.Queue:
    """Return a queue that a person or an operator's tool empties.

    Args:
        scope: Where it is made.
        id_: Its name there.
        reason: What its messages are, and why nothing comes after it.
        tls_only: Whether to refuse anything but TLS.
    """
    made = _queue(scope, id_, retention_period=KEPT, receive_message_wait_time=LOOKED_FOR, tls_only=tls_only)
    acknowledge(made, SQS3=f"A dead end by intention, kept {KEPT.to_days():.0f} days. {reason}")
    return made


class EventQueue(Construct):
    """A subscriber's queue and where its messages end when nobody can handle them.

    `<name>` → after `max_receives` → `<name>-dead`. When a function handles those too, there is one more:
    `<name>-dead` → after 10 receives there → `<name>-lost`.

    Args:
        name: Of the subscription's queue in the catalog.
        timeout_seconds: Of the function that consumes it. A message stays hidden exactly as long: less, and it is
            delivered twice; more, and the turn of a worker killed before its first statement waits longer.
        max_receives: Deliveries before a message is dead.
        dead_timeout_seconds: Of the function that consumes the dead letters, None when there is none.
        tls_only: Whether to refuse anything but TLS.

    Attributes:
        queue: What the subscriber consumes.
        dead: Where its dead letters go.
        end: Where those wait that nobody handles: `dead` itself, or what comes after it.
    """

    DEAD_RECEIVES = 10
    """Deliveries to the consumer of the dead letters."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        timeout_seconds: int,
        max_receives: int,
        dead_timeout_seconds: int | None,
        tls_only: bool,
    ) -> None:
        super().__init__(scope, name)
        if dead_timeout_seconds is None:
            self.end = self.dead = dead_end(
                self, f"{name}-dead", reason="Events that the subscriber could not handle.", tls_only=tls_only
            )
        else:
            self.end = dead_end(
                self, f"{name}-lost", reason="Dead letters whose own handler failed.", tls_only=tls_only
            )
            self.dead = _queue(
                self,
                f"{name}-dead",
                retention_period=KEPT,
                visibility_timeout=Duration.seconds(dead_timeout_seconds),
                dead_letter_queue=sqs.DeadLetterQueue(
                    queue=self.end,
                    # MiniStack goes on counting where the first queue stopped, and SQS does not promise to start anew.
                    max_receive_count=max_receives + self.DEAD_RECEIVES,
                ),
                tls_only=tls_only,
            )
        self.queue = _queue(
            self,
            name,
            retention_period=Duration.days(4),
            visibility_timeout=Duration.seconds(timeout_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=max_receives),
            tls_only=tls_only,
        )


def _queue(
    scope: Construct,
    id_: str,
    *,
    retention_period: Duration,
    tls_only: bool,
    receive_message_wait_time: Duration | None = None,
    visibility_timeout: Duration | None = None,
    dead_letter_queue: sqs.DeadLetterQueue | None = None,
) -> sqs.Queue:
    made = sqs.Queue(
        scope,
        id_,
        # SQS's own key: EventBridge may send to a queue of another key only with a key policy.
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=tls_only,
        retention_period=retention_period,
        receive_message_wait_time=receive_message_wait_time,
        visibility_timeout=visibility_timeout,
        dead_letter_queue=dead_letter_queue,
    )
    if not tls_only:
        acknowledge(made, SQS4=PLAIN_HTTP)
    return made
