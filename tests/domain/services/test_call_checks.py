"""What a model may do is checked before anything is stored."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.agents import REGISTRY
from domain.model.agent import AgentType
from domain.model.llm import ModelAnswer, RequestedCall
from domain.model.tools import TOOLS
from domain.model.tools.looking import ReadFile
from domain.model.tools.steering import AttemptCompletion
from domain.model.value import json_bytes
from domain.services.call_checks import MAX_ARGUMENT_BYTES, MAX_CALLS, Checked, check
from tests.support.builders import calls, completes, hands_to, make_toolbox, reads, text, wants

CODER = REGISTRY[AgentType.CODER]
ORCHESTRATOR = REGISTRY[AgentType.ORCHESTRATOR]
KEPT_BYTES = MAX_ARGUMENT_BYTES // (2 * MAX_CALLS)


def only(answer: ModelAnswer) -> Checked:
    """Return the one call of an answer of the coder, checked."""
    (checked,) = check(answer, make_toolbox(CODER))
    return checked


def nested(levels: int) -> list[Any]:
    """Return lists within each other, so many deep."""
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


def test_call_is_allowed_and_normalised_when_it_fits() -> None:
    """What the client gets are the arguments as checked, not as written."""
    checked = only(calls(wants("read_file", path="./src\\a.py", start_line=3)))

    assert (checked.code, checked.detail) == (None, "")
    assert checked.arguments == {"path": "src/a.py", "start_line": 3}
    assert checked.parsed == ReadFile(path="src/a.py", start_line=3)
    assert checked.tool is TOOLS["read_file"]


@pytest.mark.parametrize("tool", ["create_plan", "calculator", "", "READ_FILE", "read_file ", "x" * 5000])
def test_call_is_refused_when_the_agent_has_no_such_tool(tool: str) -> None:
    """Hallucinated tools and those of other agents are told apart from none, and the model reads what there is."""
    checked = only(calls(wants(tool, path="a")))

    assert checked.code == "NOT_ALLOWED"
    assert "Coder has no tool" in checked.detail
    assert ", ".join(CODER.tools) in checked.detail
    assert len(checked.detail) < 400
    assert checked.parsed is None


def test_call_is_refused_when_the_tool_belongs_to_another_agent() -> None:
    """The registry knows it, this agent does not have it."""
    (checked,) = check(calls(*reads("a.py")), make_toolbox(ORCHESTRATOR))

    assert checked.code == "NOT_ALLOWED"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "path"),
        ({"path": ""}, "path"),
        ({"path": 7}, "path"),
        ({"path": "a", "start_line": 0}, "start_line"),
        ({"path": "a", "mode": "w"}, "mode"),
        ({"path": None}, "path"),
    ],
)
def test_call_is_refused_when_its_arguments_do_not_fit(arguments: dict[str, Any], named: str) -> None:
    """The model reads which field is wrong, and the log keeps what it gave."""
    checked = only(calls(wants("read_file", **arguments)))

    assert checked.code == "INVALID_ARGUMENTS"
    assert checked.detail.startswith(f"Refused: {named}: ")
    assert checked.arguments == arguments


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "..\\x", "\\\\host\\x", "C:\\x", "c:/x", "a\0b"])
@pytest.mark.parametrize(
    ("tool", "others"), [("read_file", {}), ("list_files", {}), ("search_in_code", {"query": "x"})]
)
def test_call_is_refused_when_its_path_escapes(path: str, tool: str, others: dict[str, Any]) -> None:
    """No tool with a path leaves the client's folder, and the refusal has a code of its own."""
    checked = only(calls(wants(tool, path=path, **others)))

    assert checked.code == "PATH_NOT_ALLOWED"
    assert "relative, without '..'" in checked.detail


def test_path_is_named_first_when_other_arguments_are_wrong_too() -> None:
    """An escape is never filed under a lesser fault, and every fault is said."""
    checked = only(calls(wants("read_file", path="../x", start_line=0)))

    assert checked.code == "PATH_NOT_ALLOWED"
    assert "start_line" in checked.detail


@pytest.mark.parametrize(
    "arguments",
    [
        None,
        {"path": float("nan")},
        {"path": "a", "start_line": float("inf")},
        {"path": "\ud800"},
        {"path": ["\udfff"]},
        {"path": nested(5000)},
    ],
    ids=["no object", "nan", "infinity", "lone surrogate", "inner surrogate", "bottomless"],
)
def test_call_is_refused_when_its_arguments_are_no_json(arguments: dict[str, Any] | None) -> None:
    """What could not be stored is refused and not kept."""
    checked = only(calls(RequestedCall(tool="read_file", arguments=arguments)))

    assert (checked.code, checked.arguments) == ("INVALID_ARGUMENTS", {})
    assert checked.detail == "Refused: the arguments are not a JSON object."


