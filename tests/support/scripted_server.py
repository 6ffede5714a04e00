"""A model provider on 127.0.0.1 that answers what it was told to, in order, faults included; nothing else listens."""

import json
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Answers:
    """An answer that comes, whole or not.

    Attributes:
        body: Sent as JSON, or as it is when it is bytes.
        sent: How much of the body is sent before the connection ends; 1.0 is all.
    """

    status: int = 200
    body: Json | bytes = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sent: float = 1.0

    @property
    def content(self) -> bytes:
        """The body in bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Hangs:
    """Nothing comes until the server is closed."""


@dataclass(frozen=True)
class Resets:
    """The connection is reset."""


@dataclass(frozen=True)
class Drips:
    """A body that begins and never ends, blank after blank."""


Act = Answers | Hangs | Resets | Drips


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: Json


class ScriptedServer:
    """Answers one act after the other.

    Attributes:
        acts: What comes next.
        received: Every request so far.
    """

    def __init__(self, refusal: Callable[[Received], Answers | None]) -> None:
        self.acts: deque[Act] = deque()
        self.received: list[Received] = []
        self.closing = threading.Event()
        self._refusal = refusal
        self._http = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": self}))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def last(self) -> Received:
        """The newest request."""
        return self.received[-1]

    def next_act(self, request: Received) -> Act:
        """Return the provider's refusal of a request that breaks its rules, else what the script says."""
        self.received.append(request)
        return self._refusal(request) or self.acts.popleft()

    def close(self) -> None:
        """End everything, also what hangs."""
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@contextmanager
def served(refusal: Callable[[Received], Answers | None]) -> Iterator[ScriptedServer]:
    """Run a server for the block.

    Args:
        refusal: Of requests that the provider would not take; they use up no act.
    """
    server = ScriptedServer(refusal)
    try:
        yield server
    finally:
        server.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    script: ScriptedServer

    def do_GET(self) -> None:
        """Tell which models there are, whatever is asked."""
        self._answer(Answers(body={"object": "list", "data": [{"id": "listed-model", "object": "model"}]}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        act = self.script.next_act(Received(self.path, dict(self.headers), body))
        try:
            self._perform(act)
        except OSError:
            # The client has gone, as it may when it was made to wait.
            self.close_connection = True

    def _perform(self, act: Act) -> None:
        match act:
            case Answers():
                self._answer(act)
            case Hangs():
                self.script.closing.wait()
                self.close_connection = True
            case Resets():
                self.connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
            case Drips():
                self._drip()

    def _answer(self, answer: Answers) -> None:
        content = answer.content
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: round(len(content) * answer.sent)])
        self.close_connection = answer.sent < 1

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.script.closing.is_set():
            self.wfile.write(b"1\r\n \r\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def shutdown_request(self, request: Any) -> None:
        # Without the polite half of an ending, which would hide a reset.
        self.close_request(request)
