"""What providers' failures mean to the domain."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from domain.model.errors import ModelFailure

_RETRYABLE = frozenset({"408", "424", "425", "429", "timeout", "connection", "broken", "malformed"})
_NEVER_RETRYABLE = frozenset({"501", "505"})
_ON_PURPOSE = frozenset({"guardrail", "content_filtered"})
_NOT_DOWN = frozenset({"424", "425", "429", "malformed"})
"""Worth another try, and yet the provider works: it is busy, or its model was."""


def failure(status: str | int, detail: str, *, retry_after_seconds: float | None = None) -> ModelFailure:
    """Return the failure that a status means.

    Args:
        status: The provider's HTTP status, or a word of `ModelFailure`.
        detail: For people; holds nothing that was said, asked or answered.
        retry_after_seconds: What the provider asked for.
    """
    word = str(status)
    is_retryable = word in _RETRYABLE or (word.startswith("5") and word not in _NEVER_RETRYABLE)
    return ModelFailure(detail, status=word, is_retryable=is_retryable, retry_after_seconds=retry_after_seconds)


def can_another_answer(error: ModelFailure) -> bool:
    """Return whether another model may be asked: not when the conversation was stopped on purpose."""
    return error.status not in _ON_PURPOSE


def is_provider_down(error: Exception) -> bool:
    """Return whether a failure is the provider's own: it does not answer, or not as it should."""
    return isinstance(error, ModelFailure) and error.is_retryable and error.status not in _NOT_DOWN


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Return how long to wait as the header `Retry-After` says, in seconds or as a date; None when it says nothing.

    Source:
        RFC 9110, section 10.2.3.

    >>> retry_after_seconds("Thu, 01 Jan 2026 12:00:30 GMT", datetime(2026, 1, 1, 12, tzinfo=UTC))
    30.0
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
