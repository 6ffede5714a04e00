"""Whether what racing clients were told can have come from one session that did one thing after the other.

Linearizable (Herlihy and Wing, 1990): every operation takes effect at one moment between its call and its return, and
what it was told follows from the operations before that moment. The usual search for such an order (Wing and Gong 1993,
Lowe 2017) is exponential where many operations overlap, and would have to guess what workers wrote. Here nothing is
guessed: a session keeps its own order, the log, in which each commit names the operation that wrote it. What changes
something has its place there, and no other order would do, since everybody can read the log. What changes nothing
(reads, refusals, repeats) is put at the earliest place that explains what it was told. Earliest is enough: a later one
would only narrow the choice of those that follow. So one pass over the operations by the time of their call decides,
soundly and completely, in about linear time; and it decides for each session alone, since linearizability is local.

What the order must explain is said by a small model (`session_facts`, `session_rules`, `session_answers`). Two answers
are looser than that: a command may be told SESSION_BUSY in any state once it has tried for as long as the service
tries, and a command whose outcome is unknown may have been carried out or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from domain.services.session_management import DEADLINE_SECONDS
from functions.catalog import Kind, row
from tests.support.histories import NEVER, Committed, Operation
from tests.support.session_answers import answer, told
from tests.support.session_facts import after_commit
from tests.support.session_rules import carried_out, has_effect, is_idle, receipt_of, refusal
from tests.support.session_state import Impossible, Json, State


class NotLinearizable(AssertionError):  # noqa: N818  # says what was found
    """No order of the operations explains what their clients were told."""


def check_history(operations: Sequence[Operation], log: Sequence[Committed]) -> list[State]:
    """Return the states that the session went through, the one before its first commit included.

    Args:
        operations: Of every client of one session, in any order.
        log: Of that session, when nobody writes to it any more.

    Raises:
        NotLinearizable: with the operation or commit at which it shows.
    """
    return _Check(operations, log).run()


@dataclass
class _Check:
    operations: Sequence[Operation]
    log: Sequence[Committed]
    states: list[State] = field(default_factory=lambda: [State()])
    events: list[Json] = field(default_factory=list)
    """Of the whole log; a state's `last_seq` says how many of them it has."""
    places: dict[str, int] = field(default_factory=dict)
    """Of what wrote something, by its id: the index of the state behind it."""
    quiet: dict[tuple[str, str], Operation] = field(default_factory=dict)
    """What carried a key, was carried out and found nothing to write; only its receipt tells of it."""

    def run(self) -> list[State]:
        self._replay()
        self._find_quiet()
        self._place_all()
        return self.states

    def _replay(self) -> None:
        """Fold the log, and hold each commit against the operation that wrote it."""
        by_id = {operation.id: operation for operation in self.operations}
        _must(len(by_id) == len(self.operations), "two operations of one id")
        for commit in self.log:
            before = self.states[-1]
            self.events += commit.events
            try:
                after = self._after(before, commit, by_id)
            except Impossible as impossible:
                raise NotLinearizable(f"{impossible}\nin {commit}\nbehind {before}") from impossible
            self.states.append(after)

    def _after(self, before: State, commit: Committed, by_id: dict[str, Operation]) -> State:
        if commit.operation is None:
            is_owed = before.status == "running" and commit.events[0]["turn"] == before.turn
            _must(is_owed, f"a worker wrote though nothing was owed\nbehind {before}", commit)
            return after_commit(before, commit.events)
        _must(commit.operation in by_id, "written by nobody we know", commit)
        operation = by_id[commit.operation]
        _must(operation.id not in self.places, "carried out twice", operation)
        is_taken = operation.key is not None and receipt_of(operation) in before.receipts
        _must(not is_taken, "carried out though its key was used", operation)
        code = refusal(before, operation)
        _must(code is None, f"carried out though {code} was due\nbehind {before}", operation)
        after = carried_out(before, operation, commit.events)
        _must(has_effect(after, operation), f"carried out without effect\n{after}", operation)
        self.places[operation.id] = len(self.states)
        if operation.returned != NEVER:
            expected = answer(after, operation, commit.events)
            was_told = operation.answer is not None and not operation.is_replayed and told(operation) == expected
            _must(was_told, f"carried out, and due to be told {expected}", operation)
        return after

    def _find_quiet(self) -> None:
        firsts: dict[tuple[str, str], Operation] = {}
        for operation in self.operations:
            if operation.key and operation.answer and not operation.is_replayed:
                first = firsts.setdefault(receipt_of(operation), operation)
                _must(first is operation, "carried out twice under one key", first, operation)
        self.quiet = {name: first for name, first in firsts.items() if first.id not in self.places}

    def _place_all(self) -> None:
        """Give each operation its place: behind those of all that had returned when it was called."""
        returned: list[tuple[float, int]] = []
        floor = 0
        for operation in sorted(self.operations, key=lambda each: each.invoked):
            while returned and returned[0][0] < operation.invoked:
                floor = max(floor, heappop(returned)[1])
            place = self.places.get(operation.id)
            if place is not None:
                _must(place > floor, f"written as commit {place} though clients had seen commit {floor}", operation)
            elif operation.returned == NEVER:
                continue
            else:
                place = self._earliest(operation, floor)
            heappush(returned, (operation.returned, place))

    def _earliest(self, operation: Operation, floor: int) -> int:
        for place in range(floor, len(self.states)):
            if self._is_explained(operation, place):
                return place
        nearby = "\n".join(f"{place}: {self.states[place]}" for place in range(floor, len(self.states))[:4])
        raise NotLinearizable(f"nothing explains what was told from commit {floor} on\n{operation}\n{nearby}")

    def _is_explained(self, operation: Operation, place: int) -> bool:
        state = self.states[place]
        first = self._first(operation, state) if operation.key else None
        if operation.is_replayed or operation.code == "IDEMPOTENCY_KEY_REUSED":
            return first is not None and _is_repeat_told(operation, first)
        is_known = first is not None and (first.id in self.places or first.returned < operation.invoked)
        if is_known and first is not operation:
            return False
        if operation.code == "SESSION_BUSY" and operation.returned - operation.invoked >= DEADLINE_SECONDS:
            return True
        code = refusal(state, operation)
        if code or operation.code:
            return code == operation.code
        is_due_to_write = row(operation.name).kind is Kind.COMMAND and not is_idle(state, operation)
        return not is_due_to_write and told(operation) == answer(state, operation, self.events[: state.last_seq])

    def _first(self, operation: Operation, state: State) -> Operation | None:
        """Return what the operation's key was used for by then, or may have been."""
        name = receipt_of(operation)
        if name in state.receipts:
            return next(each for each in self.operations if each.id == state.receipts[name])
        quiet = self.quiet.get(name)
        return quiet if quiet and quiet.invoked < operation.returned else None


def _is_repeat_told(operation: Operation, first: Operation) -> bool:
    is_same = operation.fields == first.fields
    if operation.code:
        return not is_same
    return is_same and (first.answer is None or operation.answer == first.answer)


def _must(holds: bool, otherwise: str, *what: object) -> None:
    if not holds:
        raise NotLinearizable("\n".join([otherwise, *map(str, what)]))
