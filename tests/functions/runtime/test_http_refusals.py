"""Refusals and failures as `application/problem+json`."""

import pytest
from pydantic import ValidationError

from domain.model.errors import (
    InvalidInput,
    LockAcquisitionTimeoutError,
    LostFence,
    LostRace,
    Refusal,
    SessionBusy,
    SessionInactive,
    SessionNotFound,
    StorageUnavailable,
    ToolCallClosed,
)
from domain.model.message import Usage
from domain.model.value import SessionKey
from domain.ports import Clock, SessionRepository
from functions.runtime.http import HttpFunction
from tests.support.edge import Edge
from tests.support.fakes import FailingPort
from tests.support.log_lines import LogLines
from tests.support.system import System

SECRET = "what the user said"


def validation_error() -> ValidationError:
    """Return what a stored value that fits no model raises."""
    with pytest.raises(ValidationError) as raised:
        Usage.model_validate({"input_tokens": SECRET})
    return raised.value


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (SessionNotFound(), 404),
        (SessionInactive(), 409),
        (ToolCallClosed(), 409),
        (InvalidInput(), 422),
    ],
)
def test_edge_answers_the_refusals_status_and_words_when_a_handler_refuses(
    edge: Edge, system: System, refusal: Refusal, status: int
) -> None:
    """The table decides the status, the refusal its words; without a time to wait there is no Retry-After."""
    system.container.register(SessionRepository, lambda: FailingPort(refusal))

    response = edge.call("get_session")

    assert (response.status, response.json["status"], response.code) == (status, status, refusal.code)
    assert response.json["detail"] == str(refusal)
    assert response.json["type"] == f"urn:agent-runtime:error:{refusal.code}"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Retry-After" not in response.headers


@pytest.mark.parametrize(
    ("refusal", "status", "retry_after"),
    [
        (StorageUnavailable(retry_after_seconds=1), 503, "1"),
        (StorageUnavailable(retry_after_seconds=0), 503, "0"),
        (SessionBusy(retry_after_seconds=7), 409, "7"),
        (LockAcquisitionTimeoutError(retry_after_seconds=2), 409, "2"),
    ],
)
def test_edge_says_when_to_come_again_when_the_refusal_does(
    edge: Edge, system: System, refusal: Refusal, status: int, retry_after: str
) -> None:
    """What can succeed later says when."""
    system.container.register(SessionRepository, lambda: FailingPort(refusal))

    response = edge.call("get_session")

    assert (response.status, response.headers["Retry-After"]) == (status, retry_after)


def test_edge_answers_503_when_a_race_was_lost_on_a_read(edge: Edge, system: System) -> None:
    """Throttling on a read is the store's trouble; the same may succeed."""
    system.container.register(SessionRepository, lambda: FailingPort(LostRace()))

    response = edge.call("get_session")

    assert (response.status, response.code) == (503, "STORAGE_UNAVAILABLE")
    assert response.headers["Retry-After"] == "1"


def test_edge_answers_409_with_retry_after_when_others_were_faster_for_six_seconds(
    edge: Edge, system: System, session: SessionKey
) -> None:
    """A command reads and tries again until its deadline, and then says that the session is busy."""
    store = system.get(SessionRepository)

    def lose(_: object) -> None:
        raise LostRace

    store.before_commit = lose

    response = edge.call("add_message")

    assert (response.status, response.code) == (409, "SESSION_BUSY")
    assert response.headers["Retry-After"] == "1"
    assert system.get(Clock).monotonic() == pytest.approx(6.0, abs=0.5)
    assert len(system.events(session)) == 2


@pytest.mark.parametrize(
    "defect",
    [
        RuntimeError(SECRET),
        KeyError(SECRET),
        ValueError(SECRET),
        TypeError(SECRET),
        RecursionError(SECRET),
        MemoryError(SECRET),
        UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET),
        LostFence(SECRET),
        validation_error(),
    ],
    ids=lambda defect: type(defect).__name__,
)
def test_edge_answers_500_without_a_word_of_it_when_there_is_a_defect(
    edge: Edge, system: System, log: LogLines, defect: Exception
) -> None:
    """Our own mistakes tell the caller nothing, and the log everything that is needed to find them.

    A value that does not fit where it was read is such a mistake too, not the caller's.
    """
    system.container.register(SessionRepository, lambda: FailingPort(defect))

    response = edge.call("get_session")

    assert (response.status, response.code) == (500, "INTERNAL_ERROR")
    assert SECRET not in response.body
    line = log.only("defect")
    assert (line["level"], line["exception_name"]) == ("ERROR", type(defect).__name__)
    assert line["correlation_id"] == response.json["correlation_id"]
    assert (line["function"], line["session_id"]) == ("get_session", "s-01kdwpvng0nwnxqrdakdqc3rnd")


def test_edge_logs_no_text_when_a_stored_value_fits_no_model(edge: Edge, system: System, log: LogLines) -> None:
    """What was stored may be what a user said, and a log is no place for it."""
    system.container.register(SessionRepository, lambda: FailingPort(validation_error()))

    edge.call("get_session")

    (cause,) = log.only("defect")["causes"]
    assert (cause["error"], cause["code"]) == ("pydantic_core._pydantic_core.ValidationError", "int_parsing")
    assert SECRET not in log.text


def test_edge_logs_one_line_with_everything_when_a_command_is_handled(
    edge: Edge, session: SessionKey, log: LogLines
) -> None:
    """Who, what, how it ended, what it cost; the text itself is never there."""
    edge.call("add_message", {"content": SECRET})

    line = log.only("handled")
    assert (
        line
        | {
            "level": "INFO",
            "service": "agent-runtime",
            "function": "add_message",
            "correlation_id": "sample-add_message",
            "user": session.user,
            "session_id": session.session_id,
            "status": 202,
            "io": {},
            "duration_ms": 0,
        }
        == line
    )
    assert SECRET not in log.text


def test_edge_logs_the_code_when_a_request_is_refused(edge: Edge, log: LogLines) -> None:
    """A refusal is counted by its code, and found by its session."""
    edge.call("get_session")

    line = log.only("handled")
    assert (line["status"], line["code"]) == (404, "SESSION_NOT_FOUND")
    assert line["session_id"] == "s-01kdwpvng0nwnxqrdakdqc3rnd"


def test_edge_logs_the_made_id_when_a_session_is_created_without_one(edge: Edge, log: LogLines) -> None:
    """A new session is found by the id it was given."""
    edge.call("create_session", {})

    assert log.only("handled")["session_id"] == "s-00000000000000000000000001"


def test_edge_logs_nothing_that_was_sent_when_the_body_is_refused(edge: Edge, log: LogLines) -> None:
    """Neither a wrong value nor a body that is none reaches the log."""
    edge.call("add_message", {"content": [SECRET], SECRET: SECRET})
    edge.call("add_message", body=f"{{{SECRET}")

    assert [line["code"] for line in log.lines] == ["VALIDATION_ERROR", "MALFORMED_JSON"]
    assert SECRET not in log.text


def test_function_has_no_route_when_its_row_has_none() -> None:
    """Only rows with a route can stand behind the gateway."""
    with pytest.raises(TypeError, match="run_turn"):
        _ = HttpFunction("run_turn").route
