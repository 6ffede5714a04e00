"""One conversation over HTTP, as http-api.md tells it."""

import httpx
import pytest

from tests.e2e.user import User

TWO_TOOLS = '[[tool read_file {"path": "README.md"}]] [[tool list_files {"path": "."}]] [[then]] [[say done]]'


def test_conversation_is_answered_when_both_results_are_posted(alice: User) -> None:
    """Two parallel calls wait for the client, take falsy results as results, and end in one answer."""
    session = alice.create(title="First look")
    said = alice.say(session, TWO_TOOLS)

    waiting = alice.settled(session)
    calls = alice.messages(session)[-1]["tool_calls"]
    results = [
        alice.post(f"{session}/tool-results", {"call_id": call["call_id"], "result": result})
        for call, result in zip(calls, ["", ["README.md"]], strict=True)
    ]
    idle = alice.settled(session)

    assert (said["seq"], said["turn"], said["role"]) == (3, 1, "user")
    assert waiting["turn"] == {"number": 1, "status": "waiting_for_tools"}
    assert [(call["tool"], call["status"]) for call in calls] == [("read_file", "pending"), ("list_files", "pending")]
    assert [result["content"] for result in results] == ["", '["README.md"]']
    assert idle["turn"] == {"number": 1, "status": "idle"}
    assert alice.messages(session)[-1]["content"] == "done"
    assert [call["status"] for call in alice.messages(session)[1]["tool_calls"]] == ["done", "done"]


def test_events_are_followed_without_a_gap_when_read_in_small_pages(alice: User) -> None:
    """A cursor moves through the log page by page and sees each number once."""
    session = alice.create()
    alice.say(session, "[[say hello]]")
    alice.settled(session)
    numbers: list[int] = []
    after, has_more = 0, True

    while has_more:
        page = alice.get(f"{session}/events?after={after}&limit=2")
        numbers += [event["seq"] for event in page["items"]]
        after, has_more = page["next_after"], page["has_more"]

    assert numbers == list(range(1, alice.get(session)["last_seq"] + 1))


def test_session_does_not_exist_when_it_is_somebody_elses(alice: User, bob: User) -> None:
    """Bob reads the same words for alice's session as for none at all, on every operation."""
    session = alice.create()
    bodies = {"/messages": {"content": "hi"}, "/tool-results": {"call_id": "1-0", "result": 1}}

    for path in (session, f"{session}/messages", f"{session}/events"):
        theirs, nobodys = bob.send("GET", path), bob.send("GET", path.replace(session, "/sessions/none"))
        assert (theirs.status_code, theirs.json()["code"]) == (404, "SESSION_NOT_FOUND")
        assert theirs.json()["detail"] == nobodys.json()["detail"]
    for path, body in bodies.items():
        assert bob.send("POST", session + path, body).json()["code"] == "SESSION_NOT_FOUND"


def test_request_is_refused_when_it_has_no_token(stranger: User) -> None:
    """Everything but health asks for a token, in the one error shape."""
    refused = stranger.send("GET", "/sessions/any")
    healthy = stranger.send("GET", "/health")

    assert (refused.status_code, refused.json()["code"]) == (401, "UNAUTHENTICATED")
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json().keys() == {"type", "title", "status", "detail", "code", "correlation_id"}
    assert healthy.status_code == 200
    assert healthy.json()["status"] == "ok"


def test_unknown_route_is_told_when_path_or_method_is_wrong(alice: User) -> None:
    """The gateway's own refusals have the same shape as ours."""
    for method, path in (("GET", "/nothing"), ("DELETE", "/health")):
        refused = alice.send(method, path)

        assert (refused.status_code, refused.json()["code"]) == (404, "ROUTE_NOT_FOUND")
        assert refused.json()["type"] == "urn:agent-runtime:error:ROUTE_NOT_FOUND"


@pytest.mark.parametrize("size", [300_000, 2_000_000])
def test_large_result_is_kept_whole_when_it_does_not_fit_an_item(alice: User, http: httpx.Client, size: int) -> None:
    """What is too large for the log comes as its beginning and an address, and the model still answers."""
    content = "".join(chr(ord("a") + number % 26) for number in range(size))
    session = alice.create()
    alice.say(session, '[[tool read_file {"path": "big.txt"}]] [[then]] [[say read]]')
    alice.settled(session)
    call_id = alice.messages(session)[-1]["tool_calls"][0]["call_id"]

    given = alice.post(f"{session}/tool-results", {"call_id": call_id, "result": content})
    alice.settled(session)
    listed = next(message for message in alice.messages(session) if message["role"] == "tool")

    assert given["content"] == listed["content"] == content[:4096]
    assert http.get(listed["content_url"]).text == content
    assert alice.messages(session)[-1]["content"] == "read"


def test_message_waits_its_turn_when_another_is_being_answered(alice: User) -> None:
    """A message that arrives during a turn is answered after it, in a turn of its own, by whichever worker."""
    session = alice.create(agent="coder")

    first = alice.say(session, "[[delay 1]] [[say one]]")
    second = alice.say(session, "[[say two]]")
    refused = alice.send("POST", f"{session}/messages", {"content": "three", "on_busy": "reject"})
    alice.settled(session)

    assert (first["turn"], second["turn"]) == (1, 2)
    assert (refused.status_code, refused.json()["code"]) == (409, "SESSION_BUSY")
    assert int(refused.headers["Retry-After"]) >= 1
    assert [m["content"] for m in alice.messages(session) if m["role"] == "assistant"] == ["one", "two"]


def test_turn_is_stopped_when_a_message_interrupts_it(alice: User) -> None:
    """An interrupted worker writes nothing any more; only the interrupting message is answered."""
    session = alice.create(agent="coder")

    alice.say(session, "[[delay 2]] [[say never]]")
    alice.say(session, "[[delay 3]] [[say instead]]", on_busy="interrupt")
    alice.settled(session)
    types = [event["type"] for event in alice.events(session)]

    assert [m["content"] for m in alice.messages(session) if m["role"] == "assistant"] == ["instead"]
    assert types.count("TurnCancelled") == types.count("TurnCompleted") == 1
