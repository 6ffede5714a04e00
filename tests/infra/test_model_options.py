"""Which model a deployment calls: what may be said, what functions are told, and what they may do."""

import pytest

from infra.model import DEFAULT_BEDROCK_MODEL, ModelOptions, Place

PLACE = Place("aws", "eu-west-1", "123456789012")
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:model/key-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/model/key"
SERVER = {"model": "openai", "model_base_url": "https://models.example/v1", "model_id": "gpt-4o"}
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "an unknown provider": ({"model": "oracle"}, "none of bedrock, offline, openai"),
    "no address": ({"model": "openai", "model_id": "gpt-4o"}, "needs model_base_url"),
    "no model": ({"model": "openai", "model_base_url": "https://models.example/v1"}, "needs model_id"),
    "neither": ({"model": "openai"}, "needs model_base_url and model_id"),
    "a path": (SERVER | {"model_base_url": "/v1"}, "no address like"),
    "another protocol": (SERVER | {"model_base_url": "file:///v1"}, "no address like"),
    "the key itself": (SERVER | {"model_key": "sk-verysecret"}, "The key itself does not belong here"),
    "the ARN of something else": (SERVER | {"model_key": "arn:aws:s3:::bucket"}, "neither the ARN of a secret"),
    "every secret": (SERVER | {"model_key": SECRET[:-6] + "*"}, "neither the ARN of a secret"),
    "a key in the open": (
        SERVER | {"model_key": SECRET, "model_base_url": "http://models.example/v1"},
        "for anyone to read",
    ),
    "a conversation in the open": (SERVER | {"model_base_url": "http://10.0.0.7:11434/v1"}, "for anyone to read"),
    "what only begins like this machine": (
        SERVER | {"model_base_url": "http://127.0.0.1.evil.example/v1"},
        "for anyone to read",
    ),
    "what only is signed in like this machine": (
        SERVER | {"model_base_url": "http://localhost@evil.example/v1"},
        "for anyone to read",
    ),
    "a guardrail without a version": ({"model": "bedrock", "model_guardrail": "abc"}, "not like <id>:<version>"),
    "a guardrail of nobody": (SERVER | {"model_guardrail": "abc:1"}, "nothing uses model_guardrail"),
    "a key for Bedrock": ({"model": "bedrock", "model_key": SECRET}, "nothing uses model_key"),
    "a fallback for the offline one": ({"model": "offline", "model_fallback": "x"}, "nothing uses model_fallback"),
    "a fallback to itself": (SERVER | {"model_fallback": "gpt-4o"}, "is the model itself"),
    "a fallback to the default": ({"model_fallback": DEFAULT_BEDROCK_MODEL}, "is the model itself"),
    "a model for the offline one": ({"model": "offline", "model_id": "x"}, "nothing uses model_id"),
}


def _options(**context: str) -> ModelOptions:
    return ModelOptions.from_context(context.get, default="bedrock")


def _allowed(options: ModelOptions) -> list[tuple[str, str, str]]:
    """Action, resource, and the profile through which alone it is allowed."""
    return [
        (action, resource, permission.conditions.get("StringEquals", {}).get("bedrock:InferenceProfileArn", ""))
        for permission in options.permissions(PLACE)
        for action in permission.actions
        for resource in permission.resources
    ]


@pytest.mark.parametrize("what", REFUSED)
def test_option_is_refused_when_it_cannot_work(what: str) -> None:
    """A deployment that could not call its model, or would give its key away, is not synthesized."""
    context, words = REFUSED[what]

    with pytest.raises(ValueError, match=words) as refused:
        _options(**context)

    assert "verysecret" not in str(refused.value)


def test_bedrock_answers_with_a_model_when_none_is_named() -> None:
    """The default needs no word but the provider's."""
    assert _options(model="bedrock").settings() == {
        "model": "bedrock",
        "model_id": DEFAULT_BEDROCK_MODEL,
        "model_base_url": "",
        "model_key": "",
        "model_guardrail": "",
        "model_fallback": "",
    }


