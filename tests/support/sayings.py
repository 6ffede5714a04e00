"""What models, people and clients say to a session in its state machines."""

from typing import Any

from hypothesis import strategies as st

from domain.model.errors import StorageUnavailable
from tests.support.builders import calls, completes, hands_to, reads, routes_to, text, unavailable, wants
from tests.support.cloud import ANSWER_LOST
from tests.support.plans import make_plan_arguments

TOOL: dict[str, Any] = {
    "name": "deploy",
    "description": "Deploy a branch.",
    "parameters": {
        "type": "object",
        "properties": {"branch": {"type": "string"}},
        "required": ["branch"],
        "additionalProperties": False,
    },
    "agents": ["coder", "ask"],
}
"""Declared by the client; asked about, as everything that no policy knows."""
POLICIES: list[dict[str, Any]] = [
    {"request_type": "tool", "subject": "deploy", "conditions": {"branch_eq": "main"}, "action": "reject"},
    {"request_type": "tool", "subject": "search_in_code", "action": "ask", "reason": "It is slow."},
]
"""The session's own: what is refused whoever asks, and what is asked about though it would run at once."""

EDITS: dict[str, dict[str, Any]] = {
    "write_file": {"path": "edited.md", "content": "edited"},
    "delete_file": {"path": "edited.md"},
    "execute_command": {"command": "edited"},
    "search_in_code": {"query": "edited"},
    "deploy": {"branch": "edited"},
}
"""What a person puts in place of a call's arguments."""

WRITE = wants("write_file", path="a.md", content="x")
RUN = wants("execute_command", command="ls")
SEARCH = wants("search_in_code", query="lock")
DEPLOY = wants("deploy", branch="next")

_CALLS = st.sampled_from(
    [
        *reads("a.py", "./b.py"),
        *reads("../secret", "/etc/passwd"),
        SEARCH,
        wants("search_in_code", query=""),
        wants("create_plan", title="a.py"),
        WRITE,
        wants("write_file", path="a.py", content="x"),
        RUN,
        wants("execute_command", command="ls", timeout=301),
        wants("delete_file", path="old.py"),
        DEPLOY,
        wants("deploy", branch="main"),
        wants("deploy", branch=7),
        wants("echo", text=""),
        wants("calculator", expr="1 / 0"),
        *completes("Too early.").calls,
        *hands_to("ask").calls,
        wants("read_file", path=float("nan")),
    ]
)
ASKS = calls(wants("ask_followup_question", question="Which?", suggestions=["A", "B"]))
PLANS = [
    calls(wants("create_plan", **make_plan_arguments(*shape)))
    for shape in [((),), ((), (0,)), ((), (), (0, 1)), ((), (), ()), ((), (0,), (0,), (1, 2))]
]
GATED = [
    calls(WRITE),
    calls(RUN, WRITE),
    calls(*reads("a.py"), SEARCH),
    calls(DEPLOY, *reads("a.py"), RUN, saying="May I?"),
]
ANSWERS = st.one_of(
    st.sampled_from(
        [
            text(),
            calls(*reads("a.py")),
            calls(*reads("a.py", "b.py"), saying="Let me look."),
            completes(),
            hands_to("ask"),
            hands_to("coder"),
            hands_to("architect"),
            ASKS,
            calls(wants("calculator", expr="6 * 7"), wants("echo", text="x")),
            text(" "),
            unavailable(),
            calls(*reads(*["a.py"] * 17)),
        ]
    ),
    st.sampled_from([*GATED, *PLANS]),
    st.lists(_CALLS, min_size=1, max_size=4).map(lambda requested: calls(*requested)),
)
"""Of every agent."""
ROUTES = st.sampled_from(
    [routes_to("ask"), routes_to("coder"), routes_to("architect", is_atomic=False), text("Hm."), unavailable("timeout")]
)
"""Of the orchestrator."""
STOP = "before the commit"
STORE = st.sampled_from([None] * 9 + [STOP, STOP, StorageUnavailable(), ANSWER_LOST])
"""Of the store, to a worker that commits."""
ROUND = st.tuples(ANSWERS, ROUTES, STORE)
RESULTS: st.SearchStrategy[Any] = st.sampled_from(["", 0, [], None, False, "text", {"a": 1}])
"""Of a client."""
INDEX = st.integers(0, 30)
