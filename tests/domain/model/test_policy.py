"""What needs a human's word."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.model.policy import (
    MAX_CONDITIONS,
    MAX_PRIORITY,
    MAX_RULES,
    OPERATORS,
    Action,
    DeploymentPolicy,
    Policy,
    RequestType,
    Rule,
    Rules,
    Verdict,
    approvals,
    combined,
)

TOOL = RequestType.TOOL
RULES: TypeAdapter[tuple[Rule, ...]] = TypeAdapter(Rules)
RULE: dict[str, Any] = {"request_type": "tool", "subject": "*", "action": "reject"}
DEEP: list[Any] = [1]
for _ in range(10):
    DEEP = [DEEP]

ids = st.sampled_from(["read_file", "write_file", "execute_command"])
rules = st.builds(
    Rule,
    request_type=st.sampled_from(RequestType),
    subject=st.sampled_from(["*", "read_*", "write_file", "?ead_file", "none"]),
    action=st.sampled_from(Action),
    priority=st.integers(-2, 2),
    conditions=st.sampled_from([{}, {"size_gt": 5}, {"path_matches": "^src/"}]),
)
policies = st.builds(Policy, rules=st.lists(rules, max_size=6).map(tuple))
arguments = st.sampled_from([{}, {"size": 9}, {"path": "src/a"}, {"path": "b", "size": 1}])


def make_rule(**fields: Any) -> Rule:
    """A rule that rejects every tool unless told otherwise."""
    return Rule.model_validate(RULE | fields)


def is_met(conditions: dict[str, Any], arguments: dict[str, Any]) -> bool:
    """Whether a rule with these conditions matches."""
    return make_rule(conditions=conditions).matches(TOOL, "write_file", arguments)


@given(st.sampled_from(RequestType), ids, arguments)
def test_request_is_asked_about_when_no_rule_matches(kind: RequestType, subject: str, given: dict[str, Any]) -> None:
    """The default is to ask."""
    assert Policy().decide(kind, subject, given) == Verdict(action=Action.ASK, reason="", rule=None)


@given(policies, ids, arguments)
def test_verdict_is_of_the_first_with_the_highest_priority_when_rules_match(
    policy: Policy, subject: str, given: dict[str, Any]
) -> None:
    """No other rule has a say."""
    verdict = policy.decide(TOOL, subject, given)

    matching = [place for place, rule in enumerate(policy.rules) if rule.matches(TOOL, subject, given)]
    assert (verdict.rule is None) is (not matching)
    if verdict.rule is not None:
        decided = policy.rules[verdict.rule]
        assert (verdict.action, verdict.reason) == (decided.action, decided.reason)
        for place in matching:
            priority = policy.rules[place].priority
            assert priority < decided.priority or (priority == decided.priority and place >= verdict.rule)


@pytest.mark.parametrize(
    ("subject", "name", "is_match"),
    [
        ("*", "write_file", True),
        ("write_*", "write_file", True),
        ("write_*", "overwrite_file", False),
        ("write", "write_file", False),
        ("Write_*", "write_file", False),
        ("?rite_file", "write_file", True),
        ("[rw]*_file", "read_file", True),
        ("[!rw]*", "read_file", False),
        ("write_file", "write_file\n", False),
        ("*", "a\nb", True),
        ("[", "[", True),
    ],
)
def test_subject_is_a_glob_over_the_whole_name(subject: str, name: str, *, is_match: bool) -> None:
    """Letters of either case are different ones, and nothing matches a part."""
    assert make_rule(subject=subject).matches(TOOL, name, {}) is is_match


@given(st.text(st.sampled_from("[]!^-*?&|~\\az("), min_size=1, max_size=30), st.text(max_size=10))
def test_subject_matches_or_not_when_it_is_any_text(subject: str, name: str) -> None:
    """No glob is an error."""
    assert make_rule(subject=subject).matches(TOOL, name, {}) in {True, False}


def test_rule_is_of_one_kind_of_request_when_it_matches() -> None:
    """A rule on tools says nothing of plans."""
    assert not make_rule().matches(RequestType.PLAN, "write_file", {})


@pytest.mark.parametrize(
    ("condition", "argument", "is_held"),
    [
        ({"x_gt": 5}, 6, True),
        ({"x_gt": 5}, 5, False),
        ({"x_gt": 5}, 5.5, True),
        ({"x_gt": 0}, True, False),
        ({"x_gt": 5}, "6", False),
        ({"x_gt": 5}, None, False),
        ({"x_lt": 5}, 4, True),
        ({"x_lt": 5}, 5, False),
        ({"x_lt": 5}, False, False),
        ({"x_lt": 1e308}, 10**400, False),
        ({"x_eq": 1}, 1, True),
        ({"x_eq": 1}, 1.0, True),
        ({"x_eq": 1}, True, False),
        ({"x_eq": True}, 1, False),
        ({"x_eq": False}, 0, False),
        ({"x_eq": None}, None, True),
        ({"x_eq": ""}, None, False),
        ({"x_eq": [1, {"a": True}]}, [1, {"a": True}], True),
        ({"x_eq": [1, {"a": True}]}, [1, {"a": 1}], False),
        ({"x_eq": {"a": None}}, {}, False),
        ({"x_contains": "rm"}, "sudo rm", True),
        ({"x_contains": "rm"}, "RM", False),
        ({"x_contains": 1}, "1", False),
        ({"x_contains": "a"}, ["b", "a"], True),
        ({"x_contains": 1}, [True], False),
        ({"x_contains": "a"}, {"a": 1}, False),
        ({"x_contains": "a"}, 1, False),
        ({"x_matches": "^a+$"}, "aaa", True),
        ({"x_matches": "^a+$"}, "aab", False),
        ({"x_matches": "a"}, ["a"], False),
        ({"x_matches": "1"}, 1, False),
    ],
)
def test_condition_holds_or_not_when_the_argument_is_there(
    condition: dict[str, Any], argument: Any, *, is_held: bool
) -> None:
    """A value of another kind is no match, and never an error."""
    assert is_met(condition, {"x": argument}) is is_held


@pytest.mark.parametrize("operator", OPERATORS)
def test_condition_does_not_hold_when_the_argument_is_missing(operator: str) -> None:
    """Nor when only a nested one is called so."""
    value = 1 if operator in {"gt", "lt"} else "a"

    assert not is_met({f"x_{operator}": value}, {})
    assert not is_met({f"x_{operator}": value}, {"y": {"x": value}, "x.y": value})


def test_condition_is_on_the_whole_name_when_an_argument_has_underscores() -> None:
    """The last underscore parts argument and operator."""
    assert is_met({"max_results_gt": 10}, {"max_results": 11})
    assert is_met({"x_gt_eq": 10}, {"x_gt": 10})


def test_rule_matches_when_all_conditions_hold() -> None:
    """One that does not is enough to pass it over."""
    conditions = {"path_matches": "^src/", "size_lt": 10}

    assert is_met(conditions, {"path": "src/a", "size": 1})
    assert not is_met(conditions, {"path": "src/a", "size": 10})


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"conditions": {"x_is": 1}}, "is called <argument>_<operator>, with one of gt, lt, eq, contains, matches"),
        ({"conditions": {"x": 1}}, "is called <argument>_<operator>"),
        ({"conditions": {"_gt": 1}}, "is called <argument>_<operator>"),
        ({"conditions": {"": 1}}, "is called <argument>_<operator>"),
        ({"conditions": {"x_gt": "1"}}, "must be a number"),
        ({"conditions": {"x_lt": True}}, "must be a number"),
        ({"conditions": {"x_gt": None}}, "must be a number"),
        ({"conditions": {"x_gt": float("inf")}}, "no JSON"),
        ({"conditions": {"x_eq": float("nan")}}, "no JSON"),
        ({"conditions": {"x_eq": DEEP}}, "nested more than 10 deep"),
        ({"conditions": {"x_contains": ""}}, "must be a text that is not empty"),
        ({"conditions": {"x_contains": ["a"]}}, "must be a text that is not empty"),
        ({"conditions": {"x_contains": None}}, "must be a text that is not empty"),
        ({"conditions": {"x_matches": 1}}, "valid string"),
        ({"conditions": {"x_matches": "("}}, "no regular expression"),
        ({"conditions": {"x_matches": "a" * 501}}, "at most 500 characters"),
        ({"conditions": {f"x{n}_eq": n for n in range(MAX_CONDITIONS + 1)}}, "at most 20 items"),
        ({"conditions": {"x" * 98 + "_eq": 1}}, "at most 100 characters"),
        ({"conditions": [1]}, "valid dictionary"),
        ({"subject": ""}, "at least 1 character"),
        ({"subject": "x" * 201}, "at most 200 characters"),
        ({"request_type": "call"}, "'tool' or 'plan'"),
        ({"action": "allow"}, "'approve', 'ask' or 'reject'"),
        ({"priority": MAX_PRIORITY + 1}, "less than or equal to 1000"),
        ({"priority": -MAX_PRIORITY - 1}, "greater than or equal to -1000"),
        ({"priority": 1.5}, "valid integer"),
        ({"priority": True}, "valid integer"),
        ({"reason": "x" * 2001}, "at most 2000 characters"),
        ({"then": "ask"}, "Extra inputs"),
    ],
)
def test_rule_is_refused_when_it_says_what_no_rule_can(fields: dict[str, Any], words: str) -> None:
    """The first word of it is what is wrong."""
    with pytest.raises(ValidationError, match=words):
        RULES.validate_python([RULE | fields])


def test_rules_are_refused_when_they_are_too_many_or_too_large() -> None:
    """In number, in bytes, and in what their patterns would cost."""
    heavy = [RULE | {"conditions": {f"x{n}_matches": r"\w{100}"}} for n in range(40)]
    for value, words in (
        ([RULE] * (MAX_RULES + 1), "at most 50 items"),
        ([RULE | {"reason": "x" * 2000}] * 17, "at most 32 KB"),
        (heavy, "too many or too large together"),
        ([{"reason": "\ud800"}], "no JSON"),
    ):
        with pytest.raises(ValidationError, match=words):
            RULES.validate_python(value)
    assert len(RULES.validate_python([RULE] * MAX_RULES)) == MAX_RULES


@pytest.mark.parametrize("deployment", Action)
@pytest.mark.parametrize("session", [None, *Action])
@pytest.mark.parametrize("may_loosen", [False, True])
def test_session_tightens_and_loosens_only_when_it_may(
    deployment: Action, session: Action | None, *, may_loosen: bool
) -> None:
    """A session without a matching rule changes nothing."""
    ours = Verdict(action=deployment, reason="ours", rule=0)
    theirs = Verdict() if session is None else Verdict(action=session, reason="theirs", rule=0)

    result = combined(ours, theirs, may_loosen=may_loosen)

    wins = session is not None and (may_loosen or list(Action).index(session) > list(Action).index(deployment))
    assert result == (theirs if wins else ours)


@given(policies, policies, ids, arguments)
def test_verdict_is_never_milder_than_the_deployments_when_a_session_has_rules(
    own: Policy, session: Policy, subject: str, given: dict[str, Any]
) -> None:
    """Whatever a client sends, it cannot allow itself anything."""
    policy = DeploymentPolicy(rules=own.rules)
    needs = {"read_file": False, "write_file": True}

    without = policy.decide(TOOL, subject, given, needs_approval=needs, session=Policy())
    verdict = policy.decide(TOOL, subject, given, needs_approval=needs, session=session)

    assert verdict.action.strictness >= without.action.strictness


@pytest.mark.parametrize(
    ("rules", "subject", "expected"),
    [
        ([], "read_file", Action.APPROVE),
        ([], "write_file", Action.ASK),
        ([], "my_own_tool", Action.ASK),
        ([{"subject": "read_*", "action": "ask"}], "read_file", Action.ASK),
        ([{"subject": "*", "action": "reject", "priority": -MAX_PRIORITY}], "read_file", Action.REJECT),
        ([{"subject": "my_*", "action": "approve"}], "my_own_tool", Action.APPROVE),
        ([{"request_type": "plan", "action": "approve"}], "write_file", Action.ASK),
    ],
)
def test_tool_is_approved_when_it_needs_no_approval_and_no_rule_says_otherwise(
    rules: list[dict[str, Any]], subject: str, expected: Action
) -> None:
    """The built-in rules come last, behind an operator's of the lowest priority."""
    policy = DeploymentPolicy(rules=tuple(make_rule(**fields) for fields in rules))
    needs = {"read_file": False, "write_file": True}

    assert policy.decide(TOOL, subject, {}, needs_approval=needs, session=Policy()).action is expected


def test_tool_with_a_strange_name_gets_no_rule_for_others() -> None:
    """Names of tools hold nothing that a glob would read otherwise."""
    (rule,) = approvals({"read_file": False, "write_file": True})

    assert (rule.subject, rule.action, rule.priority) == ("read_file", Action.APPROVE, -MAX_PRIORITY)


@pytest.mark.parametrize("text", ["[NaN]", "[1e999]", '[{"conditions": {"x_gt": 1e999}}]', "{", "{}", "1", '["*"]'])
def test_deployment_policy_is_refused_when_its_text_holds_no_rules(text: str) -> None:
    """With an error that a caller can tell from a defect."""
    with pytest.raises(ValueError, match=r"rules|JSON|expected|EOF"):
        DeploymentPolicy.from_text(text)
