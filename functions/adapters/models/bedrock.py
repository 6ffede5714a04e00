"""Models of Amazon Bedrock, by its Converse operation.

Source:
    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    HTTPClientError,
    ParamValidationError,
    ReadTimeoutError,
)
from botocore.exceptions import (
    ConnectionError as NoConnectionError,
)
from botocore.parsers import ResponseParserError

from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest, RequestedCall
from domain.model.message import Usage
from domain.model.value import JsonObject
from domain.ports import Clock
from functions.adapters.aws import CONFIG, Aws
from functions.adapters.models.dialogue import Speech, cleaned, speeches, system_prompt
from functions.adapters.models.failures import failure, retry_after_seconds
from functions.adapters.models.reply import reply

READ_SECONDS = (1, 2, 4, 8, 15, 30, 50, 100)
"""A client's timeout is fixed when it is made, and making one costs time: one for each of these, when first needed."""

_CONFIGS = {
    seconds: CONFIG.merge(Config(read_timeout=seconds, retries={"mode": "standard", "total_max_attempts": 1}))
    for seconds in READ_SECONDS
}

_STATUSES = {
    "ThrottlingException": "429",
    "TooManyRequestsException": "429",
    # A model that is being loaded; its HTTP status is the same, and so is the cure.
    "ModelNotReadyException": "429",
    "ModelTimeoutException": "408",
    "ModelErrorException": "424",
    "InternalServerException": "500",
    "ServiceUnavailableException": "503",
}
"""By error code, which says more than the HTTP status; other errors have the status they came with."""

_STOPS = {
    "guardrail_intervened": ("guardrail", "A guardrail stopped the conversation."),
    "content_filtered": ("content_filtered", "The model's answer was withheld by a content filter."),
    "malformed_model_output": ("malformed", "The model's answer did not keep to its format."),
    "malformed_tool_use": ("malformed", "The model's tool call did not keep to its format."),
}
"""Stop reasons without a usable answer."""

_CUTS = frozenset({"max_tokens", "model_context_window_exceeded"})


class BedrockModel:
    """One model, called through the shared botocore session; retries are the caller's.

    A guardrail that intervenes ends the call with status `guardrail`, which no retry cures.
    """

    def __init__(self, model_id: str, guardrail: str, aws: Aws, clock: Clock) -> None:
        """Use `model_id`: of a model, of an inference profile, or the ARN of either.

        Args:
            model_id: What Converse takes as `modelId`.
            guardrail: `<id or ARN>:<version>`, empty for none.
            aws: The session.
            clock: For a `Retry-After` that is a date.
        """
        self._model_id = model_id
        self._guardrail = guardrail
        self._aws = aws
        self._clock = clock

    @property
    def name(self) -> str:
        """The id, without the rest of an ARN."""
        return self._model_id.rpartition("/")[2]

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the model's answer; the timeout is the largest of `READ_SECONDS` that the request allows."""
        config = _CONFIGS[max((limit for limit in READ_SECONDS if limit <= request.timeout_seconds), default=1)]
        client = self._aws.client("bedrock-runtime", config=config)
        try:
            response = client.converse(**self._parameters(request))
        except ParamValidationError:
            # Our own mistake, which must be seen and not repeated.
            raise
        except (ClientError, BotoCoreError, RecursionError) as error:
            raise self._failure(error) from error
        return self._answer(response, request)

    def _parameters(self, request: ModelRequest) -> JsonObject:
        parameters: JsonObject = {
            "modelId": self._model_id,
            "system": [{"text": system_prompt(request)}],
            "messages": [_message(speech) for speech in speeches(request)],
        }
        if request.tools:
            parameters["toolConfig"] = {
                "tools": [
                    {
                        "toolSpec": {
                            "name": tool.name,
                            "description": tool.description,
                            "inputSchema": {"json": tool.parameters},
                        }
                    }
                    for tool in request.tools
                ]
            }
        if self._guardrail:
            identifier, _, version = self._guardrail.rpartition(":")
            parameters["guardrailConfig"] = {"guardrailIdentifier": identifier, "guardrailVersion": version}
        return parameters

    def _answer(self, response: Mapping[str, Any], request: ModelRequest) -> ModelAnswer:
        # A body that is no JSON comes out of botocore as a response without fields.
        message = response.get("output", {}).get("message")
        if message is None:
            raise failure("broken", "Bedrock's answer could not be read.")
        reason = response.get("stopReason", "")
        if reason in _STOPS:
            raise failure(*_STOPS[reason])
        blocks = message.get("content", [])
        usage = response.get("usage", {})
        return reply(
            request,
            model=self.name,
            text="".join(block["text"] for block in blocks if "text" in block),
            calls=[_call(block["toolUse"]) for block in blocks if "toolUse" in block],
            usage=Usage(input_tokens=usage.get("inputTokens", 0), output_tokens=usage.get("outputTokens", 0)),
            is_cut=reason in _CUTS,
        )

    def _failure(self, error: ClientError | BotoCoreError | RecursionError) -> ModelFailure:
        match error:
            case ClientError():
                metadata = error.response.get("ResponseMetadata", {})
                code = str(error.response.get("Error", {}).get("Code"))
                asked = metadata.get("HTTPHeaders", {}).get("retry-after")
                return failure(
                    _STATUSES.get(code) or metadata.get("HTTPStatusCode", "broken"),
                    f"Bedrock answered {code}.",
                    retry_after_seconds=retry_after_seconds(asked, self._clock.now()),
                )
            case ReadTimeoutError() | ConnectTimeoutError():
                return failure("timeout", "Bedrock did not answer in time.")
            case HTTPClientError() | NoConnectionError():
                return failure("connection", "The connection to Bedrock failed.")
            case ResponseParserError() | RecursionError():
                return failure("broken", "Bedrock's answer could not be read.")
        return failure("configuration", f"Bedrock was not called: {type(error).__name__}.")


def _message(speech: Speech) -> JsonObject:
    return {"role": "user" if speech.is_user else "assistant", "content": list(_blocks(speech))}


def _blocks(speech: Speech) -> Iterator[JsonObject]:
    for result in speech.results:
        yield {"toolResult": {"toolUseId": result.call_id, "content": [{"text": result.content}]}}
    for text in speech.texts:
        yield {"text": text}
    for call in speech.calls:
        yield {"toolUse": {"toolUseId": call.call_id, "name": call.tool, "input": call.arguments}}


def _call(block: Mapping[str, Any]) -> RequestedCall:
    arguments = block.get("input")
    return RequestedCall(
        tool=cleaned(block.get("name", "")),
        arguments=arguments if isinstance(arguments, dict) else None,
        provider_id=cleaned(block.get("toolUseId", "")) or None,
    )
