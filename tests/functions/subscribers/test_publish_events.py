"""The relay from the log to the bus."""

from domain.ports import EventPublisher
from functions.adapters.eventbridge.envelope import to_detail
from tests.support.edge import LambdaContext, started
from tests.support.log_lines import LogLines
from tests.support.samples import fact_sample, sample
from tests.support.system import System


def test_publish_events_puts_the_facts_on_the_bus_when_sample_is_delivered(system: System, log: LogLines) -> None:
    """The sample commit becomes the sample facts, and the text in it goes nowhere."""
    answer = started("publish_events", system)(sample("publish_events"), LambdaContext())

    published = [to_detail(event) for event in system.get(EventPublisher).taken]
    assert answer == {"batchItemFailures": []}
    assert published == [fact_sample(name)["detail"] for name in ("MessageAdded", "TurnRequested")]
    assert "README" not in str(published)
    assert "README" not in log.text
