"""One id that leads through response, log and events."""

from typing import Any

import pytest

from domain.model.value import SessionKey
from tests.support.edge import Edge
from tests.support.log_lines import LogLines
from tests.support.system import System

SANE = ("a", "x" * 128, "3f1c7a9e-5b2d-4c86-9e0f-7a6b5c4d3e2f", "A.b_c:d-9")
MADE = "00000000000000000000000000000001"


@pytest.mark.parametrize("sent", SANE)
@pytest.mark.parametrize("name", ["X-Correlation-Id", "x-correlation-id", "X-CORRELATION-ID"])
def test_correlation_id_is_taken_when_it_is_sane(edge: Edge, sent: str, name: str) -> None:
    """A header's name is written in any case."""
    response = edge.call("get_health", headers={"Accept": "*/*", name: sent})

    assert response.headers["X-Correlation-Id"] == sent


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {},
        {"Accept": "*/*"},
        *(
            {"X-Correlation-Id": insane}
            for insane in (
                "",
                " ",
                "x" * 129,
                "a b",
                "a\n",
                "a\r\nSet-Cookie: x",
                "é",
                "\u0661",
                "\ud800",
                "a\0",
                "<b>",
                None,
            )
        ),
    ],
)
def test_correlation_id_is_made_when_none_is_sane(edge: Edge, headers: Any) -> None:
    """Nobody writes into our headers and logs."""
    response = edge.call("get_health", headers=headers)

    assert response.headers["X-Correlation-Id"] == MADE
    assert response.status == 200


def test_correlation_id_is_in_body_and_header_when_the_request_is_refused(edge: Edge) -> None:
    """A client can report an error by its body alone."""
    response = edge.call("get_session")

    assert response.json["correlation_id"] == response.headers["X-Correlation-Id"] == "sample-get_session"


def test_correlation_id_is_made_and_told_when_a_refused_request_has_none(edge: Edge) -> None:
    """An error without a given id has one all the same."""
    response = edge.call("get_session", headers=None)

    assert response.json["correlation_id"] == response.headers["X-Correlation-Id"] == MADE


def test_correlation_id_is_in_line_and_events_when_a_command_was_carried_out(
    edge: Edge, system: System, session: SessionKey, log: LogLines
) -> None:
    """What a request set off is found by its id."""
    edge.call("add_message")

    assert log.only("handled")["correlation_id"] == "sample-add_message"
    assert {event.trace.correlation_id for event in system.events(session)[2:]} == {"sample-add_message"}
    assert {event.trace.causation_id for event in system.events(session)} == {None}
