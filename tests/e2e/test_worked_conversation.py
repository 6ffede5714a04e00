"""docs/conversation.md says what really happens."""

import re

import httpx
import pytest

from infra.local.cloud import LocalCloud
from infra.local.layout import STATE
from infra.openapi.conversation import CONVERSATION, Exchange, read, retell
from infra.openapi.document import document
from tests.e2e.retelling import Retelling, likened
from tests.support.api_contract import ApiContract, routes

TOLD = CONVERSATION.read_text(encoding="utf-8")


def _said(exchanges: list[Exchange]) -> list[object]:
    return [said for exchange in exchanges for said in (exchange.request, exchange.answer)]


@pytest.fixture(scope="module")
def retold(cloud: LocalCloud) -> list[Exchange]:
    """The conversation as it goes now."""
    with httpx.Client(timeout=60, trust_env=False) as http:
        return list(Retelling(http, cloud.endpoint.url, cloud.endpoint.tokens).of(read(TOLD)))


def test_conversation_goes_as_the_document_tells(retold: list[Exchange]) -> None:
    """Every request of the document gets the answer that stands there, but for ids, times and measures."""
    told, is_now = (likened(*_said(exchanges)) for exchanges in (read(TOLD), retold))
    if told != is_now:
        STATE.mkdir(exist_ok=True)
        (STATE / CONVERSATION.name).write_text(retell(TOLD, retold), encoding="utf-8")

    assert is_now == told, "compare, and if it is meant: cp .local/conversation.md docs/conversation.md; make openapi"


def test_conversation_shows_what_it_is_for() -> None:
    """It holds a call and its result, a wait, a repeat, an answer, somebody else, and nobody."""
    exchanges = read(TOLD)
    answers = [(one.request.method, one.answer.status) for one in exchanges]
    codes = [one.answer.body.get("code") for one in exchanges]

    assert answers[:3] == [("POST", 201), ("POST", 202), ("GET", 200)]
    assert [code for code in codes if code] == ["IDEMPOTENCY_KEY_REUSED", "SESSION_NOT_FOUND", "UNAUTHENTICATED"]
    assert [one for one in exchanges if "wait=" in one.request.path]
    assert [one for one in exchanges if one.answer.headers.get("Idempotent-Replayed") == "true"]
    assert {"read_file", "attempt_completion"} <= set(re.findall(r'"tool": "(\w+)"', TOLD))


def test_answers_are_those_that_the_description_promises(retold: list[Exchange]) -> None:
    """Each answer of the running system has a status, a type and a shape of openapi.json."""
    contract = ApiContract(document())

    for exchange in retold:
        (name,) = [row.name for row, route in routes() if exchange.request.is_to(route)]
        answer = exchange.answer
        kind = "application/json" if answer.status < 400 else "application/problem+json"
        assert contract.faults(name, answer.status, {"Content-Type": kind}, answer.body) == []
