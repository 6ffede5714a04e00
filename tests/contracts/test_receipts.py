"""`SessionRepository`: receipts of commands that carry an idempotency key."""

from datetime import timedelta

import pytest

from domain.model.change import Loaded
from domain.model.errors import AlreadyDone, LostRace, SessionAlreadyExists
from domain.model.idempotency import KEPT, Receipt, ReceiptKey
from domain.model.value import SessionKey
from domain.services import turns
from tests.contracts.steps import Steps, says
from tests.support.builders import DEPLOYMENT, make_key, make_session
from tests.support.system import BOB

NAME = ReceiptKey(route="AddMessage", key="k")
STRANGE_NAMES = [
    *(ReceiptKey(route="AddMessage", key=key) for key in ("#", "a#b", " ", "~ x", "IDEM#AddMessage#k", "x" * 128)),
    ReceiptKey(route="UpdateSession", key="k"),
]


def receipt(steps: Steps, name: ReceiptKey = NAME, **noted: int) -> Receipt:
    """Return what is remembered of a command carried out now."""
    return Receipt(name=name, fingerprint="f" * 64, noted=noted, expires_at=steps.clock.now() + KEPT)


def say_once(steps: Steps, key: SessionKey, kept: Receipt) -> None:
    """Store a user message with a receipt."""
    draft = steps.draft(steps.sessions.get(key))
    says("hello")(draft)
    steps.sessions.commit(draft.commit(receipt=kept))


def create_once(steps: Steps, key: SessionKey, kept: Receipt) -> None:
    """Store a session with a receipt."""
    draft = steps.draft(make_session(key=key, last_seq=0))
    turns.accept_message(draft, "hello", agent=None, on_busy=turns.OnBusy.ENQUEUE, deployment=DEPLOYMENT)
    steps.sessions.commit(draft.commit(receipt=kept))


@pytest.mark.parametrize("name", [NAME, *STRANGE_NAMES], ids=str)
def test_receipt_is_read_beside_its_session_when_it_was_committed(steps: Steps, name: ReceiptKey) -> None:
    """Under its own name alone, whatever characters are in it."""
    key = steps.create()
    kept = receipt(steps, name, seq=3)

    say_once(steps, key, kept)

    assert steps.sessions.load(key, receipt_key=name) == Loaded(session=steps.sessions.get(key), receipt=kept)
    others = {NAME, *STRANGE_NAMES} - {name}
    assert all(steps.sessions.load(key, receipt_key=other).receipt is None for other in others)


def test_receipt_and_call_are_read_beside_their_session_when_both_exist(steps: Steps) -> None:
    """One request for all three."""
    key, (first, _) = steps.create_waiting()
    kept = receipt(steps, seq=3)
    say_once(steps, key, kept)

    loaded = steps.sessions.load(key, call_id=first, receipt_key=NAME)

    assert (loaded.session, loaded.receipt) == (steps.sessions.get(key), kept)
    assert loaded.call is not None


def test_receipts_are_told_apart_when_sessions_and_users_differ(steps: Steps) -> None:
    """A key is good for one session, or one user's creations."""
    session_keys = [steps.create(), steps.create("s2"), steps.create(key=make_key("s1", BOB))]
    kept = [receipt(steps, seq=number) for number in range(3)]
    for key, its in zip(session_keys, kept, strict=True):
        say_once(steps, key, its)
    create_once(steps, make_key("s3"), receipt(steps, seq=7))
    create_once(steps, make_key("s3", BOB), receipt(steps, seq=8))

    assert [steps.sessions.load(key, receipt_key=NAME).receipt for key in session_keys] == kept
    assert steps.sessions.load(make_key("s3"), receipt_key=NAME).receipt is None


def test_commit_is_already_done_when_its_receipt_is_there(steps: Steps) -> None:
    """Nothing of it is written, and what was remembered comes back."""
    key = steps.create()
    say_once(steps, key, receipt(steps, seq=3))
    before, log = steps.sessions.get(key), steps.events(key)

    with pytest.raises(AlreadyDone) as raised:
        say_once(steps, key, receipt(steps, seq=9))

    assert raised.value.receipt == receipt(steps, seq=3)
    assert (steps.sessions.get(key), steps.events(key)) == (before, log)


