"""Staying away from a provider that is down: Powertools' circuit breaker, its state in our one table."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aws_lambda_powertools.utilities.circuit_breaker import (
    CircuitBreakerConfig,
    CircuitBreakerOpenError,
    CircuitState,
    CircuitTransition,
    circuit_breaker,
)
from aws_lambda_powertools.utilities.circuit_breaker.persistence import (
    CircuitBreakerDynamoDBPersistence,
    CircuitStateRecord,
)

from domain.model.circuit import CircuitChange
from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest
from domain.ports import Clock, ModelClient
from functions.adapters.aws import Aws
from functions.adapters.models.failures import is_provider_down

T = TypeVar("T")

FAILURES = 5
"""Of one worker's tries, one after the other, until the circuit opens: more than one call makes."""
RECOVERY_SECONDS = 3
"""Until an open circuit lets a call try; with it a provider that is back is in use again within 5 s."""
BELIEF_SECONDS = 30
"""How long a worker takes the circuit for closed without looking, as long as its own calls succeed."""

PARTITION = "CIRCUIT"
LONG_AGO = datetime.min.replace(tzinfo=UTC)

_CHANGES = {
    (CircuitState.CLOSED, CircuitState.OPEN): CircuitChange.OPENED,
    (CircuitState.HALF_OPEN, CircuitState.CLOSED): CircuitChange.CLOSED,
}
"""Transitions worth a fact; in between, calls are let through to see whether the provider is back."""


class CircuitBreaker:
    """CLOSED → OPEN → HALF_OPEN → CLOSED, shared by all workers.

    A closed circuit costs one eventually consistent read per worker and `BELIEF_SECONDS`. Opening costs a write; an
    open circuit a read per refused call; a call let through a read and two writes. A store that does not answer never
    keeps a call from the provider.
    """

    def __init__(self, name: str, table: str, aws: Aws, clock: Clock) -> None:
        """Guard the provider that `name` stands for, in every worker of the deployment that owns `table`."""
        self._name = name
        self._state = _SharedState(table, aws, clock)
        self._config = _Config(
            failure_threshold=FAILURES, recovery_timeout=RECOVERY_SECONDS, success_threshold=1, local_cache_max_age=0
        )

    def call(self, operation: Callable[[], T], *, tell: Callable[[CircuitChange], None]) -> T:
        """Return what `operation` returns, and tell what it did to the circuit.

        Raises:
            ModelFailure: the operation's own, or `circuit_open` without having tried.
        """

        def told(transition: CircuitTransition) -> None:
            change = _CHANGES.get((transition.from_state, transition.to_state))
            if change:
                tell(change)

        guarded = circuit_breaker(
            name=self._name, persistence_store=self._state, on_transition=told, config=self._config
        )(operation)
        try:
            result: T = guarded()
        except CircuitBreakerOpenError as error:
            raise ModelFailure("The model is down.", status="circuit_open", is_retryable=False) from error
        except ModelFailure:
            # Others may know more: ask before the next try.
            self._state.forget()
            raise
        return result


class _Config(CircuitBreakerConfig):
    def counts_as_failure(self, exception: Exception) -> bool:
        return is_provider_down(exception)


class _SharedState(CircuitBreakerDynamoDBPersistence):
    """The circuit in DynamoDB.

    Powertools keeps what it has read for one span of time, whatever it is. Here a closed circuit is kept for long, so
    that calls cost no request, and one that is not closed is not kept at all, so that its recovery is seen at once.
    """

    def __init__(self, table: str, aws: Aws, clock: Clock) -> None:
        super().__init__(
            table_name=table,
            key_attr="PK",
            sort_key_attr="SK",
            static_pk_value=PARTITION,
            state_attr="st",
            failure_count_attr="fc",
            opened_at_attr="oa",
            half_open_owner_attr="ow",
            probe_lease_expiry_attr="le",
            expiry_attr="ttl",
            boto3_client=aws.client("dynamodb"),
        )
        self._clock = clock
        self._closed_until = LONG_AGO

    def get_state(self, name: str) -> CircuitStateRecord:
        # Not the monotonic clock, which may stand still while Lambda keeps a worker frozen.
        if self._clock.now() < self._closed_until:
            return CircuitStateRecord(name=name, state=CircuitState.CLOSED)
        record = super().get_state(name)
        if record.state is CircuitState.CLOSED:
            self._believe()
        return record

    def save_closed(self, name: str) -> None:
        super().save_closed(name)
        self._believe()

    def forget(self) -> None:
        self._closed_until = LONG_AGO

    def _believe(self) -> None:
        self._closed_until = self._clock.now() + timedelta(seconds=BELIEF_SECONDS)


class GuardedModelClient:
    """A model client behind a circuit breaker; answers and failures say what they did to the circuit."""

    def __init__(self, inner: ModelClient, breaker: CircuitBreaker) -> None:
        self._inner = inner
        self._breaker = breaker

    @property
    def name(self) -> str:
        """Name of the model."""
        return self._inner.name

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the model's answer; one attempt, or none while the circuit is open."""
        changes: list[CircuitChange] = []
        try:
            answer = self._breaker.call(lambda: self._inner.complete(request), tell=changes.append)
        except ModelFailure as failure:
            failure.circuit = tuple(changes)
            raise
        return answer.model_copy(update={"circuit": tuple(changes)})
