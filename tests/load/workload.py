"""What the load consists of: turns, as clients with nothing but HTTP hold them."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from infra.local.cloud import LocalCloud
from infra.local.logs import LogFollower
from tests.e2e.user import REPEATED, User
from tests.support.patience import PATIENCE_SECONDS

WITH_A_CALL = '[[tool read_file {"path": "README.md"}]] [[then]] [[say done]]'
AT_ONCE = "[[say done]]"
QUIET_SECONDS = 2.0


def hold_turn(user: User, session: str, after: int) -> int:
    """Ask, give the result that is asked for, and wait for the answer.

    Args:
        user: Who asks.
        session: Its path.
        after: The last event seen.

    Returns:
        The last event seen now.
    """
    user.say(session, WITH_A_CALL)
    after, seen = _follow(user, session, after, "TurnWaiting")
    (call,) = [call for event in seen for call in event.get("message", {}).get("tool_calls", ())]
    user.post(f"{session}/tool-results", {"call_id": call["call_id"], "result": "text"})
    return _follow(user, session, after, "TurnCompleted")[0]


def _follow(user: User, session: str, after: int, end: str) -> tuple[int, list[dict[str, Any]]]:
    """Return the number of the last event, and the events, up to one of the type `end`; a full store is asked again."""
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(event["type"] == end for event in seen):
        assert time.monotonic() < deadline, f"{session} never came to {end}"
        page = user.send("GET", f"{session}/events?after={after}&wait=20")
        if page.status_code in REPEATED:
            time.sleep(float(page.headers["Retry-After"]))
            continue
        assert page.status_code == 200, page.text
        seen += page.json()["items"]
        after = page.json()["next_after"]
    return after, seen


def in_parallel(cloud: LocalCloud, number: int, work: Callable[[User, int], None]) -> None:
    """Do `work` that many times at once, each with connections of its own and its number.

    Raises:
        AssertionError: one of them was not answered as it should be.
    """

    def alone(index: int) -> None:
        with httpx.Client(timeout=PATIENCE_SECONDS, trust_env=False) as http:
            work(User(http, cloud.endpoint.url, cloud.endpoint.tokens["alice"]), index)

    with ThreadPoolExecutor(number) as pool:
        list(pool.map(alone, range(number)))


def quiet_lines(follower: LogFollower, is_whole: Callable[[Sequence[str]], bool] = bool) -> Sequence[str]:
    """Return the lines that came since the last call, once two seconds have brought none.

    Args:
        follower: Who reads them.
        is_whole: Whether lines are all that must come; waited for in any case, since a busy machine stores them late.

    Raises:
        AssertionError: what must come does not.
    """
    texts: list[str] = []
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        time.sleep(QUIET_SECONDS)
        new = [line.text for line in follower.new_lines()]
        texts += new
        if not new and is_whole(texts):
            return texts
        assert time.monotonic() < deadline, "the functions' lines did not come"
