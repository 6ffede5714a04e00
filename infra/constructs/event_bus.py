"""The bus that facts leave on."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from constructs import Construct

from functions.adapters.eventbridge.envelope import SOURCE


class EventBus(Construct):
    """Custom bus, with an archive to replay from where the target has one.

    The archive holds no message text, since the bus never carries any, so erasing a session need not reach into it.

    Args:
        has_archive: Whether to keep the events of the last 30 days.
    """

    def __init__(self, scope: Construct, id_: str, *, has_archive: bool) -> None:
        super().__init__(scope, id_)
        self._bus = events.EventBus(self, "Bus", description="Facts of the agent runtime")
        if has_archive:
            self._bus.archive(
                "Archive",
                description="Facts to replay",
                event_pattern=events.EventPattern(source=[SOURCE]),
                retention=Duration.days(30),
            )

    @property
    def name(self) -> str:
        """Name of the bus."""
        return self._bus.event_bus_name

    @property
    def arn(self) -> str:
        """ARN of the bus."""
        return self._bus.event_bus_arn
