"""One crash: an invocation of a scenario is struck at one of its requests, then its event comes again, or does not."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from domain.model.events.system import LockLost
from domain.model.lock import COVER_SECONDS, LEASE_SECONDS
from functions.catalog import Route, Schedule, row
from tests.faults.crashes.checks import check_rest, check_safe, facts, story
from tests.faults.crashes.fate import PAUSES, Fate, Mode, Struck
from tests.faults.crashes.known import Known
from tests.faults.crashes.life import Step, request
from tests.faults.crashes.points import MEANWHILE, Point, Then
from tests.faults.crashes.world import Arrival, Moment, World
from tests.support.stepped import Stepped
from tests.support.stored import commits_in, stored

T = TypeVar("T")

LOST = LockLost.type_name()
COMMIT = "dynamodb.TransactWriteItems"
PAUSE_SECONDS = max(COVER_SECONDS, LEASE_SECONDS)
"""So long a worker stands still that its lease is over and its message is back."""


class Crash:
    """Strikes one invocation, again and again, each time from the same moment."""

    def __init__(self, world: World, step: Step, known: Known, *, has_one_end: bool = True) -> None:
        """Live the invocation unharmed, twice, and once without it, to know what it must come to.

        Raises:
            AssertionError: something else came of the same state, so that no state could be told by what came of it.
        """
        self._has_one_end = has_one_end
        self._world = world
        self._step = step
        self._known = known
        self._trigger = row(step.arrival.function).trigger
        self._struck: dict[tuple[Mode, int], tuple[Struck, Moment]] = {}
        self._back()
        world.rest()
        self._without = story(world.raw())
        ends = set()
        for _ in range(2):
            self._back()
            unharmed = world.arrive(step.arrival)
            world.rest()
            ends.add(world.digest())
        assert len(ends) == 1, "what comes of a state depends on more than the state"
        self._answer = unharmed.result
        self._with = story(world.raw())
        self._facts = facts(world.raw())

    def strike(self, point: Point) -> None:
        """Let it happen, and check everything.

        Raises:
            AssertionError: something was lost, doubled or left dangling.
        """
        if point.mode in PAUSES:
            self._pause(point)
        else:
            self._kill(point)

    def _back(self) -> None:
        self._world.go_back(self._step.before)

    def _kill(self, point: Point) -> None:
        struck, after = self._struck.get((point.mode, point.number)) or self._strike(point)
        self._world.go_back(after)
        is_told = point.number <= len(self._step.operations) and not struck.was_killed
        is_unnoticed = point.mode is Mode.REPEATED and self._has_one_end
        may_be_without = point.then is Then.NEVER and not (is_told and _is_success(struck))
        self._once(
            (point.then, may_be_without, is_unnoticed),
            lambda: self._go_on(point.then, may_be_without=may_be_without, is_unnoticed=is_unnoticed),
        )

    def _strike(self, point: Point) -> tuple[Struck, Moment]:
        """Strike once for all that may come afterwards."""
        self._back()
        fate = Fate(point.mode, point.number)
        is_heard = point.number <= len(self._step.operations)
        struck = self._world.arrive(self._step.arrival, fate, is_heard=is_heard)
        assert fate.has_struck == is_heard, f"never came to request {point.number}"
        self._check_safe()
        self._check_no_defect(struck)
        self._struck[point.mode, point.number] = struck, self._world.moment()
        return self._struck[point.mode, point.number]

    def _go_on(self, then: Then, *, may_be_without: bool, is_unnoticed: bool) -> None:
        """Let happen what comes after a strike that is not a pause, until nothing more happens by itself."""
        message_id = self._step.arrival.message_id
        message = self._world.held.message(message_id) or self._step.before.held.message(message_id)
        if then is Then.TWICE:
            self._again(message)
        elif then is Then.DIES:
            self._lose_successor()
        self._check_safe()
        self._world.rest()
        if then is Then.TWICE:
            self._again(message)
            self._world.rest()
        self._check_story(may_be_without=may_be_without)
        if is_unnoticed:
            self._check_unnoticed()
        check_rest(self._world, self._world.raw())

    def _again(self, message: Any) -> None:
        """Let the event come once more, right now."""
        if message:
            self._world.arrive(self._world.copy(message))
            return
        again = self._world.arrive(self._step.arrival)
        if isinstance(self._trigger, Route):
            self._check_answer(again)

    def _pause(self, point: Point) -> None:
        world, arrival = self._world, self._step.arrival
        self._back()
        fate = Fate(point.mode, point.number)
        paused = world.begin(arrival, fate)
        try:
            assert not paused.is_over, f"never came to request {point.number}"
            self._check_safe()
            # Others know nothing of a worker that stands still, so they do the same whenever it stands in this state.
            world.go_back(self._once(("meanwhile", point.then), lambda: self._meanwhile(point)))
            before = world.raw()
        finally:
            _let_go(paused)
        if paused.error:
            raise paused.error
        struck: Struck = paused.result
        world.settle(arrival, struck)
        self._check_no_defect(struck)
        self._check_safe()
        if point.then is Then.ONCE or (point.then is Then.DIES and stored(before).locks):
            # Whoever wakes up when another has done everything, or has taken the session to do it, has nothing to add.
            assert dict(commits_in(world.raw())) == dict(commits_in(before)), "a worker that was replaced has written"
        if point.then is Then.ONCE and isinstance(self._trigger, Route):
            self._check_answer(struck)
        has_one_story = point.then not in MEANWHILE
        self._once(("awake", has_one_story), lambda: self._come_to_rest(has_one_story=has_one_story))

    def _come_to_rest(self, *, has_one_story: bool) -> None:
        self._world.rest()
        if has_one_story:
            self._check_story()
        check_rest(self._world, self._world.raw())

    def _meanwhile(self, point: Point) -> Moment:
        """Let others act while a worker stands still, and return what they have come to."""
        self._act(point)
        self._check_safe()
        return self._world.moment()

    def _act(self, point: Point) -> None:
        world = self._world
        if point.then in MEANWHILE:
            function, fields = MEANWHILE[point.then]
            answer = world.arrive(Arrival(function, request(function, fields, key="meanwhile"))).result
            assert answer["statusCode"] < HTTPStatus.INTERNAL_SERVER_ERROR, answer["body"]
            world.rest()
            return
        if point.then is Then.DIES:
            self._lose_successor()
            return
        world.clock.advance(PAUSE_SECONDS)
        if isinstance(self._trigger, (Route, Schedule)):
            self._again(None)
        world.rest()

    def _once(self, question: tuple[object, ...], find_out: Callable[[], T]) -> T:
        return self._known.once((id(self), *question), find_out)

    def _check_safe(self) -> None:
        self._known.once("is it safe?", lambda: check_safe(self._world, self._world.raw()))

    def _lose_successor(self) -> None:
        self._world.clock.advance(PAUSE_SECONDS)
        message = self._world.held.message(self._step.arrival.message_id)
        assert message, "nothing brings it back"
        self._world.arrive(self._world.copy(message), Fate(Mode.KILLED_BEFORE, operation=COMMIT))

    def _check_story(self, *, may_be_without: bool = False) -> None:
        told = story(self._world.raw())
        expected = [self._with, self._without] if may_be_without else [self._with]
        assert told in expected or not self._has_one_end, _difference(self._with, told)

    def _check_unnoticed(self) -> None:
        """What the SDK makes good by itself costs nobody a second worker.

        It may hide that there was a first: a lock that was taken twice is told as the taker's own the second time.
        """
        assert facts(self._world.raw()).count(LOST) <= self._facts.count(LOST), "somebody had to recover"

    def _check_answer(self, struck: Struck) -> None:
        assert struck.result["statusCode"] == self._answer["statusCode"], struck.result["body"]

    def _check_no_defect(self, struck: Struck) -> None:
        is_defect = isinstance(self._trigger, Route) and not struck.was_killed and struck.result["statusCode"] == 500
        assert not is_defect, "answered as a defect"


def _let_go(paused: Stepped) -> None:
    while not paused.is_over:
        paused.resume()


def _is_success(struck: Struck) -> bool:
    status: int = struck.result.get("statusCode", 200)
    return status < 300


def _difference(expected: Any, told: Any) -> str:
    lines = []
    for one, other in zip(expected, told, strict=False):
        for part, (wanted, found) in enumerate(zip(one, other, strict=True)):
            if wanted != found:
                lines.append(f"part {part}: expected {wanted!r},\nfound {found!r}")
    return "\n".join(lines) or f"expected {expected!r},\nfound {told!r}"
