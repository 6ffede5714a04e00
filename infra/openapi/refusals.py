"""Which refusals an operation can answer with, in the order in which they are checked.

What every operation can be refused for stands in `COMMON`. What is an operation's own is read from the `Raises:`
section of its handler, so that it is said once, where it is decided.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.model import errors
from domain.model.errors import FieldError, InvalidInput, Refusal, SessionBusy, StorageUnavailable
from functions.catalog import Function, Route
from functions.runtime.dotted import load
from functions.runtime.problems import (
    STATUSES,
    InternalError,
    MalformedJson,
    PayloadTooLarge,
    Unauthenticated,
    problem,
)
from infra.gateway_refusals import RateLimited, RouteNotFound
from infra.openapi.docstrings import parse

COMMON: tuple[type[Refusal], ...] = (
    Unauthenticated,
    RouteNotFound,
    PayloadTooLarge,
    MalformedJson,
    InvalidInput,
    RateLimited,
    StorageUnavailable,
    InternalError,
)
"""What any request can be refused for, by the gateway or by the edge."""

SAYS_WHEN_TO_REPEAT = frozenset({SessionBusy.code, RateLimited.code, StorageUnavailable.code})
"""Codes that come with `Retry-After`."""

EXAMPLE_CORRELATION_ID = "3f1c7a9e5b2d4c869e0f7a6b5c4d3e2f"


class UnknownRefusalError(Exception):
    """A `Raises:` section names a class that is none of our refusals."""


@dataclass(frozen=True)
class Refused:
    """A refusal as an operation's caller meets it.

    Attributes:
        class_: Says code, status and words.
        when: What brings it about, a sentence.
    """

    class_: type[Refusal]
    when: str

    @property
    def code(self) -> str:
        """Stable and part of the contract."""
        return self.class_.code

    @property
    def status(self) -> int:
        """Of the answer."""
        return STATUSES[self.code]

    @property
    def is_common(self) -> bool:
        """Whether every operation has it."""
        return self.class_ in COMMON

    def example(self) -> dict[str, object]:
        """Return a body that tells of it."""
        wrong = FieldError(field="limit", message="Input should be greater than or equal to 1")
        refusal = InvalidInput(wrong) if issubclass(self.class_, InvalidInput) else self.class_()
        return problem(refusal, EXAMPLE_CORRELATION_ID).model_dump(mode="json", exclude_none=True)


def refusals_of(function: Function) -> tuple[Refused, ...]:
    """Return what `function` can be refused for.

    Raises:
        UnknownRefusalError: its handler's docstring names something else.
    """
    is_public = isinstance(function.trigger, Route) and function.trigger.is_public
    common = [common_refusal(class_) for class_ in COMMON if not (is_public and class_ is Unauthenticated)]
    raises = parse(load(function.message_handler).handle.__doc__).raises
    own = [Refused(named(name), _sentence(when)) for name, when in raises.items()]
    return (*common, *(refused for refused in own if not refused.is_common))


def common_refusal(class_: type[Refusal]) -> Refused:
    """Return one of `COMMON` with what its own docstring says."""
    return Refused(class_, parse(class_.__doc__).summary)


def named(name: str) -> type[Refusal]:
    """Return the refusal that a docstring calls `name`.

    Raises:
        UnknownRefusalError: there is none, or it has no status.
    """
    class_ = getattr(errors, name, None)
    if not (isinstance(class_, type) and issubclass(class_, Refusal) and getattr(class_, "code", None) in STATUSES):
        raise UnknownRefusalError(name)
    return class_


def by_status(refusals: Iterable[Refused]) -> Mapping[int, list[Refused]]:
    """Return the refusals of each status, the lowest first."""
    found: defaultdict[int, list[Refused]] = defaultdict(list)
    for refused in refusals:
        found[refused.status].append(refused)
    return dict(sorted(found.items()))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
