"""Messages and the states of calls."""

from domain.model.message import BEGINNING_CHARACTERS, FINAL, CallStatus
from tests.support.builders import make_message


def test_beginning_is_everything_when_the_content_is_in_the_log() -> None:
    """Only content that is stored apart is cut."""
    content = "x" * (BEGINNING_CHARACTERS + 1)

    assert make_message(content=content).beginning == content


def test_beginning_is_cut_when_the_content_is_stored_apart() -> None:
    """The log keeps the first 4096 characters of it."""
    content = "é" * (BEGINNING_CHARACTERS + 1)

    assert make_message(content=content, stored_sha256="0" * 64).beginning == "é" * BEGINNING_CHARACTERS


def test_final_states_are_six_when_counted() -> None:
    """A call leaves pending, awaiting_approval and approved, and no other state."""
    assert set(CallStatus) - FINAL == {CallStatus.PENDING, CallStatus.AWAITING_APPROVAL, CallStatus.APPROVED}
