"""Refusals are read from the handlers' docstrings."""

import pytest

from functions.catalog import Function, row
from functions.runtime.dotted import load
from functions.runtime.problems import STATUSES
from infra.openapi.docstrings import parse
from infra.openapi.refusals import (
    COMMON,
    SAYS_WHEN_TO_REPEAT,
    UnknownRefusalError,
    by_status,
    common_refusal,
    named,
    refusals_of,
)
from tests.support.api_contract import routes

COMMON_CODES = [class_.code for class_ in COMMON]


@pytest.mark.parametrize("function", [function for function, _ in routes()], ids=lambda function: function.name)
def test_docstring_names_only_refusals_that_exist(function: Function) -> None:
    """Whoever writes `Raises:` in a handler of an operation names refusals, each with a status."""
    raises = parse(load(function.message_handler).handle.__doc__).raises

    assert {named(name).code for name in raises} <= STATUSES.keys()


@pytest.mark.parametrize("name", ["Vanished", "LostRace", "Value", "Refusal"])
def test_docstring_is_refused_when_it_names_something_else(name: str) -> None:
    """A misspelt or an inner error would be missing from the description, so it stops the build."""
    with pytest.raises(UnknownRefusalError, match=name):
        named(name)


def test_operation_adds_its_own_refusals_to_the_common_ones() -> None:
    """The common ones come first, in the contract's order; the operation's follow with their trigger as a sentence."""
    found = refusals_of(row("get_session"))

    assert [refused.code for refused in found] == [*COMMON_CODES, "SESSION_NOT_FOUND"]
    assert (found[-1].status, found[-1].when) == (404, "No such session of this user.")
    assert [refused.is_common for refused in found] == [True] * len(COMMON) + [False]


def test_public_operation_is_not_refused_for_a_token() -> None:
    """Health needs none; that the table does not answer is common to all."""
    assert [refused.code for refused in refusals_of(row("get_health"))] == COMMON_CODES[1:]


def test_refusals_are_grouped_by_status() -> None:
    """One response of the document holds every code of its status."""
    groups = by_status(refusals_of(row("add_tool_result")))

    assert list(groups) == sorted(groups)
    assert [refused.code for refused in groups[404]] == ["ROUTE_NOT_FOUND", "SESSION_NOT_FOUND", "TOOL_CALL_NOT_FOUND"]


@pytest.mark.parametrize("class_", COMMON)
def test_example_is_the_body_that_the_edge_sends(class_: type) -> None:
    """An example has the code, its status, and names fields exactly when fields are wrong."""
    refused = common_refusal(class_)

    example = refused.example()

    assert (example["code"], example["status"]) == (refused.code, STATUSES[refused.code])
    assert ("errors" in example) is (refused.code == "VALIDATION_ERROR")


def test_codes_that_say_when_to_repeat_are_known() -> None:
    """`Retry-After` is promised for codes of the contract only."""
    assert STATUSES.keys() >= SAYS_WHEN_TO_REPEAT
