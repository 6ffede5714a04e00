"""Refusals and failures."""

import pytest

from domain.model import errors
from domain.model.errors import FieldError, InvalidInput, ModelFailure, Refusal, SessionBusy
from functions.runtime.problems import STATUSES

REFUSALS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Refusal)]


@pytest.mark.parametrize("refusal", REFUSALS[1:], ids=lambda refusal: refusal.__name__)
def test_refusal_has_a_known_code_and_a_sentence_when_it_is_raised(refusal: type[Refusal]) -> None:
    """Every refusal has its HTTP status and says something that holds no internals."""
    raised = refusal()

    assert raised.code in STATUSES
    assert str(raised) == refusal.detail
    assert raised.detail.endswith(".")


def test_refusal_says_what_it_is_given_when_there_is_more_to_say() -> None:
    """A detail of the moment and a time to wait stand in for the general sentence."""
    raised = SessionBusy("Wait for turn 4.", retry_after_seconds=3)

    assert (str(raised), raised.retry_after_seconds) == ("Wait for turn 4.", 3)


def test_invalid_input_names_each_field_when_several_are_wrong() -> None:
    """All faults are told at once."""
    faults = (FieldError(field="title", message="too long"), FieldError(field="agent", message="unknown"))

    assert InvalidInput(*faults).errors == faults


@pytest.mark.parametrize("family", [errors.LostRace, errors.LostFence, errors.TransientFailure])
def test_failure_is_no_refusal_when_nobody_is_to_be_told(family: type[Exception]) -> None:
    """Lost races and fences never become an answer by accident."""
    assert not issubclass(family, Refusal)


def test_model_failure_says_what_can_be_done_when_it_is_raised() -> None:
    """Retries are decided on fields, not on words."""
    failure = ModelFailure("Slow down.", status="429", is_retryable=True, retry_after_seconds=2.5)

    assert (failure.status, failure.is_retryable, failure.retry_after_seconds) == ("429", True, 2.5)
    assert failure.attempts == 1