@pytest.mark.parametrize("host", ["127.0.0.1:11434", "[::1]:8000", "localhost"])
def test_plain_http_is_taken_when_the_model_is_on_this_machine(host: str) -> None:
    """Nothing leaves the machine, and its servers have no certificates."""
    assert _options(**SERVER | {"model_base_url": f"http://{host}/v1"}).base_url == f"http://{host}/v1"


def test_functions_are_told_what_was_chosen() -> None:
    """Every choice reaches the settings under its own name."""
    chosen = SERVER | {"model_key": SECRET, "model_guardrail": "", "model_fallback": "gpt-4o-mini"}

    assert _options(**chosen).settings() == chosen


@pytest.mark.parametrize("model_id", ["amazon.nova-pro-v1:0", "openai.gpt-oss-120b-1:0", "anthropic.claude-v2:1"])
def test_leave_is_for_the_one_model_when_it_is_called_directly(model_id: str) -> None:
    """A model of this region, and no other."""
    arn = f"arn:aws:bedrock:eu-west-1::foundation-model/{model_id}"

    assert _allowed(_options(model_id=model_id)) == [("bedrock:InvokeModel", arn, "")]
    assert _allowed(_options(model_id=arn)) == [("bedrock:InvokeModel", arn, "")]


@pytest.mark.parametrize("geography", ["global", "us", "us-gov", "eu", "apac", "jp", "au"])
def test_leave_is_for_the_profile_and_its_model_when_a_profile_is_called(geography: str) -> None:
    """The model may be invoked in any region, but through the profile alone."""
    id_ = f"{geography}.anthropic.claude-sonnet-4-6"
    profile = f"arn:aws:bedrock:eu-west-1:123456789012:inference-profile/{id_}"
    expected = [
        ("bedrock:InvokeModel", profile, ""),
        ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6", profile),
    ]

    assert _allowed(_options(model_id=id_)) == expected
    assert _allowed(_options(model_id=profile)) == expected


def test_leave_is_for_the_profile_when_it_is_the_accounts_own() -> None:
    """Such a profile does not tell its model, so any may be invoked, but through the profile alone."""
    profile = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123"

    assert _allowed(_options(model_id=profile)) == [
        ("bedrock:InvokeModel", profile, ""),
        ("bedrock:InvokeModel", "arn:aws:bedrock:*::foundation-model/*", profile),
    ]


def test_leave_is_for_both_models_when_one_stands_in() -> None:
    """The fallback may be invoked as the first may, and metrics name both."""
    options = _options(model_id="amazon.nova-pro-v1:0", model_fallback="eu.amazon.nova-lite-v1:0")

    allowed = {resource for _, resource, _ in _allowed(options)}

    assert any(resource.endswith("foundation-model/amazon.nova-pro-v1:0") for resource in allowed)
    assert any(resource.endswith("inference-profile/eu.amazon.nova-lite-v1:0") for resource in allowed)
    assert options.names == ("amazon.nova-pro-v1:0", "eu.amazon.nova-lite-v1:0")


@pytest.mark.parametrize("identifier", ["abc123", "arn:aws:bedrock:eu-west-1:123456789012:guardrail/abc123"])
def test_leave_is_for_the_guardrail_when_there_is_one(identifier: str) -> None:
    """Its version is no part of the resource."""
    arn = "arn:aws:bedrock:eu-west-1:123456789012:guardrail/abc123"

    allowed = _allowed(_options(model_guardrail=f"{identifier}:DRAFT"))

    assert allowed[-1] == ("bedrock:ApplyGuardrail", arn, "")


@pytest.mark.parametrize(
    ("key", "action", "resource"),
    [
        (SECRET, "secretsmanager:GetSecretValue", SECRET),
        (PARAMETER, "ssm:GetParameter", PARAMETER),
        ("/model/key", "ssm:GetParameter", PARAMETER),
    ],
)
def test_leave_is_for_the_one_key_when_a_server_asks_for_one(key: str, action: str, resource: str) -> None:
    """A secret or a parameter; nothing of Bedrock."""
    assert _allowed(_options(**SERVER, model_key=key)) == [(action, resource, "")]


def test_leave_is_for_nothing_when_the_model_needs_none() -> None:
    """A server without a key, and the offline model, are nobody's resources."""
    assert _allowed(_options(**SERVER)) == []
    assert _allowed(_options(model="offline")) == []