@pytest.mark.parametrize("tool", ["read_file", "unknown"])
def test_refused_arguments_are_not_kept_when_they_are_nested_too_deeply(tool: str) -> None:
    """The log could not write them: serializers give up at some depth."""
    checked = only(calls(wants(tool, path=nested(300))))

    assert checked.code is not None
    assert checked.arguments == {}


@pytest.mark.parametrize("levels", [1, 20])
def test_refused_arguments_are_kept_when_they_are_of_this_world(levels: int) -> None:
    """What the model tried can be read later."""
    arguments: dict[str, Any] = {"path": nested(levels)}

    assert only(calls(wants("read_file", **arguments))).arguments == arguments


@pytest.mark.parametrize(("size", "is_kept"), [(KEPT_BYTES, True), (KEPT_BYTES + 1, False)])
def test_refused_arguments_are_kept_when_they_are_small(size: int, *, is_kept: bool) -> None:
    """A huge argument that nobody will use has no second life in the log."""
    arguments = {"path": "/", "x": ""}
    arguments["x"] = "x" * (size - json_bytes(arguments))

    checked = only(calls(wants("read_file", **arguments)))

    assert checked.code == "PATH_NOT_ALLOWED"
    assert checked.arguments == (arguments if is_kept else {})


def test_call_is_refused_when_its_arguments_are_huge() -> None:
    """An answer must fit a commit."""
    checked = only(calls(wants("attempt_completion", result="x" * (MAX_ARGUMENT_BYTES + 1))))

    assert (checked.code, checked.arguments) == ("INVALID_ARGUMENTS", {})
    assert "too large" in checked.detail


@pytest.mark.parametrize("count", [1, 2, 16])
def test_calls_share_the_room_when_there_are_several(count: int) -> None:
    """Together they stay under the limit, each with an equal part."""
    part = MAX_ARGUMENT_BYTES // count
    fits = wants("search_in_code", query="q", file_pattern="x")
    too_large = wants("search_in_code", query="q", file_pattern="x" * part)

    checked = check(calls(*[fits] * (count - 1), too_large), make_toolbox(CODER))

    assert [item.code for item in checked] == [None] * (count - 1) + ["INVALID_ARGUMENTS"]
    assert "too large" in checked[-1].detail


@pytest.mark.parametrize("ending", [completes(), hands_to("ask")], ids=["completion", "switch"])
def test_call_is_refused_when_it_ends_the_turn_and_is_not_alone(ending: ModelAnswer) -> None:
    """What ends or redirects a turn stands alone; its neighbours are carried out."""
    checked = check(calls(*reads("a.py"), *ending.calls), make_toolbox(CODER))

    assert [item.code for item in checked] == [None, "MUST_BE_ALONE"]


def test_completions_are_all_refused_when_there_are_two() -> None:
    """Two endings are none."""
    checked = check(calls(*completes().calls, *completes().calls), make_toolbox(CODER))

    assert [item.code for item in checked] == ["MUST_BE_ALONE"] * 2


def test_completion_is_allowed_when_it_is_alone() -> None:
    """The result is at hand for the answer's text."""
    assert only(completes("Done.")).parsed == AttemptCompletion(result="Done.")


@pytest.mark.parametrize(("count", "checked_count"), [(16, 16), (17, 17), (32, 32), (33, 32), (500, 32)])
def test_calls_beyond_sixteen_are_refused_when_a_model_asks_for_more(count: int, checked_count: int) -> None:
    """Sixteen are carried out, as many again are refused by name, the rest is left out of the answer."""
    checked = check(calls(*reads(*["a.py"] * count)), make_toolbox(CODER))

    assert len(checked) == checked_count
    assert [item.code for item in checked[:16]] == [None] * 16
    assert {item.code for item in checked[16:]} <= {"TOO_MANY_CALLS"}


def test_nothing_is_checked_when_there_is_no_call() -> None:
    """A text has no calls."""
    assert check(text(), make_toolbox(CODER)) == ()


ARGUMENTS = st.none() | st.dictionaries(
    st.sampled_from(["path", "query", "mode", "result", "start_line", "x"]),
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["a.py", "../x", "/x", "C:x", "coder", "orchestrator", "\ud800", "x" * 4000])
    | st.lists(st.integers(), max_size=2),
    max_size=3,
)


@given(st.lists(st.builds(RequestedCall, tool=st.sampled_from([*TOOLS, "rm", ""]), arguments=ARGUMENTS), max_size=40))
def test_check_decides_on_every_call_when_a_model_asks_for_anything(requested: list[RequestedCall]) -> None:
    """Whatever comes is allowed or refused with a reason, in order, and what is kept can be stored."""
    checked = check(calls(*requested), make_toolbox(CODER))

    assert [item.call for item in checked] == requested[: 2 * MAX_CALLS]
    for item in checked:
        assert (item.code is None) == (item.detail == "") == (item.parsed is not None)
        assert json_bytes(item.arguments) <= MAX_ARGUMENT_BYTES
    assert sum(json_bytes(item.arguments) for item in checked) <= 2 * MAX_ARGUMENT_BYTES
