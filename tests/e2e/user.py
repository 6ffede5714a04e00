"""A user with nothing but HTTP: what one would do with curl."""

import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.patience import PATIENCE_SECONDS

REPEATED = frozenset({409, 429, 503})


@dataclass(frozen=True)
class User:
    """Sends requests with one token, or none."""

    http: httpx.Client
    url: str
    token: str | None

    def send(self, method: str, path: str, body: object = None, **headers: str) -> httpx.Response:
        """Send one request below `/v1` and return whatever comes back."""
        authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        content = {} if body is None else {"json": body}
        return self.http.request(method, f"{self.url}/v1{path}", headers=authorization | headers, **content)  # type: ignore[arg-type]  # one or no body

    def get(self, path: str) -> Any:
        """Return the body of a successful GET; 502, a worker that died answering, is repeated."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        response = self.send("GET", path)
        while response.status_code == 502 and time.monotonic() < deadline:
            response = self.send("GET", path)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: object, **headers: str) -> Any:
        """Return the body of a successful POST; 409, 429 and 503 with `Retry-After` are repeated."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        response = self.send("POST", path, body, **headers)
        while response.status_code in REPEATED and "Retry-After" in response.headers:
            assert time.monotonic() < deadline, response.text
            time.sleep(float(response.headers["Retry-After"]))
            response = self.send("POST", path, body, **headers)
        assert response.status_code in {201, 202}, response.text
        return response.json()

    def create(self, **fields: object) -> str:
        """Create a session and return its path."""
        return f"/sessions/{self.post('/sessions', fields)['id']}"

    def say(self, session: str, content: str, *, key: str | None = None, **fields: object) -> Any:
        """Post a user message; without a key a repeat may say it twice, since nobody knows what a 503 has stored."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.post(f"{session}/messages", {"content": content, **fields}, **headers)

    def settled(self, session: str, *, patience_seconds: float = PATIENCE_SECONDS) -> Any:
        """Wait until no turn is owed any more, and return the session."""
        deadline = time.monotonic() + patience_seconds
        while True:
            found = self.get(session)
            if found["turn"]["status"] != "running":
                return found
            assert time.monotonic() < deadline, found
            self.get(f"{session}/events?after={found['last_seq']}&wait=1")

    def events(self, session: str) -> list[Any]:
        """Return the whole log, page by page, and check that its numbers have no gap."""
        events: list[Any] = []
        has_more, after = True, 0
        while has_more:
            page = self.get(f"{session}/events?after={after}&limit=200")
            events += page["items"]
            has_more, after = page["has_more"], page["next_after"]
        assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
        return events

    def messages(self, session: str) -> list[Any]:
        """Return every message in order."""
        return [event["message"] for event in self.events(session) if "message" in event]


def said_in_turn(messages: list[Any], role: str) -> dict[int, list[str]]:
    """Return what a role said, by turn."""
    said: dict[int, list[str]] = {}
    for message in messages:
        if message["role"] == role:
            said.setdefault(message["turn"], []).append(message["content"])
    return said
