"""The worked conversation as data."""

from pathlib import Path

import pytest

from functions.catalog import Route
from infra.openapi.conversation import Answer, ConversationError, Exchange, Request, example, pretty, read, retell

TOLD = """# A talk

```http
POST /v1/sessions
Authorization: Bearer $ALICE

{"title": "First: look"}
```

It is there.

```http
HTTP/1.1 201 Created
Location: /v1/sessions/s-1

{
  "id": "s-1"
}
```

```sh
make up
```

```http
GET /v1/health
```

```http
HTTP/1.1 200 OK

{"status": "ok"}
```
"""
EXCHANGES = [
    Exchange(
        Request("POST", "/v1/sessions", {"Authorization": "Bearer $ALICE"}, {"title": "First: look"}),
        Answer(201, {"Location": "/v1/sessions/s-1"}, {"id": "s-1"}),
    ),
    Exchange(Request("GET", "/v1/health", {}), Answer(200, {}, {"status": "ok"})),
]


def test_exchanges_are_read_in_order() -> None:
    """Requests and answers come with headers and body; other fences are prose."""
    assert read(TOLD) == EXCHANGES


def test_document_is_retold_with_other_answers() -> None:
    """Prose and places stay, what was said is new, written the same way each time."""
    other = [EXCHANGES[0], Exchange(EXCHANGES[1].request, Answer(503, {"Retry-After": "1"}, {"code": "X"}))]

    retold = retell(TOLD, other)

    assert read(retold) == other
    assert "It is there." in retold
    assert retell(retold, other) == retold


@pytest.mark.parametrize(
    "markdown",
    [
        TOLD[TOLD.index("It is there") :],
        TOLD[: TOLD.index("It is there")],
        TOLD[: TOLD.index("It is there")] * 2,
    ],
    ids=["answer first", "no answer", "two requests"],
)
def test_document_is_refused_when_nobody_listens(markdown: str) -> None:
    """A request without its answer, or the other way about, is a mistake in the document."""
    with pytest.raises(ConversationError):
        read(markdown)


def test_example_is_the_first_success_of_its_route(tmp_path: Path) -> None:
    """An operation shows what the conversation got from it, and nothing when it was not asked."""
    path = tmp_path / "conversation.md"
    path.write_text(TOLD)

    assert example(Route("POST", "/sessions", 201), path) == {"id": "s-1"}
    assert example(Route("POST", "/sessions", 200), path) is None
    assert example(Route("GET", "/sessions", 200), path) is None


@pytest.mark.parametrize(
    ("path", "is_to"),
    [
        ("/v1/sessions/s-1/events?after=0&wait=20", True),
        ("/v1/sessions/s-1/events", True),
        ("/v1/sessions/s-1/events/5", False),
        ("/v1/sessions//events", False),
        ("/sessions/s-1/events", False),
    ],
)
def test_request_is_to_the_route_of_its_path(path: str, *, is_to: bool) -> None:
    """Placeholders stand for one part; the query does not matter."""
    assert Request("GET", path, {}).is_to(Route("GET", "/sessions/{session_id}/events", 200)) is is_to
    assert not Request("POST", path, {}).is_to(Route("GET", "/sessions/{session_id}/events", 200))


def test_json_is_broken_into_lines_only_where_it_is_long() -> None:
    """No line is longer than 120 characters unless one string is."""
    long = "x" * 60

    said = pretty({"a": [1, 2], "b": {"c": long, "d": long}, "e": [long, long], "f": {}, "g": long * 3})

    assert said == "\n".join(
        (
            "{",
            '  "a": [1, 2],',
            '  "b": {',
            f'    "c": "{long}",',
            f'    "d": "{long}"',
            "  },",
            '  "e": [',
            f'    "{long}",',
            f'    "{long}"',
            "  ],",
            '  "f": {},',
            f'  "g": "{long * 3}"',
            "}",
        )
    )
