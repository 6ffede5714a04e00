"""What needs a human's word: rules over tool calls and plans, and what they come to."""

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter
from pydantic_core import PydanticCustomError, from_json

from domain.model import patterns
from domain.model.json_values import MAX_LEVELS, check_size, is_json_equal, is_nested_within
from domain.model.value import JsonObject, Value

MAX_RULES = 50
MAX_CONDITIONS = 20
MAX_PRIORITY = 1000


class RequestType(StrEnum):
    """What is asked for."""

    TOOL = "tool"
    PLAN = "plan"


class Action(StrEnum):
    """What becomes of a request, from the mildest to the strictest."""

    APPROVE = "approve"
    ASK = "ask"
    REJECT = "reject"

    @property
    def strictness(self) -> int:
        """Grows with it."""
        return tuple(Action).index(self)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _compared(holds: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda argument, value: _is_number(argument) and holds(argument, value)


def _contains(argument: Any, value: Any) -> bool:
    if isinstance(argument, str):
        return isinstance(value, str) and value in argument
    return isinstance(argument, list) and any(is_json_equal(element, value) for element in argument)


def _matches(argument: Any, value: str) -> bool:
    return isinstance(argument, str) and patterns.search(value, argument)


_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": _compared(operator.gt),
    "lt": _compared(operator.lt),
    "eq": is_json_equal,
    "contains": _contains,
    "matches": _matches,
}
OPERATORS = tuple(_HOLDS)
"""Every operator, as it stands behind the last underscore of a condition's name."""
_PATTERN: TypeAdapter[str] = TypeAdapter(patterns.Pattern)
_NAMED = "“{name}”: {problem}"


def _check_condition(name: str, value: Any) -> None:
    def refuse(problem: str) -> PydanticCustomError:
        return PydanticCustomError("condition", _NAMED, {"name": name[:100], "problem": problem})

    argument, _, operator_ = name.rpartition("_")
    if not argument or operator_ not in _HOLDS:
        raise refuse(f"a condition is called <argument>_<operator>, with one of {', '.join(OPERATORS)}")
    if operator_ in {"gt", "lt"} and not _is_number(value):
        raise refuse("the value must be a number")
    if operator_ == "contains" and (isinstance(value, dict | list) or value in {"", None}):
        raise refuse("the value must be a text that is not empty, a number or a boolean")
    if operator_ == "matches":
        try:
            _PATTERN.validate_python(value, strict=True)
        except ValueError as error:
            raise refuse(_first_problem(error)) from None
    if not is_nested_within(value, MAX_LEVELS):
        raise refuse(f"the value is nested more than {MAX_LEVELS} deep, or no JSON")


def _first_problem(error: ValueError) -> str:
    return str(error.errors()[0]["msg"]) if hasattr(error, "errors") else "no regular expression"


def _checked_conditions(conditions: JsonObject) -> JsonObject:
    for name, value in conditions.items():
        _check_condition(name, value)
    return conditions


Conditions = Annotated[
    dict[Annotated[str, Field(max_length=100)], Any],
    Field(max_length=MAX_CONDITIONS),
    AfterValidator(_checked_conditions),
]


class Rule(Value):
    """What is to happen to some requests.

    No rule weighs tools that are carried out here, but for `create_plan`: it is a plan, whose title is the subject.

    Attributes:
        request_type: Calls of tools that the client executes, or plans.
        subject: Name of the tool, or title of the plan, as a glob over the whole of it: `*`, `?`, `[a-z]`, `[!a-z]`.
        conditions: Which must all hold: `<argument>_<operator>` and a value. Operators: `gt` and `lt` compare numbers,
            `eq` any JSON; `contains` looks for a text in a text or for an element in a list; `matches` searches a
            text for a regular expression of Rust's dialect. One on an argument that is not there does not hold.
        action: Carry it out, ask the user, or refuse it.
        priority: The highest that matches decides; of equal ones, the one given first.
        reason: Shown to the user who is asked, and told to the model that is refused.
    """

    request_type: RequestType
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    conditions: Conditions = Field(default_factory=dict)
    action: Action
    priority: Annotated[int, Field(strict=True, ge=-MAX_PRIORITY, le=MAX_PRIORITY)] = 0
    reason: Annotated[str, Field(max_length=2000)] = ""

    def matches(self, request_type: RequestType, subject: str, arguments: JsonObject) -> bool:
        """Return whether the rule speaks of this request."""
        return (
            self.request_type is request_type
            and fnmatchcase(subject, self.subject)
            and all(self._holds(name, value, arguments) for name, value in self.conditions.items())
        )

    @staticmethod
    def _holds(name: str, value: Any, arguments: JsonObject) -> bool:
        argument, _, operator_ = name.rpartition("_")
        return argument in arguments and _HOLDS[operator_](arguments[argument], value)


