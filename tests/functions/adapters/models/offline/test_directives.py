"""What a message orders."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.model.agent import AgentType
from domain.model.message import Usage
from domain.model.value import JsonObject
from functions.adapters.models.offline.directives import MAX_DEPTH, Directives, Failure, parse

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def _parsed(text: str) -> Directives:
    directives = parse(text)
    assert directives is not None
    return directives


def test_parse_finds_every_directive_when_all_are_there() -> None:
    """Each directive lands in the round it stands in, and text between them is ignored."""
    text = (
        'Please [[agent debug]] do [[tool read_file {"path": "a"}]][[tool list_files {"path": "."}]] and [[usage 10 5]]'
        " [[then]] [[delay 1.5]] [[fail 503 x2]] [[say one]] [[say two]] bye"
    )

    directives = _parsed(text)

    first, second = directives.rounds
    assert [(call.tool, call.arguments) for call in first.calls] == [
        ("read_file", {"path": "a"}),
        ("list_files", {"path": "."}),
    ]
    assert first.usage == Usage(input_tokens=10, output_tokens=5)
    assert (second.delay_seconds, second.failure, second.say) == (1.5, Failure("503", 2), "one\ntwo")
    assert (directives.agent, directives.complaint) == (AgentType.DEBUG, None)
    assert directives.round(2).say is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "if [[ -f x ]]; then",
        "[[1, 2], [3]]",
        "df[['a']]",
        "see [[page]] for more",
        "a [[b",
        "[[tool.mypy]]",
    ],
)
def test_parse_finds_nothing_when_brackets_mean_something_else(text: str) -> None:
    """People write double brackets for other reasons."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ('[[tool x {"a": "]] [[then]]"}]]', {"a": "]] [[then]]"}),
        ('[[tool x {"a": [[1], [2]]}]]', {"a": [[1], [2]]}),
        ('[[tool x{"a": "\\"]]"} ]]', {"a": '"]]'}),
        ("[[TOOL x {}]]", {}),
    ],
)
def test_parse_reads_arguments_whole_when_they_hold_brackets(text: str, arguments: JsonObject) -> None:
    """Arguments end where their JSON ends, whatever it holds."""
    (only,) = _parsed(text).rounds

    assert [call.arguments for call in only.calls] == [arguments]


@pytest.mark.parametrize(
    ("text", "said"),
    [("[[say a[b[0]]]]", "a[b[0]]"), ("[[say ]]", ""), ("[[say  two ]]", " two "), ("[[say a\nb]]", "a\nb")],
)
def test_parse_keeps_a_text_exactly_when_it_is_to_be_said(text: str, said: str) -> None:
    """Not a character is added or lost."""
    assert _parsed(text).rounds[0].say == said


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[say]]", "needs a text"),
        ("[[say hi", "not closed"),
        ("[[sya hi]]", "no directive [[sya]]"),
        ("[[say hi]] [[sya hi]]", "no directive [[sya]]"),
        ("[[tool]]", "needs the name of a tool"),
        ("[[tool x]]", "no JSON"),
        ("[[tool x {a}]]", "no JSON"),
        ("[[tool x [1]]]", "must be a JSON object"),
        ('[[tool x {"a": 1} no]]', "not closed"),
        ('[[tool x {"a": NaN}]]', "NaN is no JSON number"),
        ('[[tool x {"a": 1e999}]]', "too large"),
        ('[[tool x {"a": ' + "9" * 5000 + "}]]", "too large"),
        ('[[tool x {"a": "\\ud800"}]]', "surrogate"),
        ('[[tool x {"a": ' + "[" * 100_000 + "}]]", "nested too deeply"),
        ('[[tool x {"a": ' + "[" * MAX_DEPTH + "]" * MAX_DEPTH + "}]]", "nested too deeply"),
        ("[[then now]]", "takes nothing"),
        ("[[delay soon]]", "needs a number"),
        ("[[delay -1]]", "needs a number"),
        ("[[delay nan]]", "needs a number"),
        ("[[delay]]", "needs a number"),
        ("[[fail 200]]", "needs a status"),
        ("[[fail 500 xx]]", "needs a status"),
        ("[[agent nobody]]", "knows orchestrator"),
        ("[[usage 1]]", "two whole numbers"),
        ("[[usage 1 -2]]", "two whole numbers"),
    ],
)
def test_parse_complains_when_a_directive_cannot_be_followed(text: str, words: str) -> None:
    """The complaint says what is wrong, and nothing of the message is carried out."""
    directives = _parsed(text)

    assert words in str(directives.complaint)
    assert directives.round(0).calls == ()


def test_parse_accepts_arguments_when_they_are_just_shallow_enough() -> None:
    """The limit of depth is a number, not the luck of the stack."""
    depth = MAX_DEPTH - 1

    directives = _parsed('[[tool x {"a": ' + "[" * depth + "]" * depth + "}]]")

    assert directives.complaint is None


@pytest.mark.parametrize(
    ("status", "is_retryable"),
    [("429", True), ("500", True), ("503", True), ("408", True), ("timeout", True), ("400", False), ("401", False)],
)
def test_failure_is_retryable_when_a_provider_may_answer_later(status: str, *, is_retryable: bool) -> None:
    """What the status says about another try is said in the failure."""
    failure = _parsed(f"[[fail {status}]]").rounds[0].failure

    assert failure == Failure(status, 1)
    assert failure.is_retryable is is_retryable


@given(st.text(alphabet=st.characters(exclude_characters="]")), st.integers(0, 4))
def test_parse_gives_back_what_was_written_when_it_is_said(text: str, brackets: int) -> None:
    """Every text without `]]` inside can be said, and so can brackets at its end."""
    said = text + "]" * brackets

    assert _parsed(f"[[say {said}]]").rounds[0].say == said


@given(st.from_regex(r"[a-z_]{1,20}", fullmatch=True), st.dictionaries(st.text(), JSON_VALUES, max_size=4))
def test_parse_gives_back_what_was_written_when_a_tool_is_called(tool: str, arguments: JsonObject) -> None:
    """Name and arguments of every call come through unchanged."""
    (call,) = _parsed(f"[[tool {tool} {json.dumps(arguments)}]]").rounds[0].calls

    assert (call.tool, call.arguments) == (tool, arguments)


@given(
    st.lists(st.sampled_from(["[[", "]]", "tool x ", "say a", "{", "}", '"', "then", "delay 1", "fail ", " ", "\\"]))
)
def test_parse_answers_whatever_the_brackets(pieces: list[str]) -> None:
    """No heap of brackets makes it fail."""
    directives = parse("".join(pieces))

    assert directives is None or directives.rounds
