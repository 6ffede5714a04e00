"""Headers of every answer of every operation: safe by themselves, and silent towards web pages that nobody named."""

from dataclasses import replace
from typing import Any

import pytest

from functions.catalog import CATALOG, Route
from functions.runtime.cors import ALLOWED, EXPOSED
from functions.runtime.settings import Settings
from infra.openapi.operations import HEADERS as DOCUMENTED
from infra.openapi.operations import PARAMETERS
from tests.support.edge import Edge, Response
from tests.support.system import SETTINGS, System

OURS, OTHERS = "https://a.example", "https://a.example.evil.example"
ROUTES = pytest.mark.parametrize("name", [row.name for row in CATALOG if isinstance(row.trigger, Route)])
ALWAYS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
SOMETIMES = {"Idempotent-Replayed", "Location", "Retry-After"}
REQUESTS: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "unreadable": {"body": "{", "queryStringParameters": {"nobody-knows-this": "x"}},
    "a defect of ours": {"queryStringParameters": 1},
}


def _answers(edge: Edge, name: str, origin: str | None = None) -> list[Response]:
    """Return an answer of each kind: of the handler, of the edge to what it cannot read, and to what it never meets."""
    headers = {"headers": {"origin": origin}} if origin else {}
    return [edge.call(name, **request, **headers) for request in REQUESTS.values()]


@pytest.fixture
def shared(system: System) -> Edge:
    """Return the edge of a deployment that lets two web pages in."""
    settings = replace(SETTINGS, cors_origins=f"{OURS},http://localhost:5173")
    system.container.register(Settings, lambda: settings)
    return Edge(system)


@ROUTES
def test_answer_is_safe_by_its_headers_whatever_was_sent(edge: Edge, name: str) -> None:
    """Never stored, guessed at, framed or sent in the clear, JSON by its name, and nothing said that is not meant."""
    good, unreadable, defect = _answers(edge, name)

    assert (unreadable.status in {400, 422}, defect.status) == (True, 500)
    for response in (good, unreadable, defect):
        kind = "application/json" if response.status < 300 else "application/problem+json"
        assert response.headers.items() >= {**ALWAYS, "Content-Type": kind}.items()
        assert response.headers.keys() - ALWAYS - SOMETIMES == {"Content-Type", "X-Correlation-Id"}


@ROUTES
@pytest.mark.parametrize("origin", [None, OTHERS, "null", "*"])
def test_browser_is_told_nothing_when_no_page_was_named(edge: Edge, name: str, origin: str | None) -> None:
    """Without a word of the deployer there is no cross-origin answer, for no origin."""
    for response in _answers(edge, name, origin):
        assert not [header for header in response.headers if header.startswith("Access-Control-")]
        assert "Vary" not in response.headers


@ROUTES
def test_page_may_read_every_answer_when_its_origin_was_named(shared: Edge, name: str) -> None:
    """Errors too, or a page could not tell an expired token from a broken network; never with credentials."""
    for response in _answers(shared, name, OURS):
        assert response.headers["Access-Control-Allow-Origin"] == OURS
        assert response.headers["Access-Control-Expose-Headers"] == ", ".join(EXPOSED)
        assert response.headers["Vary"] == "Origin"
        assert "Access-Control-Allow-Credentials" not in response.headers


@ROUTES
@pytest.mark.parametrize("origin", [None, OTHERS, OURS.upper(), f"{OURS}/", f"{OURS},http://localhost:5173", "null"])
def test_page_is_kept_out_when_its_origin_is_not_exactly_one_that_was_named(
    shared: Edge, name: str, origin: str | None
) -> None:
    """What only looks like an origin of ours is none, and a cache keeps the two answers apart."""
    for response in _answers(shared, name, origin):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert response.headers["Vary"] == "Origin"


def test_pages_may_use_every_header_of_the_contract_and_no_other() -> None:
    """A header that comes to the contract is one that a page may send, or read."""
    assert set(EXPOSED) == set(DOCUMENTED)
    assert set(ALLOWED) == {*PARAMETERS, "Authorization", "Content-Type"}
