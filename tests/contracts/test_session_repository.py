"""`SessionRepository`: heads, and the one atomic write."""

import pytest

from domain.model.change import Call, Loaded
from domain.model.draft import Draft
from domain.model.errors import LostFence, LostRace, SessionAlreadyExists, SessionNotFound
from domain.model.events.session import SessionCreated
from domain.model.events.turn import TurnCancelled
from domain.model.message import FINAL, INLINE_BYTES, CallStatus
from domain.model.value import CallId, SessionKey
from domain.services import turns
from tests.contracts.steps import Steps, closes, holder, interrupts, says
from tests.support.builders import DEPLOYMENT, make_key, make_session, make_tool_call
from tests.support.system import BOB


def test_session_is_read_as_committed_when_it_was_created_and_changed(steps: Steps) -> None:
    """A read sees every write that was answered."""
    key = steps.create()
    draft = steps.draft(steps.sessions.get(key))
    turns.accept_message(draft, "hello", agent=None, on_busy=turns.OnBusy.ENQUEUE, deployment=DEPLOYMENT)

    steps.sessions.commit(draft.commit())

    assert steps.sessions.get(key) == draft.session


@pytest.mark.parametrize("key", [make_key("s2"), make_key("s1", BOB)], ids=["another id", "another user"])
def test_session_is_not_found_when_it_is_no_session_of_this_owner(steps: Steps, key: SessionKey) -> None:
    """A session of somebody else does not exist."""
    steps.create()

    with pytest.raises(SessionNotFound):
        steps.sessions.get(key)
    with pytest.raises(SessionNotFound):
        steps.sessions.load(key, call_id=CallId("9-0"))
    with pytest.raises(SessionNotFound):
        steps.sessions.load(key, call_id=CallId("no id of ours"))


def test_creation_is_refused_when_the_id_is_taken(steps: Steps) -> None:
    """The first one stays as it is, its log too."""
    key = steps.create_owing()
    before, log = steps.sessions.get(key), steps.events(key)

    with pytest.raises(SessionAlreadyExists):
        steps.create()

    assert steps.sessions.get(key) == before
    assert steps.events(key) == log


def test_creation_is_refused_when_its_log_would_not_collide(steps: Steps) -> None:
    """The head itself is in the way, however many facts the newcomer begins with."""
    key = steps.create()
    before = steps.sessions.get(key)
    newcomer = steps.draft(make_session(incarnation="newcomer", last_seq=0))
    newcomer.record(SessionCreated(has_title=False))

    with pytest.raises(SessionAlreadyExists):
        steps.sessions.commit(newcomer.commit())

    assert steps.sessions.get(key) == before


def test_creation_succeeds_when_another_user_has_the_id(steps: Steps) -> None:
    """Ids are unique per user."""
    steps.create()

    key = steps.create(key=make_key("s1", BOB))

    assert steps.sessions.get(key).key.user == BOB


@pytest.mark.parametrize("facts", [1, 2, 3])
def test_commit_loses_the_race_when_the_session_has_changed(steps: Steps, facts: int) -> None:
    """Nothing of the loser is written, neither head nor log nor calls, whether or not its numbers are taken."""
    key = steps.create_owing()
    stale = steps.sessions.get(key)
    steps.say(key, "faster")
    before, log = steps.sessions.get(key), steps.events(key)

    def record(draft: Draft) -> None:
        draft.open_call(make_tool_call(draft.call_id(0)))
        for _ in range(facts):
            draft.record(TurnCancelled(turn=1))

    with pytest.raises(LostRace):
        steps.change(stale, record)

    assert steps.sessions.get(key) == before
    assert steps.events(key) == log
    assert steps.sessions.load(key, call_id=CallId(f"{stale.last_seq + facts}-0")) == Loaded(session=before)


def test_commit_loses_the_race_when_the_session_was_made_anew(steps: Steps) -> None:
    """Another incarnation under the same id and number is another session."""
    key = steps.create()
    former = steps.sessions.get(key).model_copy(update={"incarnation": "former"})

    with pytest.raises(LostRace):
        steps.change(former, says("to the former"))


@pytest.mark.parametrize("fence", [None, 1])
def test_commit_loses_the_race_when_the_session_is_gone(steps: Steps, fence: int | None) -> None:
    """A session that was erased meanwhile is not made anew by a late write."""
    gone = make_session(fence=1)

    with pytest.raises(LostRace):
        steps.change(gone, says("late"), fence=fence)

    with pytest.raises(SessionNotFound):
        steps.sessions.get(gone.key)


def test_commit_succeeds_when_the_fence_is_the_holders(steps: Steps) -> None:
    """A worker writes under the number it was given, and the lock stays its own while a turn is owed."""
    lease = steps.locks.acquire(steps.create_owing(), holder())

    steps.change(lease.session, says("next"), fence=lease.fence)

    assert steps.sessions.get(lease.key).queued == 1
    steps.locks.renew(lease)


def test_commit_loses_its_fence_when_another_worker_took_the_session(steps: Steps) -> None:
    """A worker that slept past its lease cannot write, even though nothing else has changed."""
    key = steps.create_owing()
    asleep = steps.locks.acquire(key, holder("asleep"))
    steps.clock.advance(3)
    awake = steps.locks.acquire(key, holder("awake"))

    with pytest.raises(LostFence):
        steps.change(asleep.session, says("zombie"), fence=asleep.fence)

    assert steps.sessions.get(key) == awake.session


