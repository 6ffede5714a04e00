"""A command that is sent again is carried out once, also when it is sent ten times at one moment."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from infra.local.cloud import LocalCloud
from tests.e2e.user import User

TIMES = 10


def test_one_message_is_stored_when_ten_posts_with_one_key_come_at_once(cloud: LocalCloud, alice: User) -> None:
    """Every 202 carries the same number; all but one say that they repeat what was said before."""
    session = alice.create()

    def post(_: int) -> httpx.Response:
        with httpx.Client(timeout=60, trust_env=False) as http:
            user = User(http, cloud.endpoint.url, alice.token)
            return user.send("POST", f"{session}/messages", {"content": "[[say once]]"}, **{"Idempotency-Key": "ten"})

    with ThreadPoolExecutor(TIMES) as pool:
        answers = list(pool.map(post, range(TIMES)))
    alice.settled(session)

    assert [answer.status_code for answer in answers] == [202] * TIMES
    assert {answer.json()["seq"] for answer in answers} == {3}
    assert sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers) == TIMES - 1
    assert [message["role"] for message in alice.messages(session)] == ["user", "assistant"]


def test_key_is_refused_when_it_comes_back_with_another_request(alice: User) -> None:
    """A key names one request."""
    session = alice.create()
    key = {"Idempotency-Key": "one"}

    first = alice.send("POST", f"{session}/messages", {"content": "[[say a]]"}, **key)
    other = alice.send("POST", f"{session}/messages", {"content": "[[say b]]"}, **key)
    alice.settled(session)

    assert (first.status_code, other.status_code) == (202, 422)
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert len(alice.messages(session)) == 2
