"""Which model a deployment calls: its context values, what functions are told of it, and what they may do for it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from infra.constructs.permission import Permission

PROVIDERS = ("bedrock", "offline", "openai")
DEFAULT_BEDROCK_MODEL = "global.anthropic.claude-sonnet-4-6"

# By provider: what must be said, and what may be.
_REQUIRED = {"bedrock": (), "offline": (), "openai": ("model_base_url", "model_id")}
_OPTIONAL = {
    "bedrock": ("model_fallback", "model_guardrail", "model_id"),
    "offline": (),
    "openai": ("model_fallback", "model_key"),
}
_KEYS = ("model_base_url", "model_fallback", "model_guardrail", "model_id", "model_key")

_GEOGRAPHY = re.compile(r"(apac|au|ca|eu|global|jp|us|us-gov)\.")
_SECRET = re.compile(
    r"arn:[a-z-]+:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter/)[\w+=.@/-]+"
)
_PARAMETER = re.compile(r"/[\w./-]+")
_GUARDRAIL = re.compile(r".+:(DRAFT|[1-9]\d*)")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_ANY_REGION = (
    "A cross-region inference profile calls the model in the region that has room, and only so it may be called."
)
_ANY_MODEL = (
    "An inference profile of the account's own does not tell its model; it is called through the profile alone."
)


@dataclass(frozen=True)
class Place:
    """Where a stack lives, as ARNs say it."""

    partition: str
    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True)
class ModelOptions:
    """The model of a deployment; what its provider has no use for is empty.

    Attributes:
        provider: Context `model`; the target's own default unless said.
        model_id: Context `model_id`. Bedrock: id of a model or an inference profile, or the ARN of either.
        base_url: Context `model_base_url`; of an OpenAI-compatible server, up to and including the version.
        key: Context `model_key`; where the key to that server is kept, never the key: ARN of a secret, or ARN or name
            (from its first slash) of a parameter.
        guardrail: Context `model_guardrail`; of Bedrock, `<id or ARN>:<version>`.
        fallback: Context `model_fallback`; another model of the same provider, called when the first cannot answer.
    """

    provider: str
    model_id: str = ""
    base_url: str = ""
    key: str = ""
    guardrail: str = ""
    fallback: str = ""

    @classmethod
    def from_context(cls, context: Callable[..., Any], *, default: str) -> Self:
        """Return what the context says.

        Args:
            context: Gives the value of a key, None when it is not set.
            default: The provider when none is named.

        Raises:
            ValueError: a value is not allowed, missing, or of no use to the provider; the text says which.

        >>> ModelOptions.from_context({}.get, default="bedrock").model_id
        'global.anthropic.claude-sonnet-4-6'
        """
        provider = str(context("model") or default)
        if provider not in PROVIDERS:
            raise ValueError(f"The context value model={provider!r} is none of {', '.join(PROVIDERS)}.")
        said = {key: str(context(key)) for key in _KEYS if context(key)}
        _check(provider, said)
        return cls(
            provider=provider,
            model_id=said.get("model_id", DEFAULT_BEDROCK_MODEL if provider == "bedrock" else ""),
            base_url=said.get("model_base_url", ""),
            key=said.get("model_key", ""),
            guardrail=said.get("model_guardrail", ""),
            fallback=said.get("model_fallback", ""),
        )

    def settings(self) -> dict[str, str]:
        """Return the functions' settings of these choices, by field."""
        return {
            "model": self.provider,
            "model_id": self.model_id,
            "model_base_url": self.base_url,
            "model_key": self.key,
            "model_guardrail": self.guardrail,
            "model_fallback": self.fallback,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Models that can be down, as metrics name them: ids without the rest of an ARN."""
        ids = (self.model_id, self.fallback) if self.provider != "offline" else ()
        is_bedrock = self.provider == "bedrock"
        return tuple(id_.rpartition("/")[2] if is_bedrock else id_ for id_ in ids if id_)

    def permissions(self, place: Place) -> tuple[Permission, ...]:
        """Return what a function needs to call this model and no other."""
        return tuple(self._permissions(place))

    def _permissions(self, place: Place) -> Iterator[Permission]:
        if self.provider == "bedrock":
            for model_id in filter(None, (self.model_id, self.fallback)):
                yield from _invoking(model_id, place)
        if self.guardrail:
            identifier = self.guardrail.rpartition(":")[0]
            is_arn = identifier.startswith("arn:")
            yield Permission(
                ("bedrock:ApplyGuardrail",),
                (identifier if is_arn else place.arn("bedrock", f"guardrail/{identifier}"),),
            )
        if ":secretsmanager:" in self.key:
            yield Permission(("secretsmanager:GetSecretValue",), (self.key,))
        elif self.key:
            is_arn = self.key.startswith("arn:")
            yield Permission(("ssm:GetParameter",), (self.key if is_arn else place.arn("ssm", f"parameter{self.key}"),))


def _check(provider: str, said: Mapping[str, str]) -> None:
    missing = [key for key in _REQUIRED[provider] if key not in said]
    if missing:
        raise ValueError(f"With model={provider} the context needs {' and '.join(missing)}.")
    useless = said.keys() - {*_REQUIRED[provider], *_OPTIONAL[provider]}
    if useless:
        raise ValueError(f"With model={provider} nothing uses {' and '.join(sorted(useless))} in the context.")
    first = said.get("model_id", DEFAULT_BEDROCK_MODEL if provider == "bedrock" else "")
    if said.get("model_fallback") == first:
        raise ValueError("The context value model_fallback is the model itself, which is down when it is asked for.")
    url = urlsplit(said.get("model_base_url", "https://none"))
    if url.scheme not in {"http", "https"} or not url.hostname:
        raise ValueError("The context value model_base_url is no address like https://host/v1.")
    key = said.get("model_key", "")
    if key and not _SECRET.fullmatch(key) and not _PARAMETER.fullmatch(key):
        # Not repeated: somebody may have given the key itself.
        raise ValueError(
            "The context value model_key is neither the ARN of a secret or parameter nor a parameter's name like"
            " /model/key. The key itself does not belong here."
        )
    if url.scheme == "http" and url.hostname not in _LOOPBACK:
        raise ValueError(
            "The context value model_base_url is plain HTTP to another machine: conversations, and model_key, would be"
            " sent for anyone to read. Say https://, or put a server with TLS before it."
        )
    if not _GUARDRAIL.fullmatch(said.get("model_guardrail", "none:1")):
        raise ValueError("The context value model_guardrail is not like <id>:<version>.")


def _invoking(model_id: str, place: Place) -> Iterator[Permission]:
    """Yield leave to invoke a model: directly, or only through the inference profile that is named.

    Source:
        https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
    """
    name = model_id.rpartition("/")[2]
    if ":application-inference-profile/" in model_id:
        profile, model, reason = model_id, "*", _ANY_MODEL
    elif _GEOGRAPHY.match(name):
        is_arn = model_id.startswith("arn:")
        profile = model_id if is_arn else place.arn("bedrock", f"inference-profile/{model_id}")
        model, reason = _GEOGRAPHY.sub("", name, count=1), _ANY_REGION
    else:
        is_arn = model_id.startswith("arn:")
        direct = f"arn:{place.partition}:bedrock:{place.region}::foundation-model/{model_id}"
        yield Permission(("bedrock:InvokeModel",), (model_id if is_arn else direct,))
        return
    yield Permission(("bedrock:InvokeModel",), (profile,))
    yield Permission(
        ("bedrock:InvokeModel",),
        (f"arn:{place.partition}:bedrock:*::foundation-model/{model}",),
        reason,
        {"StringEquals": {"bedrock:InferenceProfileArn": profile}},
    )
