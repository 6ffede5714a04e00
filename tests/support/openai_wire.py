"""OpenAI's chat completions as they go over the wire, and the rules by which servers refuse a request.

Source:
    https://platform.openai.com/docs/api-reference/chat/create
"""

import json
import re
from typing import Any

from tests.support.scripted_server import Answers, Json, Received

LISTED = "listed-model"
"""The one model that the server says it has."""

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_STRICT_ID = re.compile(r"[a-zA-Z0-9]{9}")
"""Of Mistral's servers, the strictest there are."""


def answer(text: str = "", *calls: tuple[str, Any], usage: tuple[int, int] = (0, 0), finish: str = "") -> Json:
    """Return the body of a 200; arguments that are a string are sent as they are."""
    message: Json = {"role": "assistant", "content": text or None}
    if calls:
        message["tool_calls"] = [
            {
                "id": f"call_{place}",
                "type": "function",
                "function": {
                    "name": tool,
                    "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
                },
            }
            for place, (tool, arguments) in enumerate(calls)
        ]
    reason = finish or ("tool_calls" if calls else "stop")
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_767_268_800,
        "model": "some-model-2026-01-01",
        "choices": [{"index": 0, "message": message, "finish_reason": reason, "logprobs": None}],
        "usage": {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)},
    }


def error(status: int, **headers: str) -> Answers:
    """Return a failure; its message names what was said, which nobody must repeat."""
    return Answers(status, {"error": {"message": "about a secret", "type": "test", "code": None}}, headers)


def refusal(request: Received) -> Answers | None:
    """Return the 400 that a strict server would answer, None when the request is right."""
    why = _fault(request)
    return Answers(400, {"error": {"message": why}}) if why else None


def _fault(request: Received) -> str:
    if request.path != "/v1/chat/completions":
        return f"no operation {request.path}"
    messages = request.body["messages"]
    if [message["role"] for message in messages[:2]] != ["system", "user"]:
        return "the system prompt and a user message come first"
    awaited: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in awaited or not message["content"]:
                return f"no call {message['tool_call_id']}"
            awaited.remove(message["tool_call_id"])
            continue
        if awaited:
            return f"calls without results: {awaited}"
        calls = message.get("tool_calls", [])
        if not calls and not message["content"]:
            return "blank content"
        if calls and "tools" not in request.body:
            return "calls without tools"
        if not all(_NAME.fullmatch(call["function"]["name"]) and _STRICT_ID.fullmatch(call["id"]) for call in calls):
            return "a name or id of a tool is malformed"
        awaited = [call["id"] for call in calls]
    return f"calls without results: {awaited}" if awaited else ""
