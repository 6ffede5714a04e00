"""The model that a local cloud calls: the offline one, or a server that the person's environment names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from infra.local.aws import LocalAws
from infra.local.errors import LocalCloudError

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

KEY_PARAMETER = "/agent-runtime/local/model-key"
"""Where a local cloud keeps the key; it lives and dies with the MiniStack."""

_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class LocalModel:
    """A choice of model.

    Args:
        context: What the CDK app is told of it.
        key: The key itself, empty for none; stands nowhere but in the local cloud's memory.
    """

    context: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default="", repr=False)

    def store_key(self, aws: LocalAws) -> None:
        """Put the key where the functions look for it."""
        if self.key:
            ssm: SSMClient = aws.client("ssm")
            ssm.put_parameter(Name=KEY_PARAMETER, Value=self.key, Type="SecureString", Overwrite=True)


OFFLINE = LocalModel()


def requested_model(said: Mapping[str, str]) -> LocalModel:
    """The model that a person asks for.

    Args:
        said: As `model_variables` gives it.

    Returns:
        The offline one unless MODEL says otherwise. Without MODEL_ID the server's first model is taken.

    Raises:
        LocalCloudError: the variables do not fit together, or the server cannot be asked for its models.
    """
    if said["MODEL"] in {"", "offline"}:
        if said["MODEL_BASE_URL"]:
            raise LocalCloudError("MODEL_BASE_URL is set and MODEL is not: say MODEL=openai too, or leave both out.")
        return OFFLINE
    if said["MODEL"] != "openai":
        raise LocalCloudError(
            f"MODEL is {said['MODEL']!r}; here it can be offline, or openai for any server that speaks OpenAI's"
            " chat completions. Bedrock answers deployed stacks only."
        )
    if not said["MODEL_BASE_URL"]:
        raise LocalCloudError("With MODEL=openai say where: MODEL_BASE_URL=http://127.0.0.1:11434/v1, for example.")
    context = {
        "model": "openai",
        "model_base_url": said["MODEL_BASE_URL"],
        "model_id": said["MODEL_ID"] or _first_model(said["MODEL_BASE_URL"], said["MODEL_API_KEY"]),
    }
    if said["MODEL_API_KEY"]:
        context["model_key"] = KEY_PARAMETER
    return LocalModel(context, said["MODEL_API_KEY"])


def _first_model(base_url: str, key: str) -> str:
    url = f"{base_url.rstrip('/')}/models"
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        # No proxies of the environment: the functions know none either.
        with httpx.Client(trust_env=False, timeout=_PATIENCE_SECONDS) as http:
            listed = http.get(url, headers=headers).raise_for_status().json()
        name: str = listed["data"][0]["id"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError) as error:
        raise LocalCloudError(
            f"{url} does not tell which models there are ({type(error).__name__}):"
            " start the server first, or name one with MODEL_ID."
        ) from error
    return name
