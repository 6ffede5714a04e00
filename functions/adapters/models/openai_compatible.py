"""Any server that speaks OpenAI's chat completions: OpenAI itself, a gateway, a model on the own machine.

Source:
    https://platform.openai.com/docs/api-reference/chat/create
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.model.errors import ModelFailure
from domain.model.llm import ModelAnswer, ModelRequest, RequestedCall, ToolSpec
from domain.model.message import Usage
from domain.model.value import CallId, JsonObject
from domain.ports import Clock
from functions.adapters.models.dialogue import Speech, cleaned, speeches, system_prompt
from functions.adapters.models.failures import failure, retry_after_seconds
from functions.adapters.models.json_over_http import HttpAnswer, JsonOverHttp
from functions.adapters.models.model_key import ModelKey
from functions.adapters.models.reply import reply
from functions.adapters.seam import IoSeam

OPERATION = "openai.ChatCompletions"


class OpenAiCompatibleModel:
    """One model of one server; retries are the caller's."""

    def __init__(self, model_id: str, base_url: str, key: ModelKey, clock: Clock, seam: IoSeam) -> None:
        """Use `model_id` of the server at `base_url`.

        Args:
            model_id: As the server names it.
            base_url: Up to and including the version, `https://api.openai.com/v1` say.
            key: Sent as bearer token, unless it is empty.
            clock: For timeouts.
            seam: Counts what is sent.
        """
        self._model_id = model_id
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._key = key
        self._clock = clock
        self._seam = seam
        self._http = JsonOverHttp(clock)

    @property
    def name(self) -> str:
        """The id, as the server knows it."""
        return self._model_id

    def complete(self, request: ModelRequest) -> ModelAnswer:
        """Return the model's answer; a key that is refused is fetched anew and tried once more."""
        deadline = self._clock.monotonic() + request.timeout_seconds
        key = self._key.value()
        answer = self._post(request, key, deadline)
        if answer.status == 401:
            self._key.forget()
            if self._key.value() != key:
                answer = self._post(request, self._key.value(), deadline)
        if answer.status != 200:
            raise self._failure(answer.status, answer)
        return self._answer(answer, request)

    def _post(self, request: ModelRequest, key: str, deadline: float) -> HttpAnswer:
        self._seam.requests[OPERATION] += 1
        return self._http.post(
            self._url,
            self._body(request),
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout_seconds=max(deadline - self._clock.monotonic(), 0.1),
        )

    def _body(self, request: ModelRequest) -> JsonObject:
        said = [message for speech in speeches(request) for message in _messages(speech)]
        body: JsonObject = {
            "model": self._model_id,
            "messages": [{"role": "system", "content": system_prompt(request)}, *said],
        }
        if request.tools:
            body["tools"] = [_tool(tool) for tool in request.tools]
        return body

    def _answer(self, answer: HttpAnswer, request: ModelRequest) -> ModelAnswer:
        body = answer.body or {}
        choice = _mapping(next(iter(_sequence(body.get("choices"))), None))
        if "message" not in choice:
            # Gateways report a provider's error inside a success.
            code = _mapping(body.get("error")).get("code")
            raise self._failure(code if isinstance(code, int) else "broken", answer)
        message = _mapping(choice["message"])
        if choice.get("finish_reason") == "content_filter":
            raise failure("content_filtered", "The model's answer was withheld by a content filter.")
        usage = _mapping(body.get("usage"))
        return reply(
            request,
            model=self.name,
            text=_text(message.get("content")) or _text(message.get("refusal")),
            calls=[_call(_mapping(call)) for call in _sequence(message.get("tool_calls"))],
            usage=Usage(
                input_tokens=_count(usage.get("prompt_tokens")), output_tokens=_count(usage.get("completion_tokens"))
            ),
            is_cut=choice.get("finish_reason") == "length",
        )

    def _failure(self, status: str | int, answer: HttpAnswer) -> ModelFailure:
        # Of the body nothing: it may repeat what was said.
        return failure(
            status,
            f"The server of the model answered {status}.",
            retry_after_seconds=retry_after_seconds(answer.retry_after, self._clock.now()),
        )


def _messages(speech: Speech) -> Iterator[JsonObject]:
    for result in speech.results:
        yield {"role": "tool", "tool_call_id": _wire_id(result.call_id), "content": result.content}
    text = "\n\n".join(speech.texts)
    if speech.is_user and text:
        yield {"role": "user", "content": text}
    elif speech.calls:
        yield {
            "role": "assistant",
            "content": text or None,
            "tool_calls": [
                {
                    "id": _wire_id(call.call_id),
                    "type": "function",
                    "function": {"name": call.tool, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
                }
                for call in speech.calls
            ],
        }
    elif text:
        yield {"role": "assistant", "content": text}


def _wire_id(call_id: CallId) -> str:
    """Return the call's id in nine letters and digits, the only form that Mistral's servers and templates take.

    >>> _wire_id(CallId("9-0"))
    '000000900'
    """
    seq, _, index = call_id.partition("-")
    return f"{seq:0>7}{index:0>2}"


def _tool(tool: ToolSpec) -> JsonObject:
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
    }


def _call(call: Mapping[str, Any]) -> RequestedCall:
    function = _mapping(call.get("function"))
    return RequestedCall(
        tool=cleaned(_text(function.get("name"))),
        arguments=_arguments(function.get("arguments")),
        provider_id=cleaned(_text(call.get("id"))) or None,
    )


def _arguments(given: Any) -> JsonObject | None:
    """Return the arguments, which are JSON in a string (some servers leave out the string, or `{}` for none)."""
    if isinstance(given, dict):
        return given
    if given is None or given == "":
        return {}
    try:
        arguments = json.loads(given)
    except (TypeError, ValueError, RecursionError):
        return None
    return arguments if isinstance(arguments, dict) else None


def _text(content: Any) -> str:
    """Return a content's text, which some servers give in parts."""
    if isinstance(content, str):
        return content
    return "".join(_text(_mapping(part).get("text")) for part in _sequence(content))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
