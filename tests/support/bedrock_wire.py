"""Bedrock's Converse as it goes over the wire, and the rules by which it refuses a request.

Source:
    https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html and botocore's service model.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tests.support.scripted_server import Answers, Json, Received

CODES = {
    400: "ValidationException",
    403: "AccessDeniedException",
    404: "ResourceNotFoundException",
    408: "ModelTimeoutException",
    424: "ModelErrorException",
    429: "ThrottlingException",
    500: "InternalServerException",
    503: "ServiceUnavailableException",
}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ID = re.compile(r"[a-zA-Z0-9_.:-]{1,64}")
_PATH = re.compile(r"/model/[^/]+/converse")


def answer(
    text: str = "",
    *calls: tuple[str, Any],
    usage: tuple[int, int] = (0, 0),
    stop: str = "",
) -> Json:
    """Return the body of a 200."""
    content: list[Json] = [{"text": text}] if text else []
    content += [
        {"toolUse": {"toolUseId": f"tooluse_{place}", "name": tool, "input": arguments}}
        for place, (tool, arguments) in enumerate(calls)
    ]
    return {
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop or ("tool_use" if calls else "end_turn"),
        "usage": {"inputTokens": usage[0], "outputTokens": usage[1], "totalTokens": sum(usage)},
        "metrics": {"latencyMs": 1},
    }


def error(status: int, *, code: str = "", **headers: str) -> Answers:
    """Return a failure; its message names what was said, which nobody must repeat."""
    return Answers(
        status, {"message": "about a secret"}, {"x-amzn-ErrorType": code or CODES.get(status, "Unknown"), **headers}
    )


def refusal(request: Received) -> Answers | None:
    """Return the ValidationException that Bedrock would answer, None when the request is right."""
    why = _fault(request)
    return Answers(400, {"message": why}, {"x-amzn-ErrorType": "ValidationException"}) if why else None


def _fault(request: Received) -> str:
    if not _PATH.fullmatch(request.path):
        return f"no operation {request.path}"
    messages = request.body.get("messages", [])
    roles = [message["role"] for message in messages]
    if not roles or roles[0] != "user" or any(one == other for one, other in pairwise(roles)):
        return f"roles must alternate, the user's first: {roles}"
    blocks = [block for message in messages for block in message["content"]]
    if any(not message["content"] for message in messages) or any(
        not block["text"].strip() for block in _texts(blocks)
    ):
        return "blank content"
    if any("toolUse" in block or "toolResult" in block for block in blocks) and "toolConfig" not in request.body:
        return "toolConfig must be defined"
    return _tool_fault(messages) or _spec_fault(request.body)


def _texts(blocks: Sequence[Json]) -> list[Json]:
    results = [part for block in blocks if "toolResult" in block for part in block["toolResult"]["content"]]
    return [block for block in (*blocks, *results) if "text" in block]


def _tool_fault(messages: Sequence[Json]) -> str:
    for message, following in pairwise([*messages, {"content": []}]):
        used = [block["toolUse"]["toolUseId"] for block in message["content"] if "toolUse" in block]
        returned = [block["toolResult"]["toolUseId"] for block in following["content"] if "toolResult" in block]
        if sorted(used) != sorted(returned):
            return f"toolUse {used} without toolResult {returned}"
        names = [block["toolUse"]["name"] for block in message["content"] if "toolUse" in block]
        if not all(map(_NAME.fullmatch, names)) or not all(map(_ID.fullmatch, used)):
            return "a name or id of a tool is malformed"
    return ""


def _spec_fault(body: Json) -> str:
    specs = [tool["toolSpec"] for tool in body.get("toolConfig", {}).get("tools", [])]
    if "toolConfig" in body and not specs:
        return "no tools"
    is_right = all(_NAME.fullmatch(spec["name"]) and spec["inputSchema"]["json"]["type"] == "object" for spec in specs)
    return "" if is_right else "a tool is malformed"
