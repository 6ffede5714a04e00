"""Who asks."""

import base64
import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalog import CATALOG, Route
from functions.runtime.http import user_of
from functions.runtime.problems import Unauthenticated
from tests.support.edge import Edge
from tests.support.samples import sample
from tests.support.system import memory_system

PROTECTED = [row.name for row in CATALOG if isinstance(row.trigger, Route) and not row.trigger.is_public]
ISSUER = "https://issuer.example"
EXPIRES = {"exp": "Fri Jan 02 12:00:00 UTC 2026"}
NOBODY: dict[str, Any] = {
    "no authorizer": None,
    "an empty authorizer": {},
    "no claims": {"claims": None},
    "empty claims": {"claims": {}},
    "claims as text": {"claims": '{"iss": "i", "sub": "s"}'},
    "claims as a list": {"claims": ["iss", "sub"]},
    "an authorizer as text": "allow",
    "no issuer": {"claims": EXPIRES | {"sub": "s"}},
    "no subject": {"claims": EXPIRES | {"iss": ISSUER}},
    "an empty issuer": {"claims": EXPIRES | {"iss": "", "sub": "s"}},
    "an empty subject": {"claims": EXPIRES | {"iss": ISSUER, "sub": ""}},
    "a subject that is a number": {"claims": EXPIRES | {"iss": ISSUER, "sub": 1}},
    "a subject that is a list": {"claims": EXPIRES | {"iss": ISSUER, "sub": ["s"]}},
    "a subject that is null": {"claims": EXPIRES | {"iss": ISSUER, "sub": None}},
    "a subject that no UTF-8 can say": {"claims": EXPIRES | {"iss": ISSUER, "sub": "\ud800"}},
    "a NUL in the issuer": {"claims": EXPIRES | {"iss": f"{ISSUER}\0a", "sub": "b"}},
    "no expiry": {"claims": {"iss": ISSUER, "sub": "s"}},
    "a subject beside empty claims": {"claims": {}, "sub": "s"},
}


@pytest.mark.parametrize("function", PROTECTED)
@pytest.mark.parametrize("authorizer", NOBODY.values(), ids=NOBODY.keys())
def test_edge_answers_401_when_nobody_stands_behind_the_request(edge: Edge, function: str, authorizer: Any) -> None:
    """Should the gateway ever let such a request through, the function does not."""
    response = edge.call(function, authorizer=authorizer)

    assert (response.status, response.code) == (401, "UNAUTHENTICATED")
    assert response.json["title"] == "Unauthenticated"
    assert response.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("function", PROTECTED)
@pytest.mark.parametrize("context", [None, {}])
def test_edge_answers_401_when_there_is_no_context(edge: Edge, function: str, context: Any) -> None:
    """An event from elsewhere has no user."""
    response = edge.call(function, requestContext=context)

    assert response.status == 401


def test_user_is_the_hash_of_issuer_and_subject_when_sample_is_sent() -> None:
    """The user is base64url(SHA-256(issuer + NUL + sub)), 43 characters without padding."""
    event = sample("get_session")
    claims = event["requestContext"]["authorizer"]["claims"]

    user = user_of(event)

    digest = base64.urlsafe_b64decode(user + "=")
    assert digest == hashlib.sha256(claims["iss"].encode() + b"\0" + claims["sub"].encode()).digest()
    assert len(user) == 43


def test_user_is_the_same_when_the_authorizer_is_our_own() -> None:
    """A Lambda authorizer passes the claims on flat, the user pool's inside `claims`."""
    claims = {"iss": ISSUER, "sub": "s"} | EXPIRES

    users = {
        user_of({"requestContext": {"authorizer": authorizer}})
        for authorizer in (claims, {"claims": claims}, {"principalId": "s", "claims": claims, "sub": "other"})
    }

    assert len(users) == 1


def test_public_function_answers_when_there_is_no_token(edge: Edge) -> None:
    """A public route asks nobody who he is."""
    assert edge.call("get_health", requestContext=None).status == 200


@given(st.tuples(st.text(min_size=1), st.text(min_size=1)), st.tuples(st.text(min_size=1), st.text(min_size=1)))
def test_users_differ_whenever_issuer_or_subject_does(one: tuple[str, str], other: tuple[str, str]) -> None:
    """No issuer can forge another's user, wherever the separator may stand."""
    users = []
    for issuer, subject in (one, other):
        try:
            users.append(user_of({"requestContext": {"authorizer": {"iss": issuer, "sub": subject}}}))
        except Unauthenticated:
            assert "\0" in issuer
            return

    assert (users[0] == users[1]) == (one == other)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.dictionaries(st.sampled_from(["claims", "iss", "sub", "x"]), inner) | st.lists(inner),
    )
)
def test_edge_answers_401_or_404_whatever_the_authorizer_says(authorizer: Any) -> None:
    """Odd claims lead to no user or to one without this session, never to a defect."""
    response = Edge(memory_system()).call("get_session", authorizer=authorizer)

    assert response.status in {401, 404}
