"""The key to a model provider."""

from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from domain.model.errors import ModelFailure
from functions.adapters.models.model_key import ModelKey
from tests.support.aws_transport import Answer, ScriptedAws

pytestmark = pytest.mark.usefixtures("aws_environment")

SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:model-key-AbCdEf"
PARAMETER = "arn:aws:ssm:us-east-1:123456789012:parameter/model/key"


def parameter(value: str) -> dict[str, Any]:
    """Return SSM's answer."""
    return {"Parameter": {"Name": "/model/key", "Value": value}}


@pytest.mark.parametrize(
    ("place", "answer", "asked"),
    [
        (SECRET, {"SecretString": "sk-1"}, {"SecretId": SECRET}),
        (PARAMETER, parameter("sk-1"), {"Name": PARAMETER, "WithDecryption": True}),
        ("/model/key", parameter("sk-1\n"), {"Name": "/model/key", "WithDecryption": True}),
    ],
)
def test_key_is_fetched_once_from_where_it_is_kept(place: str, answer: Answer, asked: dict[str, Any]) -> None:
    """A secret by its ARN, a parameter by ARN or name; a line break at its end is nobody's intention."""
    aws = ScriptedAws(answer)
    key = ModelKey(place, aws)

    assert [key.value(), key.value()] == ["sk-1", "sk-1"]
    assert aws.transport.bodies == [asked]


def test_key_is_empty_when_the_server_asks_for_none() -> None:
    """A model on the own machine needs no key, and nothing is asked for one."""
    aws = ScriptedAws({})

    assert ModelKey("", aws).value() == ""
    assert aws.transport.bodies == []


def test_key_is_fetched_anew_when_it_was_forgotten() -> None:
    """A key that was exchanged is found without a new worker."""
    key = ModelKey("/model/key", ScriptedAws(parameter("old"), parameter("new")))
    first = key.value()

    key.forget()

    assert (first, key.value()) == ("old", "new")


@pytest.mark.parametrize(
    ("answer", "status", "is_retryable"),
    [
        ((400, "AccessDeniedException"), "configuration", False),
        ((400, "ParameterNotFound"), "configuration", False),
        ((500, "InternalServerError"), "500", True),
        ((429, "ThrottlingException"), "429", True),
        (ReadTimeoutError(endpoint_url="ssm"), "connection", True),
        (parameter("кл\u044eч"), "configuration", False),
        (parameter("two\nlines"), "configuration", False),
    ],
)
def test_failure_says_whether_it_is_worth_another_try(answer: Answer, status: str, is_retryable: bool) -> None:
    """A key that cannot be had is a failure of the model like any other, and is not repeated in it."""
    with pytest.raises(ModelFailure) as failed:
        ModelKey("/model/key", ScriptedAws(answer)).value()

    assert (failed.value.status, failed.value.is_retryable) == (status, is_retryable)
