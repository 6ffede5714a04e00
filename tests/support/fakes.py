"""Fakes for the ports: memory instead of AWS, a hand-moved clock, countable ids, a scripted model."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from domain.model.llm import ModelAnswer, ModelRequest
from domain.model.log import CommitKey, Event
from domain.model.value import SessionKey

START = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


class WorkerKilled(BaseException):
    """A worker's process is gone: nothing runs any more, neither handlers nor clean-up."""


class FakeClock:
    """Stands still until told; sleeping moves it, and whatever `while_asleep` says has happened then."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.while_asleep: Callable[[], object] = lambda: None

    def now(self) -> datetime:
        return START + timedelta(milliseconds=round(self.seconds * 1000))

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        self.while_asleep()

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class CountingIds:
    """Ids that count up; jitter is always the longest wait."""

    def __init__(self) -> None:
        self._last = 0

    def _next(self) -> int:
        self._last += 1
        return self._last

    def session_id(self) -> str:
        return f"s-{self._next():026d}"

    def incarnation(self) -> str:
        return f"inc{self._next():09d}"

    def correlation_id(self) -> str:
        return f"{self._next():032x}"

    def jitter(self, up_to_seconds: float) -> float:
        return up_to_seconds


class FakeTurnQueue:
    """Remembers what was hidden for how long."""

    def __init__(self) -> None:
        self.extended: list[tuple[str, int]] = []

    def extend(self, receipt: str, seconds: int) -> None:
        self.extended.append((receipt, seconds))


class MemoryContents:
    """Content in a dictionary."""

    def __init__(self) -> None:
        self.stored: dict[tuple[SessionKey, str], str] = {}

    def put(self, key: SessionKey, sha256: str, content: str) -> None:
        self.stored[key, sha256] = content

    def get(self, key: SessionKey, sha256: str) -> str:
        return self.stored[key, sha256]

    def url(self, key: SessionKey, sha256: str) -> str:
        return f"memory://{key.user}/{key.session_id}/{sha256}"


class MemoryPublisher:
    """A bus that takes everything, except what `refuses` says."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.refuses: Callable[[Event], bool] = lambda _: False

    def publish(self, events: Sequence[Event]) -> Sequence[Event]:
        refused = [event for event in events if self.refuses(event)]
        self.taken += [event for event in events if event not in refused]
        return refused


class MemoryParked:
    """Parked keys in a list."""

    def __init__(self) -> None:
        self.parked: list[CommitKey] = []

    def park(self, commits: Sequence[CommitKey]) -> None:
        self.parked += commits


class ScriptedModel:
    """Answers what it was given, in order; a callable sees the request, an exception is raised."""

    name = "scripted"

    def __init__(self, *answers: ModelAnswer | Exception | Callable[[ModelRequest], ModelAnswer]) -> None:
        self.answers = list(answers)
        self.requests: list[ModelRequest] = []

    def complete(self, request: ModelRequest) -> ModelAnswer:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, ModelAnswer) else answer(request)


class FailingPort:
    """Stands in for any port and fails whatever is asked of it."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        def fail(*_: object, **__: object) -> NoReturn:
            raise self._error

        return fail