def test_commit_is_already_done_when_the_race_is_lost_to_its_own_repeat(steps: Steps) -> None:
    """A repeat that was faster counts as done, not as somebody else."""
    key = steps.create()
    draft = steps.draft(steps.sessions.get(key))
    says("slower")(draft)
    say_once(steps, key, receipt(steps, seq=3))

    with pytest.raises(AlreadyDone):
        steps.sessions.commit(draft.commit(receipt=receipt(steps, seq=3)))


@pytest.mark.parametrize("session_id", ["s1", "s2"], ids=["the same id", "another id"])
def test_creation_is_already_done_when_its_receipt_is_there(steps: Steps, session_id: str) -> None:
    """Whether or not the repeat chose the same id."""
    create_once(steps, make_key("s1"), receipt(steps, seq=1))

    with pytest.raises(AlreadyDone) as raised:
        create_once(steps, make_key(session_id), receipt(steps, seq=2))

    assert raised.value.receipt == receipt(steps, seq=1)


def test_creation_is_refused_when_another_key_wants_an_id_that_is_taken(steps: Steps) -> None:
    """A receipt of one's own makes no room for a session."""
    create_once(steps, make_key("s1"), receipt(steps))

    with pytest.raises(SessionAlreadyExists):
        create_once(steps, make_key("s1"), receipt(steps, ReceiptKey(route="AddMessage", key="other")))


@pytest.mark.parametrize(("before_end", "is_kept"), [(1, True), (0.001, True), (0, False), (-1, False)])
def test_receipt_is_honoured_until_it_expires_though_still_stored(
    steps: Steps, before_end: float, *, is_kept: bool
) -> None:
    """From its last second on the key is unused: it can be used again, and the new receipt counts."""
    key = steps.create()
    kept = receipt(steps, seq=3)
    say_once(steps, key, kept)
    steps.clock.advance((KEPT - timedelta(seconds=before_end)).total_seconds())

    assert steps.sessions.load(key, receipt_key=NAME).receipt == (kept if is_kept else None)
    if is_kept:
        with pytest.raises(AlreadyDone):
            say_once(steps, key, kept)
        return
    renewed = receipt(steps, seq=5).model_copy(update={"expires_at": kept.expires_at + KEPT})
    say_once(steps, key, renewed)
    assert steps.sessions.load(key, receipt_key=NAME).receipt == renewed


def test_receipt_is_not_kept_when_its_commit_loses_the_race(steps: Steps) -> None:
    """Both or nothing."""
    key = steps.create()
    draft = steps.draft(steps.sessions.get(key))
    says("slower")(draft)
    steps.say(key, "faster")

    with pytest.raises(LostRace):
        steps.sessions.commit(draft.commit(receipt=receipt(steps)))

    assert steps.sessions.load(key, receipt_key=NAME).receipt is None


def test_receipt_is_kept_alone_when_a_command_had_nothing_to_change(steps: Steps) -> None:
    """The session and its log stay as they are."""
    key = steps.create()
    before, log = steps.sessions.get(key), steps.events(key)
    kept = receipt(steps, seq=2)

    steps.sessions.commit(steps.draft(before).commit(receipt=kept))

    assert steps.sessions.load(key, receipt_key=NAME) == Loaded(session=before, receipt=kept)
    assert steps.events(key) == log
    with pytest.raises(AlreadyDone):
        steps.sessions.commit(steps.draft(before).commit(receipt=kept))


def test_receipt_is_not_kept_alone_when_the_session_has_changed(steps: Steps) -> None:
    """That there was nothing to change must still be true."""
    key = steps.create()
    draft = steps.draft(steps.sessions.get(key))
    steps.say(key, "faster")

    with pytest.raises(LostRace):
        steps.sessions.commit(draft.commit(receipt=receipt(steps)))

    assert steps.sessions.load(key, receipt_key=NAME).receipt is None