def _affordable(rules: Any) -> Any:
    check_size(rules)
    patterns.check_total(rules, "_matches")
    return rules


Rules = Annotated[tuple[Rule, ...], Field(max_length=MAX_RULES), BeforeValidator(_affordable)]
"""Rules as somebody may give them: bounded before they are looked at."""


class Verdict(Value):
    """What a policy says of a request.

    Attributes:
        reason: The rule's; empty when it gives none.
        rule: Place of the rule that decided, from 0, as its policy was given; None when none matched.
    """

    action: Action = Action.ASK
    reason: str = ""
    rule: int | None = None


class Policy(Value):
    """Rules in the order given; a request that none of them matches is asked about."""

    rules: tuple[Rule, ...] = ()

    def decide(self, request_type: RequestType, subject: str, arguments: JsonObject) -> Verdict:
        """Return the verdict of the matching rule with the highest priority, the first of equals."""
        matching = (
            (place, rule) for place, rule in enumerate(self.rules) if rule.matches(request_type, subject, arguments)
        )
        best = max(matching, key=lambda found: (found[1].priority, -found[0]), default=None)
        return Verdict(action=best[1].action, reason=best[1].reason, rule=best[0]) if best else Verdict()


def combined(deployment: Verdict, session: Verdict, *, may_loosen: bool) -> Verdict:
    """Return what holds for a request on which a session has a word, too.

    Args:
        deployment: Of the deployment's policy.
        session: Of the session's own; says nothing when none of its rules matched.
        may_loosen: Whether a session's rule wins though it is milder.
    """
    if session.rule is None:
        return deployment
    return session if may_loosen or session.action.strictness > deployment.action.strictness else deployment


class DeploymentPolicy(Value):
    """A deployment's policy.

    Attributes:
        rules: The operator's own.
        may_loosen: Whether sessions may allow what these rules ask about or refuse.
    """

    rules: Rules = ()
    may_loosen: bool = False

    @classmethod
    def from_text(cls, rules: str, *, may_loosen: bool = False) -> Self:
        """Return the policy with `rules`, a JSON list.

        Raises:
            ValueError: they are none; Pydantic's own says where and why.
        """
        return cls.model_validate({"rules": from_json(rules, allow_inf_nan=False), "may_loosen": may_loosen})

    def decide(
        self,
        request_type: RequestType,
        subject: str,
        arguments: JsonObject,
        *,
        needs_approval: Mapping[str, bool],
        session: Policy,
    ) -> Verdict:
        """Return what holds for a request: these rules, what needs no approval, and the session's own.

        Args:
            request_type: What is asked for.
            subject: Name of the tool, or title of the plan.
            arguments: Of the call or plan.
            needs_approval: By name of a tool; one that is not in it needs approval.
            session: The session's policy.
        """
        own = Policy(rules=(*self.rules, *approvals(needs_approval)))
        return combined(
            own.decide(request_type, subject, arguments),
            session.decide(request_type, subject, arguments),
            may_loosen=self.may_loosen,
        )


def approvals(needs_approval: Mapping[str, bool]) -> Sequence[Rule]:
    """Return the rules that let tools run which need no approval, behind whatever anybody else says.

    >>> [rule.subject for rule in approvals({"read_file": False, "write_file": True})]
    ['read_file']
    """
    return [
        Rule(request_type=RequestType.TOOL, subject=name, action=Action.APPROVE, priority=-MAX_PRIORITY)
        for name, is_needed in needs_approval.items()
        if not is_needed
    ]