def test_commit_loses_its_fence_when_the_successor_has_written_too(steps: Steps) -> None:
    """The loser is told that it is out, not that it may try again."""
    key = steps.create_owing()
    asleep = steps.locks.acquire(key, holder("asleep"))
    steps.clock.advance(3)
    awake = steps.locks.acquire(key, holder("awake"))
    steps.change(awake.session, says("mine"), fence=awake.fence)

    with pytest.raises(LostFence):
        steps.change(asleep.session, says("zombie"), fence=asleep.fence)


def test_commit_loses_the_race_when_a_message_came_under_the_holders_fence(steps: Steps) -> None:
    """The holder is still the holder: it reads again and goes on."""
    key = steps.create_owing()
    lease = steps.locks.acquire(key, holder())
    steps.say(key, "meanwhile")

    with pytest.raises(LostRace):
        steps.change(lease.session, says("answer"), fence=lease.fence)

    steps.locks.renew(lease)


def test_fence_and_attempts_stay_when_a_client_commits_what_it_read_before(steps: Steps) -> None:
    """A client that read the session before a worker took it does not undo the taking."""
    key = steps.create_owing()
    read = steps.sessions.get(key)
    lease = steps.locks.acquire(key, holder())

    steps.change(read, says("meanwhile"))

    after = steps.sessions.get(key)
    assert (after.fence, after.attempts) == (lease.fence, lease.session.attempts) == (1, 1)
    steps.locks.renew(lease)


def test_session_is_free_when_a_commit_gives_it_back(steps: Steps) -> None:
    """The worker that ends the turn releases with the same write."""
    key = steps.create_owing()
    lease = steps.locks.acquire(key, holder())

    steps.change(
        lease.session, lambda draft: turns.complete(draft, draft.session.agent.current_agent), fence=lease.fence
    )

    assert steps.take(key, "next").lost_fence is None
    with pytest.raises(LostFence):
        steps.locks.renew(lease)


def test_holder_is_shut_out_when_a_commit_breaks_the_lock(steps: Steps) -> None:
    """An interrupted worker can neither write nor renew, and its session is free at once."""
    key = steps.create_owing()
    lease = steps.locks.acquire(key, holder())

    steps.change(steps.sessions.get(key), interrupts)

    assert steps.sessions.get(key).fence == lease.fence + 1
    with pytest.raises(LostFence):
        steps.change(lease.session, says("zombie"), fence=lease.fence)
    with pytest.raises(LostFence):
        steps.locks.renew(lease)
    taken = steps.locks.acquire(key, holder("next"))
    assert (taken.fence, taken.lost_fence) == (lease.fence + 2, None)


def test_call_is_read_beside_its_session_when_both_exist(steps: Steps) -> None:
    """One request tells how a call stands."""
    key, (first, second) = steps.create_waiting()

    loaded = steps.sessions.load(key, call_id=second)

    assert loaded.session == steps.sessions.get(key)
    assert loaded.call == Call(call_id=second, tool="read_file", turn=1, status=CallStatus.PENDING)
    assert loaded.session.open_calls == (first, second)


@pytest.mark.parametrize("call_id", ["1-0", "6-9", "06-0", "6-00", "6-0#x", "-", "\u0666-\u0660"])
def test_call_is_unknown_when_the_session_has_none_of_that_id(steps: Steps, call_id: str) -> None:
    """Ids that merely look alike name nothing."""
    key, open_calls = steps.create_waiting()

    loaded = steps.sessions.load(key, call_id=CallId(call_id))

    assert loaded.session.open_calls == open_calls == ("6-0", "6-1")
    assert loaded.call is None


@pytest.mark.parametrize("status", sorted(FINAL))
def test_call_is_closed_when_the_commit_says_so(steps: Steps, status: CallStatus) -> None:
    """Its last step is written with the message that answers it."""
    key, (first, second) = steps.create_waiting()

    steps.close(steps.sessions.get(key), first, status)

    loaded = steps.sessions.load(key, call_id=first)
    assert loaded.call == Call(call_id=first, tool="read_file", turn=1, status=status)
    assert loaded.session.open_calls == (second,)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_commit_loses_the_race_when_the_call_has_ended(steps: Steps, status: CallStatus) -> None:
    """No final status is ever left, and nothing else of the commit is written either."""
    key, (first, _) = steps.create_waiting()
    steps.close(steps.sessions.get(key), first, status)
    fresh, log = steps.sessions.get(key), steps.events(key)

    with pytest.raises(LostRace):
        steps.change(fresh, closes(first))

    loaded = steps.sessions.load(key, call_id=first)
    assert loaded.call is not None
    assert (loaded.call.status, loaded.session, steps.events(key)) == (status, fresh, log)


def test_commit_loses_the_race_when_it_closes_a_call_that_never_was(steps: Steps) -> None:
    """Nobody can make a call by ending it."""
    key, _ = steps.create_waiting()
    fresh = steps.sessions.get(key)

    with pytest.raises(LostRace):
        steps.change(fresh, closes(CallId("5-0")))

    assert steps.sessions.load(key, call_id=CallId("5-0")) == Loaded(session=fresh)


def test_large_content_is_kept_whole_when_it_does_not_fit_the_log(steps: Steps) -> None:
    """The store keeps it under the hash of its bytes before the commit is written."""
    key = steps.create()
    content = "я" * INLINE_BYTES

    (added, *_) = steps.say(key, content)

    assert added.message is not None
    assert added.message.stored_sha256 is not None
    assert steps.contents.get(key, added.message.stored_sha256) == content
