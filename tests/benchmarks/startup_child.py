"""What one fresh interpreter does and measures; it has nothing on its path but what Lambda has.

`python -I startup_child.py TASK RESULT`: both are JSON files. It runs on the functions' interpreter, so it imports
nothing of the tests, and what it needs itself only after the function has imported what it needs.
"""

import json
import sys
import time
from typing import Any

LAMBDA_SECONDS = 120


class Context:
    """What Lambda tells of an invocation."""

    aws_request_id = "startup"

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until Lambda would end it."""
        return LAMBDA_SECONDS * 1000


class Raw:
    """The body of an answer as botocore reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_: Any) -> Any:
        """Yield everything at once."""
        yield self._content


class Transport:
    """Answers requests by service and operation, and by what the body names, instead of sending them.

    Attributes:
        requests: Service, operation and parameters of each, as its caller gave them.
    """

    def __init__(self, answers: dict[str, Any]) -> None:
        self._answers = answers
        self.requests: list[tuple[str, str, dict[str, Any]]] = []

    def attach(self, to: Any) -> None:
        """Answer what comes out of a session's later clients, or of one client."""
        to.register("before-parameter-build.*.*", self._note)
        to.register("before-send.*.*", self._answer)

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests.append((model.service_model.service_name, model.name, params))

    def _answer(self, request: Any, event_name: str, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse  # noqa: PLC0415  # see above

        operation = event_name.removeprefix("before-send.")
        body = bytes(request.body or b"").decode()
        named = [key for key in self._answers if key.startswith(f"{operation}/") and key.split("/", 1)[1] in body]
        answer = self._answers.get(named[0] if named else operation, {})
        headers: Any = {"content-type": "application/x-amz-json-1.0"}
        raw: Any = Raw(json.dumps(answer).encode())
        return AWSResponse(request.url, 200, headers, raw)


def living(kind: Any) -> list[Any]:
    """Return every object of a class that the process holds."""
    import gc  # noqa: PLC0415  # see above

    return [found for found in gc.get_objects() if isinstance(found, kind)]


def run_function(task: dict[str, Any]) -> dict[str, Any]:
    """Import a function, handle one request, and say what that took; then handle as many more as asked for."""
    sys.path[:0] = task["path"]
    module, _, name = task["entry_point"].rpartition(".")
    began = time.process_time()
    imported = __import__(module, fromlist=[name])
    started = time.process_time()
    from botocore.client import BaseClient  # noqa: PLC0415  # see above
    from botocore.session import Session  # noqa: PLC0415  # same

    handler, transport = getattr(imported, name), Transport(task["answers"])
    for session in living(Session):
        transport.attach(session)
    for client in living(BaseClient):
        transport.attach(client.meta.events)
    ready = time.process_time()
    answer = handler(task["event"], Context())
    handled = time.process_time()
    modules = sorted(set(sys.modules) - {"__main__", "gc"})
    clients = {client.meta.service_model.service_name: client for client in living(BaseClient)}
    requests = list(transport.requests)

    def again() -> None:
        for service, operation, params in requests:
            clients[service]._make_api_call(operation, params)  # what every method of a client calls

    return {
        "answer": answer,
        "modules": modules,
        "sessions": len(living(Session)),
        "clients": sorted(client.meta.service_model.service_name for client in living(BaseClient)),
        "requests": [operation for _, operation, _ in requests],
        "start_seconds": (started - began) + (handled - ready),
        "warm_seconds": per_call(lambda: handler(task["event"], Context()), task["repeats"]),
        "raw_seconds": per_call(again, task["repeats"]),
    }


def run_boto3(_: dict[str, Any]) -> dict[str, Any]:
    """Do what every function of the usual kind begins with."""
    began = time.process_time()
    import boto3  # noqa: PLC0415  # what is measured

    boto3.client("dynamodb")
    return {"start_seconds": time.process_time() - began}


def run_raw(task: dict[str, Any]) -> dict[str, Any]:
    """Put an item with nothing around the client."""
    from botocore.session import Session  # noqa: PLC0415  # see above

    client: Any = Session().create_client("dynamodb")
    Transport({}).attach(client.meta.events)
    return {"warm_seconds": per_call(lambda: client.put_item(TableName="t", Item=task["item"]), task["repeats"])}


def per_call(operation: Any, repeats: int) -> float:
    """Return the CPU seconds of one call, the least of ten rounds after a first that only warms up; 0 without any."""
    rounds = []
    for _ in range(11 if repeats else 0):
        began = time.process_time()
        for _ in range(repeats // 10):
            operation()
        rounds.append((time.process_time() - began) / (repeats // 10))
    return min(rounds[1:], default=0)


if __name__ == "__main__":
    with open(sys.argv[1]) as given:  # noqa: PTH123  # pathlib would be one of the modules that are counted
        asked = json.load(given)
    told = {"function": run_function, "boto3": run_boto3, "raw": run_raw}[asked["run"]](asked)
    with open(sys.argv[2], "w") as result:  # noqa: PTH123  # same
        json.dump(told, result)
