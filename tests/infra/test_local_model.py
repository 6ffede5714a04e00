"""Which model a local cloud calls."""

import pytest

from infra.local.environment import model_variables
from infra.local.errors import LocalCloudError
from infra.local.model import KEY_PARAMETER, OFFLINE, LocalModel, requested_model

OLLAMA = "http://127.0.0.1:11434/v1"
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "Bedrock": ({"MODEL": "bedrock"}, "Bedrock answers deployed stacks only"),
    "something else": ({"MODEL": "gpt-4o"}, "it can be offline, or openai"),
    "no address": ({"MODEL": "openai"}, "say where"),
    "an address alone": ({"MODEL_BASE_URL": OLLAMA}, "say MODEL=openai too"),
    "a server that is not there": ({"MODEL": "openai", "MODEL_BASE_URL": "http://127.0.0.1:1/v1"}, "start the server"),
    "no address at all": ({"MODEL": "openai", "MODEL_BASE_URL": "nowhere"}, "start the server"),
}


def _requested(**environment: str) -> LocalModel:
    return requested_model(model_variables(environment))


@pytest.mark.parametrize("environment", [{}, {"MODEL": ""}, {"MODEL": " offline "}])
def test_model_is_the_offline_one_when_nothing_is_said(environment: dict[str, str]) -> None:
    """A local run needs no account, no key and no network."""
    assert _requested(**environment) == OFFLINE


def test_model_is_a_server_when_the_environment_names_one() -> None:
    """Address and name reach the CDK app; there is no key where none is needed."""
    model = _requested(MODEL="openai", MODEL_BASE_URL=OLLAMA, MODEL_ID="llama3.1:8b")

    assert model == LocalModel({"model": "openai", "model_base_url": OLLAMA, "model_id": "llama3.1:8b"})


def test_key_is_kept_out_of_sight_when_one_is_given() -> None:
    """The template, logs and errors hold the key's place and never the key."""
    model = _requested(MODEL="openai", MODEL_BASE_URL=OLLAMA, MODEL_ID="m", MODEL_API_KEY="sk-verysecret")

    assert model.context["model_key"] == KEY_PARAMETER
    assert model.key == "sk-verysecret"
    assert "verysecret" not in repr(model)


@pytest.mark.parametrize("what", REFUSED)
def test_request_is_refused_when_it_cannot_work(what: str) -> None:
    """What is missing or wrong is a sentence, before anything is started."""
    environment, words = REFUSED[what]

    with pytest.raises(LocalCloudError, match=words):
        _requested(**environment)
